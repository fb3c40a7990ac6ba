//! Business steps: each builds one atomic transaction, so that it happens whole or not at all.
//!
//! A step reads what it needs, makes the new records from the old ones, and commits with a condition
//! on every version that it has read. A lost race is noticed by the table and the step starts anew,
//! a bounded number of times. Nothing here knows HTTP, JSON requests or the table's engine.

pub(crate) mod account;
pub(crate) mod change;
pub(crate) mod counts;
pub(crate) mod entry;
pub(crate) mod erase;
pub(crate) mod find;
pub(crate) mod invite;
pub(crate) mod ledger;
pub(crate) mod outbox;
pub(crate) mod sign_in;
pub(crate) mod user;

use std::{
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use tokio::sync::{Notify, OnceCell};

pub(crate) use self::ledger::{
    conflict::Conflict,
    error::{Error, LoginRefusal, Result},
    guard::{By, Reach},
};
use self::{
    counts::{limits::Limits, numbers::Numbers},
    ledger::{
        claim::ClaimCache, format::Marks, memory::Callers, once::Onces, readiness::Readiness,
        recall::Recalls,
    },
    user::list::Lists,
};
use crate::{
    auth::password::Hasher,
    clock::{Clock, Timestamp},
    metrics::{Refreshes, Refusals},
    model::{code::CodeKeys, session::Lifetimes},
    random::Random,
    secret::{Sealer, Secrets},
    security::Notes,
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
    /// Whether it was read what imported hashes take.
    knows_pace: OnceCell<()>,
    sealed_totp: Sealer,
    /// What seals states and tickets of sign-ins with providers.
    sealed_providers: Sealer,
    letters: Arc<Notify>,
    limits: Arc<Limits>,
    claim_cache: ClaimCache,
    lists: Lists,
    onces: Onces,
    marks: Marks,
    /// When to look for letters that wait for too long.
    recalls: Recalls,
    readiness: Readiness,
    /// Whether it is known that there is, or was, a root user.
    set_up: AtomicBool,
    /// What has become of refreshes, for operators' tools.
    refreshes: Refreshes,
    /// What logs security events.
    notes: Arc<Notes>,
}

/// The settings that steps go by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// How long an invite can be accepted.
    pub(crate) invite_lifetime: Duration,
    /// How long a removed user is kept.
    pub(crate) trash_lifetime: Duration,
    /// Whether an invite may be accepted by the holder of another email.
    pub(crate) invite_any_email: bool,
    /// Whether people may make accounts for themselves.
    pub(crate) open_registration: bool,
    /// How long somebody stays signed in.
    pub(crate) sessions: Lifetimes,
    /// How long a caller's record may be taken from memory.
    pub(crate) caller_lifetime: Duration,
}

impl Store {
    /// The steps over `table`.
    pub(crate) fn new(
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
            sealed_providers: Sealer::new(secrets, "provider"),
            hasher,
            knows_pace: OnceCell::new(),
            codes: Arc::new(CodeKeys::new(secrets)),
            cursors: Cursors::new(secrets),
            numbers: Numbers::default(),
            callers: Arc::new(Callers::new(rules.caller_lifetime)),
            letters: Arc::default(),
            limits: Arc::new(limits),
            claim_cache: ClaimCache::default(),
            lists: Lists::default(),
            onces: Onces::new(secrets),
            marks: Marks::new(secrets),
            recalls: Recalls::default(),
            readiness: Readiness::default(),
            set_up: AtomicBool::new(false),
            refreshes: Refreshes::default(),
            notes: Arc::new(Notes::new(secrets, clock.clone(), Refusals::default())),
            table,
            clock,
            random,
            rules,
        }
    }

    /// The same, which counts refreshes and notes security events there.
    pub(crate) fn counting(self, refreshes: Refreshes, notes: Arc<Notes>) -> Self {
        Self { refreshes, notes, ..self }
    }

    /// Has the log tell how many lines of security events were left out in the minutes that have passed.
    pub(crate) fn sum_up_events(&self) {
        self.notes.sum_up();
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }
}
