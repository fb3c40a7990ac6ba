//! Business steps: each builds one atomic transaction, so that it happens whole or not at all.
//!
//! A step reads what it needs, makes the new records from the old ones, and commits with a condition
//! on every version that it has read. A lost race is noticed by the table and the step starts anew,
//! a bounded number of times. Nothing here knows HTTP, JSON requests or the table's engine.

pub mod account;
pub mod change;
pub mod counts;
pub mod entry;
pub mod erase;
pub mod find;
pub mod invite;
pub mod ledger;
pub mod outbox;
pub mod sign_in;
pub mod user;

use std::{sync::Arc, time::Duration};

use tokio::sync::Notify;

pub use self::ledger::{
    conflict::Conflict,
    error::{Error, LoginRefusal, Result},
    guard::{By, Reach},
};
use self::{
    counts::{limits::Limits, numbers::Numbers},
    ledger::{claim::ClaimCache, memory::Callers, once::Onces},
    user::list::Lists,
};
use crate::{
    auth::password::Hasher,
    clock::{Clock, Timestamp},
    model::code::CodeKeys,
    random::Random,
    secret::{Sealer, Secrets},
    table::{Table, cursor::Cursors},
};

/// The business steps over one table.
pub struct Store {
    table: Arc<dyn Table>,
    clock: Clock,
    random: Random,
    rules: Rules,
    codes: Arc<CodeKeys>,
    cursors: Cursors,
    numbers: Numbers,
    callers: Arc<Callers>,
    hasher: Hasher,
    sealed_totp: Sealer,
    letters: Arc<Notify>,
    limits: Arc<Limits>,
    claim_cache: ClaimCache,
    lists: Lists,
    onces: Onces,
}

/// The settings that steps go by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// How long an invite can be accepted.
    pub invite_lifetime: Duration,
    /// How long a removed user is kept.
    pub trash_lifetime: Duration,
    /// Whether an invite may be accepted by the holder of another e-mail.
    pub invite_any_email: bool,
    /// Whether people may make accounts for themselves.
    pub open_registration: bool,
    /// How long somebody stays signed in without coming back.
    pub session_lifetime: Duration,
    /// How long a caller's record may be taken from memory.
    pub caller_lifetime: Duration,
}

impl Store {
    /// The steps over `table`.
    pub fn new(
        table: Arc<dyn Table>,
        clock: Clock,
        random: Random,
        secrets: &Secrets,
        hasher: Hasher,
        rules: Rules,
    ) -> Self {
        let limits = Limits::new(Arc::clone(&table), clock.clone(), random.clone(), secrets);
        Self {
            sealed_totp: Sealer::new(secrets, "totp"),
            hasher,
            codes: Arc::new(CodeKeys::new(secrets)),
            cursors: Cursors::new(secrets),
            numbers: Numbers::default(),
            callers: Arc::new(Callers::new(rules.caller_lifetime)),
            letters: Arc::default(),
            limits: Arc::new(limits),
            claim_cache: ClaimCache::default(),
            lists: Lists::default(),
            onces: Onces::new(secrets),
            table,
            clock,
            random,
            rules,
        }
    }

    /// Whether the table answers.
    pub async fn ready(&self) -> Result<()> {
        Ok(self.table.ready().await?)
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }
}
