//! The native interface as plain data: who may call what, send which field and see which field, and what
//! values these have.
//!
//! This is the only place that says so; [`openapi`](crate::openapi) says it in the words of OpenAPI.
//! Unlisted means forbidden: [`admit`](crate::admit::admit) refuses a field that is not listed, and
//! [`redact`](crate::redact::redact) lets none out. A new endpoint is a row in its noun's file.

mod account;
mod audit;
mod batch;
mod call;
mod codes;
mod cookie_use;
mod fresh;
mod hold;
mod identity;
mod invite;
mod key;
pub mod kind;
mod mail;
mod paging;
mod password;
mod provider;
mod records;
mod rule;
mod schema;
mod service;
mod session;
mod totp;
mod trash;
mod user;

use std::{collections::HashMap, sync::LazyLock};

pub use self::{
    batch::{BATCHED, MAX_BATCH},
    call::Call,
    cookie_use::CookieUse,
    fresh::Fresh,
    paging::Parameter,
    records::TWO_FACTOR,
    rule::{Rule, Term},
};
use self::{
    kind::{Kind, Shape, named},
    paging::{PAGE, PAGE_BY_NUMBER, PAGE_IN_ORDER, PAGE_ONE_WAY, PAGE_WITH_NAMES},
};
use crate::{
    error::{Code, Error, Result},
    nearest::did_you_mean,
    role::Role,
};

/// One call of the interface.
#[derive(Clone, Copy, Debug)]
pub struct Endpoint {
    /// `noun/verb`, its path below the base path.
    pub name: &'static str,
    /// What it does, in a few words.
    pub summary: &'static str,
    /// The operation behind it.
    pub call: Call,
    /// Who may call it.
    pub admission: Admission,
    /// Whether it changes anything; a read-only key may not call one that does.
    pub effect: Effect,
    /// Whether it takes an `Idempotency-Key`. Not so what replies tokens to a stranger: another who
    /// sends the same must show again what it takes to get them.
    pub repeatable: bool,
    /// What it has to do with the cookie of browsers.
    pub cookie: CookieUse,
    /// If one of these is so, the person who makes it must have shown a credential just now.
    pub fresh: &'static [Fresh],
    /// The fields of the request's body.
    pub request: &'static [RequestField],
    /// Which of them go together.
    pub rules: &'static [Rule],
    /// The parameters of the query string.
    pub query: &'static [Parameter],
    /// The reply.
    pub reply: Shape,
    /// What it can fail with, besides what every call like it can.
    pub fails: &'static [Code],
}

/// Who may call an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// Anybody; a token is not looked at.
    Anyone,
    /// A caller with an identity token, user or not.
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
#[derive(Clone, Copy, Debug)]
pub struct RequestField {
    /// Its name.
    pub name: &'static str,
    /// Who may send it.
    pub sender: Sender,
    /// What its value is.
    pub kind: Kind,
    /// Whether it must be there. Of what need not, null is the same as nothing.
    pub required: bool,
    /// What null says, and an empty text where it is as good as null.
    pub empty: Empty,
    /// Whether it is one of the fields that say what the call is about.
    pub selects: bool,
}

/// What an optional field says by null, or by an empty text where that is as good as null.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Empty {
    /// The same as if it were not there.
    SaysNothing,
    /// It takes the value away that the record has.
    Clears,
    /// Null is as good as nothing; an empty text is no value of what always has one.
    IsNoValue,
}

/// Who may send a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sender {
    /// Callers of at least this role.
    Role(Role),
    /// Callers of at least this role, and everybody who names just the own id in it.
    OwnIdOr(Role),
    /// Callers of at least this role, and every user who names just the own email in it, as it is.
    OwnEmailOr(Role),
}

impl Sender {
    /// The lowest role of those who may send anything in it.
    pub const fn role(self) -> Role {
        match self {
            Self::Role(role) | Self::OwnIdOr(role) | Self::OwnEmailOr(role) => role,
        }
    }
}

/// A field of a reply.
#[derive(Clone, Copy, Debug)]
pub struct ReplyField {
    /// Its name.
    pub name: &'static str,
    /// Who sees it. Everybody sees all of the own record.
    pub role: Role,
    /// Whether it is seen only in records of users that the viewer may act on.
    pub within_reach: bool,
    /// Whether it opens something to its reader, so that a read-only key does not see it.
    pub opens: bool,
    /// Whether every such record has it.
    pub presence: Presence,
    /// What its value is.
    pub kind: Kind,
}

/// Which records of a kind have a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Some of them.
    Sometimes,
    /// All of them, but not every viewer sees it.
    Present,
    /// All of them, and every viewer sees it.
    Always,
}

/// The fields of a call that is about one user.
const ONE_USER: &[RequestField] = &[
    send("accountId", Role::Root),
    send("email", Role::Admin),
    send("id", Role::Admin),
    send("version", Role::Admin),
];
/// It is named by at least one of the two.
const ID_OR_EMAIL: Rule = Rule::OneOf(&[&["id"], &["email"]]);

/// Of a call that takes a fresh sign-in, whatever is sent.
const ALWAYS: &[Fresh] = &[Fresh::Always];

const fn read(name: &'static str, call: Call, role: Role) -> Endpoint {
    row(name, call, Admission::Role(role), Effect::Read)
}

const fn change(name: &'static str, call: Call, role: Role) -> Endpoint {
    row(name, call, Admission::Role(role), Effect::Change)
}

const fn anyone(name: &'static str, call: Call) -> Endpoint {
    row(name, call, Admission::Anyone, Effect::Change)
}

const fn row(name: &'static str, call: Call, admission: Admission, effect: Effect) -> Endpoint {
    let repeatable = matches!(effect, Effect::Change);
    Endpoint {
        name,
        summary: "",
        call,
        admission,
        effect,
        repeatable,
        cookie: CookieUse::None,
        fresh: &[],
        request: &[],
        rules: &[],
        query: &[],
        reply: records::NOTHING,
        fails: &[],
    }
}

impl Endpoint {
    /// The names of what its reply has and its request has not.
    pub fn only_replied(&self) -> impl Iterator<Item = &'static str> {
        let sent = |name| self.request.iter().any(|field| field.name == name);
        self.reply.fields.iter().map(|field| field.name).filter(move |name| !sent(*name))
    }

    const fn does(self, summary: &'static str) -> Self {
        Self { summary, ..self }
    }

    const fn takes(self, request: &'static [RequestField]) -> Self {
        Self { request, ..self }
    }

    const fn rules(self, rules: &'static [Rule]) -> Self {
        Self { rules, ..self }
    }

    const fn fails(self, fails: &'static [Code]) -> Self {
        Self { fails, ..self }
    }

    /// One of these takes a fresh sign-in.
    const fn fresh(self, fresh: &'static [Fresh]) -> Self {
        Self { fresh, ..self }
    }

    const fn cookie(self, cookie: CookieUse) -> Self {
        Self { cookie, ..self }
    }

    /// It does not take an `Idempotency-Key`.
    const fn unrepeatable(self) -> Self {
        Self { repeatable: false, ..self }
    }

    const fn replies(self, reply: Shape) -> Self {
        Self { reply, ..self }
    }

    /// It replies a page, in a walk of an index that the caller chooses.
    const fn pages(self) -> Self {
        Self { query: PAGE, ..self }
    }

    /// It replies a page, in the one order that there is.
    const fn pages_in_order(self) -> Self {
        Self { query: PAGE_IN_ORDER, ..self }
    }

    /// It replies a page, in the one order that there is, and names for its ids.
    const fn pages_with_names(self) -> Self {
        Self { query: PAGE_WITH_NAMES, ..self }
    }

    /// It replies a page, and its pages follow each other one way only.
    const fn pages_one_way(self) -> Self {
        Self { query: PAGE_ONE_WAY, ..self }
    }

    /// It replies a page by its number, in an order that the caller chooses.
    const fn pages_by_number(self) -> Self {
        Self { query: PAGE_BY_NUMBER, ..self }
    }
}

const fn send(name: &'static str, role: Role) -> RequestField {
    let sender = Sender::Role(role);
    let kind = named(name);
    RequestField { name, sender, kind, required: false, empty: Empty::SaysNothing, selects: false }
}

const fn own_id_or(name: &'static str, role: Role) -> RequestField {
    RequestField { sender: Sender::OwnIdOr(role), ..send(name, role) }
}

const fn own_email_or(name: &'static str, role: Role) -> RequestField {
    RequestField { sender: Sender::OwnEmailOr(role), ..send(name, role) }
}

impl RequestField {
    /// It must be there.
    const fn required(self) -> Self {
        Self { required: true, ..self }
    }

    /// It says what the call is about.
    const fn selects(self) -> Self {
        Self { selects: true, ..self }
    }

    /// Whether null takes the value away.
    pub const fn can_clear(&self) -> bool {
        matches!(self.empty, Empty::Clears)
    }

    /// Whether an empty text is as good as null in it: of free texts that may be missing, which forms send
    /// so.
    pub const fn takes_blank(&self) -> bool {
        self.kind.is_free_text()
            && !self.required
            && !self.selects
            && !matches!(self.empty, Empty::IsNoValue)
    }

    /// What it is of always has a value, so that an empty text is none.
    const fn lasts(self) -> Self {
        Self { empty: Empty::IsNoValue, ..self }
    }

    /// Null, or an empty text where it is as good as null, takes the value away.
    const fn clears(self) -> Self {
        Self { empty: Empty::Clears, ..self }
    }

    /// It is of another kind than its name says.
    const fn is(self, kind: Kind) -> Self {
        Self { kind, ..self }
    }
}

impl ReplyField {
    /// The fields of the record, or of each record of the list, in it.
    pub const fn inner(&self) -> &'static [Self] {
        if let Kind::Record(shape) | Kind::List(shape) = self.kind { shape.fields } else { &[] }
    }
}

/// The endpoints, noun by noun.
const NOUNS: &[&[Endpoint]] = &[
    account::ENDPOINTS,
    audit::ENDPOINTS,
    batch::ENDPOINTS,
    hold::ENDPOINTS,
    identity::ENDPOINTS,
    invite::ENDPOINTS,
    key::ENDPOINTS,
    mail::ENDPOINTS,
    password::ENDPOINTS,
    provider::ENDPOINTS,
    service::ENDPOINTS,
    session::ENDPOINTS,
    totp::ENDPOINTS,
    trash::ENDPOINTS,
    user::ENDPOINTS,
];

/// The interface: every endpoint, by name.
pub fn endpoints() -> impl Iterator<Item = &'static Endpoint> {
    NOUNS.iter().copied().flatten()
}

static BY_NAME: LazyLock<HashMap<&str, &Endpoint>> =
    LazyLock::new(|| endpoints().map(|endpoint| (endpoint.name, endpoint)).collect());

/// The endpoint of that name.
///
/// # Errors
/// `not_found`, naming the nearest one.
pub fn endpoint(name: &str) -> Result<&'static Endpoint> {
    BY_NAME.get(name).copied().ok_or_else(|| {
        let shown: String = name.chars().take(60).collect();
        let hint = did_you_mean(name, endpoints().map(|endpoint| endpoint.name));
        Error::new(Code::NotFound, format!("There is no call {shown}.{hint}"))
    })
}
