//! Who can administer: the operator's account keeps a root user, and every account an admin, or the operator's key
//! that looks after it.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{
    client::Answer,
    scene::PASSWORD,
    world::{Person, World, on_each_engine},
};

/// The root user, and an admin beside it.
async fn home(world: &World) -> (Person, Person) {
    let root = world.root().await;
    let admin = world.invited(&root, "admin@example.com", json!({"role": "admin"})).await;
    (root, admin)
}

fn ways_down(id: &str) -> Vec<(&'static str, Value)> {
    vec![
        ("user/update", json!({"id": id, "role": "admin"})),
        ("user/updateRole", json!({"id": id, "role": "user"})),
        ("user/update", json!({"id": id, "state": "suspended"})),
        ("user/remove", json!({"id": id})),
        ("user/leave", json!({})),
        ("identity/remove", json!({})),
    ]
}

#[tokio::test]
async fn the_last_root_user_stays_although_there_is_an_admin() {
    on_each_engine(async |world| {
        let (root, _) = home(&world).await;
        let root = world.fresh(&root);
        for (name, body) in ways_down(&root.id) {
            let refused = world.call(name, &root, body).await;
            assert_eq!(refused.outcome(), "409 last_root", "{name}");
        }
        // An admin may go, and the first of two root users.
        world.advance(Duration::from_secs(1));
        let second = world.invited(&root, "second@example.com", json!({"role": "root"})).await;
        let down = json!({"id": root.id, "role": "admin"});
        world.call("user/updateRole", &second, down.clone()).await.ok();
        let down = json!({"id": second.id, "role": "admin"});
        let refused = world.call("user/updateRole", &second, down).await;
        assert_eq!(refused.outcome(), "409 last_root");
        let up = json!({"id": root.id, "role": "root"});
        world.call("user/updateRole", &second, up).await.ok();
        let suspended = json!({"id": second.id, "state": "suspended"});
        world.call("user/update", &second, suspended).await.ok();
        let refused = world.call("user/remove", &root, json!({"id": root.id})).await;
        assert_eq!(refused.outcome(), "409 last_root");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_root_users_who_demote_each_other_one_stays() {
    on_each_engine(async |world| {
        let (root, _) = home(&world).await;
        let second = world.invited(&root, "second@example.com", json!({"role": "root"})).await;
        let demote = |by, other: &Person| {
            world.call("user/updateRole", by, json!({"id": other.id, "role": "admin"}))
        };
        let (one, other) = tokio::join!(demote(&root, &second), demote(&second, &root));
        let done = [&one, &other].iter().filter(|answer| answer.status == 200).count();
        assert_eq!(done, 1, "{} {}", one.outcome(), other.outcome());
    })
    .await;
}

/// An account of the operator's making, a key of the operator's for it, and the only admin, whom the key has made.
struct Led {
    key: String,
    key_id: String,
    admin: String,
}

async fn led(world: &World, key: Value) -> Led {
    let account = world.operate("account/create", json!({"name": "Led", "managed": true})).await;
    let account = account["id"].clone();
    let mut body = json!({"accountId": account, "name": "panel", "role": "admin"});
    body.as_object_mut().unwrap().extend(key.as_object().unwrap().clone());
    let made = world.operate("key/create", body).await;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let key = text(&made["key"]);
    let body = json!({"email": "ada@example.com", "password": PASSWORD, "role": "admin"});
    let admin = world.client.call("user/create", &key, body).await.ok();
    Led { key, key_id: text(&made["id"]), admin: text(&admin["id"]) }
}

async fn demote(world: &World, led: &Led) -> Answer {
    let body = json!({"id": led.admin, "role": "user"});
    world.client.call("user/update", &led.key, body).await
}

#[tokio::test]
async fn the_operators_key_may_edit_the_only_admin_that_was_made_and_stays() {
    on_each_engine(async |world| {
        world.root().await;
        let led = led(&world, json!({})).await;
        demote(&world, &led).await.ok();
        let remove = json!({"id": led.key_id});
        let refused = world.client.call("key/remove", &led.key, remove.clone()).await;
        assert_eq!(refused.outcome(), "409 last_admin");
        let up = json!({"id": led.admin, "role": "admin"});
        world.client.call("user/update", &led.key, up).await.ok();
        world.client.call("key/remove", &led.key, remove).await.ok();
    })
    .await;
}

#[tokio::test]
async fn a_key_removes_no_last_admin_who_has_come_in_nor_if_it_ends_itself() {
    on_each_engine(async |world| {
        world.root().await;
        let ends = world.clock.now().plus(Duration::from_hours(24)).to_string();
        let ending = led(&world, json!({"expires": ends})).await;
        assert_eq!(demote(&world, &ending).await.outcome(), "409 last_admin");
        let body = json!({"id": ending.admin});
        let refused = world.client.call("user/remove", &ending.key, body).await;
        assert_eq!(refused.outcome(), "409 last_admin");
    })
    .await;
    on_each_engine(async |world| {
        world.root().await;
        let led = led(&world, json!({})).await;
        let body = json!({"email": "ada@example.com", "password": PASSWORD});
        world.client.call("session/create", "", body).await.ok();
        assert_eq!(demote(&world, &led).await.outcome(), "409 last_admin");
    })
    .await;
}
