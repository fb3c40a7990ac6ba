//! What this service shows to a provider that it is the client: a text, or, as Apple wants it, a token that it signs
//! itself each time.

use std::{borrow::Cow, fmt, time::Duration};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Serialize;
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::{ProviderError, settings::ProviderSettings};
use crate::{
    auth::{algorithm::Algorithm, signing::SigningKey},
    clock::Timestamp,
};

/// How long a token is good; Apple takes up to six months.
const LIFETIME: Duration = Duration::from_mins(5);

/// A client secret; never printed.
#[derive(Clone)]
pub enum ClientSecret {
    /// The secret itself.
    Text(SecretText),
    /// The key that tokens are signed with in its place.
    Key(Box<SecretKey>),
}

/// A secret as it is sent; wiped when dropped.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct SecretText(String);

/// A P-256 key, and what a provider knows it by.
#[derive(Clone)]
pub struct SecretKey {
    key: std::sync::Arc<SigningKey>,
    /// The key's name.
    key_id: String,
    /// Whose key it is (Apple's "team").
    team_id: String,
}

/// What is wrong with a key.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("must hold a P-256 private key in PEM (PKCS #8), as the file AuthKey_….p8 from Apple does")]
pub struct ClientSecretFault;

#[derive(Serialize)]
struct Header<'a> {
    alg: &'a str,
    kid: &'a str,
}

/// What Apple has such a token say (Sign in with Apple, "Creating a client secret").
#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    iat: u64,
    exp: u64,
    aud: &'a str,
    sub: &'a str,
}

impl ClientSecret {
    /// The secret of that text.
    pub fn text(text: String) -> Self {
        Self::Text(SecretText(text))
    }

    /// Tokens that are signed with the key in that PEM.
    ///
    /// # Errors
    /// If there is no such key in it.
    pub fn key(pem: &[u8], key_id: String, team_id: String) -> Result<Self, ClientSecretFault> {
        let key = SigningKey::p256_in(pem).ok_or(ClientSecretFault)?.into();
        Ok(Self::Key(Box::new(SecretKey { key, key_id, team_id })))
    }

    /// What is shown to the provider of these settings now.
    pub(super) fn shown_to<'a>(
        &'a self,
        settings: &'a ProviderSettings,
        now: Timestamp,
    ) -> Result<Cow<'a, str>, ProviderError> {
        match self {
            Self::Text(SecretText(text)) => Ok(Cow::Borrowed(text)),
            Self::Key(key) => key.token(settings, now).map(Cow::Owned).ok_or_else(|| {
                ProviderError::Unavailable("the client secret could not be signed".to_owned())
            }),
        }
    }
}

impl SecretKey {
    /// `None` only if the cryptographic library fails.
    fn token(&self, settings: &ProviderSettings, now: Timestamp) -> Option<String> {
        let header = Header { alg: Algorithm::ES256.as_str(), kid: &self.key_id };
        let claims = Claims {
            iss: &self.team_id,
            iat: now.seconds(),
            exp: now.plus(LIFETIME).seconds(),
            aud: &settings.issuer,
            sub: &settings.client_id,
        };
        let part = |json: Vec<u8>| URL_SAFE_NO_PAD.encode(json);
        let (header, claims) =
            (serde_json::to_vec(&header).ok()?, serde_json::to_vec(&claims).ok()?);
        let message = format!("{}.{}", part(header), part(claims));
        let signature = self.key.sign(message.as_bytes())?;
        Some(format!("{message}.{}", part(signature)))
    }
}

impl fmt::Debug for ClientSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientSecret(…)")
    }
}
