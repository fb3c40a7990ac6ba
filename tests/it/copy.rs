//! `guestlist table copy`: a table that moves to another place or engine.

use std::{fmt::Write as _, fs, path::Path};

use guestlist::{
    clock::Clock,
    table::{Condition, Item, Key, MAX_PAGE, Op, Table, Written, sqlite::Sqlite},
};
use serde_json::{Value, json};

use crate::support::{
    engine::{Engine, unique_name},
    process::{Site, secret},
};

const OWN: &str = "table";

/// A site that keeps its secret where its table moves.
fn site() -> Site {
    Site::sqlite().with(format!("--secret={}", secret(7)))
}

/// A place of the engine with nothing in it, and what it is called.
async fn empty(engine: Engine) -> (Site, String) {
    match engine {
        Engine::Sqlite => {
            let site = site();
            let name = format!("sqlite:{}", site.path("data").display());
            (site, name)
        }
        Engine::Dynamo => {
            let name = format!("dynamodb:copy-{}", unique_name());
            let site = Site::dynamo(&crate::support::dynamodb().unwrap());
            let site = site.without("--table").with(format!("--table={name}"));
            site.run(&["table", "create"]).await.ok();
            (site, name)
        }
    }
}

fn open(site: &Site) -> Sqlite {
    Sqlite::open(&site.path("data/guestlist.db"), Clock::System).unwrap()
}

/// All that lives in a table but what is the table's own, with bodies that can be compared.
async fn items(table: &dyn Table) -> Vec<(Item, Value)> {
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = table.scan(after.as_ref(), MAX_PAGE).await.unwrap();
        found.extend(page.items.into_iter().filter(|item| item.key.partition != OWN));
        match page.next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    // DynamoDB has no whole floats.
    let body = |item: &Item| serde_json::from_str(&item.body.replace("1.0,", "1,")).unwrap();
    found
        .into_iter()
        .map(|item| (Item { body: String::new(), ..item.clone() }, body(&item)))
        .collect()
}

async fn put(table: &dyn Table, item: Item) {
    let written = table.write(vec![Op::Put(item, Condition::Any)]).await.unwrap();
    assert_eq!(written, Written::Done);
}

fn item(partition: &str, body: &str) -> Item {
    let key = Key::new(partition, "1");
    Item { key, gs1: None, version: 3, expires: None, body: body.to_owned() }
}

/// More users than are copied at once, and items of every shape.
async fn filled() -> Site {
    let site = site();
    let mut lines = String::new();
    for n in 0..220 {
        let line = json!({"email": format!("u{n}@example.com"), "externalId": n.to_string()});
        writeln!(lines, "{line}").unwrap();
    }
    fs::write(site.path("users.ndjson"), lines).unwrap();
    site.run(&["user", "import", site.path("users.ndjson").to_str().unwrap()]).await.ok();
    site.run(&["user", "create", "--invite", "carol@example.com"]).await.ok();
    let table = open(&site);
    let odd =
        r#"{"deep":{"list":[1,2.5,1.0,null,true,{"a":""}]},"big":18446744073709551615,"ü":"ö"}"#;
    put(&table, item("limit#odd", odd)).await;
    let listed = Item {
        gs1: Some(Key::new("limit", "x")),
        expires: Some(u64::MAX >> 2),
        ..item("limit#2", "{}")
    };
    put(&table, listed).await;
    put(&table, Item { expires: Some(1), ..item("limit#expired", "{}") }).await;
    site
}

fn name_of(site: &Site) -> String {
    format!("sqlite:{}", site.path("data").display())
}

#[tokio::test]
async fn a_table_moves_to_each_engine_and_back_whole() {
    for engine in Engine::all() {
        let source = filled().await;
        let key = source.run(&["key", "create", "--role=admin", "--name=nightly"]).await.ok();
        let before = items(&open(&source)).await;
        assert!(before.len() > 1000);
        let (moved, name) = empty(engine).await;
        let said = moved.run(&["table", "copy", &name_of(&source), &name]).await.ok();
        assert!(said.contains(&format!("{} records, compared one by one", before.len())), "{said}");
        assert!(
            said.contains("with the same secret") || said.contains("the same secret"),
            "{said}"
        );

        let back = site();
        let copy = ["table", "copy", &name, &name_of(&back), "--leave-open"];
        moved.run(&copy).await.ok();
        assert_eq!(items(&open(&back)).await, before, "{engine:?}");

        // The first one is closed until somebody says otherwise.
        let complaint = source.run(&["user", "export"]).await.failure();
        assert!(complaint.contains(&format!("was copied to {name}")), "{complaint}");
        assert!(complaint.contains("guestlist table reopen"), "{complaint}");
        assert!(source.run(&["serve"]).await.failure().contains("was copied to"));
        let report = source.run(&["check"]).await.failed_check();
        assert!(report.contains("was copied to"), "{report}");
        source.run(&["table", "reopen"]).await.ok();
        source.run(&["check"]).await.ok();

        let service = moved.start().await;
        let answer = service.call("account/get", key.trim(), json!({})).await.ok();
        assert_eq!(answer["name"], "Home");
        service.stop().await;
    }
}

#[tokio::test]
async fn a_copy_that_was_cut_off_goes_on_where_it_was() {
    let source = filled().await;
    let all = items(&open(&source)).await;
    let (target, name) = empty(Engine::Sqlite).await;
    // As far as it had come: the first items, and a note of the last.
    let half = all.len() / 2;
    fs::create_dir(target.path("data")).unwrap();
    let table = open(&target);
    for (item, body) in &all[..half] {
        put(&table, Item { body: body.to_string(), ..item.clone() }).await;
    }
    // Changed in the first table since, and gone from there.
    put(&table, Item { body: r#"{"old":true}"#.to_owned(), ..all[3].0.clone() }).await;
    put(&table, item("limit#gone", "{}")).await;
    let last = &all[half - 1].0.key;
    let note =
        json!({"from": name_of(&source), "after": [last.partition, last.sort], "copied": half});
    let key = Key::new(OWN, "copy");
    put(&table, Item { key, body: note.to_string(), ..item(OWN, "") }).await;
    drop(table);

    let complaint = target.run(&["user", "export"]).await.failure();
    assert!(complaint.contains("unfinished copy"), "{complaint}");
    let other = filled().await;
    let complaint = target.run(&["table", "copy", &name_of(&other), &name]).await.failure();
    assert!(complaint.contains("is an unfinished copy of"), "{complaint}");
    target.run(&["table", "copy", &name_of(&source), &name]).await.ok();
    assert_eq!(items(&open(&target)).await, all);
    target.run(&["check"]).await.ok();
}

#[tokio::test]
async fn only_an_empty_table_becomes_a_copy() {
    let (source, target) = (filled().await, filled().await);
    let before = items(&open(&target)).await;
    let refused = async |from: &str, to: &str, why: &str| {
        let complaint = source.run(&["table", "copy", from, to]).await.failure();
        assert!(complaint.contains(why), "{complaint}");
    };
    let (from, to) = (name_of(&source), name_of(&target));
    refused(&from, &to, "is not empty").await;
    refused(&from, &from, "the same table").await;
    refused("sqlite:/nowhere/at/all", &to, "there is no table in").await;
    refused(&from, "postgres:x", "sqlite:FOLDER or dynamodb:NAME").await;
    assert_eq!(items(&open(&target)).await, before);
    assert!(!Path::new("/nowhere").exists());
    // What no engine could store is found before anything is written.
    let table = rusqlite::Connection::open(source.path("data/guestlist.db")).unwrap();
    let body = json!({"x": "x".repeat(400_000)}).to_string();
    table
        .execute("INSERT INTO item VALUES ('limit#long', '1', NULL, NULL, 1, NULL, ?1)", [body])
        .unwrap();
    drop(table);
    let (target, empty) = empty(Engine::Sqlite).await;
    refused(&from, &empty, "limit#long").await;
    assert!(!target.path("data").exists());
    source.run(&["check"]).await.ok();
}
