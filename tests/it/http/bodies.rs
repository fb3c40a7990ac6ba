//! Bodies: how large, of what type, and what is JSON.

use hyper::{Method, body::Bytes};

use crate::support::{
    engine::Engine,
    raw::{Raw, raw},
    scene::Scene,
    world::World,
};

const JSON: (&str, &str) = ("content-type", "application/json");

/// Sends a body to a call that anybody may make and that needs a field.
async fn outcome(world: &World, kind: &[(&str, &str)], body: impl Into<Bytes>) -> String {
    world.client.send(Method::POST, "/invite/check", kind, body).await.outcome()
}

#[tokio::test]
async fn large_bodies_are_refused() {
    let world = World::new(Engine::Sqlite, &["--max-body-bytes=1024"]).await;
    let body = |bytes: usize| format!("{{\"invite\":\"{}\"}}", "x".repeat(bytes - 13));
    assert_eq!(outcome(&world, &[JSON], body(1024)).await, "422 validation_failed");
    assert_eq!(outcome(&world, &[JSON], body(1025)).await, "413 too_large");
    let head = "POST /invite/check HTTP/1.1\r\nhost: t\r\ncontent-type: application/json\r\n";
    // A body that says it is too large is not waited for.
    let mut connection = Raw::connect(world.address).await;
    connection.send(format!("{head}content-length: 999999999999\r\n\r\n{{")).await;
    let answer = connection.rest().await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    let chunk = format!("400\r\n{}\r\n", "x".repeat(1024));
    let head = format!("{head}transfer-encoding: chunked\r\n\r\n");
    let mut connection = Raw::connect(world.address).await;
    connection.send(format!("{head}{chunk}{chunk}")).await;
    let answer = connection.rest().await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    for broken in ["zz\r\n{}\r\n0\r\n\r\n", "2\r\n{}"] {
        let answer = raw(world.address, format!("{head}{broken}")).await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400"), "{broken:?}: {answer}");
    }
    let whole = "2\r\n{}\r\n0\r\n\r\n";
    let mut connection = Raw::connect(world.address).await;
    connection.send(format!("{head}{whole}")).await;
    let answer = connection.until(1, "}").await;
    assert!(answer.starts_with("HTTP/1.1 422"), "{answer}");
}

#[tokio::test]
async fn who_is_still_sending_hears_why_nobody_reads_on() {
    let world = World::new(Engine::Sqlite, &["--max-body-bytes=1024"]).await;
    let head = "POST /invite/check HTTP/1.1\r\nhost: t\r\ncontent-type: application/json\r\n";
    let mut connection = Raw::connect(world.address).await;
    connection.send(format!("{head}content-length: 9000000\r\n\r\n")).await;
    let answer = connection.until(1, "}").await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    // On a connection that is closed with something unread, the next piece but one could not be sent.
    for piece in 0..40 {
        assert!(connection.can_send("x".repeat(16 * 1024)).await, "piece {piece}");
    }
    connection.finish().await;
    assert_eq!(connection.rest().await, "");
}

#[tokio::test]
async fn bodies_are_declared_as_json() {
    let world = World::new(Engine::Sqlite, &[]).await;
    let check = async |kind: Option<&str>, body: &'static str, expected: &str| {
        let headers: Vec<_> = kind.iter().map(|kind| ("content-type", *kind)).collect();
        assert_eq!(outcome(&world, &headers, body).await, expected, "{kind:?} {body:?}");
    };
    let good = "422 validation_failed";
    check(Some("application/json"), "{}", good).await;
    check(Some("application/json; charset=utf-8"), "{}", good).await;
    check(Some("Application/JSON ;charset=UTF-8"), "{}", good).await;
    check(None, "", good).await;
    check(Some("text/plain"), "", good).await;
    let bad = "415 unsupported_media_type";
    check(None, "{}", bad).await;
    check(Some("text/plain"), "{}", bad).await;
    check(Some("application/jsonp"), "{}", bad).await;
    check(Some("application/x-www-form-urlencoded"), "invite=x", bad).await;
    check(Some(""), "{}", bad).await;
}

#[tokio::test]
async fn only_json_objects_are_read() {
    let world = World::new(Engine::Sqlite, &[]).await;
    let check = async |body: &[u8], expected: &str| {
        let answer = outcome(&world, &[JSON], Bytes::copy_from_slice(body)).await;
        assert_eq!(answer, expected, "{:?}", String::from_utf8_lossy(body));
    };
    let deep = |depth: usize| format!("{{\"a\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
    for body in [
        "{",
        "}",
        " ",
        "[]",
        "[{}]",
        "null",
        "1",
        "\"x\"",
        "true",
        "{}{}",
        "{} x",
        "{'a':1}",
        "{\"a\":1,}",
        "{a:1}",
        "{\"a\":01}",
        "{\"a\":NaN}",
        "{\"a\":1e999}",
        "{\"a\":\"\u{1}\"}",
        "{\"a\":\"\\ud800\"}",
        "\u{feff}{}",
        "{\"a\":\"\\x\"}",
        &deep(200),
        &deep(20_000),
    ] {
        check(body.as_bytes(), "400 malformed_json").await;
    }
    check(b"{\"invite\":\"\xff\xfe\"}", "400 malformed_json").await;
    check(b"{\"invite\":\"\xed\xa0\x80\"}", "400 malformed_json").await;
    check(b"\0", "400 malformed_json").await;
    let unknown = "400 unknown_field";
    check(b"{\"a\\u0000\":1}", unknown).await;
    check(b"{\"\":1}", unknown).await;
    check(b"{\"__proto__\":{}}", unknown).await;
    check(deep(100).as_bytes(), unknown).await;
    check(b"{\"invite\":\"\\u0000\"}", "422 validation_failed").await;
    check(b" \n\t{} \n", "422 validation_failed").await;
}

#[tokio::test]
async fn of_a_name_sent_twice_the_last_one_counts() {
    let scene = Scene::new(Engine::Sqlite, &[]).await;
    let token = scene.user.token.as_str();
    let body = r#"{"first":"One","first":"Two"}"#;
    let headers = [JSON, ("authorization", token)];
    let answer = scene.world.client.send(Method::POST, "/user/update", &headers, body).await;
    assert_eq!(answer.ok()["first"], "Two");
    // The check of roles sees the one that counts.
    let body = format!(r#"{{"id":"{}","id":"{}"}}"#, scene.user.id, scene.admin.id);
    let answer = scene.world.client.send(Method::POST, "/user/get", &headers, body).await;
    assert_eq!(answer.outcome(), "403 forbidden_field");
}
