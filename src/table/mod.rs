//! The one table that everything is kept in: the trait, and the words it is spoken to in.
//!
//! Two string pairs address an item: `pk`, `sk` (index `primary`) and `gs1pk`, `gs1sk` (index
//! `gs1`). Nothing above this module knows which engine is underneath, and nothing in it knows what
//! the items mean. Both engines pass the same contract suite.

pub(crate) mod absent;
mod check;
pub(crate) mod copy;
pub(crate) mod cursor;
pub(crate) mod digest;
pub mod dynamo;
pub mod sqlite;

use std::{fmt, sync::Arc};

use async_trait::async_trait;

use crate::tasks::Task;

/// The most operations that one [`Table::write`] takes (DynamoDB: `TransactWriteItems`).
pub const MAX_OPS: usize = 100;
/// The longest body of an item, in bytes; leaves room for keys below DynamoDB's 400 KB.
pub const MAX_BODY_BYTES: usize = 350_000;
/// The most bytes of bodies in one [`Table::write`]; leaves room for keys below DynamoDB's 4 MB.
pub const MAX_WRITE_BYTES: usize = 3_500_000;
/// The most items that one [`Table::query`] returns.
pub const MAX_PAGE: usize = 1000;
/// The most keys that one [`Table::get_many`] takes: those of a page.
pub const MAX_KEYS: usize = MAX_PAGE;
/// The longest partition key, in bytes (DynamoDB's limit).
pub const MAX_PARTITION_BYTES: usize = 2048;
/// The longest sort key, in bytes (DynamoDB's limit).
pub const MAX_SORT_BYTES: usize = 1024;

/// A table engine.
///
/// An item whose `expires` is at or before the current second reads as absent everywhere, also in
/// conditions, whether or not it has been swept.
#[async_trait]
pub trait Table: Send + Sync + 'static {
    /// The item at `key`, if there is one; sees every write that was acknowledged before.
    async fn get(&self, key: &Key) -> Result<Option<Item>>;

    /// The items at `keys`, of which there are at most [`MAX_KEYS`], as [`Table::get`] gives each at
    /// some moment during the call; not all at the same one.
    ///
    /// One answer for each key, in the keys' order. A key may be there more than once. Where there
    /// are none, nothing is asked.
    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Item>>>;

    /// One page of a partition of one index, in the order asked for.
    async fn query(&self, query: &Query) -> Result<Page>;

    /// Passes the items that [`Table::query`] would return, and tells where they end; reads no more of
    /// them than their keys.
    async fn skip(&self, query: &Query) -> Result<Passed>;

    /// The next live items of the whole table, behind the one at `after`: at most `limit`, which is 1 to
    /// [`MAX_PAGE`], in an order that is the engine's own but always the same.
    ///
    /// An item that is there all the while is met exactly once by a walk from end to end; what is
    /// written meanwhile may be missed.
    async fn scan(&self, after: Option<&Key>, limit: usize) -> Result<Scanned>;

    /// How far a single call from outside should have this engine walk.
    fn walks(&self) -> Walks;

    /// Applies all operations in one atomic step, or none of them.
    ///
    /// Refused if a condition does not hold; then the first operation (by position) whose
    /// condition failed is named. No two operations may address the same item. Writing nothing is
    /// done at once.
    async fn write(&self, ops: Vec<Op>) -> Result<Written>;

    /// Adds `n` to the attribute `value` of the counter at `key`, which is made if it is absent, and
    /// one to its version; returns its new value. Counters never expire and stay within `i64`.
    async fn add(&self, key: &Key, n: i64) -> Result<i64>;

    /// Which table it is, where its engine tells tables apart: one that was made of another one's backup is another one,
    /// also under the same name.
    async fn table_id(&self) -> Result<Option<String>> {
        Ok(None)
    }

    /// Whether the table can be read and written, for `/readyz` and `guestlist check`: writes an item of its own.
    async fn ready(&self) -> Result<()>;

    /// The threads that work on the table by themselves.
    fn tasks(&self) -> Vec<Arc<Task>> {
        Vec::new()
    }
}

/// The address of an item in one index; neither part is ever empty.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The partition (`pk`, `gs1pk`).
    pub partition: String,
    /// The sort key within the partition (`sk`, `gs1sk`).
    pub sort: String,
}

impl Key {
    /// The key of the item `sort` in `partition`.
    pub fn new(partition: impl Into<String>, sort: impl Into<String>) -> Self {
        Self { partition: partition.into(), sort: sort.into() }
    }
}

/// One stored item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Its address in `primary`.
    pub key: Key,
    /// Its address in `gs1`, if it is listed there.
    pub gs1: Option<Key>,
    /// Raised by every write; the writer sets it. At most `i64::MAX`.
    pub version: u64,
    /// When it ceases to exist, in seconds since the Unix epoch. At most `i64::MAX`.
    pub expires: Option<u64>,
    /// Its attributes: the text of one JSON object, whose top-level names are not empty and none of
    /// `pk sk gs1pk gs1sk version expires`.
    ///
    /// What is read back means the same but need not be the same text: the order of names and white
    /// space may differ, and a whole float such as `1.0` may come back as `1`. Integers within
    /// `i64` and `u64` survive exactly; other numbers must be within 1e-130 to 1e126 (DynamoDB).
    pub body: String,
}

impl Item {
    /// Whether the item still exists at `now`, in seconds since the Unix epoch.
    pub(crate) fn lives(&self, now: u64) -> bool {
        self.expires.is_none_or(|at| at > now)
    }

    /// Where the item stands in `index`; `None` if it is not listed there.
    pub fn position(&self, index: Index) -> Option<Position> {
        let sort = match index {
            Index::Primary => self.key.sort.clone(),
            Index::Gs1 => self.gs1.as_ref()?.sort.clone(),
        };
        Some(Position { sort, key: self.key.clone() })
    }
}

/// One of the two indexes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Index {
    /// By `pk`, `sk`; always consistent.
    Primary,
    /// By `gs1pk`, `gs1sk`; on DynamoDB eventually consistent.
    Gs1,
}

/// Which way a query walks its index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// By rising sort key, as bytes.
    Forward,
    /// By falling sort key.
    Backward,
}

/// A place between two items of an index: just behind the named one, in the query's direction.
/// The item itself need not exist any more, nor lie within the query's range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    /// The item's sort key in the index that is walked.
    pub sort: String,
    /// The item's address in `primary`, which tells items of equal sort keys apart in `gs1`; these
    /// stand in an order that is the engine's own but always the same.
    pub key: Key,
}

/// Which sort keys a query considers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Range {
    /// All of the partition's.
    All,
    /// Those that begin with the text: all, if it is empty.
    Prefix(String),
    /// Those less than the text, as bytes.
    Before(String),
    /// Those from the first text to the second, which is not less, as bytes; both included.
    Between(String, String),
}

impl Range {
    /// The least sort key of the range, and the least one behind it if there is any.
    pub(crate) fn bounds(&self) -> (&str, Option<String>) {
        match self {
            Self::All => ("", None),
            Self::Prefix(prefix) => (prefix, successor(prefix)),
            Self::Before(end) => ("", Some(end.clone())),
            // Nothing lies between a text and itself with the least character behind it.
            Self::Between(first, last) => (first, Some(format!("{last}\0"))),
        }
    }
}

/// The least text that is greater than every text beginning with `prefix`.
fn successor(prefix: &str) -> Option<String> {
    let mut rest = prefix.to_owned();
    while let Some(last) = rest.pop() {
        // A range of characters knows how to step over the surrogates.
        if let Some(next) = (last..=char::MAX).nth(1) {
            rest.push(next);
            return Some(rest);
        }
    }
    None
}

/// A question to one partition of one index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// The index.
    pub index: Index,
    /// The partition's key in that index.
    pub partition: String,
    /// The part of it that counts.
    pub range: Range,
    /// Where to go on from; `None` starts at the end that `direction` starts from.
    pub after: Option<Position>,
    /// Which way to walk.
    pub direction: Direction,
    /// The most items to return, 1 to [`MAX_PAGE`].
    pub limit: usize,
}

impl Query {
    /// Asks for the first items of a part of a partition, by rising sort key.
    pub fn first(index: Index, partition: impl Into<String>, range: Range, limit: usize) -> Self {
        let (partition, direction) = (partition.into(), Direction::Forward);
        Self { index, partition, range, after: None, direction, limit }
    }
}

/// What a query found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// In the order walked: at most `limit`, and exactly `limit` where `more` is set.
    pub items: Vec<Item>,
    /// Whether at least one further item follows; exact at the time of the query.
    pub more: bool,
}

/// What a [`Table::skip`] has passed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Passed {
    /// How many items: fewer than the query's `limit` only where no more follow.
    pub items: usize,
    /// The place behind the last of `limit` items; `None` if there were fewer.
    pub end: Option<Position>,
}

/// A part of the whole table, from a [`Table::scan`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scanned {
    /// Live items; there may be none although more follow.
    pub items: Vec<Item>,
    /// What to go on behind; `None` at the end.
    pub next: Option<Key>,
}

/// How far walks should go, for the work and the money that they cost on an engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Walks {
    /// The most items to be passed by [`Table::skip`], all its calls together.
    pub passed: u64,
    /// The most items to be read and looked at.
    pub examined: u64,
}

/// What must hold of the stored item for an operation to go ahead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// There is no such item.
    Absent,
    /// There is one, of just this version.
    Version(u64),
    /// Nothing: the operation goes ahead whatever is there.
    Any,
}

impl Condition {
    /// Whether the condition holds of an item of that version, or of an absent one.
    pub(crate) fn holds(self, version: Option<u64>) -> bool {
        match self {
            Self::Absent => version.is_none(),
            Self::Version(wanted) => version == Some(wanted),
            Self::Any => true,
        }
    }
}

/// One operation of a [`Table::write`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Op {
    /// Stores the item in place of what was there.
    Put(Item, Condition),
    /// Removes the item; no error if there is none and the condition allows it.
    Delete(Key, Condition),
    /// Changes nothing, but refuses the whole write if the condition does not hold.
    Check(Key, Condition),
    /// Adds to named numbers of an item, which is made if it is absent, and one to its version.
    /// For items that never expire and hold nothing but numbers.
    Add(Key, Vec<(String, i64)>),
}

impl Op {
    /// The address of the item that the operation is about.
    pub fn key(&self) -> &Key {
        match self {
            Self::Put(item, _) => &item.key,
            Self::Delete(key, _) | Self::Check(key, _) | Self::Add(key, _) => key,
        }
    }

    /// What must hold for it to go ahead.
    pub(crate) fn condition(&self) -> Condition {
        match self {
            Self::Put(_, condition) | Self::Delete(_, condition) | Self::Check(_, condition) => {
                *condition
            }
            Self::Add(..) => Condition::Any,
        }
    }
}

/// How a [`Table::write`] ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum Written {
    /// All operations are durable.
    Done,
    /// None was applied.
    Refused(Refused),
}

/// Why a [`Table::write`] was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The position of the first operation whose condition failed.
    pub op: usize,
    /// What was there instead.
    pub current: Option<Item>,
}

/// What goes wrong in a table engine.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Throttled, or in conflict with other writers, for longer than the deadline; nothing was
    /// applied, and a later try may succeed.
    #[error("the table is busy: {0}")]
    Busy(String),
    /// The engine cannot be reached or failed; whether a write was applied is not known.
    #[error("the table is unavailable: {0}")]
    Unavailable(String),
    /// There is no room for what is written; nothing was applied.
    #[error("the disk is full: {0}")]
    Full(String),
    /// The engine does not let us; nothing was applied.
    #[error("the table may not be used: {0}")]
    Denied(String),
    /// There is no such table.
    #[error("there is no such table: {0}")]
    Missing(String),
    /// What the engine keeps is damaged, or is not what was opened any more. Nothing is written from then on.
    #[error("the table is damaged: {0}")]
    Broken(String),
    /// The call breaks a limit of this interface; a bug in the caller.
    #[error("the table refuses the call: {0}")]
    Invalid(String),
    /// What is at the configured place is not a table of this program's making and version.
    #[error("not a table that this Guestlist can use: {0}")]
    Mismatch(String),
    /// What is stored cannot be read.
    #[error("the item {key} is unreadable: {why}")]
    Corrupt {
        /// Its address.
        key: Key,
        /// What is wrong with it.
        why: String,
    },
}

/// The result of a table call.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.partition, self.sort)
    }
}
