//! ID tokens that come from a token endpoint: what they must say before they prove anything (`OpenID` Connect Core 1.0,
//! section 3.1.3.7).

use serde::Deserialize;
use serde_json::Value;

use super::{ProviderError, Said, settings::ProviderSettings};
use crate::{
    auth::{
        claims::{LEEWAY, expired, moment},
        identity::is_subject,
        jws::Jws,
        keyring::Keyring,
        rejected::VerifyError,
    },
    clock::Timestamp,
    model::{
        email::Email,
        provider::{LIFETIME, State},
    },
    secret::same,
};

/// The claims that matter here. Those that the token stands or falls with are typed.
#[derive(Deserialize)]
pub(super) struct IdClaims {
    iss: String,
    sub: String,
    aud: Audience,
    #[serde(default)]
    azp: Option<String>,
    exp: f64,
    iat: f64,
    #[serde(default)]
    nonce: Option<String>,
    #[serde(default)]
    auth_time: Option<f64>,
    #[serde(default)]
    email: Value,
    #[serde(default)]
    email_verified: Value,
    #[serde(default)]
    given_name: Option<Value>,
    #[serde(default)]
    family_name: Option<Value>,
    #[serde(default)]
    name: Option<Value>,
    #[serde(default)]
    hd: Option<Value>,
}

/// One recipient, or a list.
#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

/// The claims of a token that is signed with one of these keys.
///
/// # Errors
/// `Refused`, `Unavailable` if there are no keys to be had.
pub(super) async fn verify(token: &str, keys: &Keyring) -> Result<IdClaims, ProviderError> {
    let jws =
        Jws::parse(token).map_err(|_| ProviderError::Refused("its token is no signed JWT"))?;
    if !jws.algorithm.is_public() {
        return Err(ProviderError::Refused(
            "its token is signed by an algorithm that is not allowed",
        ));
    }
    keys.check(&jws).await.map_err(|error| match error {
        VerifyError::Unavailable { .. } => {
            ProviderError::Unavailable("its keys were not to be had".to_owned())
        }
        VerifyError::Rejected(_) => {
            ProviderError::Refused("its token is signed with none of its keys")
        }
    })?;
    jws.payload().map_err(|_| ProviderError::Refused("its token lacks claims, or has odd ones"))
}

impl IdClaims {
    /// What they say about a person, if they are what was asked for.
    pub(super) fn said(
        self,
        settings: &ProviderSettings,
        state: &State,
        now: Timestamp,
    ) -> Result<Said, ProviderError> {
        if let Some(why) = self.fault(settings, state, now) {
            return Err(ProviderError::Refused(why));
        }
        let email = self.email.as_str().and_then(|text| Email::of_claim(text).ok());
        let verified = self.email_verified == Value::Bool(true)
            || self.email_verified.as_str() == Some("true");
        let text = |value: Option<Value>| value.as_ref().and_then(Value::as_str).map(str::to_owned);
        let (first, last) = match (text(self.given_name), text(self.family_name)) {
            // Where a name is split is anybody's guess: all of it goes into one field.
            (None, None) => (text(self.name), None),
            both => both,
        };
        Ok(Said {
            subject: self.sub,
            verified: verified && email.is_some(),
            email,
            organisation: text(self.hd),
            first,
            last,
            auth_time: self.auth_time.map(|at| moment(at).min(now)),
        })
    }

    fn fault(
        &self,
        settings: &ProviderSettings,
        state: &State,
        now: Timestamp,
    ) -> Option<&'static str> {
        let is_ours = match &self.aud {
            Audience::One(name) => *name == settings.client_id,
            Audience::Several(names) => {
                names.iter().all(|name| *name == settings.client_id) && !names.is_empty()
            }
        };
        let is_party = self.azp.as_ref().is_none_or(|azp| *azp == settings.client_id);
        let nonce = self.nonce.as_deref().unwrap_or_default();
        let is_ahead = |time: f64| moment(time) > now.plus(LEEWAY);
        // The state can be used for as long from its beginning.
        let is_older = moment(self.iat).plus(LIFETIME + LEEWAY) < state.expires();
        match () {
            () if self.iss != settings.issuer => Some("its token has another issuer"),
            () if !is_ours || !is_party => Some("its token is for another client"),
            () if !same(nonce.as_bytes(), state.nonce.as_bytes()) => {
                Some("its token was made for another sign-in: see nonce")
            }
            () if expired(moment(self.exp), now) => Some("its token has expired"),
            () if is_ahead(self.iat) || self.auth_time.is_some_and(is_ahead) => {
                Some("its token is of a time that is still to come")
            }
            () if is_older => Some("its token is older than this sign-in"),
            () if !is_subject(&self.sub) => Some("the subject of its token is none"),
            () => None,
        }
    }
}
