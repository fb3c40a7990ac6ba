//! Calls with an `Idempotency-Key`: carried out once, however often they come and whatever fails.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use futures_util::future::join_all;
use hyper::Method;
use serde_json::{Value, json};

use crate::support::{
    client::Answer,
    engine::Engine,
    scene::{Scene, on_each_scene},
    watched::Trouble,
    world::World,
};

const KEY: &str = "8e03978e-40d5-43dd-bc93-6894a57f9324";

/// Makes a call with a key.
async fn send(scene: &Scene, name: &str, token: &str, key: &str, body: &Value) -> Answer {
    send_to(&scene.world, name, token, key, body).await
}

async fn send_to(world: &World, name: &str, token: &str, key: &str, body: &Value) -> Answer {
    world.client.call_once(key, name, token, body).await
}

fn is_repeated(answer: &Answer) -> bool {
    answer.header("idempotency-replayed") == Some("true")
}

#[track_caller]
fn same_reply(first: &Answer, again: &Answer) {
    first.ok();
    again.ok();
    assert_eq!(first.body, again.body);
    assert!(!is_repeated(first) && is_repeated(again));
}

#[track_caller]
fn under_way(answer: &Answer) {
    assert_eq!(answer.outcome(), "503 unavailable");
    assert_eq!(answer.header("retry-after"), Some("1"));
    let detail = answer.json()["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains("still in progress"), "{detail}");
}

/// How often the trail has this action.
async fn trail(scene: &Scene, action: &str) -> usize {
    let trail = scene.audit(&scene.admin.account).await;
    trail.iter().filter(|entry| entry["action"] == action).count()
}

fn new_user() -> Value {
    json!({"email": "new@example.com", "first": "Ann", "sendInvite": true})
}

#[tokio::test]
async fn the_first_reply_is_repeated() {
    on_each_scene(async |scene| {
        let admin = &scene.admin.token;
        let before = trail(&scene, "user/create").await;
        let first = send(&scene, "user/create", admin, KEY, &new_user()).await;
        let writes = scene.table.writes();
        same_reply(&first, &send(&scene, "user/create", admin, KEY, &new_user()).await);
        assert_eq!(scene.table.writes(), writes);
        assert_eq!(trail(&scene, "user/create").await, before + 1);
        // Also when things have moved on.
        let id = json!({"id": first.json()["id"]});
        scene.call("user/remove", admin, id).await.ok();
        scene.world.advance(Duration::from_secs(24 * 60 * 60 - 1));
        same_reply(&first, &send(&scene, "user/create", admin, KEY, &new_user()).await);
        // A day later it is forgotten.
        scene.world.advance(Duration::from_secs(1));
        let late = send(&scene, "user/create", admin, KEY, &new_user()).await;
        assert_ne!(late.ok()["id"], first.json()["id"], "the email has been free since");
        // Another key is another call.
        let plain = json!({"email": "new@example.com"});
        let other = send(&scene, "user/create", admin, "other", &plain).await;
        assert_eq!(other.outcome(), "409 email_taken");
    })
    .await;
}

#[tokio::test]
async fn every_change_can_be_repeated() {
    on_each_scene(async |scene| {
        let (admin, target) = (&scene.admin.token, scene.target("bob").await);
        let removed = scene.trashed("tim").await;
        let new = scene.world.token("reg@example.com", true);
        for (name, token, body) in [
            ("user/create", admin, new_user()),
            ("user/update", admin, json!({"first": "Alice"})),
            // Nothing to change, so nothing is committed.
            ("user/update", admin, json!({"first": "Alice"})),
            ("user/updateRole", admin, json!({"id": target.id, "sendInvite": true})),
            ("user/remove", admin, json!({"id": target.id})),
            ("trash/restore", admin, json!({"id": removed.id})),
            ("account/update", admin, json!({"name": "Acme"})),
            ("key/create", admin, json!({"name": "k", "role": "user"})),
            ("user/login", &new, json!({"register": true})),
            ("user/login", admin, json!({})),
        ] {
            let key = format!("key {}", scene.table.writes());
            let first = send(&scene, name, token, &key, &body).await;
            let writes = scene.table.writes();
            same_reply(&first, &send(&scene, name, token, &key, &body).await);
            assert_eq!(scene.table.writes(), writes, "{name}");
        }
        // Also what is shown just once.
        let body = json!({"name": "k", "role": "user"});
        let first = send(&scene, "key/create", admin, KEY, &body).await.ok();
        let again = send(&scene, "key/create", admin, KEY, &body).await.ok();
        assert_eq!(first["key"], again["key"]);
        scene.call("account/get", again["key"].as_str().unwrap(), json!({})).await.ok();
    })
    .await;
}

#[tokio::test]
async fn another_request_needs_another_key() {
    on_each_scene(async |scene| {
        let admin = &scene.admin.token;
        send(&scene, "user/create", admin, KEY, &new_user()).await.ok();
        let mismatch = async |name: &str, body: Value| {
            let before = scene.table.writes();
            let answer = send(&scene, name, admin, KEY, &body).await;
            assert_eq!(answer.outcome(), "422 idempotency_mismatch", "{name} {body}");
            assert_eq!(scene.table.writes(), before);
        };
        mismatch("user/create", json!({"email": "new@example.com"})).await;
        mismatch("user/create", json!({"email": "other@example.com", "first": "Ann"})).await;
        mismatch("user/update", json!({"first": "Ann"})).await;
        // The order of the fields is no matter.
        let turned = r#"{"sendInvite": true, "first": "Ann", "email": "new@example.com"}"#;
        let token = format!("Bearer {admin}");
        let headers = [
            ("authorization", token.as_str()),
            ("content-type", "application/json"),
            ("idempotency-key", KEY),
        ];
        let again = scene.world.client.send(Method::POST, "/user/create", &headers, turned).await;
        assert!(is_repeated(&again));
        // Others choose their keys for themselves.
        let body = json!({"accountId": scene.admin.account, "email": "roots@example.com"});
        let other = send(&scene, "user/create", &scene.root.token, KEY, &body).await;
        assert!(other.status == 200 && !is_repeated(&other));
        let key = scene.world.key(&scene.admin, "admin", "write").await;
        let body = json!({"email": "keys@example.com"});
        let other = send(&scene, "user/create", &key, KEY, &body).await;
        assert!(other.status == 200 && !is_repeated(&other));
        // Who may not call does not get the reply either.
        let refused = send(&scene, "user/create", &scene.user.token, KEY, &new_user()).await;
        assert_eq!(refused.outcome(), "403 forbidden");
    })
    .await;
}

#[tokio::test]
async fn what_failed_can_be_mended() {
    on_each_scene(async |scene| {
        let admin = &scene.admin.token;
        let taken = json!({"email": "uma@example.com"});
        for _ in 0..2 {
            let answer = send(&scene, "user/create", admin, KEY, &taken).await;
            assert_eq!(answer.outcome(), "409 email_taken");
        }
        let bad = json!({"email": "nobody"});
        let answer = send(&scene, "user/create", admin, KEY, &bad).await;
        assert_eq!(answer.outcome(), "422 validation_failed");
        for trouble in [Trouble::Busy, Trouble::Unavailable] {
            scene.table.trouble(trouble);
            let answer = send(&scene, "user/create", admin, KEY, &new_user()).await;
            assert_eq!(answer.outcome(), "503 unavailable");
        }
        scene.table.trouble(Trouble::None);
        let first = send(&scene, "user/create", admin, KEY, &new_user()).await;
        same_reply(&first, &send(&scene, "user/create", admin, KEY, &new_user()).await);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_at_once_one_is_carried_out() {
    on_each_scene(async |scene| {
        let admin = &scene.admin.token;
        let before = trail(&scene, "user/create").await;
        let body = new_user();
        let all = (0..20).map(|_| send(&scene, "user/create", admin, KEY, &body));
        let answers = join_all(all).await;
        let replies: BTreeSet<_> =
            answers.iter().filter(|answer| answer.status == 200).map(|it| &it.body).collect();
        assert_eq!(replies.len(), 1);
        let first = answers.iter().filter(|it| it.status == 200 && !is_repeated(it)).count();
        assert_eq!(first, 1);
        answers.iter().filter(|answer| answer.status != 200).for_each(under_way);
        assert_eq!(trail(&scene, "user/create").await, before + 1);
        let again = send(&scene, "user/create", admin, KEY, &body).await;
        assert_eq!(Some(&&again.body), replies.first());
    })
    .await;
}

#[tokio::test]
async fn a_call_whose_outcome_is_not_known_is_not_carried_out_again() {
    on_each_scene(async |scene| {
        let admin = &scene.admin.token;
        let before = trail(&scene, "user/create").await;
        scene.table.trouble(Trouble::LostTransactions);
        let lost = send(&scene, "user/create", admin, KEY, &new_user()).await;
        assert_eq!(lost.outcome(), "503 unavailable");
        scene.table.trouble(Trouble::None);
        // It might still come to its end.
        under_way(&send(&scene, "user/create", admin, KEY, &new_user()).await);
        scene.world.advance(Duration::from_secs(30));
        for _ in 0..2 {
            let answer = send(&scene, "user/create", admin, KEY, &new_user()).await;
            assert_eq!(answer.outcome(), "409 reply_lost");
        }
        assert_eq!(trail(&scene, "user/create").await, before + 1);
    })
    .await;
}

#[tokio::test]
async fn a_reply_that_cannot_be_kept_is_sent_all_the_same() {
    on_each_scene(async |scene| {
        let admin = &scene.admin.token;
        scene.table.trouble(Trouble::Refuses("\"done\""));
        send(&scene, "user/create", admin, KEY, &new_user()).await.ok();
        scene.table.trouble(Trouble::None);
        scene.world.advance(Duration::from_secs(30));
        let again = send(&scene, "user/create", admin, KEY, &new_user()).await;
        assert_eq!(again.outcome(), "409 reply_lost");
    })
    .await;
}

#[tokio::test]
async fn a_dead_call_is_taken_over_after_30_seconds() {
    on_each_scene(async |scene| {
        let admin = &scene.admin.token;
        // It has reserved its key, and dies before it does anything.
        scene.table.trouble(Trouble::LostAnswers);
        let dead = send(&scene, "user/create", admin, KEY, &new_user()).await;
        assert_eq!(dead.outcome(), "503 unavailable");
        scene.table.trouble(Trouble::None);
        under_way(&send(&scene, "user/create", admin, KEY, &new_user()).await);
        scene.world.advance(Duration::from_millis(29_999));
        under_way(&send(&scene, "user/create", admin, KEY, &new_user()).await);
        let other = send(&scene, "user/create", admin, KEY, &json!({"email": "a@b.example"})).await;
        assert_eq!(other.outcome(), "422 idempotency_mismatch");
        scene.world.advance(Duration::from_millis(1));
        let first = send(&scene, "user/create", admin, KEY, &new_user()).await;
        same_reply(&first, &send(&scene, "user/create", admin, KEY, &new_user()).await);
    })
    .await;
}

/// Waits until the table has been asked for a transaction: more than one operation.
async fn transaction_begun(scene: &Scene) {
    let is_transaction = |call: &str| call.starts_with("write(") && call != "write(1)";
    while !scene.table.take_calls().split(", ").any(is_transaction) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_call_that_was_taken_over_comes_to_nothing() {
    on_each_scene(async |scene| {
        let admin = &scene.admin.token;
        let before = trail(&scene, "user/create").await;
        scene.table.take_calls();
        scene.table.trouble(Trouble::HeldTransactions);
        let (body, second) = (new_user(), async {
            transaction_begun(&scene).await;
            scene.table.trouble(Trouble::None);
            scene.world.advance(Duration::from_secs(30));
            let second = send(&scene, "user/create", admin, KEY, &new_user()).await;
            scene.table.release();
            second
        });
        let slow = send(&scene, "user/create", admin, KEY, &body);
        let (slow, second) = tokio::join!(slow, second);
        under_way(&slow);
        assert!(!is_repeated(&second));
        same_reply(&second, &send(&scene, "user/create", admin, KEY, &body).await);
        assert_eq!(trail(&scene, "user/create").await, before + 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_hangs_up_finds_the_reply() {
    on_each_scene(async |scene| {
        let (admin, body) = (&scene.admin.token, new_user());
        scene.table.take_calls();
        scene.table.trouble(Trouble::HeldTransactions);
        let call = send(&scene, "user/create", admin, KEY, &body);
        let moment = Duration::from_millis(500);
        assert!(tokio::time::timeout(moment, call).await.is_err());
        transaction_begun(&scene).await;
        scene.table.trouble(Trouble::None);
        scene.table.release();
        let again = loop {
            let again = send(&scene, "user/create", admin, KEY, &body).await;
            if again.status != 503 {
                break again;
            }
            under_way(&again);
            tokio::time::sleep(Duration::from_millis(50)).await;
        };
        again.ok();
        assert!(is_repeated(&again));
    })
    .await;
}

#[tokio::test]
async fn what_is_no_key_is_refused_and_reads_need_none() {
    let scene = Scene::new(Engine::Sqlite, &[]).await;
    let admin = &scene.admin.token;
    for key in ["", "é", &"k".repeat(256)] {
        let before = scene.table.writes();
        let answer = send(&scene, "user/create", admin, key, &new_user()).await;
        assert_eq!(answer.outcome(), "422 validation_failed", "{key}");
        assert_eq!(answer.faults(), "Idempotency-Key:format", "{key}");
        assert_eq!(scene.table.writes(), before);
    }
    let twice = [("idempotency-key", "a"), ("idempotency-key", "b")];
    let answer = scene.world.client.send(Method::POST, "/user/get", &twice, "").await;
    assert_eq!(answer.faults(), "Idempotency-Key:format");
    send(&scene, "user/create", admin, &"k".repeat(255), &new_user()).await.ok();
    scene.table.take_calls();
    for _ in 0..2 {
        let answer = send(&scene, "user/get", admin, KEY, &json!({})).await;
        assert!(!is_repeated(&answer));
        assert_eq!(scene.table.take_calls(), "get");
    }
}

#[tokio::test]
async fn a_key_costs_two_writes_and_a_repetition_one() {
    let scene = Scene::new(Engine::Sqlite, &[]).await;
    let (admin, body) = (&scene.admin.token, json!({"name": "Acme"}));
    scene.call("account/get", admin, json!({})).await.ok();
    scene.table.take_calls();
    send(&scene, "account/update", admin, KEY, &body).await.ok();
    assert_eq!(scene.table.take_calls(), "write(1), get, write(3), write(1)");
    send(&scene, "account/update", admin, KEY, &body).await.ok();
    assert_eq!(scene.table.take_calls(), "write(1)");
}

#[tokio::test]
async fn another_node_repeats_the_reply() {
    on_each_scene(async |scene| {
        let first = send(&scene, "user/create", &scene.admin.token, KEY, &new_user()).await;
        let table = Arc::clone(&scene.table) as _;
        let other = World::over(table, scene.world.clock.clone(), &[]).await;
        let again = send_to(&other, "user/create", &scene.admin.token, KEY, &new_user()).await;
        same_reply(&first, &again);
    })
    .await;
}
