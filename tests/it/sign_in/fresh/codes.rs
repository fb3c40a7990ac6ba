//! The codes that are sent to the own mailbox: whose they are, when they are void, and how many may be asked for and
//! guessed at.

use std::time::Duration;

use serde_json::json;

use super::{
    super::{call, registered, sign_in, signed_in, subjects},
    ADA, TOO_LONG, access, asked, confirm, end_others, with_code,
};
use crate::support::{scene::PASSWORD, tokens::said_by, world::on_each_engine};

/// Another code than that one.
fn other_than(code: &str) -> String {
    if code == "12345678" { "12345679" } else { "12345678" }.to_owned()
}

#[tokio::test]
async fn a_code_from_the_mailbox_counts_in_its_session_alone_and_once() {
    on_each_engine(async |world| {
        let (_, signed) = registered(&world, ADA).await;
        let (_, bob) = registered(&world, "bob@example.com").await;
        let other = signed_in(&world, ADA).await;
        world.advance(TOO_LONG);
        let mailed = asked(&world, &signed.access, ADA).await;
        for token in [&other.access, &bob.access] {
            let answer = confirm(&world, token, with_code(&mailed)).await;
            assert_eq!(answer.faults(), "emailCode:wrong");
        }
        let newer = asked(&world, &signed.access, ADA).await;
        let mixed = (mailed.0.clone(), newer.1.clone());
        assert_eq!(
            confirm(&world, &signed.access, with_code(&mixed)).await.faults(),
            "emailCode:wrong"
        );
        let confirmed = confirm(&world, &signed.access, with_code(&mailed)).await.ok();
        assert_eq!(said_by(&access(&confirmed)).get("amr"), None, "no credential was shown");
        assert_eq!(end_others(&world, &access(&confirmed)).await.outcome(), "200");
        let again = confirm(&world, &signed.access, with_code(&mailed)).await;
        assert_eq!(again.faults(), "emailCode:wrong");
        // The first one has not voided the other.
        assert_eq!(confirm(&world, &signed.access, with_code(&newer)).await.outcome(), "200");
    })
    .await;
}

#[tokio::test]
async fn a_code_is_void_after_ten_minutes_and_after_five_wrong_ones() {
    on_each_engine(async |world| {
        let (_, signed) = registered(&world, ADA).await;
        let mailed = asked(&world, &signed.access, ADA).await;
        for _ in 0..5 {
            let wrong = (mailed.0.clone(), other_than(&mailed.1));
            assert_eq!(
                confirm(&world, &signed.access, with_code(&wrong)).await.faults(),
                "emailCode:wrong"
            );
        }
        let late = confirm(&world, &signed.access, with_code(&mailed)).await;
        assert_eq!(late.faults(), "emailCode:wrong");
        // Six misses: now one has to wait.
        let refused = confirm(&world, &signed.access, json!({"currentPassword": PASSWORD})).await;
        assert_eq!(refused.outcome(), "429 too_many_requests");
        world.advance(Duration::from_secs(2));
        let mailed = asked(&world, &signed.access, ADA).await;
        world.advance(TOO_LONG);
        let late = confirm(&world, &signed.access, with_code(&mailed)).await;
        assert_eq!(late.faults(), "emailCode:wrong");
        for odd in [
            json!({"emailCode": "1234567", "key": mailed.0}),
            json!({"emailCode": "12345678", "key": "k"}),
        ] {
            assert!(confirm(&world, &signed.access, odd).await.faults().ends_with(":format"));
        }
        for (body, faults) in [
            (json!({}), 422),
            (json!({"emailCode": "12345678"}), 422),
            (json!({"key": mailed.0}), 422),
            (json!({"currentPassword": PASSWORD, "totp": "123456"}), 422),
        ] {
            assert_eq!(confirm(&world, &signed.access, body).await.status, faults);
        }
    })
    .await;
}

#[tokio::test]
async fn guesses_and_letters_are_counted_apart_from_those_of_strangers() {
    on_each_engine(async |world| {
        let (_, signed) = registered(&world, ADA).await;
        let other = signed_in(&world, ADA).await;
        for _ in 0..6 {
            let wrong = json!({"currentPassword": "not the password"});
            assert_eq!(
                confirm(&world, &signed.access, wrong).await.faults(),
                "currentPassword:wrong"
            );
        }
        let right = json!({"currentPassword": PASSWORD});
        // A person who signs in forgives none of them, and is not kept from it.
        assert_eq!(sign_in(&world, ADA, PASSWORD).await.outcome(), "200");
        let refused = confirm(&world, &signed.access, right.clone()).await;
        assert_eq!(refused.outcome(), "429 too_many_requests");
        // A thief of a token locks out only its own session.
        assert_eq!(confirm(&world, &other.access, right.clone()).await.outcome(), "200");
        world.advance(Duration::from_secs(2));
        assert_eq!(confirm(&world, &signed.access, right).await.outcome(), "200");
        let code =
            async |token: &str| world.client.call("session/code", token, json!({})).await.outcome();
        for _ in 0..5 {
            assert_eq!(code(&signed.access).await, "200");
        }
        assert_eq!(code(&signed.access).await, "429 too_many_requests");
        // Nobody else is kept from a letter by that.
        assert_eq!(code(&other.access).await, "200");
        let forgot = call(&world, "password/forgot", json!({"email": ADA})).await;
        assert_eq!(forgot.outcome(), "200");
    })
    .await;
}

#[tokio::test]
async fn no_code_goes_to_an_address_that_nobody_has_proved() {
    on_each_engine(async |world| {
        let (admin, _) = registered(&world, ADA).await;
        // What an admin chooses proves nothing.
        let body = json!({"email": "bob@example.com", "password": PASSWORD});
        world.call("user/create", &admin, body).await.ok();
        let token = signed_in(&world, "bob@example.com").await.access;
        let before = subjects(&world, "bob@example.com").await;
        let refused = world.client.call("session/code", &token, json!({})).await;
        assert_eq!(refused.outcome(), "403 forbidden");
        assert_eq!(subjects(&world, "bob@example.com").await, before);
        world.advance(TOO_LONG);
        let refused = end_others(&world, &token).await.json();
        assert_eq!(refused["confirmBy"], json!(["currentPassword"]));
    })
    .await;
}

#[tokio::test]
async fn nobodys_mailbox_is_filled_from_many_sessions() {
    on_each_engine(async |world| {
        registered(&world, ADA).await;
        let mut sent = 0;
        for _ in 0..6 {
            let signed = signed_in(&world, ADA).await;
            for _ in 0..4 {
                let answer = world.client.call("session/code", &signed.access, json!({})).await;
                sent += u32::from(answer.status == 200);
            }
        }
        assert_eq!(sent, 21);
        let forgot = call(&world, "password/forgot", json!({"email": ADA})).await;
        assert_eq!(forgot.outcome(), "200");
    })
    .await;
}
