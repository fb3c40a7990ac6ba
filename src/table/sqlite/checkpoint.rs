//! Moving what was committed from the write-ahead log into the file, off the writer's thread.
//!
//! A passive checkpoint disturbs neither readers nor the writer, but while writes go on it may never
//! reach the log's end, and only then can the log start over. So past a certain length the writer
//! is told to do the short rest itself, between two commits.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread::JoinHandle,
    time::Duration,
};

use rusqlite::Connection;

use super::{Result, file, thread};
use crate::tasks::Task;

/// After how many pages written (of 4 KiB) a checkpoint is due.
const DUE_PAGES: usize = 2000;
/// From how many pages on the log must start over (64 MiB).
const LONG_PAGES: i64 = 16_384;
/// How long the writer may wait for readers when it makes the log start over.
const RESTART: Duration = Duration::from_millis(50);

/// The writer's end: it tells what it wrote, and does its share. Dropping it ends the thread.
pub(super) struct Checkpoint {
    due: SyncSender<()>,
    long: Arc<AtomicBool>,
    pages: usize,
}

impl Checkpoint {
    /// Starts the thread, which works with a connection of its own.
    pub(super) fn start(connection: Connection, task: Arc<Task>) -> Result<(Self, JoinHandle<()>)> {
        // One signal is enough to remember: a checkpoint takes in everything before it.
        let (due, signals) = sync_channel(1);
        let long = Arc::new(AtomicBool::new(false));
        let shared = Arc::clone(&long);
        let thread = thread("table-checkpoint", move || {
            run(&connection, &signals, &shared, &task);
        })?;
        Ok((Self { due, long, pages: 0 }, thread))
    }

    /// To be called by the writer after a commit of about so many pages.
    pub(super) fn committed(&mut self, connection: &Connection, pages: usize) {
        self.pages += pages;
        if self.pages >= DUE_PAGES {
            self.pages = 0;
            // If the channel is full, a checkpoint is due already.
            let _already_due = self.due.try_send(());
        }
        if self.long.swap(false, Ordering::Relaxed) {
            restart(connection);
        }
    }
}

fn run(connection: &Connection, signals: &Receiver<()>, long: &AtomicBool, task: &Task) {
    while signals.recv().is_ok() {
        let passive = || checkpoint(connection, "PRAGMA wal_checkpoint(PASSIVE)");
        let Some(pages) = task.guard(passive) else { continue };
        long.store(pages > LONG_PAGES, Ordering::Relaxed);
    }
    checkpoint(connection, "PRAGMA wal_checkpoint(PASSIVE)");
}

/// Finishes the checkpoint and makes the log start over, unless a reader is in the way for long.
fn restart(connection: &Connection) {
    if connection.busy_timeout(RESTART).is_ok() {
        checkpoint(connection, "PRAGMA wal_checkpoint(RESTART)");
    }
    if let Err(error) = connection.busy_timeout(file::BUSY) {
        tracing::error!(%error, "the writer's time-out could not be set back");
    }
}

/// Runs the statement; returns the log's length in pages. What fails now is done the next time.
fn checkpoint(connection: &Connection, statement: &str) -> i64 {
    connection.query_row(statement, [], |row| row.get(1)).unwrap_or_else(|error| {
        tracing::warn!(%error, "checkpoint failed");
        0
    })
}
