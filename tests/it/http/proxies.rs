//! Where a call comes from, as the audit trail tells it.

use std::time::Duration;

use hyper::Method;
use serde_json::json;

use crate::support::{engine::Engine, scene::Scene};

/// The address that the trail has of a change sent with these headers.
async fn address(scene: &Scene, headers: &[(&str, &str)]) -> String {
    let token = format!("Bearer {}", scene.admin.token);
    let mut all = vec![("authorization", token.as_str()), ("content-type", "application/json")];
    all.extend(headers);
    scene.world.advance(Duration::from_millis(1));
    let name = format!("Account {}", scene.table.writes());
    let body = json!({"name": name}).to_string();
    scene.world.client.send(Method::POST, "/account/update", &all, body).await.ok();
    let trail = scene.audit(&scene.admin.account).await;
    trail.last().unwrap()["address"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn strangers_are_not_believed() {
    let scene = Scene::new(Engine::Sqlite, &[]).await;
    assert_eq!(address(&scene, &[("x-forwarded-for", "203.0.113.9")]).await, "127.0.0.1");
    // What looks like a proxy that the settings have forgotten is counted.
    let metrics = scene.world.client.send(Method::GET, "/metrics", &[], "").await;
    let metrics = String::from_utf8(metrics.body.to_vec()).unwrap();
    assert!(metrics.contains("guestlist_untrusted_forwards_total 1\n"), "{metrics}");
    let scene = Scene::new(Engine::Sqlite, &["--trusted-proxy=10.0.0.0/8"]).await;
    assert_eq!(address(&scene, &[("x-forwarded-for", "203.0.113.9")]).await, "127.0.0.1");
}

#[tokio::test]
async fn a_proxy_says_whom_it_speaks_for() {
    let flags = ["--trusted-proxy=10.0.0.8, 127.0.0.0/8", "--trusted-proxy=10.0.0.7"];
    let scene = Scene::new(Engine::Sqlite, &flags).await;
    assert_eq!(address(&scene, &[]).await, "127.0.0.1");
    let made_up = ("x-forwarded-for", "192.0.2.1, 203.0.113.9:4711");
    assert_eq!(address(&scene, &[made_up, ("X-Forwarded-For", "10.0.0.7")]).await, "203.0.113.9");
    assert_eq!(address(&scene, &[("x-real-ip", "203.0.113.9")]).await, "127.0.0.1");
}

#[tokio::test]
async fn a_proxy_may_have_a_header_of_its_own() {
    let flags = ["--trusted-proxy=127.0.0.1", "--proxy-header=X-Real-IP"];
    let scene = Scene::new(Engine::Sqlite, &flags).await;
    assert_eq!(address(&scene, &[("x-real-ip", "2001:db8::9")]).await, "2001:db8::9");
    assert_eq!(address(&scene, &[("x-forwarded-for", "203.0.113.9")]).await, "127.0.0.1");
}
