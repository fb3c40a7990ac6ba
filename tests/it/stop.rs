//! How the service ends: asked to, it finishes what is under way; killed, it has lost nothing that it
//! acknowledged.

use std::{
    collections::BTreeSet,
    io::ErrorKind,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use futures_util::future::join_all;
use hyper::Method;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::Notify,
};

use crate::support::{
    engine::Engine,
    process::{PATIENCE, Service, Site, eventually},
};

#[tokio::test]
async fn a_request_under_way_is_finished() {
    for engine in Engine::all() {
        let site = Site::on(engine).await;
        let mut service = site.start().await;
        let root = service.root(&site).await;
        let body = json!({"email": "late@example.com"}).to_string();
        let (half, rest) = body.split_at(body.len() / 2);
        let mut connection = TcpStream::connect(service.address).await.unwrap();
        let head = format!(
            "POST /user/create HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {root}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{half}",
            body.len()
        );
        connection.write_all(head.as_bytes()).await.unwrap();
        // An answer to a later request says that the service has seen this one's head.
        service.call("user/get", &root, json!({})).await.ok();
        service.terminate();
        refuses_connections(&service).await;
        connection.write_all(rest.as_bytes()).await.unwrap();
        let mut answer = String::new();
        connection.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        assert!(answer.to_lowercase().contains("\r\nconnection: close\r\n"), "{answer}");
        assert!(service.ended().await.success());

        let service = site.start().await;
        let late = json!({"email": "late@example.com"});
        service.call("user/get", &root, late).await.ok();
    }
}

async fn refuses_connections(service: &Service) {
    eventually("a refused connection", async || match TcpStream::connect(service.address).await {
        Err(error) if error.kind() == ErrorKind::ConnectionRefused => Ok(()),
        other => Err(format!("{other:?}")),
    })
    .await;
}

#[tokio::test]
async fn it_ends_at_once_when_nothing_is_under_way() {
    let site = Site::sqlite();
    let idle = site.start().await;
    // A connection that is kept, but idle, is nothing under way.
    let ready = idle.client.send(Method::GET, "/readyz", &[], "").await;
    assert_eq!((ready.status, ready.json()), (200, json!({"status": "ok"})));
    assert!(!ready.headers.contains_key("connection"));
    idle.stop().await;
    for _ in 0..5 {
        // As early as it can be told to, since its address is out.
        site.start().await.stop().await;
    }
}

#[tokio::test]
async fn what_was_acknowledged_outlives_a_kill() {
    for engine in Engine::all() {
        for acknowledged in [1, 20, 75] {
            survives(engine, acknowledged).await;
        }
    }
}

/// Kills the service when so many of 200 concurrent creates have been acknowledged.
async fn survives(engine: Engine, enough: usize) {
    let site = Site::on(engine).await;
    let service = site.start().await;
    let root = service.root(&site).await;
    let reached = Arc::new((AtomicUsize::new(0), Notify::new()));
    let creates = (0..200).map(|number| {
        let (client, root) = (service.client.clone(), root.clone());
        let reached = Arc::clone(&reached);
        tokio::spawn(async move {
            let email = format!("user{number:03}@example.com");
            let body = json!({"email": email, "externalId": email, "sendInvite": true});
            let answer = client.try_call("user/create", &root, body).await?;
            let user = answer.ok();
            if reached.0.fetch_add(1, Ordering::SeqCst) + 1 == enough {
                reached.1.notify_one();
            }
            Some((user["id"].as_str().unwrap().to_owned(), email))
        })
    });
    let creates: Vec<_> = creates.collect();
    tokio::time::timeout(PATIENCE, reached.1.notified()).await.unwrap();
    service.kill().await;
    let done = join_all(creates).await.into_iter().filter_map(Result::unwrap);
    let acknowledged: BTreeSet<_> = done.collect();

    let service = site.start().await;
    let found = settled(&service, &root).await;
    println!("{engine:?}: {} acknowledged, {} there", acknowledged.len(), found.len());
    assert!(acknowledged.len() >= enough);
    let lost: Vec<_> = acknowledged.difference(&found).collect();
    assert!(lost.is_empty(), "{lost:?}");
    let looked_up = found.iter().map(async |(id, email)| {
        for selector in ["email", "externalId"] {
            let user = service.call("user/get", &root, json!({ selector: email })).await.ok();
            assert_eq!(user["id"], *id);
        }
    });
    join_all(looked_up).await;
    let missing = (0..200).map(|number| format!("user{number:03}@example.com"));
    let missing = missing.filter(|email| !found.iter().any(|(_, there)| there == email));
    for email in missing {
        // Nothing of a create that did not happen stands in the way of the next.
        let body = json!({"email": email, "externalId": email, "sendInvite": true});
        service.call("user/create", &root, body).await.ok();
    }
}

/// Everybody, as both indexes have it. DynamoDB still carries out what it had been sent before the
/// kill, so that the first look may come too early.
async fn settled(service: &Service, root: &str) -> BTreeSet<(String, String)> {
    eventually("the same in both indexes", async || {
        let before = everybody(service, root, "primary").await;
        let listed = everybody(service, root, "gs1").await;
        let after = everybody(service, root, "primary").await;
        let seen = format!("{before:?}, {listed:?}, {after:?}");
        if before == listed && listed == after { Ok(after) } else { Err(seen) }
    })
    .await
}

/// Id and email of everybody but the root user, page by page.
async fn everybody(service: &Service, root: &str, index: &str) -> BTreeSet<(String, String)> {
    let mut everybody = BTreeSet::new();
    let mut next = String::new();
    loop {
        let path = format!("user/find?limit=100&index={index}{next}");
        let page = service.call(&path, root, json!({})).await.ok();
        for user in page["data"].as_array().unwrap() {
            let text = |name: &str| user[name].as_str().unwrap().to_owned();
            assert!(everybody.insert((text("id"), text("email"))), "{user} twice");
        }
        let Some(cursor) = page.get("next").and_then(Value::as_str) else { break };
        next = format!("&next={cursor}");
    }
    everybody.retain(|(_, email)| email != "root@example.com");
    everybody
}
