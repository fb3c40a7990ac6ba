//! What a provider publishes about itself (`OpenID` Connect Discovery 1.0, section 4), and when it is fetched: at first
//! need, and again once it is old. Two fetches never run at once or follow each other closely; what was fetched once
//! stays good until something newer arrives.

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use serde::Deserialize;
use tokio::sync::Mutex;

use super::{ProviderError, settings::ProviderSettings};
use crate::{
    auth::keyring::{Keyring, Source},
    clock::{Clock, Timestamp},
    web::{PlainHttp, Web, WebUrl},
};

/// The age at which metadata are fetched again on use.
const MAX_AGE: Duration = Duration::from_hours(1);
/// The least time between two fetches.
const INTERVAL: Duration = Duration::from_secs(30);

/// Where a provider is called, and what it can do.
#[derive(Clone, Debug)]
pub(super) struct Endpoints {
    /// Where browsers are sent.
    pub(super) authorization: String,
    /// Where codes are exchanged.
    pub(super) token: WebUrl,
    /// Whether it takes the client's secret in `Authorization: Basic`; else in the form.
    pub(super) takes_basic: bool,
    /// Whether it promises to name itself on the way back (RFC 9207).
    pub(super) promises_issuer: bool,
    /// Its keys.
    pub(super) keys: Keyring,
    /// Where these are.
    jwks: String,
}

/// The metadata that matter here.
#[derive(Deserialize)]
struct Metadata {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    #[serde(default)]
    code_challenge_methods_supported: Option<Vec<String>>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

/// The endpoints of one provider, as they are known.
#[derive(Debug)]
pub(super) struct Directory {
    settings: Arc<ProviderSettings>,
    web: Web,
    clock: Clock,
    known: RwLock<Option<(Arc<Endpoints>, Timestamp)>>,
    /// When it was last tried, by whoever fetches.
    attempted: Mutex<Option<Timestamp>>,
}

impl Directory {
    pub(super) fn new(settings: Arc<ProviderSettings>, web: &Web, clock: &Clock) -> Self {
        let known = RwLock::new(None);
        let attempted = Mutex::new(None);
        Self { settings, web: web.clone(), clock: clock.clone(), known, attempted }
    }

    /// The endpoints, fetched if they are not known; old ones are used while newer ones are fetched.
    pub(super) async fn get(&self) -> Result<Arc<Endpoints>, ProviderError> {
        match self.known() {
            None => {
                let mut attempted = self.attempted.lock().await;
                // Others may have fetched them meanwhile.
                match self.known() {
                    Some((endpoints, _)) => Ok(endpoints),
                    None => self.try_fetch(&mut attempted).await,
                }
            }
            Some((endpoints, fetched)) => {
                let is_old = self.clock.now().since(fetched) >= MAX_AGE;
                if is_old && let Ok(mut attempted) = self.attempted.try_lock() {
                    return Ok(self.try_fetch(&mut attempted).await.unwrap_or(endpoints));
                }
                Ok(endpoints)
            }
        }
    }

    fn known(&self) -> Option<(Arc<Endpoints>, Timestamp)> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn try_fetch(
        &self,
        attempted: &mut Option<Timestamp>,
    ) -> Result<Arc<Endpoints>, ProviderError> {
        let now = self.clock.now();
        if attempted.is_some_and(|last| last <= now && now.since(last) < INTERVAL) {
            return Err(ProviderError::Unavailable("its metadata were not to be had".to_owned()));
        }
        *attempted = Some(now);
        let fetched = self.fetch().await;
        if let Err(error) = &fetched {
            let provider = self.settings.name.as_str();
            tracing::warn!(provider, %error, "the metadata of a provider could not be fetched");
        }
        fetched
    }

    /// Fetches them anew.
    pub(super) async fn fetch(&self) -> Result<Arc<Endpoints>, ProviderError> {
        let ProviderSettings { issuer, plain_http, .. } = self.settings.as_ref();
        let place = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
        let place = WebUrl::parse(&place, *plain_http).map_err(|_| senseless("issuer"))?;
        let reply = self.web.get(&place, "application/json", None).await?.ok()?;
        let endpoints = Arc::new(self.read(reply.json()?, &place)?);
        let known = Some((Arc::clone(&endpoints), self.clock.now()));
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = known;
        Ok(endpoints)
    }

    fn read(&self, metadata: Metadata, place: &WebUrl) -> Result<Endpoints, ProviderError> {
        let ProviderSettings { issuer, plain_http, .. } = self.settings.as_ref();
        if metadata.issuer != *issuer {
            return Err(senseless("issuer"));
        }
        if let Some(methods) = &metadata.code_challenge_methods_supported
            && !methods.iter().any(|method| method == "S256")
        {
            return Err(senseless("code_challenge_methods_supported"));
        }
        let named = |text: &str| endpoint(text, *plain_http, place);
        let keys = named(&metadata.jwks_uri).ok_or(senseless("jwks_uri"))?;
        let authorization = named(&metadata.authorization_endpoint)
            .filter(|_| asks_nothing_of_ours(&metadata.authorization_endpoint))
            .ok_or(senseless("authorization_endpoint"))?;
        let token = named(&metadata.token_endpoint);
        // Keys that are known stay known.
        let known = self.known().filter(|(known, _)| known.jwks == metadata.jwks_uri);
        let keys = match known {
            Some((known, _)) => known.keys.clone(),
            None => Keyring::new(
                issuer,
                Source::Url(keys),
                None,
                (self.web.clone(), self.clock.clone()),
            ),
        };
        let basic = |methods: Vec<String>| methods.iter().any(|it| it == "client_secret_basic");
        Ok(Endpoints {
            authorization: authorization.to_string(),
            token: token.ok_or(senseless("token_endpoint"))?,
            takes_basic: metadata.token_endpoint_auth_methods_supported.is_none_or(basic),
            promises_issuer: metadata.authorization_response_iss_parameter_supported,
            keys,
            jwks: metadata.jwks_uri,
        })
    }
}

/// A URL that metadata name which have come from that place: no other kind, nobody's name in it, no fragment, and as
/// safe on the way.
fn endpoint(text: &str, plain: PlainHttp, place: &WebUrl) -> Option<WebUrl> {
    let is_plain =
        !text.contains('#') && !text.split('?').next().is_some_and(|it| it.contains('@'));
    WebUrl::parse(text, plain).ok().filter(|url| is_plain && url.is_as_safe_as(place))
}

/// Whether the query of an endpoint leaves our parameters to us.
fn asks_nothing_of_ours(text: &str) -> bool {
    const OURS: [&str; 9] = [
        "client_id",
        "code_challenge",
        "code_challenge_method",
        "nonce",
        "prompt",
        "redirect_uri",
        "response_type",
        "scope",
        "state",
    ];
    let query = text.split_once('?').map_or("", |(_, query)| query);
    form_urlencoded::parse(query.as_bytes()).all(|(name, _)| !OURS.contains(&name.as_ref()))
}

fn senseless(member: &str) -> ProviderError {
    ProviderError::Unavailable(format!("its metadata make no sense: see {member}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_are_urls_and_nothing_else() {
        let at = |place: &str, text: &str| {
            let place = WebUrl::parse(place, PlainHttp::Loopback).unwrap();
            endpoint(text, PlainHttp::Loopback, &place).is_some()
        };
        let (there, here) = ("https://id.example/", "http://127.0.0.1:8080/");
        assert!(at(there, "https://other.example/token?tenant=1"));
        assert!(at(here, "http://127.0.0.1:8080/token"));
        assert!(!at(here, "http://127.0.0.1:9090/token"));
        assert!(!at(there, "http://127.0.0.1:8080/token"));
        let is_one = |text: &str| at(there, text);
        for text in [
            "javascript:alert(1)",
            "http://169.254.169.254/token",
            "https://us@evil.example/token",
            "https://id.example/#token",
            "/token",
        ] {
            assert!(!is_one(text), "{text}");
        }
    }

    #[test]
    fn an_endpoint_leaves_our_parameters_to_us() {
        assert!(asks_nothing_of_ours("https://id.example/authorize?policy=b2c"));
        assert!(!asks_nothing_of_ours("https://id.example/authorize?redirect%5Furi=x"));
    }
}
