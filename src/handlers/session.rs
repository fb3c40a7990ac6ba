//! `session/*`: signing in, staying signed in, signing out.

mod confirm;
mod tokens;

use std::time::Duration;

pub(crate) use self::confirm::{code, confirm};
use self::tokens::beside;
pub(super) use self::tokens::{Tokens, begun, tokens};
use super::{
    Cx, InAccount, Replied, missing, optional_selector, page_request, records::PageRecord,
};
use crate::{
    auth::{NewToken, identity::Identity, token::is_audience},
    cookie::CookieChange,
    error::{Code, Error, Fault, Result},
    model::{
        fields::{Fields, Flaw, FromField, FromFields},
        id::{AccountId, SessionId},
        refresh_token::RefreshToken,
    },
    redact::{Record, Value},
    store::{
        entry::sign_in::Offered, find::select::Selector, ledger::page::PageRequest,
        sign_in::session::Seen,
    },
};

/// How long an access token for another service is valid, which does not ask whether its session goes on.
const ELSEWHERE_LIFETIME: Duration = Duration::from_mins(5);

/// `session/create`
pub(crate) struct CreateSession {
    shown: Offered,
    account: Option<AccountId>,
}

impl FromFields for CreateSession {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        read_cookie(fields);
        let (email, password) = (fields.required("email"), fields.required("password"));
        let second = fields.optional("totp");
        let account = fields.optional("accountId");
        Some(Self { shown: Offered { email: email?, password: password?, second }, account })
    }
}

/// Signs in.
pub(crate) async fn create(cx: &Cx, call: CreateSession) -> Replied {
    let grant = cx.store.sign_in(&cx.by(), &call.shown, call.account).await?;
    Ok(Box::new(begun(cx, &grant).await?))
}

/// Reads what admission has acted on: whether the refresh token is to be in the cookie.
pub(super) fn read_cookie(fields: &mut Fields) {
    let _: Option<bool> = fields.optional("cookie");
}

/// `session/refresh`
pub(crate) struct RefreshSession {
    /// None where it is in the cookie.
    token: Option<RefreshToken>,
    account: Option<AccountId>,
    /// The session that is meant: another may have taken its cookie over.
    session: Option<SessionId>,
}

impl FromFields for RefreshSession {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        let (token, account) = (fields.optional("refreshToken"), fields.optional("accountId"));
        Some(Self { token, account, session: fields.optional("session") })
    }
}

/// A new access token, and a new refresh token in place of the one shown.
pub(crate) async fn refresh(cx: &Cx, call: RefreshSession) -> Replied {
    let token =
        call.token.as_ref().or(cx.held()).ok_or_else(|| missing("refreshToken", "send one"))?;
    of_session(token, call.session)?;
    let grant = cx.store.refresh_session(&cx.by(), token, call.account).await?;
    Ok(Box::new(tokens(cx, &grant)?))
}

/// Whether a refresh token is of the session that a call names, if it names one.
///
/// # Errors
/// `session_replaced`
fn of_session(token: &RefreshToken, session: Option<SessionId>) -> Result<()> {
    if session.is_none_or(|session| session == token.id) {
        return Ok(());
    }
    let why = "The cookie belongs to another session: someone else has signed in here since. Sign in again.";
    Err(Error::new(Code::SessionReplaced, why))
}

/// `session/token`
pub(crate) struct ExchangeToken {
    account: Option<AccountId>,
    audience: Option<Audience>,
}

/// The name of another service.
struct Audience(String);

impl FromField for Audience {
    fn from_field(value: serde_json::Value) -> Result<Self, Flaw> {
        let text = String::from_field(value)?;
        let why = "must be one of the setting audiences, 1 to 255 ASCII characters without spaces";
        is_audience(&text).then_some(Self(text)).ok_or_else(|| Flaw::Value("format", why.into()))
    }
}

impl FromFields for ExchangeToken {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        Some(Self { account: fields.optional("accountId"), audience: fields.optional("audience") })
    }
}

/// An access token that does not outlive the one that was shown.
pub(crate) async fn token(cx: &Cx, identity: &Identity, call: ExchangeToken) -> Replied {
    let ExchangeToken { account, audience } = call;
    let audience = audience.map(|Audience(name)| name);
    if identity.session.is_none() {
        let why = "Only access tokens from session/create and session/refresh can be exchanged.";
        return Err(Error::new(Code::Forbidden, why));
    }
    if let Some(audience) = &audience
        && !cx.issuer.audiences().contains(audience)
    {
        let why = "audience must be one of the services in the setting audiences";
        let fault = Fault::new("audience", "in", why);
        return Err(Error::faults(Code::ValidationFailed, vec![fault]));
    }
    let exchange = cx.store.exchange(&cx.by(), identity, account).await?;
    // Without the leeway that calls have: else a token could be exchanged for ever.
    let left = identity.expires.min(exchange.session.expires).since(exchange.at);
    if left.is_zero() {
        return Err(Error::new(Code::Unauthenticated, "The token has expired."));
    }
    let lifetime = if audience.is_some() { left.min(ELSEWHERE_LIFETIME) } else { left };
    let tokens = beside(cx, &exchange, exchange.at.plus(lifetime), |said| NewToken {
        audience,
        // What has been shown since is said by the tokens of those who have shown it.
        auth_time: identity.auth_time,
        amr: identity.amr.clone(),
        ..said
    })?;
    Ok(Box::new(tokens))
}

/// `session/find`
pub(crate) struct FindSessions {
    who: Selector,
    page: PageRequest,
}

impl FromFields for FindSessions {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        Some(Self { who: optional_selector(fields), page: page_request(fields) })
    }
}

/// A page of somebody's sessions, the latest first.
pub(crate) async fn find(cx: &Cx, call: InAccount<FindSessions>) -> Replied {
    let FindSessions { who, page } = call.request;
    let who = cx.one_or_self(who)?;
    let reach = cx.reach(call.account, &who).await?;
    let sessions = cx.store.sessions(&cx.by(), reach, &who, &page).await?;
    Ok(Box::new(PageRecord::new(sessions, |seen| SessionRecord::new(cx, seen))))
}

/// `session/remove`
pub(crate) struct RemoveSession {
    who: Selector,
    which: Which,
}

/// Which sessions are to end.
enum Which {
    /// The one that the call is made in.
    Current,
    /// This one.
    One(SessionId),
    /// All but the one that the call is made in.
    Others,
}

impl FromFields for RemoveSession {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        let who = optional_selector(fields);
        let session = fields.optional("session");
        let others = fields.optional("others").unwrap_or(false);
        let which = match (session, others) {
            (None, false) => Which::Current,
            (Some(session), false) => Which::One(session),
            (None, true) => Which::Others,
            (Some(_), true) => {
                fields.fault("others", "unexpected", "send either session or others");
                return None;
            }
        };
        Some(Self { who, which })
    }
}

/// Ends sessions: without more said, the one that the call is made in.
pub(crate) async fn remove(cx: &Cx, call: InAccount<RemoveSession>) -> Replied {
    let RemoveSession { who, which } = call.request;
    let current = cx.caller.session();
    let no_session = || {
        missing(
            "session",
            "this call does not come from a session, so it cannot end one; name the \
        session",
        )
    };
    let who = cx.one_or_self(who)?;
    let reach = cx.reach(call.account, &who).await?;
    let by = cx.by();
    let ended = match which {
        Which::Others => cx.store.end_other_sessions(&by, reach, &who, current).await?,
        Which::Current => {
            let current = current.ok_or_else(no_session)?;
            cx.store.end_session(&by, reach, &who, current).await?
        }
        Which::One(session) => cx.store.end_session(&by, reach, &who, session).await?,
    };
    let is_held = |id| cx.held().is_some_and(|token| token.id == id);
    let clears = match which {
        Which::Current => current.is_some_and(is_held),
        Which::One(session) => is_held(session),
        Which::Others => false,
    };
    Ok(Box::new(Ended { sessions: ended, clears }))
}

/// Ends the session whose refresh token is in the cookie.
///
/// # Errors
/// `unauthenticated` if it has ended; `session_replaced` if the call names another one.
pub(crate) async fn remove_held(cx: &Cx, token: &RefreshToken, call: RemoveSession) -> Replied {
    let named = if let Which::One(session) = call.which { Some(session) } else { None };
    of_session(token, named)?;
    Box::pin(cx.store.end_session_of(&cx.by(), token)).await?;
    Ok(Box::new(Ended { sessions: 1, clears: true }))
}

/// Ends the session that a person's token is of, whether or not the person is a user.
pub(crate) async fn remove_own(cx: &Cx, identity: &Identity) -> Replied {
    if cx.store.end_own_session(&cx.by(), identity).await? {
        let clears = cx.held().is_some_and(|token| Some(token.id) == identity.session);
        return Ok(Box::new(Ended { sessions: 1, clears }));
    }
    Err(missing(
        "session",
        "this call does not come from a session, so it cannot end one; name the session",
    ))
}

pub(super) struct SessionRecord {
    seen: Seen,
    /// Whether the call is made in it.
    current: bool,
}

impl SessionRecord {
    pub(super) fn new(cx: &Cx, seen: Seen) -> Self {
        let current = match &seen {
            Seen::Session(session) => cx.caller.session() == Some(session.id),
            Seen::Entry(_) => false,
        };
        Self { seen, current }
    }
}

impl Record for SessionRecord {
    fn field(&self, name: &str) -> Option<Value<'_>> {
        match (name, &self.seen) {
            ("current", _) => Some(Value::Flag(self.current)),
            ("id", Seen::Session(session)) => Some(Value::Plain(&session.id)),
            ("created", Seen::Session(session)) => Some(Value::Time(session.created)),
            ("used", Seen::Session(session)) => Some(Value::Time(session.used)),
            ("expires", Seen::Session(session)) => Some(Value::Time(session.expires)),
            ("address", Seen::Session(session)) => session.address.as_deref().map(Value::Text),
            ("agent", Seen::Session(session)) => session.agent.as_deref().map(Value::Text),
            ("id", Seen::Entry(entry)) => Some(Value::Plain(&entry.id)),
            ("created", Seen::Entry(entry)) => Some(Value::Time(entry.since)),
            ("used", Seen::Entry(entry)) => Some(Value::Time(entry.used)),
            ("address", Seen::Entry(entry)) => entry.address.as_deref().map(Value::Text),
            ("agent", Seen::Entry(entry)) => entry.agent.as_deref().map(Value::Text),
            (_, _) => None,
        }
    }
}

/// How many sessions were ended.
struct Ended {
    sessions: u64,
    /// Whether the cookie's is among them.
    clears: bool,
}

impl Record for Ended {
    fn field(&self, name: &str) -> Option<Value<'_>> {
        (name == "ended").then_some(Value::Number(self.sessions))
    }

    fn cookie(&self) -> Option<CookieChange> {
        self.clears.then_some(CookieChange::Clear)
    }
}
