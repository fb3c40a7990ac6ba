//! The setup code ends with the first root user, whichever way that user has come.

use std::{sync::Arc, time::Duration};

use guestlist::{
    clock::Clock,
    table::{Condition, Item, Key, Op, Table, Written},
};
use serde_json::{Value, json};

use crate::support::{
    client::Answer,
    engine::Engine,
    process::Site,
    scene::PASSWORD,
    world::{NOW, World, on_each_engine},
};

const ROOT: &str = "rosa@example.com";

/// A call of somebody with the code in hand.
async fn sets_up(world: &World, code: &str) -> Answer {
    let token = world.token("mallory@example.com", true);
    world.client.call("user/login", &token, json!({"invite": code})).await
}

async fn printed(world: &World) -> Option<String> {
    let code = world.app.store.setup_code().await.unwrap();
    code.map(|code| code.reveal().to_owned())
}

/// The code is good for nothing, and the service says that it is set up.
async fn is_over(world: &World, code: &str) {
    assert_eq!(printed(world).await, None);
    assert_eq!(sets_up(world, code).await.outcome(), "409 invite_used");
    let shown = world.client.call("invite/check", "", json!({"invite": code})).await;
    assert_eq!(shown.outcome(), "409 invite_used");
    let body = json!({"invite": code, "email": "eve@example.com", "password": PASSWORD});
    let answer = world.client.call("identity/create", "", body).await;
    assert_eq!(answer.outcome(), "409 invite_used");
    let about = world.client.call("service/about", "", json!({})).await.ok();
    assert_eq!(about["setUp"], true);
}

/// A user whom the operator makes in the home account.
async fn made(world: &World, fields: Value) -> Value {
    let mut body = json!({"email": ROOT});
    body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    world.operate("user/create", body).await
}

/// Has the table say that nobody has set the service up, as one of an earlier version may.
async fn forget_setup(table: &dyn Table) {
    let home = table.get(&Key::new("home", "home")).await.unwrap().unwrap();
    let mut body: Value = serde_json::from_str(&home.body).unwrap();
    assert_eq!(body["isSetUp"], true);
    body["isSetUp"] = json!(false);
    let item = Item { version: home.version + 1, body: body.to_string(), ..home };
    assert_eq!(table.write(vec![Op::Put(item, Condition::Any)]).await.unwrap(), Written::Done);
}

/// An old log, and a table of that time, are no way in.
#[tokio::test]
async fn a_code_that_nobody_uses_ends_after_seven_days() {
    on_each_engine(async |world| {
        let code = printed(&world).await.unwrap();
        world.clock.advance(Duration::from_hours(7 * 24) - Duration::from_secs(1));
        assert_eq!(printed(&world).await.as_ref(), Some(&code), "the same at every start");
        world.clock.advance(Duration::from_secs(1));
        assert_eq!(sets_up(&world, &code).await.outcome(), "404 not_found");
        let next = printed(&world).await.unwrap();
        assert_ne!(next, code);
        assert_eq!(sets_up(&world, &code).await.outcome(), "404 not_found");
        sets_up(&world, &next).await.ok();
        is_over(&world, &next).await;
    })
    .await;
}

#[tokio::test]
async fn a_root_user_with_a_password_ends_it() {
    on_each_engine(async |world| {
        let code = printed(&world).await.unwrap();
        made(&world, json!({"role": "root", "password": PASSWORD})).await;
        is_over(&world, &code).await;
    })
    .await;
}

#[tokio::test]
async fn an_invite_of_root_ends_it_once_it_is_accepted() {
    on_each_engine(async |world| {
        let code = printed(&world).await.unwrap();
        let rosa = made(&world, json!({"role": "root", "sendInvite": true})).await;
        assert_eq!(printed(&world).await.as_ref(), Some(&code), "nobody has come in yet");
        let shown = world.client.call("invite/check", "", json!({"invite": code})).await.ok();
        assert_eq!(shown["role"], "root");
        let token = world.token(ROOT, true);
        world.client.call("user/login", &token, json!({"invite": rosa["invite"]})).await.ok();
        is_over(&world, &code).await;
    })
    .await;
}

#[tokio::test]
async fn a_user_who_becomes_root_ends_it() {
    on_each_engine(async |world| {
        let code = printed(&world).await.unwrap();
        let rosa = made(&world, json!({"role": "admin", "password": PASSWORD})).await;
        assert_eq!(printed(&world).await.as_ref(), Some(&code), "an admin is no root user");
        world.operate("user/updateRole", json!({"id": rosa["id"], "role": "root"})).await;
        is_over(&world, &code).await;
    })
    .await;
}

#[tokio::test]
async fn a_root_user_who_is_let_in_again_ends_it() {
    on_each_engine(async |world| {
        let code = printed(&world).await.unwrap();
        let fields = json!({"role": "root", "password": PASSWORD, "state": "suspended"});
        let rosa = made(&world, fields).await;
        world.operate("user/update", json!({"id": rosa["id"], "state": "active"})).await;
        is_over(&world, &code).await;
    })
    .await;
}

/// What a table of an earlier version has: its root user is looked for at the start.
#[tokio::test]
async fn a_table_that_has_a_root_user_and_does_not_say_so() {
    for engine in Engine::all() {
        let clock = Clock::manual(NOW);
        let fresh = engine.fresh(&clock).await;
        let table = Arc::clone(&fresh.table);
        let node = async || World::over(Arc::clone(&table), clock.clone(), &[]).await;
        let world = node().await;
        let code = printed(&world).await.unwrap();
        made(&world, json!({"role": "root", "password": PASSWORD})).await;
        forget_setup(&*table).await;
        is_over(&node().await, &code).await;
    }
}

/// Nobody sets the service up after either of the two, in whichever order they come.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_operator_and_the_code_at_the_same_moment() {
    for _ in 0..4 {
        on_each_engine(async |world| {
            let code = printed(&world).await.unwrap();
            // Otherwise the two would race for the home account.
            made(&world, json!({"email": "ada@example.com"})).await;
            let root = json!({"role": "root", "password": PASSWORD});
            let (setup, rosa) = tokio::join!(sets_up(&world, &code), made(&world, root));
            assert_eq!((&rosa["role"], &rosa["state"]), (&json!("root"), &json!("active")));
            let outcome = setup.outcome();
            assert!(["200", "409 invite_used"].contains(&outcome.as_str()), "{outcome}");
            let users = world.operate("user/find", json!({})).await;
            let roots = users["data"].as_array().unwrap().iter();
            let roots = roots.filter(|user| user["role"] == "root").count();
            assert_eq!(roots, if outcome == "200" { 2 } else { 1 });
            is_over_for_others(&world, &code).await;
        })
        .await;
    }
}

async fn is_over_for_others(world: &World, code: &str) {
    assert_eq!(printed(world).await, None);
    let token = world.token("eve@example.com", true);
    let answer = world.client.call("user/login", &token, json!({"invite": code})).await;
    assert_eq!(answer.outcome(), "409 invite_used");
}

#[tokio::test]
async fn an_imported_root_user_ends_it() {
    for engine in Engine::all() {
        let site = Site::on(engine).await;
        let service = site.start().await;
        let code = service.until_setup_code().await;
        let line = json!({
            "email": ROOT, "role": "root",
            "identity": {"issuer": "https://login.example.com", "subject": "7"},
        });
        std::fs::write(site.path("users.ndjson"), format!("{line}\n")).unwrap();
        site.run(&["user", "import", "users.ndjson"]).await.ok();
        let mallory = site.token("mallory@example.com").await;
        let answer = service.call("user/login", &mallory, json!({"invite": code})).await;
        assert_eq!(answer.outcome(), "409 invite_used");
        service.stop().await;
        let service = site.start().await;
        service.terminate();
        assert_eq!(service.stdout.end().await.lines().count(), 1, "no setup code is printed");
    }
}
