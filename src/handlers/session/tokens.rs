//! What a reply to somebody who has signed in consists of, and what its tokens say.

use std::time::Duration;

use crate::{
    auth::{NewToken, TokenMember},
    clock::Timestamp,
    cookie::CookieChange,
    error::{Error, Result},
    handlers::Cx,
    model::{
        id::{AccountId, SessionId},
        session::Session,
        sign_in::SignIn,
    },
    redact::{Record, Value},
    store::{
        Error as StoreError,
        sign_in::{entering::Inside, renewing::Exchange, session::Grant},
    },
};

/// How long an access token is valid.
const ACCESS_LIFETIME: Duration = Duration::from_mins(15);

/// Tokens for the person who has signed in.
pub(in crate::handlers) struct Tokens {
    access: String,
    expires: Timestamp,
    /// Not for who has shown an access token only, and not where it is in the cookie.
    refresh: Option<String>,
    /// What becomes of the cookie.
    cookie: Option<CookieChange>,
    session: SessionId,
    /// The account that the access token is for.
    account: Option<AccountId>,
}

/// The tokens of a session that has just begun. One whose cookie it takes over ends.
pub(in crate::handlers) async fn begun(cx: &Cx, grant: &Grant) -> Result<Tokens> {
    if let Some(held) = cx.held() {
        match Box::pin(cx.store.end_session_of(&cx.by(), held)).await {
            Ok(()) | Err(StoreError::SessionEnded) => {}
            // The new session has begun, and is not to be lost for it.
            Err(error) => tracing::warn!(%error, "a session whose cookie was replaced goes on"),
        }
    }
    tokens(cx, grant)
}

/// The tokens that a grant gives.
pub(in crate::handlers) fn tokens(cx: &Cx, grant: &Grant) -> Result<Tokens> {
    let Grant { sign_in, session, refresh, inside, at } = grant;
    // Others do not ask whether the session goes on.
    let lifetime = ACCESS_LIFETIME.min(session.expires.since(*at));
    let new = NewToken { lifetime, ..said_of(sign_in, session, *inside) };
    let seconds = session.expires.since(*at).as_secs();
    let (refresh, cookie) = if session.cookie {
        (None, Some(CookieChange::Set { token: Box::new(refresh.clone()), seconds }))
    } else {
        (Some(refresh.reveal()), None)
    };
    Ok(Tokens {
        access: cx.issuer.mint(&new).map_err(Error::internal)?,
        expires: at.plus(lifetime),
        refresh,
        cookie,
        session: session.id,
        account: inside.map(|inside| inside.account),
    })
}

/// An access token beside the one that somebody has shown: as the session's tokens are, but for what `change` makes
/// of it.
pub(super) fn beside(
    cx: &Cx,
    exchange: &Exchange,
    expires: Timestamp,
    change: impl FnOnce(NewToken) -> NewToken,
) -> Result<Tokens> {
    let Exchange { sign_in, session, inside, .. } = exchange;
    let new = change(NewToken { expires: Some(expires), ..said_of(sign_in, session, *inside) });
    Ok(Tokens {
        access: cx.issuer.mint(&new).map_err(Error::internal)?,
        expires,
        refresh: None,
        cookie: None,
        session: session.id,
        account: inside.map(|inside| inside.account),
    })
}

/// What the access tokens of a session say.
fn said_of(sign_in: &SignIn, session: &Session, inside: Option<Inside>) -> NewToken {
    let member = |Inside { account, user, role, .. }| TokenMember { account, user, role };
    NewToken {
        subject: sign_in.id.to_string(),
        email: Some(sign_in.email.clone()),
        email_verified: sign_in.verified,
        first: sign_in.first.clone(),
        last: sign_in.last.clone(),
        session: Some(session.id),
        member: inside.map(member),
        auth_time: session.auth_time(),
        amr: session.amr.clone(),
        ..NewToken::default()
    }
}

impl Record for Tokens {
    fn field(&self, name: &str) -> Option<Value<'_>> {
        match name {
            "accessToken" => Some(Value::Text(&self.access)),
            "expires" => Some(Value::Time(self.expires)),
            "refreshToken" => self.refresh.as_deref().map(Value::Text),
            "session" => Some(Value::Plain(&self.session)),
            "accountId" => self.account.as_ref().map(|account| Value::Plain(account)),
            _ => None,
        }
    }

    fn cookie(&self) -> Option<CookieChange> {
        self.cookie.clone()
    }
}
