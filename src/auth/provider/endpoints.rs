//! What a provider publishes about itself (`OpenID` Connect Discovery 1.0, section 4), kept as `kept` says.

use std::{slice, sync::Arc, time::Duration};

use serde::Deserialize;

use super::{
    ProviderError,
    oauth::SELECT_ACCOUNT,
    settings::{ProviderSettings, ResponseMode},
};
use crate::{
    auth::{
        discovery::Discovery,
        kept::Kept,
        keyring::{Keyring, Source},
        known,
    },
    clock::Clock,
    web::{Web, WebUrl},
};

/// The age at which metadata are fetched again on use.
const MAX_AGE: Duration = Duration::from_hours(1);
/// What lets people choose, the better one first.
const PROMPTS: [&str; 2] = [SELECT_ACCOUNT, "login"];

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
    /// What has it let people choose among their accounts there, or sign in anew; nothing if it may refuse that.
    pub(super) prompt: Option<&'static str>,
    /// Whether it has to say when a person signed in there, if it is asked.
    pub(super) tells_auth_time: bool,
    /// Its keys.
    pub(super) keys: Keyring,
    /// Where these are.
    jwks: String,
}

/// The metadata that matter here.
#[derive(Deserialize)]
struct Metadata {
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    #[serde(default)]
    code_challenge_methods_supported: Option<Vec<String>>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
    #[serde(default)]
    prompt_values_supported: Option<Vec<String>>,
    #[serde(default)]
    response_modes_supported: Option<Vec<String>>,
    #[serde(default)]
    claims_supported: Vec<String>,
}

/// The endpoints of one provider, as they are known; cheap to clone, all clones share them.
#[derive(Clone, Debug)]
pub(super) struct Directory {
    settings: Arc<ProviderSettings>,
    web: Web,
    clock: Clock,
    kept: Kept<Arc<Endpoints>>,
}

impl Directory {
    pub(super) fn new(settings: Arc<ProviderSettings>, web: &Web, clock: &Clock) -> Self {
        let kept = Kept::new(None, MAX_AGE, clock.clone());
        Self { settings, web: web.clone(), clock: clock.clone(), kept }
    }

    /// The endpoints, fetched if they are not known; old ones are used while newer ones are fetched.
    pub(super) async fn get(&self) -> Result<Arc<Endpoints>, ProviderError> {
        let found = self.kept.get(|| self.clone().refresh()).await;
        let missing =
            |_| ProviderError::Unavailable("its metadata could not be fetched".to_owned());
        found.map_err(missing)
    }

    /// Fetches them; why they have not come, the log says.
    async fn refresh(self) -> Option<Arc<Endpoints>> {
        let fetched = self.fetch().await;
        let provider = self.settings.name.as_str();
        let say = |error: &ProviderError| tracing::warn!(provider, %error, "the metadata of a provider could not be fetched");
        fetched.inspect_err(say).ok()
    }

    /// Fetches them and hands them out, without keeping them.
    pub(super) async fn fetch(&self) -> Result<Arc<Endpoints>, ProviderError> {
        let ProviderSettings { issuer, plain_http, .. } = self.settings.as_ref();
        let discovery = Discovery::new(slice::from_ref(issuer), None, *plain_http);
        let discovery = discovery.map_err(|_| senseless("issuer"))?;
        let metadata = discovery.metadata(&self.web).await;
        let metadata = metadata.map_err(|fault| ProviderError::Unavailable(fault.to_string()))?;
        Ok(Arc::new(self.read(metadata, &discovery)?))
    }

    fn read(&self, metadata: Metadata, discovery: &Discovery) -> Result<Endpoints, ProviderError> {
        let lists = |all: &Option<Vec<String>>, one: &str| {
            all.as_ref().map(|all| all.iter().any(|it| it == one))
        };
        if lists(&metadata.code_challenge_methods_supported, "S256") == Some(false) {
            return Err(senseless("code_challenge_methods_supported"));
        }
        let posts = self.settings.response_mode == ResponseMode::FormPost;
        if posts && lists(&metadata.response_modes_supported, "form_post") == Some(false) {
            return Err(senseless("response_modes_supported"));
        }
        let named = |text: &str| endpoint(text, discovery);
        let keys = named(&metadata.jwks_uri).ok_or(senseless("jwks_uri"))?;
        let authorization = named(&metadata.authorization_endpoint)
            .filter(|_| asks_nothing_of_ours(&metadata.authorization_endpoint))
            .ok_or(senseless("authorization_endpoint"))?;
        let token = named(&metadata.token_endpoint);
        let issuer = self.settings.issuer.as_str();
        let basic = lists(&metadata.token_endpoint_auth_methods_supported, "client_secret_basic");
        let tells_auth_time = metadata.claims_supported.iter().any(|it| it == "auth_time");
        Ok(Endpoints {
            authorization: authorization.to_string(),
            token: token.ok_or(senseless("token_endpoint"))?,
            takes_basic: basic.unwrap_or(true),
            promises_issuer: metadata.authorization_response_iss_parameter_supported,
            prompt: prompt(metadata.prompt_values_supported.as_deref(), issuer),
            tells_auth_time: tells_auth_time && !known::hides_auth_time(issuer),
            keys: self.keyring(&metadata.jwks_uri, keys),
            jwks: metadata.jwks_uri,
        })
    }

    /// The keys that are there. Those that are known stay known.
    fn keyring(&self, text: &str, url: WebUrl) -> Keyring {
        if let Some(known) = self.kept.last().filter(|known| known.jwks == text) {
            return known.keys.clone();
        }
        let outside = (self.web.clone(), self.clock.clone());
        Keyring::new(&self.settings.issuer, Source::Url(url), None, outside)
    }
}

/// By what a provider lets people choose among their accounts there. Others than it lists it may refuse (`OpenID`
/// Connect Core 1.0, section 3.1.2.6).
fn prompt(listed: Option<&[String]>, issuer: &str) -> Option<&'static str> {
    match listed {
        Some(listed) => PROMPTS.into_iter().find(|prompt| listed.iter().any(|it| it == prompt)),
        None => known::offers_account_choice(issuer).then_some(SELECT_ACCOUNT),
    }
}

/// A URL that the metadata name: nobody's name in it, and no fragment.
fn endpoint(text: &str, discovery: &Discovery) -> Option<WebUrl> {
    let is_plain =
        !text.contains('#') && !text.split('?').next().is_some_and(|it| it.contains('@'));
    discovery.named(text).ok().filter(|_| is_plain)
}

/// Whether the query of an endpoint leaves our parameters to us.
fn asks_nothing_of_ours(text: &str) -> bool {
    const OURS: [&str; 11] = [
        "client_id",
        "code_challenge",
        "code_challenge_method",
        "max_age",
        "nonce",
        "prompt",
        "redirect_uri",
        "response_mode",
        "response_type",
        "scope",
        "state",
    ];
    let query = text.split_once('?').map_or("", |(_, query)| query);
    form_urlencoded::parse(query.as_bytes()).all(|(name, _)| !OURS.contains(&name.as_ref()))
}

fn senseless(member: &str) -> ProviderError {
    ProviderError::Unavailable(format!("its metadata are not valid: see {member}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::PlainHttp;

    #[test]
    fn endpoints_are_urls_and_nothing_else() {
        let at = |place: &str, text: &str| {
            let place = Discovery::new(&[place.to_owned()], None, PlainHttp::Loopback).unwrap();
            endpoint(text, &place).is_some()
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
