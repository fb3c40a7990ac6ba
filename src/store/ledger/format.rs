//! What a table says of itself: what its records look like, and which secrets it is used with. A program neither
//! reads nor writes a table of another format, which it would take for something else, and none with another
//! secret, under which what waits there could not be opened. Nor does it work on a table that was made of another
//! one's backup, and knows nothing of what has been ended since.

use serde::{Deserialize, Serialize};

use crate::{
    secret::Secrets,
    store::{
        Error, Result, Store,
        ledger::{
            layout, place,
            record::{self, Stored},
            step::Step,
        },
    },
    table::{Condition, Index, Item, Op, Query, Range, Table, Written},
};

/// The format that this program reads and writes; the version of SQLite files is the same.
const FORMAT: u64 = 5;
/// How many secrets a table knows by their marks; with one more, the oldest goes.
const MOST_SECRETS: usize = 32;

/// How many tables it may be, where they are replicated; with one more, the oldest goes.
const MOST_TABLES: usize = 32;

/// What a table says of itself.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Format {
    #[expect(clippy::struct_field_names, reason = "that is what it is called in the table")]
    format: u64,
    /// The marks of the secrets that it has been used with, the latest last. Those before the current one stay, so
    /// that a node which has not been given the new one yet can still start.
    #[serde(default)]
    secrets: Vec<String>,
    /// Which table it is, as its engine says; several, where tables are replicated or somebody has said so.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tables: Vec<String>,
    #[serde(skip)]
    version: u64,
}

impl Stored for Format {
    fn adopt(&mut self, item: &Item) {
        self.version = item.version;
    }
}

impl Format {
    /// # Errors
    /// `NotInUse` if the table has been another one so far.
    fn require_table(&self, present: Option<&str>) -> Result<()> {
        if self.tables.is_empty() || self.is_table(present) {
            return Ok(());
        }
        Err(Error::NotInUse(
            "the table was made from another one, for example by point-in-time recovery, so sessions, keys and codes \
             that have ended since would work again: run guestlist table restored, which signs everyone out and \
             voids open codes. If the table is an up-to-date replica, run guestlist table reopen"
                .to_owned(),
        ))
    }

    /// Whether it is known to be that one. Where the engine does not say, it is.
    fn is_table(&self, present: Option<&str>) -> bool {
        present.is_none_or(|present| self.tables.iter().any(|known| known == present))
    }

    fn note_table(&mut self, present: Option<&str>) {
        if !self.is_table(present) {
            self.tables.extend(present.map(ToOwned::to_owned));
            self.tables.drain(..self.tables.len().saturating_sub(MOST_TABLES));
        }
    }

    fn note_secret(&mut self, mark: &str) {
        if !self.secrets.iter().any(|known| known == mark) {
            self.secrets.push(mark.to_owned());
            self.secrets.drain(..self.secrets.len().saturating_sub(MOST_SECRETS));
        }
    }

    fn item(&self) -> Result<Item> {
        layout::item(layout::format(), self.version + 1, self)
    }
}

/// What becomes of the tables that a table is known to be, besides the present one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Others {
    /// They go on, too: they are replicas.
    Stay,
    /// It takes their place.
    Go,
}

/// By what a table knows the secrets in use: nothing that helps to guess them, or to open what they closed.
pub(in crate::store) struct Marks {
    current: String,
    previous: Vec<String>,
}

impl Marks {
    pub(in crate::store) fn new(secrets: &Secrets) -> Self {
        let previous = secrets.previous.iter().map(|secret| secret.mark("table mark"));
        Self { current: secrets.current.mark("table mark"), previous: previous.collect() }
    }
}

/// Requires that the table says that it is of this program's format, and is the one that it has been.
///
/// # Errors
/// `Format` if it is of another, or says nothing; `NotInUse`.
pub(crate) async fn require_this_format(table: &dyn Table) -> Result<()> {
    let id = table.table_id().await?;
    own_format(table).await?.require_table(id.as_deref())
}

/// Has a table be used that another one was made into; whether that is news.
///
/// # Errors
/// `Format` if it is of another, or says nothing; `Busy` if somebody else has been faster.
pub(crate) async fn accept_table(table: &dyn Table, others: Others) -> Result<bool> {
    let Some(present) = table.table_id().await? else { return Ok(false) };
    let mut format = own_format(table).await?;
    let before = format.tables.clone();
    if others == Others::Go {
        format.tables.clear();
    }
    format.note_table(Some(&present));
    if format.tables == before {
        return Ok(false);
    }
    let ops = vec![Op::Put(format.item()?, Condition::Version(format.version))];
    match table.write(ops).await? {
        Written::Done => Ok(!before.is_empty()),
        Written::Refused(_) => Err(Error::Busy),
    }
}

/// The item by which a finished copy is of the format, and for the secrets, of the table that it is a copy of.
pub(crate) async fn for_copy(from: &dyn Table, to: &dyn Table) -> Result<Item> {
    let mut format = own_format(from).await?;
    format.tables.clear();
    format.note_table(to.table_id().await?.as_deref());
    format.item()
}

async fn own_format(table: &dyn Table) -> Result<Format> {
    let item = table.get(&layout::format()).await?;
    let found = item.as_ref().map(record::decode::<Format>).transpose()?;
    let other = found.as_ref().map(|it| it.format);
    found.filter(|it| it.format == FORMAT).ok_or(Error::Format { found: other, known: FORMAT })
}

impl Store {
    /// Makes sure that the table is of this program's format, for its secret, and the one that it has been. A table that
    /// holds nothing yet becomes one. A secret that takes the place of one in `previous_secrets` is noted.
    ///
    /// # Errors
    /// `Format` if it is of another; `Secret` if it is for another; `NotInUse`.
    pub async fn ensure_format(&self) -> Result<()> {
        let id = self.table.table_id().await?;
        self.attempt(|| async {
            let found = self.check_format().await?;
            if let Some(format) = &found {
                format.require_table(id.as_deref())?;
            }
            self.note(found, id.as_deref()).await
        })
        .await
    }

    /// As [`Store::ensure_format`], for a table that may have been made of another one's backup.
    ///
    /// # Errors
    /// As there.
    pub(crate) async fn ensure_restored_format(&self) -> Result<()> {
        self.attempt(|| async { self.note(self.check_format().await?, None).await }).await
    }

    /// From now on the table is the one to use, and no other.
    ///
    /// # Errors
    /// `Format`, `Busy`.
    pub(crate) async fn accept_restored_table(&self) -> Result<()> {
        accept_table(&*self.table, Others::Go).await.map(drop)
    }

    /// From now on the table is for the current secret, whatever it was for before; false if it was already. What
    /// was closed with the others stays closed.
    ///
    /// # Errors
    /// `Format`
    pub(crate) async fn accept_secret(&self) -> Result<bool> {
        self.attempt(|| async {
            let found = self.format().await?;
            let known = |format: &Format| format.secrets == [self.marks.current.as_str()];
            if found.as_ref().is_some_and(known) {
                return Ok(Some(false));
            }
            let found = found.map(|format| Format { secrets: Vec::new(), ..format });
            Ok(self.note(found, None).await?.map(|()| true))
        })
        .await
    }

    /// Notes the current secret and the table beside those that are known; `None` if a race was lost.
    async fn note(&self, found: Option<Format>, table: Option<&str>) -> Result<Option<()>> {
        let is_known = |format: &Format| {
            format.secrets.contains(&self.marks.current) && format.is_table(table)
        };
        if found.as_ref().is_some_and(is_known) {
            return Ok(Some(()));
        }
        let new = Format { format: FORMAT, secrets: Vec::new(), tables: Vec::new(), version: 0 };
        let mut format = found.unwrap_or(new);
        format.note_secret(&self.marks.current);
        format.note_table(table);
        let mut step = Step::default();
        match format.version {
            0 => step.insert(format.item()?),
            version => step.replace(format.item()?, version),
        }
        // Another node may be faster; the next attempt sees what it has written.
        Ok(self.commit(step).await?.then(()))
    }

    /// Sees that the table, if it holds anything yet, is of this program's format and for its secret.
    ///
    /// # Errors
    /// `Format` if it is of another; `Secret` if it is for another; `NotInUse`.
    async fn check_format(&self) -> Result<Option<Format>> {
        place::require_in_use(&*self.table).await?;
        let Some(format) = self.format().await? else { return Ok(None) };
        let Marks { current, previous } = &self.marks;
        let mut ours = std::iter::once(current).chain(previous);
        if ours.any(|mark| format.secrets.contains(mark)) {
            return Ok(Some(format));
        }
        Err(Error::Secret { is_marked: !format.secrets.is_empty() })
    }

    /// As [`Store::ensure_format`], but writes nothing.
    pub(crate) async fn check_table(&self) -> Result<()> {
        let Some(format) = self.check_format().await? else { return Ok(()) };
        format.require_table(self.table.table_id().await?.as_deref())
    }

    /// What the table says of itself; one that holds nothing yet says nothing.
    async fn format(&self) -> Result<Option<Format>> {
        match self.load::<Format>(layout::format()).await? {
            Some(format) if format.format == FORMAT => Ok(Some(format)),
            Some(Format { format, .. }) => {
                Err(Error::Format { found: Some(format), known: FORMAT })
            }
            // The first programs did not write any.
            None if self.has_accounts().await? => Err(Error::Format { found: None, known: FORMAT }),
            None => Ok(None),
        }
    }

    async fn has_accounts(&self) -> Result<bool> {
        let any = Query::first(Index::Gs1, layout::ACCOUNTS, Range::All, 1);
        let home = self.table.get(&layout::home()).await?;
        Ok(home.is_some() || !self.table.query(&any).await?.items.is_empty())
    }
}
