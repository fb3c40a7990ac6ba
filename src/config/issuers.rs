//! Settings of outside issuers: a `[[issuers]]` table of the file, or `key=value,key=value` in a
//! flag or variable.

use std::{collections::BTreeMap, str::FromStr};

use super::sources::Raw;
use crate::{
    auth::{Algorithm, IssuerSettings, KeySource, SharedSecret},
    nearest::did_you_mean,
};

const KEYS: [&str; 7] =
    ["issuer", "audience", "jwks_url", "jwks_file", "hs256_secret", "algorithms", "trust_email"];

/// Reads one issuer.
///
/// # Errors
/// Every fault in it.
pub(super) fn read(raw: &Raw) -> Result<IssuerSettings, Vec<String>> {
    let parts = match raw {
        Raw::Table(parts) => parts.clone(),
        Raw::Text(text) => split(text).map_err(|fault| vec![fault])?,
    };
    let mut faults = Vec::new();
    for key in parts.keys().filter(|key| !KEYS.contains(&key.as_str())) {
        let hint = did_you_mean(key, KEYS);
        faults.push(format!("there is no {key}; known are {}.{hint}", KEYS.join(", ")));
    }
    let issuer = single(&parts, "issuer");
    if issuer.is_none() {
        faults.push("issuer is required: the exact iss of its tokens".to_owned());
    }
    let audiences = parts.get("audience").cloned().unwrap_or_default();
    if audiences.is_empty() {
        faults.push("audience is required: the aud of its tokens".to_owned());
    }
    let keys = keys(&parts).map_err(|fault| faults.push(fault)).ok();
    let trust_email = match single(&parts, "trust_email") {
        None | Some("false") => false,
        Some("true") => true,
        Some(_) => {
            faults.push("trust_email must be true or false".to_owned());
            false
        }
    };
    let algorithms = algorithms(&parts).map_err(|fault| faults.push(fault)).unwrap_or_default();
    match (issuer, keys) {
        (Some(issuer), Some(keys)) if faults.is_empty() => Ok(IssuerSettings {
            issuer: issuer.to_owned(),
            audiences,
            keys,
            algorithms,
            trust_email,
        }),
        _ => Err(faults),
    }
}

pub(super) fn split(text: &str) -> Result<BTreeMap<String, Vec<String>>, String> {
    let mut parts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for part in text.split(',').filter(|part| !part.trim().is_empty()) {
        let (key, value) = part
            .split_once('=')
            .ok_or("must be key=value pairs with commas between, such as issuer=https://id.example.com,audience=app,jwks_url=https://…")?;
        let values = parts.entry(key.trim().to_owned()).or_default();
        if key.trim() == "algorithms" {
            values.extend(value.split('+').map(|name| name.trim().to_owned()));
        } else {
            values.push(value.trim().to_owned());
        }
    }
    Ok(parts)
}

pub(super) fn single<'a>(parts: &'a BTreeMap<String, Vec<String>>, key: &str) -> Option<&'a str> {
    match parts.get(key)?.as_slice() {
        [one] => Some(one.as_str()),
        _ => None,
    }
}

fn keys(parts: &BTreeMap<String, Vec<String>>) -> Result<KeySource, String> {
    let sources = ["jwks_url", "jwks_file", "hs256_secret"].map(|key| single(parts, key));
    match sources {
        [Some(url), None, None] => Ok(KeySource::Url(url.to_owned())),
        [None, Some(path), None] => Ok(KeySource::File(path.into())),
        [None, None, Some(secret)] => match SharedSecret::parse(secret.to_owned()) {
            Ok(secret) => Ok(KeySource::Secret(secret)),
            Err(error) => Err(format!("hs256_secret: {error}")),
        },
        _ => Err("exactly one of jwks_url, jwks_file and hs256_secret is required".to_owned()),
    }
}

fn algorithms(parts: &BTreeMap<String, Vec<String>>) -> Result<Vec<Algorithm>, String> {
    let names = parts.get("algorithms").map(Vec::as_slice).unwrap_or_default();
    let read = |name: &String| {
        Algorithm::from_str(name).map_err(|error| format!("algorithms: {name:?} {error}"))
    };
    names.iter().map(read).collect()
}
