//! GitHub, which speaks OAuth 2 and has no ID tokens: who somebody is, is asked with the access token, which is used for
//! nothing else and kept nowhere.

use std::sync::Arc;

use serde::{Deserialize, de::DeserializeOwned};

use super::{
    Asked, Back, ProviderError, Said,
    oauth::{SELECT_ACCOUNT, Tokens, authorization_request},
    settings::ProviderSettings,
};
use crate::{
    auth::claims,
    clock::Clock,
    model::email::Email,
    web::{ClientAuth, Web, WebUrl},
};

/// What GitHub itself calls its interface for programs; an enterprise server has it below its own URL.
const PUBLIC: (&str, &str) = ("https://github.com", "https://api.github.com");
/// The domain of addresses that nobody reads.
const NO_REPLY: &str = "users.noreply.github.com";
const ACCEPT: &str = "application/vnd.github+json";

#[derive(Debug)]
pub(super) struct GitHub {
    settings: Arc<ProviderSettings>,
    web: Web,
    clock: Clock,
}

#[derive(Deserialize)]
struct User {
    id: u64,
    #[serde(default)]
    name: Option<String>,
}

#[derive(Deserialize)]
struct Address {
    email: String,
    primary: bool,
    verified: bool,
}

impl GitHub {
    pub(super) fn new(settings: Arc<ProviderSettings>, web: &Web, clock: &Clock) -> Self {
        Self { settings, web: web.clone(), clock: clock.clone() }
    }

    fn issuer(&self) -> &str {
        self.settings.issuer.trim_end_matches('/')
    }

    fn api(&self, path: &str) -> Result<WebUrl, ProviderError> {
        let (public, api) = PUBLIC;
        let base = if self.issuer() == public {
            api.to_owned()
        } else {
            format!("{}/api/v3", self.issuer())
        };
        self.url(&format!("{base}{path}"))
    }

    fn url(&self, text: &str) -> Result<WebUrl, ProviderError> {
        let senseless = |_| ProviderError::Unavailable("its issuer is not a URL".to_owned());
        WebUrl::parse(text, self.settings.plain_http).map_err(senseless)
    }

    pub(super) fn authorize(&self, asked: &Asked<'_>) -> Result<String, ProviderError> {
        let endpoint = format!("{}/login/oauth/authorize", self.issuer());
        let mut url = authorization_request(&endpoint, &self.settings, asked)?;
        if asked.state.is_linking() {
            url.query_pairs_mut().append_pair("prompt", SELECT_ACCOUNT);
        }
        Ok(url.into())
    }

    pub(super) async fn redeem(&self, back: &Back<'_>) -> Result<Said, ProviderError> {
        let token = self.exchange(back).await?;
        let user: User = self.ask("/user", &token).await?;
        if user.id == 0 {
            return Err(ProviderError::Refused("it has no number for the person"));
        }
        let addresses: Vec<Address> = self.ask("/user/emails?per_page=100", &token).await?;
        let primary = addresses.into_iter().find(|it| it.primary && it.verified);
        let email = primary.and_then(|it| Email::of_claim(&it.email).ok());
        let email = email.filter(|email| email.domain() != NO_REPLY);
        let (first, last) = user.name.as_deref().map(claims::split).unwrap_or_default();
        Ok(Said {
            subject: user.id.to_string(),
            verified: email.is_some(),
            email,
            organisation: None,
            first,
            last,
            auth_time: None,
        })
    }

    async fn exchange(&self, back: &Back<'_>) -> Result<String, ProviderError> {
        let ProviderSettings { client_id, client_secret, .. } = self.settings.as_ref();
        let settings = self.settings.as_ref();
        let secret = client_secret.as_ref();
        let secret = secret.map(|it| it.shown_to(settings, self.clock.now())).transpose()?;
        let secret = secret.unwrap_or_default();
        let form = [
            ("client_id", client_id.as_str()),
            ("client_secret", &secret),
            ("code", back.code),
            ("redirect_uri", back.redirect_url),
            ("code_verifier", &back.state.verifier),
        ];
        let url = self.url(&format!("{}/login/oauth/access_token", self.issuer()))?;
        let reply = self.web.post_form(&url, &form, ClientAuth::None).await?;
        let tokens = Tokens::read(&reply, "bad_verification_code")?;
        tokens.access_token.ok_or(ProviderError::Refused("there is no access_token in its reply"))
    }

    async fn ask<T: DeserializeOwned>(&self, path: &str, token: &str) -> Result<T, ProviderError> {
        let url = self.api(path)?;
        Ok(self.web.get(&url, ACCEPT, Some(token)).await?.ok()?.json()?)
    }
}
