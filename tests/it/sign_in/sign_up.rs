//! Signing up: by a letter, by an invite, with the setup code.

use std::time::Duration;

use serde_json::json;

use super::{Signed, call, letters, registered, sign_in, signed_up, subjects};
use crate::support::{
    scene::PASSWORD,
    world::{on_each_engine, on_each_engine_with},
};

#[tokio::test]
async fn a_letter_proves_the_address_and_the_person_registers() {
    on_each_engine(async |world| {
        let body = json!({"email": "Ada@Example.com", "password": PASSWORD, "first": "Ada"});
        let reply = call(&world, "identity/create", body).await.ok();
        assert_eq!(reply, json!({"state": "pending"}));
        assert_eq!(
            sign_in(&world, "ada@example.com", PASSWORD).await.outcome(),
            "401 invalid_credentials"
        );

        let letter = letters(&world).await.remove(0);
        assert_eq!(letter.to, "ada@example.com");
        let wrong = json!({"code": letter.code(), "password": "another long password"});
        assert_eq!(
            call(&world, "identity/verify", wrong).await.outcome(),
            "401 invalid_credentials"
        );
        let right = json!({"code": letter.code(), "password": PASSWORD});
        let reply = call(&world, "identity/verify", right.clone()).await.ok();
        assert_eq!(reply["state"], "verified");
        // A code works once.
        assert_eq!(call(&world, "identity/verify", right).await.outcome(), "404 not_found");

        let token = Signed::from(&reply).access;
        assert_eq!(
            world.client.call("user/get", &token, json!({})).await.outcome(),
            "403 not_registered"
        );
        let reply = world.client.call("user/login", &token, json!({"register": true})).await.ok();
        assert_eq!(reply["user"]["first"], "Ada");
        assert_eq!(reply["user"]["role"], "admin");
        assert_eq!(sign_in(&world, "ADA@example.com", PASSWORD).await.outcome(), "200");
    })
    .await;
}

#[tokio::test]
async fn a_code_is_good_for_a_day() {
    on_each_engine(async |world| {
        let body = json!({"email": "ada@example.com", "password": PASSWORD});
        call(&world, "identity/create", body).await.ok();
        let code = letters(&world).await.remove(0).code();
        let verify = json!({"code": code, "password": PASSWORD});
        world.advance(Duration::from_hours(24));
        assert_eq!(call(&world, "identity/verify", verify).await.outcome(), "404 not_found");
    })
    .await;
}

#[tokio::test]
async fn whoever_signs_up_first_keeps_nobody_out() {
    on_each_engine(async |world| {
        // Somebody signs up with an address that is another's. Its owner does the same.
        let body = json!({"email": "ada@example.com", "password": "the stranger's own one"});
        call(&world, "identity/create", body).await.ok();
        let strange = letters(&world).await.remove(0).code();
        signed_up(&world, "ada@example.com").await;
        // Opening the stranger's link, too, does no harm.
        let verify = json!({"code": strange, "password": PASSWORD});
        assert_eq!(
            call(&world, "identity/verify", verify).await.outcome(),
            "401 invalid_credentials"
        );
        let verify = json!({"code": strange, "password": "the stranger's own one"});
        assert_eq!(
            call(&world, "identity/verify", verify).await.outcome(),
            "409 already_registered"
        );
        assert_eq!(sign_in(&world, "ada@example.com", PASSWORD).await.outcome(), "200");
    })
    .await;
}

#[tokio::test]
async fn nobody_learns_who_is_registered() {
    on_each_engine(async |world| {
        registered(&world, "ada@example.com").await;
        let body = |email: &str| json!({"email": email, "password": "some other password"});
        let known = call(&world, "identity/create", body("ada@example.com")).await;
        let unknown = call(&world, "identity/create", body("bob@example.com")).await;
        assert_eq!(known.ok(), unknown.ok());
        let known = subjects(&world, "ada@example.com").await;
        assert_eq!(known.len(), 2, "the owner hears of it: {known:?}");
        assert!(!letters(&world).await.iter().any(|it| it.to == "ada@example.com"
            && it.text.contains("#verify=")
            && it.subject == *known.last().unwrap()));

        let known = call(&world, "password/forgot", json!({"email": "ada@example.com"})).await;
        let unknown = call(&world, "password/forgot", json!({"email": "eve@example.com"})).await;
        assert_eq!((known.ok(), unknown.ok()), (json!({}), json!({})));
        assert_eq!(subjects(&world, "eve@example.com").await.len(), 0);

        let known = sign_in(&world, "ada@example.com", "some other password").await;
        let unknown = sign_in(&world, "eve@example.com", "some other password").await;
        assert_eq!(known.status, 401);
        assert_eq!(known.but_for_its_id(), unknown.but_for_its_id());
    })
    .await;
}

#[tokio::test]
async fn an_invite_and_a_password_in_one_step() {
    on_each_engine_with(&["--registration=invite"], async |world| {
        let root = world.root().await;
        let body = json!({"email": "bob@example.com", "sendInvite": true, "role": "admin"});
        let invite = world.call("user/create", &root, body).await.ok()["invite"].clone();

        let other = json!({"invite": invite, "email": "eve@example.com", "password": PASSWORD});
        assert_eq!(call(&world, "identity/create", other).await.outcome(), "403 invite_email");
        let common = json!({"invite": invite, "password": "bob@example.com"});
        assert_eq!(call(&world, "identity/create", common).await.faults(), "password:common");
        let body =
            json!({"invite": invite, "password": PASSWORD, "first": "Bob", "language": "de"});
        // The code that admins can copy proves nothing: a letter does, for every address.
        let reply = call(&world, "identity/create", body.clone()).await.ok();
        assert_eq!(reply, json!({"state": "pending"}));
        let code = letters(&world).await.pop().unwrap().code();
        let verify = json!({"code": code, "password": PASSWORD});
        let reply = call(&world, "identity/verify", verify).await.ok();
        assert_eq!(reply["state"], "verified");
        assert_eq!(reply["account"]["name"], "Home");
        let user = &reply["user"];
        assert_eq!((&user["state"], &user["role"]), (&json!("active"), &json!("admin")));
        assert_eq!((&user["first"], &user["language"]), (&json!("Bob"), &json!("de")));
        let token = Signed::from(&reply).access;
        let me = world.client.call("user/get", &token, json!({})).await.ok();
        assert_eq!(me["email"], "bob@example.com");
        assert_eq!(call(&world, "identity/create", body).await.outcome(), "409 invite_used");

        // Without an invite nobody gets in, known or not.
        for email in ["bob@example.com", "eve@example.com"] {
            let body = json!({"email": email, "password": PASSWORD});
            assert_eq!(call(&world, "identity/create", body).await.outcome(), "403 forbidden");
        }
    })
    .await;
}

#[tokio::test]
async fn the_set_up_code_makes_the_first_root_user() {
    on_each_engine(async |world| {
        let code = world.app.store.setup_code().await.unwrap().unwrap();
        let body = json!({"invite": code.reveal(), "password": PASSWORD});
        assert_eq!(call(&world, "identity/create", body).await.faults(), "email:required");
        let body = json!({
            "invite": code.reveal(), "email": "rosa@example.com", "password": PASSWORD,
            "first": "Rosa", "account": {"name": "Acme"},
        });
        let reply = call(&world, "identity/create", body).await.ok();
        assert_eq!(
            (&reply["user"]["role"], &reply["account"]["name"]),
            (&json!("root"), &json!("Acme"))
        );
        assert_eq!(sign_in(&world, "rosa@example.com", PASSWORD).await.outcome(), "200");
        assert!(world.app.store.setup_code().await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn who_never_comes_in_is_forgotten() {
    on_each_engine(async |world| {
        signed_up(&world, "eve@example.com").await;
        registered(&world, "ada@example.com").await;
        let outcome = async |email: &str| sign_in(&world, email, PASSWORD).await.outcome();
        world.advance(Duration::from_hours(24 * 30 - 1));
        assert_eq!(outcome("eve@example.com").await, "200");
        // From its last use it waits as long again.
        world.advance(Duration::from_hours(24 * 30 - 1));
        assert_eq!(outcome("eve@example.com").await, "200");
        world.advance(Duration::from_hours(24 * 30));
        assert_eq!(outcome("eve@example.com").await, "401 invalid_credentials");
        assert_eq!(outcome("ada@example.com").await, "200");
        // The address is free for another sign-up.
        signed_up(&world, "eve@example.com").await;
        assert_eq!(outcome("eve@example.com").await, "200");
    })
    .await;
}

#[tokio::test]
async fn an_expected_user_comes_in_by_signing_up() {
    on_each_engine(async |world| {
        let root = world.root().await;
        let body = json!({"email": "bob@example.com"});
        let user = world.call("user/create", &root, body).await.ok();
        let signed = signed_up(&world, "bob@example.com").await;
        // Where people may register, joining takes the person's consent.
        let refused = world.client.call("user/login", &signed.access, json!({})).await;
        assert_eq!(refused.outcome(), "403 not_registered");
        let join = json!({"accountId": root.account});
        let reply = world.client.call("user/login", &signed.access, join).await.ok();
        assert_eq!(
            (&reply["user"]["id"], &reply["user"]["state"]),
            (&user["id"], &json!("active"))
        );
    })
    .await;
}

#[tokio::test]
async fn what_is_asked_for_must_make_sense() {
    on_each_engine(async |world| {
        let check = async |body, faults: &str| {
            assert_eq!(call(&world, "identity/create", body).await.faults(), faults);
        };
        check(json!({}), "email:required password:required").await;
        check(json!({"email": "x", "password": "short"}), "email:email password:length").await;
        check(
            json!({"email": "a@b.c", "password": 7, "first": "x".repeat(192)}),
            "password:type first:length",
        )
        .await;
        check(json!({"email": "a@b.c", "password": "x".repeat(257)}), "password:length").await;
        check(json!({"email": "a@b.c", "password": "password1"}), "password:common").await;
        let account = json!({"email": "a@b.c", "password": PASSWORD, "account": {"name": "A"}});
        check(account, "account:unexpected").await;
        assert_eq!(letters(&world).await.len(), 0);
    })
    .await;
}
