//! Backups of the SQLite table, and what comes back from them.

mod another_table;
mod forgotten;

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use rusqlite::Connection;
use serde_json::{Value, json};

use crate::support::process::{Service, Site, secret};

/// A site whose table has a few users, and its backup.
async fn backed_up() -> (Site, PathBuf) {
    let site = Site::sqlite();
    for email in ["ada@example.com", "bob@example.com"] {
        site.run(&["user", "create", email]).await.ok();
    }
    let path = site.path("backup.db");
    let said = site.run(&["backup", text(&path)]).await.ok();
    assert!(said.contains("records, checked; digest"), "{said}");
    (site, path)
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Puts the table out of the way, as an operator does before restoring.
fn put_away(site: &Site) {
    fs::create_dir(site.path("old")).unwrap();
    for entry in fs::read_dir(site.path("data")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if name.starts_with("guestlist.db") {
            fs::rename(&path, site.path("old").join(name)).unwrap();
        }
    }
}

async fn emails(site: &Site) -> Vec<String> {
    let found = site.run(&["user", "export"]).await.ok();
    let users = found.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    users.map(|user| user["email"].as_str().unwrap().to_owned()).collect()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// Makes users until it is told to stop; the emails of those whose making was acknowledged.
async fn make_users(
    service: &Service,
    key: &str,
    who: usize,
    made: &(AtomicBool, std::sync::Mutex<Vec<String>>),
) {
    let (enough, emails) = made;
    for number in 0.. {
        if enough.load(Ordering::SeqCst) {
            return;
        }
        let email = format!("user{who}-{number}@example.com");
        let body = json!({"email": email, "first": "First", "last": format!("Last {number}")});
        service.call("user/create", key, body).await.ok();
        emails.lock().unwrap().push(email);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_backup_under_load_has_every_write_that_was_acknowledged_before() {
    let site = Site::sqlite();
    let service = Arc::new(site.start().await);
    service.root(&site).await;
    let key = site.run(&["key", "create", "--role", "admin", "--name", "load"]).await.ok();
    let key = Arc::new(key.trim().to_owned());
    let made = Arc::new((AtomicBool::new(false), std::sync::Mutex::new(Vec::new())));
    let mut writers = Vec::new();
    for who in 0..4 {
        let (service, key, made) = (Arc::clone(&service), Arc::clone(&key), Arc::clone(&made));
        writers.push(tokio::spawn(async move { make_users(&service, &key, who, &made).await }));
    }
    let count = || made.1.lock().unwrap().len();
    while count() < 50 {
        tokio::task::yield_now().await;
    }
    let before = made.1.lock().unwrap().clone();
    let path = site.path("backup.db");
    site.run(&["backup", text(&path)]).await.ok();
    let at_its_end = count();
    while count() < at_its_end + 20 {
        tokio::task::yield_now().await;
    }
    made.0.store(true, Ordering::SeqCst);
    for writer in writers {
        writer.await.unwrap();
    }
    Arc::into_inner(service).unwrap().kill().await;
    let all = made.1.lock().unwrap().clone();

    put_away(&site);
    site.run(&["restore", text(&path)]).await.ok();
    let found = emails(&site).await;
    for email in &before {
        assert!(found.contains(email), "{email} was acknowledged before the backup began");
    }
    assert!(found.iter().all(|it| all.contains(it) || it == "root@example.com"));
    // Each is whole: what leads to a user and the user are of one moment.
    for email in &found {
        let user = site.run(&["user", "find", "--json", email]).await.ok();
        let user: Value = serde_json::from_str(user.trim()).unwrap();
        assert_eq!(user["email"], *email);
    }
    assert_eq!(site.run(&["check"]).await.ok().matches("FAILED").count(), 0);
}

#[tokio::test]
async fn a_backup_is_a_new_file_that_only_its_owner_reads() {
    let (site, path) = backed_up().await;
    assert_eq!(mode(&path), 0o600);
    let before = fs::read(&path).unwrap();
    let complaint = site.run(&["backup", text(&path)]).await.failure();
    assert!(complaint.ends_with("backup.db already exists; name a new file\n"), "{complaint}");
    assert_eq!(fs::read(&path).unwrap(), before);
    let nowhere = site.path("nowhere/backup.db");
    assert!(site.run(&["backup", text(&nowhere)]).await.failure().contains("nowhere"));

    // The secret goes into a file of its own.
    let kept = fs::read_to_string(site.path("data/secret")).unwrap();
    let (second, apart) = (site.path("second.db"), site.path("apart"));
    site.run(&["backup", text(&second), "--with-secret", text(&apart)]).await.ok();
    assert_eq!(fs::read_to_string(&apart).unwrap(), kept);
    assert_eq!(mode(&apart), 0o600);
    let bytes = fs::read(&second).unwrap();
    assert!(!bytes.windows(kept.trim().len()).any(|part| part == kept.trim().as_bytes()));
    let left: Vec<_> =
        fs::read_dir(site.path(".")).unwrap().map(|it| it.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name.to_str().unwrap().contains("draft")), "{left:?}");

    let empty = Site::sqlite();
    let complaint = empty.run(&["backup", text(&empty.path("x.db"))]).await.failure();
    assert!(complaint.contains("there is no table in"), "{complaint}");
    assert!(!empty.path("data").exists(), "nothing is made");
    let cloud = Site::dynamo("http://127.0.0.1:1");
    let complaint = cloud.run(&["backup", "x.db"]).await.failure();
    assert!(complaint.contains("point-in-time recovery"), "{complaint}");
}

#[tokio::test]
async fn a_damaged_or_foreign_backup_is_told_and_never_restored() {
    let (site, path) = backed_up().await;
    let said = site.run(&["backup", "--verify", text(&path)]).await.ok();
    assert!(said.contains("complete") && said.contains("made with the current secret"), "{said}");
    put_away(&site);
    let refused = async |path: &Path, why: &str| {
        for command in [&["backup", "--verify", text(path)][..], &["restore", text(path)]] {
            let done = site.run(command).await;
            assert!(!done.success && done.stderr.contains(why), "{command:?}: {done:?}");
            assert!(!site.path("data/guestlist.db").exists());
            assert!(!site.path("data/restoring").exists());
        }
    };

    let changed = site.path("changed.db");
    fs::copy(&path, &changed).unwrap();
    let edit = |statement: &str| {
        Connection::open(&changed).unwrap().execute_batch(statement).unwrap();
    };
    edit("UPDATE item SET body = replace(body, 'ada@', 'eve@')");
    refused(&changed, "differ from those that were backed up").await;
    edit("DELETE FROM item WHERE pk LIKE 'email#%'");
    refused(&changed, "it should have").await;
    edit("DROP TABLE backup");
    refused(&changed, "is not a backup").await;

    let mut bytes = fs::read(&path).unwrap();
    let torn = site.path("torn.db");
    fs::write(&torn, &bytes[..bytes.len() / 2]).unwrap();
    refused(&torn, "torn.db").await;
    let middle = bytes.len() / 2;
    bytes[middle..middle + 4096].fill(0);
    fs::write(&torn, &bytes).unwrap();
    refused(&torn, "torn.db").await;
    fs::write(&torn, "no database at all").unwrap();
    refused(&torn, "torn.db").await;
    refused(&site.path("absent.db"), "absent.db").await;

    // A left-over log would be taken for a part of it.
    fs::write(site.path("backup.db-wal"), "left over").unwrap();
    refused(&path, "which does not belong to a backup").await;
}

#[tokio::test]
async fn a_backup_is_restored_only_where_nothing_is() {
    let (site, path) = backed_up().await;
    let complaint = site.run(&["restore", text(&path)]).await.failure();
    assert!(complaint.contains("guestlist.db exists"), "{complaint}");
    put_away(&site);
    fs::write(site.path("data/guestlist.db-wal"), "left over").unwrap();
    let complaint = site.run(&["restore", text(&path)]).await.failure();
    assert!(complaint.contains("guestlist.db-wal exists"), "{complaint}");
    fs::remove_file(site.path("data/guestlist.db-wal")).unwrap();
    let said = site.run(&["restore", text(&path)]).await.ok();
    assert!(said.contains("Everyone is signed out of 1 accounts"), "{said}");
    assert_eq!(mode(&site.path("data/guestlist.db")), 0o600);
    let mut left: Vec<_> = fs::read_dir(site.path("data"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !name.starts_with("guestlist."))
        .collect();
    left.sort();
    assert_eq!(left, ["secret"]);
    assert_eq!(emails(&site).await, ["ada@example.com", "bob@example.com"]);
    let again = site.path("again.db");
    site.run(&["backup", text(&again)]).await.ok();
    site.run(&["backup", "--verify", text(&again)]).await.ok();
}

#[tokio::test]
async fn nothing_is_restored_under_a_running_service() {
    let (site, path) = backed_up().await;
    let service = site.start().await;
    put_away(&site);
    let complaint = site.run(&["restore", text(&path)]).await.failure();
    assert!(complaint.contains("still has the table open"), "{complaint}");
    assert!(!site.path("data/guestlist.db").exists());
    service.stop().await;
    site.run(&["restore", text(&path)]).await.ok();
}

#[tokio::test]
async fn a_backup_that_was_copied_beside_a_left_over_log_is_told() {
    let (site, path) = backed_up().await;
    let service = site.start().await;
    service.kill().await;
    assert!(site.path("data/guestlist.db-wal").exists());
    fs::copy(&path, site.path("data/guestlist.db")).unwrap();
    for command in [&["serve"][..], &["user", "export"], &["backup", text(&site.path("new.db"))]] {
        let complaint = site.run(command).await.failure();
        assert!(complaint.contains("guestlist.db-wal does not belong to "), "{complaint}");
    }
}

#[tokio::test]
async fn a_restore_takes_the_secret_that_goes_with_the_backup() {
    let (site, path) = backed_up().await;
    let apart = site.path("apart");
    fs::rename(site.path("data/secret"), &apart).unwrap();
    put_away(&site);
    // None is made up.
    let complaint = site.run(&["restore", text(&path)]).await.failure();
    assert!(complaint.contains("there is no secret"), "{complaint}");
    assert!(!site.path("data/secret").exists());
    let said = site.run(&["backup", "--verify", text(&path)]).await.ok();
    assert!(said.contains("No secret is set"), "{said}");

    fs::write(site.path("other"), secret(9)).unwrap();
    let other = site.path("other");
    let with =
        |secret: &Path| ["restore", text(&path), "--with-secret", text(secret)].map(str::to_owned);
    let run =
        async |arguments: [String; 4]| site.run(&arguments.each_ref().map(String::as_str)).await;
    let complaint = run(with(&other)).await.failure();
    assert!(complaint.contains("was not made with the current secret"), "{complaint}");
    run(with(&apart)).await.ok();
    assert_eq!(fs::read(site.path("data/secret")).unwrap(), fs::read(&apart).unwrap());
    assert_eq!(mode(&site.path("data/secret")), 0o600);

    fs::remove_dir_all(site.path("old")).unwrap();
    put_away(&site);
    let complaint = run(with(&other)).await.failure();
    assert!(complaint.contains("keep only one of them"), "{complaint}");
    fs::rename(&other, site.path("data/secret")).unwrap();
    site.run(&["restore", text(&path), "--other-secret"]).await.ok();
}
