//! Methods, paths and headers.

use hyper::Method;
use serde_json::json;

use crate::support::{
    client::Answer,
    engine::Engine,
    raw::{Raw, post, raw},
    scene::Scene,
    world::World,
};

async fn send(world: &World, method: Method, path: &str, headers: &[(&str, &str)]) -> Answer {
    world.client.send(method, path, headers, "").await
}

#[tokio::test]
async fn only_post_calls() {
    let world = World::new(Engine::Sqlite, &[]).await;
    let (safe, others) =
        ([Method::GET, Method::HEAD, Method::TRACE], [Method::PUT, Method::DELETE, Method::PATCH]);
    for method in safe.into_iter().chain(others) {
        let answer = send(&world, method.clone(), "/user/get", &[]).await;
        assert_eq!(answer.status, 405, "{method}");
        assert_eq!(answer.header("allow"), Some("POST, OPTIONS"), "{method}");
        let unknown = send(&world, method.clone(), "/user/gett", &[]).await;
        assert_eq!(unknown.status, 404, "{method}");
    }
    let probe = send(&world, Method::POST, "/healthz", &[]).await;
    assert_eq!((probe.status, probe.header("allow")), (405, Some("GET, HEAD")));
}

#[tokio::test]
async fn unknown_paths_name_the_nearest_call() {
    let world = World::new(Engine::Sqlite, &[]).await;
    let check = async |path: &str, detail: &str| {
        let answer = send(&world, Method::POST, path, &[]).await;
        assert_eq!(answer.outcome(), "404 not_found", "{path}");
        assert_eq!(answer.json()["detail"], detail, "{path}");
    };
    check("/user/gett", "There is no call user/gett. Did you mean user/get?").await;
    check("/User/Get", "There is no call User/Get. Did you mean user/get?").await;
    check("/user/get/", "There is no call user/get/. Did you mean user/get?").await;
    check("/user%2Fget", "There is no call user%2Fget. Did you mean user/get?").await;
    check("//user/get", "There is no call /user/get. Did you mean user/get?").await;
    check("//", "There is no call /.").await;
    check("/zzzzzzzzzzzzzzzzzzzz", "There is no call zzzzzzzzzzzzzzzzzzzz.").await;
    let long = send(&world, Method::POST, &format!("/{}", "x".repeat(9000)), &[]).await;
    assert_eq!(long.outcome(), "404 not_found");
    assert!(long.body.len() < 1000, "a long path is not repeated in full");
}

#[tokio::test]
async fn calls_lie_below_the_base_path() {
    let world = World::new(Engine::Sqlite, &["--base-path=/api/v1/"]).await;
    let check = async |path: &str, outcome: &str| {
        let answer = send(&world, Method::POST, path, &[]).await;
        assert_eq!(answer.outcome(), outcome, "{path}");
    };
    check("/api/v1/user/get", "401 unauthenticated").await;
    check("/user/get", "404 not_found").await;
    check("/api/v1user/get", "404 not_found").await;
    check("/api/v1", "405 method_not_allowed").await;
    let probe = send(&world, Method::GET, "/healthz", &[]).await;
    assert_eq!(probe.status, 200);
}

#[tokio::test]
async fn tokens_come_with_and_without_bearer() {
    let scene = Scene::new(Engine::Sqlite, &[]).await;
    let token = &scene.user.token;
    let check = async |value: &str, outcome: &str| {
        let headers = [("authorization", value)];
        let answer = send(&scene.world, Method::POST, "/user/get", &headers).await;
        assert_eq!(answer.outcome(), outcome, "{value}");
    };
    check(token, "200").await;
    check(&format!("Bearer {token}"), "200").await;
    check(&format!("bearer {token}"), "200").await;
    check(&format!("BEARER   {token}"), "200").await;
    check(&format!("Basic {token}"), "401 unauthenticated").await;
    check(&format!("Bearer {token} {token}"), "401 unauthenticated").await;
    check(&format!("Bearer\t{token}"), "401 unauthenticated").await;
    check(&format!("Bearer,{token}"), "401 unauthenticated").await;
    check("\u{e9}", "401 unauthenticated").await;
    check("Bearer", "401 unauthenticated").await;
    check("Bearer ", "401 unauthenticated").await;
    check("", "401 unauthenticated").await;
    check(&"x".repeat(9000), "401 unauthenticated").await;
}

#[tokio::test]
async fn where_anybody_may_call_no_token_is_looked_at() {
    let world = World::new(Engine::Sqlite, &[]).await;
    for value in ["Basic dXNlcjpwYXNz", "Bearer", "a b c", ""] {
        let headers = [("authorization", value)];
        let answer = send(&world, Method::POST, "/invite/check", &headers).await;
        assert_eq!(answer.outcome(), "422 validation_failed", "{value}");
    }
}

#[tokio::test]
async fn a_challenge_says_what_is_wrong_with_a_token() {
    let world = World::new(Engine::Sqlite, &[]).await;
    let none = world.client.call("user/get", "", json!({})).await;
    assert_eq!(none.header("www-authenticate"), Some("Bearer realm=\"guestlist\""));
    let bad = world.client.call("user/get", "a.b.c", json!({})).await;
    let challenge = bad.header("www-authenticate").unwrap();
    assert!(challenge.contains("error=\"invalid_token\", error_description=\""), "{challenge}");
}

#[tokio::test]
async fn heads_have_limits() {
    let world = World::new(Engine::Sqlite, &["--max-head-bytes=8192"]).await;
    let check = async |more: String, status: &str| {
        let more = format!("connection: close\r\n{more}");
        let mut connection = Raw::connect(world.address).await;
        connection.send(post("/invite/check", &more, "{}")).await;
        let answer = connection.rest().await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{status}: {answer}");
    };
    check(String::new(), "422").await;
    // What is still unread when the service hangs up may cost the client the answer.
    let long = post("/invite/check", &format!("x-long: {}\r\n", "x".repeat(20_000)), "{}");
    let answer = raw(world.address, long).await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431"), "{answer}");
    check("x-many: 1\r\n".repeat(100), "431").await;
    check("x-many: 1\r\n".repeat(40), "422").await;
    check("no colon\r\n".to_owned(), "400").await;
    check("x-nul: \0\r\n".to_owned(), "400").await;
    check("x-odd: \u{e9}\r\n".to_owned(), "422").await;
    check("authorization: \u{e9}\r\n".to_owned(), "422").await;
    check("content-length: 7\r\n".to_owned(), "400").await;
    for garbage in
        ["\0\0\0\0\r\n\r\n", "GET\r\n\r\n", "POST / HTTP/9.9\r\n\r\n", "PRI * HTTP/2.0\r\n\r\n"]
    {
        let answer = raw(world.address, garbage).await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400"), "{garbage:?}: {answer}");
    }
    assert_eq!(send(&world, Method::GET, "/healthz", &[]).await.status, 200, "it lives");
}

#[tokio::test]
async fn no_answer_is_taken_for_a_page() {
    let world = World::new(Engine::Sqlite, &["--facades=panel"]).await;
    let paths = [
        (Method::POST, "/user/get", "same-origin"),
        (Method::POST, "/service/about", "same-origin"),
        (Method::GET, "/nothing/here", "same-origin"),
        (Method::OPTIONS, "/api/application/users", "same-origin"),
        (Method::GET, "/healthz", "cross-origin"),
        (Method::GET, "/.well-known/jwks.json", "cross-origin"),
        (Method::GET, "/", "same-origin"),
    ];
    for (method, path, resource_policy) in paths {
        let answer = send(&world, method, path, &[]).await;
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-resource-policy", resource_policy),
        ] {
            assert_eq!(answer.header(name), Some(value), "{path}: {name}");
        }
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'; "), "{path}: {policy}");
        for name in ["object-src", "base-uri", "frame-ancestors"] {
            assert!(policy.contains(&format!("; {name} 'none'")), "{path}: {policy}");
        }
        assert_eq!(policy.contains("script-src"), path == "/", "{path}: {policy}");
        assert_eq!(answer.header("strict-transport-security"), None, "{path}: it has no TLS");
        assert_eq!(answer.header("cross-origin-opener-policy"), None, "{path}: it has no TLS");
    }
}

#[tokio::test]
async fn over_https_browsers_are_told_to_stay_there() {
    let world = World::new(Engine::Sqlite, &["--public-url=https://auth.example.com"]).await;
    for (method, path) in [(Method::GET, "/"), (Method::POST, "/user/get")] {
        let answer = send(&world, method, path, &[]).await;
        assert_eq!(answer.header("strict-transport-security"), Some("max-age=31536000"), "{path}");
        assert_eq!(answer.header("cross-origin-opener-policy"), Some("same-origin"), "{path}");
    }
}
