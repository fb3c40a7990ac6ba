//! The engine without the service: SQLite, through rusqlite, on a store's file.
//!
//! - `raw-engine rows FILE` prints all rows, one JSON list per line.
//! - `raw-engine get FILE KEYS SECONDS` reads the rows at the keys (`pk<TAB>sk` on each line).
//! - `raw-engine page-primary FILE KEYS SECONDS` reads 26 rows starting at a key: a page of 25,
//!   and one to see whether there is another page.
//! - `raw-engine page-gs1 FILE KEYS SECONDS` does the same in the other index (`gs1pk<TAB>gs1sk`).
//! - `raw-engine write FILE PLAN SECONDS CALLERS` commits a plan's transactions; waiting ones share
//!   a commit.
//!
//! All but the first print one JSON object. This program has no code of Guestlist, so a comparison
//! shows the cost of Guestlist's table module. File, connection settings and rows are the same.

use std::{
    collections::BTreeMap,
    error::Error,
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use rusqlite::{Connection, ToSql, types::Value};
use serde::Deserialize;
use serde_json::json;
use tokio::sync::{mpsc, oneshot};

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// The most transactions in one commit.
const GROUP: usize = 256;
/// How often a separate thread moves committed data from the log into the file.
const CHECKPOINT: Duration = Duration::from_millis(100);

const GET: &str = "SELECT pk, sk, gs1pk, gs1sk, version, expires, body FROM item \
                   WHERE pk = ?1 AND sk = ?2";
const PAGE_PRIMARY: &str = "SELECT pk, sk, gs1pk, gs1sk, version, expires, body FROM item \
                            WHERE pk = ?1 AND sk >= ?2 ORDER BY sk LIMIT 26";
const PAGE_GS1: &str = "SELECT pk, sk, gs1pk, gs1sk, version, expires, body FROM item \
                        WHERE gs1pk = ?1 AND gs1sk >= ?2 ORDER BY gs1sk LIMIT 26";
const PUT: &str = "REPLACE INTO item (pk, sk, gs1pk, gs1sk, version, expires, body) \
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
const DELETE: &str = "DELETE FROM item WHERE pk = ?1 AND sk = ?2";

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["rows", file] => rows(Path::new(file)),
        ["get", file, keys, seconds] => read(GET, file, keys, seconds),
        ["page-primary", file, keys, seconds] => read(PAGE_PRIMARY, file, keys, seconds),
        ["page-gs1", file, keys, seconds] => read(PAGE_GS1, file, keys, seconds),
        ["write", file, plan, seconds, callers] => write(file, plan, seconds, callers.parse()?),
        _ => Err("usage: raw-engine rows|get|page-primary|page-gs1|write FILE …".into()),
    }
}

/// A connection with the service's settings, and a page cache like that of its writer.
fn connect(file: &Path) -> Result<Connection> {
    let connection = Connection::open(file)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    connection.pragma_update(None, "cache_size", -32 * 1024)?;
    Ok(connection)
}

fn rows(file: &Path) -> Result<()> {
    let connection = connect(file)?;
    let mut statement =
        connection.prepare("SELECT pk, sk, gs1pk, gs1sk, version, expires, body FROM item")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let texts: [Option<String>; 4] = [row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?];
        let [pk, sk, listed_in, listed_as] = texts;
        let (version, expires): (i64, Option<i64>) = (row.get(4)?, row.get(5)?);
        let body: String = row.get(6)?;
        println!("{}", json!([pk, sk, listed_in, listed_as, version, expires, body]));
    }
    Ok(())
}

/// Runs the statement with one key after the other on each core; a key without a row is an error.
fn read(statement: &'static str, file: &str, keys: &str, seconds: &str) -> Result<()> {
    let keys: Vec<(String, String)> = fs::read_to_string(keys)?
        .lines()
        .map(|line| {
            let (partition, sort) = line.split_once('\t').ok_or("a key has two parts")?;
            Ok((partition.to_owned(), sort.to_owned()))
        })
        .collect::<Result<_>>()?;
    let (keys, next) = (Arc::new(keys), Arc::new(AtomicUsize::new(0)));
    let time = Duration::from_secs_f64(seconds.parse()?);
    let (began, cpu) = (Instant::now(), cpu_ticks()?);
    let readers: Vec<_> = (0..thread::available_parallelism()?.get())
        .map(|_| {
            let (keys, next, file) = (Arc::clone(&keys), Arc::clone(&next), PathBuf::from(file));
            thread::spawn(move || reader(statement, &connect(&file)?, &keys, &next, began, time))
        })
        .collect();
    let mut took = Vec::new();
    for reader in readers {
        took.append(&mut reader.join().map_err(|_| "a reader panicked")??);
    }
    report(took, began, cpu)
}

fn reader(
    statement: &str,
    connection: &Connection,
    keys: &[(String, String)],
    next: &AtomicUsize,
    began: Instant,
    time: Duration,
) -> Result<Vec<Duration>> {
    let mut statement = connection.prepare(statement)?;
    let mut took = Vec::new();
    while began.elapsed() < time {
        let place = next.fetch_add(1, Ordering::Relaxed).checked_rem(keys.len());
        let (partition, sort) = place.and_then(|place| keys.get(place)).ok_or("no keys")?;
        let since = Instant::now();
        let mut rows = statement.query([partition, sort])?;
        let mut bytes = 0;
        while let Some(row) = rows.next()? {
            for column in 0..7 {
                let value: Value = row.get(column)?;
                if let Value::Text(text) = value {
                    bytes += text.len();
                }
            }
        }
        if bytes == 0 {
            return Err(format!("nothing at {partition} {sort}").into());
        }
        took.push(since.elapsed());
    }
    Ok(took)
}

/// What to write: a transaction with placeholders, and their values.
#[derive(Deserialize)]
struct Plan {
    transaction: Transaction,
    /// Used in turn, round after round.
    values: Vec<BTreeMap<String, String>>,
}

#[derive(Deserialize)]
struct Transaction {
    /// Rows, column by column.
    puts: Vec<PutRow>,
    /// `pk` and `sk` of rows.
    deletes: Vec<(String, String)>,
}

type PutRow = (String, String, Option<String>, Option<String>, i64, Option<i64>, String);

impl Plan {
    /// The transaction with that number. `{fresh0}` to `{fresh2}` become ids that rise with the
    /// number, `{number}` a number of ten digits, `{after}` a name that differs in each round, and
    /// `{before}` the name of the previous round, except in the first one.
    fn transaction(&self, number: usize) -> Result<Transaction> {
        let values = number.checked_rem(self.values.len()).and_then(|i| self.values.get(i));
        let round = number.checked_div(self.values.len()).unwrap_or(0);
        let mut names = values.ok_or("an empty plan")?.clone();
        let name = |round| format!("hedy{round:016}");
        names.insert("{after}".to_owned(), name(round));
        if let Some(before) = round.checked_sub(1) {
            names.insert("{before}".to_owned(), name(before));
        }
        names.insert("{number}".to_owned(), format!("9{number:09}"));
        for fresh in 0..3 {
            let id = format!("ffffffff-{fresh:04x}-7000-8000-{number:012x}");
            names.insert(format!("{{fresh{fresh}}}"), id);
        }
        let fill = |text: &String| {
            names.iter().fold(text.clone(), |text, (name, value)| text.replace(name, value))
        };
        let put = |row: &PutRow| {
            let (pk, sk, listed_in, listed_as, version, expires, body) = row;
            let gs1 = (listed_in.as_ref().map(fill), listed_as.as_ref().map(fill));
            (fill(pk), fill(sk), gs1.0, gs1.1, *version, *expires, fill(body))
        };
        Ok(Transaction {
            puts: self.transaction.puts.iter().map(put).collect(),
            deletes: self.transaction.deletes.iter().map(|(pk, sk)| (fill(pk), fill(sk))).collect(),
        })
    }
}

/// A waiting transaction, and its caller.
type Job = (Transaction, oneshot::Sender<()>);

#[tokio::main]
async fn write(file: &str, plan: &str, seconds: &str, callers: usize) -> Result<()> {
    let plan: Arc<Plan> = Arc::new(serde_json::from_str(&fs::read_to_string(plan)?)?);
    let time = Duration::from_secs_f64(seconds.parse()?);
    let (jobs, waiting) = mpsc::channel(1024);
    let (connection, file) = (connect(Path::new(file))?, PathBuf::from(file));
    let over = Arc::new(AtomicBool::new(false));
    let writer = thread::spawn(move || writer(&connection, waiting));
    let checkpointer = {
        let over = Arc::clone(&over);
        thread::spawn(move || checkpointer(&file, &over))
    };
    let next = Arc::new(AtomicUsize::new(0));
    let (began, cpu) = (Instant::now(), cpu_ticks()?);
    let callers: Vec<_> = (0..callers)
        .map(|_| {
            tokio::spawn(caller(Arc::clone(&plan), jobs.clone(), Arc::clone(&next), began, time))
        })
        .collect();
    drop(jobs);
    let mut took = Vec::new();
    for caller in callers {
        took.append(&mut caller.await??);
    }
    let figures = report(took, began, cpu);
    over.store(true, Ordering::Relaxed);
    writer.join().map_err(|_| "the writer panicked")??;
    checkpointer.join().map_err(|_| "the checkpointer panicked")??;
    figures
}

async fn caller(
    plan: Arc<Plan>,
    jobs: mpsc::Sender<Job>,
    next: Arc<AtomicUsize>,
    began: Instant,
    time: Duration,
) -> Result<Vec<Duration>> {
    let mut took = Vec::new();
    while began.elapsed() < time {
        let transaction = plan.transaction(next.fetch_add(1, Ordering::Relaxed))?;
        let since = Instant::now();
        let (done, durable) = oneshot::channel();
        jobs.send((transaction, done)).await.map_err(|_| "the writer has ended")?;
        durable.await?;
        took.push(since.elapsed());
    }
    Ok(took)
}

/// Commits waiting transactions until all callers are gone.
fn writer(connection: &Connection, mut waiting: mpsc::Receiver<Job>) -> Result<()> {
    let mut group = Vec::new();
    while waiting.blocking_recv_many(&mut group, GROUP) > 0 {
        connection.execute_batch("BEGIN IMMEDIATE")?;
        for (transaction, _) in &group {
            apply(connection, transaction)?;
        }
        connection.execute_batch("COMMIT")?;
        for (_, done) in group.drain(..) {
            done.send(()).map_err(|()| "a caller has gone away")?;
        }
    }
    Ok(())
}

fn apply(connection: &Connection, transaction: &Transaction) -> Result<()> {
    let mut put = connection.prepare_cached(PUT)?;
    for (pk, sk, listed_in, listed_as, version, expires, body) in &transaction.puts {
        let row: [&dyn ToSql; 7] = [pk, sk, listed_in, listed_as, version, expires, body];
        put.execute(row)?;
    }
    let mut delete = connection.prepare_cached(DELETE)?;
    for (pk, sk) in &transaction.deletes {
        if delete.execute([pk, sk])? == 0 {
            return Err(format!("nothing to delete at {pk} {sk}").into());
        }
    }
    Ok(())
}

fn checkpointer(file: &Path, over: &AtomicBool) -> Result<()> {
    let connection = connect(file)?;
    while !over.load(Ordering::Relaxed) {
        thread::sleep(CHECKPOINT);
        connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))?;
    }
    Ok(())
}

/// User and system time of this process so far, in clock ticks.
fn cpu_ticks() -> Result<u64> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    let (_, fields) = stat.rsplit_once(") ").ok_or("no process statistics")?;
    let ticks = fields.split(' ').skip(11).take(2).map(str::parse::<u64>);
    Ok(ticks.sum::<std::result::Result<_, _>>()?)
}

/// Prints the number of operations, their cost, and how long each took.
fn report(mut took: Vec<Duration>, began: Instant, cpu_before: u64) -> Result<()> {
    let (seconds, cpu_ticks) = (began.elapsed().as_secs_f64(), cpu_ticks()? - cpu_before);
    took.sort_unstable();
    let milliseconds = |percent: usize| {
        took.get(took.len() * percent / 100).map_or(0.0, |took| took.as_secs_f64() * 1e3)
    };
    let figures = json!({
        "operations": took.len(), "seconds": seconds, "cpu_ticks": cpu_ticks,
        "p50_ms": milliseconds(50), "p99_ms": milliseconds(99),
    });
    println!("{figures}");
    Ok(())
}
