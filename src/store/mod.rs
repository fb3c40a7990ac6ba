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

use std::{net::IpAddr, sync::Arc, time::Duration};

use tokio::sync::Notify;

use self::{
    counts::limits::Limits,
    counts::numbers::Numbers,
    ledger::claim::Hints,
    ledger::once::{Once, Onces},
    ledger::step::{Committed, Step},
    sign_in::callers::Callers,
    user::list::Lists,
};
pub use self::{
    ledger::conflict::Conflict,
    ledger::error::{Error, LoginRefusal, Result},
};
use crate::{
    auth::password::Hasher,
    caller::Caller,
    clock::{Clock, Timestamp},
    model::{code::CodeKeys, id::AccountId},
    random::Random,
    role::Role,
    secret::{Sealer, Secrets},
    table::{self, Index, Item, Key, Query, Range, Read, Table, Written, cursor::Cursors},
};

/// How often a step that loses races starts anew before it gives up.
const MAX_TRIES: u32 = 12;

/// The business steps over one table.
pub struct Store {
    table: Arc<dyn Table>,
    clock: Clock,
    random: Random,
    rules: Rules,
    codes: CodeKeys,
    cursors: Cursors,
    numbers: Numbers,
    callers: Arc<Callers>,
    hasher: Hasher,
    sealed_totp: Sealer,
    letters: Arc<Notify>,
    limits: Arc<Limits>,
    hints: Hints,
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

/// On whose behalf a step is taken.
#[derive(Clone, Debug)]
pub struct By {
    /// Who called.
    pub caller: Caller,
    /// The name of the call.
    pub action: &'static str,
    /// Where the call came from.
    pub address: Option<IpAddr>,
    /// The program that called, as it calls itself.
    pub agent: Option<String>,
    /// The reservation of a call that is to be carried out once.
    pub once: Option<Arc<Once>>,
}

impl By {
    fn role(&self) -> Role {
        self.caller.role()
    }
}

/// How far a caller's selectors reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// One account's users.
    Account(AccountId),
    /// Every account's.
    Everywhere,
}

impl Reach {
    fn includes(self, account: AccountId) -> bool {
        match self {
            Self::Account(own) => own == account,
            Self::Everywhere => true,
        }
    }
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
            codes: CodeKeys::new(secrets),
            cursors: Cursors::new(secrets),
            numbers: Numbers::default(),
            callers: Arc::new(Callers::new(rules.caller_lifetime)),
            letters: Arc::default(),
            limits: Arc::new(limits),
            hints: Hints::default(),
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

    /// One record, decoded; `None` if it is absent.
    async fn load<T: ledger::record::Kept>(&self, key: Key) -> Result<Option<T>> {
        match self.table.get(&key, Read::Consistent).await? {
            Some(item) => Ok(Some(ledger::record::decode(&item)?)),
            None => Ok(None),
        }
    }

    /// The first items of a queue that are due; their sort keys begin with [`ledger::layout::due`].
    async fn due(&self, partition: String, limit: usize) -> Result<Vec<Item>> {
        // The character after the separator, so that what is due right now counts.
        let range = Range::Before(format!("{}$", ledger::layout::due(self.now())));
        let query = Query::first(Index::Primary, partition, range, limit);
        Ok(self.table.query(&query).await?.items)
    }

    /// Applies a step's transaction; the node forgets the callers that it changed.
    async fn commit(&self, step: Step) -> Result<Committed> {
        let Step { ops, refusals, touched, has_letters, once, entered: _, changed: _ } = step;
        let table = Arc::clone(&self.table);
        let (callers, letters) = (Arc::clone(&self.callers), Arc::clone(&self.letters));
        // A task of its own: a client that hangs up, or a deadline, ends the waiting, but a write
        // that is on its way happens, and this node has to take note of it.
        let writing = tokio::spawn(async move {
            let written = table.write(ops).await;
            // Also after a failure: whether the write was applied is then not known.
            if !matches!(written, Ok(Written::Refused(_))) {
                for what in &touched {
                    callers.forget(what);
                }
            }
            if let (Some(once), Ok(Written::Done)) = (&once, &written) {
                once.advance();
            }
            if has_letters && matches!(written, Ok(Written::Done)) {
                letters.notify_one();
            }
            written
        });
        let written =
            writing.await.map_err(|error| table::Error::Unavailable(error.to_string()))?;
        match written? {
            Written::Done => Ok(Committed::Done),
            Written::Refused(refused) => match refusals.get(refused.op).copied().flatten() {
                Some(conflict) => Err(Error::Conflict(conflict)),
                None => Ok(Committed::Stale),
            },
        }
    }

    /// Commits a step that is as well done by whoever was faster.
    async fn settle(&self, step: Step) -> Result<()> {
        let (Committed::Done | Committed::Stale) = self.commit(step).await?;
        Ok(())
    }

    /// Counts a step's tries, with a growing pause of random length between them.
    fn tries(&self) -> Tries<'_> {
        Tries { random: &self.random, made: 0 }
    }
}

/// The tries of one step.
struct Tries<'a> {
    random: &'a Random,
    made: u32,
}

impl Tries<'_> {
    /// Begins one more; waits a little before all but the first two.
    ///
    /// # Errors
    /// `Busy` when they are used up.
    async fn next(&mut self) -> Result<()> {
        if self.made >= MAX_TRIES {
            return Err(Error::Busy);
        }
        if self.made > 1 {
            let longest = f64::from(1_u32 << self.made.min(7));
            let pause = Duration::from_secs_f64(self.random.fraction() * longest / 1000.0);
            tokio::time::sleep(pause).await;
        }
        self.made += 1;
        Ok(())
    }
}
