//! Deleting for good: by a call, by the service itself, and what is left afterwards.

use std::{sync::Arc, time::Duration};

use futures_util::future::join_all;
use guestlist::{
    clock::Clock,
    table::{Condition, Item, Key, Op, Table as _, Written},
};
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::support::{
    engine::Engine,
    scene::{Scene, on_each_scene},
    watched::Watched,
    world::{NOW, Person, World, on_each_engine},
};

const DAY: Duration = Duration::from_hours(24);
const MOMENT: Duration = Duration::from_millis(1);

/// The time that users are kept, but for the last moment of it.
const ALMOST_A_MONTH: Duration = Duration::from_millis(30 * 24 * 60 * 60 * 1000 - 1);

/// Does all that is due, and what becomes due soon after because of it.
async fn sweep(world: &World) {
    while world.sweeper.round().await.unwrap() > 0 {}
    world.advance(Duration::from_mins(1));
    while world.sweeper.round().await.unwrap() > 0 {}
}

/// Where in the whole table one of the words is.
async fn places(table: &Watched, words: &[&str]) -> Vec<String> {
    let mut places = Vec::new();
    for item in table.everything().await {
        let text = format!("{item:?}").to_lowercase();
        let found = words.iter().filter(|word| text.contains(**word));
        places.extend(found.map(|word| format!("{word}: {}", item.key)));
    }
    places
}

/// The entries of an account's trail that tell where this user called from.
async fn addresses(scene: &Scene, account: &str, user: &Person) -> usize {
    let actor = format!("user:{}", user.id);
    let entries = scene.audit(account).await;
    entries.iter().filter(|it| it["actor"] == actor && it["address"].is_string()).count()
}

#[tokio::test]
async fn nothing_is_left_but_ids_in_the_trail() {
    on_each_scene(async |scene| {
        let words = ["paula", "prokofiev", "ext-77", "aubergine"];
        let fields = json!({"role": "admin", "first": "Paula", "last": "Prokofiev",
            "username": "paula.p", "externalId": "ext-77"});
        let email = "paula@example.com";
        let paula = scene.world.invited(&scene.admin, email, fields.clone()).await;
        let body = json!({"preferences": {"colour": "aubergine"}, "language": "de"});
        scene.call("user/update", &paula.token, body).await.ok();
        // What she does to others: an invitation with her name in it, which waits, and more.
        let body = json!({"email": "guest@example.com", "sendInvite": true});
        scene.call("user/create", &paula.token, body).await.ok();
        scene.call("account/update", &paula.token, json!({"name": "Acme"})).await.ok();
        scene.call("user/remove", &scene.admin.token, json!({"id": paula.id})).await.ok();
        let account = &scene.admin.account;
        let trail = scene.audit(account).await.len();
        assert!(addresses(&scene, account, &paula).await >= 4);
        let others = addresses(&scene, account, &scene.admin).await;
        let found = places(&scene.table, &words).await;
        for word in words {
            assert!(found.iter().any(|place| place.starts_with(word)), "{word}: {found:?}");
        }

        let purged = scene.call("trash/purge", &scene.admin.token, json!({"id": paula.id})).await;
        assert_eq!(purged.ok()["state"], "trashed");
        assert_eq!(purged.ok()["email"], email);
        sweep(&scene.world).await;
        assert_eq!(places(&scene.table, &words).await, Vec::<String>::new());
        assert_eq!(addresses(&scene, account, &paula).await, 0);
        assert_eq!(addresses(&scene, account, &scene.admin).await, others + 1);
        assert_eq!(scene.audit(account).await.len(), trail + 1);
        for shard in 0..4 {
            assert!(scene.table.partition(&format!("purge#{shard}")).await.is_empty());
        }
        // The invitation that she sent is still worth something, and goes out without her name.
        while scene.world.courier.round().await.unwrap() > 0 {}
        let letters = std::fs::read_dir(scene.world.mail.path()).unwrap();
        let letters = letters.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap());
        let letters: Vec<_> = letters.filter(|it| it.contains("guest@example.com")).collect();
        assert!(letters.len() == 1 && letters[0].contains("You are invited"), "{letters:?}");
    })
    .await;
}

#[tokio::test]
async fn letters_and_open_invites_go_along() {
    on_each_scene(async |scene| {
        let target = scene.trashed("wanda").await;
        assert!(!places(&scene.table, &["wanda"]).await.is_empty());
        let id = json!({"id": target.id});
        scene.call("trash/purge", &scene.admin.token, id.clone()).await.ok();
        for call in ["trash/purge", "trash/restore", "user/get"] {
            let outcome = scene.call(call, &scene.admin.token, id.clone()).await.outcome();
            assert_eq!(outcome, "404 not_found", "{call}");
        }
        sweep(&scene.world).await;
        assert_eq!(places(&scene.table, &["wanda"]).await, Vec::<String>::new());
        while scene.world.courier.round().await.unwrap() > 0 {}
        let letters = std::fs::read_dir(scene.world.mail.path()).unwrap();
        let letters = letters.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap());
        assert_eq!(letters.filter(|it| it.contains("wanda")).count(), 0);
    })
    .await;
}

#[tokio::test]
async fn an_operators_addresses_go_from_every_accounts_trail() {
    on_each_scene(async |scene| {
        let rita = json!({"role": "root"});
        let rita = scene.world.invited(&scene.root, "rita@example.com", rita).await;
        let account = &scene.admin.account;
        let body = json!({"name": "Renamed", "accountId": account});
        scene.call("account/update", &rita.token, body).await.ok();
        assert_eq!(addresses(&scene, account, &rita).await, 1);
        scene.call("user/remove", &scene.root.token, json!({"id": rita.id})).await.ok();
        scene.call("trash/purge", &scene.root.token, json!({"id": rita.id})).await.ok();
        sweep(&scene.world).await;
        assert_eq!(addresses(&scene, account, &rita).await, 0);
        assert_eq!(addresses(&scene, &scene.root.account, &rita).await, 0);
        assert!(addresses(&scene, account, &scene.admin).await > 0);
    })
    .await;
}

#[tokio::test]
async fn what_was_claimed_is_free_at_once_and_the_purge_takes_nothing() {
    on_each_scene(async |scene| {
        let token = &scene.admin.token;
        let body = json!({"email": "bob@example.com", "username": "bob", "externalId": "1"});
        let bob = scene.call("user/create", token, body.clone()).await.ok();
        let id = json!({"id": bob["id"]});
        scene.refused("trash/purge", token, id.clone()).await;
        scene.call("user/remove", token, id.clone()).await.ok();
        // All of it is free at once, and purging takes nothing from the one who has it now.
        let again = scene.call("user/create", token, body).await.ok();
        assert_ne!(again["id"], bob["id"]);
        assert!(again["number"].as_u64() > bob["number"].as_u64());
        let stale = json!({"id": bob["id"], "version": 1});
        let outcome = scene.refused("trash/purge", token, stale).await.outcome();
        assert_eq!(outcome, "409 version_mismatch");
        let current = json!({"email": "bob@example.com", "version": 2});
        scene.call("trash/purge", token, current).await.ok();
        sweep(&scene.world).await;
        for who in [
            json!({"email": "bob@example.com"}),
            json!({"username": "bob"}),
            json!({"externalId": "1"}),
            json!({"number": again["number"]}),
        ] {
            assert_eq!(scene.call("user/get", token, who).await.ok()["id"], again["id"]);
        }
        let old = json!({"number": bob["number"]});
        assert_eq!(scene.call("user/get", token, old).await.outcome(), "404 not_found");
    })
    .await;
}

#[tokio::test]
async fn somebody_who_was_purged_may_come_again() {
    on_each_engine(async |world| {
        let admin = world.admin("admin@example.com").await;
        let bob = world.invited(&admin, "bob@example.com", json!({})).await;
        world.call("user/get", &bob, json!({})).await.ok();
        world.call("user/remove", &admin, json!({"id": bob.id})).await.ok();
        assert_eq!(world.call("user/get", &bob, json!({})).await.outcome(), "403 not_registered");
        world.call("trash/purge", &admin, json!({"id": bob.id})).await.ok();
        assert_eq!(world.call("user/get", &bob, json!({})).await.outcome(), "403 not_registered");
        let again = world.invited(&admin, "bob@example.com", json!({})).await;
        assert_ne!(again.id, bob.id);
    })
    .await;
}

#[tokio::test]
async fn nobody_purges_whom_the_own_role_does_not_reach() {
    on_each_scene(async |scene| {
        let body = json!({"email": "rita@example.com", "role": "root"});
        let rita = scene.call("user/create", &scene.root.token, body).await.ok();
        let id = json!({"id": rita["id"]});
        scene.call("user/remove", &scene.root.token, id.clone()).await.ok();
        let home = json!({"role": "admin"});
        let home = scene.world.invited(&scene.root, "home@example.com", home).await;
        let outcome = scene.refused("trash/purge", &home.token, id.clone()).await.outcome();
        assert_eq!(outcome, "403 forbidden");
        let other = scene.world.admin("other@example.com").await;
        let outcome = scene.refused("trash/purge", &other.token, id.clone()).await.outcome();
        assert_eq!(outcome, "404 not_found");
        scene.call("trash/purge", &scene.root.token, id).await.ok();
    })
    .await;
}

async fn is_trashed(world: &World, by: &Person, id: &Value) -> bool {
    let reply = world.call("trash/find", by, json!({"id": id})).await.ok();
    !reply["data"].as_array().unwrap().is_empty()
}

#[tokio::test]
async fn the_trash_empties_itself_when_the_time_is_up_and_not_before() {
    on_each_engine(async |world| {
        let admin = world.admin("admin@example.com").await;
        let mut ids = Vec::new();
        for name in ["gone", "back", "twice"] {
            let body = json!({"email": format!("{name}@example.com")});
            ids.push(world.call("user/create", &admin, body).await.ok()["id"].clone());
        }
        let remove = async |id: &Value| {
            world.call("user/remove", &admin, json!({"id": id})).await.ok();
        };
        for id in &ids {
            remove(id).await;
        }
        for id in &ids[1..] {
            world.call("trash/restore", &admin, json!({"id": id})).await.ok();
        }
        world.advance(MOMENT);
        remove(&ids[2]).await;
        world.advance(ALMOST_A_MONTH.saturating_sub(MOMENT));
        assert_eq!(world.sweeper.round().await.unwrap(), 0);
        assert!(is_trashed(&world, &admin, &ids[0]).await);

        world.advance(MOMENT);
        while world.sweeper.round().await.unwrap() > 0 {}
        assert!(!is_trashed(&world, &admin, &ids[0]).await);
        let again = json!({"email": "gone@example.com"});
        world.call("user/create", &admin, again).await.ok();
        world.call("user/get", &admin, json!({"id": ids[1]})).await.ok();
        assert!(is_trashed(&world, &admin, &ids[2]).await);
        world.advance(MOMENT);
        sweep(&world).await;
        assert!(!is_trashed(&world, &admin, &ids[2]).await);
    })
    .await;
}

#[tokio::test]
async fn the_service_itself_accounts_for_it() {
    on_each_scene(async |scene| {
        let target = scene.trashed("tina").await;
        scene.world.advance(30 * DAY);
        sweep(&scene.world).await;
        let entries = scene.audit(&scene.admin.account).await;
        let last = entries.last().unwrap();
        assert_eq!((&last["actor"], &last["action"]), (&json!("sweeper"), &json!("trash/purge")));
        assert_eq!(last["userId"], target.id.as_str());
        assert_eq!(last["address"], Value::Null);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_nodes_delete_each_user_once() {
    for engine in Engine::all() {
        let clock = Clock::manual(NOW);
        let fresh = engine.fresh(&clock).await;
        let table = Arc::new(Watched::new(Arc::clone(&fresh.table)));
        let node = || World::over(Arc::clone(&table) as _, clock.clone(), &[]);
        let nodes = [node().await, node().await, node().await];
        let admin = nodes[0].admin("admin@example.com").await;
        for number in 0..12 {
            let body = json!({"email": format!("u{number}@example.com")});
            let user = nodes[0].call("user/create", &admin, body).await.ok();
            nodes[0].call("user/remove", &admin, json!({"id": user["id"]})).await.ok();
        }
        clock.advance(30 * DAY);
        for _ in 0..4 {
            let rounds = join_all(nodes.iter().map(|node| node.sweeper.round())).await;
            assert!(rounds.iter().all(Result::is_ok), "{rounds:?}");
            clock.advance(Duration::from_mins(1));
        }
        let trail = table.partition(&format!("audit#{}", admin.account)).await;
        let purges = trail.iter().filter(|item| item.body.contains("trash/purge"));
        assert_eq!(purges.count(), 12);
        assert_eq!(places(&table, &["u1@", "u11@"]).await, Vec::<String>::new());
        let totals = table.partition(&format!("count#{}", admin.account)).await;
        let trashed = |item: &Item| {
            serde_json::from_str::<Value>(&item.body).unwrap()["trashed_user"].as_i64()
        };
        let trashed: Vec<_> = totals.iter().filter_map(trashed).collect();
        assert!(!trashed.is_empty() && trashed.iter().all(|total| *total == 0), "{trashed:?}");
    }
}

#[tokio::test]
async fn a_chore_that_cannot_be_done_holds_up_no_other() {
    for engine in Engine::all() {
        let clock = Clock::manual(NOW);
        let fresh = engine.fresh(&clock).await;
        let table = Arc::new(Watched::new(Arc::clone(&fresh.table)));
        let world = World::over(Arc::clone(&table) as _, clock, &[]).await;
        let broken = |number: usize| {
            let sort = format!("000000000000001#{number:04}");
            let key = Key::new(format!("purge#{}", number % 4), sort);
            let body = r#"{"kind":"of tomorrow"}"#.to_owned();
            Op::Put(Item { key, gs1: None, version: 1, expires: None, body }, Condition::Absent)
        };
        assert_eq!(table.write((0..80).map(broken).collect()).await.unwrap(), Written::Done);
        let admin = world.admin("admin@example.com").await;
        for name in ["whole", "torn"] {
            let body = json!({"email": format!("{name}@example.com")});
            let user = world.call("user/create", &admin, body).await.ok();
            world.call("user/remove", &admin, json!({"id": user["id"]})).await.ok();
        }
        let items = table.partition(&format!("account#{}", admin.account)).await;
        let torn = items.into_iter().find(|item| item.body.contains("torn")).unwrap();
        let body = torn.body.replace("\"trashed\"", "\"torn\"");
        let spoilt = vec![Op::Put(Item { body, ..torn.clone() }, Condition::Any)];
        assert_eq!(table.write(spoilt).await.unwrap(), Written::Done);

        world.advance(30 * DAY);
        for _ in 0..12 {
            world.sweeper.round().await.unwrap();
        }
        let find = json!({"email": "whole@example.com"});
        let found = world.call("trash/find", &admin, find).await.ok();
        assert_eq!(found["data"], json!([]));
        // What was in the way is tried again later: by then it may be whole.
        let repaired = vec![Op::Put(torn, Condition::Any)];
        assert_eq!(table.write(repaired).await.unwrap(), Written::Done);
        world.advance(Duration::from_mins(10));
        for _ in 0..12 {
            world.sweeper.round().await.unwrap();
        }
        world.advance(Duration::from_mins(1));
        sweep(&world).await;
        assert_eq!(places(&table, &["torn@", "whole@"]).await, Vec::<String>::new());
    }
}

#[tokio::test]
async fn the_sweeper_stops_when_it_is_told_to() {
    on_each_engine(async |world| {
        let (stop, stopped) = watch::channel(false);
        let sweeping = world.sweeper.run(stopped);
        let told = async { stop.send(true).unwrap() };
        let sweeping = async { tokio::join!(sweeping, told) };
        tokio::time::timeout(Duration::from_secs(20), sweeping).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn an_account_goes_with_all_that_is_in_it() {
    on_each_scene(async |scene| {
        let account = scene.admin.account.clone();
        let key = scene.world.key(&scene.admin, "admin", "write").await;
        for number in 0..60 {
            let target = scene.target(&format!("m{number}")).await;
            if number % 3 == 0 {
                let body = json!({"id": target.id});
                scene.call("user/remove", &scene.admin.token, body).await.ok();
            }
        }
        let body = json!({"id": scene.user.id, "kind": "project", "ref": "loom"});
        scene.call("hold/place", &scene.admin.token, body).await.ok();
        let name = json!({"accountId": account});
        scene.call("account/remove", &scene.root.token, name.clone()).await.ok();
        scene.world.advance(ALMOST_A_MONTH);
        assert_eq!(scene.world.sweeper.round().await.unwrap(), 0);
        scene.call("account/get", &scene.root.token, name.clone()).await.ok();

        scene.world.advance(MOMENT);
        let back = json!({"accountId": account, "state": "active"});
        let root = scene.world.again(&scene.root.token);
        let refused = scene.refused("account/update", &root, back).await;
        assert_eq!(refused.faults(), "state:transition");
        sweep(&scene.world).await;
        let gone = scene.call("account/get", &scene.root.token, name).await;
        assert_eq!(gone.outcome(), "404 not_found");
        scene.world.advance(Duration::from_secs(5));
        let outcome = scene.call("user/get", &scene.admin.token, json!({})).await.outcome();
        assert_eq!(outcome, "403 not_registered");
        let outcome = scene.call("user/find", &key, json!({})).await.outcome();
        assert_eq!(outcome, "401 unauthenticated");
        let words =
            ["alice", "uma", "m1@example.com", "m3@example.com", "m59", "loom", "127.0.0.1"];
        let found = places(&scene.table, &words).await;
        let elsewhere = format!("127.0.0.1: audit#{}", scene.root.account);
        let place = "alice: identity#9#guestlist#alice@example.com/registered#0";
        let found: Vec<_> = found
            .iter()
            .filter(|found| !found.starts_with(&elsewhere) && *found != place)
            .collect();
        assert_eq!(found, Vec::<&String>::new());
        // The trail tells of it, and nothing else does.
        let items = scene.table.everything().await;
        // The place that its maker had for it may be taken again.
        let about = items.iter().filter(|item| format!("{item:?}").contains(&account));
        let about = about.filter(|item| !item.key.sort.starts_with("registered#"));
        let about: Vec<_> =
            about.filter(|item| !item.key.partition.starts_with("audit#")).collect();
        assert!(about.is_empty(), "{about:?}");
        // In the order of their times; entries of one moment have none.
        let trail = scene.audit(&account).await;
        let target = format!("account:{account}");
        let is_end = |entry: &&Value| entry["target"] == target && entry["actor"] == "sweeper";
        let ends: Vec<_> = trail.iter().filter(is_end).collect();
        let [end] = ends.as_slice() else { panic!("{ends:?}") };
        assert_eq!(end["action"], "account/remove");
        assert!(end["at"].is_string(), "{end}");
        assert_eq!(end["at"], trail.last().unwrap()["at"]);
        // Its people may come again.
        scene.world.admin("alice@example.com").await;
    })
    .await;
}

#[tokio::test]
async fn an_account_that_came_back_stays() {
    on_each_scene(async |scene| {
        let root = &scene.root.token;
        let account = json!({"accountId": scene.admin.account});
        let active = json!({"accountId": scene.admin.account, "state": "active"});
        scene.call("account/remove", root, account.clone()).await.ok();
        scene.call("account/update", root, active.clone()).await.ok();
        scene.world.advance(MOMENT);
        scene.call("account/remove", root, account).await.ok();
        // A month after the first time, which does not count any more.
        scene.world.advance(ALMOST_A_MONTH.saturating_sub(Duration::from_secs(1)));
        // A second later.
        let root = &scene.world.again(root);
        assert_eq!(scene.world.sweeper.round().await.unwrap(), 0);
        scene.call("account/update", root, active).await.ok();
        scene.world.advance(DAY);
        sweep(&scene.world).await;
        let token = scene.world.again(&scene.admin.token);
        scene.call("user/get", &token, json!({})).await.ok();
    })
    .await;
}
