//! Work on passwords: limits and claims come before it, and only those who cause it wait for it.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use hyper::Method;
use serde_json::json;

use super::{call, registered, sign_in};
use crate::support::{
    engine::Engine,
    scene::{PASSWORD, Scene, on_each_scene},
    world::{World, on_each_engine},
};

const WEAK: &str = "password1";

/// How many passwords were hashed, verified or judged so far in a line.
async fn turns(world: &World, line: &str) -> u64 {
    let answer = world.client.send(Method::GET, "/metrics", &[], "").await;
    let text = String::from_utf8(answer.body.to_vec()).unwrap();
    let series = format!("guestlist_passwords_total{{line=\"{line}\",outcome=\"done\"}} ");
    let found = text.lines().find_map(|line| line.strip_prefix(&series));
    found.unwrap_or_else(|| panic!("no {series} in {text}")).parse().unwrap()
}

async fn sign_up(world: &World, email: &str, password: &str) -> String {
    let body = json!({"email": email, "password": password});
    call(world, "identity/create", body).await.outcome()
}

#[tokio::test]
async fn nothing_is_judged_or_hashed_beyond_a_limit() {
    on_each_engine(async |world| {
        for _ in 0..5 {
            assert_eq!(sign_up(&world, "ada@example.com", PASSWORD).await, "200");
        }
        let before = turns(&world, "people").await;
        for password in [PASSWORD, WEAK] {
            let refused = sign_up(&world, "ada@example.com", password).await;
            assert_eq!(refused, "429 too_many_requests");
        }
        assert_eq!(turns(&world, "people").await, before);
    })
    .await;
}

#[tokio::test]
async fn a_password_that_is_refused_sends_nothing_and_does_not_count() {
    on_each_engine(async |world| {
        for _ in 0..8 {
            assert_eq!(sign_up(&world, "ada@example.com", WEAK).await, "422 validation_failed");
        }
        assert_eq!(sign_up(&world, "ada@example.com", PASSWORD).await, "200");
    })
    .await;
}

#[tokio::test]
async fn nothing_is_hashed_for_a_user_whom_somebody_else_is() {
    on_each_scene(async |scene| {
        let create = async |name: &str, extra: serde_json::Value| {
            let mut body = json!({"email": format!("{name}@example.com"), "password": PASSWORD});
            body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
            scene.call("user/create", &scene.root.token, body).await.outcome()
        };
        assert_eq!(create("ada", json!({"username": "ada"})).await, "200");
        let before = turns(&scene.world, "admins").await;
        assert_eq!(create("ada", json!({})).await, "409 email_taken");
        assert_eq!(create("eve", json!({"username": "ada"})).await, "409 username_taken");
        registered(&scene.world, "bob@example.com").await;
        assert_eq!(create("bob", json!({})).await, "403 own_sign_in");
        assert_eq!(turns(&scene.world, "admins").await, before);
        // Judging and hashing are a turn each.
        assert_eq!(create("eve", json!({})).await, "200");
        assert_eq!(turns(&scene.world, "admins").await, before + 2);
    })
    .await;
}

#[tokio::test]
async fn nothing_is_hashed_for_a_sign_in_that_is_not_the_accounts() {
    on_each_scene(async |scene| {
        let before = turns(&scene.world, "admins").await;
        for (endpoint, field) in
            [("user/changePassword", "newPassword"), ("user/update", "newPassword")]
        {
            let body = json!({"id": scene.user.id, field: PASSWORD});
            let refused = scene.call(endpoint, &scene.admin.token, body).await;
            assert_eq!(refused.outcome(), "403 own_sign_in", "{endpoint}");
        }
        assert_eq!(turns(&scene.world, "admins").await, before);
    })
    .await;
}

#[tokio::test]
async fn a_wrong_password_takes_as_long_as_the_dearest_imported_hash() {
    on_each_scene(async |scene| {
        // It takes some more work than one of ours.
        let hash = "$2b$10$chGJLthuE1jG/07O8SUwLOFc0xTaAa0ecgI3dciWwQ/DU0.xmPsA6";
        let account = &scene.root.account;
        let body = json!({"email": "ada@example.com", "passwordHash": hash, "accountId": account});
        scene.world.operate("user/create", body).await;
        let kept = scene.table.partition("passwords").await;
        let kept: serde_json::Value = serde_json::from_str(&kept[0].body).unwrap();
        let slowest = Duration::from_millis(kept["millis"].as_u64().unwrap());
        for email in ["ada@example.com", "nobody@example.com", "root@example.com"] {
            let begun = Instant::now();
            let answer = sign_in(&scene.world, email, "wrong password").await;
            assert_eq!(answer.outcome(), "401 invalid_credentials", "{email}");
            assert!(begun.elapsed() >= slowest, "{email}: {:?}", begun.elapsed());
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sign_ins_do_not_wait_for_what_an_admin_has_hashed() {
    let scene = Scene::new(Engine::Sqlite, &[]).await;
    registered(&scene.world, "ada@example.com").await;
    let create = |number: usize| {
        let body = json!({"email": format!("u{number}@example.com"), "password": PASSWORD});
        scene.call("user/create", &scene.root.token, body)
    };
    let mut crowd = Box::pin(join_all((0..100).map(create)));
    // Until some of them are at work.
    let at_work = async {
        while turns(&scene.world, "admins").await == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::select! {
        _ = &mut crowd => panic!("they were too quick"),
        () = at_work => {}
    }
    let signed_in = async {
        for _ in 0..3 {
            let answer = sign_in(&scene.world, "ada@example.com", PASSWORD).await;
            assert_eq!(answer.outcome(), "200");
        }
    };
    tokio::select! {
        _ = &mut crowd => panic!("the sign-ins came last"),
        () = signed_in => {}
    }
    // The admin is told to come again with what is too much.
    let outcomes: Vec<_> = crowd.await.iter().map(|answer| answer.status).collect();
    assert!(outcomes.contains(&200), "{outcomes:?}");
    assert!(outcomes.iter().all(|status| [200, 429, 503].contains(status)), "{outcomes:?}");
}
