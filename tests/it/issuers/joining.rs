//! What people are told whose token does not prove an email.

use serde_json::{Value, json};

use crate::support::{
    issuers::{issuer, outside},
    world::{World, on_each_engine_with},
};

async fn refused(world: &World, token: &str, body: Value) -> (String, String) {
    let answer = world.client.call("user/login", token, body).await;
    assert_eq!(answer.status, 403);
    let text = |name: &str| answer.json()[name].as_str().unwrap().to_owned();
    (text("code"), text("detail"))
}

#[tokio::test]
async fn a_token_without_an_email_is_told_so() {
    let flags = [issuer("trusted", true), issuer("other", false)];
    on_each_engine_with(&flags.each_ref().map(String::as_str), async |world| {
        let admin = world.admin("admin@example.com").await;
        let body = json!({"email": "ada@example.com", "sendInvite": true});
        let invite = world.call("user/create", &admin, body).await.ok()["invite"].clone();
        let by_invite = json!({"invite": invite});
        for login in [&by_invite, &json!({"register": true})] {
            let nothing = outside("trusted", "1", "", true);
            let (code, why) = refused(&world, &nothing, login.clone()).await;
            assert_eq!(code, "email_unverified");
            assert!(why.starts_with("Your token contains no email"), "{why}");
            let unverified = outside("trusted", "1", "ada@example.com", false);
            let (code, why) = refused(&world, &unverified, login.clone()).await;
            assert_eq!(code, "email_unverified");
            assert!(why.contains("verify it with your issuer"), "{why}");
            let untrusted = outside("other", "1", "ada@example.com", true);
            let (code, why) = refused(&world, &untrusted, login.clone()).await;
            assert_eq!(code, "email_unverified");
            assert!(why.contains("(trust_email)"), "{why}");
        }
        let other = outside("trusted", "1", "eve@example.com", true);
        assert_eq!(refused(&world, &other, by_invite.clone()).await.0, "invite_email");
        let right = outside("trusted", "1", "ada@example.com", true);
        world.client.call("user/login", &right, by_invite).await.ok();
    })
    .await;
}

/// One limit: what the head of a request may have.
#[tokio::test]
async fn a_token_may_be_long_where_heads_may_be() {
    let flag = issuer("trusted", true);
    let long = outside("trusted", &"a".repeat(20_000), "ada@example.com", true);
    let world =
        World::new(crate::support::engine::Engine::Sqlite, &[&flag, "--max-head-bytes=65536"])
            .await;
    let answer = world.client.call("user/login", &long, json!({"register": true})).await;
    // Nothing is wrong with it but the subject.
    assert_eq!(answer.status, 401);
    let why = answer.json()["detail"].as_str().unwrap().to_owned();
    assert!(why.contains("subject of the token must have"), "{why}");
}
