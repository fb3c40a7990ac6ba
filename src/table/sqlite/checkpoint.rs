//! Moving what was committed from the write-ahead log into the file, off the writer's thread.
//!
//! A passive checkpoint disturbs neither readers nor the writer, but while writes go on it may never
//! reach the log's end, and only then can the log start over. So past a certain length the writer
//! is told to do the short rest itself, between two commits. One that fails, as where the disk is full,
//! is tried again until it is done, whether or not anything is written meanwhile.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use rusqlite::Connection;

use super::{Result, file, thread};
use crate::tasks::Task;

/// After how many pages written (of 4 KiB) a checkpoint is due.
const DUE_PAGES: usize = 2000;
/// From how many pages on the log must start over (64 MiB).
const LONG_PAGES: i64 = 16_384;
/// How long the writer may wait for readers when it makes the log start over.
const WAIT: Duration = Duration::from_millis(50);
/// How long a checkpoint that has failed is left alone.
const PAUSE: Duration = Duration::from_secs(1);

/// The writer's end: it tells what it wrote, and does its share. Dropping it ends the thread.
pub(super) struct Checkpoint {
    due: SyncSender<()>,
    long: Arc<AtomicBool>,
    pages: usize,
    cut: Option<Instant>,
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
        Ok((Self { due, long, pages: 0, cut: None }, thread))
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
            finish(connection, "PRAGMA wal_checkpoint(RESTART)");
        }
    }

    /// Moves the log and gives its room back to the disk, unless that was tried just now; whether it was tried.
    pub(super) fn cut_short(&mut self, connection: &Connection) -> bool {
        if self.cut.is_some_and(|tried| tried.elapsed() < PAUSE) {
            return false;
        }
        self.cut = Some(Instant::now());
        finish(connection, "PRAGMA wal_checkpoint(TRUNCATE)");
        true
    }
}

fn run(connection: &Connection, signals: &Receiver<()>, long: &AtomicBool, task: &Task) {
    let mut failing = false;
    loop {
        let signal = if failing {
            signals.recv_timeout(PAUSE)
        } else {
            signals.recv().map_err(|_| RecvTimeoutError::Disconnected)
        };
        if signal == Err(RecvTimeoutError::Disconnected) {
            break;
        }
        match task.guard(|| checkpoint(connection, "PRAGMA wal_checkpoint(PASSIVE)")) {
            Some(Ok(pages)) => {
                if failing {
                    tracing::info!("checkpoints succeed again");
                }
                failing = false;
                task.is_well();
                long.store(pages > LONG_PAGES, Ordering::Relaxed);
            }
            Some(Err(error)) => {
                if !failing {
                    tracing::warn!(%error, "a checkpoint failed; it is tried again every second");
                }
                failing = true;
                task.fails(&error.to_string());
            }
            None => {}
        }
    }
    if let Err(error) = checkpoint(connection, "PRAGMA wal_checkpoint(PASSIVE)") {
        tracing::warn!(%error, "the last checkpoint failed; the log is as it was");
    }
}

/// Finishes the checkpoint on the writer's thread, unless a reader is in the way for long. What fails is left to the
/// other thread.
fn finish(connection: &Connection, statement: &str) {
    if connection.busy_timeout(WAIT).is_ok()
        && let Err(error) = checkpoint(connection, statement)
    {
        tracing::debug!(%error, "the log could not start over");
    }
    if let Err(error) = connection.busy_timeout(file::BUSY) {
        tracing::error!(%error, "the writer's time-out could not be set back");
    }
}

/// Runs the statement; returns the log's length in pages.
fn checkpoint(connection: &Connection, statement: &str) -> rusqlite::Result<i64> {
    connection.query_row(statement, [], |row| row.get(1))
}
