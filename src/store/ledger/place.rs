//! Where a table is and has been: whether it is a copy that is not finished, and whether another table has taken
//! its place. No program works on either.
//!
//! These items are the table's own. They do not go along when it is copied.

use serde::{Deserialize, Serialize};

use crate::{
    clock::Timestamp,
    store::{
        Error, Result,
        ledger::{
            layout,
            record::{self, Stored},
        },
    },
    table::{self, Condition, Item, Key, Op, Table, Written},
};

/// How far a copy has come; lies in the table that is being filled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UnfinishedCopy {
    /// The table that it is copied from.
    pub(crate) from: String,
    /// The partition and sort key to go on behind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) after: Option<(String, String)>,
    /// How many items there are so far.
    pub(crate) copied: u64,
}

impl Stored for UnfinishedCopy {}

/// That another table is used in place of this one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Moved {
    /// Which one.
    pub(crate) to: String,
    /// Since when.
    pub(crate) at: Timestamp,
}

impl Stored for Moved {}

/// The items that are a table's own.
pub(crate) fn own_items() -> [Key; 3] {
    [layout::format(), layout::copy(), layout::moved()]
}

/// Requires that the table is the one that is used.
///
/// # Errors
/// `NotInUse`
pub(crate) async fn require_in_use(table: &dyn Table) -> Result<()> {
    if let Some(UnfinishedCopy { from, .. }) = unfinished_copy(table).await? {
        return Err(Error::NotInUse(format!(
            "the table is an unfinished copy of {from}: run guestlist table copy again to resume it"
        )));
    }
    match load::<Moved>(table, layout::moved()).await? {
        Some(Moved { to, at }) => Err(Error::NotInUse(format!(
            "the table was copied to {to} on {at}, which is used instead; to use this one again, run guestlist table \
             reopen"
        ))),
        None => Ok(()),
    }
}

/// How far a copy into this table has come, if there is one.
pub(crate) async fn unfinished_copy(table: &dyn Table) -> Result<Option<UnfinishedCopy>> {
    load(table, layout::copy()).await
}

/// Notes how far a copy into this table has come.
pub(crate) async fn note_copy(table: &dyn Table, copy: &UnfinishedCopy) -> Result<()> {
    put(table, layout::item(layout::copy(), 1, copy)?).await
}

/// Makes a finished copy usable, by what it says of itself.
pub(crate) async fn finish_copy(to: &dyn Table, format: Item) -> Result<()> {
    let ops = vec![
        Op::Put(format, Condition::Any),
        Op::Delete(layout::moved(), Condition::Any),
        Op::Delete(layout::copy(), Condition::Any),
    ];
    write(to, ops).await
}

/// Notes that another table has taken the place of this one.
pub(crate) async fn note_moved(table: &dyn Table, moved: &Moved) -> Result<()> {
    put(table, layout::item(layout::moved(), 1, moved)?).await
}

/// Has the table be used again; returns whether another one had taken its place.
pub(crate) async fn reopen(table: &dyn Table) -> Result<bool> {
    let was_moved = load::<Moved>(table, layout::moved()).await?.is_some();
    write(table, vec![Op::Delete(layout::moved(), Condition::Any)]).await?;
    Ok(was_moved)
}

async fn load<T: Stored>(table: &dyn Table, key: Key) -> Result<Option<T>> {
    table.get(&key).await?.as_ref().map(record::decode).transpose()
}

async fn put(table: &dyn Table, item: Item) -> Result<()> {
    write(table, vec![Op::Put(item, Condition::Any)]).await
}

async fn write(table: &dyn Table, ops: Vec<Op>) -> Result<()> {
    match table.write(ops).await? {
        Written::Done => Ok(()),
        Written::Refused(_) => {
            let why = "a write without a condition was refused".to_owned();
            Err(Error::Table(table::Error::Busy(why)))
        }
    }
}
