//! `session/*`: signing in, staying signed in, signing out.

use std::time::Duration;

use super::{
    Cx, InAccount, Replied, missing, optional_selector, page_request, records::PageRecord,
};
use crate::{
    auth::{NewToken, identity::Identity},
    clock::Timestamp,
    error::{Error, Result},
    model::{
        fields::{Fields, FromFields},
        id::SessionId,
        session::{RefreshToken, Session},
    },
    redact::{Record, Value},
    store::{
        entry::sign_in::Offered, find::select::Selector, ledger::page::PageRequest,
        sign_in::session::Grant,
    },
};

/// How long an access token is valid.
const ACCESS_LIFETIME: Duration = Duration::from_mins(15);

/// `session/create`
pub(crate) struct CreateSession(Offered);

impl FromFields for CreateSession {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        let (email, password) = (fields.required("email"), fields.required("password"));
        let second = fields.optional("totp");
        Some(Self(Offered { email: email?, password: password?, second }))
    }
}

/// Signs in.
pub(crate) async fn create(cx: &Cx, call: CreateSession) -> Replied {
    let grant = cx.store.sign_in(&cx.by(), &call.0).await?;
    Ok(Box::new(tokens(cx, &grant)?))
}

/// `session/refresh`
pub(crate) struct RefreshSession(RefreshToken);

impl FromFields for RefreshSession {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        Some(Self(fields.required("refreshToken")?))
    }
}

/// A new access token, and a new refresh token in place of the one shown.
pub(crate) async fn refresh(cx: &Cx, call: RefreshSession) -> Replied {
    let grant = cx.store.refresh_session(&call.0).await?;
    Ok(Box::new(tokens(cx, &grant)?))
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
    Ok(Box::new(PageRecord::new(sessions, |session| SessionRecord::new(cx, session))))
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
    let no_session = || missing("session", "this call is made in none that it could end");
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
    Ok(Box::new(Ended(ended)))
}

/// Ends the session that a person's token is of, whether or not the person is a user.
pub(crate) async fn remove_own(cx: &Cx, identity: &Identity) -> Result<()> {
    if cx.store.end_own_session(&cx.by(), identity).await? {
        return Ok(());
    }
    Err(missing("session", "this call is made in none that it could end"))
}

/// Tokens for whoever has signed in.
pub(super) struct Tokens {
    access: String,
    expires: Timestamp,
    refresh: String,
    session: SessionId,
}

/// The tokens that a grant gives.
pub(super) fn tokens(cx: &Cx, grant: &Grant) -> Result<Tokens> {
    let Grant { sign_in, session, refresh, at } = grant;
    // Others do not ask whether the session goes on.
    let lifetime = ACCESS_LIFETIME.min(session.expires.since(*at));
    let access = cx.issuer.mint(&NewToken {
        subject: sign_in.id.to_string(),
        email: Some(sign_in.email.clone()),
        email_verified: sign_in.verified,
        first: sign_in.first.clone(),
        last: sign_in.last.clone(),
        session: Some(session.id),
        auth_time: Some(session.auth_time()),
        amr: session.amr.clone(),
        lifetime,
    });
    let expires = at.plus(lifetime);
    let access = access.map_err(Error::internal)?;
    Ok(Tokens { access, expires, refresh: refresh.reveal(), session: session.id })
}

impl Record for Tokens {
    fn field(&self, name: &str) -> Option<Value<'_>> {
        match name {
            "accessToken" => Some(Value::Text(&self.access)),
            "expires" => Some(Value::Time(self.expires)),
            "refreshToken" => Some(Value::Text(&self.refresh)),
            "session" => Some(Value::Plain(&self.session)),
            _ => None,
        }
    }
}

pub(super) struct SessionRecord {
    session: Session,
    /// Whether the call is made in it.
    current: bool,
}

impl SessionRecord {
    pub(super) fn new(cx: &Cx, session: Session) -> Self {
        Self { current: cx.caller.session() == Some(session.id), session }
    }
}

impl Record for SessionRecord {
    fn field(&self, name: &str) -> Option<Value<'_>> {
        let session = &self.session;
        match name {
            "id" => Some(Value::Plain(&session.id)),
            "current" => Some(Value::Flag(self.current)),
            "created" => Some(Value::Time(session.created)),
            "used" => Some(Value::Time(session.used)),
            "expires" => Some(Value::Time(session.expires)),
            "address" => session.address.as_deref().map(Value::Text),
            "agent" => session.agent.as_deref().map(Value::Text),
            _ => None,
        }
    }
}

/// How many sessions were ended.
struct Ended(u64);

impl Record for Ended {
    fn field(&self, name: &str) -> Option<Value<'_>> {
        (name == "ended").then_some(Value::Number(self.0))
    }
}
