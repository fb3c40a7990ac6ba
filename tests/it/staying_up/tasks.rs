//! Work that goes on by itself: what becomes of it when the program panics over it.

use std::time::Duration;

use hyper::Method;
use serde_json::json;

use crate::support::{
    engine::Engine,
    scene::{Scene, on_each_scene},
    watched::Trouble,
};

async fn metrics(scene: &Scene) -> String {
    let answer = scene.world.client.send(Method::GET, "/metrics", &[], "").await;
    String::from_utf8(answer.body.to_vec()).unwrap()
}

#[tokio::test]
async fn an_email_that_the_program_panics_over_is_put_aside() {
    on_each_scene(async |scene| {
        while scene.world.courier.round().await.unwrap() > 0 {}
        scene.target("poison").await;
        scene.table.trouble(Trouble::PanickingGets);
        for _ in 0..3 {
            assert_eq!(scene.world.courier.round().await.unwrap(), 1);
            scene.world.advance(Duration::from_mins(2));
        }
        assert_eq!(scene.world.courier.round().await.unwrap(), 0);
        scene.table.trouble(Trouble::None);
        let text = metrics(&scene).await;
        assert!(text.contains("guestlist_letters_total{outcome=\"parked\"} 1\n"), "{text}");
        let parked = scene.call("mail/find", &scene.root.token, json!({})).await.ok();
        let why = parked["data"][0]["lastError"].as_str().unwrap_or_default();
        assert!(why.contains("the test says so"), "{parked}");
        // Those behind it leave.
        scene.target("next").await;
        assert_eq!(scene.world.courier.round().await.unwrap(), 1);
        let text = metrics(&scene).await;
        assert!(text.contains("guestlist_letters_total{outcome=\"postponed\"} 2\n"), "{text}");
    })
    .await;
}

#[tokio::test]
async fn a_chore_that_the_program_panics_over_comes_up_again() {
    on_each_scene(async |scene| {
        let target = scene.trashed("gone").await;
        scene.world.advance(Duration::from_hours(31 * 24));
        scene.table.trouble(Trouble::PanickingGets);
        assert!(scene.world.sweeper.round().await.unwrap() > 0);
        assert_eq!(scene.world.sweeper.round().await.unwrap(), 0, "it is to wait");
        scene.table.trouble(Trouble::None);
        scene.world.advance(Duration::from_hours(1));
        assert!(scene.world.sweeper.round().await.unwrap() > 0);
        for shard in 0..4 {
            let left = scene.table.partition(&format!("purge#{shard}")).await;
            let is_purge = |key: &str| key.ends_with(&target.id);
            assert!(!left.iter().any(|item| is_purge(&item.key.sort)), "{left:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn the_tasks_are_counted() {
    let scene = Scene::new(Engine::Sqlite, &[]).await;
    let text = metrics(&scene).await;
    for task in ["courier", "sweeper"] {
        let failures = format!("guestlist_task_failures_total{{task=\"{task}\"}} 0\n");
        let up = format!("guestlist_task_up{{task=\"{task}\"}} 1\n");
        assert!(text.contains(&failures) && text.contains(&up), "{text}");
    }
}
