//! A table whose index `gs1` lags behind, as DynamoDB's does, by as much as the test says.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use futures_util::future::try_join_all;
use guestlist::{
    clock::{Clock, Timestamp},
    table::{
        Condition::Any, Error, Index, Item, Key, Op, Page, Passed, Query, Result, Scanned, Table,
        Walks, Written,
    },
};
use tokio::sync::Mutex;

use super::{
    engine::{Engine, Fresh},
    world::{NOW, World},
};

/// A lag that no clock gets over: `gs1` stays as it is until [`Lagging::catch_up`].
pub(crate) const UNTIL_CAUGHT_UP: Duration = Duration::MAX;

/// How many items are shown at once: more than one, since SQLite then makes one commit of them, and not
/// so many that DynamoDB Local is flooded.
const TOGETHER: usize = 32;

/// A table of an engine. `primary` is the engine's own; `gs1` shows what was there one lag ago, by the
/// table's clock: the old attributes and the old place of an item that has changed since, and an item
/// that is gone since. What has expired is not shown, as on DynamoDB, where a query filters it.
///
/// Only what is written through this table comes into `gs1`.
pub(crate) struct Lagging(Arc<Tables>);

struct Tables {
    now: Fresh,
    /// A second table of the same engine, so that positions and the order of equal keys are as in the
    /// first; it has what `gs1` shows.
    shown: Fresh,
    clock: Clock,
    lag: Duration,
    coming: Mutex<Coming>,
}

/// What `gs1` does not show yet.
#[derive(Default)]
struct Coming {
    /// In the order in which it came about, so also in the one in which it is due.
    changes: VecDeque<Change>,
    /// The keys of what is shown. Most items never are, and need not be deleted from there.
    listed: HashSet<Key>,
}

/// How an item looks from a moment on.
struct Change {
    due: Timestamp,
    key: Key,
    item: Option<Item>,
}

impl Lagging {
    /// An empty table of the engine, whose `gs1` lags by `lag`.
    pub(crate) async fn on(engine: Engine, clock: &Clock, lag: Duration) -> Self {
        let (now, shown) = (engine.fresh(clock).await, engine.fresh(clock).await);
        let (clock, coming) = (clock.clone(), Mutex::default());
        Self(Arc::new(Tables { now, shown, clock, lag, coming }))
    }

    /// Has `gs1` show at once all that has been written, whatever the clock says.
    pub(crate) async fn catch_up(&self) {
        self.show(Timestamp::from_millis(i64::MAX)).await;
    }

    /// The engine's own table, whose `gs1` does not lag.
    pub(crate) fn engine(&self) -> &dyn Table {
        self.0.now.table.as_ref()
    }

    /// The table that has what `gs1` shows now.
    async fn gs1(&self) -> &dyn Table {
        self.show(self.0.clock.now()).await;
        self.0.shown.table.as_ref()
    }

    async fn show(&self, until: Timestamp) {
        let tables = Arc::clone(&self.0);
        to_the_end(async move { tables.show(until).await }).await;
    }

    /// Writes to the items, and notes what has become of them.
    async fn note<T: Send + 'static>(
        &self,
        keys: Vec<Key>,
        write: impl Future<Output = Result<T>> + Send + 'static,
    ) -> Result<T> {
        let tables = Arc::clone(&self.0);
        to_the_end(async move {
            let written = write.await;
            // After other errors, too: they need not mean that nothing was applied.
            if !matches!(written, Err(Error::Invalid(_))) {
                tables.look_at(keys).await;
            }
            written
        })
        .await
    }
}

/// Does it even if the caller goes away half-way, so that nothing is left out of `gs1` for good.
async fn to_the_end<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    tokio::spawn(work).await.unwrap()
}

impl Tables {
    /// Notes how the items look now, not what a write was to make of them: of two that write at once,
    /// nobody knows which came first. Since looking takes the lock, what is noted later is also later.
    async fn look_at(&self, keys: Vec<Key>) {
        let mut coming = self.coming.lock().await;
        let items = self.now.table.get_many(&keys).await.unwrap();
        let due = self.clock.now().plus(self.lag);
        let changes = keys.into_iter().zip(items).map(|(key, item)| Change { due, key, item });
        coming.changes.extend(changes);
    }

    /// Shows what is due by then.
    async fn show(&self, until: Timestamp) {
        let mut coming = self.coming.lock().await;
        let due = coming.changes.iter().take_while(|change| change.due <= until).count();
        let last: HashMap<Key, Option<Item>> =
            coming.changes.drain(..due).map(|change| (change.key, change.item)).collect();
        let mut ops = Vec::new();
        for (key, item) in last {
            if let Some(item) = item.filter(|item| item.gs1.is_some()) {
                coming.listed.insert(key);
                ops.push(Op::Put(item, Any));
            } else if coming.listed.remove(&key) {
                ops.push(Op::Delete(key, Any));
            }
        }
        for ops in ops.chunks(TOGETHER) {
            let each = ops.iter().map(|op| self.shown.table.write(vec![op.clone()]));
            try_join_all(each).await.unwrap();
        }
    }
}

#[async_trait]
impl Table for Lagging {
    async fn get(&self, key: &Key) -> Result<Option<Item>> {
        self.0.now.table.get(key).await
    }

    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Item>>> {
        self.0.now.table.get_many(keys).await
    }

    async fn query(&self, query: &Query) -> Result<Page> {
        match query.index {
            Index::Primary => self.0.now.table.query(query).await,
            Index::Gs1 => self.gs1().await.query(query).await,
        }
    }

    async fn skip(&self, query: &Query) -> Result<Passed> {
        match query.index {
            Index::Primary => self.0.now.table.skip(query).await,
            Index::Gs1 => self.gs1().await.skip(query).await,
        }
    }

    async fn scan(&self, after: Option<&Key>, limit: usize) -> Result<Scanned> {
        self.engine().scan(after, limit).await
    }

    fn walks(&self) -> Walks {
        self.0.now.table.walks()
    }

    async fn write(&self, ops: Vec<Op>) -> Result<Written> {
        let changed = ops.iter().filter(|op| !matches!(op, Op::Check(..)));
        let keys = changed.map(|op| op.key().clone()).collect();
        let tables = Arc::clone(&self.0);
        self.note(keys, async move { tables.now.table.write(ops).await }).await
    }

    async fn add(&self, key: &Key, n: i64) -> Result<i64> {
        let (tables, counter) = (Arc::clone(&self.0), key.clone());
        let add = async move { tables.now.table.add(&counter, n).await };
        self.note(vec![key.clone()], add).await
    }

    async fn ready(&self) -> Result<()> {
        self.0.now.table.ready().await
    }
}

/// Runs a test on each engine, as a service on a table that lags by `lag`.
pub(crate) async fn on_each_lagging(lag: Duration, test: impl AsyncFn(World, Arc<Lagging>)) {
    for engine in Engine::all() {
        let clock = Clock::manual(NOW);
        let table = Arc::new(Lagging::on(engine, &clock, lag).await);
        let world = World::over(Arc::clone(&table) as _, clock, &[]).await;
        test(world, table).await;
    }
}
