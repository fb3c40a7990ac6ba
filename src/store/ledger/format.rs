//! The format of a table: what its records look like. A program neither reads nor writes a table of another
//! format, which it would take for something else.

use serde::{Deserialize, Serialize};

use crate::{
    store::{
        Error, Result, Store,
        ledger::{
            layout, place,
            record::{self, Stored},
            step::Step,
        },
    },
    table::{Index, Query, Range, Table},
};

/// The format that this program reads and writes; the version of SQLite files is the same.
const FORMAT: u64 = 4;

/// What a table says of its format.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Format {
    format: u64,
}

impl Stored for Format {}

/// Requires that the table says that it is of this program's format.
///
/// # Errors
/// `Format` if it is of another, or says nothing.
pub(crate) async fn require_this_format(table: &dyn Table) -> Result<()> {
    let item = table.get(&layout::format()).await?;
    let found = item.as_ref().map(record::decode::<Format>).transpose()?.map(|it| it.format);
    if found == Some(FORMAT) { Ok(()) } else { Err(Error::Format { found, known: FORMAT }) }
}

impl Store {
    /// Makes sure that the table is of this program's format. A table that holds nothing yet becomes one.
    ///
    /// # Errors
    /// `Format` if it is of another.
    pub async fn ensure_format(&self) -> Result<()> {
        self.attempt(|| async {
            if self.check_format().await? {
                return Ok(Some(()));
            }
            let mut step = Step::default();
            step.insert(layout::item(layout::format(), 1, &Format { format: FORMAT })?);
            // Another node may be faster; the next attempt sees what it has written.
            Ok(self.commit(step).await?.then(()))
        })
        .await
    }

    /// Whether the table says that it is of this program's format; one that holds nothing yet says nothing.
    ///
    /// # Errors
    /// `Format` if it is of another, `NotInUse`.
    pub(crate) async fn check_format(&self) -> Result<bool> {
        place::require_in_use(&*self.table).await?;
        match self.load::<Format>(layout::format()).await? {
            Some(Format { format: FORMAT }) => Ok(true),
            Some(Format { format }) => Err(Error::Format { found: Some(format), known: FORMAT }),
            // The first programs did not write any.
            None if self.has_accounts().await? => Err(Error::Format { found: None, known: FORMAT }),
            None => Ok(false),
        }
    }

    async fn has_accounts(&self) -> Result<bool> {
        let any = Query::first(Index::Gs1, layout::ACCOUNTS, Range::All, 1);
        let home = self.table.get(&layout::home()).await?;
        Ok(home.is_some() || !self.table.query(&any).await?.items.is_empty())
    }
}
