//! The format of a table: no program reads or writes one of another format.

use std::sync::Arc;

use guestlist::{
    clock::Clock,
    secret::Secret,
    table::{Condition, Item, Key, Op, Table, Written, sqlite::Sqlite},
};
use serde_json::json;

use crate::support::{
    engine::Engine,
    process::Site,
    world::{NOW, World},
};

fn place() -> Key {
    Key::new("table", "format")
}

/// Has the table say that it is of that format.
async fn say(table: &dyn Table, format: u64) {
    let body = json!({"format": format}).to_string();
    let item = Item { key: place(), gs1: None, version: 1, expires: None, body };
    assert_eq!(table.write(vec![Op::Put(item, Condition::Any)]).await.unwrap(), Written::Done);
}

async fn forget(table: &dyn Table) {
    let ops = vec![Op::Delete(place(), Condition::Any)];
    assert_eq!(table.write(ops).await.unwrap(), Written::Done);
}

#[tokio::test]
async fn a_table_of_another_format_is_refused() {
    for engine in Engine::all() {
        let clock = Clock::manual(NOW);
        let fresh = engine.fresh(&clock).await;
        let table = Arc::clone(&fresh.table);
        let world = World::over(Arc::clone(&table), clock, &[]).await;
        let store = &world.app.store;
        let refusal = async || store.ensure_format().await.unwrap_err().to_string();

        // An empty table becomes one of this format, in whichever order nodes come.
        let (one, other) = tokio::join!(store.ensure_format(), store.ensure_format());
        one.and(other).unwrap();
        let body = table.get(&place()).await.unwrap().unwrap().body;
        let said: serde_json::Value = serde_json::from_str(&body).unwrap();
        assert_eq!(said["format"], 5);
        // No secret in use is known from it: not even its public name.
        assert_eq!(said["secrets"].as_array().unwrap().len(), 1);
        assert!(!body.contains(&Secret::new([7; 32]).fingerprint()), "{body}");

        say(&*table, 6).await;
        assert!(refusal().await.contains("newer version of Guestlist"), "{}", refusal().await);
        say(&*table, 4).await;
        assert!(refusal().await.contains("earlier version of Guestlist"), "{}", refusal().await);

        // The first programs wrote none: a table that has people and no format is theirs.
        forget(&*table).await;
        store.ensure_format().await.unwrap();
        world.root().await;
        forget(&*table).await;
        assert!(refusal().await.contains("earlier version of Guestlist"), "{}", refusal().await);
        assert_eq!(table.get(&place()).await.unwrap(), None, "nothing is written");
    }
}

#[tokio::test]
async fn neither_service_nor_command_starts_on_another_format() {
    let site = Site::sqlite();
    site.run(&["account", "create", "--name=Acme"]).await.ok();
    let table = Sqlite::open(&site.path("data/guestlist.db"), Clock::System).unwrap();
    say(&table, 2).await;
    drop(table);
    for command in [&["serve"][..], &["account", "find"], &["key", "find"]] {
        let complaint = site.run(command).await.failure();
        assert!(complaint.contains("earlier version of Guestlist"), "{command:?}: {complaint}");
    }
    let report = site.run(&["check"]).await.failed_check();
    assert!(
        report.contains("FAILED  table: the table was created by an earlier version"),
        "{report}"
    );
}
