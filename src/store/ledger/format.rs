//! What a table says of itself: what its records look like, and which secrets it is used with. A program neither
//! reads nor writes a table of another format, which it would take for something else, and none with another
//! secret, under which what waits there could not be opened.

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
    table::{Index, Item, Query, Range, Table},
};

/// The format that this program reads and writes; the version of SQLite files is the same.
const FORMAT: u64 = 5;
/// How many secrets a table knows by their marks; with one more, the oldest goes.
const MOST_SECRETS: usize = 32;

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
    #[serde(skip)]
    version: u64,
}

impl Stored for Format {
    fn adopt(&mut self, item: &Item) {
        self.version = item.version;
    }
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
    /// Makes sure that the table is of this program's format and for its secret. A table that holds nothing yet
    /// becomes one. A secret that takes the place of one in `previous_secrets` is noted.
    ///
    /// # Errors
    /// `Format` if it is of another; `Secret` if it is for another.
    pub async fn ensure_format(&self) -> Result<()> {
        self.attempt(|| async {
            match self.check_format().await? {
                Some(format) if format.secrets.contains(&self.marks.current) => Ok(Some(())),
                found => self.note_secret(found).await,
            }
        })
        .await
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
            Ok(self.note_secret(found).await?.map(|()| true))
        })
        .await
    }

    /// Notes the current secret beside those that are known; `None` if a race was lost.
    async fn note_secret(&self, found: Option<Format>) -> Result<Option<()>> {
        let mut step = Step::default();
        let (mut secrets, version) =
            found.map_or((Vec::new(), 0), |format| (format.secrets, format.version));
        secrets.push(self.marks.current.clone());
        secrets.drain(..secrets.len().saturating_sub(MOST_SECRETS));
        let format = Format { format: FORMAT, secrets, version };
        let item = layout::item(layout::format(), version + 1, &format)?;
        match version {
            0 => step.insert(item),
            _ => step.replace(item, version),
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
        self.check_format().await.map(drop)
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
