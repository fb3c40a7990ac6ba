//! Connections: kept alive, pipelined, limited in number and time. The limits are whole seconds of
//! the machine's own clock.

use std::time::{Duration, Instant};

use crate::support::{
    engine::Engine,
    raw::{Raw, post},
    scene::Scene,
    world::World,
};

const PROBE: &str = "GET /healthz HTTP/1.1\r\nhost: t\r\n\r\n";
const LAST_PROBE: &str = "GET /healthz HTTP/1.1\r\nhost: t\r\nconnection: close\r\n\r\n";

#[tokio::test]
async fn connections_are_kept_and_requests_pipelined() {
    let world = World::new(Engine::Sqlite, &[]).await;
    let mut connection = Raw::connect(world.address).await;
    for _ in 0..3 {
        connection.send(PROBE).await;
        assert!(connection.until(1, "}").await.starts_with("HTTP/1.1 200"));
    }
    let unknown = post("/user/gett", "", "");
    let refused = post("/invite/check", "", "{}");
    connection.send(format!("{PROBE}{unknown}{refused}{LAST_PROBE}")).await;
    let answers = connection.rest().await;
    let statuses: Vec<_> = answers.split("HTTP/1.1 ").skip(1).map(|answer| &answer[..3]).collect();
    assert_eq!(statuses, ["200", "404", "422", "200"], "{answers}");
}

#[tokio::test]
async fn an_answer_does_not_wait_for_the_next_request() {
    let world = World::new(Engine::Sqlite, &[]).await;
    let mut connection = Raw::connect(world.address).await;
    connection.send(format!("{PROBE}GET /heal")).await;
    let started = Instant::now();
    assert!(connection.until(1, "}").await.starts_with("HTTP/1.1 200"));
    assert!(started.elapsed() < Duration::from_secs(5), "it waits for the head's time limit");
    connection.send(LAST_PROBE.strip_prefix("GET /heal").unwrap()).await;
    assert!(connection.rest().await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn every_answer_has_an_id_of_its_own() {
    let world = World::new(Engine::Sqlite, &[]).await;
    let id = async || {
        let answer = world.client.call("user/get", "", serde_json::json!({})).await;
        answer.header("x-request-id").unwrap().to_owned()
    };
    assert_ne!(id().await, id().await);
}

#[tokio::test]
async fn a_slow_head_is_cut_off() {
    let world = World::new(Engine::Sqlite, &["--head-seconds=1"]).await;
    let started = Instant::now();
    for beginning in ["", "POST /user/get HT", "POST /user/get HTTP/1.1\r\nhost: t\r\n"] {
        let mut connection = Raw::connect(world.address).await;
        connection.send(beginning).await;
        let answer = connection.rest().await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 408"), "{answer}");
    }
    assert!(started.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn a_slow_body_is_cut_off() {
    let world = World::new(Engine::Sqlite, &["--request-seconds=1"]).await;
    let mut connection = Raw::connect(world.address).await;
    let head = "POST /invite/check HTTP/1.1\r\nhost: t\r\ncontent-type: application/json\r\n";
    connection.send(format!("{head}content-length: 20\r\n\r\n{{\"inv")).await;
    let answer = connection.rest().await;
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(answer.contains("\"code\":\"request_timeout\""), "{answer}");
}

#[tokio::test]
async fn connections_beyond_the_limit_wait_their_turn() {
    let world = World::new(Engine::Sqlite, &["--max-connections=2", "--head-seconds=1"]).await;
    let mut idle = [Raw::connect(world.address).await, Raw::connect(world.address).await];
    for connection in &mut idle {
        connection.send(PROBE).await;
        connection.until(1, "}").await;
    }
    let mut waiting = Vec::new();
    for _ in 0..5 {
        let mut connection = Raw::connect(world.address).await;
        connection.send(LAST_PROBE).await;
        waiting.push(connection);
    }
    for mut connection in waiting {
        assert!(connection.rest().await.starts_with("HTTP/1.1 200"));
    }
}

#[tokio::test]
async fn who_does_not_read_keeps_nobody_out() {
    let flags = ["--max-connections=1", "--head-seconds=1", "--request-seconds=1"];
    let world = World::new(Engine::Sqlite, &flags).await;
    let mut deaf = Raw::connect(world.address).await;
    // More answers than all buffers on the way can take.
    let requests = "OPTIONS /user/get HTTP/1.1\r\nhost: t\r\n\r\n".repeat(20_000);
    let sending = tokio::spawn(async move {
        for _ in 0..10 {
            deaf.send(&requests).await;
        }
        deaf
    });
    let mut next = Raw::connect(world.address).await;
    next.send(LAST_PROBE).await;
    assert!(next.rest().await.starts_with("HTTP/1.1 200"));
    sending.abort();
}

#[tokio::test]
async fn who_hangs_up_in_the_middle_harms_nobody() {
    let scene = Scene::new(Engine::Sqlite, &[]).await;
    let whole = post("/invite/check", "", r#"{"invite":"x"}"#);
    for cut in (0..whole.len()).step_by(9) {
        let mut connection = Raw::connect(scene.world.address).await;
        connection.send(&whole[..cut]).await;
    }
    let answer = scene.call("user/get", &scene.user.token, serde_json::json!({})).await;
    assert_eq!(answer.outcome(), "200");
}
