//! The file: making it, telling it from foreign ones, and opening connections to it.

use std::{
    fs::Permissions,
    io,
    os::unix::fs::PermissionsExt,
    path::Path,
    time::{Duration, Instant},
};

use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior, config::DbConfig};

use super::{Error, Result, wal::Stamp};
use crate::private_file;

/// Marks the file as ours: "GUES" in ASCII, which is also what `file(1)` shows of it.
const APPLICATION: i32 = 0x4755_4553;
/// The version of the schema below, and of the records that lie in it.
const VERSION: u8 = 5;
/// How long to wait for another process's write to end.
pub(super) const BUSY: Duration = Duration::from_secs(5);

/// The pause before the making of the file is tried again.
pub(super) const PAUSE: Duration = Duration::from_millis(20);

/// What a log may keep of the disk when it starts over: as much as it takes in the usual course of things.
const LOG_BYTES: i64 = 64 << 20;

/// The least that a connection keeps in memory, in KiB; one that only moves the log keeps no more.
const LEAST_CACHE: usize = 2048;

/// All that passing items takes is in `item_gs1`, so that no item is looked up for it.
const SCHEMA: &str = "
    CREATE TABLE item (
        pk TEXT NOT NULL,
        sk TEXT NOT NULL,
        gs1pk TEXT,
        gs1sk TEXT,
        version INTEGER NOT NULL,
        expires INTEGER,
        body TEXT NOT NULL,
        PRIMARY KEY (pk, sk)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX item_gs1 ON item (gs1pk, gs1sk, pk, sk, expires) WHERE gs1pk IS NOT NULL;
    CREATE INDEX item_expires ON item (expires) WHERE expires IS NOT NULL;
";

/// Makes sure that there is a table of ours at `path`, and nobody else can read it.
///
/// Where several processes do so at once, SQLite tells some of them at once that the file is locked:
/// going over to WAL is nothing that it waits for.
pub(super) fn prepare(path: &Path) -> Result<()> {
    let patience = Instant::now() + BUSY;
    loop {
        match try_prepare(path) {
            Err(Error::Busy(_)) if Instant::now() < patience => std::thread::sleep(PAUSE),
            done => return done,
        }
    }
}

fn try_prepare(path: &Path) -> Result<()> {
    make(path).map_err(|error| unusable(path, &error.to_string()))?;
    let mut connection = connect(path)?;
    // One transaction, or another process's making of the table could come in between.
    let empty = is_empty(&*connection.transaction()?, path)?;
    if empty {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        // Another process may have been faster.
        if is_empty(&transaction, path)? {
            transaction.execute_batch(SCHEMA)?;
            transaction.pragma_update(None, "application_id", APPLICATION)?;
            put_stamp(&transaction, Stamp::random())?;
        }
        transaction.commit()?;
    }
    // Only now, so that the file has a stamp before there is a log. It stays with the file, but a restored backup
    // may have lost it.
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    protect(path).map_err(|error| unusable(path, &error.to_string()))
}

/// Opens a connection as every user of the file needs it.
pub(super) fn connect(path: &Path) -> Result<Connection> {
    connect_with(path, OpenFlags::SQLITE_OPEN_READ_WRITE)
}

/// The same, to read only or to write, too.
pub(super) fn connect_with(path: &Path, flags: OpenFlags) -> Result<Connection> {
    open(path, flags).map_err(|error| match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => mismatch(path, "not an SQLite file"),
        _ => unusable(path, &error.to_string()),
    })
}

fn open(path: &Path, flags: OpenFlags) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(BUSY)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    // A log that had to grow longer gives back what it took, when it starts over.
    connection.pragma_update_and_check(None, "journal_size_limit", LOG_BYTES, |_| Ok(()))?;
    // A map of the file would be dropped and faulted in again after each commit, by every reader.
    connection.pragma_update(None, "mmap_size", 0)?;
    // Or else each new value of a LIMIT would have the statement compiled anew.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    set_cache_size(&connection, LEAST_CACHE)?;
    Ok(connection)
}

/// Has a connection keep so many KiB of the file in memory, or the least that makes sense.
pub(super) fn set_cache(connection: &Connection, kib: usize) -> Result<()> {
    Ok(set_cache_size(connection, kib.max(LEAST_CACHE))?)
}

fn set_cache_size(connection: &Connection, kib: usize) -> rusqlite::Result<()> {
    // In KiB, because negative.
    connection.pragma_update(None, "cache_size", -i64::try_from(kib).unwrap_or(i64::MAX))
}

/// Requires that the file holds a table of ours.
///
/// # Errors
/// `Mismatch` if it is empty, another program's or of another version.
pub(super) fn require_ours(connection: &Connection, path: &Path) -> Result<()> {
    match is_empty(connection, path) {
        Ok(false) => Ok(()),
        Ok(true) => Err(mismatch(path, "empty")),
        Err(Error::Unavailable(why)) => {
            Err(Error::Mismatch(format!("{} cannot be read: {why}", path.display())))
        }
        Err(error) => Err(error),
    }
}

/// Makes the stamp one further, as a part of a transaction.
pub(super) fn step_stamp(connection: &Connection) -> Result<()> {
    let number: i32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    put_stamp(connection, Stamp::of(number.cast_unsigned()).next())
}

/// Gives the file a stamp.
pub(super) fn put_stamp(connection: &Connection, stamp: Stamp) -> Result<()> {
    let number = stamp.with(VERSION).cast_signed();
    Ok(connection.pragma_update(None, "user_version", number)?)
}

/// Whether the file is still without a schema; an error if it is not ours to use.
fn is_empty(connection: &Connection, path: &Path) -> Result<bool> {
    let read = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
    let (application, number) = (read("application_id")?, read("user_version")?);
    if application == APPLICATION {
        let [version, ..] = number.to_le_bytes();
        return match version {
            VERSION => Ok(false),
            newer if newer > VERSION => Err(mismatch(path, "from a newer version of Guestlist")),
            _ => Err(mismatch(
                path,
                "from an earlier version of Guestlist; export its users with that version, and import them; \
                 passwords are not exported",
            )),
        };
    }
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if application != 0 || number != 0 || tables != 0 {
        return Err(mismatch(path, "another program's SQLite file"));
    }
    Ok(true)
}

/// Makes the file unless it exists. SQLite gives its side files the same permissions.
fn make(path: &Path) -> io::Result<()> {
    match private_file::create(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        made => made.map(drop),
    }
}

/// Takes all others' permissions away, should a file that was there grant them any.
fn protect(path: &Path) -> io::Result<()> {
    if std::fs::metadata(path)?.permissions().mode() & 0o777 == 0o600 {
        return Ok(());
    }
    std::fs::set_permissions(path, Permissions::from_mode(0o600))
}

fn unusable(path: &Path, why: &str) -> Error {
    Error::Unavailable(format!("cannot open {}: {why}", path.display()))
}

fn mismatch(path: &Path, why: &str) -> Error {
    Error::Mismatch(format!("{} is {why}", path.display()))
}
