//! A table that notes what it is asked, and fails on demand.

use std::{
    collections::BTreeSet,
    mem,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use async_trait::async_trait;
use guestlist::table::{
    Direction, Error, Index, Item, Key, Op, Page, Passed, Query, Range, Result, Scanned, Table,
    Walks, Written,
};
use tokio::sync::Notify;

/// What goes wrong from now on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// Nothing.
    #[default]
    None,
    /// Every call is throttled.
    Busy,
    /// No call gets through.
    Unavailable,
    /// Writes are applied, but their answers are lost.
    LostAnswers,
    /// A write waits until it is let go.
    HeldWrites,
    /// The same of a transaction.
    HeldTransactions,
    /// Transactions are applied, but their answers are lost.
    LostTransactions,
    /// Nothing is stored that has this text in its body.
    Refuses(&'static str),
    /// Reads never end.
    Silence,
    /// Reads panic.
    Panic,
    /// Reads of one item panic.
    PanickingGets,
}

/// A table over another one.
pub(crate) struct Watched {
    inner: Arc<dyn Table>,
    trouble: Mutex<Trouble>,
    writes: AtomicU64,
    entries: AtomicU64,
    misses: AtomicU64,
    walked: AtomicU64,
    walks: Mutex<Option<Walks>>,
    release: Notify,
    calls: Mutex<Vec<String>>,
    partitions: Mutex<BTreeSet<String>>,
}

impl Watched {
    pub(crate) fn new(inner: Arc<dyn Table>) -> Self {
        Self {
            inner,
            trouble: Mutex::default(),
            writes: AtomicU64::new(0),
            entries: AtomicU64::new(0),
            misses: AtomicU64::new(0),
            walked: AtomicU64::new(0),
            walks: Mutex::default(),
            release: Notify::new(),
            calls: Mutex::default(),
            partitions: Mutex::default(),
        }
    }

    /// From now on goes wrong in this way.
    pub(crate) fn trouble(&self, trouble: Trouble) {
        *self.trouble.lock().unwrap() = trouble;
    }

    /// Lets one write go that is held, or is about to be.
    pub(crate) fn release(&self) {
        self.release.notify_one();
    }

    /// How many misses have been counted (or forgotten) so far, for limits on guesses.
    pub(crate) fn misses(&self) -> u64 {
        self.misses.load(Ordering::SeqCst)
    }

    /// How many transactions have been applied so far. The counter of numbers is left out: numbers
    /// are taken before it is known whether their user will be. So are the note that a key is used,
    /// which is written when it pleases, and the counts of wrong guesses.
    pub(crate) fn writes(&self) -> u64 {
        self.writes.load(Ordering::SeqCst)
    }

    /// How many audit entries have been written so far, of whatever account.
    pub(crate) fn entries(&self) -> u64 {
        self.entries.load(Ordering::SeqCst)
    }

    /// How many items have been read in queries or passed since the last time.
    pub(crate) fn take_walked(&self) -> u64 {
        self.walked.swap(0, Ordering::SeqCst)
    }

    /// From now on is a table that may be walked so far.
    pub(crate) fn bound(&self, walks: Walks) {
        *self.walks.lock().unwrap() = Some(walks);
    }

    /// What was asked since the last time, such as `get, write(3)`.
    pub(crate) fn take_calls(&self) -> String {
        mem::take(&mut *self.calls.lock().unwrap()).join(", ")
    }

    fn note(&self, call: impl Into<String>) {
        self.calls.lock().unwrap().push(call.into());
    }

    /// All items of a partition of `primary`.
    pub(crate) async fn partition(&self, partition: &str) -> Vec<Item> {
        let query = Query {
            index: Index::Primary,
            partition: partition.to_owned(),
            range: Range::All,
            after: None,
            direction: Direction::Forward,
            limit: 1000,
        };
        self.inner.query(&query).await.unwrap().items
    }

    /// All items of all partitions that were ever written to.
    pub(crate) async fn everything(&self) -> Vec<Item> {
        let partitions = self.partitions.lock().unwrap().clone();
        let mut items = Vec::new();
        for partition in &partitions {
            let found = self.partition(partition).await;
            assert!(found.len() < 1000, "{partition} has more than one page");
            items.extend(found);
        }
        items
    }

    async fn fails(&self, reads: bool) -> Result<()> {
        let trouble = *self.trouble.lock().unwrap();
        match trouble {
            Trouble::Busy => Err(Error::Busy("the test says so".to_owned())),
            Trouble::Unavailable => Err(Error::Unavailable("the test says so".to_owned())),
            Trouble::Silence if reads => std::future::pending().await,
            Trouble::Panic if reads => panic!("the test says so"),
            Trouble::None
            | Trouble::HeldWrites
            | Trouble::LostAnswers
            | Trouble::HeldTransactions
            | Trouble::LostTransactions
            | Trouble::Refuses(_)
            | Trouble::Silence
            | Trouble::Panic
            | Trouble::PanickingGets => Ok(()),
        }
    }
}

#[async_trait]
impl Table for Watched {
    async fn get(&self, key: &Key) -> Result<Option<Item>> {
        self.note("get");
        let panics = *self.trouble.lock().unwrap() == Trouble::PanickingGets;
        assert!(!panics, "the test says so");
        self.fails(true).await?;
        self.inner.get(key).await
    }

    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Item>>> {
        self.note(format!("get_many({})", keys.len()));
        self.fails(true).await?;
        self.inner.get_many(keys).await
    }

    async fn query(&self, query: &Query) -> Result<Page> {
        self.note("query");
        self.fails(true).await?;
        let page = self.inner.query(query).await?;
        self.walked.fetch_add(page.items.len() as u64, Ordering::SeqCst);
        Ok(page)
    }

    async fn skip(&self, query: &Query) -> Result<Passed> {
        self.note("skip");
        self.fails(true).await?;
        let passed = self.inner.skip(query).await?;
        self.walked.fetch_add(passed.items as u64, Ordering::SeqCst);
        Ok(passed)
    }

    async fn scan(&self, after: Option<&Key>, limit: usize) -> Result<Scanned> {
        self.note("scan");
        self.fails(true).await?;
        self.inner.scan(after, limit).await
    }

    fn walks(&self) -> Walks {
        self.walks.lock().unwrap().unwrap_or_else(|| self.inner.walks())
    }

    async fn write(&self, ops: Vec<Op>) -> Result<Written> {
        // Before it is noted: a test that waits for that may change the trouble immediately.
        let (trouble, is_transaction) = (*self.trouble.lock().unwrap(), ops.len() > 1);
        self.note(format!("write({})", ops.len()));
        let partitions = ops.iter().map(|op| op.key().partition.clone());
        self.partitions.lock().unwrap().extend(partitions);
        let held = trouble == Trouble::HeldTransactions && is_transaction;
        if held || trouble == Trouble::HeldWrites {
            self.release.notified().await;
        }
        self.fails(false).await?;
        let has = |op: &Op, text| matches!(op, Op::Put(item, _) if item.body.contains(text));
        if let Trouble::Refuses(text) = trouble
            && ops.iter().any(|op| has(op, text))
        {
            return Err(Error::Unavailable("the test says so".to_owned()));
        }
        let is_entry = |op: &&Op| op.key().partition.starts_with("audit#");
        // By the way: that a key is used, that somebody has guessed wrongly.
        let lone = |what| matches!(ops.as_slice(), [op] if op.key().partition.starts_with(what));
        let (use_of_key, miss) = (lone("key#"), lone("limit#"));
        let entries = ops.iter().filter(is_entry).count() as u64;
        let written = self.inner.write(ops).await?;
        if written == Written::Done {
            self.writes.fetch_add(u64::from(!use_of_key && !miss), Ordering::SeqCst);
            self.misses.fetch_add(u64::from(miss), Ordering::SeqCst);
            self.entries.fetch_add(entries, Ordering::SeqCst);
        }
        let trouble = *self.trouble.lock().unwrap();
        let lost = trouble == Trouble::LostTransactions && is_transaction;
        if lost || trouble == Trouble::LostAnswers {
            return Err(Error::Unavailable("the answer is lost".to_owned()));
        }
        Ok(written)
    }

    async fn add(&self, key: &Key, n: i64) -> Result<i64> {
        self.note("add");
        self.partitions.lock().unwrap().insert(key.partition.clone());
        self.fails(false).await?;
        self.inner.add(key, n).await
    }

    async fn ready(&self) -> Result<()> {
        self.note("ready");
        self.fails(true).await?;
        self.inner.ready().await
    }
}
