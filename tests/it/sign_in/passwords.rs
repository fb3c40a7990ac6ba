//! Passwords: forgotten ones, changed ones, those that an admin sets, and those from elsewhere.

use std::time::Duration;

use futures_util::future::join_all;

use serde_json::{Value, json};

use super::{Signed, call, letters, registered, sign_in, signed_in, signed_up, subjects};
use crate::support::{
    scene::PASSWORD,
    world::{Person, World, on_each_engine},
};

const NEW: &str = "a rather different passphrase";

async fn reset_code(world: &World, email: &str) -> String {
    call(world, "password/forgot", json!({"email": email})).await.ok();
    let letters = letters(world).await;
    let letter = letters.iter().rev().find(|it| it.to == email && it.text.contains("#reset="));
    letter.unwrap().code()
}

async fn get(world: &World, signed: &Signed) -> String {
    world.client.call("user/get", &signed.access, json!({})).await.outcome()
}

#[tokio::test]
async fn a_forgotten_password_is_set_anew_by_letter() {
    on_each_engine(async |world| {
        let (_, signed) = registered(&world, "ada@example.com").await;
        let first = reset_code(&world, "ada@example.com").await;
        let second = reset_code(&world, "ada@example.com").await;
        let reset = |code: &str, new: &str| json!({"code": code, "newPassword": new});
        let short = call(&world, "password/reset", reset(&second, "short")).await;
        assert_eq!(short.faults(), "newPassword:length");
        let common = call(&world, "password/reset", reset(&second, "ada@example.com")).await;
        assert_eq!(common.faults(), "newPassword:common");
        let reply = call(&world, "password/reset", reset(&second, NEW)).await.ok();
        assert_eq!(reply, json!({"email": "ada@example.com"}));
        // Neither that code nor an older one works again.
        for code in [&second, &first] {
            let again = call(&world, "password/reset", reset(code, PASSWORD)).await;
            assert_eq!(again.outcome(), "404 not_found");
        }
        assert_eq!(get(&world, &signed).await, "401 unauthenticated", "the sessions have ended");
        let old = sign_in(&world, "ada@example.com", PASSWORD).await;
        assert_eq!(old.outcome(), "401 invalid_credentials");
        assert_eq!(sign_in(&world, "ada@example.com", NEW).await.outcome(), "200");
        let subjects = subjects(&world, "ada@example.com").await;
        assert!(subjects.iter().any(|it| it.contains("changed")), "{subjects:?}");
    })
    .await;
}

#[tokio::test]
async fn a_reset_code_is_good_for_an_hour() {
    on_each_engine(async |world| {
        registered(&world, "ada@example.com").await;
        let code = reset_code(&world, "ada@example.com").await;
        world.advance(Duration::from_hours(1));
        let body = json!({"code": code, "newPassword": NEW});
        assert_eq!(call(&world, "password/reset", body).await.outcome(), "404 not_found");
    })
    .await;
}

#[tokio::test]
async fn whose_a_code_is_can_be_asked_before_a_password_is_typed() {
    on_each_engine(async |world| {
        registered(&world, "ada@example.com").await;
        let code = reset_code(&world, "ada@example.com").await;
        let check = async |code: &str| call(&world, "password/check", json!({"code": code})).await;
        let expected = json!({"email": "ada@example.com", "expires": "2027-01-15T09:00:00.000Z"});
        assert_eq!(check(&code).await.ok(), expected);
        assert_eq!(check(&code).await.ok(), expected, "it is as good as before");
        assert_eq!(check(&"A".repeat(24)).await.outcome(), "404 not_found");
        // Another password takes away what the code was for; so does time.
        let later = reset_code(&world, "ada@example.com").await;
        let body = json!({"code": code, "newPassword": NEW});
        call(&world, "password/reset", body).await.ok();
        for code in [&code, &later] {
            assert_eq!(check(code).await.outcome(), "404 not_found");
        }
        let code = reset_code(&world, "ada@example.com").await;
        world.advance(Duration::from_hours(1));
        assert_eq!(check(&code).await.outcome(), "404 not_found");
        // A person who guesses is counted as by password/reset.
        while check(&"B".repeat(24)).await.outcome() == "404 not_found" {}
        assert_eq!(check(&"B".repeat(24)).await.outcome(), "429 too_many_requests");
        let body = json!({"code": "B".repeat(24), "newPassword": NEW});
        let outcome = call(&world, "password/reset", body).await.outcome();
        assert_eq!(outcome, "429 too_many_requests");
    })
    .await;
}

#[tokio::test]
async fn a_user_without_an_identity_gets_a_password_by_letter() {
    on_each_engine(async |world| {
        let root = world.root().await;
        let body = json!({"email": "bob@example.com", "sendInvite": true});
        let invite = world.call("user/create", &root, body).await.ok()["invite"].clone();
        let code = reset_code(&world, "bob@example.com").await;
        let body = json!({"code": code, "newPassword": PASSWORD});
        call(&world, "password/reset", body).await.ok();
        // That joins nothing: to say so is up to the person.
        let signed = signed_in(&world, "bob@example.com").await;
        let outcome = world.client.call("user/get", &signed.access, json!({})).await.outcome();
        assert_eq!(outcome, "403 not_registered");
        call(&world, "invite/check", json!({"invite": invite})).await.ok();
        let body = json!({"accountId": root.account});
        world.client.call("user/login", &signed.access, body).await.ok();
        let me = world.client.call("user/get", &signed.access, json!({})).await.ok();
        assert_eq!((&me["state"], &me["invite"]), (&json!("active"), &json!(null)));
        let body = json!({"invite": invite});
        assert_eq!(call(&world, "invite/check", body).await.outcome(), "404 not_found");
        // A person who uses an outside token has no password here.
        call(&world, "password/forgot", json!({"email": "root@example.com"})).await.ok();
        assert_eq!(subjects(&world, "root@example.com").await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn changing_ones_own_takes_the_current_one_and_ends_the_other_sessions() {
    on_each_engine(async |world| {
        let (ada, here) = registered(&world, "ada@example.com").await;
        let there = signed_in(&world, "ada@example.com").await;
        let change = async |body| world.call("user/changePassword", &ada, body).await;
        assert_eq!(change(json!({"newPassword": NEW})).await.faults(), "currentPassword:required");
        let wrong = json!({"currentPassword": NEW, "newPassword": NEW});
        assert_eq!(change(wrong).await.faults(), "currentPassword:wrong");
        let common = json!({"currentPassword": PASSWORD, "newPassword": "lovelace1"});
        assert_eq!(change(common).await.faults(), "newPassword:common");
        let stale = json!({"currentPassword": PASSWORD, "newPassword": NEW, "version": 99});
        assert_eq!(change(stale).await.outcome(), "409 version_mismatch");
        let right = json!({"currentPassword": PASSWORD, "newPassword": NEW});
        assert_eq!(change(right).await.ok()["id"], ada.id);
        assert_eq!(get(&world, &here).await, "200");
        assert_eq!(get(&world, &there).await, "401 unauthenticated");
        let body = json!({"refreshToken": here.refresh});
        assert_eq!(call(&world, "session/refresh", body).await.outcome(), "200");
        let body = json!({"refreshToken": there.refresh});
        assert_eq!(call(&world, "session/refresh", body).await.outcome(), "401 unauthenticated");
        assert_eq!(sign_in(&world, "ada@example.com", NEW).await.outcome(), "200");
        assert_eq!(subjects(&world, "ada@example.com").await.len(), 2, "the letter of the change");
    })
    .await;
}

#[tokio::test]
async fn an_admin_sets_a_password() {
    on_each_engine(async |world| {
        let (ada, _) = registered(&world, "ada@example.com").await;
        let body = json!({"email": "bob@example.com", "sendInvite": true});
        let bob = world.call("user/create", &ada, body).await.ok()["id"].clone();
        let set = json!({"id": bob, "newPassword": PASSWORD});
        let user = world.call("user/changePassword", &ada, set).await.ok();
        assert_eq!((&user["state"], &user["invite"]), (&json!("active"), &json!(null)));
        let signed = signed_in(&world, "bob@example.com").await;
        let set = json!({"id": bob, "newPassword": NEW});
        world.call("user/changePassword", &ada, set.clone()).await.ok();
        assert_eq!(get(&world, &signed).await, "401 unauthenticated");
        // A user may not, nor may an admin set that of somebody of a higher role.
        let own = sign_in(&world, "bob@example.com", NEW).await.ok();
        let token = Signed::from(&own).access;
        let body = json!({"id": ada.id, "newPassword": NEW});
        let answer = world.client.call("user/changePassword", &token, body).await;
        assert_eq!(answer.outcome(), "403 forbidden_field");
        let root = world.root().await;
        let body = json!({"id": root.id, "newPassword": NEW});
        let answer = world.call("user/changePassword", &ada, body).await;
        assert_eq!(answer.outcome(), "404 not_found");
        // The operator signs in elsewhere.
        let body = json!({"newPassword": NEW});
        let answer = world.call("user/changePassword", &root, body).await;
        assert_eq!(answer.outcome(), "409 no_password");
    })
    .await;
}

#[tokio::test]
async fn a_user_is_made_with_a_password() {
    on_each_engine(async |world| {
        let (ada, _) = registered(&world, "ada@example.com").await;
        let create = async |body| world.call("user/create", &ada, body).await;
        let both = json!({"email": "bob@example.com", "password": PASSWORD, "sendInvite": true});
        assert_eq!(create(both).await.faults(), "sendInvite:unexpected");
        let hash = json!({"email": "bob@example.com", "passwordHash": "x"});
        assert_eq!(create(hash).await.outcome(), "403 forbidden_field");
        let common = json!({"email": "bob@example.com", "password": "Bob@Example.com"});
        assert_eq!(create(common).await.faults(), "password:common");
        let right = json!({"email": "bob@example.com", "password": PASSWORD});
        assert_eq!(create(right).await.ok()["state"], "active");
        signed_in(&world, "bob@example.com").await;
        // Somebody who has signed up keeps the password that they have chosen.
        signed_up(&world, "eve@example.com").await;
        let body = json!({"email": "eve@example.com", "password": NEW});
        assert_eq!(create(body).await.outcome(), "403 own_sign_in");
        assert_eq!(sign_in(&world, "eve@example.com", PASSWORD).await.outcome(), "200");
    })
    .await;
}

#[tokio::test]
async fn hashes_from_elsewhere_are_accepted_and_made_stronger() {
    // bcrypt of "correct horse battery staple", cost 4, made by Python's bcrypt.
    const BCRYPT: &str = "$2b$04$ch6HpDqs0c8JfcY5pTw52eO24cqIihSiorFUakHRGWoqM9xSJYks2";
    on_each_engine(async |world| {
        let root = world.root().await;
        let create = async |email: &str, hash: &str| {
            let body = json!({"email": email, "passwordHash": hash});
            world.call("user/create", &root, body).await
        };
        assert_eq!(create("bob@example.com", "secret").await.faults(), "passwordHash:format");
        create("bob@example.com", BCRYPT).await.ok();
        let wrong = sign_in(&world, "bob@example.com", NEW).await;
        assert_eq!(wrong.outcome(), "401 invalid_credentials");
        signed_in(&world, "bob@example.com").await;
        signed_in(&world, "bob@example.com").await;
    })
    .await;
}

#[tokio::test]
async fn a_user_is_made_suspended_and_let_in_later() {
    const BCRYPT: &str = "$2b$04$ch6HpDqs0c8JfcY5pTw52eO24cqIihSiorFUakHRGWoqM9xSJYks2";
    on_each_engine(async |world| {
        let root = world.root().await;
        let (admin, _) = registered(&world, "ada@example.com").await;
        let create = async |body| world.call("user/create", &root, body).await;
        let bob = json!({"email": "bob@example.com", "state": "suspended"});
        // So does an admin, also with a password; a user makes nobody.
        let ida = json!({"email": "ida@example.com", "password": PASSWORD, "state": "suspended"});
        let ida = world.call("user/create", &admin, ida).await.ok();
        assert_eq!(ida["state"], "suspended");
        // The sign-in is the person's; what it opens is the account's.
        let held = signed_in(&world, "ida@example.com").await;
        assert_eq!(get(&world, &held).await, "403 suspended");
        let active = json!({"id": ida["id"], "state": "active"});
        world.call("user/update", &admin, active).await.ok();
        let ida = Person { token: signed_in(&world, "ida@example.com").await.access, ..admin.clone() };
        let refused = world.call("user/create", &ida, bob.clone()).await;
        assert_eq!(refused.outcome(), "403 forbidden");
        for (fields, faults) in [
            (json!({"state": "active"}), "state:unexpected"),
            (json!({"state": "invited"}), "state:in"),
            (json!({"state": "suspended", "sendInvite": true}), "sendInvite:unexpected"),
        ] {
            let mut body = json!({"email": "bob@example.com"});
            body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
            assert_eq!(create(body).await.faults(), faults);
        }

        // Somebody who has yet to come in is invited once the suspension is over.
        let bob = create(bob).await.ok();
        assert_eq!(bob["state"], "suspended");
        let token = world.token("bob@example.com", true);
        let join = json!({"accountId": root.account});
        let login = async || world.client.call("user/login", &token, join.clone()).await;
        assert_eq!(login().await.outcome(), "403 not_registered");
        call(&world, "password/forgot", json!({"email": "bob@example.com"})).await.ok();
        assert!(letters(&world).await.iter().all(|letter| letter.to != "bob@example.com"));
        let open = async |id: &Value| {
            let body = json!({"id": id, "state": "active"});
            world.call("user/update", &root, body).await.ok()["state"].clone()
        };
        assert_eq!(open(&bob["id"]).await, "invited");
        assert_eq!(login().await.ok()["user"]["state"], "active");

        let hash = |email: &str, state: &str| {
            json!({"email": email, "passwordHash": BCRYPT, "state": state})
        };
        let eve = create(hash("eve@example.com", "suspended")).await.ok();
        assert_eq!(eve["state"], "suspended");
        let held = signed_in(&world, "eve@example.com").await;
        assert_eq!(get(&world, &held).await, "403 suspended");
        assert_eq!(open(&eve["id"]).await, "active");
        assert_eq!(get(&world, &held).await, "200");

        let zoe = create(hash("zoe@example.com", "active")).await.ok();
        assert_eq!(zoe["state"], "active");
        world.call("user/remove", &root, json!({"id": zoe["id"]})).await.ok();
        let body = json!({"email": "zoe@example.com", "state": "suspended"});
        let zoe = world.call("user/createOrRestore", &root, body).await.ok();
        assert_eq!(zoe["state"], "suspended");
    })
    .await;
}

#[tokio::test]
async fn sessions_that_begin_while_the_password_changes_end_with_it() {
    on_each_engine(async |world| {
        let (ada, _) = registered(&world, "ada@example.com").await;
        let change = json!({"currentPassword": PASSWORD, "newPassword": NEW});
        let changing = world.call("user/changePassword", &ada, change);
        let signing = join_all((0..5).map(|_| sign_in(&world, "ada@example.com", PASSWORD)));
        let (changed, signed) = tokio::join!(changing, signing);
        changed.ok();
        for answer in signed.iter().filter(|answer| answer.status == 200) {
            let signed = Signed::from(&answer.json());
            assert_eq!(get(&world, &signed).await, "401 unauthenticated");
            let body = json!({"refreshToken": signed.refresh});
            let refreshed = call(&world, "session/refresh", body).await;
            assert_eq!(refreshed.outcome(), "401 unauthenticated");
        }
        assert_eq!(
            get(&world, &Signed::from(&sign_in(&world, "ada@example.com", NEW).await.ok())).await,
            "200"
        );
    })
    .await;
}
