//! One item and its row: the statements that address a single item.

use rusqlite::{Connection, OptionalExtension, Row, Statement, params};

use super::{Error, Item, Key, Result};

/// The live item at a key.
const GET: &str = "SELECT pk, sk, gs1pk, gs1sk, version, expires, body FROM item
    WHERE pk = ?1 AND sk = ?2 AND (expires IS NULL OR expires > ?3)";

/// The live item at `key`.
pub(super) fn get(connection: &Connection, key: &Key, now: u64) -> Result<Option<Item>> {
    found(&mut *connection.prepare_cached(GET)?, key, now)
}

/// The live item at each of the keys.
///
/// One transaction, so that SQLite takes its locks and looks for others' writes once, and not for
/// each key.
pub(super) fn get_many(
    connection: &Connection,
    keys: &[Key],
    now: u64,
) -> Result<Vec<Option<Item>>> {
    let transaction = connection.unchecked_transaction()?;
    let items = {
        let mut statement = transaction.prepare_cached(GET)?;
        keys.iter().map(|key| found(&mut statement, key, now)).collect::<Result<_>>()?
    };
    transaction.commit()?;
    Ok(items)
}

/// Runs [`GET`] for one key.
fn found(get: &mut Statement<'_>, key: &Key, now: u64) -> Result<Option<Item>> {
    let mut rows = get.query(params![key.partition, key.sort, integer(now)])?;
    rows.next()?.map(item).transpose()
}

/// The version of the live item at `key`.
pub(super) fn version(connection: &Connection, key: &Key, now: u64) -> Result<Option<u64>> {
    let mut statement = connection.prepare_cached(
        "SELECT version FROM item
         WHERE pk = ?1 AND sk = ?2 AND (expires IS NULL OR expires > ?3)",
    )?;
    let params = params![key.partition, key.sort, integer(now)];
    let version: Option<i64> = statement.query_row(params, |row| row.get(0)).optional()?;
    version.map(|version| natural(key, version)).transpose()
}

/// Stores the item in place of what was there.
pub(super) fn put(connection: &Connection, item: &Item) -> Result<()> {
    let mut statement = connection.prepare_cached(
        "REPLACE INTO item (pk, sk, gs1pk, gs1sk, version, expires, body)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    statement.execute(params![
        item.key.partition,
        item.key.sort,
        item.gs1.as_ref().map(|key| &key.partition),
        item.gs1.as_ref().map(|key| &key.sort),
        integer(item.version),
        item.expires.map(integer),
        item.body,
    ])?;
    Ok(())
}

/// Removes the item, if there is one.
pub(super) fn delete(connection: &Connection, key: &Key) -> Result<()> {
    let mut statement = connection.prepare_cached("DELETE FROM item WHERE pk = ?1 AND sk = ?2")?;
    statement.execute([&key.partition, &key.sort])?;
    Ok(())
}

/// Removes up to `limit` items that have expired; returns how many there were.
pub(super) fn sweep(connection: &Connection, now: u64, limit: usize) -> Result<usize> {
    let mut statement = connection.prepare_cached(
        "DELETE FROM item WHERE (pk, sk) IN
         (SELECT pk, sk FROM item WHERE expires <= ?1 ORDER BY expires LIMIT ?2)",
    )?;
    Ok(statement.execute(params![integer(now), i64::try_from(limit).unwrap_or(i64::MAX)])?)
}

/// Reads a row of all seven columns.
pub(super) fn item(row: &Row<'_>) -> Result<Item> {
    let key = Key { partition: row.get(0)?, sort: row.get(1)? };
    let gs1: (Option<String>, Option<String>) = (row.get(2)?, row.get(3)?);
    let version = natural(&key, row.get(4)?)?;
    let expires: Option<i64> = row.get(5)?;
    let expires = expires.map(|seconds| natural(&key, seconds)).transpose()?;
    let gs1 = gs1.0.zip(gs1.1).map(|(partition, sort)| Key { partition, sort });
    Ok(Item { gs1, version, expires, body: row.get(6)?, key })
}

/// What SQLite can hold; the checks at the door keep stored numbers within it.
pub(super) fn integer(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn natural(key: &Key, number: i64) -> Result<u64> {
    u64::try_from(number)
        .map_err(|_| Error::Corrupt { key: key.clone(), why: format!("{number} is negative") })
}
