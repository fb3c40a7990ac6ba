//! The first run: the setup code, and the secret that is made.

use std::{os::unix::fs::PermissionsExt, time::Instant};

use serde_json::json;

use crate::support::{
    engine::Engine,
    process::{Site, secret},
};

#[tokio::test]
async fn the_setup_code_works_once_and_is_printed_until_then() {
    for engine in Engine::all() {
        let site = Site::on(engine).await;
        let service = site.start().await;
        let code = service.until_setup_code().await;
        service.stop().await;

        let service = site.start().await;
        assert_eq!(service.until_setup_code().await, code);
        service.root(&site).await;
        let ann = site.token("ann@example.com").await;
        let answer = service.call("user/login", &ann, json!({ "invite": code })).await;
        assert_eq!(answer.outcome(), "409 invite_used");
        service.stop().await;

        let service = site.start().await;
        let answer = service.call("user/login", &ann, json!({ "invite": code })).await;
        assert_eq!(answer.outcome(), "409 invite_used");
        service.terminate();
        assert_eq!(service.stdout.end().await.lines().count(), 1);
        assert_eq!(service.setup_code(), None);
    }
}

/// Also after the secret has changed, which the setup code is derived from.
#[tokio::test]
async fn another_secret_is_no_second_setup() {
    let site = Site::sqlite().with(format!("--secret={}", secret(1)));
    let service = site.start().await;
    service.root(&site).await;
    service.stop().await;
    let site = site.without("--secret").with(format!("--secret={}", secret(2)));
    site.run(&["table", "accept-secret", "--lost"]).await.ok();
    let service = site.start().await;
    service.terminate();
    assert_eq!(service.stdout.end().await.lines().count(), 1);
}

/// Nor does the code of an unused earlier secret open what has been set up since.
#[tokio::test]
async fn an_older_setup_code_ends_with_the_setup() {
    let site = Site::sqlite().with(format!("--secret={}", secret(1)));
    let service = site.start().await;
    let older = service.until_setup_code().await;
    service.stop().await;
    let site = site.without("--secret").with(format!("--secret={}", secret(2)));
    let site = site.with(format!("--previous-secret={}", secret(1)));
    let service = site.start().await;
    service.root(&site).await;
    let mallory = site.token("mallory@example.com").await;
    let answer = service.call("user/login", &mallory, json!({ "invite": older })).await;
    assert_eq!(answer.outcome(), "409 invite_used", "it is the same until the set-up");
}

#[tokio::test]
async fn the_secret_is_kept_for_its_owner_alone() {
    let site = Site::sqlite();
    let service = site.start().await;
    let root = service.root(&site).await;
    let mode = |name| site.path(name).metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("data"), mode("data/secret")), (0o700, 0o600));
    let kept = std::fs::read_to_string(site.path("data/secret")).unwrap();
    service.stop().await;

    let begun = Instant::now();
    let service = site.start().await;
    println!("started on existing data in {} ms", begun.elapsed().as_millis());
    assert_eq!(std::fs::read_to_string(site.path("data/secret")).unwrap(), kept);
    service.call("user/get", &root, json!({})).await.ok();
}

/// Two that begin at the same moment agree on one secret.
#[tokio::test]
async fn a_race_for_the_secret_has_one_winner() {
    let site = Site::sqlite().with("--registration=open");
    let tokens = (0..6).map(|_| site.token("ann@example.com"));
    let tokens = futures_util::future::join_all(tokens).await;
    let service = site.start().await;
    for token in tokens {
        service.call("user/login", &token, json!({"register": true})).await.ok();
    }
    let files = std::fs::read_dir(site.path("data")).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    let drafts: Vec<_> = names.filter(|name| name.contains("tmp")).collect();
    assert_eq!(drafts, Vec::<String>::new());
}
