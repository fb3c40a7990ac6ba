//! A provider that speaks `OpenID` Connect.

use std::sync::Arc;

use super::{
    Asked, Back, ProviderError, Said,
    endpoints::Directory,
    id_token,
    id_token::Expected,
    oauth::{Tokens, authorization_request},
    settings::ProviderSettings,
};
use crate::{
    clock::Clock,
    web::{ClientAuth, Web},
};

#[derive(Debug)]
pub(super) struct Oidc {
    settings: Arc<ProviderSettings>,
    directory: Directory,
    web: Web,
    clock: Clock,
}

impl Oidc {
    pub(super) fn new(settings: Arc<ProviderSettings>, web: &Web, clock: &Clock) -> Self {
        let directory = Directory::new(Arc::clone(&settings), web, clock);
        Self { settings, directory, web: web.clone(), clock: clock.clone() }
    }

    pub(super) async fn promises_issuer(&self) -> Result<bool, ProviderError> {
        Ok(self.directory.get().await?.promises_issuer)
    }

    pub(super) async fn check(&self) -> Result<String, ProviderError> {
        let endpoints = self.directory.fetch().await?;
        let keys = endpoints.keys.fetch().await;
        let keys = keys.map_err(|error| ProviderError::Unavailable(error.to_string()))?;
        let keys = match keys.keys.algorithms().count() {
            1 => "1 key".to_owned(),
            count => format!("{count} keys"),
        };
        Ok(format!("{keys}; codes are exchanged at {}", endpoints.token))
    }

    /// The authorization request (`OpenID` Connect Core 1.0, section 3.1.2.1).
    pub(super) async fn authorize(&self, asked: &Asked<'_>) -> Result<String, ProviderError> {
        let endpoints = self.directory.get().await?;
        let mut url = authorization_request(&endpoints.authorization, &self.settings, asked)?;
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("nonce", &asked.state.nonce);
        if let Some(prompt) = endpoints.prompt.filter(|_| asked.state.is_linking()) {
            url.query_pairs_mut().append_pair("prompt", prompt);
        }
        if let Some(max_age) = asked.state.max_age() {
            url.query_pairs_mut().append_pair("max_age", &max_age.as_secs().to_string());
        }
        Ok(url.into())
    }

    /// Exchanges a code for an ID token (section 3.1.3), and reads that.
    pub(super) async fn redeem(&self, back: &Back<'_>) -> Result<Said, ProviderError> {
        let endpoints = self.directory.get().await?;
        let ProviderSettings { client_id, client_secret, .. } = self.settings.as_ref();
        let (settings, now) = (self.settings.as_ref(), self.clock.now());
        let secret = client_secret.as_ref().map(|it| it.shown_to(settings, now)).transpose()?;
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", back.code),
            ("redirect_uri", back.redirect_url),
            ("code_verifier", &back.state.verifier),
        ];
        let auth = match secret.as_deref() {
            Some(secret) if endpoints.takes_basic => ClientAuth::Basic { id: client_id, secret },
            Some(secret) => {
                form.extend([("client_id", client_id.as_str()), ("client_secret", secret)]);
                ClientAuth::None
            }
            None => {
                form.push(("client_id", client_id));
                ClientAuth::None
            }
        };
        let reply = self.web.post_form(&endpoints.token, &form, auth).await?;
        let tokens = Tokens::read(&reply, "invalid_grant")?;
        let token = tokens.id_token;
        let token = token.ok_or(ProviderError::Refused("there is no id_token in its reply"))?;
        let claims = id_token::verify(&token, &endpoints.keys).await?;
        let tells_auth_time = endpoints.tells_auth_time;
        let expected = Expected { settings, state: back.state, tells_auth_time };
        expected.said(&claims, self.clock.now())
    }
}
