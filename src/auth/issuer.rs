//! An outside issuer of tokens (Cognito, Auth0, Keycloak, …): its settings and its keys.

use std::{fmt, path::PathBuf, time::Duration};

use jsonwebtoken::DecodingKey;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::{
    auth::{
        algorithm::Algorithm,
        claims::Expected,
        jwk::{KeySet, VerifyingKey},
        jws::Jws,
        keyring::{self, Keyring, KeysFault, Source},
        rejected::{Rejected, VerifyError},
    },
    clock::Clock,
    model::sign_in::ISSUER,
    web::{PlainHttp, UrlFault, Web, WebUrl},
};

/// What the settings say about an outside issuer.
#[derive(Clone, Debug)]
pub struct IssuerSettings {
    /// The exact `iss` of its tokens.
    pub issuer: String,
    /// Whom its tokens are for: `aud` must name one of these.
    pub audiences: Vec<String>,
    /// Where its keys come from.
    pub keys: KeySource,
    /// The algorithms that its tokens may use; empty for all that fit the kind of keys.
    pub algorithms: Vec<Algorithm>,
    /// Whether a verified e-mail in its tokens is believed.
    pub trust_email: bool,
}

/// Where an issuer's keys come from.
#[derive(Clone, Debug)]
pub enum KeySource {
    /// A JWK set over HTTP (`jwks_uri`).
    Url(String),
    /// A JWK set in a file.
    File(PathBuf),
    /// A secret that the issuer shares with this service.
    Secret(SharedSecret),
}

/// The secret of HS256, at least 32 bytes of text; never printed, wiped when dropped.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct SharedSecret(String);

/// A shared secret that can be guessed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the shared secret must have at least {} bytes", SharedSecret::MIN_BYTES)]
pub struct SecretTooShort;

/// What is wrong with an issuer's settings.
#[derive(Debug, thiserror::Error)]
pub enum IssuerFault {
    /// No `issuer`.
    #[error("an issuer in the settings has no name; set it to the iss of its tokens")]
    NoName,
    /// The name of the built-in issuer.
    #[error("the issuer name {ISSUER} is reserved for this service itself")]
    Reserved,
    /// The name that this service's own tokens have.
    #[error("issuer {0} is the public URL of this service itself; set public_url to another one")]
    PublicUrl(String),
    /// Twice the same `issuer`.
    #[error("issuer {0} is in the settings twice")]
    Duplicate(String),
    /// Without an audience, tokens for any other service would be good here too.
    #[error("issuer {0} has no audience, or an empty one; set it to the aud of its tokens")]
    NoAudience(String),
    /// An algorithm that does not go with the kind of keys.
    #[error(
        "issuer {issuer}: {algorithm} does not go with its keys; HS256 needs a shared secret, \
             and a shared secret allows nothing else"
    )]
    Algorithm {
        /// The issuer.
        issuer: String,
        /// The algorithm.
        algorithm: Algorithm,
    },
    /// The URL is not one to fetch keys from.
    #[error("issuer {issuer}: the URL of its keys {fault}")]
    Url {
        /// The issuer.
        issuer: String,
        /// What is wrong with the URL.
        fault: UrlFault,
    },
    /// The file is not one to read keys from.
    #[error("issuer {issuer}: the keys in {}: {fault}", path.display())]
    File {
        /// The issuer.
        issuer: String,
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        fault: KeysFault,
    },
}

/// Which keys an issuer has; its `Display` is for people, such as `2 keys (RS256, ES256)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyReport {
    /// How many usable keys there are; 1 for a shared secret.
    pub keys: usize,
    /// The algorithms of these keys, sorted, without those that the settings do not allow.
    pub algorithms: Vec<Algorithm>,
    /// How far its clock and this machine's differ, if it says what its shows.
    pub clock_offset: Option<Duration>,
}

/// An outside issuer.
#[derive(Debug)]
pub struct Issuer {
    expected: Expected,
    algorithms: Vec<Algorithm>,
    keys: Keys,
}

#[derive(Debug)]
enum Keys {
    Published(Keyring),
    Shared(VerifyingKey),
}

impl SharedSecret {
    /// The fewest bytes (RFC 7518, section 3.2: as many as the hash has).
    pub const MIN_BYTES: usize = 32;

    /// A secret, its bytes being those of the text.
    pub fn parse(mut text: String) -> Result<Self, SecretTooShort> {
        if text.len() < Self::MIN_BYTES {
            text.zeroize();
            return Err(SecretTooShort);
        }
        Ok(Self(text))
    }
}

impl fmt::Debug for SharedSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SharedSecret(…)")
    }
}

impl fmt::Display for KeyReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.algorithms.iter().map(|one| one.as_str()).collect();
        let noun = if self.keys == 1 { "key" } else { "keys" };
        write!(f, "{} {noun} ({})", self.keys, names.join(", "))
    }
}

impl Issuer {
    /// An issuer by its settings, or everything that is wrong with them. Keys in a file are read now,
    /// keys behind a URL at first need.
    pub fn new(settings: IssuerSettings, web: Web, clock: Clock) -> Result<Self, Vec<IssuerFault>> {
        let mut faults = faults(&settings);
        let IssuerSettings { issuer, audiences, keys, algorithms, trust_email } = settings;
        let algorithms = match (&keys, algorithms.is_empty()) {
            (_, false) => algorithms,
            (KeySource::Secret(_), true) => vec![Algorithm::HS256],
            (KeySource::Url(_) | KeySource::File(_), true) => Algorithm::PUBLIC.to_vec(),
        };
        let keys = match Keys::new(&issuer, keys, (web, clock)) {
            Ok(keys) if faults.is_empty() => keys,
            Ok(_) => return Err(faults),
            Err(fault) => {
                faults.push(fault);
                return Err(faults);
            }
        };
        let expected = Expected { issuer, audiences, trusted: trust_email };
        Ok(Self { expected, algorithms, keys })
    }

    /// The exact `iss` of its tokens.
    pub fn name(&self) -> &str {
        &self.expected.issuer
    }

    /// Fetches the keys anew and reports on them, for `guestlist check`.
    pub async fn check(&self) -> Result<KeyReport, KeysFault> {
        let (keys, clock_offset) = match &self.keys {
            Keys::Shared(key) => {
                let algorithms = vec![key.algorithm];
                return Ok(KeyReport { keys: 1, algorithms, clock_offset: None });
            }
            Keys::Published(keyring) => keyring.fetch_dated().await?,
        };
        let report = self.report(&keys).map(|report| KeyReport { clock_offset, ..report });
        report.ok_or(KeysFault::Content("none of its keys is for an allowed algorithm"))
    }

    /// What the settings expect of its tokens.
    pub(crate) fn expected(&self) -> &Expected {
        &self.expected
    }

    /// The key to check a token's signature with, if the issuer may use such a token at all.
    pub(crate) async fn key(&self, jws: &Jws<'_>) -> Result<VerifyingKey, VerifyError> {
        if !self.algorithms.contains(&jws.algorithm) {
            return Err(Rejected::AlgorithmNotAllowed.into());
        }
        match &self.keys {
            Keys::Shared(key) => Ok(key.clone()),
            Keys::Published(keyring) => keyring.find(jws.key_id.as_deref(), jws.algorithm).await,
        }
    }

    fn report(&self, keys: &KeySet) -> Option<KeyReport> {
        let mut algorithms: Vec<_> =
            keys.algorithms().filter(|algorithm| self.algorithms.contains(algorithm)).collect();
        let keys = algorithms.len();
        algorithms.sort_unstable();
        algorithms.dedup();
        (keys > 0).then_some(KeyReport { keys, algorithms, clock_offset: None })
    }
}

impl Keys {
    fn new(issuer: &str, source: KeySource, outside: (Web, Clock)) -> Result<Self, IssuerFault> {
        let owned = || issuer.to_owned();
        let (source, known) = match source {
            KeySource::Url(url) => match WebUrl::parse(&url, PlainHttp::Loopback) {
                Ok(url) => (Source::Url(url), None),
                Err(fault) => return Err(IssuerFault::Url { issuer: owned(), fault }),
            },
            KeySource::File(path) => match keyring::read(&path) {
                Ok(keys) => (Source::File(path), Some(keys)),
                Err(fault) => return Err(IssuerFault::File { issuer: owned(), path, fault }),
            },
            KeySource::Secret(secret) => {
                let key = DecodingKey::from_secret(secret.0.as_bytes());
                return Ok(Self::Shared(VerifyingKey { algorithm: Algorithm::HS256, key }));
            }
        };
        Ok(Self::Published(Keyring::new(issuer, source, known, outside)))
    }
}

/// What is wrong apart from the place of the keys.
fn faults(settings: &IssuerSettings) -> Vec<IssuerFault> {
    let IssuerSettings { issuer, audiences, keys, algorithms, trust_email: _ } = settings;
    let mut faults = Vec::new();
    if issuer.is_empty() {
        faults.push(IssuerFault::NoName);
    }
    if issuer == ISSUER {
        faults.push(IssuerFault::Reserved);
    }
    if audiences.is_empty() || audiences.iter().any(String::is_empty) {
        faults.push(IssuerFault::NoAudience(issuer.clone()));
    }
    let shared = matches!(keys, KeySource::Secret(_));
    let misfits = algorithms.iter().filter(|one| shared != (**one == Algorithm::HS256));
    faults.extend(
        misfits.map(|one| IssuerFault::Algorithm { issuer: issuer.clone(), algorithm: *one }),
    );
    faults
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;

    fn url(url: &str) -> KeySource {
        KeySource::Url(url.into())
    }

    fn secret() -> KeySource {
        KeySource::Secret(SharedSecret::parse("s".repeat(32)).unwrap())
    }

    fn check(
        issuer: &str,
        audience: &str,
        keys: KeySource,
        algorithms: &[Algorithm],
        faults: &[&str],
    ) {
        let settings = IssuerSettings {
            issuer: issuer.into(),
            audiences: vec![audience.into()],
            keys,
            algorithms: algorithms.to_vec(),
            trust_email: false,
        };
        let outcome = Issuer::new(settings, Web::default(), Clock::manual(Timestamp::default()));
        let found: Vec<_> = match outcome {
            Ok(_) => Vec::new(),
            Err(all) => all.iter().map(ToString::to_string).collect(),
        };
        assert_eq!(found, faults);
    }

    #[test]
    fn good_settings_are_accepted() {
        check("a", "app", url("https://a.example/keys"), &[], &[]);
        check("a", "app", url("http://127.0.0.1:8080/keys"), &Algorithm::PUBLIC, &[]);
        check("a", "app", secret(), &[Algorithm::HS256], &[]);
    }

    #[test]
    fn every_fault_is_listed() {
        let mismatch = |algorithm: &str| {
            format!(
                "issuer a: {algorithm} does not go with its keys; HS256 needs a shared secret, \
                 and a shared secret allows nothing else"
            )
        };
        let safe = "https://a.example/keys";
        check("a", "app", url(safe), &[Algorithm::ES256, Algorithm::HS256], &[&mismatch("HS256")]);
        check("a", "app", secret(), &[Algorithm::EdDSA], &[&mismatch("EdDSA")]);
        let insecure = "issuer a: the URL of its keys must begin with https:// (http:// is for this machine, or takes insecure_http = true)";
        let audience = "issuer a has no audience, or an empty one; set it to the aud of its tokens";
        check("a", "", url("http://a.example/keys"), &[], &[audience, insecure]);
        let reserved = "the issuer name guestlist is reserved for this service itself";
        check("guestlist", "app", url(safe), &[], &[reserved]);
        let nameless = "an issuer in the settings has no name; set it to the iss of its tokens";
        check("", "app", url(safe), &[], &[nameless]);
        let missing = "issuer a: the keys in /nowhere/keys.json: the file cannot be read: \
                       No such file or directory (os error 2)";
        check("a", "app", KeySource::File("/nowhere/keys.json".into()), &[], &[missing]);
    }

    #[test]
    fn a_shared_secret_is_long_and_never_shown() {
        assert!(SharedSecret::parse("s".repeat(31)).is_err());
        let settings = format!("{:?}", secret());
        assert_eq!(settings, "Secret(SharedSecret(…))");
    }
}
