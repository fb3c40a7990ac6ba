//! Guessing at passwords and codes, and asking for letters without end.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::json;

use super::{call, letters, registered, sign_in, subjects};
use crate::support::{
    client::Answer,
    scene::PASSWORD,
    world::{World, on_each_engine, on_each_engine_with},
};

const WRONG: &str = "not the password";

async fn from(world: &World, address: &str, email: &str, password: &str) -> Answer {
    let body = json!({"email": email, "password": password});
    world.client.call_from(address, "session/create", "", body).await
}

#[tokio::test]
async fn guesses_at_one_email_have_to_wait_whoever_has_it() {
    on_each_engine(async |world| {
        registered(&world, "ada@example.com").await;
        for email in ["ada@example.com", "nobody@example.com"] {
            for _ in 0..6 {
                assert_eq!(
                    sign_in(&world, email, WRONG).await.outcome(),
                    "401 invalid_credentials"
                );
            }
            let refused = sign_in(&world, email, PASSWORD).await;
            assert_eq!(refused.outcome(), "429 too_many_requests", "{email}");
            assert_eq!(refused.header("retry-after"), Some("1"));
        }
        world.advance(Duration::from_secs(1));
        assert_eq!(sign_in(&world, "ada@example.com", PASSWORD).await.outcome(), "200");
        // The success is not to be seen by others: the next miss locks the email again, but not her.
        let wrong = sign_in(&world, "ada@example.com", WRONG).await;
        assert_eq!(wrong.outcome(), "401 invalid_credentials");
        for _ in 0..4 {
            let refused = sign_in(&world, "ada@example.com", WRONG).await;
            assert_eq!(refused.outcome(), "429 too_many_requests");
        }
        assert_eq!(sign_in(&world, "ada@example.com", PASSWORD).await.outcome(), "200");
    })
    .await;
}

#[tokio::test]
async fn a_stranger_cannot_lock_the_owner_out() {
    let flags = ["--trusted-proxy=127.0.0.1"];
    on_each_engine_with(&flags, async |world| {
        registered(&world, "ada@example.com").await;
        assert_eq!(from(&world, "192.0.2.7", "ada@example.com", PASSWORD).await.outcome(), "200");
        for number in 0..40 {
            let address = format!("203.0.113.{number}");
            from(&world, &address, "ada@example.com", WRONG).await;
        }
        let stranger = from(&world, "198.51.100.1", "ada@example.com", PASSWORD).await;
        assert_eq!(stranger.outcome(), "429 too_many_requests");
        // From where she usually comes she gets in all the same, and nearby.
        assert_eq!(from(&world, "192.0.2.99", "ada@example.com", PASSWORD).await.outcome(), "200");
        // And everywhere with a new password, which takes her mailbox.
        call(&world, "password/forgot", json!({"email": "ada@example.com"})).await.ok();
        let code = letters(&world).await.pop().unwrap().code();
        let body = json!({"code": code, "newPassword": "a rather different passphrase"});
        call(&world, "password/reset", body).await.ok();
        let there =
            from(&world, "198.51.100.1", "ada@example.com", "a rather different passphrase");
        assert_eq!(there.await.outcome(), "200");
    })
    .await;
}

#[tokio::test]
async fn a_known_network_is_told_apart_by_nobody_without_the_password() {
    let flags = ["--trusted-proxy=127.0.0.1"];
    on_each_engine_with(&flags, async |world| {
        registered(&world, "ada@example.com").await;
        from(&world, "192.0.2.7", "ada@example.com", PASSWORD).await.ok();
        let tries = async |email: &str| {
            let mut seen = Vec::new();
            for number in 0..8 {
                let answer = from(&world, &format!("203.0.113.{number}"), email, WRONG).await;
                seen.push((answer.outcome(), answer.header("retry-after").map(str::to_owned)));
            }
            // From where the owner of the one has come, and from elsewhere.
            for address in ["192.0.2.8", "198.51.100.1"] {
                for _ in 0..8 {
                    let answer = from(&world, address, email, WRONG).await;
                    seen.push((answer.outcome(), answer.header("retry-after").map(str::to_owned)));
                }
            }
            seen
        };
        let known = tries("ada@example.com").await;
        assert_eq!(known, tries("nobody@example.com").await);
        assert!(known.iter().skip(8).all(|(outcome, _)| outcome == "429 too_many_requests"));
    })
    .await;
}

#[tokio::test]
async fn one_address_cannot_go_through_many_emails() {
    let flags = ["--trusted-proxy=127.0.0.1"];
    on_each_engine_with(&flags, async |world| {
        registered(&world, "ada@example.com").await;
        for number in 0..21 {
            let email = format!("u{number}@example.com");
            let wrong = from(&world, "203.0.113.1", &email, PASSWORD).await;
            assert_eq!(wrong.outcome(), "401 invalid_credentials", "{number}");
        }
        let refused = from(&world, "203.0.113.1", "ada@example.com", PASSWORD).await;
        assert_eq!(refused.outcome(), "429 too_many_requests");
        assert_eq!(from(&world, "203.0.113.2", "ada@example.com", PASSWORD).await.outcome(), "200");
    })
    .await;
}

#[tokio::test]
async fn a_sign_in_from_a_new_network_is_told_to_the_owner() {
    let flags = ["--trusted-proxy=127.0.0.1"];
    on_each_engine_with(&flags, async |world| {
        registered(&world, "ada@example.com").await;
        let before = subjects(&world, "ada@example.com").await.len();
        from(&world, "192.0.2.7", "ada@example.com", PASSWORD).await.ok();
        from(&world, "192.0.2.8", "ada@example.com", PASSWORD).await.ok();
        assert_eq!(subjects(&world, "ada@example.com").await.len(), before + 1);
        world.advance(Duration::from_secs(1));
        from(&world, "203.0.113.1", "ada@example.com", PASSWORD).await.ok();
        let all = letters(&world).await;
        let letter = all.iter().rfind(|it| it.to == "ada@example.com").unwrap();
        assert!(letter.text.contains("203.0.113.1"), "{}", letter.text);
        let count = subjects(&world, "ada@example.com").await.len();
        from(&world, "203.0.113.1", "ada@example.com", PASSWORD).await.ok();
        assert_eq!(subjects(&world, "ada@example.com").await.len(), count, "once is enough");
    })
    .await;
}

#[tokio::test]
async fn letters_cannot_be_asked_for_without_end() {
    on_each_engine(async |world| {
        for email in ["ada@example.com", "bob@example.com"] {
            for _ in 0..5 {
                call(&world, "password/forgot", json!({"email": email})).await.ok();
            }
            let refused = call(&world, "password/forgot", json!({"email": email})).await;
            assert_eq!(refused.outcome(), "429 too_many_requests");
            let body = json!({"email": email, "password": PASSWORD});
            assert_eq!(
                call(&world, "identity/create", body).await.outcome(),
                "429 too_many_requests"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn codes_cannot_be_guessed_at() {
    on_each_engine(async |world| {
        let guess = json!({"code": "A".repeat(24), "newPassword": PASSWORD});
        for _ in 0..21 {
            let wrong = call(&world, "password/reset", guess.clone()).await;
            assert_eq!(wrong.outcome(), "404 not_found");
        }
        let refused = call(&world, "password/reset", guess).await;
        assert_eq!(refused.outcome(), "429 too_many_requests");
        let verify = json!({"code": "A".repeat(24), "password": PASSWORD});
        assert_eq!(
            call(&world, "identity/verify", verify).await.outcome(),
            "429 too_many_requests"
        );
        let check = json!({"invite": "A".repeat(24)});
        assert_eq!(call(&world, "invite/check", check).await.outcome(), "429 too_many_requests");
    })
    .await;
}

#[tokio::test]
async fn many_guesses_at_once_get_no_further() {
    on_each_engine(async |world| {
        registered(&world, "ada@example.com").await;
        let all = join_all((0..60).map(|_| sign_in(&world, "ada@example.com", WRONG))).await;
        let looked_at = all.iter().filter(|it| it.status == 401).count();
        assert!((1..=6).contains(&looked_at), "{looked_at}");
        assert!(all.iter().all(|it| [401, 429, 503].contains(&it.status)));
        assert!(
            all.iter().filter(|it| it.status != 401).all(|it| it.header("retry-after").is_some())
        );
    })
    .await;
}

/// Not a measurement: that the same work is done, which a factor of two would betray.
#[tokio::test]
async fn a_wrong_password_takes_as_long_as_an_unknown_email() {
    let world = World::new(crate::support::engine::Engine::Sqlite, &[]).await;
    registered(&world, "ada@example.com").await;
    let mut times = [Vec::new(), Vec::new()];
    for round in 0..5 {
        for (kind, email) in
            ["ada@example.com", &format!("u{round}@example.com")].iter().enumerate()
        {
            let begun = Instant::now();
            sign_in(&world, email, WRONG).await;
            times[kind].push(begun.elapsed());
        }
    }
    let [known, unknown] = times.map(|mut times| {
        times.sort();
        times[2]
    });
    assert!(unknown * 3 > known, "{known:?} {unknown:?}");
}
