//! What is counted and written down of sign-ins with providers, and how many there can be at once.

use std::{net::SocketAddr, time::Instant};

use futures_util::future::join_all;

use super::*;
use crate::support::{certificates::Certificates, http_proxy::HttpProxy, process::Site};

/// How often each outcome has come about, of those that have.
async fn counted(scene: &Scene) -> Vec<String> {
    let answer = scene.world.client.send(Method::GET, "/metrics", &[], "").await;
    let text = String::from_utf8(answer.body.to_vec()).unwrap();
    let beginning = "guestlist_provider_sign_ins_total{provider=\"acme\",outcome=\"";
    let lines = text.lines().filter_map(|line| line.strip_prefix(beginning));
    let mut lines: Vec<_> = lines.map(|line| line.replace("\"}", "")).collect();
    assert_eq!(lines.len(), 8, "all are there from the start: {text}");
    lines.retain(|line| !line.ends_with(" 0"));
    lines.sort();
    lines
}

#[tokio::test]
async fn each_outcome_is_counted_by_its_provider() {
    let scene = Scene::new(Engine::Sqlite, TRUSTED, &[]).await;
    assert!(counted(&scene).await.is_empty());
    let (_, ada) = registered(&scene.world, "ada@example.com").await;

    scene.come(verified("1", "bob@example.com")).await.ok();
    let mut unverified = verified("2", "eve@example.com");
    unverified["email_verified"] = json!(false);
    let trip = scene.trip(json!({}), unverified).await;
    let link = scene.finish(&trip).await.ok()["link"].clone();
    let code = json!({"emailCode": digits(&scene.last_letter().await)});
    scene.show(&trip, &link, json!({"emailCode": "00000000"})).await;
    scene.show(&trip, &link, code).await.ok();
    assert_eq!(scene.come(verified("3", "ada@example.com")).await.outcome(), "401 link_required");
    scene.link(&ada.access, verified("4", "ada@acme.example")).await.ok();
    let taken = scene.link(&ada.access, verified("1", "bob@example.com")).await;
    assert_eq!(taken.outcome(), "409 provider_taken");
    assert_eq!(scene.come(json!({"sub": "5"})).await.outcome(), "403 email_required");
    let trip = scene.trip(json!({}), verified("6", "fay@example.com")).await;
    let mut no = trip.body();
    no.as_object_mut().unwrap().remove("code");
    no["error"] = json!("access_denied");
    call(&scene.world, "provider/finish", no).await;
    scene.provider.change(|it| it.claims = json!({"nonce": "another"}));
    scene.come(verified("7", "gus@example.com")).await;
    let broken = (hyper::StatusCode::BAD_GATEWAY, json!({}));
    scene.provider.change(|it| it.token_reply = Some(broken));
    scene.come(verified("8", "hal@example.com")).await;
    // What belongs to no provider is counted for none.
    call(&scene.world, "provider/finish", trip.body()).await;
    call(&scene.world, "provider/begin", json!({"provider": "other"})).await;
    let expected = [
        "denied 1",
        "linked 1",
        "more_asked 1",
        "pending 1",
        "refused 1",
        "rejected 2",
        "signed_in 2",
        "unavailable 1",
    ];
    assert_eq!(counted(&scene).await, expected);
}

#[tokio::test]
async fn what_is_linked_and_taken_off_stands_in_the_persons_own_trail() {
    Scene::on_each_engine(TRUSTED, &[], async |scene| {
        let (person, ada) = registered(&scene.world, "ada@example.com").await;
        scene.link(&ada.access, verified("1", "ada@acme.example")).await.ok();
        scene.world.advance(Duration::from_millis(1));
        let remove = json!({"issuer": scene.provider.issuer(), "subject": "1"});
        scene.world.client.call("provider/remove", &ada.access, remove).await.ok();
        scene.world.advance(Duration::from_millis(1));
        let trip = scene.trip(json!({}), verified("2", "ada@example.com")).await;
        let link = problem(&scene.finish(&trip).await)["link"].clone();
        scene.show(&trip, &link, json!({"currentPassword": PASSWORD})).await.ok();
        let export = scene.world.call("user/export", &person, json!({})).await.ok();
        let own = export["signIn"]["audit"].as_array().unwrap();
        let about = |entry: &&Value| entry["changed"] == json!(["providers"]);
        let mut done: Vec<_> = own.iter().filter(about).collect();
        done.sort_by_key(|entry| entry["at"].as_str().map(str::to_owned));
        let actions: Vec<_> = done.iter().map(|entry| entry["action"].clone()).collect();
        assert_eq!(actions, ["provider/finishLink", "provider/remove", "provider/link"], "{own:?}");
        assert!(done.iter().all(|entry| entry["actor"] == "person"), "{done:?}");
        // What its people sign in with is nothing that the account gets to know.
        let trail = scene.world.call("audit/find", &person, json!({})).await.ok().to_string();
        assert!(!trail.contains("provider"), "{trail}");
    })
    .await;
}

#[tokio::test]
async fn nobody_links_and_unlinks_all_day() {
    Scene::on_each_engine(TRUSTED, &[], async |scene| {
        let (_, ada) = registered(&scene.world, "ada@example.com").await;
        let remove = json!({"issuer": scene.provider.issuer(), "subject": "1"});
        for _ in 0..5 {
            scene.link(&ada.access, verified("1", "ada@acme.example")).await.ok();
            scene.world.client.call("provider/remove", &ada.access, remove.clone()).await.ok();
        }
        // One is allowed beyond those that are free: it begins the pause.
        scene.link(&ada.access, verified("1", "ada@acme.example")).await.ok();
        let told = letters(&scene.world).await.len();
        let limited = scene.world.client.call("provider/remove", &ada.access, remove).await;
        assert_eq!(limited.outcome(), "429 too_many_requests");
        let limited = scene.link(&ada.access, verified("2", "ada@acme.example")).await;
        assert_eq!(limited.outcome(), "429 too_many_requests");
        assert_eq!(letters(&scene.world).await.len(), told);
        // It keeps nobody from signing in.
        scene.come(verified("1", "ada@acme.example")).await.ok();
        assert_eq!(sign_in(&scene.world, "ada@example.com", PASSWORD).await.outcome(), "200");
    })
    .await;
}

#[tokio::test]
async fn sixteen_are_finished_at_once_and_none_for_long() {
    let scene = Scene::new(Engine::Sqlite, TRUSTED, &[]).await;
    let mut trips = Vec::new();
    for number in 0..17 {
        let who = format!("u{number}");
        let claims = verified(&who, &format!("{who}@example.com"));
        trips.push(scene.trip(json!({}), claims).await);
    }
    scene.provider.change(|it| it.silent = true);
    let begun = Instant::now();
    let finished = join_all(trips.iter().map(async |trip| {
        let outcome = scene.finish(trip).await.outcome();
        (begun.elapsed().as_secs(), outcome)
    }));
    let finished = finished.await;
    assert!(finished.iter().all(|(_, outcome)| outcome == "503 provider_unavailable"));
    // A call is given five seconds.
    let early = |(seconds, _): &&(u64, String)| *seconds < 5;
    assert_eq!(finished.iter().filter(early).count(), 1, "one has no turn: {finished:?}");
    let asked = scene.provider.requests();
    assert_eq!(asked.iter().filter(|it| it.contains("/token")).count(), 16);
    // A person who got no turn has lost nothing.
    scene.provider.change(|it| it.silent = false);
    let left = finished.iter().position(|one| early(&one)).unwrap();
    scene.finish(&trips[left]).await.ok();
}

#[tokio::test]
async fn all_that_is_asked_of_a_provider_goes_through_the_proxy() {
    let certificates = Certificates::new();
    let clock = Clock::System;
    let acceptor = certificates.acceptor();
    let (provider, address) = Provider::start_secure("https://issuer.test", acceptor, &clock).await;
    let proxy = HttpProxy::start(address).await;
    let service = |address: SocketAddr| {
        Site::sqlite()
            .with(provider.flag("acme", TRUSTED))
            .with("--registration=open")
            .variable("SSL_CERT_FILE", certificates.path("ca.pem"))
            .variable("HTTPS_PROXY", format!("http://{address}"))
    };
    let site = service(proxy.address);
    let running = site.start().await;
    let acme = json!({"provider": "acme"});
    let begun = running.call("provider/begin", "", acme.clone()).await.ok();
    let url = begun["url"].as_str().unwrap();
    let back = provider.consent(url, verified("1", "ada@example.com"));
    let trip = Trip { back, key: begun["key"].clone() };
    let reply = running.call("provider/finish", "", trip.body()).await.ok();
    assert_eq!(reply["state"], "verified");
    let asked = provider.requests();
    let expected = ["GET /.well-known/openid-configuration", "POST /token", "GET /keys"];
    assert_eq!(asked, expected);
    let heads = proxy.asked();
    assert_eq!(heads.len(), asked.len());
    assert!(heads.iter().all(|it| it.starts_with("CONNECT issuer.test:443 HTTP/1.1\r\n")));
    running.stop().await;

    // Where the proxy is not there nothing goes past it.
    let site = service(([127, 0, 0, 1], 1).into());
    let running = site.start().await;
    let begun = running.call("provider/begin", "", acme).await;
    assert_eq!(begun.outcome(), "503 provider_unavailable");
    assert_eq!(provider.requests().len(), asked.len());
    running.stop().await;
}
