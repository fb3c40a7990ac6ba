//! `/readyz`: whether the table can be read and written, and what becomes of one that cannot.

use std::{fs, io::Write as _, time::Duration};

use guestlist::{
    clock::Clock,
    table::{Condition, Error, Item, Key, Op, Table as _, sqlite::Sqlite},
};
use hyper::Method;
use serde_json::json;
use tempfile::TempDir;

use crate::support::{
    engine::Engine,
    process::{Service, Site, eventually},
    scene::Scene,
    watched::Trouble,
    world::NOW,
};

async fn probe(service: &Service, path: &str) -> u16 {
    service.client.send(Method::GET, path, &[], "").await.status
}

/// Waits until `/readyz` answers so; what it has learned holds for two seconds.
async fn becomes(service: &Service, status: u16) {
    eventually("the answer of /readyz", async || match probe(service, "/readyz").await {
        found if found == status => Ok(()),
        found => Err(found.to_string()),
    })
    .await;
}

#[tokio::test]
async fn the_table_is_asked_once_for_all_who_ask() {
    let scene = Scene::new(Engine::Sqlite, &[]).await;
    scene.table.take_calls();
    for _ in 0..5 {
        let answer = scene.world.client.send(Method::GET, "/readyz", &[], "").await;
        assert_eq!(answer.status, 200);
    }
    assert_eq!(scene.table.take_calls(), "ready");
    scene.world.advance(Duration::from_secs(2));
    scene.table.trouble(Trouble::Unavailable);
    for _ in 0..5 {
        let answer = scene.world.client.send(Method::GET, "/readyz", &[], "").await;
        assert_eq!(answer.outcome(), "503 unavailable");
        // Why is nobody's business but the operator's.
        assert!(!answer.json().to_string().contains("the test says so"));
    }
    assert_eq!(scene.table.take_calls(), "ready");
}

#[tokio::test]
async fn a_disk_that_is_full_is_told() {
    // In blocks of 512 bytes: the largest file may have a megabyte.
    let site = Site::sqlite().limited("ulimit -f 2000");
    let service = site.start().await;
    let root = service.root(&site).await;
    becomes(&service, 200).await;
    let mut refused = None;
    for number in 0..2000 {
        let body = json!({"email": format!("u{number}@example.com")});
        let answer = service.call("user/create", &root, body).await;
        if answer.status != 200 {
            refused = Some(answer.outcome());
            break;
        }
    }
    assert_eq!(refused.as_deref(), Some("503 unavailable"));
    becomes(&service, 503).await;
    assert_eq!(probe(&service, "/healthz").await, 200);
    // What is there can be read.
    service.call("user/get", &root, json!({})).await.ok();
    service.stop().await;
}

#[tokio::test]
async fn a_file_that_is_gone_is_noticed_before_anything_is_acknowledged() {
    let site = Site::sqlite();
    let service = site.start().await;
    let root = service.root(&site).await;
    let create = async |email: &str| {
        service.call("user/create", &root, json!({"email": email})).await.outcome()
    };
    let (file, aside) = (site.path("data/guestlist.db"), site.path("aside"));

    fs::rename(&file, &aside).unwrap();
    assert_eq!(create("a@example.com").await, "503 unavailable");
    becomes(&service, 503).await;
    // Another one in its place is no better.
    fs::copy(&aside, &file).unwrap();
    assert_eq!(create("b@example.com").await, "503 unavailable");
    becomes(&service, 503).await;
    service.log.line("is not the file that was opened").await;

    fs::rename(&aside, &file).unwrap();
    assert_eq!(create("c@example.com").await, "200");
    becomes(&service, 200).await;
    fs::remove_file(site.path("data/guestlist.db-wal")).unwrap();
    assert_eq!(create("d@example.com").await, "503 unavailable");
    becomes(&service, 503).await;
}

#[tokio::test]
async fn a_file_that_is_damaged_is_not_written_any_more() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("guestlist.db");
    let item = |number: usize| Item {
        key: Key::new("p", format!("{number:05}")),
        gs1: None,
        version: 1,
        expires: None,
        body: format!("{{\"filler\":\"{}\"}}", "x".repeat(500)),
    };
    let put = |number| vec![Op::Put(item(number), Condition::Any)];
    let table = Sqlite::open(&path, Clock::manual(NOW)).unwrap();
    for number in 0..300 {
        let _done = table.write(put(number)).await.unwrap();
    }
    drop(table);
    let sound = fs::read(&path).unwrap();

    let table = Sqlite::open(&path, Clock::manual(NOW)).unwrap();
    table.ready().await.unwrap();
    let mut file = fs::File::options().write(true).open(&path).unwrap();
    let mut damaged = sound.clone();
    damaged[4096..].fill(0xa5);
    file.write_all(&damaged).unwrap();
    let error = table.get(&item(7).key).await.unwrap_err();
    assert!(matches!(error, Error::Broken(_)), "{error}");
    let error = table.ready().await.unwrap_err();
    assert!(matches!(error, Error::Broken(_)), "{error}");
    // Whatever it looks like by now: what was written meanwhile may be anywhere.
    fs::write(&path, &sound).unwrap();
    let error = table.write(put(301)).await.unwrap_err();
    assert!(matches!(error, Error::Broken(_)), "{error}");
    assert!(error.to_string().starts_with("the table is damaged: "), "{error}");
    drop(table);
    // The next one to open it begins anew.
    Sqlite::open(&path, Clock::manual(NOW)).unwrap().ready().await.unwrap();
}
