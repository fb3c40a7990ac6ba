//! The second factor.

use std::time::Duration;

use futures_util::future::join_all;
use guestlist::model::totp::TotpSecret;
use serde_json::{Value, json};

use super::{Signed, call, registered, sign_in, signed_in};
use crate::support::{
    client::Answer,
    scene::PASSWORD,
    world::{Person, World, on_each_engine},
};

/// Somebody with a second factor, and the recovery codes.
pub(super) async fn enrolled(world: &World) -> (Person, TotpSecret, Vec<String>) {
    let (ada, _) = registered(world, "ada@example.com").await;
    let body = json!({"currentPassword": PASSWORD});
    let reply = world.call("totp/enroll", &ada, body).await.ok();
    let secret = secret(reply["secret"].as_str().unwrap());
    let body = json!({"code": code(world, &secret)});
    let reply = world.call("totp/confirm", &ada, body).await.ok();
    let codes = reply["recoveryCodes"].as_array().unwrap();
    let codes = codes.iter().map(|code| code.as_str().unwrap().to_owned()).collect();
    (ada, secret, codes)
}

pub(crate) fn secret(text: &str) -> TotpSecret {
    let bytes = base32::decode(base32::Alphabet::Rfc4648 { padding: false }, text).unwrap();
    TotpSecret::from_bytes(&bytes).unwrap()
}

pub(super) fn code(world: &World, secret: &TotpSecret) -> String {
    secret.code(world.clock.now()).reveal().to_owned()
}

async fn with(world: &World, code: &str) -> Answer {
    let body = json!({"email": "ada@example.com", "password": PASSWORD, "totp": code});
    call(world, "session/create", body).await
}

#[tokio::test]
async fn with_a_second_factor_signing_in_takes_a_code() {
    on_each_engine(async |world| {
        let (ada, secret, _) = enrolled(&world).await;
        assert_eq!(world.call("user/get", &ada, json!({})).await.ok()["twoFactor"], true);
        let without = sign_in(&world, "ada@example.com", PASSWORD).await;
        assert_eq!(without.outcome(), "401 totp_required");
        // Only a person who knows the password learns that there is a second factor.
        let wrong = sign_in(&world, "ada@example.com", "not the password").await;
        assert_eq!(wrong.outcome(), "401 invalid_credentials");
        // The code of the confirmation was used up.
        let used = with(&world, &code(&world, &secret)).await;
        assert_eq!(used.outcome(), "401 invalid_credentials");
        world.advance(Duration::from_secs(30));
        let fresh = code(&world, &secret);
        assert_eq!(with(&world, &fresh).await.outcome(), "200");
        assert_eq!(with(&world, &fresh).await.outcome(), "401 invalid_credentials");
    })
    .await;
}

#[tokio::test]
async fn a_recovery_code_stands_in_once() {
    on_each_engine(async |world| {
        let (_, _, codes) = enrolled(&world).await;
        assert_eq!(codes.len(), 10);
        assert_eq!(with(&world, &codes[3]).await.outcome(), "200");
        assert_eq!(with(&world, &codes[3]).await.outcome(), "401 invalid_credentials");
        let sloppy = codes[4].replace('-', "").to_uppercase();
        assert_eq!(with(&world, &sloppy).await.outcome(), "200");
        for odd in ["", "12345", "1234567", "abcd-efgh"] {
            assert_eq!(with(&world, odd).await.faults(), "totp:format", "{odd}");
        }
    })
    .await;
}

#[tokio::test]
async fn enrolling_takes_the_password_and_a_code_to_confirm() {
    on_each_engine(async |world| {
        let (ada, _) = registered(&world, "ada@example.com").await;
        let enroll = async |body: Value| world.call("totp/enroll", &ada, body).await;
        let confirm =
            async |code: &str| world.call("totp/confirm", &ada, json!({"code": code})).await;
        assert_eq!(enroll(json!({})).await.faults(), "currentPassword:required");
        let wrong = json!({"currentPassword": "not the password"});
        assert_eq!(enroll(wrong).await.faults(), "currentPassword:wrong");
        assert_eq!(confirm("123456").await.outcome(), "404 not_found");
        let right = json!({"currentPassword": PASSWORD});
        let first = enroll(right.clone()).await.ok();
        let reply = enroll(right.clone()).await.ok();
        let url = reply["url"].as_str().unwrap();
        assert!(url.starts_with("otpauth://totp/"), "{url}");
        assert!(url.contains(reply["secret"].as_str().unwrap()), "{url}");
        // Not confirmed: it is not asked for.
        signed_in(&world, "ada@example.com").await;
        let of_first = code(&world, &secret(first["secret"].as_str().unwrap()));
        assert_eq!(confirm(&of_first).await.faults(), "code:wrong");
        let of_second = code(&world, &secret(reply["secret"].as_str().unwrap()));
        assert_eq!(confirm(&of_second).await.outcome(), "200");
        assert_eq!(confirm(&of_second).await.outcome(), "409 totp_enrolled");
        assert_eq!(enroll(right).await.outcome(), "409 totp_enrolled");
    })
    .await;
}

#[tokio::test]
async fn it_is_removed_with_the_password_or_by_an_admin() {
    on_each_engine(async |world| {
        let (ada, _, _) = enrolled(&world).await;
        let remove = async |by: &Person, body: Value| world.call("totp/remove", by, body).await;
        assert_eq!(remove(&ada, json!({})).await.faults(), "currentPassword:required");
        let wrong = json!({"currentPassword": "not the password"});
        assert_eq!(remove(&ada, wrong).await.faults(), "currentPassword:wrong");
        let right = json!({"currentPassword": PASSWORD});
        assert_eq!(remove(&ada, right.clone()).await.ok()["twoFactor"], false);
        assert_eq!(remove(&ada, right).await.outcome(), "404 not_found");
        signed_in(&world, "ada@example.com").await;

        let body = json!({"email": "bob@example.com", "password": PASSWORD});
        let bob = world.call("user/create", &ada, body).await.ok()["id"].clone();
        let token = Signed::from(&sign_in(&world, "bob@example.com", PASSWORD).await.ok()).access;
        let body = json!({"currentPassword": PASSWORD});
        let reply = world.client.call("totp/enroll", &token, body).await.ok();
        let fresh = code(&world, &secret(reply["secret"].as_str().unwrap()));
        world.client.call("totp/confirm", &token, json!({"code": fresh})).await.ok();
        let needs = sign_in(&world, "bob@example.com", PASSWORD).await;
        assert_eq!(needs.outcome(), "401 totp_required");
        assert_eq!(remove(&ada, json!({"id": bob})).await.ok()["twoFactor"], false);
        signed_in(&world, "bob@example.com").await;
    })
    .await;
}

#[tokio::test]
async fn of_many_who_show_one_code_at_once_one_comes_in() {
    on_each_engine(async |world| {
        let (_, secret, codes) = enrolled(&world).await;
        world.advance(Duration::from_secs(30));
        for code in [code(&world, &secret), codes[0].clone()] {
            let all = join_all((0..5).map(|_| with(&world, &code))).await;
            let mut outcomes: Vec<_> = all.iter().map(Answer::outcome).collect();
            outcomes.sort();
            let (first, others) = outcomes.split_first().unwrap();
            assert_eq!(first, "200", "{outcomes:?}");
            assert!(others.iter().all(|it| it == "401 invalid_credentials"), "{outcomes:?}");
            world.advance(Duration::from_hours(24));
        }
    })
    .await;
}
