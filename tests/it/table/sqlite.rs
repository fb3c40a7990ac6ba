//! What only the SQLite engine promises: the file, its threads, and others who use it.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::Arc,
    task::{Context, Waker},
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use guestlist::table::{
    Condition::{Absent, Any},
    Error, Index, Item, Key, Op, Table, Written,
    sqlite::Sqlite,
};
use rusqlite::Connection;
use tempfile::TempDir;

use super::{START, all, clock, item};

fn place() -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("guestlist.db");
    (dir, path)
}

fn open(path: &Path) -> Sqlite {
    Sqlite::open(path, clock()).unwrap()
}

/// As a tool of the operator's would see the file.
fn raw(path: &Path) -> Connection {
    let connection = Connection::open(path).unwrap();
    connection.busy_timeout(Duration::from_secs(5)).unwrap();
    connection
}

fn rows(path: &Path) -> i64 {
    raw(path).query_row("SELECT count(*) FROM item", [], |row| row.get(0)).unwrap()
}

async fn put(table: &dyn Table, item: Item) {
    assert_eq!(table.write(vec![Op::Put(item, Any)]).await.unwrap(), Written::Done);
}

fn mismatch(path: &Path) -> String {
    match Sqlite::open(path, clock()) {
        Err(Error::Mismatch(why)) => why,
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("it was opened"),
    }
}

#[tokio::test]
async fn reopening_keeps_everything() {
    let (dir, path) = place();
    let table = open(&path);
    let writes = (0..200).map(|n| table.write(vec![Op::Put(item("p", &n.to_string()), Absent)]));
    join_all(writes).await;
    drop(table);
    let parts = ["guestlist.db", "guestlist.db-wal", "guestlist.db-shm"];
    let there = parts.map(|name| dir.path().join(name).exists());
    assert_eq!(there, [true, false, false], "the log is folded in");
    let started = Instant::now();
    let table = open(&path);
    assert_eq!(table.get(&Key::new("p", "7")).await.unwrap(), Some(item("p", "7")));
    println!("opened and read in {:?}", started.elapsed());
    assert_eq!(table.query(&all(Index::Primary, "p")).await.unwrap().items.len(), 200);
}

#[tokio::test]
async fn dropping_finishes_what_waits() {
    let (_dir, path) = place();
    let table = Arc::new(open(&path));
    for n in 0..100 {
        let writer = Arc::clone(&table);
        let ops = vec![Op::Put(item("p", &n.to_string()), Any)];
        // Polled once, so that it waits in the queue, then left alone.
        let mut write = Box::pin(async move { writer.write(ops).await });
        assert!(write.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    }
    drop(table);
    assert_eq!(rows(&path), 100);
}

#[tokio::test]
async fn the_file_is_the_owners_alone() {
    let (_dir, path) = place();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let table = open(&path);
    put(&table, item("p", "s")).await;
    assert_eq!(mode(&path), 0o600);
    assert_eq!(mode(&path.with_extension("db-wal")), 0o600);
    drop(table);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let _table = open(&path);
    assert_eq!(mode(&path), 0o600);
}

#[test]
fn files_of_others_are_left_alone() {
    let (_dir, path) = place();
    fs::write(&path, "a letter, not a database, though long enough to be taken for one").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let before = fs::read(&path).unwrap();
    assert!(mismatch(&path).contains("not an SQLite file"));
    assert_eq!(fs::read(&path).unwrap(), before);

    let (_dir, path) = place();
    raw(&path).execute_batch("CREATE TABLE notes (text TEXT)").unwrap();
    let before = fs::read(&path).unwrap();
    assert!(mismatch(&path).contains("another program's"));
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn another_version_is_left_alone() {
    let (_dir, path) = place();
    drop(open(&path));
    raw(&path).pragma_update(None, "user_version", 6).unwrap();
    assert!(mismatch(&path).contains("newer version"));
    raw(&path).pragma_update(None, "user_version", 3).unwrap();
    assert!(mismatch(&path).contains("earlier version"));
}

/// The file and its log.
#[derive(Clone)]
struct Taken {
    file: Vec<u8>,
    log: Vec<u8>,
}

impl Taken {
    /// As a power cut leaves them, or a program that copies them at one moment.
    fn at(path: &Path) -> Self {
        Self { file: fs::read(path).unwrap(), log: fs::read(log_of(path)).unwrap_or_default() }
    }

    fn put(&self) -> (TempDir, PathBuf) {
        let (dir, path) = place();
        fs::write(&path, &self.file).unwrap();
        fs::write(log_of(&path), &self.log).unwrap();
        (dir, path)
    }
}

fn log_of(path: &Path) -> PathBuf {
    path.with_extension("db-wal")
}

/// A table that is opened and written to as many times as there are states of it.
async fn states() -> Vec<Taken> {
    let (_dir, path) = place();
    let mut states = Vec::new();
    for round in 0..4 {
        let table = open(&path);
        for n in 0..5 {
            put(&table, item("p", &format!("{round}-{n}"))).await;
        }
        states.push(Taken::at(&path));
        drop(table);
        states.push(Taken::at(&path));
    }
    states
}

#[tokio::test]
async fn a_log_is_put_back_into_its_own_file() {
    for (number, state) in states().await.iter().enumerate() {
        let (_dir, path) = state.put();
        let found = open(&path).query(&all(Index::Primary, "p")).await.unwrap();
        assert_eq!(found.items.len(), 5 * (number / 2 + 1), "{number}");
        // Where only a part of it had come into the file, too.
        let (_dir, path) = state.put();
        raw(&path).query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())).unwrap();
        fs::write(log_of(&path), &state.log).unwrap();
        drop(open(&path));
    }
}

#[tokio::test]
async fn a_log_that_another_file_has_left_is_refused() {
    let states = states().await;
    for (at, left) in states.iter().enumerate().filter(|(_, state)| !state.log.is_empty()) {
        for (other, copy) in states.iter().enumerate() {
            // What the log goes on from, and what has all of it already: nothing is in the file before it is closed.
            let logs_in_file = other.div_ceil(2);
            let belongs = [at / 2, at / 2 + 1].contains(&logs_in_file);
            let mixed = Taken { file: copy.file.clone(), log: left.log.clone() };
            let (_dir, path) = mixed.put();
            assert_eq!(Sqlite::open(&path, clock()).is_ok(), belongs, "log {at} with file {other}");
            if !belongs {
                assert!(mismatch(&path).contains("guestlist.db-wal does not belong to "));
                assert_eq!(fs::read(&path).unwrap(), mixed.file);
                assert_eq!(fs::read(log_of(&path)).unwrap(), mixed.log);
            }
        }
        let alone = Taken { file: Vec::new(), log: left.log.clone() };
        let (_dir, path) = alone.put();
        assert!(
            mismatch(&path).contains("move "),
            "the table is gone, and its log is all there is"
        );
        fs::remove_file(&path).unwrap();
        mismatch(&path);
    }
}

#[tokio::test]
async fn a_log_that_is_torn_counts_as_far_as_it_is_whole() {
    let state = states().await.swap_remove(6);
    for length in (0..state.log.len()).step_by(997) {
        let mut torn = state.clone();
        torn.log.truncate(length);
        drop(open(&torn.put().1));
        torn.log.resize(state.log.len(), 0xa5);
        drop(open(&torn.put().1));
    }
}

#[tokio::test]
async fn each_log_says_whose_it_is_also_when_it_starts_over() {
    let (_dir, path) = place();
    let table = open(&path);
    let mut stamps = Vec::new();
    for n in 0..4 {
        for part in ["a", "b"] {
            put(&table, item("p", &format!("{n}{part}"))).await;
        }
        // SQLite takes it for a number with a sign.
        let stamp: i32 =
            raw(&path).pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
        stamps.push(stamp.cast_unsigned() >> 8);
        raw(&path).query_row("PRAGMA wal_checkpoint(RESTART)", [], |_| Ok(())).unwrap();
    }
    assert!(stamps.is_sorted_by(|one, next| (one + 1) % (1 << 24) == *next), "{stamps:?}");
}

#[test]
fn a_missing_directory_is_said() {
    let error = Sqlite::open(Path::new("/nowhere/guestlist.db"), clock()).err().unwrap();
    assert!(error.to_string().contains("/nowhere/guestlist.db"), "{error}");
}

#[test]
fn many_may_make_the_file_at_once() {
    let (_dir, path) = place();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| drop(open(&path)));
        }
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_handles_write_at_once() {
    let (_dir, path) = place();
    let tables = [Arc::new(open(&path)), Arc::new(open(&path))];
    let counter = Key::new("counter", "c");
    let adds = (0..200).map(|n| {
        let (table, counter) = (Arc::clone(&tables[n % 2]), counter.clone());
        tokio::spawn(async move {
            table.add(&counter, 1).await.unwrap();
            put(table.as_ref(), item("p", &n.to_string())).await;
        })
    });
    for add in join_all(adds).await {
        add.unwrap();
    }
    for table in tables {
        let counter = table.get(&counter).await.unwrap().unwrap();
        assert_eq!(counter.body, r#"{"value":200}"#);
    }
    assert_eq!(rows(&path), 201);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn waiting_transactions_share_a_commit() {
    let (_dir, path) = place();
    let table = Arc::new(open(&path));
    let writers = (0..64).map(|writer| {
        let table = Arc::clone(&table);
        tokio::spawn(async move {
            for n in 0..20 {
                put(table.as_ref(), item(&format!("p{writer}"), &n.to_string())).await;
            }
        })
    });
    join_all(writers).await;
    println!("{} commits for 1280 transactions", table.commits());
    assert!(table.commits() < 640, "{}", table.commits());
    assert_eq!(rows(&path), 1280);
}

#[tokio::test]
async fn a_later_transaction_of_a_group_sees_the_earlier() {
    let (_dir, path) = place();
    let table = open(&path);
    let claim = || table.write(vec![Op::Put(item("p", "claim"), Absent)]);
    let ends = join_all((0..10).map(|_| claim())).await;
    let done = ends.iter().filter(|end| *end.as_ref().unwrap() == Written::Done).count();
    assert_eq!(done, 1);
}

/// The trigger stands for whatever may go wrong within SQLite.
async fn poisoned(action: &str) {
    let (_dir, path) = place();
    let table = open(&path);
    let trigger = format!(
        "CREATE TRIGGER poison BEFORE INSERT ON item WHEN new.sk = 'poison'
         BEGIN SELECT RAISE({action}, 'poisoned'); END"
    );
    raw(&path).execute_batch(&trigger).unwrap();
    let write = |n: usize| {
        let name = if n.is_multiple_of(5) { "poison".to_owned() } else { format!("second{n}") };
        let ops =
            vec![Op::Put(item("p", &format!("first{n}")), Any), Op::Put(item("p", &name), Any)];
        table.write(ops)
    };
    let ends = join_all((0..50).map(write)).await;
    for (n, end) in ends.iter().enumerate() {
        assert_eq!(end.is_err(), n % 5 == 0, "{n}: {end:?}");
    }
    assert_eq!(rows(&path), 80);
    table.ready().await.unwrap();
}

#[tokio::test]
async fn an_error_harms_no_other_transaction() {
    poisoned("ABORT").await;
}

#[tokio::test]
async fn an_error_that_undoes_the_commit_harms_no_other_transaction() {
    poisoned("ROLLBACK").await;
}

#[tokio::test]
async fn expired_items_are_swept() {
    let (_dir, path) = place();
    let clock = clock();
    let table = Sqlite::open(&path, clock.clone()).unwrap();
    let brief = |n: u64| Item { expires: Some(START + 1 + n % 3), ..item("p", &n.to_string()) };
    join_all((0..250).map(|n| put(&table, brief(n)))).await;
    put(&table, Item { expires: Some(START + 1000), ..item("p", "later") }).await;
    put(&table, item("p", "never")).await;
    clock.advance(Duration::from_secs(100));
    // Each commit takes a batch until none is left.
    for _ in 0..4 {
        put(&table, item("p", "never")).await;
    }
    assert_eq!(rows(&path), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_stays_short() {
    let (_dir, path) = place();
    let table = Arc::new(open(&path));
    let body = format!(r#"{{"x":"{}"}}"#, "x".repeat(300_000));
    let writers = (0..4).map(|writer| {
        let (table, body) = (Arc::clone(&table), body.clone());
        tokio::spawn(async move {
            for _ in 0..120 {
                put(table.as_ref(), Item { body: body.clone(), ..item("p", &writer.to_string()) })
                    .await;
            }
        })
    });
    join_all(writers).await;
    let log = fs::metadata(path.with_extension("db-wal")).unwrap().len();
    println!("after writing 144 MB the log has {log} bytes");
    assert!(log < 100_000_000, "{log}");
}
