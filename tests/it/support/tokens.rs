//! A verifier with a clock of its own, and the claims that it accepts.

use std::{sync::Arc, time::Duration};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use guestlist::{
    auth::{
        BuiltIn, Identity, Issuer, IssuerSettings, KeySource, Rejected, TokenKeys, Verifier,
        VerifyError,
    },
    clock::{Clock, Timestamp},
    public_url::PublicUrl,
    random::Random,
    secret::{Secret, Secrets},
    web::Web,
};
use serde_json::{Value, json};

use crate::support::{jwks::KeyServer, keys::Key};

/// What a new world's clock shows, in seconds.
pub(crate) const NOW: u64 = 1_800_000_000;
/// The `iss` of most tests.
pub(crate) const ISSUER: &str = "https://issuer.example/";

/// The verifier of a service that trusts the given issuers, with a clock of its own.
pub(crate) struct Tokens {
    clock: Clock,
    pub(crate) verifier: Verifier,
}

impl Tokens {
    pub(crate) fn new(settings: impl IntoIterator<Item = IssuerSettings>) -> Self {
        Self::with_secrets(&secrets(1, &[]), settings)
    }

    pub(crate) fn with_secrets(
        secrets: &Secrets,
        all: impl IntoIterator<Item = IssuerSettings>,
    ) -> Self {
        let clock = clock();
        let built_in = built_in(secrets, &clock);
        let issuers = all
            .into_iter()
            .map(|one| Issuer::new(one, Web::default(), clock.clone()).unwrap())
            .collect();
        let verifier = Verifier::new(built_in, issuers, clock.clone()).unwrap();
        Self { clock, verifier }
    }

    pub(crate) async fn verify(&self, token: &str) -> Result<Arc<Identity>, VerifyError> {
        self.verifier.verify(token).await
    }

    pub(crate) fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    pub(crate) async fn check(&self, token: &str, expected: Result<(), Rejected>) {
        let expected = expected.map_err(VerifyError::Rejected);
        assert_eq!(self.verify(token).await.map(drop), expected, "{token}");
    }

    /// Waits for the fetch that is under way, if there is one, as a token of an unknown key does.
    pub(crate) async fn settled(&self, key: &Key) {
        self.check(&key.named("unknown").token(&good()), Err(Rejected::UnknownKey)).await;
    }

    pub(crate) async fn unavailable(&self, token: &str) -> Duration {
        match self.verify(token).await {
            Err(VerifyError::Unavailable { retry_after }) => retry_after,
            other => panic!("{other:?}"),
        }
    }
}

pub(crate) fn clock() -> Clock {
    Clock::manual(Timestamp::from_millis(1000 * i64::try_from(NOW).unwrap()))
}

/// What the verifier's own service is called.
pub(crate) const OWN: &str = "https://auth.example";

/// The issuer of a service of its own.
pub(crate) fn built_in(secrets: &Secrets, clock: &Clock) -> BuiltIn {
    let name = PublicUrl::parse(OWN).unwrap();
    let outside = (clock.clone(), Random::seeded(1));
    BuiltIn::new(&name, secrets, &TokenKeys::default(), outside).unwrap()
}

/// What a token says, whether or not it is true.
pub(crate) fn said_by(token: &str) -> Value {
    let payload = token.trim().split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}

/// Secrets that consist of one byte each.
pub(crate) fn secrets(current: u8, previous: &[u8]) -> Secrets {
    let secret = |byte| Secret::new([byte; 32]);
    Secrets { current: secret(current), previous: previous.iter().copied().map(secret).collect() }
}

/// An issuer whose tokens are for `app` or `mobile`.
pub(crate) fn settings(name: &str, keys: KeySource) -> IssuerSettings {
    IssuerSettings::new(name, vec!["app".to_owned(), "mobile".to_owned()], keys)
}

pub(crate) fn published(name: &str, server: &KeyServer) -> IssuerSettings {
    settings(name, KeySource::Url(server.url()))
}

/// Good claims, with `changes` over them; a `null` takes a claim away.
pub(crate) fn claims(changes: &Value) -> Value {
    let mut claims = json!({"iss": ISSUER, "aud": "app", "sub": "ada", "exp": NOW + 3600});
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims
}

pub(crate) fn good() -> Value {
    claims(&json!({}))
}

/// A good token that differs from others by its subject.
pub(crate) fn token(key: &Key, subject: &str) -> String {
    key.token(&claims(&json!({ "sub": subject })))
}
