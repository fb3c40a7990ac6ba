//! Where façades lie, and what they share with every other request.

use guestlist::facade::Facade;
use hyper::Method;
use serde_json::json;

use crate::support::{
    engine::Engine,
    raw::raw,
    rest::{Content, Rest},
    scene::Scene,
    watched::Trouble,
    world::World,
};

const PANEL: &str = "/api/application/users";
const MEIRO: &str = "/users";

/// Whether the path is answered as the façade's: without a token that is `401` in its own shape.
async fn check(flags: &[&str], path: &str, served: bool) {
    let world = World::new(Engine::Sqlite, flags).await;
    let rest = Rest::new(&world, Facade::Panel);
    for path in [path.to_owned(), format!("{path}/1")] {
        let answer = rest.get(&path, "").await;
        assert_eq!(answer.status, if served { 401 } else { 404 }, "{flags:?} {path}");
        let kind = if served { "application/json" } else { "application/problem+json" };
        assert_eq!(answer.header("content-type"), Some(kind), "{flags:?} {path}");
    }
}

#[tokio::test]
async fn facades_are_served_where_the_settings_name_them() {
    check(&[], PANEL, false).await;
    check(&[], MEIRO, false).await;
    check(&["--facades=panel"], PANEL, true).await;
    check(&["--facades=panel"], MEIRO, false).await;
    check(&["--facades=meiro"], PANEL, false).await;
    check(&["--facades=meiro"], MEIRO, true).await;
    check(&["--facades=panel,meiro"], PANEL, true).await;
    check(&["--facades=meiro, panel"], MEIRO, true).await;
    check(&["--facades=panel", "--facades=meiro"], MEIRO, true).await;
    let below = ["--facades=panel,meiro", "--base-path=/auth"];
    check(&below, &format!("/auth{PANEL}"), true).await;
    check(&below, &format!("/auth{MEIRO}"), true).await;
    check(&below, PANEL, false).await;
}

#[tokio::test]
async fn what_only_looks_like_a_facades_path_is_not() {
    let world = World::new(Engine::Sqlite, &["--facades=panel,meiro"]).await;
    let rest = Rest::new(&world, Facade::Panel);
    for path in ["/userss", "/api/applications/users", "/api", "/user/find/x"] {
        let answer = rest.get(path, "").await;
        assert_eq!(answer.outcome(), "404 not_found", "{path}");
    }
    assert_eq!(rest.get("/user/find", "").await.outcome(), "405 method_not_allowed");
}

/// A scene with both façades, and a key that they take.
async fn open(flags: &[&str]) -> (Scene, String) {
    let flags: Vec<_> = ["--facades=panel,meiro"].iter().chain(flags).copied().collect();
    let scene = Scene::new(Engine::Sqlite, &flags).await;
    let body = json!({"name": "façade", "role": "admin", "access": "write"});
    let key = scene.call("key/create", &scene.admin.token, body).await.ok();
    (scene, key["key"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn pages_of_other_origins_may_use_them_where_they_may_call() {
    let (scene, key) = open(&["--cors-origin=https://app.example.com"]).await;
    let rest = Rest::new(&scene.world, Facade::Meiro);
    let from = ("origin", "https://app.example.com");
    for path in [PANEL, MEIRO] {
        let preflight = rest.exchange(&Method::OPTIONS, path, &[from], "").await;
        assert_eq!(preflight.status, 204);
        let methods = Some("GET, POST, PATCH, DELETE, OPTIONS");
        assert_eq!(preflight.header("access-control-allow-methods"), methods);
        let headers = Some("authorization, content-type, x-access-token, x-account-id");
        assert_eq!(preflight.header("access-control-allow-headers"), headers);
        let other = ("origin", "https://evil.example.com");
        let preflight = rest.exchange(&Method::OPTIONS, path, &[other], "").await;
        assert_eq!(preflight.header("access-control-allow-methods"), None);
    }
    let headers = [from, ("x-access-token", key.as_str())];
    let answer = rest.exchange(&Method::GET, MEIRO, &headers, "").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("access-control-allow-origin"), Some("https://app.example.com"));
}

#[tokio::test]
async fn heads_are_answered_without_a_body() {
    let (scene, key) = open(&[]).await;
    for (facade, path) in [(Facade::Panel, PANEL), (Facade::Meiro, MEIRO)] {
        let rest = Rest::new(&scene.world, facade);
        let answer = rest.send(&Method::HEAD, path, &key, Content::Nothing).await;
        let whole = rest.get(path, &key).await;
        assert_eq!((answer.status, answer.body.len()), (200, 0));
        assert_eq!(answer.header("content-length"), Some(&*whole.body.len().to_string()));
    }
}

/// The URL that the panel gives a new user, asked with these headers.
async fn resource(flags: &[&str], headers: &[(&str, &str)]) -> String {
    let (scene, key) = open(flags).await;
    let rest = Rest::new(&scene.world, Facade::Panel);
    let bearer = format!("Bearer {key}");
    let mut all = vec![("authorization", &*bearer), ("content-type", "application/json")];
    all.extend(headers);
    let body = json!({
        "email": "eve@example.com", "username": "eve", "first_name": "Eve", "last_name": "Ost"
    });
    let answer = rest.exchange(&Method::POST, PANEL, &all, body.to_string()).await;
    let reply = answer.with_status(201);
    let number = reply["attributes"]["id"].as_u64().unwrap();
    let url = reply["meta"]["resource"].as_str().unwrap();
    let url = url.strip_suffix(&format!("/{number}")).unwrap();
    url.replace(&scene.world.address.to_string(), "HOST")
}

#[tokio::test]
async fn urls_are_those_that_the_client_sees() {
    let named = [("x-forwarded-proto", "https"), ("x-forwarded-host", "users.example.com")];
    assert_eq!(resource(&[], &[]).await, "http://HOST/api/application/users");
    assert_eq!(resource(&[], &named).await, "http://HOST/api/application/users");
    let proxied = ["--trusted-proxy=127.0.0.1"];
    let url = "https://users.example.com/api/application/users";
    assert_eq!(resource(&proxied, &named).await, url);
    let chained = [
        ("x-forwarded-proto", "HTTPS, http"),
        ("x-forwarded-host", "users.example.com, inner.example.com"),
    ];
    assert_eq!(resource(&proxied, &chained).await, url);
    let plain = "http://HOST/api/application/users";
    assert_eq!(resource(&proxied, &[("x-forwarded-host", "no host/at all")]).await, plain);
    assert_eq!(resource(&proxied, &[("x-forwarded-proto", "gopher")]).await, plain);
}

#[tokio::test]
async fn what_fails_before_a_facade_is_told_in_its_shape() {
    let (scene, key) = open(&["--max-body-bytes=1024"]).await;
    let long = json!({"name": "x".repeat(2000)});
    let panel = Rest::new(&scene.world, Facade::Panel);
    let meiro = Rest::new(&scene.world, Facade::Meiro);
    let reply = panel.post(PANEL, &key, long.clone()).await.with_status(413);
    assert_eq!(reply["errors"][0]["status"], "413");
    let reply = meiro.post(MEIRO, &key, long).await.with_status(413);
    assert_eq!(reply, json!({"message": "The body is larger than 1024 bytes."}));
    let answer = meiro.get(MEIRO, "two words").await;
    assert!(answer.with_status(401)["message"].as_str().is_some_and(|text| !text.is_empty()));
    // What breaks off, and what is no text at all.
    let head = format!("POST {MEIRO} HTTP/1.1\r\nhost: x\r\nx-access-token: {key}\r\n");
    let broken = raw(scene.world.address, format!("{head}content-length: 20\r\n\r\n{{")).await;
    assert!(broken.is_empty() || broken.starts_with("HTTP/1.1 400"), "{broken}");
    let answer = raw(
        scene.world.address,
        format!(
            "GET {MEIRO}/%ff%fe HTTP/1.1\r\nhost: x\r\nx-access-token: {key}\r\nconnection: close\r\n\r\n"
        ),
    );
    assert!(answer.await.starts_with("HTTP/1.1 404"));
}

#[tokio::test]
async fn an_account_that_is_none_is_told_in_the_shape_of_the_facade() {
    let (scene, key) = open(&[]).await;
    let bearer = format!("Bearer {key}");
    let own = ("x-account-id", scene.admin.account.as_str());
    let why = "The header X-Account-Id must be the id of an account, once";
    for (facade, path, shown) in
        [(Facade::Panel, PANEL, bearer.as_str()), (Facade::Meiro, MEIRO, key.as_str())]
    {
        let rest = Rest::new(&scene.world, facade);
        let token = (facade.token_header(), shown);
        let unreadable = ("x-account-id", "x");
        for headers in
            [vec![token, unreadable], vec![token, own, own], vec![token, own, unreadable]]
        {
            for method in [Method::GET, Method::POST, Method::PUT] {
                let answer = rest.exchange(&method, path, &headers, "").await;
                let expected = match facade {
                    Facade::Panel => json!({"errors": [{
                        "code": "ValidationException", "status": "422", "detail": why,
                        "meta": {"source_field": "X-Account-Id", "rule": "format"},
                    }]}),
                    Facade::Meiro => json!({"message": why}),
                };
                assert_eq!(answer.with_status(422), expected);
            }
        }
        let answer = rest.exchange(&Method::GET, path, &[token, own], "").await;
        answer.with_status(200);
        // Of nobody it is not asked.
        let answer = rest.exchange(&Method::GET, path, &[unreadable], "").await;
        answer.with_status(401);
    }
    let rest = Rest::new(&scene.world, Facade::Meiro);
    let headers = [("x-account-id", "x"), ("content-type", "application/json")];
    let body = json!({"email": "nobody@example.com", "password": "x"}).to_string();
    let login = rest.exchange(&Method::POST, "/users/login", &headers, body).await;
    let text = json!({"message": "Invalid credentials have been provided"});
    assert_eq!(login.with_status(401), text);
}

#[tokio::test]
async fn a_table_that_is_away_is_no_fault_of_the_caller() {
    let (scene, key) = open(&["--caller-seconds=0"]).await;
    scene.table.trouble(Trouble::Unavailable);
    for (facade, path) in [(Facade::Panel, PANEL), (Facade::Meiro, MEIRO)] {
        let answer = Rest::new(&scene.world, facade).get(path, &key).await;
        let json = answer.with_status(503);
        assert_eq!(answer.header("retry-after"), Some("1"), "{json}");
        assert!(!json.to_string().contains("table"), "{json}");
    }
}

#[tokio::test]
async fn they_are_counted_by_name() {
    let (scene, key) = open(&[]).await;
    for path in ["/2", "/x", "/y"] {
        Rest::new(&scene.world, Facade::Meiro).get(&format!("{MEIRO}{path}"), &key).await;
    }
    let text = scene.world.client.send(Method::GET, "/metrics", &[], "").await;
    let text = String::from_utf8(text.body.to_vec()).unwrap();
    let counted = |status: &str, count: u32| {
        let line =
            format!("guestlist_requests_total{{endpoint=\"meiro\",status=\"{status}\"}} {count}\n");
        assert!(text.contains(&line), "{line}");
    };
    counted("4xx", 2);
    counted("2xx", 1);
}
