//! The first proof of an address: what others have made for it without one does not outlast that.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{latest_code, made, nowhere, own, signed_up, signs_in, token_in};
use crate::support::{
    client::Answer,
    scene::PASSWORD,
    smtp::{Received, letters_in},
    tokens::said_by,
    world::{Person, World, on_each_engine},
};

const BOB: &str = "bob@example.com";
const NEW: &str = "a rather different passphrase";

/// What an admin of a managed account has of a sign-in that it has made, before the person hears of it.
struct Trojan {
    user: String,
    access: String,
    refresh: String,
    reset: String,
    subject: Value,
}

/// Mallory makes Bob an admin with a password, signs in as him, and turns a second factor on.
async fn trojan(world: &World, mallory: &Person, role: &str) -> Trojan {
    let body = json!({"email": BOB, "password": PASSWORD, "role": role});
    let user = made(world, mallory, body).await;
    let reply = signs_in(world, BOB, PASSWORD).await.ok();
    let text = |name: &str| reply[name].as_str().unwrap().to_owned();
    let (access, refresh) = (text("accessToken"), text("refreshToken"));
    forgot(world).await;
    let reset = latest_code(world).await;
    let subject = said_by(&access)["sub"].clone();
    Trojan { user, access, refresh, reset, subject }
}

/// Turns a second factor on in somebody's name.
async fn enrols(world: &World, access: &str) {
    let body = json!({"currentPassword": PASSWORD});
    let reply = world.client.call("totp/enroll", access, body).await.ok();
    let secret = crate::sign_in::totp::secret(reply["secret"].as_str().unwrap());
    let code = secret.code(world.clock.now()).reveal().to_owned();
    world.client.call("totp/confirm", access, json!({"code": code})).await.ok();
}

async fn forgot(world: &World) {
    world.advance(Duration::from_millis(1));
    world.client.call("password/forgot", "", json!({"email": BOB})).await.ok();
}

async fn resets(world: &World, code: &str, password: &str) -> Answer {
    world.advance(Duration::from_millis(1));
    let body = json!({"code": code, "newPassword": password});
    world.client.call("password/reset", "", body).await
}

/// Bob signs up by himself; the code in his letter.
async fn begins(world: &World) -> String {
    world.advance(Duration::from_millis(1));
    let body = json!({"email": BOB, "password": NEW});
    let reply = world.client.call("identity/create", "", body).await.ok();
    assert_eq!(reply, json!({"state": "pending"}));
    latest_code(world).await
}

async fn verifies(world: &World, code: &str) -> Answer {
    world.advance(Duration::from_millis(1));
    world.client.call("identity/verify", "", json!({"code": code, "password": NEW})).await
}

async fn latest_letter(world: &World) -> Received {
    while world.courier.round().await.unwrap() > 0 {}
    letters_in(world.mail.path()).pop().unwrap()
}

/// Nothing of what the admin has had is good any more.
async fn is_shut_out(world: &World, trojan: &Trojan) {
    for name in ["user/get", "account/mine", "session/find"] {
        let refused = world.client.call(name, &trojan.access, json!({})).await;
        assert!(matches!(refused.status, 401 | 403), "{name}: {}", refused.outcome());
    }
    let refresh = json!({"refreshToken": trojan.refresh});
    let refused = world.client.call("session/refresh", "", refresh).await;
    assert_eq!(refused.outcome(), "401 unauthenticated");
    assert_eq!(signs_in(world, BOB, PASSWORD).await.outcome(), "401 invalid_credentials");
    let again = resets(world, &trojan.reset, "yet another long passphrase").await;
    assert_eq!(again.outcome(), "404 not_found");
}

/// Bob's user in the account of his admin, as the admin sees it.
async fn seen(world: &World, admin: &Person, id: &str) -> Value {
    world.call("user/get", admin, json!({"id": id})).await.ok()
}

#[tokio::test]
async fn a_reset_makes_a_sign_in_its_owners_alone() {
    on_each_engine(async |world| {
        let mallory = world.admin("mallory@example.com").await;
        let trojan = trojan(&world, &mallory, "user").await;
        // The code that the admin has asked for does not outlast the second factor.
        enrols(&world, &trojan.access).await;
        forgot(&world).await;
        let letter = latest_letter(&world).await;
        let account = world.call("account/get", &mallory, json!({})).await.ok();
        let name = account["name"].as_str().unwrap();
        assert!(letter.text.contains(&format!("“{name}” set up your sign-in")), "{}", letter.text);
        resets(&world, &letter.code(), NEW).await.ok();

        is_shut_out(&world, &trojan).await;
        // No second factor is asked for, and the place in the account is the same one.
        let token = signs_in(&world, BOB, NEW).await.ok()["accessToken"].clone();
        let token = token.as_str().unwrap();
        let said = said_by(token);
        assert_eq!((&said["email_verified"], &said["email"]), (&json!(true), &json!(BOB)));
        assert_ne!(said["sub"], trojan.subject, "other services know the admin by that");
        let me = nowhere(&world, "user/login", token, json!({})).await.ok();
        assert_eq!(me["user"]["id"], trojan.user.as_str());
        assert_eq!(
            (&me["user"]["state"], &me["user"]["twoFactor"]),
            (&json!("active"), &json!(false))
        );

        // From the second reset on it stays the same sign-in, and no letter names anybody.
        forgot(&world).await;
        let letter = latest_letter(&world).await;
        assert!(!letter.text.contains("set up your sign-in"), "{}", letter.text);
        resets(&world, &letter.code(), "one more passphrase of mine").await.ok();
        let token = signs_in(&world, BOB, "one more passphrase of mine").await.ok();
        let again = said_by(token["accessToken"].as_str().unwrap());
        assert_eq!(again["sub"], said["sub"]);
        // What is left of the first one is deleted.
        while world.sweeper.round().await.unwrap() > 0 {}
    })
    .await;
}

#[tokio::test]
async fn signing_up_takes_an_address_back() {
    on_each_engine(async |world| {
        let mallory = world.admin("mallory@example.com").await;
        let trojan = trojan(&world, &mallory, "admin").await;
        // Nothing of the account stands in the way: not even that Bob is its last admin.
        world.call("user/leave", &mallory, json!({})).await.ok();
        let code = begins(&world).await;
        let letter = latest_letter(&world).await;
        assert!(
            letter.text.contains("A sign-in with this address already exists"),
            "{}",
            letter.text
        );
        let reply = verifies(&world, &code).await.ok();
        is_shut_out(&world, &trojan).await;

        let token = reply["accessToken"].as_str().unwrap();
        let said = said_by(token);
        assert_eq!(said["email_verified"], json!(true));
        assert_ne!(said["sub"], trojan.subject);
        assert_eq!(own(&world, token).await, Vec::<String>::new());
        let left = world.operate("user/get", json!({"id": trojan.user})).await;
        assert_eq!((&left["state"], &left["issuer"]), (&json!("invited"), &Value::Null));
        // The account expects nobody, so nobody gets into it.
        let join = json!({"accountId": mallory.account});
        let refused = nowhere(&world, "user/login", token, join).await;
        assert_eq!(refused.outcome(), "403 not_registered");
        assert_eq!(signs_in(&world, BOB, NEW).await.outcome(), "200");
    })
    .await;
}

#[tokio::test]
async fn the_letter_of_another_account_takes_an_address_back() {
    on_each_engine(async |world| {
        let mallory = world.admin("mallory@example.com").await;
        let trojan = trojan(&world, &mallory, "user").await;
        let acme = world.admin("acme@example.com").await;
        world.advance(Duration::from_millis(1));
        let bob = made(&world, &acme, json!({"email": BOB, "sendInvite": true})).await;
        let mailed = latest_code(&world).await;
        // In a session that somebody else may have begun it opens nothing.
        let join = json!({"invite": mailed});
        let refused = nowhere(&world, "user/login", &trojan.access, join).await;
        assert_eq!(refused.outcome(), "403 email_unverified");

        let body = json!({"invite": mailed, "password": NEW});
        let reply = world.client.call("identity/create", "", body).await.ok();
        is_shut_out(&world, &trojan).await;
        assert_eq!(reply["user"]["id"], bob.as_str());
        let token = reply["accessToken"].as_str().unwrap();
        assert_eq!(own(&world, token).await, vec![acme.account.clone()]);
        assert_eq!(seen(&world, &mallory, &trojan.user).await["state"], "invited");
        // A person who has kept the old one keeps nothing of the new one.
        let body = json!({"id": trojan.user, "newPassword": PASSWORD});
        let refused = world.call("user/update", &mallory, body).await;
        assert_eq!(refused.outcome(), "403 own_sign_in");
    })
    .await;
}

#[tokio::test]
async fn an_invite_that_is_gone_when_the_address_is_proved_joins_nothing() {
    for way in ["invite/revoke", "user/remove"] {
        on_each_engine(async |world| {
            let admin = world.registered("admin@example.com").await;
            let body = json!({"email": BOB, "sendInvite": true});
            let user = world.call("user/create", &admin, body).await.ok();
            let body = json!({"invite": user["invite"], "password": NEW});
            world.advance(Duration::from_millis(1));
            let reply = world.client.call("identity/create", "", body).await.ok();
            assert_eq!(reply, json!({"state": "pending"}));
            let code = latest_code(&world).await;
            world.call(way, &admin, json!({"id": user["id"]})).await.ok();
            let reply = verifies(&world, &code).await.ok();
            assert_eq!((&reply["state"], &reply["user"]), (&json!("verified"), &Value::Null));
            let token = reply["accessToken"].as_str().unwrap();
            assert_eq!(own(&world, token).await, Vec::<String>::new(), "{way}");
        })
        .await;
    }
}

#[tokio::test]
async fn with_a_shown_code_a_letter_goes_out_whoever_has_the_address() {
    on_each_engine(async |world| {
        signed_up(&world, BOB).await;
        let admin = world.registered("admin@example.com").await;
        let mut replies = Vec::new();
        for email in [BOB, "nobody@example.com"] {
            let body = json!({"email": email, "sendInvite": true});
            let invite = world.call("user/create", &admin, body).await.ok()["invite"].clone();
            let before = {
                latest_letter(&world).await;
                letters_in(world.mail.path()).len()
            };
            let body = json!({"invite": invite, "password": NEW});
            let answer = world.client.call("identity/create", "", body).await;
            replies.push(answer.ok());
            latest_letter(&world).await;
            assert_eq!(letters_in(world.mail.path()).len(), before + 1, "{email}");
        }
        assert_eq!(replies[0], replies[1]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_all_who_prove_an_address_at_once_one_has_it() {
    on_each_engine(async |world| {
        let mallory = world.admin("mallory@example.com").await;
        let trojan = trojan(&world, &mallory, "user").await;
        let mut codes = Vec::new();
        for _ in 0..3 {
            codes.push(begins(&world).await);
        }
        // A person who knows the old password signs in all the while, and so writes the record.
        let strangers = (0..3).map(|_| signs_in(&world, BOB, PASSWORD));
        let owners = codes.iter().map(|code| verifies(&world, code));
        let (_, answers) = tokio::join!(join_all(strangers), join_all(owners));
        let mut outcomes: Vec<String> = answers.iter().map(Answer::outcome).collect();
        outcomes.sort();
        assert_eq!(outcomes, ["200", "409 already_registered", "409 already_registered"]);
        is_shut_out(&world, &trojan).await;
    })
    .await;
}

#[tokio::test]
async fn an_unproved_sign_in_gets_into_no_second_account() {
    on_each_engine(async |world| {
        let mallory = world.admin("mallory@example.com").await;
        let trojan = trojan(&world, &mallory, "user").await;
        let acme = world.admin("acme@example.com").await;
        let body = json!({"email": BOB, "sendInvite": true});
        let shown = world.call("user/create", &acme, body).await.ok()["invite"].clone();
        for (name, body) in [
            ("user/login", json!({"invite": shown})),
            ("account/register", json!({"name": "Bob's"})),
        ] {
            let refused = nowhere(&world, name, &trojan.access, body).await;
            assert_eq!(refused.outcome(), "403 email_unverified", "{name}");
        }
        let join = json!({"accountId": acme.account});
        let refused = nowhere(&world, "user/login", &trojan.access, join).await;
        assert_eq!(refused.outcome(), "403 not_registered");
        assert_eq!(own(&world, &trojan.access).await, vec![mallory.account.clone()]);
        token_in(&world, &mallory.account, &trojan.access).await;
    })
    .await;
}
