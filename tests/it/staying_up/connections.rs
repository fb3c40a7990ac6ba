//! Connections: who finds a place, and what becomes of them when the service stops or has yet to begin.

use std::{
    net::TcpListener,
    time::{Duration, Instant},
};

use hyper::Method;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::support::{
    client::Client,
    dynamodb,
    engine::Engine,
    process::{Service, Site, eventually},
    raw::{Raw, post, raw},
    world::World,
};

const PROBE: &str = "GET /healthz HTTP/1.1\r\nhost: t\r\n\r\n";

async fn probe(service: &Service, path: &str) -> u16 {
    service.client.send(Method::GET, path, &[], "").await.status
}

#[tokio::test]
async fn a_full_service_answers_probes() {
    let world = World::new(Engine::Sqlite, &["--max-connections=1"]).await;
    let mut only = Raw::connect(world.address).await;
    only.send(PROBE).await;
    only.until(1, "}").await;
    for path in ["/healthz", "/readyz"] {
        let answer = raw(world.address, format!("GET {path} HTTP/1.1\r\nhost: t\r\n\r\n")).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert!(answer.to_lowercase().contains("\r\nconnection: close\r\n"), "{answer}");
    }
    let mut further = Raw::connect(world.address).await;
    further.send(post("/service/about", "", "{}")).await;
    let answer = further.rest().await;
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
    assert!(answer.contains("\"code\":\"unavailable\""), "{answer}");
    // Who has a place keeps it.
    only.send(post("/service/about", "", "{}")).await;
    assert!(only.until(1, "}").await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn a_body_that_nobody_reads_ends_the_connection_and_says_so() {
    let world = World::new(Engine::Sqlite, &[]).await;
    for (path, body, closes) in [
        ("/user/gett", "{\"a\":1}", true),
        ("/user/gett", "", false),
        ("/user/get", "{}", false),
        ("/healthz", "x", true),
    ] {
        let mut connection = Raw::connect(world.address).await;
        connection.send(post(path, "", body)).await;
        let answer = connection.until(1, "}").await.to_lowercase();
        assert_eq!(answer.contains("\r\nconnection: close\r\n"), closes, "{path}: {answer}");
    }
}

#[tokio::test]
async fn as_many_files_are_open_as_connections_take() {
    let site = Site::sqlite().limited("ulimit -Sn 200");
    let service = site.start().await;
    let mut idle = Vec::new();
    for _ in 0..400 {
        idle.push(TcpStream::connect(service.address).await.unwrap());
    }
    assert_eq!(probe(&service, "/healthz").await, 200);
    let mut last = idle.pop().unwrap();
    last.write_all(PROBE.as_bytes()).await.unwrap();
    let mut answer = [0; 12];
    last.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 200");
    drop(idle);
    service.stop().await;
}

#[tokio::test]
async fn a_system_that_allows_few_files_is_told() {
    let site = Site::sqlite().limited("ulimit -n 400");
    let service = site.start().await;
    let said = service.log.line("the system allows fewer open files").await;
    assert!(said.contains("lowered_to=112"), "{said}");
    service.stop().await;
}

#[tokio::test]
async fn a_stop_is_announced_before_connections_are_refused() {
    let site = Site::sqlite().with("--shutdown-delay-seconds=3");
    let mut service = site.start().await;
    assert_eq!(probe(&service, "/readyz").await, 200);
    service.terminate();
    eventually("the announcement", async || match probe(&service, "/readyz").await {
        503 => Ok(()),
        other => Err(other.to_string()),
    })
    .await;
    // New connections are taken, and calls answered.
    let answer = Client::new(service.address).call("service/about", "", json!({})).await;
    assert_eq!(answer.outcome(), "200");
    assert_eq!(answer.header("connection"), Some("close"));
    assert!(service.ended().await.success());
}

#[tokio::test]
async fn a_stop_does_not_wait_for_heads() {
    let site = Site::sqlite();
    let mut service = site.start().await;
    let mut half = Raw::connect(service.address).await;
    half.send("POST /user/get HT").await;
    assert_eq!(probe(&service, "/healthz").await, 200);
    let begun = Instant::now();
    service.terminate();
    assert!(service.ended().await.success());
    // The requests under way would have had eleven seconds.
    assert!(begun.elapsed() < Duration::from_secs(9), "{:?}", begun.elapsed());
}

/// An address that is free.
fn free() -> std::net::SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

#[tokio::test]
async fn a_service_begins_when_its_table_can_be_reached() {
    let Some(endpoint) = dynamodb() else { return };
    let (listen, door) = (free(), free());
    let site = Site::dynamo(&endpoint).without("--listen").with(format!("--listen={listen}"));
    site.run(&["table", "create"]).await.ok();
    let site = site.without("--dynamodb-endpoint");
    let site = site.with(format!("--dynamodb-endpoint=http://{door}"));
    let mut running = site.begin(&["serve"]);
    running.stderr.line("the table cannot be reached").await;
    let client = Client::new(listen);
    let status = async |path: &str| client.send(Method::GET, path, &[], "").await.status;
    assert_eq!((status("/healthz").await, status("/readyz").await), (200, 503));
    assert_eq!(client.call("service/about", "", json!({})).await.outcome(), "503 unavailable");

    let listener = tokio::net::TcpListener::bind(door).await.unwrap();
    let dynamo = endpoint.strip_prefix("http://").unwrap().to_owned();
    tokio::spawn(async move {
        loop {
            let (mut near, _) = listener.accept().await.unwrap();
            let dynamo = dynamo.clone();
            tokio::spawn(async move {
                let mut far = TcpStream::connect(dynamo).await.unwrap();
                let _ended = tokio::io::copy_bidirectional(&mut near, &mut far).await;
            });
        }
    });
    eventually("the service", async || {
        let answer = client.call("service/about", "", json!({})).await;
        if answer.status == 200 { Ok(()) } else { Err(answer.outcome()) }
    })
    .await;
    running.terminate();
    assert!(running.ended().await.success());
}
