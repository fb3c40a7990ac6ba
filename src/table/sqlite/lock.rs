//! Who has the table open: all users share a lock, and a process that replaces the file holds it alone.
//!
//! It is on a file beside the table's: SQLite's own locks on the table would be lost with the first of the process's
//! files that is closed.

use std::{
    fs::{File, TryLockError},
    path::{Path, PathBuf},
    time::Instant,
};

use super::{Error, Result, file, wal};
use crate::private_file;

/// The lock of somebody who has the table open, which ends when it is dropped; none where no lock can be had, as on a
/// disk that cannot be written.
#[derive(Debug)]
pub struct Lock {
    _file: Option<File>,
}

impl Lock {
    /// Shares the lock of the table at `path`. The first process to do so checks that the log beside the table is its
    /// own.
    ///
    /// # Errors
    /// `Mismatch` if the log is another file's; `Unavailable` while somebody has the lock alone.
    pub(super) fn share(path: &Path) -> Result<Self> {
        let Some(lock) = open(path) else { return Ok(Self { _file: None }) };
        let patience = Instant::now() + file::BUSY;
        loop {
            match lock.try_lock() {
                Ok(()) => require_own_log(path)?,
                Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(_)) => return Ok(Self { _file: None }),
            }
            match lock.try_lock_shared() {
                Ok(()) => return Ok(Self { _file: Some(lock) }),
                Err(TryLockError::WouldBlock) if Instant::now() < patience => {
                    std::thread::sleep(file::PAUSE);
                }
                Err(TryLockError::WouldBlock) => {
                    let path = path.display();
                    return Err(Error::Unavailable(format!(
                        "{path} is being restored; wait until that is done"
                    )));
                }
                Err(TryLockError::Error(error)) => {
                    return Err(Error::Unavailable(format!("{}: {error}", path.display())));
                }
            }
        }
    }

    /// Has the lock alone, for a table that is to appear at `path`.
    ///
    /// # Errors
    /// `Unavailable` while anybody has the table open that was there.
    pub fn alone(path: &Path) -> Result<Self> {
        let unusable = |why: &dyn std::fmt::Display| {
            Error::Unavailable(format!("{}: {why}", name(path).display()))
        };
        let lock = private_file::open(&name(path)).map_err(|error| unusable(&error))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { _file: Some(lock) }),
            Err(TryLockError::WouldBlock) => Err(Error::Unavailable(format!(
                "the service or a command still has the table open that was at {}: stop it first",
                path.display()
            ))),
            Err(TryLockError::Error(error)) => Err(unusable(&error)),
        }
    }
}

fn open(path: &Path) -> Option<File> {
    let name = name(path);
    private_file::open(&name).or_else(|_| File::open(&name)).ok()
}

/// Moving a table away by the beginning of its name leaves the lock where it is.
fn name(path: &Path) -> PathBuf {
    path.with_extension("lock")
}

fn require_own_log(path: &Path) -> Result<()> {
    let belongs = wal::belongs(path);
    let belongs =
        belongs.map_err(|error| Error::Unavailable(format!("{}: {error}", path.display())))?;
    if belongs {
        return Ok(());
    }
    Err(Error::Mismatch(format!(
        "{log} does not belong to {table}: it was left behind by another file of that name, and using both would \
         damage the data. If you put {table} there from a copy or a backup, move {log} away and start again; \
         otherwise, restore a backup",
        log = wal::beside(path).display(),
        table = path.display()
    )))
}
