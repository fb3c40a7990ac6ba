//! The table as one SQLite file, for a single machine; nothing else names rusqlite.
//!
//! Reads run on the calling thread, for they take microseconds. Writes go to one writer thread,
//! which groups those that wait into one commit. A third thread checkpoints, so that no commit has
//! to wait for it. A second process may use the file at the same time.

pub mod backup;
mod checkpoint;
mod file;
mod health;
pub mod lock;
mod reader;
mod room;
mod row;
mod stamper;
mod wal;
mod writer;

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread::JoinHandle,
};

use async_trait::async_trait;
use rusqlite::{Connection, ErrorCode};
use tokio::sync::{mpsc, oneshot};

use self::{
    checkpoint::Checkpoint,
    health::Health,
    lock::Lock,
    reader::Readers,
    room::Room,
    stamper::Stamper,
    writer::{Job, Outcome, Writer},
};
use super::{
    Condition, Error, Item, Key, Op, Page, Passed, Query, Result, Scanned, Table, Walks, Written,
    check,
};
use crate::{
    clock::Clock,
    tasks::{Duty, Task},
};

/// How much of the file is kept in memory, in MiB, unless the caller says otherwise.
const CACHE_MIB: usize = 64;
const KIB: usize = 1024;

/// How many transactions may wait for the writer before their callers wait to hand them over.
const QUEUE: usize = 1024;

/// How long the item lasts that is written to see whether that is possible.
const KEPT_SECONDS: u64 = 24 * 60 * 60;

/// Passing so many, or looking at so many, takes a few seconds at most.
const WALKS: Walks = Walks { passed: 10_000_000, examined: 250_000 };

/// A table in an SQLite file.
///
/// Dropping it finishes the writes that wait, checkpoints and ends its threads.
pub struct Sqlite {
    clock: Clock,
    readers: Readers,
    /// `None` once the table is being closed.
    jobs: Option<mpsc::Sender<Job>>,
    commits: Arc<AtomicU64>,
    threads: Vec<JoinHandle<()>>,
    tasks: [Arc<Task>; 2],
    health: Arc<Health>,
    /// Dropped last, when nothing of it is open any more.
    _lock: Lock,
}

impl Sqlite {
    /// Opens the table in the file at `path`, or makes it, readable by its owner only.
    ///
    /// Fails with [`Error::Mismatch`] if the file is another program's or a newer version's.
    pub fn open(path: &Path, clock: Clock) -> Result<Self> {
        Self::open_with(path, clock, CACHE_MIB)
    }

    /// The same, of which so many MiB are kept in memory.
    pub fn open_with(path: &Path, clock: Clock, cache_mib: usize) -> Result<Self> {
        let lock = Lock::share(path)?;
        file::prepare(path)?;
        let tasks = [Duty::TableWriter, Duty::TableCheckpoint];
        let tasks = tasks.map(|duty| Task::new(duty, clock.clone()));
        let [writer_task, checkpoint_task] = tasks.clone();
        let (checkpoint, checkpointer) = Checkpoint::start(file::connect(path)?, checkpoint_task)?;
        let commits = Arc::new(AtomicU64::new(0));
        let (jobs, waiting) = mpsc::channel(QUEUE);
        let connection = file::connect(path)?;
        file::set_cache(&connection, cache_mib * KIB / 2)?;
        // From the first look on it has its log, which stays while somebody is there.
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
        let unseen = |error| Error::Unavailable(format!("{}: {error}", path.display()));
        let health = Arc::new(Health::new(path).map_err(unseen)?);
        let (now, counted, shared) = (clock.clone(), Arc::clone(&commits), Arc::clone(&health));
        let stamper = Stamper::new(path).map_err(unseen)?;
        let room = Room::new(path);
        let writer = Writer::new(connection, now, checkpoint, counted, shared, stamper, room);
        let writer = thread("table-writer", move || writer.run(waiting, &writer_task))?;
        // The writer first: the checkpointer runs until the writer has gone.
        let threads = vec![writer, checkpointer];
        Ok(Self {
            clock,
            readers: Readers::new(path, Arc::clone(&health), cache_mib * KIB / 2),
            jobs: Some(jobs),
            commits,
            threads,
            tasks,
            health,
            _lock: lock,
        })
    }

    /// How many commits this handle has made; under load fewer than there were transactions.
    pub fn commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }

    fn now(&self) -> u64 {
        self.clock.now().seconds()
    }

    fn read<T>(&self, read: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        self.health.note(self.readers.with(read))
    }

    async fn submit(&self, ops: Vec<Op>) -> Result<Outcome> {
        let stopped = || Error::Unavailable("the writer has stopped".to_owned());
        let (reply, outcome) = oneshot::channel();
        let jobs = self.jobs.as_ref().ok_or_else(stopped)?;
        jobs.send(Job { ops, reply }).await.map_err(|_| stopped())?;
        let unknown = "the writer failed; whether it has written is not known";
        outcome.await.map_err(|_| Error::Unavailable(unknown.to_owned()))?
    }
}

#[async_trait]
impl Table for Sqlite {
    async fn get(&self, key: &Key) -> Result<Option<Item>> {
        check::key(key)?;
        self.read(|connection| row::get(connection, key, self.now()))
    }

    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Item>>> {
        check::keys(keys)?;
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        self.read(|connection| row::get_many(connection, keys, self.now()))
    }

    async fn query(&self, query: &Query) -> Result<Page> {
        check::query(query)?;
        self.read(|connection| reader::query(connection, query, self.now()))
    }

    async fn skip(&self, query: &Query) -> Result<Passed> {
        check::query(query)?;
        self.read(|connection| reader::skip(connection, query, self.now()))
    }

    async fn scan(&self, after: Option<&Key>, limit: usize) -> Result<Scanned> {
        check::scan(after, limit)?;
        self.read(|connection| reader::scan(connection, after, limit, self.now()))
    }

    fn walks(&self) -> Walks {
        WALKS
    }

    async fn write(&self, ops: Vec<Op>) -> Result<Written> {
        check::write(&ops)?;
        if ops.is_empty() {
            return Ok(Written::Done);
        }
        match self.submit(ops).await? {
            Outcome::Done { .. } => Ok(Written::Done),
            Outcome::Refused(refused) => Ok(Written::Refused(refused)),
        }
    }

    async fn add(&self, key: &Key, n: i64) -> Result<i64> {
        check::key(key)?;
        let outcome =
            self.submit(vec![Op::Add(key.clone(), vec![("value".to_owned(), n)])]).await?;
        match outcome {
            Outcome::Done { sum: Some(sum) } => Ok(sum),
            Outcome::Done { sum: None } | Outcome::Refused(_) => {
                Err(Error::Corrupt { key: key.clone(), why: "an add without a sum".to_owned() })
            }
        }
    }

    async fn ready(&self) -> Result<()> {
        let (key, expires) = (Key::new("ready", "ready"), Some(self.now() + KEPT_SECONDS));
        let item = Item { key, gs1: None, version: 1, expires, body: "{}".to_owned() };
        let key = item.key.clone();
        let _unconditional = self.write(vec![Op::Put(item, Condition::Any)]).await?;
        self.get(&key).await.map(drop)
    }

    fn tasks(&self) -> Vec<Arc<Task>> {
        self.tasks.to_vec()
    }
}

impl Drop for Sqlite {
    fn drop(&mut self) {
        self.readers.close();
        self.jobs = None;
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                tracing::error!("a thread of the table panicked");
            }
        }
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                Self::Busy(error.to_string())
            }
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                Self::Broken(error.to_string())
            }
            Some(ErrorCode::DiskFull) => Self::Full("the system has no room for more".to_owned()),
            Some(ErrorCode::ReadOnly) => Self::Unavailable("it can only be read".to_owned()),
            _ => Self::Unavailable(error.to_string()),
        }
    }
}

fn thread(name: &str, body: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>> {
    let builder = std::thread::Builder::new().name(name.to_owned());
    builder.spawn(body).map_err(|error| Error::Unavailable(format!("no thread {name}: {error}")))
}
