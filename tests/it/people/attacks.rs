//! Many attacks at once: whatever an admin tries with somebody who is elsewhere, too, nothing of it gets past the
//! admin's own account.

use std::{collections::BTreeSet, time::Duration};

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{joins, own, signed_up, signs_in, token_in};
use crate::support::{
    client::Answer,
    scene::PASSWORD,
    tokens::said_by,
    world::{Person, World, on_each_engine},
};

const BOB: &str = "bob@example.com";
const EVIL: &str = "a passphrase that Mallory has chosen";

/// What an admin can try with a user of the account.
fn tries(id: &str) -> Vec<(&'static str, Value)> {
    vec![
        ("user/changePassword", json!({"id": id, "newPassword": EVIL})),
        ("user/update", json!({"id": id, "newPassword": EVIL})),
        ("user/update", json!({"id": id, "newEmail": "mallory@example.com"})),
        ("user/update", json!({"id": id, "identity": null})),
        ("user/update", json!({"id": id, "state": "suspended"})),
        ("user/update", json!({"id": id, "state": "active"})),
        ("totp/remove", json!({"id": id})),
        ("session/remove", json!({"id": id, "others": true})),
        ("session/find", json!({"id": id})),
        ("user/remove", json!({"id": id})),
        ("trash/restore", json!({"id": id})),
        ("user/createOrRestore", json!({"email": BOB, "password": EVIL})),
        ("user/createOrRestore", json!({"email": BOB, "sendInvite": true})),
        ("user/export", json!({"id": id})),
        ("audit/find", json!({"userId": id})),
        ("trash/purge", json!({"id": id})),
    ]
}

/// The sign-in is Bob's as it was, and the other account knows nothing of all that.
async fn is_untouched(world: &World, elsewhere: &Person, subject: &Value) {
    // So many guesses may have locked it for a while.
    world.advance(Duration::from_hours(1));
    let reply = signs_in(world, BOB, PASSWORD).await.ok();
    let token = reply["accessToken"].as_str().unwrap();
    let said = said_by(token);
    assert_eq!((&said["sub"], &said["email_verified"]), (subject, &json!(true)));
    assert_eq!(signs_in(world, BOB, EVIL).await.status, 401);
    assert!(own(world, token).await.contains(&elsewhere.account));
    let there = token_in(world, &elsewhere.account, token).await;
    let me = world.client.call_in(&elsewhere.account, "user/get", &there, json!({})).await.ok();
    assert_eq!((&me["id"], &me["state"]), (&json!(elsewhere.id), &json!("active")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixty_four_tries_at_once_take_nothing_over() {
    for managed in [true, false] {
        on_each_engine(async |world| {
            let mallory = world.registered("mallory@example.com").await;
            let acme = world.registered("acme@example.com").await;
            let bob = signed_up(&world, BOB).await;
            let elsewhere = joins(&world, &acme, &bob, BOB).await;
            let here = joins(&world, &mallory, &bob, BOB).await;
            if managed {
                world.manage(&mallory).await;
            }
            let subject = said_by(&bob)["sub"].clone();
            let all: Vec<_> = tries(&here.id).into_iter().cycle().take(64).collect();
            let calls = all.iter().map(|(name, body)| world.call(name, &mallory, body.clone()));
            // The operator changes its mind all the while, and Bob comes and goes.
            let flips = async {
                for managed in [false, true, false, managed] {
                    let body = json!({"accountId": mallory.account, "managed": managed});
                    world.operate("account/update", body).await;
                }
            };
            let comes = async {
                for _ in 0..4 {
                    let join = json!({"accountId": mallory.account});
                    world.client.call_in("", "user/login", &bob, join).await;
                    world.client.call_in(&mallory.account, "user/leave", &bob, json!({})).await;
                }
            };
            let (answers, (), ()) = tokio::join!(join_all(calls), flips, comes);
            is_untouched(&world, &elsewhere, &subject).await;
            tells_nothing(&answers, &elsewhere, &acme);
            // Nobody was let in by it, and nobody is kept in: one after the other, it is the same.
            for (name, body) in tries(&here.id) {
                let answer = world.call(name, &mallory, body).await;
                tells_nothing(&[answer], &elsewhere, &acme);
                is_untouched(&world, &elsewhere, &subject).await;
            }
        })
        .await;
    }
}

/// No reply names the other account or what it has.
fn tells_nothing(answers: &[Answer], elsewhere: &Person, acme: &Person) {
    let secrets = BTreeSet::from([&elsewhere.account, &elsewhere.id, &acme.id]);
    for answer in answers {
        let text = answer.json().to_string();
        for secret in &secrets {
            assert!(!text.contains(secret.as_str()), "{text}");
        }
    }
}
