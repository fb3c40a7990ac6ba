//! Query parameters: sizes, indexes and cursors.

use hyper::Method;
use serde_json::{Value, json};

use crate::support::{
    client::Answer,
    engine::Engine,
    scene::{Scene, on_each_scene},
};

async fn find(scene: &Scene, token: &str, path: &str, body: Value) -> Answer {
    let headers = [("content-type", "application/json"), ("authorization", token)];
    scene.world.client.send(Method::POST, path, &headers, body.to_string()).await
}

#[tokio::test]
async fn parameters_are_checked() {
    let scene = Scene::new(Engine::Sqlite, &[]).await;
    let check = async |path: &str, body: Value, outcome: &str, faults: &str| {
        let answer = find(&scene, &scene.admin.token, path, body).await;
        let found = (answer.outcome(), answer.faults());
        assert_eq!(found, (outcome.to_owned(), faults.to_owned()), "{path}");
    };
    let range = "?limit:range";
    for limit in ["0", "101", "-1", "abc", "1.5", "1e2", "0x10", "99999999999999999999", "%00"] {
        let path = format!("/user/find?limit={limit}");
        check(&path, json!({}), "422 validation_failed", range).await;
    }
    for good in
        ["limit=1", "limit=100", "limit=7", "index=primary", "index=gs1", "", "limit=", "index="]
    {
        check(&format!("/user/find?{good}"), json!({}), "200", "").await;
    }
    let in_ = "?index:in";
    check("/user/find?index=gs2", json!({}), "422 validation_failed", in_).await;
    check("/user/find?index=GS1", json!({}), "422 validation_failed", in_).await;
    let all = "id:format ?index:in ?limit:range";
    check(
        "/user/find?index=x&limit=x",
        json!({"id": 1}),
        "422 validation_failed",
        "id:type ?index:in ?limit:range",
    )
    .await;
    check("/user/find?index=x&limit=x", json!({"id": "x"}), "422 validation_failed", all).await;
    check("/user/find?Limit=1", json!({}), "400 unknown_field", "?Limit:unknown_field").await;
    check("/user/find?role=admin", json!({}), "400 unknown_field", "?role:unknown_field").await;
    check("/user/get?limit=1", json!({}), "400 unknown_field", "?limit:unknown_field").await;
    check("/user/find?%FF=1", json!({}), "400 unknown_field", "?\u{fffd}:unknown_field").await;
    for cursor in ["x", "%00", "AAAA", "====", "null", &"A".repeat(7000)] {
        for name in ["next", "prev"] {
            let path = format!("/user/find?{name}={cursor}");
            check(&path, json!({}), "400 invalid_cursor", "").await;
            for body in [json!({"id": scene.user.id}), json!({"email": "uma@example.com"})] {
                check(&path, body, "400 invalid_cursor", "").await;
            }
            check(&path, json!({"search": "u"}), "400 invalid_cursor", "").await;
            let path = format!("/trash/find?{name}={cursor}");
            check(&path, json!({"id": scene.user.id}), "400 invalid_cursor", "").await;
        }
    }
}

/// The second of several pages: its records, and its cursors.
async fn second(scene: &Scene, token: &str, query: &str, body: &Value) -> (Value, String, String) {
    let path = format!("/user/find?limit=2{query}");
    let first = find(scene, token, &path, body.clone()).await.ok();
    assert_eq!(first.get("prev"), None);
    let next = first["next"].as_str().unwrap();
    let page = find(scene, token, &format!("{path}&next={next}"), body.clone()).await.ok();
    let text = |name: &str| page[name].as_str().unwrap().to_owned();
    (page["data"].clone(), text("next"), text("prev"))
}

async fn crowd(scene: &Scene) {
    for number in 0..7 {
        scene.target(&format!("crowd-{number}")).await;
    }
}

#[tokio::test]
async fn a_cursor_is_good_for_its_query_alone() {
    on_each_scene(async |scene| {
        crowd(&scene).await;
        let (admin, root) = (&scene.admin.token, &scene.root.token);
        let (_, next, prev) = second(&scene, admin, "", &json!({})).await;
        let check = async |token: &str, path: String, body: Value, good: bool| {
            let answer = find(&scene, token, &path, body).await;
            let expected = if good { "200" } else { "400 invalid_cursor" };
            assert_eq!(answer.outcome(), expected, "{path}");
        };
        let page = |query: &str| format!("/user/find?{query}");
        check(admin, page(&format!("next={next}")), json!({}), true).await;
        check(admin, page(&format!("next={next}&limit=7")), json!({}), true).await;
        check(admin, page(&format!("prev={prev}")), json!({}), true).await;
        check(admin, page(&format!("prev={next}")), json!({}), false).await;
        check(admin, page(&format!("next={prev}")), json!({}), false).await;
        check(admin, page(&format!("next={next}&index=gs1")), json!({}), false).await;
        for filter in [json!({"role": "user"}), json!({"state": "invited"}), json!({"search": "c"})]
        {
            check(admin, page(&format!("next={next}")), filter, false).await;
        }
        check(admin, format!("/trash/find?next={next}"), json!({}), false).await;
        check(root, page(&format!("next={next}")), json!({}), false).await;
        let account = json!({"accountId": scene.admin.account});
        check(root, page(&format!("next={next}")), account, true).await;
        // The role is not part of the query; what a record shows is decided anew.
        check(&scene.user.token, page(&format!("next={next}")), json!({}), true).await;
        for at in (0..next.len()).step_by(7) {
            let mut bytes = next.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let tampered = String::from_utf8(bytes).unwrap();
            check(admin, page(&format!("next={tampered}")), json!({}), false).await;
            // Nothing at all is no cursor, but the first page.
            check(admin, page(&format!("next={}", &next[..at])), json!({}), at == 0).await;
        }
        check(admin, page(&format!("next={next}AAAA")), json!({}), false).await;
    })
    .await;
}

#[tokio::test]
async fn next_wins_over_prev() {
    on_each_scene(async |scene| {
        crowd(&scene).await;
        let admin = &scene.admin.token;
        for body in [json!({}), json!({"state": "invited"}), json!({"search": "crowd"})] {
            let (_, next, prev) = second(&scene, admin, "", &body).await;
            let path = |query: String| format!("/user/find?limit=2&{query}");
            let page = async |query: String| find(&scene, admin, &path(query), body.clone()).await;
            let both = page(format!("prev={prev}&next={next}")).await.ok();
            assert_eq!(both, page(format!("next={next}")).await.ok());
            let odd = page(format!("prev=garbage&next={next}")).await.ok();
            assert_eq!(odd, both);
            let bad = page(format!("prev={prev}&next=garbage")).await;
            assert_eq!(bad.outcome(), "400 invalid_cursor");
        }
    })
    .await;
}

#[tokio::test]
async fn a_cursor_tells_a_user_nothing_of_an_email() {
    on_each_scene(async |scene| {
        crowd(&scene).await;
        for query in ["", "&index=gs1"] {
            let path = format!("/user/find?limit=2{query}");
            let page = find(&scene, &scene.user.token, &path, json!({})).await;
            let text = String::from_utf8(page.body.to_vec()).unwrap();
            assert!(!text.contains("crowd-") || text.contains("\"first\":\"crowd-"), "{text}");
            assert!(!text.contains('@') || text.contains("uma@example.com"), "{text}");
        }
    })
    .await;
}
