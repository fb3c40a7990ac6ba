//! The outbox: where something is wrong with one letter, and how its operator sees and mends that.

use std::{sync::Arc, time::Duration};

use guestlist::{
    clock::{Clock, Timestamp},
    table::{Condition, Direction, Index, Item, Key, Op, Query, Range, Table as _, Written},
};
use serde_json::{Value, json};

use crate::support::{
    engine::Engine,
    scene::{Scene, on_each_scene},
    watched::Watched,
    world::World,
};

#[tokio::test]
async fn a_letter_that_cannot_be_read_holds_up_no_other() {
    for engine in Engine::all() {
        let clock = Clock::manual(Timestamp::from_millis(1_800_000_000_000));
        let fresh = engine.fresh(&clock).await;
        let table = Arc::new(Watched::new(Arc::clone(&fresh.table)));
        let world = World::over(Arc::clone(&table) as _, clock, &[]).await;
        let broken = |shard: usize, number: usize| {
            let key = Key::new(format!("outbox#{shard}"), format!("000000000000001#{number:04}"));
            let body = r#"{"kind":"of tomorrow"}"#.to_owned();
            Op::Put(Item { key, gs1: None, version: 1, expires: None, body }, Condition::Absent)
        };
        let ops = (0..40).map(|number| broken(number % 4, number)).collect();
        assert_eq!(fresh.table.write(ops).await.unwrap(), Written::Done);

        let admin = world.admin("admin@example.com").await;
        for number in 0..8 {
            let body = json!({"email": format!("u{number}@example.com"), "sendInvite": true});
            world.call("user/create", &admin, body).await.ok();
        }
        for _ in 0..20 {
            world.courier.round().await.unwrap();
        }
        assert_eq!(std::fs::read_dir(world.mail.path()).unwrap().count(), 8);
        assert_eq!(table.partition("outbox#parked").await.len(), 40);
        for shard in 0..4 {
            assert!(table.partition(&format!("outbox#{shard}")).await.is_empty());
        }
    }
}

/// Lets the courier send what has piled up so far.
async fn cleared(scene: &Scene) {
    while scene.world.courier.round().await.unwrap() > 0 {}
}

/// Invites so many, a millisecond apart.
async fn invited(scene: &Scene, count: usize) {
    for number in 0..count {
        scene.world.advance(Duration::from_millis(1));
        scene.target(&format!("letter{number}")).await;
    }
}

/// All items that wait.
async fn waiting(scene: &Scene) -> Vec<Item> {
    let mut items = Vec::new();
    for shard in 0..4 {
        items.extend(scene.table.partition(&format!("outbox#{shard}")).await);
    }
    items
}

/// Puts everything that waits aside, as if it had been refused.
async fn put_aside(scene: &Scene) {
    for item in waiting(scene).await {
        let id = item.key.sort.split_once('#').unwrap().1;
        let mut body: Value = serde_json::from_str(&item.body).unwrap();
        body["attempts"] = json!(3);
        body["lastError"] = json!("550 No such mailbox");
        let key = Key::new("outbox#parked", id);
        let parked = Item { key, body: body.to_string(), ..item.clone() };
        let ops = vec![Op::Delete(item.key, Condition::Any), Op::Put(parked, Condition::Absent)];
        assert_eq!(scene.table.write(ops).await.unwrap(), Written::Done);
    }
}

async fn page(scene: &Scene, query: &str, state: &str) -> Value {
    let body = json!({ "state": state });
    scene.call(&format!("mail/find?{query}"), &scene.root.token, body).await.ok()
}

fn ids(page: &Value) -> Vec<String> {
    let letters = page["data"].as_array().unwrap().iter();
    letters.map(|letter| letter["id"].as_str().unwrap().to_owned()).collect()
}

/// Walks to the end and back; returns the ids in order, having checked that both ways agree.
async fn there_and_back(scene: &Scene, state: &str, limit: usize) -> Vec<String> {
    let mut pages = vec![page(scene, &format!("limit={limit}"), state).await];
    while let Some(next) = pages.last().unwrap()["next"].as_str() {
        pages.push(page(scene, &format!("limit={limit}&next={next}"), state).await);
    }
    let mut back = pages.last().unwrap()["prev"].clone();
    for there in pages.iter().rev().skip(1) {
        let prev = back.as_str().expect("there is a page before");
        let again = page(scene, &format!("limit={limit}&prev={prev}"), state).await;
        assert_eq!(ids(&again), ids(there), "{state} {limit}");
        assert_eq!(again["next"], there["next"], "{state} {limit}");
        back = again["prev"].clone();
    }
    assert!(back.is_null(), "the first page has nothing before it: {state} {limit}");
    pages.iter().flat_map(ids).collect()
}

#[tokio::test]
async fn every_letter_is_on_one_page() {
    on_each_scene(async |scene| {
        cleared(&scene).await;
        invited(&scene, 23).await;
        let filled = waiting(&scene).await;
        let shards: std::collections::BTreeSet<_> =
            filled.iter().map(|item| item.key.partition.as_str()).collect();
        assert_eq!(shards.len(), 4, "the letters lie in all parts of the outbox");
        let mut expected: Vec<String> =
            filled.iter().map(|item| item.key.sort.split_once('#').unwrap().1.to_owned()).collect();
        // Ids are time-ordered, and what was written first is due first.
        expected.sort();
        for limit in [1, 4, 7, 23, 24, 100] {
            assert_eq!(there_and_back(&scene, "waiting", limit).await, expected, "{limit}");
            assert!(there_and_back(&scene, "undeliverable", limit).await.is_empty());
        }
        let first = page(&scene, "limit=5", "waiting").await;
        put_aside(&scene).await;
        expected.reverse();
        for limit in [1, 4, 7, 23, 24, 100] {
            assert_eq!(there_and_back(&scene, "undeliverable", limit).await, expected, "{limit}");
            assert!(there_and_back(&scene, "waiting", limit).await.is_empty());
        }
        let path = format!("mail/find?next={}", first["next"].as_str().unwrap());
        let answer = scene.call(&path, &scene.root.token, json!({})).await;
        assert_eq!(answer.outcome(), "400 invalid_cursor", "a cursor of the other state");
    })
    .await;
}

#[tokio::test]
async fn what_is_seen_of_a_letter() {
    on_each_scene(async |scene| {
        cleared(&scene).await;
        scene.target("gone").await;
        let first = async |state: &str| page(&scene, "", state).await["data"][0].clone();
        let seen = first("waiting").await;
        let id = seen["id"].clone();
        let now = "2027-01-15T08:00:00.000Z";
        let expected = json!({
            "id": id, "to": "gone@example.com", "kind": "invite", "state": "waiting",
            "created": now, "due": now, "attempts": 0
        });
        assert_eq!(seen, expected);
        put_aside(&scene).await;
        let expected = json!({
            "id": id, "to": "gone@example.com", "kind": "invite", "state": "undeliverable",
            "created": now, "attempts": 3, "lastError": "550 No such mailbox"
        });
        assert_eq!(first("undeliverable").await, expected);
        assert_eq!(page(&scene, "", "waiting").await, json!({"data": []}));
        for (body, faults) in
            [(json!({"state": "sent"}), "state:in"), (json!({"state": 1}), "state:type")]
        {
            let answer = scene.refused("mail/find", &scene.root.token, body).await;
            assert_eq!(answer.faults(), faults);
        }
        let answer = scene.refused("mail/find?index=gs1", &scene.root.token, json!({})).await;
        assert_eq!(answer.outcome(), "400 unknown_field");
    })
    .await;
}

/// A letter that this version cannot read, in the outbox under `key`.
async fn unreadable(scene: &Scene, key: Key) {
    let body = r#"{"kind":"of tomorrow"}"#.to_owned();
    let item = Item { key, gs1: None, version: 1, expires: None, body };
    let put = vec![Op::Put(item, Condition::Absent)];
    assert_eq!(scene.table.write(put).await.unwrap(), Written::Done);
}

#[tokio::test]
async fn a_letter_that_cannot_be_read_is_seen_all_the_same() {
    on_each_scene(async |scene| {
        cleared(&scene).await;
        let id = "0190aaaa-0000-7000-8000-000000000002";
        unreadable(&scene, Key::new("outbox#2", format!("000000000000001#{id}"))).await;
        let seen = page(&scene, "", "waiting").await["data"][0].clone();
        assert_eq!((&seen["id"], &seen["due"]), (&json!(id), &json!("1970-01-01T00:00:00.001Z")));
        let check = async || {
            cleared(&scene).await;
            scene.target("readable").await;
            put_aside(&scene).await;
            let found = page(&scene, "", "undeliverable").await;
            let found = found["data"].as_array().unwrap();
            let entry = found.iter().find(|letter| letter["id"] == id).unwrap();
            let why = entry["lastError"].as_str().unwrap();
            assert!(why.contains("missing field"), "{why}");
            let keys: Vec<_> = entry.as_object().unwrap().keys().collect();
            assert_eq!(keys, ["id", "lastError", "state"]);
            assert_eq!(found.len(), 2);
        };
        check().await;
        // Tried again, it is put aside again, and holds up no other.
        let tried = scene.call("mail/retry", &scene.root.token, json!({"id": id})).await.ok();
        assert_eq!(tried["data"][0]["state"], "waiting");
        let all = scene.call("mail/retry", &scene.root.token, json!({})).await.ok();
        assert_eq!(all["data"][0]["to"], "readable@example.com");
        let remove = json!({"email": "readable@example.com"});
        cleared(&scene).await;
        scene.call("user/remove", &scene.admin.token, remove).await.ok();
        let found = page(&scene, "", "undeliverable").await;
        assert_eq!(ids(&found), [id]);
    })
    .await;
}

#[tokio::test]
async fn going_on_ends_where_letters_come_back_at_once() {
    on_each_scene(async |scene| {
        cleared(&scene).await;
        invited(&scene, 45).await;
        put_aside(&scene).await;
        let retry = async |body: Value| scene.call("mail/retry", &scene.root.token, body).await;
        let some = retry(json!({})).await.ok();
        let first = ids(&some);
        assert_eq!((first.len(), &some["more"]), (40, &json!(true)));
        put_aside(&scene).await;
        let rest = retry(json!({"after": first[39]})).await.ok();
        assert_eq!((ids(&rest).len(), &rest["more"]), (5, &json!(false)));
        assert!(ids(&rest).iter().all(|id| !first.contains(id)));
        let none = retry(json!({"after": ids(&rest)[4]})).await.ok();
        assert_eq!(none, json!({"data": [], "more": false}));
        let both = json!({"id": first[0], "after": first[1]});
        let refused = scene.refused("mail/retry", &scene.root.token, both).await;
        assert_eq!(refused.faults(), "after:unexpected");
    })
    .await;
}

#[tokio::test]
async fn undeliverable_letters_are_sent_again() {
    on_each_scene(async |scene| {
        cleared(&scene).await;
        let sent = || std::fs::read_dir(scene.world.mail.path()).unwrap().count();
        let before = sent();
        invited(&scene, 45).await;
        put_aside(&scene).await;
        cleared(&scene).await;
        assert_eq!(sent(), before, "what was put aside is not sent");
        let retry = async |body: Value| scene.call("mail/retry", &scene.root.token, body).await;
        let entries = async || scene.audit(&scene.root.account).await.len();
        let audited = entries().await;

        scene.world.advance(Duration::from_hours(1));
        let found = page(&scene, "limit=1", "undeliverable").await;
        let id = found["data"][0]["id"].clone();
        let one = retry(json!({ "id": id })).await.ok();
        let letter = &one["data"][0];
        assert_eq!((&letter["id"], &letter["state"]), (&id, &json!("waiting")));
        assert_eq!((&letter["attempts"], letter.get("lastError")), (&json!(0), None));
        assert_eq!(letter["due"], "2027-01-15T09:00:00.045Z");
        assert_eq!(one["more"], false);
        assert_eq!(retry(json!({ "id": id })).await.outcome(), "404 not_found");

        let some = retry(json!({})).await.ok();
        assert_eq!((ids(&some).len(), &some["more"]), (40, &json!(true)));
        let rest = retry(json!({})).await.ok();
        assert_eq!((ids(&rest).len(), &rest["more"]), (4, &json!(false)));
        assert_eq!(retry(json!({})).await.ok(), json!({"data": [], "more": false}));
        assert_eq!(entries().await, audited + 3);
        cleared(&scene).await;
        assert_eq!(sent(), before + 45);
        assert!(waiting(&scene).await.is_empty());
        for (body, outcome) in [
            (json!({"id": "0190aaaa-0000-7000-8000-000000000001"}), "404 not_found"),
            (json!({"id": "x"}), "422 validation_failed"),
            (json!({"id": 7}), "422 validation_failed"),
        ] {
            let answer = scene.refused("mail/retry", &scene.root.token, body).await;
            assert_eq!(answer.outcome(), outcome);
        }
    })
    .await;
}

#[tokio::test]
async fn two_who_retry_one_letter_send_it_once() {
    on_each_scene(async |scene| {
        cleared(&scene).await;
        scene.target("once").await;
        put_aside(&scene).await;
        let id = ids(&page(&scene, "", "undeliverable").await).remove(0);
        let retry = || scene.call("mail/retry", &scene.root.token, json!({ "id": id }));
        let (one, other, third) = tokio::join!(retry(), retry(), retry());
        let mut outcomes = [one.outcome(), other.outcome(), third.outcome()];
        outcomes.sort();
        assert_eq!(outcomes, ["200", "404 not_found", "404 not_found"]);
        assert_eq!(waiting(&scene).await.len(), 1);
    })
    .await;
}

/// Where the letters about a user are listed.
async fn listed(scene: &Scene, user: &str) -> Vec<Item> {
    let query = Query {
        index: Index::Gs1,
        partition: format!("letters#{user}"),
        range: Range::Prefix("letter#".to_owned()),
        after: None,
        direction: Direction::Forward,
        limit: 10,
    };
    scene.table.query(&query).await.unwrap().items
}

#[tokio::test]
async fn a_letter_stays_listed_under_its_user_until_it_is_sent() {
    on_each_scene(async |scene| {
        cleared(&scene).await;
        let target = scene.target("listed").await;
        let check = async |partition: &str| {
            let items = listed(&scene, &target.id).await;
            assert_eq!(items.len(), 1, "{partition}");
            assert!(items[0].key.partition.starts_with(partition), "{:?}", items[0].key);
        };
        check("outbox#").await;
        let soon = scene.world.clock.now().plus(Duration::from_mins(1));
        let leased = scene.world.app.store.lease_letters(8, soon).await.unwrap();
        check("outbox#").await;
        let why = || "the test says so".to_owned();
        let now = scene.world.clock.now();
        scene.world.app.store.postpone_letter(&leased[0], now, why()).await.unwrap();
        check("outbox#").await;
        let leased = scene.world.app.store.lease_letters(8, soon).await.unwrap();
        scene.world.app.store.park_letter(&leased[0], why()).await.unwrap();
        check("outbox#parked").await;
        scene.call("mail/retry", &scene.root.token, json!({})).await.ok();
        check("outbox#").await;
        cleared(&scene).await;
        assert!(listed(&scene, &target.id).await.is_empty());
    })
    .await;
}
