//! When the table fails: what the caller learns, and what the service still knows afterwards.

use std::time::{Duration, Instant};

use guestlist::table::{Condition, Item, Key, Op, Table as _, Written};
use hyper::Method;
use serde_json::json;

use crate::support::{
    engine::Engine,
    scene::{Scene, on_each_scene},
    watched::Trouble,
};

#[tokio::test]
async fn probes_tell_life_from_readiness() {
    let scene = Scene::new(Engine::Sqlite, &[]).await;
    let probe =
        async |method: Method, path: &str| scene.world.client.send(method, path, &[], "").await;
    for path in ["/healthz", "/readyz"] {
        let answer = probe(Method::GET, path).await;
        assert_eq!(answer.ok(), json!({"status": "ok"}));
        let head = probe(Method::HEAD, path).await;
        assert_eq!((head.status, head.body.len()), (200, 0), "{path}");
        assert_eq!(head.header("content-length"), answer.header("content-length"), "{path}");
    }
    // A table that is throttled serves others at this moment, and this one in the next.
    let troubles = [(Trouble::Unavailable, 503), (Trouble::Busy, 200), (Trouble::Silence, 503)];
    for (trouble, status) in troubles {
        scene.table.trouble(trouble);
        scene.world.advance(Duration::from_secs(2));
        assert_eq!(probe(Method::GET, "/readyz").await.status, status);
        assert_eq!(probe(Method::HEAD, "/readyz").await.status, status);
        assert_eq!(probe(Method::GET, "/healthz").await.status, 200);
    }
}

#[tokio::test]
async fn a_busy_table_is_worth_another_try() {
    let scene = Scene::new(Engine::Sqlite, &[]).await;
    let calls = [
        ("user/get", json!({})),
        ("user/find", json!({})),
        ("user/find", json!({"search": "a"})),
        ("user/update", json!({"first": "Ann"})),
        ("user/create", json!({"email": "new@example.com"})),
        ("user/login", json!({})),
        ("account/get", json!({})),
        ("key/create", json!({"name": "k", "role": "user"})),
    ];
    for trouble in [Trouble::Busy, Trouble::Unavailable] {
        scene.table.trouble(trouble);
        for (name, body) in &calls {
            let answer = scene.refused(name, &scene.admin.token, body.clone()).await;
            assert_eq!(answer.outcome(), "503 unavailable", "{name}");
            assert_eq!(answer.header("retry-after"), Some("1"), "{name}");
            assert!(!answer.json().to_string().contains("test says so"), "a cause leaks");
        }
    }
}

#[tokio::test]
async fn a_silent_table_is_not_waited_for() {
    let scene = Scene::new(Engine::Sqlite, &["--request-seconds=1"]).await;
    scene.table.trouble(Trouble::Silence);
    let answer = scene.call("user/find", &scene.admin.token, json!({})).await;
    assert_eq!(answer.outcome(), "503 unavailable");
}

#[tokio::test]
async fn a_panic_is_of_one_request_only() {
    let scene = Scene::new(Engine::Sqlite, &[]).await;
    scene.table.trouble(Trouble::Panic);
    let answer = scene.call("user/find", &scene.admin.token, json!({})).await;
    assert_eq!(answer.outcome(), "500 internal");
    scene.table.trouble(Trouble::None);
    scene.call("user/find", &scene.admin.token, json!({})).await.ok();
}

#[tokio::test]
async fn a_lost_answer_does_not_keep_an_old_role_alive() {
    let scene = Scene::new(Engine::Sqlite, &[]).await;
    let (admin, user) = (&scene.admin.token, &scene.user);
    let role = |role: &str| json!({"id": user.id, "role": role});
    scene.call("user/updateRole", admin, role("admin")).await.ok();
    assert_eq!(scene.call("trash/find", &user.token, json!({})).await.outcome(), "200");
    scene.table.trouble(Trouble::LostAnswers);
    let lost = scene.call("user/updateRole", admin, role("user")).await;
    assert_eq!(lost.outcome(), "503 unavailable");
    scene.table.trouble(Trouble::None);
    let after = scene.call("trash/find", &user.token, json!({})).await;
    assert_eq!(after.outcome(), "403 forbidden");
}

#[tokio::test]
async fn a_write_that_nobody_waits_for_does_not_keep_an_old_role_alive() {
    let scene = Scene::new(Engine::Sqlite, &["--request-seconds=1"]).await;
    let (admin, user) = (&scene.admin.token, &scene.user);
    let role = |role: &str| json!({"id": user.id, "role": role});
    scene.call("user/updateRole", admin, role("admin")).await.ok();
    scene.table.trouble(Trouble::HeldWrites);
    let given_up = scene.call("user/updateRole", admin, role("user")).await;
    assert_eq!(given_up.outcome(), "503 unavailable");
    // Before the write is applied the user is read once more, still as an admin.
    let find = async || scene.call("trash/find", &user.token, json!({})).await.outcome();
    assert_eq!(find().await, "200");
    scene.table.release();
    let deadline = Instant::now() + Duration::from_secs(20);
    while find().await != "403 forbidden" {
        assert!(Instant::now() < deadline, "the old role is still alive");
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_broken_record_is_nobodys_business() {
    on_each_scene(async |scene| {
        let target = scene.target("broken").await;
        let partition = format!("account#{}", scene.admin.account);
        let items = scene.table.partition(&partition).await;
        let sort = format!("user#{}", target.id);
        let item = items.into_iter().find(|item| item.key.sort == sort).unwrap();
        let broken = Item { body: r#"{"secret":"inside"}"#.to_owned(), ..item };
        let written = scene.table.write(vec![Op::Put(broken, Condition::Any)]).await.unwrap();
        assert_eq!(written, Written::Done);
        let id = json!({"id": target.id});
        for (name, body) in [
            ("user/get", id.clone()),
            ("user/find", json!({})),
            ("user/find", json!({"search": "broken"})),
            ("user/update", json!({"id": target.id, "first": "Ann"})),
            ("user/remove", id),
        ] {
            let answer = scene.refused(name, &scene.admin.token, body).await;
            let json = answer.json();
            assert_eq!(answer.outcome(), "500 internal", "{name}");
            let detail =
                "Something went wrong in the service. Quote the requestId when you report it.";
            assert_eq!(json["detail"], detail);
            assert_eq!(json.as_object().unwrap().len(), 6, "{json}");
        }
        // One broken record is not the end of the others.
        let me = scene.call("user/get", &scene.user.token, json!({})).await;
        assert_eq!(me.outcome(), "200");
    })
    .await;
}

#[tokio::test]
async fn a_claim_that_leads_nowhere_is_no_failure() {
    on_each_scene(async |scene| {
        let target = scene.target("gone").await;
        let key =
            Key::new(format!("account#{}", scene.admin.account), format!("user#{}", target.id));
        let gone = vec![Op::Delete(key, Condition::Any)];
        assert_eq!(scene.table.write(gone).await.unwrap(), Written::Done);
        let admin = &scene.admin.token;
        for body in [json!({"id": target.id}), json!({"email": target.email})] {
            assert_eq!(scene.refused("user/get", admin, body.clone()).await.status, 404);
            assert_eq!(scene.refused("user/remove", admin, body).await.status, 404);
        }
        let search = scene.call("user/find", admin, json!({"search": "gone"})).await.ok();
        assert_eq!(search, json!({"data": []}));
        let token = scene.world.token("gone@example.com", true);
        let login = scene.refused("user/login", &token, json!({"invite": target.invite})).await;
        assert_eq!(login.outcome(), "404 not_found");
    })
    .await;
}
