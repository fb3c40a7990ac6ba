//! A table that adds up what DynamoDB would charge for the calls to it, in request units.
//!
//! The rules are Amazon's, from "DynamoDB read and write operations", "Amazon DynamoDB Transactions: How
//! it works" and "Using Global Secondary Indexes in DynamoDB", all in the DynamoDB Developer Guide.

use std::{
    fmt, mem,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use guestlist::table::{
    Condition, Index, Item, Key, Op, Page, Passed, Query, Read, Result, Table, Walks, Written,
};

/// What is read is charged in steps of so many bytes.
const READ_STEP: usize = 4096;
/// What is written is charged in steps of so many bytes.
const WRITE_STEP: usize = 1024;
/// About what the names of an item's own attributes, and its numbers, add to its texts.
const OWN_ATTRIBUTES_BYTES: usize = 50;

/// Read and write request units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Units {
    half_reads: usize,
    writes: usize,
}

/// As the columns of a table: reads, then writes.
impl fmt::Display for Units {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let half = if self.half_reads % 2 == 1 { ".5" } else { "" };
        write!(f, "{}{half} | {}", self.half_reads / 2, self.writes)
    }
}

/// A table over another one.
pub(crate) struct Metered {
    inner: Arc<dyn Table>,
    units: Mutex<Units>,
}

impl Metered {
    pub(crate) fn new(inner: Arc<dyn Table>) -> Self {
        Self { inner, units: Mutex::default() }
    }

    /// What has been charged since the last time.
    pub(crate) fn take(&self) -> Units {
        mem::take(&mut *self.units.lock().unwrap())
    }

    fn read(&self, bytes: usize, consistent: bool) {
        let steps = steps(bytes, READ_STEP);
        self.units.lock().unwrap().half_reads += if consistent { 2 * steps } else { steps };
    }

    async fn write_units(&self, op: &Op, transaction: bool) -> Result<usize> {
        let before = self.inner.get(op.key(), Read::Consistent).await?;
        let after = match op {
            Op::Put(item, _) => Some(item.clone()),
            Op::Delete(..) => None,
            // Numbers and bare keys: smaller than any step.
            Op::Check(..) | Op::Add(..) => before.clone(),
        };
        let largest = [&before, &after].into_iter().flatten().map(size).max().unwrap_or(0);
        let times = if transaction { 2 } else { 1 };
        let index = if matches!(op, Op::Check(..)) { 0 } else { index_units([before, after]) };
        Ok(times * steps(largest, WRITE_STEP) + index)
    }
}

/// Writes to `gs1`, which has all attributes: an entry that comes, goes or changes is written once, one
/// that moves is deleted and written.
fn index_units([before, after]: [Option<Item>; 2]) -> usize {
    let entry = |item: Option<Item>| {
        item.and_then(|item| Some((item.gs1.clone()?, steps(size(&item), WRITE_STEP))))
    };
    match [entry(before), entry(after)] {
        [None, None] => 0,
        [Some((_, units)), None] | [None, Some((_, units))] => units,
        [Some((from, old)), Some((to, new))] if from == to => old.max(new),
        [Some((_, old)), Some((_, new))] => old + new,
    }
}

/// An item's size; of its body as JSON, which is a little longer than what DynamoDB counts.
fn size(item: &Item) -> usize {
    let texts = |key: &Key| key.partition.len() + key.sort.len();
    texts(&item.key) + item.gs1.as_ref().map_or(0, texts) + item.body.len() + OWN_ATTRIBUTES_BYTES
}

fn steps(bytes: usize, step: usize) -> usize {
    bytes.div_ceil(step).max(1)
}

#[async_trait]
impl Table for Metered {
    async fn get(&self, key: &Key, read: Read) -> Result<Option<Item>> {
        let found = self.inner.get(key, read).await?;
        self.read(found.as_ref().map_or(0, size), read == Read::Consistent);
        Ok(found)
    }

    async fn query(&self, query: &Query) -> Result<Page> {
        let page = self.inner.query(query).await?;
        self.read(page.items.iter().map(size).sum(), query.index == Index::Primary);
        Ok(page)
    }

    /// Charged as if it were read: leaving attributes out makes nothing cheaper.
    async fn skip(&self, query: &Query) -> Result<Passed> {
        self.query(query).await?;
        self.inner.skip(query).await
    }

    fn walks(&self) -> Walks {
        self.inner.walks()
    }

    async fn write(&self, ops: Vec<Op>) -> Result<Written> {
        match ops.as_slice() {
            // One check alone is a read.
            [Op::Check(key, _)] => {
                let found = self.inner.get(key, Read::Consistent).await?;
                self.read(found.as_ref().map_or(0, size), true);
            }
            ops => {
                let is_sent = |op: &&Op| !matches!(op, Op::Check(_, Condition::Any));
                for op in ops.iter().filter(is_sent) {
                    let units = self.write_units(op, ops.len() > 1).await?;
                    self.units.lock().unwrap().writes += units;
                }
            }
        }
        self.inner.write(ops).await
    }

    async fn add(&self, key: &Key, n: i64) -> Result<i64> {
        self.units.lock().unwrap().writes += 1;
        self.inner.add(key, n).await
    }

    async fn ready(&self) -> Result<()> {
        self.inner.ready().await
    }
}
