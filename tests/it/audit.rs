//! `audit/find`: what the trail shows, to whom, in which order, and what it never holds.

mod told;

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{
    samples::SAMPLES,
    scene::{Scene, on_each_scene},
    world::{Person, World, on_each_engine},
};

/// One page: the entries, `next` and `prev`.
async fn page(world: &World, by: &Person, query: &str, body: &Value) -> [Value; 3] {
    let reply = world.call(&format!("audit/find?{query}"), by, body.clone()).await.ok();
    ["data", "next", "prev"].map(|name| reply[name].clone())
}

/// All entries, walked to the end and back again.
async fn walked(world: &World, by: &Person, limit: usize, body: &Value) -> Vec<Value> {
    let mut pages = vec![page(world, by, &format!("limit={limit}"), body).await];
    while let Some(next) = pages.last().unwrap()[1].as_str() {
        pages.push(page(world, by, &format!("limit={limit}&next={next}"), body).await);
    }
    let mut back = pages.last().unwrap()[2].clone();
    for there in pages.iter().rev().skip(1) {
        let query = format!("limit={limit}&prev={}", back.as_str().expect("a page before"));
        let [data, next, prev] = page(world, by, &query, body).await;
        assert_eq!([&data, &next], [&there[0], &there[1]], "{query} {body}");
        back = prev;
    }
    assert_eq!(back, Value::Null, "the first page has nothing before it");
    pages.iter().flat_map(|page| page[0].as_array().unwrap().clone()).collect()
}

fn actions(entries: &[Value]) -> Vec<&str> {
    entries.iter().map(|entry| entry["action"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn the_newest_entry_comes_first() {
    on_each_engine(async |world| {
        let admin = world.registered("admin@example.com").await;
        world.advance(Duration::from_secs(1));
        let bob = json!({"email": "bob@example.com"});
        let bob = world.call("user/create", &admin, bob).await.ok();
        world.advance(Duration::from_secs(1));
        let rename = json!({"id": bob["id"], "first": "Bob", "username": "bob"});
        world.call("user/update", &admin, rename).await.ok();
        world.advance(Duration::from_secs(1));
        world.call("account/update", &admin, json!({"name": "Acme"})).await.ok();
        let (actor, account) = (format!("user:{}", admin.id), &admin.account);
        let bob = bob["id"].as_str().unwrap();
        let expected = [
            ("account/update", format!("account:{account}"), Value::Null, json!(["name"])),
            ("user/update", format!("user:{bob}"), json!(bob), json!(["first", "username"])),
            ("user/create", format!("user:{bob}"), json!(bob), json!([])),
            ("user/login", actor.clone(), json!(admin.id), json!([])),
        ];
        let entries = walked(&world, &admin, 100, &json!({})).await;
        assert_eq!(entries.len(), expected.len());
        for (seconds, (entry, expected)) in
            entries.iter().rev().zip(expected.iter().rev()).enumerate()
        {
            let (action, target, user, changed) = expected;
            assert_eq!(entry["action"], *action);
            assert_eq!(entry["actor"], actor.as_str(), "{action}");
            assert_eq!(entry["target"], target.as_str(), "{action}");
            assert_eq!(entry["userId"], *user, "{action}");
            assert_eq!(entry["changed"], *changed, "{action}");
            assert_eq!(entry["at"], format!("2027-01-15T08:00:0{seconds}.000Z"), "{action}");
            assert_eq!(entry["address"], "127.0.0.1", "{action}");
        }
    })
    .await;
}

#[tokio::test]
async fn every_filter_pages_there_and_back() {
    on_each_engine(async |world| {
        let admin = world.registered("admin@example.com").await;
        let bob = world.invited(&admin, "bob@example.com", json!({"role": "admin"})).await;
        let key = json!({"name": "k", "role": "admin"});
        let key = world.call("key/create", &admin, key).await.ok();
        let token = key["key"].as_str().unwrap();
        for number in 0..9 {
            // Some entries of the same millisecond, too.
            world.advance(Duration::from_millis(number % 2));
            let name = json!({"id": bob.id, "first": format!("Bob{number}")});
            let by = [admin.token.as_str(), bob.token.as_str(), token]
                [usize::try_from(number % 3).unwrap()];
            world.client.call("user/update", by, name).await.ok();
        }
        let mine = json!({"id": admin.id, "first": "Ada"});
        world.call("user/update", &bob, mine).await.ok();
        let check = async |body: Value, expected: usize| {
            let all = walked(&world, &admin, 100, &body).await;
            assert_eq!(all.len(), expected, "{body}");
            for limit in [1, 2, 3, 7] {
                assert_eq!(walked(&world, &admin, limit, &body).await, all, "{limit} {body}");
            }
            all
        };
        // The admin's and Bob's coming in, Bob's making, the key's, and ten changes of names.
        let all = check(json!({}), 14).await;
        let times: Vec<_> = all.iter().map(|entry| entry["id"].as_str().unwrap()).collect();
        assert!(times.is_sorted_by(|newer, older| newer > older), "{times:?}");
        check(json!({"userId": bob.id}), 11).await;
        check(json!({"userId": admin.id}), 2).await;
        check(json!({"actor": bob.id}), 5).await;
        check(json!({"actor": key["id"]}), 3).await;
        check(json!({"actor": "operator"}), 0).await;
        check(json!({"action": "user/update"}), 10).await;
        check(json!({"action": "user/remove"}), 0).await;
        let both = check(json!({"userId": bob.id, "actor": bob.id}), 4).await;
        assert_eq!(actions(&both)[3], "user/login");
        check(json!({"userId": bob.id, "actor": key["id"], "action": "user/update"}), 3).await;
        check(json!({"userId": admin.id, "actor": key["id"]}), 0).await;

        // A cursor belongs to its filters.
        let [_, next, _] = page(&world, &admin, "limit=1", &json!({"userId": bob.id})).await;
        let path = format!("audit/find?limit=1&next={}", next.as_str().unwrap());
        for body in
            [json!({}), json!({"userId": admin.id}), json!({"userId": bob.id, "actor": bob.id})]
        {
            let outcome = world.call(&path, &admin, body.clone()).await.outcome();
            assert_eq!(outcome, "400 invalid_cursor", "{body}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_filter_that_cannot_fit_is_refused() {
    on_each_scene(async |scene| {
        let check = async |path: &str, body: Value, faults: &str, text: &str| {
            let refused = scene.refused(path, &scene.admin.token, body.clone()).await;
            assert_eq!(refused.faults(), faults, "{body}");
            let detail = refused.json()["detail"].as_str().unwrap().to_owned();
            assert!(detail.contains(text), "{detail}");
        };
        let find = "audit/find";
        check(find, json!({"action": "user/udpate"}), "action:in", "Did you mean user/update?")
            .await;
        check(find, json!({"action": "USER/UPDATE"}), "action:in", "Did you mean").await;
        check(find, json!({"action": ""}), "action:in", "the name of a call").await;
        check(find, json!({"actor": "Operator"}), "actor:format", "operator").await;
        check(find, json!({"actor": format!("user:{}", scene.admin.id)}), "actor:format", "id")
            .await;
        check(find, json!({"userId": 7}), "userId:type", "a string").await;
        check("audit/find?index=gs1", json!({}), "?index:unknown_field", "no query parameter")
            .await;
    })
    .await;
}

#[tokio::test]
async fn the_trail_of_others_is_out_of_sight() {
    on_each_scene(async |scene| {
        let eve = scene.world.registered("eve@example.org").await;
        let trail = async |by: &Person, body: Value| {
            scene.call("audit/find", &by.token, body).await.ok()["data"].clone()
        };
        for body in [
            json!({"userId": scene.user.id}),
            json!({"userId": scene.admin.id, "actor": scene.admin.id}),
            json!({"actor": scene.admin.id}),
        ] {
            assert_ne!(trail(&scene.admin, body.clone()).await, json!([]), "{body}");
            assert_eq!(trail(&eve, body.clone()).await, json!([]), "{body}");
            // The operator sees it where the operator says so.
            assert_eq!(trail(&scene.root, body.clone()).await, json!([]), "{body}");
            let mut named = body.clone();
            named["accountId"] = json!(scene.admin.account);
            assert_ne!(trail(&scene.root, named.clone()).await, json!([]), "{named}");
            let refused = scene.refused("audit/find", &eve.token, named).await;
            assert_eq!(refused.outcome(), "403 forbidden_field");
        }
        assert_eq!(trail(&eve, json!({})).await.as_array().unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn no_entry_holds_a_value() {
    on_each_scene(async |scene| {
        let mut secrets = vec!["@".to_owned(), "Secret".to_owned(), "gl_".to_owned()];
        for sample in SAMPLES {
            let name = sample.endpoint.replace('/', "-").to_lowercase();
            let target = scene.prepared(sample, &name).await;
            let mut body = (sample.body)(&target);
            for field in ["first", "name"] {
                if body.get(field).is_some() {
                    body[field] = json!("Secret");
                }
            }
            scene.call(sample.endpoint, &scene.admin.token, body).await;
            secrets.push(target.invite);
        }
        join(&scene, &mut secrets).await;
        for account in [&scene.admin.account, &scene.root.account] {
            let entries = scene.audit(account).await;
            assert!(!entries.is_empty());
            for entry in entries {
                let text = entry.to_string();
                let leak = secrets.iter().find(|secret| text.contains(secret.as_str()));
                assert!(leak.is_none(), "{leak:?} in {text}");
            }
        }
    })
    .await;
}

/// Somebody comes in by an invite, with all that a user can have.
async fn join(scene: &Scene, secrets: &mut Vec<String>) {
    let target = scene.target("joining").await;
    let fields = json!({
        "id": target.id, "username": "secret-name", "externalId": "secret-id",
        "preferences": {"secret": "Secret"},
    });
    scene.call("user/update", &scene.admin.token, fields).await.ok();
    let token = scene.world.token(&target.email, true);
    let login = json!({"invite": target.invite, "last": "Secret"});
    scene.call("user/login", &token, login).await.ok();
    secrets.extend([target.invite, token, "secret-name".to_owned(), "secret-id".to_owned()]);
}
