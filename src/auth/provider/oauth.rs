//! What providers have in common that speak OAuth 2: the request that a browser takes along, and what a token endpoint
//! replies.

use serde::Deserialize;
use url::Url;

use super::{
    Asked, ProviderError,
    settings::{ProviderSettings, ResponseMode},
};
use crate::web::Reply;

/// What has a provider let people choose among their accounts there (`prompt`).
pub(super) const SELECT_ACCOUNT: &str = "select_account";

/// What a token endpoint replies (RFC 6749, sections 5.1 and 5.2).
#[derive(Deserialize)]
pub(super) struct Tokens {
    #[serde(default)]
    pub(super) id_token: Option<String>,
    #[serde(default)]
    pub(super) access_token: Option<String>,
    #[serde(default)]
    error: Option<String>,
}

/// The authorization request at an endpoint, as far as it is the same everywhere (RFC 6749, section 4.1.1; RFC 7636,
/// section 4.3).
pub(super) fn authorization_request(
    endpoint: &str,
    settings: &ProviderSettings,
    asked: &Asked<'_>,
) -> Result<Url, ProviderError> {
    let senseless =
        |_| ProviderError::Unavailable("its authorization endpoint is not a URL".to_owned());
    let mut url = Url::parse(endpoint).map_err(senseless)?;
    url.query_pairs_mut()
        .append_pair("client_id", &settings.client_id)
        .append_pair("redirect_uri", asked.redirect_url)
        .append_pair("scope", &settings.scopes.join(" "))
        .append_pair("state", asked.sealed)
        .append_pair("code_challenge", &asked.state.challenge())
        .append_pair("code_challenge_method", "S256");
    if settings.response_mode == ResponseMode::FormPost {
        url.query_pairs_mut().append_pair("response_mode", "form_post");
    }
    Ok(url)
}

impl Tokens {
    /// Reads a reply. `made_up` is the error that says that there is no such code; errors may come with any status.
    pub(super) fn read(reply: &Reply, made_up: &str) -> Result<Self, ProviderError> {
        if reply.status >= 500 {
            return Err(ProviderError::Unavailable(format!("its reply was {}", reply.status)));
        }
        let tokens: Self = reply.json()?;
        match tokens.error.as_deref() {
            None => Ok(tokens),
            Some(error) if error == made_up => Err(ProviderError::Code),
            Some(_) => Err(ProviderError::Refused(
                "it does not accept this service as its client; check client_id and client_secret",
            )),
        }
    }
}
