//! Work that goes on by itself: what becomes of it when the program panics over it.

use std::time::Duration;

use guestlist::tasks::Task;
use hyper::Method;
use serde_json::{Value, json};
use tokio::sync::watch;

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

/// Has a task go on until it is down.
async fn falls<F: Future<Output = ()>>(task: &Task, work: impl Fn(watch::Receiver<bool>) -> F) {
    let (stop, stopped) = watch::channel(false);
    let watching = async {
        while task.is_up() {
            tokio::task::yield_now().await;
        }
        stop.send_replace(true);
    };
    tokio::join!(task.keep_up(stopped.clone(), || work(stopped.clone())), watching);
}

/// What `/readyz` says of the tasks; nothing about why, which may be anything.
async fn told(scene: &Scene) -> Value {
    let answer = scene.world.client.send(Method::GET, "/readyz", &[], "").await;
    let told = answer.ok();
    assert!(!told.to_string().contains("the test says so"), "{told}");
    told
}

#[tokio::test]
async fn a_task_that_is_down_is_told_with_what_it_means() {
    on_each_scene(async |scene| {
        assert_eq!(told(&scene).await, json!({"status": "ok"}));
        let world = &scene.world;
        let first = world.clock.now();
        scene.table.trouble(Trouble::Panic);
        falls(&world.tasks.courier, |stop| world.courier.run(stop)).await;
        scene.table.trouble(Trouble::Unavailable);
        world.advance(Duration::from_secs(90));
        let second = world.clock.now();
        falls(&world.tasks.sweeper, |stop| world.sweeper.run(stop)).await;
        scene.table.trouble(Trouble::None);
        world.advance(Duration::from_secs(2));
        let expected = json!({"status": "degraded", "tasks": [
            {
                "task": "courier", "since": first, "failures": 1, "panicked": true,
                "affected": "Emails wait in the table, and none is lost. On DynamoDB other nodes send them.",
                "todo": "It restarts automatically within a minute. If it keeps failing, restart the service, and \
                         report the panic shown in the log: it is a bug.",
            },
            {
                "task": "sweeper", "since": second, "failures": 1, "panicked": false,
                "affected": "Users and accounts in the trash, and unused sign-ins, are deleted for good later than \
                             due.",
                "todo": "It is retried automatically. Check that the service may read and write the table.",
            },
        ]});
        assert_eq!(told(&scene).await, expected);
        let text = metrics(&scene).await;
        for task in ["courier", "sweeper"] {
            assert!(text.contains(&format!("guestlist_task_up{{task=\"{task}\"}} 0\n")), "{text}");
        }

        // Once they go on, they say so themselves.
        let (stop, stopped) = watch::channel(false);
        let enough = async {
            while !(world.tasks.courier.is_up() && world.tasks.sweeper.is_up()) {
                tokio::task::yield_now().await;
            }
            stop.send_replace(true);
        };
        tokio::join!(world.courier.run(stopped.clone()), world.sweeper.run(stopped.clone()), enough);
        // What has panicked may do so again.
        let down = told(&scene).await["tasks"].as_array().unwrap().len();
        assert_eq!(down, 1);
        world.advance(Duration::from_mins(2));
        assert_eq!(told(&scene).await, json!({"status": "ok"}));
    })
    .await;
}

#[tokio::test]
async fn other_processes_hear_of_it_by_the_table() {
    on_each_scene(async |scene| {
        let kept = async || scene.table.partition("tasks").await;
        let world = &scene.world;
        scene.table.take_calls();
        world.task_notes.round().await.unwrap();
        assert_eq!(scene.table.take_calls(), "", "nothing is written while all is well");
        world.tasks.sweeper.guard(|| panic!("the test says so"));
        for _ in 0..3 {
            world.task_notes.round().await.unwrap();
        }
        let noted = kept().await;
        assert_eq!(noted.len(), 1);
        let expected = json!({
            "task": "sweeper", "since": world.clock.now(), "failures": 1, "panicked": true,
            "why": "the test says so",
        });
        assert_eq!(serde_json::from_str::<Value>(&noted[0].body).unwrap(), expected);
        // It ends by itself, in case that its node is gone, and is renewed meanwhile.
        assert_eq!(noted[0].expires, Some(world.clock.now().seconds() + 180));
        world.advance(Duration::from_mins(1));
        world.task_notes.round().await.unwrap();
        assert_eq!(kept().await[0].expires, Some(world.clock.now().seconds() + 180));
        world.advance(Duration::from_mins(2));
        world.task_notes.round().await.unwrap();
        assert!(kept().await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn the_tasks_are_counted() {
    let scene = Scene::new(Engine::Sqlite, &[]).await;
    let text = metrics(&scene).await;
    for task in ["courier", "sweeper", "task-notes"] {
        let failures = format!("guestlist_task_failures_total{{task=\"{task}\"}} 0\n");
        let up = format!("guestlist_task_up{{task=\"{task}\"}} 1\n");
        assert!(text.contains(&failures) && text.contains(&up), "{text}");
    }
}
