//! A clock that is set back: nobody stays in, or out, for longer because of it.

use std::{sync::Arc, time::Duration};

use guestlist::clock::{Clock, Timestamp};
use serde_json::json;

use crate::support::{
    engine::Engine,
    scene::PASSWORD,
    world::{NOW, World},
};

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
