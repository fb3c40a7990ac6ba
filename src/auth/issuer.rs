//! An outside issuer of tokens: what its tokens must say, and its keys.

use std::{fmt, sync::Arc, time::Duration};

use jsonwebtoken::DecodingKey;

use crate::{
    auth::{
        algorithm::Algorithm,
        claims::Expected,
        discovery::Discovery,
        issuer_settings::{IssuerFault, IssuerSettings, KeySource},
        jwk::{KeySet, VerifyingKey},
        jws::Jws,
        keyring::{self, Keyring, KeysFault, Published, Source},
        rejected::{Rejected, VerifyError},
    },
    clock::Clock,
    web::{PlainHttp, Web, WebUrl},
};

/// Which keys an issuer has; its `Display` is for people, such as `2 keys (RS256, ES256)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyReport {
    /// How many usable keys there are; 1 for a shared secret.
    pub keys: usize,
    /// The algorithms of these keys, sorted, without those that the settings do not allow.
    pub algorithms: Vec<Algorithm>,
    /// How far its clock and this machine's differ, if it says what its shows.
    pub clock_offset: Option<Duration>,
    /// Where its metadata says that the keys are, if it was asked.
    pub found_at: Option<String>,
}

/// An outside issuer.
#[derive(Debug)]
pub struct Issuer {
    names: Vec<String>,
    never_matches: Option<String>,
    expected: Expected,
    algorithms: Vec<Algorithm>,
    keys: Keys,
}

#[derive(Debug)]
enum Keys {
    Published(Keyring),
    Shared(VerifyingKey),
}

/// By what a token's signature was found to be good.
#[derive(Clone, Debug)]
pub(crate) enum SignedBy {
    /// A key that does not change while the service runs.
    Fixed,
    /// One of these keys.
    Published(Arc<KeySet>),
}

impl fmt::Display for KeyReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.algorithms.iter().map(|one| one.as_str()).collect();
        let noun = if self.keys == 1 { "key" } else { "keys" };
        write!(f, "{} {noun} ({})", self.keys, names.join(", "))?;
        self.found_at.iter().try_for_each(|url| write!(f, ", found at {url}"))
    }
}

impl Issuer {
    /// An issuer by its settings, or everything that is wrong with them. Keys in a file are read now,
    /// keys behind a URL at first need.
    pub fn new(settings: IssuerSettings, web: Web, clock: Clock) -> Result<Self, Vec<IssuerFault>> {
        let mut faults = settings.faults();
        let issuer = settings.name().to_owned();
        let never_matches = settings.never_matches();
        let keys = Keys::new(&settings, (web, clock));
        let IssuerSettings { names, audiences, keys: source, algorithms, claims, .. } = settings;
        let algorithms = match (&source, algorithms.is_empty()) {
            (_, false) => algorithms,
            (KeySource::Secret(_), true) => vec![Algorithm::HS256],
            (KeySource::Url(_) | KeySource::File(_) | KeySource::Discovery(_), true) => {
                Algorithm::PUBLIC.to_vec()
            }
        };
        let keys = match keys {
            Ok(keys) if faults.is_empty() => keys,
            Ok(_) => return Err(faults),
            Err(fault) => {
                faults.push(fault);
                return Err(faults);
            }
        };
        let expected = Expected { issuer, audiences, claims, trust: settings.trust_email };
        Ok(Self { names, never_matches, expected, algorithms, keys })
    }

    /// What identities are stored under: the first spelling of its name.
    pub fn name(&self) -> &str {
        &self.expected.issuer
    }

    /// How its tokens spell `iss`.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Why no token can ever be one of this issuer's, if that can be told.
    pub fn never_matches(&self) -> Option<&str> {
        self.never_matches.as_deref()
    }

    /// Fetches the keys anew and reports on them, for `guestlist check`.
    pub async fn check(&self) -> Result<KeyReport, KeysFault> {
        let published = match &self.keys {
            Keys::Shared(key) => {
                let algorithms = vec![key.algorithm];
                return Ok(KeyReport { keys: 1, algorithms, clock_offset: None, found_at: None });
            }
            Keys::Published(keyring) => keyring.fetch().await?,
        };
        self.report(published)
    }

    /// What the settings expect of its tokens.
    pub(crate) fn expected(&self) -> &Expected {
        &self.expected
    }

    /// Checks a token's signature, if the issuer may use such a token at all.
    pub(crate) async fn check_signature(&self, jws: &Jws<'_>) -> Result<SignedBy, VerifyError> {
        if !self.algorithms.contains(&jws.algorithm) {
            return Err(Rejected::AlgorithmNotAllowed.into());
        }
        match &self.keys {
            Keys::Shared(key) => Ok(jws.check(key).map(|()| SignedBy::Fixed)?),
            Keys::Published(keyring) => Ok(SignedBy::Published(keyring.check(jws).await?)),
        }
    }

    /// Whether what made a signature good still does, as far as is known.
    pub(crate) fn stands_by(&self, signed: &SignedBy) -> bool {
        match (&self.keys, signed) {
            (Keys::Published(keyring), SignedBy::Published(keys)) => keyring.has(keys),
            (Keys::Shared(_), SignedBy::Fixed) => true,
            (Keys::Published(_), SignedBy::Fixed) | (Keys::Shared(_), SignedBy::Published(_)) => {
                false
            }
        }
    }

    fn report(&self, published: Published) -> Result<KeyReport, KeysFault> {
        let Published { keys, clock_offset, found_at } = published;
        if keys.is_empty() {
            return Err(KeysFault::Content("none of its keys can verify RS256, ES256 or EdDSA"));
        }
        let mut algorithms: Vec<_> =
            keys.algorithms().filter(|algorithm| self.algorithms.contains(algorithm)).collect();
        let keys = algorithms.len();
        algorithms.sort_unstable();
        algorithms.dedup();
        let none = KeysFault::Content("none of its keys is for an allowed algorithm");
        if keys == 0 {
            Err(none)
        } else {
            Ok(KeyReport { keys, algorithms, clock_offset, found_at })
        }
    }
}

impl Keys {
    fn new(settings: &IssuerSettings, outside: (Web, Clock)) -> Result<Self, IssuerFault> {
        let issuer = settings.name();
        let fault = |of| {
            let issuer = issuer.to_owned();
            move |fault| IssuerFault::Url { issuer, of, fault }
        };
        let plain = if settings.insecure_http { PlainHttp::Anywhere } else { PlainHttp::Loopback };
        let (source, known) = match &settings.keys {
            KeySource::Url(url) => {
                (Source::Url(WebUrl::parse(url, plain).map_err(fault("keys"))?), None)
            }
            KeySource::Discovery(url) => {
                let found = Discovery::new(&settings.names, url.as_deref(), plain);
                (Source::Discovery(found.map_err(fault("metadata"))?), None)
            }
            KeySource::File(path) => match keyring::read(path) {
                Ok(keys) => (Source::File(path.clone()), Some(keys)),
                Err(fault) => {
                    let (issuer, path) = (issuer.to_owned(), path.clone());
                    return Err(IssuerFault::File { issuer, path, fault });
                }
            },
            KeySource::Secret(secret) => {
                let key = DecodingKey::from_secret(secret.bytes());
                return Ok(Self::Shared(VerifyingKey { algorithm: Algorithm::HS256, key }));
            }
        };
        Ok(Self::Published(Keyring::new(issuer, source, known, outside)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        auth::{
            claim_names::{ClaimNames, EmailVerified, TrustEmail},
            issuer_settings::SharedSecret,
        },
        clock::Timestamp,
    };

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
            algorithms: algorithms.to_vec(),
            ..IssuerSettings::new(issuer, vec![audience.into()], keys)
        };
        check_all(settings, faults);
    }

    fn check_all(settings: IssuerSettings, faults: &[&str]) {
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
                "issuer a: {algorithm} does not match its keys; HS256 needs a shared secret, and a shared secret \
                 works only with HS256"
            )
        };
        let safe = "https://a.example/keys";
        check("a", "app", url(safe), &[Algorithm::ES256, Algorithm::HS256], &[&mismatch("HS256")]);
        check("a", "app", secret(), &[Algorithm::EdDSA], &[&mismatch("EdDSA")]);
        let insecure = "issuer a: the URL of its keys must begin with https:// (http:// works only for this machine, \
            or with insecure_http = true)";
        let audience = "issuer a has no audience, or an empty one; set it to the aud of its tokens";
        check("a", "", url("http://a.example/keys"), &[], &[audience, insecure]);
        let reserved = "the issuer name guestlist is reserved for this service itself";
        check("guestlist", "app", url(safe), &[], &[reserved]);
        let nameless = "an issuer in the settings has no name; set issuer to the iss of its tokens";
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

    #[test]
    fn nobody_is_believed_who_has_several_tenants() {
        let settings = |name: &str| {
            IssuerSettings::new(name, vec!["app".into()], url("https://a.example/keys"))
        };
        let always = ClaimNames { email_verified: EmailVerified::Always, ..ClaimNames::default() };
        let microsoft = "https://login.microsoftonline.com/";
        for tenant in [
            "common/v2.0",
            "organizations",
            "Consumers/v2.0",
            "{tenantid}/v2.0",
            "9188040d-6c67-4c5b-b112-36a304b66dad/v2.0",
        ] {
            let name = format!("{microsoft}{tenant}");
            let fault = format!(
                "issuer {name} has several tenants, each of which can put any email into its tokens; leave out trust_email \
                 and email_verified = \"always\", or set issuer to that of your own tenant"
            );
            check_all(settings(&name), &[]);
            for trust_email in [TrustEmail::Always, TrustEmail::Domains(vec!["b.c".into()])] {
                check_all(IssuerSettings { trust_email, ..settings(&name) }, &[&fault]);
            }
            check_all(IssuerSettings { claims: always.clone(), ..settings(&name) }, &[&fault]);
        }
        let own = format!("{microsoft}72f988bf-86f1-41af-91ab-2d7cd011db47/v2.0");
        for name in [own.as_str(), "https://id.example.com/common", "https://accounts.google.com"] {
            let settings = IssuerSettings {
                claims: always.clone(),
                trust_email: TrustEmail::Always,
                ..settings(name)
            };
            assert_eq!(settings.never_matches(), None);
            check_all(settings, &[]);
        }
    }

    #[test]
    fn some_names_are_in_no_token() {
        let why = |name: &str| IssuerSettings::new(name, Vec::new(), secret()).never_matches();
        for name in [
            "https://sts.windows.net/{tenantid}/",
            "https://login.microsoftonline.com/common/v2.0",
            "https://a.example/.well-known/openid-configuration",
            "https://a.example /",
        ] {
            let why = why(name).unwrap();
            assert!(why.starts_with(&format!("no token has the issuer {name}: ")), "{why}");
        }
        assert_eq!(why("https://a.example/"), None);
    }
}
