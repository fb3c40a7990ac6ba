//! ID tokens that come from a token endpoint: what they must say before they prove anything (`OpenID` Connect Core 1.0,
//! section 3.1.3.7).

use super::{ProviderError, Said, settings::ProviderSettings};
use crate::{
    auth::{
        claim_names::ClaimNames,
        claims::{Claims, LEEWAY, Person, expired, moment},
        identity::is_subject,
        jws::Jws,
        keyring::Keyring,
        rejected::{Rejected, VerifyError},
    },
    clock::Timestamp,
    model::provider::{LIFETIME, State},
    secret::same,
};

/// Why a token proves nothing that lacks something.
const ODD: &str = "its token lacks claims or has claims that are not valid";

/// What was asked for.
pub(super) struct Expected<'a> {
    pub(super) settings: &'a ProviderSettings,
    pub(super) state: &'a State,
    /// Whether the token has to say when the person signed in there, if that was asked.
    pub(super) tells_auth_time: bool,
}

/// The claims of a token that is signed with one of these keys.
///
/// # Errors
/// `Refused`, `Unavailable` if there are no keys to be had.
pub(super) async fn verify(token: &str, keys: &Keyring) -> Result<Claims, ProviderError> {
    let jws =
        Jws::parse(token).map_err(|_| ProviderError::Refused("its token is not a signed JWT"))?;
    if !jws.algorithm.is_public() {
        return Err(ProviderError::Refused(
            "its token is signed by an algorithm that is not allowed",
        ));
    }
    keys.check(&jws).await.map_err(|error| match error {
        VerifyError::Unavailable { .. } => {
            ProviderError::Unavailable("its keys could not be fetched".to_owned())
        }
        VerifyError::Rejected(_) => {
            ProviderError::Refused("its token is signed with none of its keys")
        }
    })?;
    jws.payload().map_err(|_| ProviderError::Refused(ODD))
}

impl Expected<'_> {
    /// What a token says about a person, if it is what was asked for.
    pub(super) fn said(&self, claims: &Claims, now: Timestamp) -> Result<Said, ProviderError> {
        let fault = self.fault(claims, now).map_err(|_| ProviderError::Refused(ODD))?;
        if let Some(why) = fault {
            return Err(ProviderError::Refused(why));
        }
        let odd = |_| ProviderError::Refused(ODD);
        let subject = claims.text("sub").map_err(odd)?.unwrap_or_default().to_owned();
        let auth_time = claims.number("auth_time").map_err(odd)?;
        let Person { email, verified, organisation, first, last } =
            claims.person(&ClaimNames::default());
        let auth_time = auth_time.map(|at| moment(at).min(now));
        if !self.is_late_enough(auth_time) {
            return Err(ProviderError::Stale);
        }
        Ok(Said { subject, email, verified, organisation, first, last, auth_time })
    }

    fn fault(&self, claims: &Claims, now: Timestamp) -> Result<Option<&'static str>, Rejected> {
        let Self { settings, state, .. } = self;
        let client = settings.client_id.as_str();
        let time = |claim| claims.number(claim).map(|it| it.map(moment));
        let (expires, issued) = (time("exp")?, time("iat")?);
        let auth_time = time("auth_time")?;
        let (Some(expires), Some(issued)) = (expires, issued) else { return Ok(Some(ODD)) };
        let is_party = claims.text("azp")?.is_none_or(|azp| azp == client);
        let nonce = claims.text("nonce")?.unwrap_or_default();
        let is_ahead = |time: Timestamp| time > now.plus(LEEWAY);
        // The state can be used for as long from its beginning.
        let is_older = issued.plus(LIFETIME + LEEWAY) < state.expires();
        Ok(match () {
            () if claims.issuer() != Some(&settings.issuer) => Some("its token has another issuer"),
            () if !claims.is_for_alone(client) || !is_party => {
                Some("its token is for another client")
            }
            () if !same(nonce.as_bytes(), state.nonce.as_bytes()) => {
                Some("its token was made for another sign-in: see nonce")
            }
            () if expired(expires, now) => Some("its token has expired"),
            () if is_ahead(issued) || auth_time.is_some_and(is_ahead) => {
                Some("its token was issued in the future")
            }
            () if is_older => Some("its token is older than this sign-in"),
            () if !claims.text("sub")?.is_some_and(is_subject) => {
                Some("its token has no valid subject")
            }
            () => None,
        })
    }

    /// Whether the person has signed in there as lately as was asked for (`max_age`). How long it takes to say yes there
    /// does not matter.
    fn is_late_enough(&self, auth_time: Option<Timestamp>) -> bool {
        let Some(max_age) = self.state.max_age() else { return true };
        auth_time.map_or(!self.tells_auth_time, |at| {
            at.plus(max_age + LIFETIME + LEEWAY) >= self.state.expires()
        })
    }
}
