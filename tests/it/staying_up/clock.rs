//! A clock that is set: nobody stays in, or out, for longer because of it, no email waits, and nothing is deleted early.

use std::{fs, sync::Arc, time::Duration};

use guestlist::clock::{Clock, Timestamp};
use serde_json::json;

use crate::support::{
    engine::Engine,
    scene::PASSWORD,
    smtp::letters_in,
    world::{NOW, Person, World, on_each_engine},
};

const HOUR: Duration = Duration::from_hours(1);

fn earlier(by: Duration) -> Timestamp {
    Timestamp::from_millis(NOW.millis() - i64::try_from(by.as_millis()).unwrap())
}

#[tokio::test]
async fn a_suspended_caller_is_not_remembered_for_longer() {
    for engine in Engine::all() {
        let clock = Clock::manual(NOW);
        let fresh = engine.fresh(&clock).await;
        let here = World::over(Arc::clone(&fresh.table), clock.clone(), &[]).await;
        let there = World::over(Arc::clone(&fresh.table), clock.clone(), &[]).await;
        let admin = here.admin("admin@example.com").await;
        let user = here.invited(&admin, "user@example.com", json!({})).await;
        here.call("user/get", &user, json!({})).await.ok();
        let suspended = json!({"id": user.id, "state": "suspended"});
        there.call("user/update", &admin, suspended).await.ok();
        // Another node has done it, so this one learns of it within a minute at most.
        clock.set(earlier(Duration::from_secs(50)));
        here.advance(Duration::from_mins(1));
        clock.set(earlier(Duration::from_secs(50)));
        assert_eq!(here.call("user/get", &user, json!({})).await.status, 403);
    }
}

#[tokio::test]
async fn misses_of_the_future_keep_nobody_out() {
    for engine in Engine::all() {
        let world = World::new(engine, &[]).await;
        world.signed_up("ada@example.com").await;
        let sign_in = async |password: &str| {
            let body = json!({"email": "ada@example.com", "password": password});
            world.client.call("session/create", "", body).await.outcome()
        };
        world.advance(Duration::from_hours(24));
        let mut last = String::new();
        for _ in 0..30 {
            last = sign_in("something else entirely").await;
        }
        assert_eq!(last, "429 too_many_requests");
        world.clock.set(NOW);
        assert_eq!(sign_in(PASSWORD).await, "200");
    }
}

async fn invite(world: &World, by: &Person, email: &str) {
    world.call("user/create", by, json!({"email": email, "sendInvite": true})).await.ok();
}

/// Who has been sent an email by the world, one after the other.
async fn sent(world: &World) -> Vec<String> {
    while world.courier.round().await.unwrap() > 0 {}
    let mut letters = letters_in(world.mail.path());
    letters.sort_by(|one, other| one.to.cmp(&other.to));
    letters.into_iter().map(|letter| letter.to).collect()
}

#[tokio::test]
async fn emails_do_not_wait_until_a_clock_that_was_set_back_has_caught_up() {
    on_each_engine(async |world| {
        let admin = world.admin("admin@example.com").await;
        let before = sent(&world).await.len();
        invite(&world, &admin, "ada@example.com").await;
        world.clock.set(earlier(24 * HOUR));
        assert_eq!(sent(&world).await.len(), before + 1);
    })
    .await;
}

#[tokio::test]
async fn an_email_that_has_failed_is_tried_again_by_whoever_starts_after_the_clock_was_set_back() {
    for engine in Engine::all() {
        let clock = Clock::manual(NOW);
        let fresh = engine.fresh(&clock).await;
        let here = World::over(Arc::clone(&fresh.table), clock.clone(), &[]).await;
        let admin = here.admin("admin@example.com").await;
        sent(&here).await;
        let (folder, aside) = (here.mail.path(), here.mail.path().with_extension("aside"));
        fs::rename(folder, &aside).unwrap();
        fs::write(folder, "").unwrap();
        invite(&here, &admin, "ada@example.com").await;
        here.courier.round().await.unwrap();
        fs::remove_file(folder).unwrap();
        fs::rename(&aside, folder).unwrap();
        // Within the hour that an email may be put off for, it cannot be told from one that waits as it should.
        clock.set(earlier(HOUR + Duration::from_mins(1)));
        let there = World::over(Arc::clone(&fresh.table), clock.clone(), &[]).await;
        assert_eq!(sent(&there).await, ["ada@example.com"]);
    }
}

#[tokio::test]
async fn emails_of_a_node_whose_clock_was_ahead_are_sent_within_an_hour() {
    on_each_engine(async |world| {
        let admin = world.admin("admin@example.com").await;
        let before = sent(&world).await.len();
        world.clock.set(NOW.plus(24 * HOUR));
        invite(&world, &admin, "ada@example.com").await;
        world.clock.set(NOW);
        assert_eq!(sent(&world).await.len(), before);
        world.advance(HOUR);
        assert_eq!(sent(&world).await.len(), before + 1);
    })
    .await;
}

#[tokio::test]
async fn an_email_that_is_held_back_stays_so_when_the_clock_is_set_back() {
    on_each_engine(async |world| {
        let admin = world.admin("admin@example.com").await;
        for _ in 0..6 {
            invite(&world, &admin, "ada@example.com").await;
        }
        let first = sent(&world).await.len();
        world.clock.set(earlier(Duration::from_secs(30)));
        assert_eq!(sent(&world).await.len(), first);
    })
    .await;
}

async fn metrics(world: &World) -> String {
    let answer = world.client.send(hyper::Method::GET, "/metrics", &[], "").await;
    String::from_utf8(answer.body.to_vec()).unwrap()
}

#[tokio::test]
async fn a_clock_that_leaps_ahead_deletes_nothing_for_an_hour() {
    on_each_engine(async |world| {
        let admin = world.admin("admin@example.com").await;
        let mut ids = Vec::new();
        for email in ["ada@example.com", "bob@example.com"] {
            let user = world.call("user/create", &admin, json!({"email": email})).await.ok();
            ids.push(user["id"].clone());
        }
        let trashed = async |id| {
            let found =
                world.call("trash/find", &world.fresh(&admin), json!({"id": id})).await.ok();
            found["data"].as_array().unwrap().len()
        };
        let remove = async |id| {
            world.call("user/remove", &world.fresh(&admin), json!({"id": id})).await.ok();
        };
        remove(&ids[0]).await;
        world.sweeper.round().await.unwrap();
        let start = world.clock.now();
        world.clock.set(start.plus(40 * 24 * HOUR));
        assert_eq!(world.sweeper.round().await.unwrap(), 0);
        assert!(metrics(&world).await.contains("guestlist_clock_in_doubt 1\n"));
        world.advance(HOUR / 2);
        assert_eq!(world.sweeper.round().await.unwrap(), 0);
        // A mistake that somebody takes back.
        world.clock.set(start.plus(HOUR / 2));
        assert_eq!(world.sweeper.round().await.unwrap(), 0);
        assert!(metrics(&world).await.contains("guestlist_clock_in_doubt 0\n"));
        assert_eq!(trashed(&ids[0]).await, 1);
        remove(&ids[1]).await;

        // And the clock that was wrong before.
        world.clock.set(start.plus(40 * 24 * HOUR));
        assert_eq!(world.sweeper.round().await.unwrap(), 0);
        world.advance(HOUR);
        while world.sweeper.round().await.unwrap() > 0 {}
        assert!(metrics(&world).await.contains("guestlist_clock_in_doubt 0\n"));
        assert_eq!((trashed(&ids[0]).await, trashed(&ids[1]).await), (0, 0));
    })
    .await;
}
