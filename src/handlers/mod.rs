//! The use cases behind the endpoints, one file for each noun of the wire.
//!
//! A handler knows neither HTTP nor JSON, and checks no role: every caller that gets here may call it with
//! the fields that it gets. It says what the call means to the store.

pub(crate) mod account;
pub(crate) mod audit;
pub(crate) mod email;
pub(crate) mod export;
pub(crate) mod hold;
pub(crate) mod identity;
pub(crate) mod invite;
pub(crate) mod key;
pub(crate) mod list;
pub(crate) mod mail;
pub(crate) mod password;
pub(crate) mod provider;
pub(crate) mod records;
pub(crate) mod service;
pub(crate) mod session;
pub(crate) mod totp;
pub(crate) mod transfer;
pub(crate) mod trash;
pub(crate) mod user;

use std::{net::IpAddr, sync::Arc};

use crate::{
    admit::reaches_everywhere,
    auth::{BuiltIn, provider::Providers},
    caller::Caller,
    contract::kind::{DEFAULT_LIMIT, MAX_LIMIT},
    cookie::Cookie,
    error::{Code, Error, Fault, Result},
    mail::courier::Courier,
    model::{
        fields::{Fields, Flaw, FromField, FromFields},
        id::AccountId,
        offer::Offer,
        refresh_token::RefreshToken,
    },
    redact::Record,
    store::{
        By, Reach, Store,
        find::select::Selector,
        ledger::guard::FreshCheck,
        ledger::once::Once,
        ledger::page::{Order, PageRequest},
    },
    table::Index,
};

/// What a handler has to work with.
pub(crate) struct Cx {
    /// The business steps.
    pub(crate) store: Arc<Store>,
    /// Who calls.
    pub(crate) caller: Caller,
    /// The name of the call.
    pub(crate) action: &'static str,
    /// Where the call came from.
    pub(crate) address: Option<IpAddr>,
    /// The program that called, as it calls itself.
    pub(crate) agent: Option<String>,
    /// Who signs tokens for those who sign in here.
    pub(crate) issuer: Arc<BuiltIn>,
    /// What the service offers before anyone has signed in.
    pub(crate) offer: Arc<Offer>,
    /// What people can sign in with besides.
    pub(crate) providers: Arc<Providers>,
    /// What takes emails to the mail server.
    pub(crate) courier: Arc<Courier>,
    /// The cookie that the call works with, if it does.
    pub(crate) cookie: Option<Cookie>,
    /// The reservation of a call that is to be carried out once.
    pub(crate) once: Option<Arc<Once>>,
    /// How a step sees whether the person has shown a credential just now.
    pub(crate) fresh: FreshCheck,
}

/// Why the command line finds nothing in a table that nothing has been added to.
const NO_HOME: &str =
    "The home account does not exist yet; the first user or key that is added to it creates it.";

/// What a handler replies.
pub(crate) type Replied = Result<Box<dyn Record>>;

impl Cx {
    /// On whose behalf the store acts.
    fn by(&self) -> By {
        By {
            caller: self.caller.clone(),
            action: self.action,
            address: self.address,
            agent: self.agent.clone(),
            cookie: self.cookie.is_some(),
            once: self.once.clone(),
            fresh: self.fresh.clone(),
        }
    }

    /// The refresh token in the cookie that the call works with.
    fn held(&self) -> Option<&RefreshToken> {
        self.cookie.as_ref()?.token.as_deref()
    }

    /// The account that a call is about: the one it names, or the caller's own.
    fn account(&self, named: Option<AccountId>) -> Result<AccountId> {
        named.or(self.caller.account()).ok_or_else(|| missing("accountId", "name an account"))
    }

    /// As [`Cx::account`]; on the command line, where nobody has an account, the home account.
    ///
    /// # Errors
    /// `not_found` if that does not exist yet: only what adds something to it makes it.
    async fn own_or_home(&self, named: Option<AccountId>) -> Result<AccountId> {
        if named.is_none() && matches!(self.caller, Caller::Operator) {
            let home = self.store.home_account().await?;
            return home.map(|(id, _)| id).ok_or_else(|| Error::new(Code::NotFound, NO_HOME));
        }
        self.account(named)
    }

    /// As [`Cx::own_or_home`], for what adds something to the account: the home account is made if there is none.
    async fn own_or_new_home(&self, named: Option<AccountId>) -> Result<AccountId> {
        if named.is_none() && matches!(self.caller, Caller::Operator) {
            return Ok(self.store.ensure_home(&self.by()).await?);
        }
        self.account(named)
    }

    /// How far the call's selector reaches: into the named account, else into the caller's own. An
    /// operator's ids reach into all of them; what else names a user means something in one account only.
    async fn reach(&self, named: Option<AccountId>, who: &Selector) -> Result<Reach> {
        match named {
            Some(account) => Ok(Reach::Account(account)),
            None if who.id.is_some() && reaches_everywhere(self.caller.role()) => {
                Ok(Reach::Everywhere)
            }
            None => self.own_or_home(None).await.map(Reach::Account),
        }
    }

    /// How far an id reaches that names something else than a user.
    fn reach_of_id(&self, named: Option<AccountId>) -> Result<Reach> {
        match named {
            None if reaches_everywhere(self.caller.role()) => Ok(Reach::Everywhere),
            named => self.account(named).map(Reach::Account),
        }
    }

    /// Whom the call is about; without a selector, the calling user.
    fn one_or_self(&self, who: Selector) -> Result<Selector> {
        if !who.is_empty() {
            return Ok(who);
        }
        let user = self.caller.user();
        user.map(Selector::by_id).ok_or_else(|| missing("id", "an API key is not a user: name one"))
    }
}

fn missing(field: &str, why: &str) -> Error {
    let fault = Fault::new(field, "required", format!("{field} is required: {why}"));
    Error::faults(Code::ValidationFailed, vec![fault])
}

/// Whom a request names by `id` or `email`, one of which it must have.
fn required_selector(fields: &mut Fields) -> Option<Selector> {
    if !fields.has_any(&["id", "email"]) {
        fields.fault("id", "required", "id or email is required");
        return None;
    }
    Some(optional_selector(fields))
}

fn optional_selector(fields: &mut Fields) -> Selector {
    Selector { id: fields.optional("id"), email: fields.optional("email"), ..Selector::default() }
}

/// The page that the query string asks for.
fn page_request(fields: &mut Fields) -> PageRequest {
    PageRequest {
        index: fields.optional("?index").unwrap_or(Index::Primary),
        limit: limit::<MAX_LIMIT>(fields),
        next: fields.optional("?next"),
        prev: fields.optional("?prev"),
        order: fields.optional("?order"),
    }
}

/// Whether the query string asks for it.
fn asks(fields: &mut Fields, name: &str) -> bool {
    fields.optional::<Asked>(name).is_some_and(|asked| asked.0)
}

/// A parameter that is true or false.
struct Asked(bool);

impl FromField for Asked {
    fn from_field(value: serde_json::Value) -> Result<Self, Flaw> {
        match String::from_field(value)?.as_str() {
            "true" => Ok(Self(true)),
            "false" => Ok(Self(false)),
            _ => Err(Flaw::Value("in", "must be true or false".into())),
        }
    }
}

impl FromField for Order {
    fn from_field(value: serde_json::Value) -> Result<Self, Flaw> {
        match String::from_field(value)?.as_str() {
            "asc" => Ok(Self::Rising),
            "desc" => Ok(Self::Falling),
            _ => Err(Flaw::Value("in", "must be asc or desc".into())),
        }
    }
}

/// How many records the page may have, at most `MAX`.
fn limit<const MAX: usize>(fields: &mut Fields) -> usize {
    fields.optional::<Limit<MAX>>("?limit").map_or(DEFAULT_LIMIT, |limit| limit.0)
}

/// A page's size.
struct Limit<const MAX: usize>(usize);

impl<const MAX: usize> FromField for Limit<MAX> {
    fn from_field(value: serde_json::Value) -> Result<Self, Flaw> {
        let limit = String::from_field(value)?.parse().ok();
        limit
            .filter(|limit| (1..=MAX).contains(limit))
            .map(Self)
            .ok_or_else(|| Flaw::Value("range", format!("must be a whole number from 1 to {MAX}")))
    }
}

impl FromField for Index {
    fn from_field(value: serde_json::Value) -> Result<Self, Flaw> {
        match String::from_field(value)?.as_str() {
            "primary" => Ok(Self::Primary),
            "gs1" => Ok(Self::Gs1),
            _ => Err(Flaw::Value("in", "must be primary (by id) or gs1 (by email)".into())),
        }
    }
}

/// A request that names one user, and perhaps the version of it that the caller has seen.
pub(crate) struct OneUser {
    who: Selector,
    version: Option<u64>,
}

impl FromFields for OneUser {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        let who = required_selector(fields);
        let version = fields.optional("version");
        Some(Self { who: who?, version })
    }
}

/// A request without fields.
pub(crate) struct NoFields;

impl FromFields for NoFields {
    fn from_fields(_: &mut Fields) -> Option<Self> {
        Some(Self)
    }
}

/// A request that may name an account other than the caller's own.
pub(crate) struct InAccount<T> {
    account: Option<AccountId>,
    request: T,
}

impl<T: FromFields> FromFields for InAccount<T> {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        let account = fields.optional("accountId");
        let request = T::from_fields(fields);
        Some(Self { account, request: request? })
    }
}
