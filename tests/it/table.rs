//! The contract that both engines of the table keep. Every test builds a world of its own on each
//! engine, with a clock that stands still.

mod charges;
mod conditions;
mod counters;
mod dynamo;
mod expiry;
mod items;
mod lagging;
mod limits;
mod many;
mod partial;
mod queries;
mod races;
mod sqlite;

use std::{
    hash::{BuildHasher, RandomState},
    sync::Arc,
    time::Duration,
};

use guestlist::{
    clock::{Clock, Timestamp},
    table::{
        Condition::Any,
        Direction, Index, Item, Key, Op, Page, Query, Range, Refused, Table, Written,
        dynamo::{Dynamo, DynamoSettings},
        sqlite::Sqlite,
    },
};
use tempfile::TempDir;

use crate::support::{self, engine::Engine, lagging::Lagging, memory::Memory};

/// The second at which every world begins.
const START: u64 = 1_800_000_000;

/// One engine with an empty table.
struct World {
    table: Arc<dyn Table>,
    clock: Clock,
    _dir: Option<TempDir>,
}

/// As [`each_checking`], and against the table in memory, which refuses nothing that breaks a limit.
async fn each(test: impl AsyncFn(&World)) {
    each_checking(&test).await;
    println!("in memory");
    let clock = clock();
    let table = Arc::new(Memory::new(clock.clone(), &[]));
    test(&World { table, clock, _dir: None }).await;
}

/// Runs a test against each engine there is, and against the table of tests whose `gs1` can lag: where it
/// lags by nothing, it must be like the engine below it. That need not be DynamoDB as well, which takes
/// long: `lagging` looks at what could differ there.
async fn each_checking(test: impl AsyncFn(&World)) {
    println!("on SQLite");
    let dir = tempfile::tempdir().unwrap();
    let clock = clock();
    let table = Arc::new(Sqlite::open(&dir.path().join("t.db"), clock.clone()).unwrap());
    test(&World { table, clock, _dir: Some(dir) }).await;
    if let Some(endpoint) = support::dynamodb() {
        println!("on DynamoDB");
        let clock = clock_at(START);
        let table = dynamo_at(endpoint, unique_name(), clock.clone()).await;
        table.create_table().await.unwrap();
        test(&World { table: Arc::new(table), clock, _dir: None }).await;
    }
    println!("on SQLite, lagging by nothing");
    let clock = clock_at(START);
    let table = Lagging::on(Engine::Sqlite, &clock, Duration::ZERO).await;
    test(&World { table: Arc::new(table), clock, _dir: None }).await;
}

fn clock() -> Clock {
    clock_at(START)
}

fn clock_at(second: u64) -> Clock {
    Clock::manual(Timestamp::from_millis(i64::try_from(second).unwrap() * 1000))
}

async fn dynamo_at(endpoint: String, table: String, clock: Clock) -> Dynamo {
    let settings = DynamoSettings { table, endpoint: Some(endpoint) };
    Dynamo::connect(settings, clock).await.unwrap()
}

/// A table name that no other test has, nor an earlier run.
fn unique_name() -> String {
    format!("contract-{:016x}", RandomState::new().hash_one(std::process::id()))
}

/// An item with a small body, at `pk`, `sk`.
fn item(pk: &str, sk: &str) -> Item {
    let body = r#"{"name":"Ada"}"#.to_owned();
    Item { key: Key::new(pk, sk), gs1: None, version: 1, expires: None, body }
}

/// An item that is also listed in `gs1`.
fn listed(pk: &str, sk: &str, list: &str, sort: &str) -> Item {
    Item { gs1: Some(Key::new(list, sort)), ..item(pk, sk) }
}

fn refusal(written: Written) -> Refused {
    match written {
        Written::Refused(refused) => refused,
        Written::Done => panic!("it was not refused"),
    }
}

/// All of a partition, in one page.
fn all(index: Index, partition: &str) -> Query {
    Query {
        index,
        partition: partition.to_owned(),
        range: Range::All,
        after: None,
        direction: Direction::Forward,
        limit: 1000,
    }
}

/// The `sk` of each item of a page.
fn names(page: &Page) -> Vec<&str> {
    page.items.iter().map(|item| item.key.sort.as_str()).collect()
}

impl World {
    async fn get(&self, key: &Key) -> Option<Item> {
        self.table.get(key).await.unwrap()
    }

    async fn get_many(&self, keys: &[Key]) -> Vec<Option<Item>> {
        self.table.get_many(keys).await.unwrap()
    }

    async fn write(&self, ops: Vec<Op>) -> Written {
        self.table.write(ops).await.unwrap()
    }

    /// Writes what must not be refused.
    async fn done(&self, ops: Vec<Op>) {
        assert_eq!(self.write(ops).await, Written::Done);
    }

    /// Stores the items, whatever is there.
    async fn store(&self, items: impl IntoIterator<Item = Item>) {
        let ops: Vec<_> = items.into_iter().map(|item| Op::Put(item, Any)).collect();
        for ops in ops.chunks(100) {
            self.done(ops.to_vec()).await;
        }
    }

    async fn query(&self, query: &Query) -> Page {
        self.table.query(query).await.unwrap()
    }

    /// All pages of a query, from its start on.
    async fn pages(&self, query: &Query) -> Vec<Page> {
        let mut query = query.clone();
        let mut pages = Vec::new();
        loop {
            let page = self.query(&query).await;
            query.after = page.items.last().and_then(|item| item.position(query.index));
            let more = page.more;
            pages.push(page);
            if !more {
                return pages;
            }
        }
    }
}
