//! Settings of outside issuers: a `[[issuers]]` table of the file, or `key=value,key=value` in a
//! flag or variable.

use std::str::FromStr;

use super::{parts::Parts, sources::Raw};
use crate::auth::{
    Algorithm, ClaimFault, ClaimNames, EmailVerified, IssuerSettings, KeySource, SharedSecret,
    claim, subject_claim,
};

const KEYS: [&str; 16] = [
    "issuer",
    "audience",
    "discovery",
    "jwks_url",
    "jwks_file",
    "hs256_secret",
    "insecure_http",
    "algorithms",
    "trust_email",
    "audience_claim",
    "subject_claim",
    "email_claim",
    "email_verified",
    "first_name_claim",
    "last_name_claim",
    "name_claim",
];

/// Reads one issuer.
///
/// # Errors
/// Every fault in it.
pub(super) fn read(raw: &Raw) -> Result<IssuerSettings, Vec<String>> {
    let mut parts = Parts::read(raw, &KEYS)?;
    let names = parts.required("issuer", "the exact iss of its tokens");
    let audiences = parts.required("audience", "the aud of its tokens");
    let keys = parts.keys(names.first().map(String::as_str));
    let insecure_http = parts.on_or_off("insecure_http").unwrap_or_default();
    let algorithms = parts.algorithms();
    let claims = parts.claims();
    let trust_email = parts.trust_email();
    match keys {
        Some(keys) if parts.faults.is_empty() => Ok(IssuerSettings {
            names,
            audiences,
            keys,
            insecure_http,
            algorithms,
            claims,
            trust_email,
        }),
        Some(_) | None => Err(parts.faults),
    }
}

impl Parts {
    /// Where the keys come from; without a word about it, an issuer with an https URL is asked.
    fn keys(&mut self, issuer: Option<&str>) -> Option<KeySource> {
        let sources = ["jwks_url", "jwks_file", "hs256_secret", "discovery"];
        let given = sources.map(|key| self.single(key));
        let [url, file, secret, discovery] = given.map(|one| one.filter(|value| value != "false"));
        let is_https = issuer.is_some_and(|name| name.starts_with("https://"));
        match (url, file, secret, discovery) {
            (Some(url), None, None, None) => Some(KeySource::Url(url)),
            (None, Some(path), None, None) => Some(KeySource::File(path.into())),
            (None, None, Some(secret), None) => {
                let read = SharedSecret::parse(secret).map(KeySource::Secret);
                read.map_err(|error| self.faults.push(format!("hs256_secret: {error}"))).ok()
            }
            (None, None, None, Some(url)) => {
                Some(KeySource::Discovery((url != "true").then_some(url)))
            }
            (None, None, None, None) if is_https && self.all("discovery").is_empty() => {
                Some(KeySource::Discovery(None))
            }
            // What is missing is the issuer, then.
            (None, None, None, None) if issuer.is_none() => None,
            (_, _, _, _) => {
                let why =
                    "exactly one of discovery, jwks_url, jwks_file and hs256_secret is required";
                self.faults.push(why.to_owned());
                None
            }
        }
    }

    fn algorithms(&mut self) -> Vec<Algorithm> {
        let mut algorithms = Vec::new();
        for name in self.all("algorithms").to_vec() {
            match Algorithm::from_str(&name) {
                Ok(algorithm) => algorithms.push(algorithm),
                Err(error) => self.faults.push(format!("algorithms: {name:?} {error}")),
            }
        }
        algorithms
    }

    fn claims(&mut self) -> ClaimNames {
        let usual = ClaimNames::default();
        let audience: Vec<_> = self.all("audience_claim").to_vec();
        let audience: Vec<_> =
            audience.iter().filter_map(|name| self.note("audience_claim", claim(name))).collect();
        ClaimNames {
            audience: if audience.is_empty() { usual.audience } else { audience },
            subject: self.claim("subject_claim", subject_claim).unwrap_or(usual.subject),
            email: self.claim("email_claim", claim).unwrap_or(usual.email),
            email_verified: match self.claim("email_verified", claim) {
                Some(name) if name == "always" => EmailVerified::Always,
                Some(name) => EmailVerified::Claim(name),
                None => usual.email_verified,
            },
            first: self.claim("first_name_claim", claim).unwrap_or(usual.first),
            last: self.claim("last_name_claim", claim).unwrap_or(usual.last),
            name: self.claim("name_claim", claim).unwrap_or(usual.name),
        }
    }

    fn claim(
        &mut self,
        key: &str,
        read: impl Fn(&str) -> Result<String, ClaimFault>,
    ) -> Option<String> {
        let name = self.single(key)?;
        self.note(key, read(&name))
    }

    fn note(&mut self, key: &str, read: Result<String, ClaimFault>) -> Option<String> {
        read.map_err(|why| self.faults.push(format!("{key} {why}"))).ok()
    }
}
