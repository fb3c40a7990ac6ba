//! Whether the disk has room for another commit and for the checkpoint that follows it.
//!
//! A commit goes into the log, and takes room in the file only when a checkpoint moves it there. A log that has taken
//! the last room for itself could never be moved, and so never start over: the table would be stuck until somebody
//! finds it a larger disk. So each commit leaves as much room as the file has yet to grow.

use std::{
    fs::metadata,
    io,
    path::{Path, PathBuf},
};

use rusqlite::Connection;
use rustix::fs::statvfs;

use super::{Error, Result};

/// What stays free beside all that is reckoned with: the removal of expired items, the log's index, rounding.
const MARGIN_BYTES: u64 = 8 << 20;
/// How often a page that is committed is written: into the log, and into the file.
const COPIES: u64 = 2;

/// The disk that the table lies on.
pub(super) struct Room {
    path: PathBuf,
}

impl Room {
    pub(super) fn new(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }

    /// Sees that so many pages can be committed and moved into the file. A disk that does not say how much room it has
    /// is believed to have enough; writing to it fails when it has not.
    ///
    /// # Errors
    /// `Full`
    pub(super) fn require(&self, connection: &Connection, pages: usize) -> Result<()> {
        let Some(free) = self.free() else { return Ok(()) };
        let needed = self.needed(connection, pages)?;
        if free >= needed {
            return Ok(());
        }
        Err(Error::Full(format!(
            "{} has {} MiB free, but {} MiB are needed; delete files or enlarge the disk",
            self.path.parent().unwrap_or(&self.path).display(),
            free >> 20,
            (needed >> 20) + 1,
        )))
    }

    fn needed(&self, connection: &Connection, pages: usize) -> Result<u64> {
        let number = |name| connection.pragma_query_value(None, name, |row| row.get::<_, u32>(0));
        let (size, all) = (u64::from(number("page_size")?), u64::from(number("page_count")?));
        let held = metadata(&self.path).map_or(0, |file| file.len());
        let coming = u64::try_from(pages).unwrap_or(u64::MAX).saturating_mul(size * COPIES);
        let growth = size.saturating_mul(all).saturating_sub(held);
        Ok(growth.saturating_add(coming).saturating_add(MARGIN_BYTES))
    }

    /// How many bytes are free for processes without administrator rights.
    fn free(&self) -> Option<u64> {
        let found = statvfs(&self.path).map_err(io::Error::from).ok()?;
        // Some file systems in user space know nothing of their size.
        (found.f_blocks > 0).then(|| found.f_bavail.saturating_mul(found.f_frsize))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_in_the_log_alone_needs_room_in_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.db");
        let connection = Connection::open(&path).unwrap();
        connection.pragma_update(None, "journal_mode", "WAL").unwrap();
        connection.pragma_update(None, "wal_autocheckpoint", 0).unwrap();
        let room = Room::new(&path);
        connection.execute_batch("CREATE TABLE t (body BLOB) STRICT").unwrap();
        connection.execute("INSERT INTO t VALUES (zeroblob(4096000))", []).unwrap();
        let beyond = |pages| room.needed(&connection, pages).unwrap() - MARGIN_BYTES;
        let growth = beyond(0);
        assert!((4_096_000..4_200_000).contains(&growth), "{growth}");
        assert_eq!(beyond(10), growth + 10 * 2 * 4096);
        connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())).unwrap();
        assert_eq!(beyond(0), 0);
    }

    #[test]
    fn a_commit_beyond_what_is_free_is_refused_with_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.db");
        let connection = Connection::open(&path).unwrap();
        connection.execute_batch("CREATE TABLE t (body BLOB) STRICT").unwrap();
        let room = Room::new(&path);
        room.require(&connection, 1).unwrap();
        let error = room.require(&connection, usize::MAX / 4096 / 4).unwrap_err();
        assert!(matches!(error, Error::Full(_)), "{error}");
        let text = error.to_string();
        let begins = format!("the disk is full: {} has ", folder.path().display());
        assert!(text.starts_with(&begins), "{text}");
        assert!(text.ends_with("; delete files or enlarge the disk"), "{text}");
    }
}
