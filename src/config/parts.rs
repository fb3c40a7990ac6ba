//! Settings of several parts, such as an issuer's: a table of the file, or `key=value,key=value` in a flag or variable.

use std::collections::BTreeMap;

use super::sources::Raw;
use crate::{auth::TrustEmail, model::email::Email, nearest::did_you_mean};

/// The parts, and what is wrong with them.
pub(super) struct Parts {
    values: BTreeMap<String, Vec<String>>,
    /// What is wrong.
    pub(super) faults: Vec<String>,
}

impl Parts {
    /// Takes a table, or a text, apart; `keys` are those that there are.
    ///
    /// # Errors
    /// If the text is not made of pairs.
    pub(super) fn read(raw: &Raw, keys: &[&str]) -> Result<Self, Vec<String>> {
        let values = match raw {
            Raw::Table(values) => values.clone(),
            Raw::Text(text) => split(text).map_err(|fault| vec![fault])?,
        };
        let unknown = values.keys().filter(|key| !keys.contains(&key.as_str()));
        let fault = |key: &String| {
            let hint = did_you_mean(key, keys.iter().copied());
            format!("there is no key {key}; use one of {}.{hint}", keys.join(", "))
        };
        let faults = unknown.map(fault).collect();
        Ok(Self { values, faults })
    }

    /// All values of what may be there several times.
    pub(super) fn all(&self, key: &str) -> &[String] {
        self.values.get(key).map(Vec::as_slice).unwrap_or_default()
    }

    /// The value of what may be there once.
    pub(super) fn single(&mut self, key: &str) -> Option<String> {
        match self.all(key) {
            [] => None,
            [one] => Some(one.clone()),
            _ => {
                self.faults.push(format!("{key} must be one value"));
                None
            }
        }
    }

    /// The values of what has to be there.
    pub(super) fn required(&mut self, key: &str, what: &str) -> Vec<String> {
        let values = self.all(key).to_vec();
        if values.is_empty() {
            self.faults.push(format!("{key} is required: {what}"));
        }
        values
    }

    /// What is true or false, if it is said.
    pub(super) fn on_or_off(&mut self, key: &str) -> Option<bool> {
        let value = self.single(key)?;
        let read = value.parse().ok();
        if read.is_none() {
            self.faults.push(format!("{key} must be true or false"));
        }
        read
    }

    /// Which verified addresses are believed.
    pub(super) fn trust_email(&mut self) -> TrustEmail {
        let values = self.all("trust_email").to_vec();
        let texts: Vec<_> = values.iter().map(String::as_str).collect();
        match texts.as_slice() {
            [] | ["false"] => TrustEmail::Never,
            ["true"] => TrustEmail::Always,
            domains => {
                let read: Option<Vec<_>> = domains.iter().map(|text| domain(text)).collect();
                if read.is_none() {
                    let why =
                        "trust_email must be true, false, or a list of domains such as example.com";
                    self.faults.push(why.to_owned());
                }
                TrustEmail::Domains(read.unwrap_or_default())
            }
        }
    }
}

fn split(text: &str) -> Result<BTreeMap<String, Vec<String>>, String> {
    let mut values: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for part in text.split(',').filter(|part| !part.trim().is_empty()) {
        let (key, value) = part
            .split_once('=')
            .ok_or("must be key=value pairs separated by commas, such as issuer=https://id.example.com,audience=app")?;
        let values = values.entry(key.trim().to_owned()).or_default();
        if key.trim() == "algorithms" {
            values.extend(value.split('+').map(|name| name.trim().to_owned()));
        } else {
            values.push(value.trim().to_owned());
        }
    }
    Ok(values)
}

/// A domain in the spelling that addresses have.
fn domain(text: &str) -> Option<String> {
    let email = Email::of_claim(&format!("x@{text}")).ok()?;
    let (_, domain) = email.as_str().rsplit_once('@')?;
    (domain.contains('.') && !text.contains('@')).then(|| domain.to_owned())
}
