//! What stamps the table once in each log, so that the log says what it belongs to.

use std::{fs::File, io, path::Path};

use rusqlite::Connection;

use super::{
    Result, file,
    wal::{self, Salts},
};

/// The writer's memory of the log that it has stamped.
pub(super) struct Stamper {
    log: File,
    stamped: Option<Salts>,
    due: bool,
}

impl Stamper {
    /// For a table that somebody has open, so that it has its log.
    ///
    /// # Errors
    /// That the log cannot be opened.
    pub(super) fn new(path: &Path) -> io::Result<Self> {
        Ok(Self { log: File::open(wal::beside(path))?, stamped: None, due: true })
    }

    /// To be called in each transaction.
    pub(super) fn before(&self, transaction: &Connection) -> Result<()> {
        if self.due { file::step_stamp(transaction) } else { Ok(()) }
    }

    /// To be called after its commit, since it may have begun another log.
    pub(super) fn after(&mut self) {
        // What cannot be read is stamped once too often.
        let salts = wal::salts(&self.log).unwrap_or_default();
        if self.due {
            self.stamped = salts;
        }
        self.due = salts != self.stamped;
    }
}
