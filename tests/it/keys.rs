//! `key/*`: which keys are listed, who removes them, what a removed one opens, when one was used.

mod makers;

use std::time::Duration;

use futures_util::future::join_all;
use guestlist::facade::Facade;
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::support::{
    rest::Rest,
    scene::{Scene, on_each_scene},
    watched::Trouble,
    world::{Person, World, on_each_engine, on_each_engine_with, on_two_nodes},
};

const NOBODY: &str = "0190aaaa-0000-7000-8000-00000000dead";

async fn create(world: &World, by: &Person, body: Value) -> Value {
    world.call("key/create", by, body).await.ok()
}

async fn listed(world: &World, by: &Person, body: Value) -> Vec<Value> {
    world.call("key/find", by, body).await.ok()["data"].as_array().unwrap().clone()
}

fn token(key: &Value) -> &str {
    key["key"].as_str().unwrap()
}

#[tokio::test]
async fn keys_are_listed_without_what_opens() {
    on_each_engine(async |world| {
        let (root, admin) = (world.root().await, world.admin("admin@example.com").await);
        let mut made = Vec::new();
        for number in 0..5 {
            world.advance(Duration::from_millis(1));
            let body = json!({"name": format!("k{number}"), "role": "user", "access": "read"});
            made.push(create(&world, &admin, body).await);
        }
        let by_key = json!({"name": "by a key", "role": "user"});
        world.advance(Duration::from_millis(1));
        let maker = create(&world, &admin, json!({"name": "maker", "role": "admin"})).await;
        world.advance(Duration::from_millis(1));
        let by_key = world.client.call("key/create", token(&maker), by_key).await.ok();
        let short = json!({"name": "short", "role": "user", "expires": "2027-01-15T09:00:00.000Z"});
        world.advance(Duration::from_millis(1));
        let short = create(&world, &admin, short).await;

        let keys = listed(&world, &admin, json!({})).await;
        let ids: Vec<_> = keys.iter().map(|key| key["id"].clone()).collect();
        let expected = made.iter().chain([&maker, &by_key, &short]);
        let expected: Vec<_> = expected.map(|key| key["id"].clone()).collect();
        assert_eq!(ids, expected);
        for (key, made) in keys.iter().zip(&made) {
            let mut made = made.as_object().unwrap().clone();
            made.remove("key");
            made.insert("makerName".to_owned(), json!("admin@example.com"));
            assert_eq!(*key, Value::Object(made), "the same record, but for the key itself");
            assert_eq!(key["createdBy"], format!("user:{}", admin.id));
            assert_eq!((&key["access"], &key["version"]), (&json!("read"), &json!(1)));
        }
        assert_eq!(keys[6]["createdBy"], format!("key:{}", maker["id"].as_str().unwrap()));
        assert_eq!(keys[7]["expires"], "2027-01-15T09:00:00.000Z");
        let text = json!(keys).to_string();
        // The beginning is shown, and neither the rest nor what is kept of it.
        let secret = token(&maker).rsplit_once('_').unwrap().1;
        assert!(!text.contains(secret) && !text.contains("digest"), "{text}");

        for limit in [1, 3, 8] {
            let (mut found, mut cursor) = (Vec::new(), String::new());
            loop {
                let path = format!("key/find?limit={limit}{cursor}");
                let page = world.call(&path, &admin, json!({})).await.ok();
                let keys = page["data"].as_array().unwrap();
                found.extend(keys.iter().map(|key| key["id"].clone()));
                let Some(next) = page["next"].as_str() else { break };
                cursor = format!("&next={next}");
            }
            assert_eq!(found, ids, "{limit}");
        }
        // Those of other accounts are theirs, and what has expired is gone.
        assert_eq!(listed(&world, &root, json!({})).await, Vec::<Value>::new());
        let named = json!({"accountId": admin.account});
        assert_eq!(listed(&world, &root, named).await.len(), 8);
        world.advance(Duration::from_hours(1));
        assert_eq!(listed(&world, &admin, json!({})).await.len(), 7);
    })
    .await;
}

#[tokio::test]
async fn a_removed_key_opens_nothing() {
    on_each_scene(async |scene| {
        let (world, admin) = (&scene.world, &scene.admin);
        let key = create(world, admin, json!({"name": "k", "role": "admin"})).await;
        let call = async || scene.call("account/get", token(&key), json!({})).await.outcome();
        assert_eq!(call().await, "200");
        let removed = json!({"id": key["id"]});
        let reply = scene.call("key/remove", &admin.token, removed.clone()).await.ok();
        assert_eq!((&reply["id"], &reply["name"]), (&key["id"], &json!("k")));
        assert_eq!(call().await, "401 unauthenticated");
        let again = scene.refused("key/remove", &admin.token, removed).await;
        assert_eq!(again.outcome(), "404 not_found");
        assert_eq!(listed(world, admin, json!({})).await, Vec::<Value>::new());

        // A key may remove itself.
        let own = create(world, admin, json!({"name": "own", "role": "admin"})).await;
        scene.call("key/remove", token(&own), json!({"id": own["id"]})).await.ok();
        let refused = scene.refused("account/get", token(&own), json!({})).await;
        assert_eq!(refused.outcome(), "401 unauthenticated");
    })
    .await;
}

#[tokio::test]
async fn a_key_out_of_reach_stays() {
    on_each_scene(async |scene| {
        let (world, root, admin) = (&scene.world, &scene.root, &scene.admin);
        let deputy = world.invited(root, "dora@example.com", json!({"role": "admin"})).await;
        let high = create(world, root, json!({"name": "high", "role": "root"})).await;
        // It is listed, but not to be removed.
        assert_eq!(listed(world, &deputy, json!({})).await.len(), 1);
        let refused = scene.refused("key/remove", &deputy.token, json!({"id": high["id"]})).await;
        assert_eq!(refused.outcome(), "403 forbidden");
        // One of another account answers as if it did not exist.
        let theirs = scene.refused("key/remove", &admin.token, json!({"id": high["id"]})).await;
        let nobodys = scene.refused("key/remove", &admin.token, json!({"id": NOBODY})).await;
        assert_eq!(theirs.outcome(), "404 not_found");
        assert_eq!(theirs.but_for_its_id(), nobodys.but_for_its_id());

        let key = create(world, admin, json!({"name": "k", "role": "user"})).await;
        let astray = json!({"id": key["id"], "accountId": root.account});
        let refused = scene.refused("key/remove", &root.token, astray).await;
        assert_eq!(refused.outcome(), "404 not_found");
        for (body, outcome) in [
            (json!({"id": key["id"], "version": 2}), "409 version_mismatch"),
            (json!({}), "422 validation_failed"),
            (json!({"id": "k"}), "422 validation_failed"),
            (json!({"id": key["id"], "name": "k"}), "400 unknown_field"),
        ] {
            let refused = scene.refused("key/remove", &admin.token, body.clone()).await;
            assert_eq!(refused.outcome(), outcome, "{body}");
        }
        // The operator reaches every account's.
        let body = json!({"id": key["id"], "version": 1});
        scene.call("key/remove", &root.token, body).await.ok();
        scene.call("key/remove", &root.token, json!({"id": high["id"]})).await.ok();
    })
    .await;
}

#[tokio::test]
async fn another_node_follows_within_five_seconds() {
    on_two_nodes(async |here, there| {
        let admin = here.admin("admin@example.com").await;
        let key = create(&here, &admin, json!({"name": "k", "role": "admin"})).await;
        there.client.call("account/get", token(&key), json!({})).await.ok();
        here.call("key/remove", &admin, json!({"id": key["id"]})).await.ok();
        here.advance(Duration::from_secs(5));
        let outcome = there.client.call("account/get", token(&key), json!({})).await.outcome();
        assert_eq!(outcome, "401 unauthenticated");
    })
    .await;
}

/// The one key of the account, once its use at `time` is noted, which may be after the call.
async fn noted(scene: &Scene, time: &str) -> Value {
    let looking = async {
        loop {
            let [key] = &listed(&scene.world, &scene.admin, json!({})).await[..] else {
                panic!("one key")
            };
            if key["lastUsed"] == time {
                return key.clone();
            }
        }
    };
    timeout(Duration::from_secs(10), looking).await.expect("a note")
}

#[tokio::test]
async fn the_use_of_a_key_is_noted_now_and_then() {
    on_each_scene(async |scene| {
        let world = &scene.world;
        let key = create(world, &scene.admin, json!({"name": "k", "role": "user"})).await;
        assert_eq!(listed(world, &scene.admin, json!({})).await[0].get("lastUsed"), None);
        let entries = scene.table.entries();
        let call = async || {
            // Whatever the key may not do counts as well: it was used.
            scene.call("user/find", token(&key), json!({})).await.ok();
            scene.refused("key/find", token(&key), json!({})).await;
        };
        call().await;
        assert_eq!(noted(&scene, "2027-01-15T08:00:00.000Z").await["version"], 2);
        for _ in 0..10 {
            world.advance(Duration::from_secs(59));
            call().await;
        }
        world.advance(Duration::from_secs(10));
        call().await;
        // One note more, not eleven; and none of them is an entry of the trail.
        assert_eq!(noted(&scene, "2027-01-15T08:10:00.000Z").await["version"], 3);
        assert_eq!(scene.table.entries(), entries);

        // A note that fails is no matter of the call's, and is made up for.
        world.advance(Duration::from_mins(10));
        scene.table.trouble(Trouble::LostAnswers);
        call().await;
        noted(&scene, "2027-01-15T08:20:00.000Z").await;
        scene.table.trouble(Trouble::None);
        call().await;
        // Somebody else's token leaves no trace.
        world.advance(Duration::from_mins(10));
        let forged = format!("{}x", token(&key));
        assert_eq!(scene.refused("user/find", &forged, json!({})).await.status, 401);
        world.advance(Duration::from_mins(1));
        call().await;
        assert_eq!(noted(&scene, "2027-01-15T08:31:00.000Z").await["version"], 5);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_is_removed_while_it_is_used() {
    on_each_engine(async |world| {
        let admin = world.admin("admin@example.com").await;
        for _ in 0..5 {
            let key = create(&world, &admin, json!({"name": "k", "role": "user"})).await;
            let call = |_| world.client.call("account/get", token(&key), json!({}));
            let (calls, removed) = tokio::join!(
                join_all((0..20).map(call)),
                world.call("key/remove", &admin, json!({"id": key["id"]}))
            );
            removed.ok();
            for call in calls {
                assert!(["200", "401 unauthenticated"].contains(&call.outcome().as_str()));
            }
            // The note of a use brings no removed key back.
            assert_eq!(call(0).await.outcome(), "401 unauthenticated");
            assert_eq!(listed(&world, &admin, json!({})).await, Vec::<Value>::new());
        }
    })
    .await;
}

#[tokio::test]
async fn a_key_that_ends_makes_none_that_outlives_it() {
    on_each_engine(async |world| {
        let admin = world.admin("admin@example.com").await;
        let new = |expires: Value| json!({"name": "heir", "role": "admin", "expires": expires});
        let key = create(&world, &admin, new(json!("2027-02-01T00:00:00.000Z"))).await;
        let create =
            async |expires: Value| world.client.call("key/create", token(&key), new(expires)).await;
        assert_eq!(create(json!(null)).await.faults(), "expires:range");
        assert_eq!(create(json!("2027-02-01T00:00:01.000Z")).await.faults(), "expires:range");
        assert_eq!(create(json!("2027-02-01T00:00:00.000Z")).await.outcome(), "200");
    })
    .await;
}

/// With the code of an invite, a reader of the key could join and gain more access than reading.
#[tokio::test]
async fn a_key_that_may_only_read_sees_no_code() {
    on_each_engine_with(&["--facades=panel,meiro"], async |world| {
        let (root, admin) = (world.root().await, world.admin("admin@example.com").await);
        let invite = json!({
            "email": "bob@example.com", "sendInvite": true, "role": "admin", "username": "bob",
        });
        let bob = world.call("user/create", &admin, invite).await.ok();
        let code = bob["invite"].as_str().unwrap();
        for (by, role) in [(&admin, "admin"), (&root, "root")] {
            let (writer, reader) =
                (world.key(by, role, "write").await, world.key(by, role, "read").await);
            let mut one = json!({"id": bob["id"]});
            let mut all = json!({});
            if role == "root" {
                one["accountId"] = json!(admin.account);
                all["accountId"] = json!(admin.account);
            }
            let calls = [("user/get", &one), ("user/find", &all), ("user/list", &all)];
            for (name, body) in calls {
                let seen = world.client.call(name, &writer, body.clone()).await.ok().to_string();
                assert!(seen.contains(code), "{name} {role}: {seen}");
                let read = world.client.call(name, &reader, body.clone()).await.ok().to_string();
                assert!(read.contains("bob@example.com"), "{name} {role}: {read}");
                assert!(!read.contains(code) && !read.contains("\"invite\""), "{name}: {read}");
            }
            let export = world.client.call("user/export", &reader, one.clone()).await.ok();
            assert!(!export.to_string().contains(code), "{export}");
        }
        let reader = world.key(&admin, "admin", "read").await;
        let number = &bob["number"];
        for (facade, path) in [
            (Facade::Panel, format!("/api/application/users/{number}")),
            (Facade::Panel, "/api/application/users".to_owned()),
            (Facade::Meiro, format!("/users/{number}")),
            (Facade::Meiro, "/users".to_owned()),
        ] {
            let read = Rest::new(&world, facade).get(&path, &reader).await.with_status(200);
            let read = read.to_string();
            assert!(read.contains("bob@example.com") && !read.contains(code), "{path}: {read}");
        }
    })
    .await;
}
