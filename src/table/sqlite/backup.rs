//! Backups: a copy of the table as it is at one moment, in a file that says what it holds.
//!
//! A backup is an SQLite file like the table's own, with a manifest in a table beside the items. It is
//! taken while others read and write, and it appears under its name only once it is whole, checked and
//! on disk.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use rusqlite::{Connection, OpenFlags, OptionalExtension, types::ValueRef};

use super::{Error, Result, file, lock::Lock, wal::Stamp};
use crate::{private_file, table::digest::Digest};

/// The manifest, and the proof of who made it.
const SCHEMA: &str = "
    DROP TABLE IF EXISTS backup;
    CREATE TABLE backup (manifest TEXT NOT NULL, proof TEXT NOT NULL) STRICT;
";

/// What a backup holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// How many items, with those that have expired.
    pub records: u64,
    /// SHA-256 of them all, in the order of their keys.
    pub digest: String,
}

/// What a backup says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// What it was made of, when and by which program.
    pub manifest: String,
    /// By what the maker can be known.
    pub proof: String,
}

/// Copies the table at `path`, as it is at one moment, into a new file at `target`, with the label that
/// `label` gives it.
///
/// # Errors
/// `Unavailable` if there is no such table, if `target` is there already, or if the copy is damaged;
/// then nothing is left of it.
pub fn write(
    path: &Path,
    target: &Path,
    label: impl FnOnce(&Content) -> Result<Label>,
) -> Result<Content> {
    if !path.exists() {
        return Err(Error::Unavailable(format!("there is no table at {}", path.display())));
    }
    if target.exists() {
        return Err(Error::Unavailable(format!(
            "{} already exists; name a new file",
            target.display()
        )));
    }
    let _lock = Lock::share(path)?;
    let source = file::connect(path)?;
    file::require_ours(&source, path)?;
    let draft = draft_of(target);
    // SQLite goes on with an empty file, and keeps its permissions.
    private_file::create(&draft).map_err(|error| not_created(target, &error))?;
    let written = fill(&source, &draft, label).and_then(|content| {
        publish(&draft, target).map_err(|error| not_created(target, &error))?;
        Ok(content)
    });
    if written.is_err() {
        // What went wrong is what counts; the draft may not even be there.
        let _already_gone = fs::remove_file(&draft);
    }
    written
}

/// Looks whether the backup at `path` is whole and what its label says; writes nothing.
///
/// # Errors
/// `Mismatch` if it is no backup of this version, `Unavailable` if it is damaged.
pub fn verify(path: &Path) -> Result<(Content, Label)> {
    let connection = open_read_only(path)?;
    file::require_ours(&connection, path)?;
    check(&connection, path)?;
    let statement = "SELECT manifest, proof FROM backup";
    let label = connection
        .query_row(statement, [], |row| Ok(Label { manifest: row.get(0)?, proof: row.get(1)? }));
    let label = label.map_err(|_| {
        let path = path.display();
        Error::Mismatch(format!("{path} is not a backup; create one with guestlist backup"))
    })?;
    Ok((content(&connection)?, label))
}

/// Copies a backup to `target`, a new file, as a table without a label.
///
/// # Errors
/// If it cannot be written.
pub fn unpack(path: &Path, target: &Path) -> Result<()> {
    let copied = private_file::create(target).and_then(|mut to| {
        io::copy(&mut File::open(path)?, &mut to)?;
        to.sync_all()
    });
    copied.map_err(|error| not_created(target, &error))?;
    file::connect(target)?.execute_batch("DROP TABLE backup")?;
    Ok(())
}

/// What lies beside an SQLite file while it is in use, and can be left there.
pub fn companions(path: &Path) -> [PathBuf; 3] {
    ["-wal", "-shm", "-journal"].map(|end| {
        let mut name = path.as_os_str().to_owned();
        name.push(end);
        name.into()
    })
}

/// Gives a finished file its name, which must be free, so that the name outlives a power cut.
///
/// # Errors
/// If the name is taken, or the folder cannot be written.
pub fn publish(draft: &Path, target: &Path) -> io::Result<()> {
    File::open(draft)?.sync_all()?;
    // Unlike a rename, it never takes another file's place.
    fs::hard_link(draft, target)?;
    fs::remove_file(draft)?;
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

fn fill(
    source: &Connection,
    draft: &Path,
    label: impl FnOnce(&Content) -> Result<Label>,
) -> Result<Content> {
    let name = draft.to_str().ok_or_else(|| {
        Error::Unavailable(format!("SQLite does not accept the name {}", draft.display()))
    })?;
    // One statement, and so one moment, however long it takes.
    source.execute("VACUUM INTO ?1", [name])?;
    let copy = file::connect(draft)?;
    copy.pragma_update_and_check(None, "journal_mode", "DELETE", |_| Ok(()))?;
    check(&copy, draft)?;
    let content = content(&copy)?;
    let label = label(&content)?;
    // The log of the table is not the copy's.
    file::put_stamp(&copy, Stamp::random())?;
    copy.execute_batch(SCHEMA)?;
    copy.execute("INSERT INTO backup VALUES (?1, ?2)", [label.manifest, label.proof])?;
    Ok(content)
}

/// SQLite's own look at the whole file.
fn check(connection: &Connection, path: &Path) -> Result<()> {
    let found: Option<String> =
        connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0)).optional()?;
    match found.as_deref() {
        Some("ok") => Ok(()),
        other => {
            let why = other.unwrap_or("it cannot be read");
            Err(Error::Unavailable(format!("{} is damaged: {why}", path.display())))
        }
    }
}

/// Reads every item.
fn content(connection: &Connection) -> Result<Content> {
    let mut digest = Digest::default();
    let mut statement = connection
        .prepare("SELECT pk, sk, gs1pk, gs1sk, version, expires, body FROM item ORDER BY pk, sk")?;
    let columns = statement.column_count();
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        digest.record();
        for column in 0..columns {
            match row.get_ref(column)? {
                ValueRef::Null => digest.part(None),
                ValueRef::Integer(number) => digest.part(Some(&number.to_le_bytes())),
                ValueRef::Text(bytes) | ValueRef::Blob(bytes) => digest.part(Some(bytes)),
                ValueRef::Real(number) => digest.part(Some(&number.to_le_bytes())),
            }
        }
    }
    let (records, digest) = digest.end();
    Ok(Content { records, digest })
}

/// Opens a file that nobody writes, without making anything beside it.
fn open_read_only(path: &Path) -> Result<Connection> {
    File::open(path)
        .map_err(|error| Error::Unavailable(format!("cannot read {}: {error}", path.display())))?;
    for beside in companions(path) {
        if fs::metadata(&beside).is_ok_and(|found| found.len() > 0) {
            let (path, beside) = (path.display(), beside.display());
            return Err(Error::Mismatch(format!(
                "next to {path} there is {beside}, which does not belong to a backup: move it away"
            )));
        }
    }
    file::connect_with(path, OpenFlags::SQLITE_OPEN_READ_ONLY)
}

/// Where a file is made before it has its name: beside it, since a link cannot leave the disk.
fn draft_of(target: &Path) -> PathBuf {
    let mut name = target.as_os_str().to_owned();
    name.push(format!(".{}.draft", std::process::id()));
    name.into()
}

fn not_created(path: &Path, error: &io::Error) -> Error {
    Error::Unavailable(format!("cannot create {}: {error}", path.display()))
}
