//! `Idempotency-Key`: a call that is sent again is not carried out again, it gets the first one's reply.

use std::sync::Arc;

use serde::Deserialize;
use tracing::Instrument as _;

use super::call::{Request, carry_out};
use crate::{
    auth::identity::Identity,
    caller::Caller,
    contract::Endpoint,
    error::{Error, Result},
    handlers::Cx,
    model::{id::AccountId, user::IdentityKey},
    redact::Reply,
    store::ledger::once::{Begun, Scope},
};

/// The longest key, in characters.
const MAX_KEY_LENGTH: usize = 255;

/// What a caller names a call by, so that it is carried out once however often it is sent.
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// The form of a key, for those who got it wrong.
    pub const FORM: &'static str = "1 to 255 printable ASCII characters";

    /// Reads a key as it stands in the header.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let printable = |byte: &u8| byte.is_ascii_graphic() || *byte == b' ';
        let valid = (1..=MAX_KEY_LENGTH).contains(&bytes.len()) && bytes.iter().all(printable);
        valid.then(|| Self(bytes.iter().copied().map(char::from).collect()))
    }

    /// The key of one of several calls that have come together under this one.
    pub(super) fn of_part(&self, part: usize) -> Self {
        // No key from outside is as long.
        Self(format!("{:\t<1$}{part}", self.0, MAX_KEY_LENGTH + 1))
    }
}

/// Carries out an admitted call, unless it was carried out before under this key.
///
/// # Errors
/// What the call itself fails with; `idempotency_mismatch`, `reply_lost`, and `unavailable` while the
/// first one is still under way.
pub(super) async fn call_once(
    cx: Cx,
    endpoint: &'static Endpoint,
    request: Request,
    key: IdempotencyKey,
) -> Result<Reply> {
    // A separate task: a caller that hangs up and calls again should find a reply.
    let work = carry_out_once(cx, endpoint, request, key).in_current_span();
    tokio::spawn(work).await.map_err(Error::internal)?
}

async fn carry_out_once(
    cx: Cx,
    endpoint: &'static Endpoint,
    request: Request,
    key: IdempotencyKey,
) -> Result<Reply> {
    let store = Arc::clone(&cx.store);
    let whole = (endpoint.name, &request.query, &request.body);
    let text = serde_json::to_string(&whole).map_err(Error::internal)?;
    let once = match store.begin_once(&scope(&cx, &key, &text), &text).await? {
        Begun::First(once) => Arc::new(once),
        Begun::Again(reply, takes_fresh) => {
            if takes_fresh {
                store.check_fresh(&cx.fresh).await?;
            }
            still_in_good_standing(&cx, &reply).await?;
            return Ok(Reply::repeated(reply));
        }
    };
    let reply = carry_out(Cx { once: Some(Arc::clone(&once)), ..cx }, endpoint, request).await;
    match reply {
        Ok(reply) => {
            let text = reply.into_json();
            store.keep_reply(&once, &text).await;
            Ok(Reply::written(text))
        }
        Err(error) => {
            store.release_once(&once).await;
            Err(error)
        }
    }
}

/// Somebody who shows an identity may have been removed from the account that the reply tells of, or
/// suspended in it; other callers were looked at before.
async fn still_in_good_standing(cx: &Cx, reply: &str) -> Result<()> {
    let Caller::Identity(identity) = &cx.caller else { return Ok(()) };
    let Entered { account } = serde_json::from_str(reply).map_err(Error::internal)?;
    let Some(Named { id }) = account else { return Ok(()) };
    let Identity { key, presence, .. } = &**identity;
    cx.store.calling_user(key, presence, Some(id)).await?.map(drop).map_err(Error::from)
}

/// The part of a reply that names the account which somebody has logged in to.
#[derive(Deserialize)]
struct Entered {
    account: Option<Named>,
}

#[derive(Deserialize)]
struct Named {
    id: AccountId,
}

/// Whose key it is: callers choose their keys without knowing of each other. Strangers cannot be told
/// apart, so theirs are kept apart by what they send.
fn scope(cx: &Cx, key: &IdempotencyKey, request: &str) -> Scope {
    let with_key = |who: &str| format!("{}#{who}#{}", who.len(), key.0);
    match &cx.caller {
        Caller::Anonymous => Scope::Stranger(with_key(&format!("anonymous#{request}"))),
        Caller::Identity(identity) => {
            let IdentityKey { issuer, subject } = &identity.key;
            Scope::Caller(with_key(&format!("identity#{}#{issuer}#{subject}", issuer.len())))
        }
        Caller::User(_) | Caller::Key(_) | Caller::Operator | Caller::Service(_) => {
            Scope::Caller(with_key(&cx.caller.to_string()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_printable() {
        let longest = "k".repeat(255);
        for text in ["k", "\"8e03978e-40d5-43dd-bc93-6894a57f9324\"", "a b", "~", &longest] {
            assert_eq!(IdempotencyKey::parse(text.as_bytes()).unwrap().0, text);
        }
        let too_long = "k".repeat(256);
        for text in ["", "a\tb", "é", "\u{7f}", &too_long] {
            assert!(IdempotencyKey::parse(text.as_bytes()).is_none(), "{text}");
        }
    }
}
