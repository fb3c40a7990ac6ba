//! One person in several accounts at once.

use std::{sync::Arc, time::Duration};

use futures_util::future::join_all;
use guestlist::clock::Clock;
use serde_json::{Value, json};

use super::{joins, made, nowhere, own};
use crate::support::{
    engine::Engine,
    world::{NOW, Person, World, on_each_engine, on_two_nodes},
};

/// Ann, who has an account of her own and joins another.
async fn ann(world: &World) -> (Person, Person, Person) {
    let home = world.registered("ann@example.com").await;
    let admin = world.registered("admin@example.org").await;
    let away = joins(world, &admin, &home.token, "ann@example.com").await;
    (home, away, admin)
}

async fn get(world: &World, account: &str, token: &str) -> (String, Value) {
    let answer = world.client.call_in(account, "user/get", token, json!({})).await;
    (answer.outcome(), answer.json()["id"].clone())
}

#[tokio::test]
async fn the_header_says_which_account_a_call_is_about() {
    on_each_engine(async |world| {
        let (home, away, admin) = ann(&world).await;
        assert_ne!((&home.id, &home.account), (&away.id, &away.account));
        for ann in [&home, &away] {
            let (outcome, id) = get(&world, &ann.account, &ann.token).await;
            assert_eq!((outcome.as_str(), id), ("200", json!(ann.id)));
        }
        assert_eq!(get(&world, "", &home.token).await.0, "409 account_required");
        // Nobody is in an account by naming it.
        let elsewhere = "0190aaaa-0000-7000-8000-00000000dead";
        assert_eq!(get(&world, elsewhere, &home.token).await.0, "403 not_registered");
        assert_eq!(get(&world, &home.account, &admin.token).await.0, "403 not_registered");
        assert_eq!(get(&world, "", &admin.token).await.0, "200");
        let malformed = world.client.call_in("x", "user/get", &home.token, json!({})).await;
        assert_eq!(malformed.faults(), "X-Account-Id:format");
        // A key is of one account; who is asked for nothing, and who shows an identity, names none.
        let key = world.key(&home, "admin", "write").await;
        let find = async |account: &str| {
            world.client.call_in(account, "user/find", &key, json!({})).await.outcome()
        };
        assert_eq!(find("").await, "200");
        assert_eq!(find(&home.account).await, "200");
        assert_eq!(find(&away.account).await, "409 account_mismatch");
        let mine = world.client.call_in(elsewhere, "account/mine", &home.token, json!({})).await;
        assert_eq!(mine.ok()["accounts"].as_array().unwrap().len(), 2);
        let names = json!({"name": "Renamed"});
        let refused = world.client.call_in(&away.account, "account/update", &home.token, names);
        assert_eq!(refused.await.outcome(), "403 forbidden", "a user there, an admin at home");
    })
    .await;
}

#[tokio::test]
async fn without_a_word_it_is_the_account_with_the_latest_activity() {
    on_each_engine(async |world| {
        let (home, away, admin) = ann(&world).await;
        let login = async |body: Value| {
            let reply = nowhere(&world, "user/login", &home.token, body).await.ok();
            reply["account"]["id"].as_str().unwrap().to_owned()
        };
        world.advance(Duration::from_mins(11));
        assert_eq!(login(json!({"accountId": home.account})).await, home.account);
        assert_eq!(login(json!({})).await, home.account);
        world.advance(Duration::from_mins(11));
        assert_eq!(login(json!({"accountId": away.account})).await, away.account);
        assert_eq!(login(json!({})).await, away.account);
        // One that is closed to her does not keep her from the other.
        let suspend = json!({"id": away.id, "state": "suspended"});
        world.call("user/update", &admin, suspend).await.ok();
        assert_eq!(login(json!({})).await, home.account);
        assert_eq!(get(&world, &away.account, &home.token).await.0, "403 suspended");
        assert_eq!(get(&world, &home.account, &home.token).await.0, "200");
        assert_eq!(get(&world, "", &home.token).await.0, "409 account_required");
        // Removed from one, she is in the only other one, and says no more.
        world.call("user/remove", &admin, json!({"id": away.id})).await.ok();
        assert_eq!(get(&world, "", &home.token).await.0, "200");
        assert_eq!(get(&world, &away.account, &home.token).await.0, "403 not_registered");
        assert_eq!(own(&world, &home.token).await, std::slice::from_ref(&home.account));
    })
    .await;
}

#[tokio::test]
async fn a_node_does_not_take_the_only_account_for_granted() {
    on_two_nodes(async |here, there| {
        let home = here.registered("ann@example.com").await;
        // This node knows her, and in how many accounts she is.
        for _ in 0..3 {
            assert_eq!(get(&here, "", &home.token).await.0, "200");
        }
        let admin = there.registered("admin@example.org").await;
        let away = joins(&there, &admin, &home.token, "ann@example.com").await;
        assert_eq!(get(&here, "", &home.token).await.0, "409 account_required");
        assert_eq!(get(&here, &away.account, &home.token).await.1, json!(away.id));
        let leave = there.client.call_in(&away.account, "user/leave", &home.token, json!({}));
        leave.await.ok();
        assert_eq!(get(&here, "", &home.token).await, ("200".to_owned(), json!(home.id)));
        here.advance(Duration::from_secs(5));
        assert_eq!(get(&here, &away.account, &home.token).await.0, "403 not_registered");
    })
    .await;
}

#[tokio::test]
async fn whoever_leaves_is_out_at_once_whatever_is_held() {
    on_each_engine(async |world| {
        let (home, away, admin) = ann(&world).await;
        let hold = json!({"id": away.id, "kind": "server", "ref": "7"});
        world.call("hold/place", &admin, hold.clone()).await.ok();
        let stale =
            world.client.call_in(&away.account, "user/leave", &home.token, json!({"version": 9}));
        assert_eq!(stale.await.outcome(), "409 version_mismatch");
        let left = world.client.call_in(&away.account, "user/leave", &home.token, json!({}));
        let left = left.await.ok();
        assert_eq!((&left["state"], &left["issuer"]), (&json!("trashed"), &Value::Null));
        assert_eq!(get(&world, &away.account, &home.token).await.0, "403 not_registered");
        assert_eq!(get(&world, "", &home.token).await.1, json!(home.id));

        // What she owns there keeps the record, and can be released.
        let id = json!({"id": away.id});
        assert_eq!(world.call("trash/purge", &admin, id.clone()).await.outcome(), "409 held");
        world.advance(Duration::from_hours(24 * 31));
        while world.sweeper.round().await.unwrap() > 0 {}
        let found = world.call("hold/find", &admin, id.clone()).await.ok();
        assert_eq!(found["data"].as_array().unwrap().len(), 1);
        world.call("hold/release", &admin, hold).await.ok();
        world.advance(Duration::from_hours(25));
        while world.sweeper.round().await.unwrap() > 0 {}
        let trash = world.call("trash/find", &admin, id).await.ok();
        assert_eq!(trash, json!({"data": []}));

        // She is not brought back without being asked.
        let again = joins(&world, &admin, &home.token, "ann@example.com").await;
        world.client.call_in(&again.account, "user/leave", &home.token, json!({})).await.ok();
        let id = json!({"id": again.id});
        let admin = world.fresh(&admin);
        let back = world.call("trash/restore", &admin, id).await.ok();
        assert_eq!((&back["state"], &back["issuer"]), (&json!("invited"), &Value::Null));
        assert_eq!(get(&world, &again.account, &home.token).await.0, "403 not_registered");
        let join = json!({"accountId": again.account});
        let refused = nowhere(&world, "user/login", &home.token, join).await;
        assert_eq!(refused.outcome(), "403 not_registered", "it takes another invite");
    })
    .await;
}

#[tokio::test]
async fn the_last_admin_stays() {
    on_each_engine(async |world| {
        let (home, ..) = ann(&world).await;
        let leave = || world.client.call_in(&home.account, "user/leave", &home.token, json!({}));
        assert_eq!(leave().await.outcome(), "409 last_admin");
        world.invited(&home, "heir@example.com", json!({"role": "admin"})).await;
        leave().await.ok();
        assert_eq!(get(&world, &home.account, &home.token).await.0, "403 not_registered");
        let key = world.registered("other@example.com").await;
        let key = world.key(&key, "admin", "write").await;
        let refused = world.client.call_in("", "user/leave", &key, json!({})).await;
        assert_eq!(refused.outcome(), "403 forbidden");
    })
    .await;
}

#[tokio::test]
async fn a_person_is_in_fifty_accounts_and_in_a_hundred_at_most() {
    on_each_engine(async |world| {
        let root = world.root().await;
        let ann = world.token("ann@example.com", true);
        let joined = async |number: usize| {
            let body = json!({"name": format!("Account {number}"), "managed": true});
            let account = world.call("account/create", &root, body).await.ok()["id"].clone();
            let body = json!({"accountId": account, "email": "ann@example.com"});
            world.call("user/create", &root, body).await.ok();
            world.advance(Duration::from_millis(1));
            nowhere(&world, "user/login", &ann, json!({"accountId": account})).await
        };
        for number in 0..50 {
            joined(number).await.ok();
        }
        assert_eq!(own(&world, &ann).await.len(), 50);
        let reply = nowhere(&world, "user/login", &ann, json!({})).await.ok();
        assert_eq!(reply["account"]["name"], "Account 49");
        for number in 50..100 {
            joined(number).await.ok();
        }
        assert_eq!(joined(100).await.outcome(), "409 too_many_accounts");
        assert_eq!(own(&world, &ann).await.len(), 100);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_joins_and_removals_at_once_each_is_whole() {
    for engine in Engine::all() {
        let clock = Clock::manual(NOW);
        let fresh = engine.fresh(&clock).await;
        let nodes = [
            World::over(Arc::clone(&fresh.table), clock.clone(), &[]).await,
            World::over(Arc::clone(&fresh.table), clock.clone(), &[]).await,
        ];
        let ann = super::signed_up(&nodes[0], "ann@example.com").await;
        let mut accounts = Vec::new();
        for number in 0..32 {
            let admin = nodes[0].registered(&format!("admin{number}@example.org")).await;
            let body = json!({"email": "ann@example.com", "sendInvite": true});
            let user = made(&nodes[0], &admin, body).await;
            accounts.push((admin, user));
        }
        // Half of them she is in before, and is removed from.
        for (admin, _) in accounts.iter().take(16) {
            let join = json!({"accountId": admin.account});
            nowhere(&nodes[0], "user/login", &ann, join).await.ok();
        }
        let acts = accounts.iter().enumerate().flat_map(|(number, (admin, user))| {
            let ann = &ann;
            nodes.iter().enumerate().map(move |(which, node)| async move {
                // A node that has too much to do says so; the same call is sent again, and what it has done
                // meanwhile is not done twice.
                let key = format!("{number} on {which}");
                for _ in 0..40 {
                    let answer = if number < 16 {
                        node.client
                            .call_once(&key, "user/remove", &admin.token, &json!({"id": user}))
                            .await
                    } else {
                        let join = json!({"accountId": admin.account});
                        node.client.call_once(&key, "user/login", ann, &join).await
                    };
                    if answer.status != 503 {
                        return answer.outcome();
                    }
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
                "503".to_owned()
            })
        });
        let outcomes = join_all(acts).await;
        for (number, pair) in outcomes.chunks(2).enumerate() {
            let mut pair = pair.to_vec();
            pair.sort();
            let wanted = if number < 16 { ["200", "404 not_found"] } else { ["200", "200"] };
            assert_eq!(pair, wanted, "{number}");
        }
        let mut left = own(&nodes[1], &ann).await;
        left.sort();
        let mut wanted: Vec<_> =
            accounts.iter().skip(16).map(|(admin, _)| admin.account.clone()).collect();
        wanted.sort();
        assert_eq!(left, wanted);
        // The sign-in stays as long as she is anywhere.
        clock.advance(Duration::from_hours(24 * 60));
        super::token_of(&nodes[0], "ann@example.com").await;
    }
}
