//! What `/metrics` tells an operator's tools.

use std::time::Duration;

use hyper::Method;
use serde_json::{Value, json};

use crate::support::{
    engine::Engine,
    scene::Scene,
    watched::Trouble,
    world::{World, on_each_engine},
};

async fn text(world: &World) -> String {
    let answer = world.client.send(Method::GET, "/metrics", &[], "").await;
    assert_eq!(answer.status, 200);
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    assert_eq!(answer.header("content-type"), Some(kind));
    String::from_utf8(answer.body.to_vec()).unwrap()
}

/// The value of a series.
#[track_caller]
fn value<'a>(text: &'a str, series: &str) -> &'a str {
    let found = text.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    found.unwrap_or_else(|| panic!("no {series} in {text}"))
}

fn answers(endpoint: &str, status: &str) -> String {
    format!("guestlist_requests_total{{endpoint=\"{endpoint}\",status=\"{status}\"}}")
}

#[tokio::test]
async fn answers_are_counted_by_endpoint_and_class() {
    let scene = Scene::new(Engine::Sqlite, &[]).await;
    let before = text(&scene.world).await;
    assert_eq!(value(&before, &answers("user/get", "2xx")), "0");
    for (token, trouble) in [
        (&scene.admin.token, Trouble::None),
        (&scene.admin.token, Trouble::None),
        (&String::new(), Trouble::None),
        (&scene.admin.token, Trouble::Busy),
    ] {
        scene.table.trouble(trouble);
        scene.call("user/get", token, json!({})).await;
    }
    scene.table.trouble(Trouble::None);
    let send = async |path: &str| scene.world.client.send(Method::POST, path, &[], "").await;
    for path in ["//", "/user/gett", "//user/get", "/healthz/", "/metricss", "/other", "/%22"] {
        assert_eq!(send(path).await.status, 404, "{path}");
    }
    assert_eq!(send("/healthz").await.status, 405);
    assert_eq!(send("/").await.status, 405);
    assert_eq!(send("/console/other.js").await.status, 405);
    let after = text(&scene.world).await;
    for (endpoint, status, count) in [
        ("user/get", "2xx", "2"),
        ("user/get", "4xx", "1"),
        ("user/get", "5xx", "1"),
        ("trash/find", "2xx", "0"),
        ("other", "4xx", "7"),
        ("/healthz", "4xx", "1"),
        ("console", "4xx", "2"),
        ("/metrics", "2xx", "1"),
    ] {
        assert_eq!(value(&after, &answers(endpoint, status)), count, "{endpoint} {status}");
    }
    let count = "guestlist_request_seconds_count{endpoint=\"user/get\"}";
    assert_eq!(value(&after, count), "4");
    let all = "guestlist_request_seconds_bucket{le=\"+Inf\",endpoint=\"user/get\"}";
    assert_eq!(value(&after, all), "4");
    // However many paths strangers make up, there are no new series.
    assert_eq!(before.lines().count(), after.lines().count());
}

#[tokio::test]
async fn the_base_path_is_no_part_of_an_endpoint() {
    let world = World::new(Engine::Sqlite, &["--base-path=/api"]).await;
    for path in ["/api/user/get", "/user/get"] {
        world.client.send(Method::POST, path, &[], "").await;
    }
    let text = text(&world).await;
    assert_eq!(value(&text, &answers("user/get", "4xx")), "1");
    assert_eq!(value(&text, &answers("other", "4xx")), "1");
}

#[tokio::test]
async fn the_process_tells_of_itself() {
    let world = World::new(Engine::Sqlite, &[]).await;
    let first = text(&world).await;
    // The request that asks, and its connection.
    assert_eq!(value(&first, "guestlist_requests_under_way"), "1");
    assert_eq!(value(&first, "guestlist_connections"), "1");
    assert_eq!(value(&first, "process_start_time_seconds"), "1800000000");
    let build = format!("guestlist_build_info{{version=\"{}\"}}", env!("CARGO_PKG_VERSION"));
    assert_eq!(value(&first, &build), "1");
    assert!(first.ends_with("# EOF\n"));
    let more = tokio::net::TcpStream::connect(world.address).await.unwrap();
    while value(&text(&world).await, "guestlist_connections") != "2" {
        tokio::task::yield_now().await;
    }
    drop(more);
    while value(&text(&world).await, "guestlist_connections") != "1" {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn letters_are_counted() {
    on_each_engine(async |world| {
        let admin = world.admin("admin@example.com").await;
        let body = json!({"email": "bob@example.com", "sendInvite": true});
        world.call("user/create", &admin, body).await.ok();
        let letters = |outcome| format!("guestlist_letters_total{{outcome=\"{outcome}\"}}");
        assert_eq!(value(&text(&world).await, &letters("sent")), "0");
        world.courier.round().await.unwrap();
        let text = text(&world).await;
        assert_eq!(value(&text, &letters("sent")), "1");
        assert_eq!(value(&text, &letters("postponed")), "0");
        assert_eq!(value(&text, &letters("parked")), "0");
    })
    .await;
}

#[tokio::test]
async fn they_can_be_turned_off() {
    let world = World::new(Engine::Sqlite, &["--metrics=off"]).await;
    let answer = world.client.send(Method::GET, "/metrics", &[], "").await;
    assert_eq!(answer.outcome(), "404 not_found");
    let world = World::new(Engine::Sqlite, &["--metrics=on"]).await;
    text(&world).await;
    let post = world.client.send(Method::POST, "/metrics", &[], "").await;
    assert_eq!(post.header("allow"), Some("GET, HEAD"));
}

#[tokio::test]
async fn refreshes_are_counted_by_what_has_become_of_them() {
    on_each_engine(async |world| {
        let first = world.signed_up("ada@example.com").await["refreshToken"].clone();
        let refresh = async |token: &Value, later: u64| {
            world.advance(Duration::from_secs(later));
            let body = json!({"refreshToken": token});
            let answer = world.client.call("session/refresh", "", body).await;
            (answer.status == 200).then(|| answer.json()["refreshToken"].clone())
        };
        let lost = refresh(&first, 0).await.unwrap();
        assert_eq!(refresh(&first, 10).await.as_ref(), Some(&lost));
        assert_eq!(refresh(&lost, 10).await.as_ref(), Some(&lost));
        refresh(&first, 60).await.unwrap();
        assert_eq!(refresh(&lost, 0).await, None);
        assert_eq!(refresh(&first, 0).await, None);
        let text = text(&world).await;
        for (outcome, count) in [("turned", "1"), ("again", "2"), ("late", "1"), ("stolen", "1")] {
            let series = format!("guestlist_refreshes_total{{outcome=\"{outcome}\"}}");
            assert_eq!(value(&text, &series), count, "{outcome}");
        }
    })
    .await;
}
