//! Settings of providers: a `[[providers]]` table of the file, or `key=value,key=value` in a flag or variable.

use std::fs;

use zeroize::Zeroizing;

use super::{parts::Parts, sources::Raw};
use crate::{
    auth::provider::{ClientSecret, ProviderKind, ProviderSettings, ResponseMode},
    web::PlainHttp,
};

const KEYS: [&str; 14] = [
    "name",
    "label",
    "kind",
    "issuer",
    "client_id",
    "client_secret",
    "client_secret_file",
    "client_secret_key_file",
    "client_secret_key_id",
    "client_secret_team_id",
    "scopes",
    "response_mode",
    "trust_email",
    "insecure_http",
];

/// Reads one provider.
///
/// # Errors
/// Every fault in it that can be told from it alone.
pub(super) fn read(raw: &Raw) -> Result<ProviderSettings, Vec<String>> {
    let mut parts = Parts::read(raw, &KEYS)?;
    let name = parts.one("name", "the name in calls and in its URL");
    let kind = parts.kind();
    let issuer = match (kind.usual_issuer(), parts.all("issuer")) {
        (Some(issuer), []) => issuer.to_owned(),
        (_, _) => parts.one("issuer", "the base URL of its metadata"),
    };
    let client_id = parts.one("client_id", "the provider's ID for this service");
    let client_secret = parts.client_secret();
    let response_mode = parts.response_mode();
    let trust_email = parts.trust_email();
    let plain_http = match parts.on_or_off("insecure_http") {
        Some(true) => PlainHttp::Anywhere,
        Some(false) | None => PlainHttp::Loopback,
    };
    let scopes = match parts.all("scopes") {
        [] => kind.usual_scopes(),
        scopes => scopes.to_vec(),
    };
    let label = parts.single("label").unwrap_or_else(|| label_of(&name));
    if !parts.faults.is_empty() {
        return Err(parts.faults);
    }
    Ok(ProviderSettings {
        name,
        label,
        kind,
        issuer,
        client_id,
        client_secret,
        scopes,
        response_mode,
        trust_email,
        plain_http,
    })
}

impl Parts {
    fn one(&mut self, key: &str, what: &str) -> String {
        self.required(key, what);
        self.single(key).unwrap_or_default()
    }

    fn kind(&mut self) -> ProviderKind {
        match self.single("kind").as_deref() {
            None | Some("oidc") => ProviderKind::Oidc,
            Some("github") => ProviderKind::GitHub,
            Some(other) => {
                self.faults.push(format!("kind must be oidc or github, not {other:?}"));
                ProviderKind::Oidc
            }
        }
    }

    fn response_mode(&mut self) -> ResponseMode {
        match self.single("response_mode").as_deref() {
            None | Some("query") => ResponseMode::Query,
            Some("form_post") => ResponseMode::FormPost,
            Some(other) => {
                let why = format!("response_mode must be query or form_post, not {other:?}");
                self.faults.push(why);
                ResponseMode::Query
            }
        }
    }

    fn client_secret(&mut self) -> Option<ClientSecret> {
        let texts = ["client_secret", "client_secret_file", "client_secret_key_file"];
        match texts.map(|key| self.single(key)) {
            [None, None, None] => None,
            [Some(secret), None, None] => Some(ClientSecret::text(secret)),
            [None, Some(path), None] => {
                let text = self.contents("client_secret_file", &path)?;
                Some(ClientSecret::text(text.trim().to_owned()))
            }
            [None, None, Some(path)] => self.client_secret_key(&path),
            _ => {
                let why =
                    "client_secret, client_secret_file and client_secret_key_file: set one of them";
                self.faults.push(why.to_owned());
                None
            }
        }
    }

    fn client_secret_key(&mut self, path: &str) -> Option<ClientSecret> {
        let key_id = self.one("client_secret_key_id", "the provider's ID for the key");
        let team_id =
            self.one("client_secret_team_id", "the provider's ID for the owner of the key");
        let pem = Zeroizing::new(self.contents("client_secret_key_file", path)?);
        let key = ClientSecret::key(pem.as_bytes(), key_id, team_id);
        key.map_err(|fault| self.faults.push(format!("client_secret_key_file: {path} {fault}")))
            .ok()
    }

    fn contents(&mut self, key: &str, path: &str) -> Option<String> {
        let read = fs::read_to_string(path);
        read.map_err(|error| self.faults.push(format!("{key}: {path} cannot be read: {error}")))
            .ok()
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
