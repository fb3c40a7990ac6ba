//! Settings of providers: a `[[providers]]` table of the file, or `key=value,key=value` in a flag or variable.

use std::{collections::BTreeMap, fs};

use super::{
    issuers::{single, split},
    sources::Raw,
};
use crate::{
    auth::provider::{ClientSecret, ProviderKind, ProviderSettings, TrustEmail},
    nearest::did_you_mean,
    web::PlainHttp,
};

const KEYS: [&str; 10] = [
    "name",
    "label",
    "kind",
    "issuer",
    "client_id",
    "client_secret",
    "client_secret_file",
    "scopes",
    "trust_email",
    "insecure_http",
];

type Parts = BTreeMap<String, Vec<String>>;

/// Reads one provider.
///
/// # Errors
/// Every fault in it that can be told from it alone.
pub(super) fn read(raw: &Raw) -> Result<ProviderSettings, Vec<String>> {
    let parts = match raw {
        Raw::Table(parts) => parts.clone(),
        Raw::Text(text) => split(text).map_err(|fault| vec![fault])?,
    };
    let mut faults = Vec::new();
    for key in parts.keys().filter(|key| !KEYS.contains(&key.as_str())) {
        let hint = did_you_mean(key, KEYS);
        faults.push(format!("there is no {key}; known are {}.{hint}", KEYS.join(", ")));
    }
    let name = required(&parts, "name", &mut faults);
    let kind = kind(&parts).unwrap_or_else(|fault| {
        faults.push(fault);
        ProviderKind::Oidc
    });
    let issuer = match (single(&parts, "issuer"), kind.usual_issuer()) {
        (Some(issuer), _) | (None, Some(issuer)) => issuer.to_owned(),
        (None, None) => required(&parts, "issuer", &mut faults),
    };
    let client_id = required(&parts, "client_id", &mut faults);
    let client_secret = client_secret(&parts).unwrap_or_else(|fault| {
        faults.push(fault);
        None
    });
    let trust_email = trust_email(&parts, &mut faults);
    let plain_http = match flag(&parts, "insecure_http", &mut faults) {
        true => PlainHttp::Anywhere,
        false => PlainHttp::Loopback,
    };
    let scopes = parts.get("scopes").cloned().unwrap_or_else(|| kind.usual_scopes());
    if !faults.is_empty() {
        return Err(faults);
    }
    let label = single(&parts, "label").map_or_else(|| label_of(&name), str::to_owned);
    Ok(ProviderSettings {
        name,
        label,
        kind,
        issuer,
        client_id,
        client_secret,
        scopes,
        trust_email,
        plain_http,
    })
}

fn required(parts: &Parts, key: &str, faults: &mut Vec<String>) -> String {
    let found = single(parts, key).filter(|text| !text.is_empty());
    if found.is_none() {
        faults.push(format!("{key} is required"));
    }
    found.unwrap_or_default().to_owned()
}

fn kind(parts: &Parts) -> Result<ProviderKind, String> {
    match single(parts, "kind") {
        None | Some("oidc") => Ok(ProviderKind::Oidc),
        Some("github") => Ok(ProviderKind::GitHub),
        Some(other) => Err(format!("kind must be oidc or github, not {other:?}")),
    }
}

fn client_secret(parts: &Parts) -> Result<Option<ClientSecret>, String> {
    match (single(parts, "client_secret"), single(parts, "client_secret_file")) {
        (None, None) => Ok(None),
        (Some(secret), None) => Ok(Some(ClientSecret::new(secret.to_owned()))),
        (None, Some(path)) => match fs::read_to_string(path) {
            Ok(text) => Ok(Some(ClientSecret::new(text.trim().to_owned()))),
            Err(error) => Err(format!("client_secret_file: {path} cannot be read: {error}")),
        },
        (Some(_), Some(_)) => {
            Err("client_secret and client_secret_file: set one of them".to_owned())
        }
    }
}

fn trust_email(parts: &Parts, faults: &mut Vec<String>) -> TrustEmail {
    match parts.get("trust_email").map(Vec::as_slice) {
        None => TrustEmail::No,
        Some([one]) if one == "false" => TrustEmail::No,
        Some([one]) if one == "true" => TrustEmail::All,
        Some(domains) => {
            let domain = |text: &String| {
                let ascii = idna::domain_to_ascii(text).ok().filter(|it| it.contains('.'));
                ascii.ok_or_else(|| {
                    format!("trust_email must be true, false or domains such as example.com, not {text:?}")
                })
            };
            match domains.iter().map(domain).collect() {
                Ok(domains) => TrustEmail::Domains(domains),
                Err(fault) => {
                    faults.push(fault);
                    TrustEmail::No
                }
            }
        }
    }
}

fn flag(parts: &Parts, key: &str, faults: &mut Vec<String>) -> bool {
    match single(parts, key) {
        None | Some("false") => false,
        Some("true") => true,
        Some(_) => {
            faults.push(format!("{key} must be true or false"));
            false
        }
    }
}

/// What a provider is called for people whose settings do not say so.
fn label_of(name: &str) -> String {
    match name {
        "github" => "GitHub".to_owned(),
        "gitlab" => "GitLab".to_owned(),
        _ => {
            let mut chars = name.chars();
            let first = chars.next().map(|first| first.to_ascii_uppercase());
            first.into_iter().chain(chars).collect::<String>().replace('-', " ")
        }
    }
}
