//! The native interface as plain data: who may call what, send which field and see which field.
//!
//! This is the only place that says so. Unlisted means forbidden: [`admit`](crate::admit::admit)
//! refuses a field that is not listed, and [`redact`](crate::redact::redact) lets none out. A new endpoint is a row here.

use std::{collections::HashMap, sync::LazyLock};

use crate::{
    error::{Code, Error, Result},
    nearest::did_you_mean,
    role::Role,
};

/// One call of the interface.
#[derive(Debug)]
pub struct Endpoint {
    /// `noun/verb`, its path below the base path.
    pub name: &'static str,
    /// The operation behind it.
    pub call: Call,
    /// Who may call it.
    pub admission: Admission,
    /// Whether it changes anything; a read-only key may not call one that does.
    pub effect: Effect,
    /// The fields of the request's body.
    pub request: &'static [RequestField],
    /// The parameters of the query string.
    pub query: &'static [&'static str],
    /// The fields of the reply.
    pub reply: &'static [ReplyField],
}

/// The operations, one for each endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is described by its row")]
pub enum Call {
    AccountGet,
    AccountUpdate,
    InviteCheck,
    KeyCreate,
    TrashFind,
    TrashRestore,
    UserCreate,
    UserFind,
    UserGet,
    UserLogin,
    UserRemove,
    UserUpdate,
    UserUpdateRole,
}

/// Who may call an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// Anybody; a token is not looked at.
    Anyone,
    /// Whoever shows an identity token, user or not.
    Identity,
    /// Users and keys of at least this role.
    Role(Role),
}

/// What an endpoint does to the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It only looks.
    Read,
    /// It may change something.
    Change,
}

/// A field of a request.
#[derive(Debug)]
pub struct RequestField {
    /// Its name.
    pub name: &'static str,
    /// Who may send it.
    pub sender: Sender,
}

/// Who may send a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sender {
    /// Callers of at least this role.
    Role(Role),
    /// Callers of at least this role, and everybody who names just the own id in it.
    OwnIdOr(Role),
}

/// A field of a reply.
#[derive(Debug)]
pub struct ReplyField {
    /// Its name.
    pub name: &'static str,
    /// Who sees it. Everybody sees all of the own record.
    pub role: Role,
    /// Whether it is seen only in records of users that the viewer may act on.
    pub within_reach: bool,
    /// The fields of the record, or of each record of the list, in it.
    pub inner: &'static [ReplyField],
}

const fn send(name: &'static str, role: Role) -> RequestField {
    RequestField { name, sender: Sender::Role(role) }
}

const fn own_id_or(name: &'static str, role: Role) -> RequestField {
    RequestField { name, sender: Sender::OwnIdOr(role) }
}

const fn see(name: &'static str, role: Role) -> ReplyField {
    ReplyField { name, role, within_reach: false, inner: &[] }
}

const fn see_within_reach(name: &'static str, role: Role) -> ReplyField {
    ReplyField { name, role, within_reach: true, inner: &[] }
}

const fn record(name: &'static str, inner: &'static [ReplyField]) -> ReplyField {
    ReplyField { name, role: Role::Public, within_reach: false, inner }
}

const USER: &[ReplyField] = &[
    see("id", Role::User),
    see("accountId", Role::User),
    see("email", Role::Admin),
    see("first", Role::User),
    see("last", Role::User),
    see("role", Role::User),
    see("state", Role::User),
    see("username", Role::Admin),
    see("externalId", Role::Admin),
    see("number", Role::Admin),
    see("language", Role::Admin),
    // Whoever knows the code can come in with the role that it gives.
    see_within_reach("invite", Role::Admin),
    see("activity", Role::Admin),
    see("preferences", Role::Admin),
    see("twoFactor", Role::Admin),
    see("created", Role::Admin),
    see("updated", Role::Admin),
    see("version", Role::Admin),
    see("purgeAfter", Role::Admin),
];

const USERS: &[ReplyField] =
    &[record("data", USER), see("next", Role::User), see("prev", Role::User)];

const ACCOUNT: &[ReplyField] = &[
    see("id", Role::User),
    see("name", Role::User),
    see("state", Role::User),
    see("settings", Role::Admin),
    see("created", Role::User),
    see("version", Role::User),
];

/// Who has just logged in is at least a user of the account in the reply.
const LOGIN: &[ReplyField] = &[record("account", ACCOUNT), record("user", USER)];

const INVITE: &[ReplyField] = &[
    see("email", Role::Public),
    see("accountName", Role::Public),
    see("role", Role::Public),
    see("expires", Role::Public),
];

const NEW_KEY: &[ReplyField] = &[
    see("key", Role::Admin),
    see("id", Role::Admin),
    see("accountId", Role::Admin),
    see("name", Role::Admin),
    see("role", Role::Admin),
    see("access", Role::Admin),
    see("created", Role::Admin),
    see("expires", Role::Admin),
];

const PAGE: &[&str] = &["index", "limit", "next", "prev"];

/// The interface: every endpoint, by name.
pub const ENDPOINTS: &[Endpoint] = &[
    Endpoint {
        name: "account/get",
        call: Call::AccountGet,
        admission: Admission::Role(Role::User),
        effect: Effect::Read,
        request: &[send("accountId", Role::Root)],
        query: &[],
        reply: ACCOUNT,
    },
    Endpoint {
        name: "account/update",
        call: Call::AccountUpdate,
        admission: Admission::Role(Role::Admin),
        effect: Effect::Change,
        request: &[
            send("accountId", Role::Root),
            send("name", Role::Admin),
            send("settings", Role::Admin),
            send("version", Role::Admin),
        ],
        query: &[],
        reply: ACCOUNT,
    },
    Endpoint {
        name: "invite/check",
        call: Call::InviteCheck,
        admission: Admission::Anyone,
        effect: Effect::Read,
        request: &[send("invite", Role::Public)],
        query: &[],
        reply: INVITE,
    },
    Endpoint {
        name: "key/create",
        call: Call::KeyCreate,
        admission: Admission::Role(Role::Admin),
        effect: Effect::Change,
        request: &[
            send("accountId", Role::Root),
            send("name", Role::Admin),
            send("role", Role::Admin),
            send("access", Role::Admin),
            send("expires", Role::Admin),
        ],
        query: &[],
        reply: NEW_KEY,
    },
    Endpoint {
        name: "trash/find",
        call: Call::TrashFind,
        admission: Admission::Role(Role::Admin),
        effect: Effect::Read,
        request: &[
            send("accountId", Role::Root),
            send("email", Role::Admin),
            send("id", Role::Admin),
        ],
        query: PAGE,
        reply: USERS,
    },
    Endpoint {
        name: "trash/restore",
        call: Call::TrashRestore,
        admission: Admission::Role(Role::Admin),
        effect: Effect::Change,
        request: &[
            send("accountId", Role::Root),
            send("email", Role::Admin),
            send("id", Role::Admin),
            send("version", Role::Admin),
        ],
        query: &[],
        reply: USER,
    },
    Endpoint {
        name: "user/create",
        call: Call::UserCreate,
        admission: Admission::Role(Role::Admin),
        effect: Effect::Change,
        request: &[
            send("accountId", Role::Root),
            send("email", Role::Admin),
            send("first", Role::Admin),
            send("last", Role::Admin),
            send("role", Role::Admin),
            send("username", Role::Admin),
            send("externalId", Role::Admin),
            send("language", Role::Admin),
            send("preferences", Role::Admin),
            send("sendInvite", Role::Admin),
        ],
        query: &[],
        reply: USER,
    },
    Endpoint {
        name: "user/find",
        call: Call::UserFind,
        admission: Admission::Role(Role::User),
        effect: Effect::Read,
        request: &[
            send("accountId", Role::Root),
            send("email", Role::Admin),
            send("id", Role::Admin),
            send("role", Role::Admin),
            send("state", Role::Admin),
            send("search", Role::Admin),
        ],
        query: PAGE,
        reply: USERS,
    },
    Endpoint {
        name: "user/get",
        call: Call::UserGet,
        admission: Admission::Role(Role::User),
        effect: Effect::Read,
        request: &[
            send("accountId", Role::Root),
            send("email", Role::Admin),
            own_id_or("id", Role::Admin),
            send("username", Role::Admin),
            send("externalId", Role::Admin),
            send("number", Role::Admin),
        ],
        query: &[],
        reply: USER,
    },
    Endpoint {
        name: "user/login",
        call: Call::UserLogin,
        admission: Admission::Identity,
        effect: Effect::Change,
        request: &[
            send("invite", Role::Public),
            send("register", Role::Public),
            send("account", Role::Public),
            send("first", Role::Public),
            send("last", Role::Public),
        ],
        query: &[],
        reply: LOGIN,
    },
    Endpoint {
        name: "user/remove",
        call: Call::UserRemove,
        admission: Admission::Role(Role::Admin),
        effect: Effect::Change,
        request: &[
            send("accountId", Role::Root),
            send("email", Role::Admin),
            send("id", Role::Admin),
            send("version", Role::Admin),
        ],
        query: &[],
        reply: USER,
    },
    Endpoint {
        name: "user/update",
        call: Call::UserUpdate,
        admission: Admission::Role(Role::User),
        effect: Effect::Change,
        request: &[
            send("accountId", Role::Root),
            send("email", Role::Admin),
            own_id_or("id", Role::Admin),
            send("first", Role::User),
            send("last", Role::User),
            send("preferences", Role::User),
            send("language", Role::User),
            send("username", Role::User),
            send("newEmail", Role::Admin),
            send("externalId", Role::Admin),
            send("state", Role::Admin),
            send("version", Role::User),
        ],
        query: &[],
        reply: USER,
    },
    Endpoint {
        name: "user/updateRole",
        call: Call::UserUpdateRole,
        admission: Admission::Role(Role::Admin),
        effect: Effect::Change,
        request: &[
            send("accountId", Role::Root),
            send("email", Role::Admin),
            send("id", Role::Admin),
            send("role", Role::Admin),
            send("sendInvite", Role::Admin),
            send("version", Role::Admin),
        ],
        query: &[],
        reply: USER,
    },
];

static BY_NAME: LazyLock<HashMap<&str, &Endpoint>> =
    LazyLock::new(|| ENDPOINTS.iter().map(|endpoint| (endpoint.name, endpoint)).collect());

/// The endpoint of that name.
///
/// # Errors
/// `not_found`, naming the nearest one.
pub fn endpoint(name: &str) -> Result<&'static Endpoint> {
    BY_NAME.get(name).copied().ok_or_else(|| {
        let shown: String = name.chars().take(60).collect();
        let hint = did_you_mean(name, ENDPOINTS.iter().map(|endpoint| endpoint.name));
        Error::new(Code::NotFound, format!("There is no call {shown}.{hint}"))
    })
}
