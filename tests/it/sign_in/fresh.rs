//! Fresh sign-ins: what takes one, what renews it, and whose.

mod asked;
mod codes;

use std::time::Duration;

use serde_json::{Value, json};

use super::{Signed, call, letters, registered, sign_in, signed_in, subjects, totp};
use crate::support::{
    client::Answer,
    issuers::{issuer, outside, outside_since},
    scene::PASSWORD,
    tokens::said_by,
    world::{NOW, Person, World, on_each_engine, on_each_engine_with, on_two_nodes},
};

const ADA: &str = "ada@example.com";
/// Longer ago than a fresh sign-in may be, and not as long as an access token lasts.
const TOO_LONG: Duration = Duration::from_secs(10 * 60 + 1);

/// Something that takes a fresh sign-in: all users of the account are signed out.
async fn end_sessions(world: &World, token: &str) -> Answer {
    world.client.call("account/update", token, json!({"endSessions": true})).await
}

async fn end_others(world: &World, token: &str) -> Answer {
    world.client.call("session/remove", token, json!({"others": true})).await
}

pub(super) async fn confirm(world: &World, token: &str, body: Value) -> Answer {
    world.client.call("session/confirm", token, body).await
}

pub(super) fn access(reply: &Value) -> String {
    reply["accessToken"].as_str().unwrap_or_else(|| panic!("{reply}")).to_owned()
}

/// Asks for a code; the key for it, and what the letter says.
pub(super) async fn asked(world: &World, token: &str, to: &str) -> (String, String) {
    // A little later than the one before, so that letters have an order.
    world.advance(Duration::from_millis(1));
    let reply = world.client.call("session/code", token, json!({})).await.ok();
    let letters = letters(world).await;
    let letter = letters.iter().rfind(|it| it.to == to && it.subject.contains("confirmation"));
    let is_code = |word: &&str| word.len() == 8 && word.bytes().all(|it| it.is_ascii_digit());
    let code = letter.unwrap().text.split_whitespace().find(is_code).unwrap().to_owned();
    (reply["key"].as_str().unwrap().to_owned(), code)
}

pub(super) fn with_code((key, code): &(String, String)) -> Value {
    json!({"emailCode": code, "key": key})
}

#[tokio::test]
async fn what_takes_a_fresh_sign_in_says_how_to_get_one() {
    on_each_engine(async |world| {
        let (_, signed) = registered(&world, ADA).await;
        world.advance(Duration::from_secs(10 * 60 - 1));
        assert_eq!(end_others(&world, &signed.access).await.outcome(), "200");
        world.advance(Duration::from_secs(2));
        let refused = end_sessions(&world, &signed.access).await;
        assert_eq!(refused.outcome(), "401 reauthentication_required");
        let problem = refused.json();
        assert_eq!(problem["maxAge"], 600);
        assert_eq!(problem["confirmBy"], json!(["currentPassword", "emailCode"]));
        let challenge = refused.header("www-authenticate").unwrap();
        assert!(challenge.contains("error=\"insufficient_user_authentication\""), "{challenge}");
        assert!(challenge.ends_with(", max_age=\"600\""), "{challenge}");
        // Nothing has happened, and a key for repetitions has nothing to repeat.
        let once = async |token: &str| {
            let body = json!({"endSessions": true});
            world.client.call_once("once", "account/update", token, &body).await
        };
        assert_eq!(once(&signed.access).await.outcome(), "401 reauthentication_required");
        assert_eq!(sign_in(&world, ADA, PASSWORD).await.outcome(), "200");
        let own = json!({"session": signed.session});
        // Signing out takes none.
        let out = world.client.call("session/remove", &signed.access, own).await;
        assert_eq!(out.outcome(), "200");
    })
    .await;
}

#[tokio::test]
async fn a_password_renews_it_for_whoever_has_shown_it_alone() {
    on_each_engine(async |world| {
        registered(&world, ADA).await;
        let signed = signed_in(&world, ADA).await;
        let began = said_by(&signed.access);
        assert!(began["account_id"].is_string());
        world.advance(TOO_LONG);
        let wrong =
            confirm(&world, &signed.access, json!({"currentPassword": "not the password"})).await;
        assert_eq!(wrong.faults(), "currentPassword:wrong");
        let confirmed =
            confirm(&world, &signed.access, json!({"currentPassword": PASSWORD})).await.ok();
        assert!(confirmed.get("refreshToken").is_none());
        assert_eq!(confirmed["session"], json!(signed.session));
        let said = said_by(&access(&confirmed));
        assert_eq!(said["exp"], began["exp"], "it does not outlive the one that was shown");
        assert_eq!(said["account_id"], began["account_id"]);
        assert!(said["auth_time"].as_u64() > began["auth_time"].as_u64());
        assert_eq!(said["amr"], json!(["pwd"]));
        assert_eq!(end_others(&world, &access(&confirmed)).await.outcome(), "200");
        // A thief of the earlier token has shown nothing, and no token derived from it says so.
        let refused = end_others(&world, &signed.access).await;
        assert_eq!(refused.outcome(), "401 reauthentication_required");
        let exchanged = world.client.call("session/token", &signed.access, json!({})).await.ok();
        assert_eq!(said_by(&access(&exchanged))["auth_time"], began["auth_time"]);
        let refused = end_others(&world, &access(&exchanged)).await;
        assert_eq!(refused.outcome(), "401 reauthentication_required");
        // A person who has the session gets to know by refreshing; what was shown is not renewed by it.
        let body = json!({"refreshToken": signed.refresh});
        let renewed = call(&world, "session/refresh", body).await.ok();
        assert_eq!(said_by(&access(&renewed))["auth_time"], said["auth_time"]);
        assert_eq!(end_others(&world, &access(&renewed)).await.outcome(), "200");
        world.advance(TOO_LONG);
        let refused = end_others(&world, &access(&renewed)).await;
        assert_eq!(refused.outcome(), "401 reauthentication_required");
    })
    .await;
}

#[tokio::test]
async fn with_a_second_factor_nothing_else_will_do() {
    on_each_engine(async |world| {
        let (ada, secret, codes) = totp::enrolled(&world).await;
        world.advance(TOO_LONG);
        let refused = end_others(&world, &ada.token).await.json();
        assert_eq!(refused["confirmBy"], json!(["totp"]));
        let mailed = asked(&world, &ada.token, ADA).await;
        for body in [json!({"currentPassword": PASSWORD}), with_code(&mailed)] {
            assert_eq!(confirm(&world, &ada.token, body).await.faults(), "totp:required");
        }
        let code = totp::code(&world, &secret);
        let shown = json!({"totp": code});
        let confirmed = confirm(&world, &ada.token, shown.clone()).await.ok();
        // The password was shown longer ago than that.
        assert_eq!(said_by(&access(&confirmed))["amr"], json!(["otp"]));
        assert_eq!(confirm(&world, &ada.token, shown).await.faults(), "totp:wrong");
        let again = json!({"totp": code, "email": ADA, "password": PASSWORD});
        assert_eq!(
            call(&world, "session/create", again).await.outcome(),
            "401 invalid_credentials"
        );
        world.advance(TOO_LONG);
        // One of the fresh token's: the other has expired.
        let body = json!({"totp": codes[0]});
        let answer = confirm(&world, &access(&confirmed), body).await;
        assert_eq!(answer.outcome(), "401 unauthenticated");
        let signed = json!({"email": ADA, "password": PASSWORD, "totp": codes[0]});
        let signed = call(&world, "session/create", signed).await.ok();
        assert_eq!(said_by(&access(&signed))["amr"], json!(["pwd", "otp", "mfa"]));
        let body = json!({"totp": codes[1]});
        let confirmed = confirm(&world, &access(&signed), body).await.ok();
        assert_eq!(said_by(&access(&confirmed))["amr"], json!(["otp"]));
        let body = json!({"totp": codes[1]});
        assert_eq!(confirm(&world, &access(&signed), body).await.faults(), "totp:wrong");
    })
    .await;
}

#[tokio::test]
async fn a_token_of_another_issuer_counts_by_auth_time_or_by_a_code() {
    let flags = [issuer("trusted", true), issuer("other", false)];
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    on_each_engine_with(&flags, async |world| {
        let root = world.root().await;
        let now = u64::try_from(NOW.millis() / 1000).unwrap();
        for (name, since, outcome) in [
            // What `iat` says does not count: it is when the token was made.
            ("trusted", Some(now), "401 reauthentication_required"),
            ("trusted", None, "401 reauthentication_required"),
            ("other", None, "403 forbidden"),
        ] {
            let token = outside_since(name, ("eve", "eve@example.com", true), since);
            if since.is_some() {
                let register = json!({"register": true});
                world.client.call("user/login", &token, register).await.ok();
            } else if name == "other" {
                let body = json!({"email": "eve@example.com", "role": "admin", "sendInvite": true});
                let shown = world.call("user/create", &root, body).await.ok()["invite"].clone();
                // What an issuer says whose word counts for nothing proves no address.
                let refused = json!({"invite": shown});
                let refused = world.client.call("user/login", &token, refused).await;
                assert_eq!(refused.outcome(), "403 email_unverified");
                let mailed = letters(&world).await.pop().unwrap().code();
                world.client.call("user/login", &token, json!({"invite": mailed})).await.ok();
            }
            assert_eq!(end_sessions(&world, &token).await.outcome(), outcome, "{name}");
        }
        let token = outside("trusted", "eve", "eve@example.com", true);
        let other = outside_since("trusted", ("eve", "eve@example.com", true), Some(now - 1));
        let mailed = asked(&world, &token, "eve@example.com").await;
        let wrong = confirm(&world, &token, json!({"currentPassword": PASSWORD})).await;
        assert_eq!(wrong.outcome(), "409 no_password");
        let confirmed = confirm(&world, &token, with_code(&mailed)).await.ok();
        assert_eq!(confirmed.as_object().unwrap().len(), 1, "{confirmed}");
        // For this token, and no other of the same person.
        assert_eq!(end_sessions(&world, &other).await.outcome(), "401 reauthentication_required");
        let renamed = json!({"name": "Eve's", "endSessions": false});
        assert_eq!(world.client.call("account/update", &other, renamed).await.outcome(), "200");
        world.advance(Duration::from_mins(9));
        assert_eq!(end_sessions(&world, &token).await.outcome(), "200");
        let code = world
            .client
            .call("session/code", &outside("other", "eve", "eve@example.com", true), json!({}))
            .await;
        assert_eq!(code.outcome(), "403 forbidden");
    })
    .await;
}

#[tokio::test]
async fn keys_need_no_sign_in() {
    on_each_engine(async |world| {
        let (ada, _) = registered(&world, ADA).await;
        let key = world.key(&ada, "admin", "write").await;
        world.advance(TOO_LONG);
        assert_eq!(end_sessions(&world, &key).await.outcome(), "200");
        let refused = confirm(&world, &key, json!({"currentPassword": PASSWORD})).await;
        assert_eq!(refused.outcome(), "403 forbidden");
        assert_eq!(
            world.client.call("session/code", &key, json!({})).await.outcome(),
            "403 forbidden"
        );
    })
    .await;
}

#[tokio::test]
async fn what_a_node_remembers_does_not_count() {
    on_two_nodes(async |here, there| {
        let (ada, signed) = registered(&here, ADA).await;
        let get = async |world: &World, token: &str| {
            world.client.call("user/get", token, json!({})).await
        };
        here.advance(TOO_LONG);
        get(&there, &signed.access).await.ok();
        let confirmed =
            confirm(&here, &signed.access, json!({"currentPassword": PASSWORD})).await.ok();
        // At once on the other one, too.
        assert_eq!(end_others(&there, &access(&confirmed)).await.outcome(), "200");
        // A new password elsewhere: the old session is remembered, and does nothing of importance.
        let thief = signed_in(&here, ADA).await;
        assert_eq!(get(&there, &thief.access).await.outcome(), "200");
        let body = json!({"currentPassword": PASSWORD, "newPassword": "another of my passwords"});
        let person = Person { token: access(&confirmed), ..ada };
        here.call("user/changePassword", &person, body).await.ok();
        assert_eq!(get(&there, &thief.access).await.outcome(), "200");
        for token in [&thief.access] {
            assert_eq!(end_sessions(&there, token).await.outcome(), "401 unauthenticated");
            let body = json!({"currentPassword": "another of my passwords"});
            assert_eq!(confirm(&there, token, body).await.outcome(), "401 unauthenticated");
        }
    })
    .await;
}

#[tokio::test]
async fn it_lets_nobody_back_in_who_was_signed_out() {
    on_each_engine(async |world| {
        let (ada, _) = registered(&world, ADA).await;
        let signed = signed_in(&world, ADA).await;
        world.advance(TOO_LONG);
        let confirmed =
            confirm(&world, &signed.access, json!({"currentPassword": PASSWORD})).await.ok();
        world
            .operate("account/update", json!({"accountId": ada.account, "endSessions": true}))
            .await;
        world.advance(Duration::from_secs(1));
        let token = access(&confirmed);
        let refused = world.client.call("user/get", &token, json!({})).await;
        assert_eq!(refused.outcome(), "401 reauthentication_required");
        assert_eq!(refused.json().get("maxAge"), None);
        // Nor does it tell whether what was shown is right.
        for password in [PASSWORD, "not the password"] {
            let refused = confirm(&world, &token, json!({"currentPassword": password})).await;
            assert_eq!(refused.outcome(), "401 reauthentication_required");
        }
        let refused = world.client.call("user/get", &token, json!({})).await;
        assert_eq!(refused.outcome(), "401 reauthentication_required");
    })
    .await;
}

#[tokio::test]
async fn from_a_new_place_it_is_told_as_a_sign_in_is() {
    on_each_engine_with(&["--trusted-proxy=127.0.0.1"], async |world| {
        let (_, signed) = registered(&world, ADA).await;
        let before = subjects(&world, ADA).await.len();
        let body = json!({"currentPassword": PASSWORD});
        for (address, letters) in [("203.0.113.7", 1), ("203.0.113.7", 1), ("198.51.100.7", 2)] {
            let bearer = format!("Bearer {}", signed.access);
            let headers = [
                ("content-type", "application/json"),
                ("authorization", bearer.as_str()),
                ("x-forwarded-for", address),
            ];
            let sent = world.client.send(
                hyper::Method::POST,
                "/session/confirm",
                &headers,
                body.to_string(),
            );
            assert_eq!(sent.await.outcome(), "200");
            assert_eq!(subjects(&world, ADA).await.len(), before + letters, "{address}");
        }
    })
    .await;
}

#[tokio::test]
async fn its_token_is_kept_for_no_repetition() {
    on_each_engine(async |world| {
        let (_, signed) = registered(&world, ADA).await;
        let body = json!({"currentPassword": PASSWORD});
        for _ in 0..2 {
            let answer =
                world.client.call_once("once", "session/confirm", &signed.access, &body).await;
            assert_eq!(
                (answer.outcome().as_str(), answer.header("idempotency-replayed")),
                ("200", None)
            );
        }
        let first = Signed { access: signed.access.clone(), ..signed };
        assert_eq!(end_others(&world, &first.access).await.outcome(), "200");
    })
    .await;
}
