//! A provider that speaks `OpenID` Connect.

use std::sync::Arc;

use serde::Deserialize;
use url::Url;

use super::{
    Asked, Back, ProviderError, Said,
    endpoints::Directory,
    id_token,
    settings::{ClientSecret, ProviderSettings},
};
use crate::{
    clock::Clock,
    web::{ClientAuth, Reply, Web},
};

#[derive(Debug)]
pub(super) struct Oidc {
    settings: Arc<ProviderSettings>,
    directory: Directory,
    web: Web,
    clock: Clock,
}

/// What a token endpoint replies (RFC 6749, sections 5.1 and 5.2).
#[derive(Deserialize)]
struct TokenReply {
    #[serde(default)]
    id_token: Option<String>,
    #[serde(default)]
    pub(super) error: Option<String>,
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
        let keys = keys.keys.algorithms().count();
        Ok(format!("{keys} keys; codes are exchanged at {}", endpoints.token))
    }

    /// The authorization request (`OpenID` Connect Core 1.0, section 3.1.2.1).
    pub(super) async fn authorize(&self, asked: &Asked<'_>) -> Result<String, ProviderError> {
        let endpoints = self.directory.get().await?;
        let senseless = || ProviderError::Unavailable("authorization_endpoint".to_owned());
        let mut url = Url::parse(&endpoints.authorization).map_err(|_| senseless())?;
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.settings.client_id)
            .append_pair("redirect_uri", asked.redirect_url)
            .append_pair("scope", &self.settings.scopes.join(" "))
            .append_pair("state", asked.sealed)
            .append_pair("nonce", &asked.state.nonce)
            .append_pair("code_challenge", &asked.state.challenge())
            .append_pair("code_challenge_method", "S256");
        if asked.chooses {
            url.query_pairs_mut().append_pair("prompt", "select_account");
        }
        Ok(url.into())
    }

    /// Exchanges a code for an ID token (section 3.1.3), and reads that.
    pub(super) async fn redeem(&self, back: &Back<'_>) -> Result<Said, ProviderError> {
        let endpoints = self.directory.get().await?;
        let ProviderSettings { client_id, client_secret, .. } = self.settings.as_ref();
        let secret = client_secret.as_ref().map(ClientSecret::expose);
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", back.code),
            ("redirect_uri", back.redirect_url),
            ("code_verifier", &back.state.verifier),
        ];
        let auth = match secret {
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
        let token = token_of(&reply)?;
        let claims = id_token::verify(&token, &endpoints.keys).await?;
        claims.said(&self.settings, back.state, self.clock.now())
    }
}

/// The ID token in what a token endpoint has replied.
fn token_of(reply: &Reply) -> Result<String, ProviderError> {
    if reply.status >= 500 {
        return Err(ProviderError::Unavailable(format!("its reply was {}", reply.status)));
    }
    let TokenReply { id_token, error } = reply.json()?;
    match (id_token, error) {
        (Some(token), None) => Ok(token),
        (_, Some(error)) if error == "invalid_grant" => Err(ProviderError::Code),
        (_, Some(_)) => Err(ProviderError::Refused(
            "it does not take this service for its client; see client_id and client_secret",
        )),
        (None, None) => Err(ProviderError::Refused("there is no id_token in its reply")),
    }
}
