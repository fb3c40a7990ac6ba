//! The writer thread: takes the transactions that wait, and makes them durable in one commit.
//!
//! Within the group each transaction sees what the earlier ones did, and fails or is refused
//! without a trace and without harm to the others: one that is refused has changed nothing yet, and if
//! one fails half-way the group is rolled back, and each is committed by itself. Savepoints would save
//! that, but keep a copy of every page that is changed, for something that hardly ever happens.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use rusqlite::{Connection, Transaction, TransactionBehavior};
use serde_json::{Map, Value};
use tokio::sync::{mpsc, oneshot};

use super::{Checkpoint, Error, Health, Item, Key, Op, Result, Room, row, stamper::Stamper};
use crate::{
    clock::{Clock, Moment, confirmed::ConfirmedClock},
    table::{Condition, Refused},
    tasks::Task,
};

/// The most transactions in one commit, so that the first does not wait long for the last.
const GROUP: usize = 256;
/// How often to look for expired items, and how many of them one commit removes.
const SWEEP_PAUSE: Duration = Duration::from_mins(1);
const SWEEP_ITEMS: usize = 100;

/// A transaction that waits.
pub(super) struct Job {
    pub(super) ops: Vec<Op>,
    pub(super) reply: oneshot::Sender<Result<Outcome>>,
}

/// How a transaction ended.
pub(super) enum Outcome {
    /// It is durable; `sum` is the new value of the number that it added to last.
    Done { sum: Option<i64> },
    /// A condition did not hold.
    Refused(Refused),
}

pub(super) struct Writer {
    connection: Connection,
    clock: Clock,
    /// What is swept is gone also if the clock was wrong.
    confirmed: ConfirmedClock,
    checkpoint: Checkpoint,
    commits: Arc<AtomicU64>,
    health: Arc<Health>,
    stamper: Stamper,
    room: Room,
    swept: Option<Moment>,
}

impl Writer {
    pub(super) fn new(
        connection: Connection,
        clock: Clock,
        checkpoint: Checkpoint,
        commits: Arc<AtomicU64>,
        health: Arc<Health>,
        stamper: Stamper,
        room: Room,
    ) -> Self {
        connection.set_prepared_statement_cache_capacity(32);
        let confirmed = ConfirmedClock::new(clock.clone());
        let swept = None;
        Self { connection, clock, confirmed, checkpoint, commits, health, stamper, room, swept }
    }

    /// Works until the other end of the channel is gone and nothing waits any more.
    ///
    /// A panic leaves the callers of one group without an answer, since it is not known what was written; a
    /// group is never done twice.
    pub(super) fn run(mut self, mut waiting: mpsc::Receiver<Job>, task: &Task) {
        while let Some(first) = waiting.blocking_recv() {
            task.guard(|| self.group(first, &mut waiting));
        }
    }

    /// Does the first transaction and those that wait behind it.
    fn group(&mut self, first: Job, waiting: &mut mpsc::Receiver<Job>) {
        let (mut transactions, mut replies) = (vec![first.ops], vec![first.reply]);
        while transactions.len() < GROUP
            && let Ok(job) = waiting.try_recv()
        {
            transactions.push(job.ops);
            replies.push(job.reply);
        }
        for (reply, outcome) in replies.into_iter().zip(self.commit_each(&transactions)) {
            // A caller that has gone away does not want to know.
            let _gone = reply.send(outcome);
        }
        let pages = transactions.iter().flatten().map(pages).sum();
        self.checkpoint.committed(&self.connection, pages);
    }

    /// Commits the group; if that fails as a whole, each transaction by itself.
    fn commit_each(&mut self, transactions: &[Vec<Op>]) -> Vec<Result<Outcome>> {
        let done = self.commit(transactions);
        match self.health.note(done) {
            Ok(outcomes) => outcomes.into_iter().map(Ok).collect(),
            // What is damaged takes none of them.
            Err(Error::Broken(why)) => {
                transactions.iter().map(|_| Err(Error::Broken(why.clone()))).collect()
            }
            // Another process holds the file. Each has waited, and none should wait for the others.
            Err(Error::Busy(why)) => {
                transactions.iter().map(|_| Err(Error::Busy(why.clone()))).collect()
            }
            Err(error) if transactions.len() == 1 => vec![Err(error)],
            Err(_) => transactions.chunks(1).flat_map(|alone| self.commit_each(alone)).collect(),
        }
    }

    /// Commits the group, or nothing of it.
    fn commit(&mut self, transactions: &[Vec<Op>]) -> Result<Vec<Outcome>> {
        self.health.check()?;
        self.require_room(transactions)?;
        let now = self.clock.now().seconds();
        let group = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let moment = self.clock.moment();
        if self.swept.is_none_or(|swept| moment.since(swept) >= SWEEP_PAUSE) {
            // Set first: a sweep that fails is not to fail every later commit too.
            self.swept = Some(moment);
            let expired = self.confirmed.look().now.seconds();
            if row::sweep(&group, expired, SWEEP_ITEMS)? == SWEEP_ITEMS {
                self.swept = None;
            }
        }
        let mut outcomes = Vec::with_capacity(transactions.len());
        for ops in transactions {
            outcomes.push(apply(&group, ops, now)?);
        }
        self.stamper.before(&group)?;
        group.commit()?;
        self.stamper.after();
        // Before anybody hears of it: what went into a file that is gone is lost.
        self.health.check()?;
        self.commits.fetch_add(1, Ordering::Relaxed);
        Ok(outcomes)
    }
}

impl Writer {
    /// Sees that there is room for the group. The log may have some to give: once it is moved it can be cut short.
    fn require_room(&mut self, transactions: &[Vec<Op>]) -> Result<()> {
        let pages = transactions.iter().flatten().map(pages).sum();
        match self.room.require(&self.connection, pages) {
            Err(Error::Full(_)) if self.checkpoint.cut_short(&self.connection) => {
                self.room.require(&self.connection, pages)
            }
            answer => answer,
        }
    }
}

/// All conditions first, then the changes. After an error the group is not to be committed.
fn apply(group: &Transaction<'_>, ops: &[Op], now: u64) -> Result<Outcome> {
    for (op, operation) in ops.iter().enumerate() {
        if !holds(group, operation, now)? {
            let current = row::get(group, operation.key(), now)?;
            return Ok(Outcome::Refused(Refused { op, current }));
        }
    }
    change(group, ops, now)
}

fn holds(group: &Transaction<'_>, op: &Op, now: u64) -> Result<bool> {
    match op.condition() {
        Condition::Any => Ok(true),
        condition @ (Condition::Absent | Condition::Version(_)) => {
            Ok(condition.holds(row::version(group, op.key(), now)?))
        }
    }
}

fn change(group: &Transaction<'_>, ops: &[Op], now: u64) -> Result<Outcome> {
    let mut sum = None;
    for op in ops {
        match op {
            Op::Put(item, _) => row::put(group, item)?,
            Op::Delete(key, _) => row::delete(group, key)?,
            Op::Check(..) => {}
            Op::Add(key, numbers) => sum = add(group, key, numbers, now)?,
        }
    }
    Ok(Outcome::Done { sum })
}

fn add(
    group: &Transaction<'_>,
    key: &Key,
    numbers: &[(String, i64)],
    now: u64,
) -> Result<Option<i64>> {
    let mut item = row::get(group, key, now)?.unwrap_or_else(|| Item {
        key: key.clone(),
        gs1: None,
        version: 0,
        expires: None,
        body: "{}".to_owned(),
    });
    let corrupt = |why: String| Error::Corrupt { key: key.clone(), why };
    let mut body: Map<String, Value> =
        serde_json::from_str(&item.body).map_err(|error| corrupt(error.to_string()))?;
    let mut last = None;
    for (name, n) in numbers {
        let number = body.entry(name).or_insert_with(|| Value::from(0));
        let sum = number
            .as_i64()
            .and_then(|number| number.checked_add(*n))
            .ok_or_else(|| Error::Invalid(format!("{n} cannot be added to `{name}` of {key}")))?;
        *number = Value::from(sum);
        last = Some(sum);
    }
    item.version += 1;
    item.body = Value::Object(body).to_string();
    row::put(group, &item)?;
    Ok(last)
}

/// About how many pages an operation writes: its row, its index entries, and what is above them.
fn pages(op: &Op) -> usize {
    match op {
        Op::Put(item, _) => 4 + item.body.len() / 4096,
        Op::Delete(..) | Op::Add(..) => 4,
        Op::Check(..) => 0,
    }
}
