//! Reading: connections for any number of threads, and queries.

use std::{
    cell::Cell,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread::available_parallelism,
};

use rusqlite::{
    Connection, Row, ToSql,
    types::{ToSqlOutput, Value},
};

use super::{Error, Health, Result, file, row};
use crate::table::{Direction, Index, Item, Key, Page, Passed, Position, Query, Scanned};

/// Connections to read with: one for each thread that runs at the same time, opened when first
/// needed. A thread keeps to its slot, so that its lock is free and its page cache warm.
pub(super) struct Readers {
    path: PathBuf,
    health: Arc<Health>,
    slots: Vec<Mutex<Option<Connection>>>,
    /// The page cache of each, in KiB.
    cache: usize,
}

impl Readers {
    /// `cache` is what the page caches of all may take together, in KiB.
    pub(super) fn new(path: &Path, health: Arc<Health>, cache: usize) -> Self {
        let slots = available_parallelism().map_or(4, usize::from).max(2);
        Self {
            path: path.to_owned(),
            health,
            slots: (0..slots).map(|_| Mutex::default()).collect(),
            cache: cache / slots,
        }
    }

    /// Runs `read` with this thread's connection; briefly waits if threads outnumber slots.
    pub(super) fn with<T>(&self, read: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let mine = thread_number().checked_rem(self.slots.len());
        let slot = mine
            .and_then(|mine| self.slots.get(mine))
            .ok_or_else(|| Error::Unavailable("the table is closed".to_owned()))?;
        let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
        let connection = if let Some(connection) = slot.take() {
            connection
        } else {
            let connection = file::connect(&self.path)?;
            file::set_cache(&connection, self.cache)?;
            // What all the others read is what this one is to read.
            self.health.check()?;
            connection
        };
        read(slot.insert(connection))
    }

    /// Closes all connections.
    pub(super) fn close(&mut self) {
        self.slots.clear();
    }
}

/// A small number that is this thread's own.
fn thread_number() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static MINE: Cell<usize> = Cell::new(NEXT.fetch_add(1, Ordering::Relaxed));
    }
    MINE.get()
}

/// One page, and whether anything follows it.
pub(super) fn query(connection: &Connection, query: &Query, now: u64) -> Result<Page> {
    let wanted = query.limit + 1;
    let mut items = Vec::new();
    select(connection, items_of(query), query, wanted, now, |found| {
        items.push(row::item(found)?);
        Ok(())
    })?;
    let more = items.len() > query.limit;
    items.truncate(query.limit);
    Ok(Page { items, more })
}

/// How many items there are up to the page's end, and where it is.
pub(super) fn skip(connection: &Connection, query: &Query, now: u64) -> Result<Passed> {
    let mut passed = Passed::default();
    select(connection, keys_of(query), query, query.limit, now, |found| {
        passed.items += 1;
        if passed.items == query.limit {
            let key = Key { partition: found.get(0)?, sort: found.get(1)? };
            passed.end = Some(Position { sort: found.get(2)?, key });
        }
        Ok(())
    })?;
    Ok(passed)
}

/// The next live items of all, in the order of their keys.
pub(super) fn scan(
    connection: &Connection,
    after: Option<&Key>,
    limit: usize,
    now: u64,
) -> Result<Scanned> {
    let mut statement = connection.prepare_cached(
        "SELECT pk, sk, gs1pk, gs1sk, version, expires, body FROM item
         WHERE (pk, sk) > (?1, ?2) AND (expires IS NULL OR expires > ?3)
         ORDER BY pk, sk LIMIT ?4",
    )?;
    // No key has an empty part, so that this lies before all.
    let (partition, sort) =
        after.map_or(("", ""), |key| (key.partition.as_str(), key.sort.as_str()));
    let wanted = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut rows =
        statement.query(rusqlite::params![partition, sort, row::integer(now), wanted])?;
    let mut items = Vec::new();
    while let Some(found) = rows.next()? {
        items.push(row::item(found)?);
    }
    let next = items.last().filter(|_| items.len() == limit).map(|item: &Item| item.key.clone());
    Ok(Scanned { items, next })
}

/// Runs one of the statements below, for at most so many rows.
fn select(
    connection: &Connection,
    statement: &str,
    query: &Query,
    wanted: usize,
    now: u64,
    mut each: impl FnMut(&Row<'_>) -> Result<()>,
) -> Result<()> {
    let [low, high] = edges(query);
    let mut statement = connection.prepare_cached(statement)?;
    let mut rows = statement.query(rusqlite::params![
        query.partition,
        low.0,
        low.1,
        low.2,
        high.0,
        high.1,
        high.2,
        row::integer(now),
        i64::try_from(wanted).unwrap_or(i64::MAX),
    ])?;
    while let Some(found) = rows.next()? {
        each(found)?;
    }
    Ok(())
}

/// All of these and of those below take the same parameters: the partition, the edges' three columns
/// each, the time and the number of rows.
fn items_of(query: &Query) -> &'static str {
    match (query.index, query.direction) {
        (Index::Primary, Direction::Forward) => {
            "SELECT pk, sk, gs1pk, gs1sk, version, expires, body FROM item
             WHERE pk = ?1 AND (sk, pk, sk) > (?2, ?3, ?4) AND (sk, pk, sk) < (?5, ?6, ?7)
               AND (expires IS NULL OR expires > ?8)
             ORDER BY sk LIMIT ?9"
        }
        (Index::Primary, Direction::Backward) => {
            "SELECT pk, sk, gs1pk, gs1sk, version, expires, body FROM item
             WHERE pk = ?1 AND (sk, pk, sk) > (?2, ?3, ?4) AND (sk, pk, sk) < (?5, ?6, ?7)
               AND (expires IS NULL OR expires > ?8)
             ORDER BY sk DESC LIMIT ?9"
        }
        (Index::Gs1, Direction::Forward) => {
            "SELECT pk, sk, gs1pk, gs1sk, version, expires, body FROM item
             WHERE gs1pk = ?1 AND (gs1sk, pk, sk) > (?2, ?3, ?4) AND (gs1sk, pk, sk) < (?5, ?6, ?7)
               AND (expires IS NULL OR expires > ?8)
             ORDER BY gs1sk, pk, sk LIMIT ?9"
        }
        (Index::Gs1, Direction::Backward) => {
            "SELECT pk, sk, gs1pk, gs1sk, version, expires, body FROM item
             WHERE gs1pk = ?1 AND (gs1sk, pk, sk) > (?2, ?3, ?4) AND (gs1sk, pk, sk) < (?5, ?6, ?7)
               AND (expires IS NULL OR expires > ?8)
             ORDER BY gs1sk DESC, pk DESC, sk DESC LIMIT ?9"
        }
    }
}

/// What the index has of the same rows: the address, and the sort key in the index.
fn keys_of(query: &Query) -> &'static str {
    match (query.index, query.direction) {
        (Index::Primary, Direction::Forward) => {
            "SELECT pk, sk, sk FROM item
             WHERE pk = ?1 AND (sk, pk, sk) > (?2, ?3, ?4) AND (sk, pk, sk) < (?5, ?6, ?7)
               AND (expires IS NULL OR expires > ?8)
             ORDER BY sk LIMIT ?9"
        }
        (Index::Primary, Direction::Backward) => {
            "SELECT pk, sk, sk FROM item
             WHERE pk = ?1 AND (sk, pk, sk) > (?2, ?3, ?4) AND (sk, pk, sk) < (?5, ?6, ?7)
               AND (expires IS NULL OR expires > ?8)
             ORDER BY sk DESC LIMIT ?9"
        }
        (Index::Gs1, Direction::Forward) => {
            "SELECT pk, sk, gs1sk FROM item
             WHERE gs1pk = ?1 AND (gs1sk, pk, sk) > (?2, ?3, ?4) AND (gs1sk, pk, sk) < (?5, ?6, ?7)
               AND (expires IS NULL OR expires > ?8)
             ORDER BY gs1sk, pk, sk LIMIT ?9"
        }
        (Index::Gs1, Direction::Backward) => {
            "SELECT pk, sk, gs1sk FROM item
             WHERE gs1pk = ?1 AND (gs1sk, pk, sk) > (?2, ?3, ?4) AND (gs1sk, pk, sk) < (?5, ?6, ?7)
               AND (expires IS NULL OR expires > ?8)
             ORDER BY gs1sk DESC, pk DESC, sk DESC LIMIT ?9"
        }
    }
}

/// A place between two items: sort key in the index, `pk`, `sk`.
type Edge<'a> = (Sort, &'a str, &'a str);

/// A sort key, or what is greater than all of them. The derived order is the one SQLite keeps.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Sort {
    Text(String),
    End,
}

impl ToSql for Sort {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        match self {
            Self::Text(text) => text.to_sql(),
            // SQLite orders every blob behind every text.
            Self::End => Ok(ToSqlOutput::Owned(Value::Blob(Vec::new()))),
        }
    }
}

/// Where the walk begins and ends: all that lies truly between the two. An edge with an empty `pk`
/// stands just before all items of its sort key.
fn edges(query: &Query) -> [Edge<'_>; 2] {
    let (low, high) = query.range.bounds();
    let low = (Sort::Text(low.to_owned()), "", "");
    let high = (high.map_or(Sort::End, Sort::Text), "", "");
    let Some(after) = &query.after else { return [low, high] };
    let after =
        (Sort::Text(after.sort.clone()), after.key.partition.as_str(), after.key.sort.as_str());
    match query.direction {
        Direction::Forward => [low.max(after), high],
        Direction::Backward => [low, high.min(after)],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{clock::Clock, table::sqlite::Sqlite};

    #[test]
    fn readers_share_what_is_kept_in_memory_and_map_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let table = Sqlite::open_with(&folder.path().join("t.db"), Clock::System, 512).unwrap();
        let of = |name: &str| {
            let read = |connection: &Connection| {
                Ok(connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0))?)
            };
            table.readers.with(read).unwrap()
        };
        let slots = i64::try_from(table.readers.slots.len()).unwrap();
        assert_eq!(of("cache_size"), -(256 * 1024 / slots));
        assert_eq!(of("mmap_size"), 0);
    }
}
