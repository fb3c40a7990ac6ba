//! Limits on guesses, as seen by those who guess codes of invites.

use std::{sync::Arc, time::Duration};

use futures_util::future::join_all;
use guestlist::{
    api::{self, Credentials},
    clock::Clock,
    error::{Code, Result},
};
use serde_json::{Value, json};

use crate::support::{
    client::Answer,
    engine::Engine,
    scene::{Scene, on_each_scene},
    watched::Trouble,
    world::{NOW, World, on_each_engine},
};

/// The misses that it takes to be locked.
const ENOUGH: usize = 21;

fn unknown() -> Value {
    json!({"invite": "x".repeat(24)})
}

async fn guess(world: &World) -> Answer {
    world.client.call("invite/check", "", unknown()).await
}

async fn guess_often(world: &World, times: usize) {
    for _ in 0..times {
        assert_eq!(guess(world).await.outcome(), "404 not_found");
    }
}

fn seconds(answer: &Answer) -> u64 {
    assert_eq!(answer.outcome(), "429 too_many_requests");
    answer.header("retry-after").unwrap().parse().unwrap()
}

#[tokio::test]
async fn pauses_grow_and_end() {
    on_each_engine(async |world| {
        guess_often(&world, ENOUGH).await;
        let mut pauses = Vec::new();
        for _ in 0..12 {
            let refused = guess(&world).await;
            let pause = seconds(&refused);
            pauses.push(pause);
            // A person who is turned away does not lengthen the lock.
            world.advance(Duration::from_millis(pause * 1000 - 1));
            assert_eq!(seconds(&guess(&world).await), 1);
            world.advance(Duration::from_millis(1));
            guess_often(&world, 1).await;
        }
        assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]);
        let detail = guess(&world).await.json()["detail"].clone();
        assert_eq!(detail, "Too many attempts; try again in 15 minutes.");
        // Those beyond the free ones are forgotten one in a quarter of an hour, then the others.
        world.advance(Duration::from_hours(1));
        guess_often(&world, 1).await;
        assert_eq!(seconds(&guess(&world).await), 128);
        world.advance(Duration::from_hours(3));
        guess_often(&world, ENOUGH).await;
        assert_eq!(seconds(&guess(&world).await), 1);
    })
    .await;
}

#[tokio::test]
async fn whoever_misses_now_and_then_never_waits() {
    on_each_engine(async |world| {
        for _ in 0..10 * ENOUGH {
            guess_often(&world, 1).await;
            world.advance(Duration::from_mins(3));
        }
        guess_often(&world, ENOUGH).await;
        assert_eq!(seconds(&guess(&world).await), 1);
    })
    .await;
}

#[tokio::test]
async fn an_account_sends_so_many_invites() {
    on_each_scene(async |scene| {
        let invite = async |token: &str| {
            let body = json!({"email": "eve@example.com", "sendInvite": true});
            scene.call("user/create", token, body).await
        };
        // One has been sent to the user of the scene.
        for _ in 0..500 {
            invite(&scene.admin.token).await.ok();
        }
        assert_eq!(seconds(&invite(&scene.admin.token).await), 60);
        // Without a letter all goes on, and the operator is not counted.
        let body = json!({"email": "bob@example.com"});
        scene.call("user/create", &scene.admin.token, body).await.ok();
        let body = json!({
            "email": "eve@example.com", "sendInvite": true, "accountId": scene.admin.account,
        });
        scene.call("user/create", &scene.root.token, body).await.ok();
    })
    .await;
}

#[tokio::test]
async fn the_lock_is_for_every_code_and_call_but_only_for_unknown_codes() {
    on_each_scene(async |scene| {
        let target = scene.target("eve").await;
        let invite = json!({"invite": target.invite});
        let used = json!({"invite": scene.target("ada").await.invite});
        let ada = scene.world.token("ada@example.com", true);
        scene.call("user/login", &ada, used.clone()).await.ok();
        for _ in 0..ENOUGH + 5 {
            let answer = scene.call("invite/check", "", used.clone()).await;
            assert_eq!(answer.outcome(), "409 invite_used");
            scene.call("invite/check", "", invite.clone()).await.ok();
        }
        // A login is a guess like any other.
        let eve = scene.world.token("eve@example.com", true);
        guess_often(&scene.world, ENOUGH - 1).await;
        let answer = scene.call("user/login", &eve, unknown()).await;
        assert_eq!(answer.outcome(), "404 not_found");
        seconds(&scene.refused("invite/check", "", invite.clone()).await);
        seconds(&scene.refused("user/login", &eve, invite.clone()).await);
        // What shows no code is not locked.
        scene.call("user/login", &scene.user.token, json!({})).await.ok();
        scene.world.advance(Duration::from_secs(1));
        scene.call("invite/check", "", invite.clone()).await.ok();
        scene.call("user/login", &eve, invite).await.ok();
    })
    .await;
}

fn tally(answers: &[Answer]) -> usize {
    let passed = answers.iter().filter(|answer| answer.status == 404).count();
    let refused = answers.iter().filter(|answer| answer.status == 429).count();
    assert_eq!(passed + refused, answers.len());
    passed
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn guesses_at_once_get_no_further() {
    on_each_engine(async |world| {
        let mut passed = 0;
        // Until the lock is reached; each round ends with every miss counted.
        while passed < ENOUGH {
            let more = tally(&join_all((0..100).map(|_| guess(&world))).await);
            assert!(more > 0);
            passed += more;
        }
        assert_eq!(passed, ENOUGH);
        world.advance(Duration::from_secs(1));
        assert_eq!(tally(&join_all((0..50).map(|_| guess(&world))).await), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_count_together() {
    for engine in Engine::all() {
        let clock = Clock::manual(NOW);
        let fresh = engine.fresh(&clock).await;
        let node = || World::over(Arc::clone(&fresh.table), clock.clone(), &[]);
        let (one, other) = (node().await, node().await);
        guess_often(&one, 10).await;
        guess_often(&other, ENOUGH - 10).await;
        assert_eq!(seconds(&guess(&one).await), 1);
        // A node that has just started knows it, too.
        assert_eq!(seconds(&guess(&node().await).await), 1);
        clock.advance(Duration::from_hours(1));
        let both = (0..100).map(|number| guess(if number % 2 == 0 { &one } else { &other }));
        let passed = tally(&join_all(both).await);
        assert!(passed <= 2 * ENOUGH, "{passed}");
        // Each miss was counted: it takes no more than before until the lock.
        let mut more = passed;
        while guess(&one).await.status == 404 {
            more += 1;
        }
        assert!(more <= ENOUGH.max(passed), "{passed} {more}");
    }
}

/// A guess on the command line, or one whose connection ends.
async fn call(scene: &Scene, address: Option<&str>) -> Result<()> {
    let Value::Object(body) = unknown() else { unreachable!() };
    let address = address.map(|address| address.parse().unwrap());
    let request = api::Request { body, address, ..api::Request::default() };
    api::call(&scene.world.app, &Credentials::None, "invite/check", request).await.map(drop)
}

#[tokio::test]
async fn who_hangs_up_is_counted() {
    on_each_scene(async |scene| {
        guess_often(&scene.world, ENOUGH - 1).await;
        scene.table.trouble(Trouble::HeldWrites);
        let (before, moment) = (scene.table.misses(), Duration::from_millis(200));
        let guess = tokio::time::timeout(moment, call(&scene, Some("127.0.0.1"))).await;
        assert!(guess.is_err(), "it has not waited for the count");
        scene.table.trouble(Trouble::None);
        scene.table.release();
        while scene.table.misses() == before {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert_eq!(seconds(&self::guess(&scene.world).await), 1);
    })
    .await;
}

#[tokio::test]
async fn addresses_are_apart_and_the_command_line_is_free() {
    on_each_scene(async |scene| {
        let code = async |address| call(&scene, address).await.unwrap_err().code();
        for _ in 0..ENOUGH {
            assert_eq!(code(Some("2001:db8:1:2::3")).await, Code::NotFound);
        }
        assert_eq!(code(Some("2001:db8:1:2::4")).await, Code::TooManyRequests);
        assert_eq!(code(Some("2001:db8:1:3::3")).await, Code::NotFound);
        for _ in 0..ENOUGH * 2 {
            assert_eq!(code(None).await, Code::NotFound);
        }
    })
    .await;
}
