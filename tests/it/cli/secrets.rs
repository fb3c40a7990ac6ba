//! Exchanging the secret while tokens, cursors and invites of the old one are out.

use serde_json::json;

use crate::support::{
    engine::Engine,
    process::{Service, Site, secret},
    scene::PASSWORD,
};

/// What the old secret has signed.
struct Issued {
    token: String,
    cursor: String,
    invite: String,
}

async fn issue(site: &Site, service: &Service) -> Issued {
    let token = service.root(site).await;
    let bob = json!({"email": "bob@example.com", "sendInvite": true});
    let bob = service.call("user/create", &token, bob).await.ok();
    let page = service.call("user/find?limit=1", &token, json!({})).await.ok();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    Issued { token, cursor: text(&page["next"]), invite: text(&bob["invite"]) }
}

fn with_secrets(site: Site, current: u8, previous: &[u8]) -> Site {
    let site = site.without("--secret").without("--previous-secret");
    let site = site.with(format!("--secret={}", secret(current)));
    previous
        .iter()
        .fold(site, |site, byte| site.with(format!("--previous-secret={}", secret(*byte))))
}

/// What a stranger sends may have a password in it, so what stands for it in the table takes the secret.
#[tokio::test]
async fn a_strangers_call_is_known_again_by_the_secret_alone() {
    for engine in Engine::all() {
        let mut site = with_secrets(Site::on(engine).await.with("--registration=open"), 1, &[]);
        let body = json!({"email": "ada@example.com", "password": PASSWORD});
        let mut repeated = Vec::new();
        for (current, previous) in [(1, &[][..]), (1, &[]), (2, &[1])] {
            site = with_secrets(site, current, previous);
            let service = site.start().await;
            let answer = service.client.call_once("key", "identity/create", "", &body).await;
            answer.ok();
            repeated.push(answer.header("idempotency-replayed") == Some("true"));
            service.stop().await;
        }
        assert_eq!(repeated, [false, true, true]);
    }
}

#[tokio::test]
async fn what_the_old_secret_signed_goes_on_working() {
    for engine in Engine::all() {
        let site = with_secrets(Site::on(engine).await, 1, &[]);
        let service = site.start().await;
        let Issued { token, cursor, invite } = issue(&site, &service).await;
        service.stop().await;

        let site = with_secrets(site, 2, &[1]);
        let service = site.start().await;
        service.call("user/get", &token, json!({})).await.ok();
        let page = format!("user/find?limit=1&next={cursor}");
        let page = service.call(&page, &token, json!({})).await.ok();
        assert_eq!(page["data"][0]["email"], "bob@example.com");
        assert_eq!(page["data"][0]["invite"], invite.as_str());
        let offer = service.call("invite/check", "", json!({ "invite": invite })).await.ok();
        assert_eq!(offer["email"], "bob@example.com");
        let bob = site.token("bob@example.com").await;
        service.call("user/login", &bob, json!({ "invite": invite })).await.ok();
        service.stop().await;

        // Until the old one is left out.
        let site = with_secrets(site, 3, &[2]);
        let service = site.start().await;
        service.call("user/get", &bob, json!({})).await.ok();
        assert_eq!(
            service.call("user/get", &token, json!({})).await.outcome(),
            "401 unauthenticated"
        );
        let page = format!("user/find?limit=1&next={cursor}");
        let root = site.token("root@example.com").await;
        assert_eq!(service.call(&page, &root, json!({})).await.outcome(), "400 invalid_cursor");
        service.stop().await;
    }
}

#[tokio::test]
async fn a_table_is_not_used_with_another_secret() {
    for engine in Engine::all() {
        let site = with_secrets(Site::on(engine).await, 1, &[]);
        let service = site.start().await;
        let invite = issue(&site, &service).await.invite;
        service.stop().await;

        let site = with_secrets(site, 2, &[]);
        for command in [&["serve"][..], &["account", "find"], &["key", "find"]] {
            let said = site.run(command).await.failure();
            assert!(said.contains("the table is used with another secret"), "{command:?}: {said}");
            assert!(said.contains("guestlist table accept-secret"), "{said}");
        }
        let report = site.run(&["check"]).await.failed_check();
        assert!(
            report.contains("FAILED  table: the table is used with another secret"),
            "{report}"
        );

        // A node that is still to get the new one can start while the others have it.
        let site = with_secrets(site, 2, &[1]);
        site.start().await.stop().await;
        let site = with_secrets(site, 1, &[]);
        site.start().await.stop().await;
        // And the other way round: the old one need not be kept for ever.
        let site = with_secrets(site, 2, &[]);
        site.start().await.stop().await;

        let site = with_secrets(site, 3, &[]);
        let cost = site.run(&["table", "accept-secret"]).await.failure();
        assert!(cost.contains("Waiting emails that contain"), "{cost}");
        site.run(&["serve"]).await.failure();
        let done = site.run(&["table", "accept-secret", "--lost"]).await.ok();
        assert_eq!(done, "From now on, the table is used with this secret.\n");
        let again = site.run(&["table", "accept-secret", "--lost"]).await.ok();
        assert_eq!(again, "The table is already used with this secret.\n");
        let service = site.start().await;
        service.call("invite/check", "", json!({ "invite": invite })).await.ok();
        service.stop().await;
        // A secret that was given up may be known to others.
        let site = with_secrets(site, 1, &[]);
        site.run(&["serve"]).await.failure();
    }
}

#[tokio::test]
async fn a_secret_that_is_gone_is_not_made_anew() {
    let site = Site::sqlite();
    // The process that creates the table creates the secret.
    site.run(&["table", "create"]).await.ok();
    let file = site.path("data/secret");
    let kept = std::fs::read(&file).unwrap();
    site.start().await.stop().await;

    std::fs::remove_file(&file).unwrap();
    let token = ["token", "ada@example.com"];
    for command in [&["serve"][..], &["account", "find"], &["table", "create"], &token] {
        let said = site.run(command).await.failure();
        assert!(said.contains("but not its secret"), "{command:?}: {said}");
        assert!(!file.exists(), "{command:?}");
    }
    let report = site.run(&["check"]).await.failed_check();
    assert!(report.contains("FAILED  service: there is a table in "), "{report}");

    std::fs::write(&file, &kept).unwrap();
    site.start().await.stop().await;
    for damaged in ["", "too short\n"] {
        std::fs::write(&file, damaged).unwrap();
        let said = site.run(&["serve"]).await.failure();
        assert!(said.contains("restore it from the backup"), "{said}");
    }

    std::fs::remove_file(&file).unwrap();
    site.run(&["table", "accept-secret", "--lost"]).await.ok();
    assert_ne!(std::fs::read(&file).unwrap(), kept);
    site.start().await.stop().await;
}
