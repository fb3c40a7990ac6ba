//! A table that notes what DynamoDB charges for the calls to it, in request units, and where.
//!
//! The rules are Amazon's, from "DynamoDB read and write operations", "Amazon DynamoDB Transactions: How
//! it works" and "Using Global Secondary Indexes in DynamoDB", all in the DynamoDB Developer Guide.

use std::{
    collections::BTreeMap,
    fmt,
    iter::Sum,
    mem,
    ops::{Add, Mul},
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use guestlist::table::{
    Condition, Index, Item, Key, Op, Page, Passed, Query, Result, Scanned, Table, Walks, Written,
};

use super::item_size::item_size;

/// What is read is charged in steps of so many bytes.
pub(super) const READ_STEP: usize = 4096;
/// What is written is charged in steps of so many bytes.
pub(super) const WRITE_STEP: usize = 1024;
/// The most items that are got in one call.
const BATCH: usize = 100;
/// What a million halves of read units and a million write units cost in on-demand mode, in hundredths
/// of a cent: 0.125 USD for a million reads, 0.625 USD for a million writes in US East (N. Virginia),
/// table class Standard, since 2024-11-01.
const HALF_READS_PRICE: usize = 625;
const WRITES_PRICE: usize = 6_250;
const HUNDREDTHS: usize = 100;

/// Read and write request units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Units {
    pub(crate) half_reads: usize,
    pub(crate) writes: usize,
}

impl Units {
    fn writes(writes: usize) -> Self {
        Self { half_reads: 0, writes }
    }

    /// What a million times as many cost, in cents.
    fn cents(self) -> usize {
        let price = self.half_reads * HALF_READS_PRICE + self.writes * WRITES_PRICE;
        (price + HUNDREDTHS / 2) / HUNDREDTHS
    }
}

impl Add for Units {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        let half_reads = self.half_reads + other.half_reads;
        Self { half_reads, writes: self.writes + other.writes }
    }
}

impl Mul<usize> for Units {
    type Output = Self;

    fn mul(self, times: usize) -> Self {
        Self { half_reads: self.half_reads * times, writes: self.writes * times }
    }
}

impl Sum for Units {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), Add::add)
    }
}

/// As the columns of a table: reads, writes, and what a million times as many cost in dollars.
impl fmt::Display for Units {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let half = if self.half_reads % 2 == 1 { ".5" } else { "" };
        let (reads, cents) = (self.half_reads / 2, self.cents());
        write!(f, "{reads}{half} | {} | {}.{:02}", self.writes, cents / 100, cents % 100)
    }
}

/// What is charged for a call to DynamoDB.
#[derive(Clone, Debug)]
pub(crate) struct Charge {
    /// Whether it is a `TransactWriteItems`.
    pub(crate) transaction: bool,
    /// Whether a condition did not hold.
    pub(crate) refused: bool,
    /// For each of the items that are written or got, or for the page that is read.
    pub(crate) parts: Vec<Part>,
}

/// One item of a call, or a page.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) what: What,
    /// What is charged for it, once.
    pub(crate) touches: Vec<Touch>,
}

impl Part {
    /// Of an item that is got alone.
    fn get(key: &Key, found: Option<&Item>) -> Self {
        Self::read(What::Get, Index::Primary, &key.partition, found.map_or(0, item_size))
    }

    /// Of an item that is got among others: the same.
    fn get_among(key: &Key, found: Option<&Item>) -> Self {
        let what = if found.is_some() { What::Get } else { What::GetNothing };
        Self { what, ..Self::get(key, found) }
    }

    fn read(what: What, index: Index, partition: &str, bytes: usize) -> Self {
        let steps = steps(bytes, READ_STEP);
        let half_reads = match index {
            Index::Primary => 2 * steps,
            Index::Gs1 => steps,
        };
        let units = Units { half_reads, writes: 0 };
        Self { what, touches: vec![Touch { index, partition: partition.to_owned(), units }] }
    }
}

/// What is done to an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    Get,
    /// A get, among others, of what is not there.
    GetNothing,
    Page,
    EmptyPage,
    Change,
    /// A deletion of what is not there.
    DeleteNothing,
    Check,
}

/// What is charged in one partition of the table or of `gs1`.
#[derive(Clone, Debug)]
pub(crate) struct Touch {
    pub(crate) index: Index,
    pub(crate) partition: String,
    pub(crate) units: Units,
}

impl Charge {
    /// Of all that is touched, in one index or in both. A transaction is charged twice in the table
    /// itself, for its preparation and for its commit, but once in `gs1`, which is written after it.
    pub(crate) fn touches(&self) -> impl Iterator<Item = Touch> {
        let touches = self.parts.iter().flat_map(|part| &part.touches).cloned();
        touches.map(|touch| {
            let doubled = self.transaction && touch.index == Index::Primary;
            Touch { units: touch.units * if doubled { 2 } else { 1 }, ..touch }
        })
    }
}

/// A table over another one.
pub(crate) struct Metered {
    inner: Arc<dyn Table>,
    aside: Arc<dyn Table>,
    charges: Mutex<Vec<Charge>>,
}

impl Metered {
    /// Looks at what is there before a write through `aside`, which leads to the same items.
    pub(crate) fn new(inner: Arc<dyn Table>, aside: Arc<dyn Table>) -> Self {
        Self { inner, aside, charges: Mutex::default() }
    }

    /// What has been charged since the last time.
    pub(crate) fn take(&self) -> Vec<Charge> {
        mem::take(&mut *self.charges.lock().unwrap())
    }

    fn note(&self, charge: Charge) {
        self.charges.lock().unwrap().push(charge);
    }

    fn note_read(&self, parts: Vec<Part>) {
        self.note(Charge { transaction: false, refused: false, parts });
    }

    fn note_get(&self, key: &Key, found: Option<&Item>) {
        self.note_read(vec![Part::get(key, found)]);
    }

    fn note_page(&self, query: &Query, items: &[Item]) {
        let what = if items.is_empty() { What::EmptyPage } else { What::Page };
        let bytes = items.iter().map(item_size).sum();
        self.note_read(vec![Part::read(what, query.index, &query.partition, bytes)]);
    }

    async fn part(&self, op: &Op) -> Result<Part> {
        let key = op.key();
        let before = self.aside.get(key).await?;
        let (what, after) = match op {
            Op::Put(item, _) => (What::Change, Some(item.clone())),
            Op::Delete(..) if before.is_none() => (What::DeleteNothing, None),
            Op::Delete(..) => (What::Change, None),
            Op::Check(..) => (What::Check, before.clone()),
            // What is added makes numbers longer by less than a step, and they are not in `gs1`.
            Op::Add(..) => (What::Change, before.clone()),
        };
        let largest = [&before, &after].into_iter().flatten().map(item_size).max().unwrap_or(0);
        let units = Units::writes(steps(largest, WRITE_STEP));
        let touch = Touch { index: Index::Primary, partition: key.partition.clone(), units };
        let touches = [touch].into_iter().chain(index_touches(before, after)).collect();
        Ok(Part { what, touches })
    }
}

/// Writes to `gs1`, which has all attributes: an entry that comes, goes or changes is written once, one
/// that moves is deleted and written.
fn index_touches(before: Option<Item>, after: Option<Item>) -> Vec<Touch> {
    if before == after {
        return Vec::new();
    }
    let entry = |item: Option<Item>| {
        item.and_then(|item| Some((item.gs1.clone()?, steps(item_size(&item), WRITE_STEP))))
    };
    let touch = |(key, steps): (Key, usize)| Touch {
        index: Index::Gs1,
        partition: key.partition,
        units: Units::writes(steps),
    };
    match (entry(before), entry(after)) {
        (Some((from, old)), Some((to, new))) if from == to => vec![touch((to, old.max(new)))],
        (before, after) => [before, after].into_iter().flatten().map(touch).collect(),
    }
}

fn steps(bytes: usize, step: usize) -> usize {
    bytes.div_ceil(step).max(1)
}

#[async_trait]
impl Table for Metered {
    async fn get(&self, key: &Key) -> Result<Option<Item>> {
        let found = self.inner.get(key).await?;
        self.note_get(key, found.as_ref());
        Ok(found)
    }

    /// Each item for itself, once also where it is asked for twice.
    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Item>>> {
        let found = self.inner.get_many(keys).await?;
        let each: BTreeMap<&Key, Option<&Item>> =
            keys.iter().zip(found.iter().map(Option::as_ref)).collect();
        let each: Vec<_> = each.into_iter().collect();
        for batch in each.chunks(BATCH) {
            self.note_read(batch.iter().map(|(key, found)| Part::get_among(key, *found)).collect());
        }
        Ok(found)
    }

    /// Where more follow, one more is read, which tells so.
    async fn query(&self, query: &Query) -> Result<Page> {
        let page = self.inner.query(query).await?;
        let mut read = page.items.clone();
        if page.more {
            let after = page.items.last().and_then(|item| item.position(query.index));
            let next = Query { after, limit: 1, ..query.clone() };
            read.extend(self.aside.query(&next).await?.items);
        }
        self.note_page(query, &read);
        Ok(page)
    }

    /// Charged as if it were read: leaving attributes out makes nothing cheaper.
    async fn skip(&self, query: &Query) -> Result<Passed> {
        self.note_page(query, &self.aside.query(query).await?.items);
        self.inner.skip(query).await
    }

    /// Not charged: no call from outside walks the whole table.
    async fn scan(&self, after: Option<&Key>, limit: usize) -> Result<Scanned> {
        self.inner.scan(after, limit).await
    }

    fn walks(&self) -> Walks {
        self.inner.walks()
    }

    async fn write(&self, ops: Vec<Op>) -> Result<Written> {
        // One check alone is a read.
        if let [Op::Check(key, _)] = ops.as_slice() {
            let found = self.aside.get(key).await?;
            self.note_get(key, found.as_ref());
            return self.inner.write(ops).await;
        }
        let mut parts = Vec::new();
        for op in &ops {
            if !matches!(op, Op::Check(_, Condition::Any)) {
                parts.push(self.part(op).await?);
            }
        }
        let transaction = ops.len() > 1;
        let written = self.inner.write(ops).await?;
        self.note(Charge { transaction, refused: written != Written::Done, parts });
        Ok(written)
    }

    async fn add(&self, key: &Key, n: i64) -> Result<i64> {
        let op = Op::Add(key.clone(), vec![("value".to_owned(), n)]);
        let parts = vec![self.part(&op).await?];
        self.note(Charge { transaction: false, refused: false, parts });
        self.inner.add(key, n).await
    }

    async fn ready(&self) -> Result<()> {
        self.inner.ready().await
    }
}
