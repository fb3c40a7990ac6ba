//! Many callers at once: what must be unique stays unique, and nothing is left of those who lose.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::{
    client::Answer,
    world::{Person, World, on_each_engine},
};

/// How often each outcome was had.
fn tally(answers: &[Answer]) -> BTreeMap<String, usize> {
    let mut tally = BTreeMap::new();
    for answer in answers {
        *tally.entry(answer.outcome()).or_default() += 1;
    }
    tally
}

/// The same call with each of the tokens, all at once.
async fn all_call(world: &World, name: &str, tokens: &[String], body: Value) -> Vec<Answer> {
    join_all(tokens.iter().map(|token| world.client.call(name, token, body.clone()))).await
}

fn one_wins(answers: &[Answer], others: &str) {
    let expected = [("200".to_owned(), 1), (others.to_owned(), answers.len() - 1)];
    assert_eq!(tally(answers), BTreeMap::from(expected));
}

/// All users that the account's lists show, as ids.
async fn users(world: &World, by: &Person) -> Vec<String> {
    let reply = world.call("user/find?limit=100", by, json!({})).await.ok();
    let users = reply["data"].as_array().unwrap();
    users.iter().map(|user| user["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_gets_an_account_whoever_else_has_the_email() {
    on_each_engine(async |world| {
        for (round, callers) in [12, 64].into_iter().enumerate() {
            let email = format!("ada{round}@example.com");
            let tokens: Vec<String> = (0..callers)
                .map(|number| world.token_for(&format!("{round}-{number}"), &email, true))
                .collect();
            let answers = all_call(&world, "user/login", &tokens, json!({"register": true})).await;
            // An email is unique within an account only, so each gets one of its own.
            let accounts: BTreeSet<_> = answers
                .iter()
                .map(|answer| answer.ok()["account"]["id"].as_str().unwrap().to_owned())
                .collect();
            assert_eq!(accounts.len(), callers);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_person_may_click_twice() {
    on_each_engine(async |world| {
        let token = vec![world.token("ada@example.com", true); 8];
        let answers = all_call(&world, "user/login", &token, json!({"register": true})).await;
        let users = answers.iter().map(|answer| answer.ok()["user"]["id"].clone());
        let users: Vec<_> = users.collect();
        assert!(users.iter().all(|user| *user == users[0]), "{users:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_email_one_user_of_an_account() {
    on_each_engine(async |world| {
        let admin = world.admin("admin@example.com").await;
        let create = |_| {
            let body = json!({"email": "bob@example.com"});
            world.call("user/create", &admin, body)
        };
        let answers = join_all((0..64).map(create)).await;
        one_wins(&answers, "409 email_taken");
        assert_eq!(users(&world, &admin).await.len(), 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_invite_the_same_person() {
    on_each_engine(async |world| {
        let admin = world.admin("admin@example.com").await;
        let create = |_| {
            let body = json!({"email": "bob@example.com", "sendInvite": true});
            world.call("user/create", &admin, body)
        };
        let answers = join_all((0..16).map(create)).await;
        let bob = answers[0].ok()["id"].clone();
        assert!(answers.iter().all(|answer| answer.ok()["id"] == bob), "{answers:?}");
        assert_eq!(users(&world, &admin).await.len(), 2);
        // One code works: that of the user as it is now.
        let now = world.call("user/get", &admin, json!({"id": bob})).await.ok();
        let mut codes: Vec<_> =
            answers.iter().map(|answer| answer.ok()["invite"].clone()).collect();
        codes.dedup();
        for code in codes {
            let open = world.client.call("invite/check", "", json!({"invite": code})).await;
            assert_eq!(open.status == 200, code == now["invite"], "{}", open.json());
        }
        // One letter, for the one user.
        while world.courier.round().await.unwrap() > 0 {}
        assert_eq!(std::fs::read_dir(world.mail.path()).unwrap().count(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_comes_back_from_the_trash_or_goes_for_good() {
    on_each_engine(async |world| {
        let admin = world.admin("admin@example.com").await;
        for round in 0..4 {
            let body = json!({"email": format!("bob{round}@example.com")});
            let bob = world.call("user/create", &admin, body.clone()).await.ok();
            let id = json!({"id": bob["id"]});
            world.call("user/remove", &admin, id.clone()).await.ok();
            let (purged, restored, made) = tokio::join!(
                world.call("trash/purge", &admin, id.clone()),
                world.call("trash/restore", &admin, id.clone()),
                world.call("user/createOrRestore", &admin, body.clone()),
            );
            // Whichever came first, there is one user of that email, and the claim leads to it.
            let now = world.call("user/get", &admin, body).await.ok();
            let gone = purged.status == 200;
            assert!(gone != (now["id"] == bob["id"]), "{purged:?} {restored:?} {made:?}");
            // One that was about to come back may meet who has the email since it was deleted.
            let expected =
                if gone { ["404 not_found", "409 email_taken"] } else { ["200", "404 not_found"] };
            assert!(expected.contains(&restored.outcome().as_str()), "{restored:?}");
            assert!(["200", "409 email_taken"].contains(&made.outcome().as_str()), "{made:?}");
        }
        assert_eq!(users(&world, &admin).await.len(), 5);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_invite_one_guest() {
    on_each_engine(async |world| {
        let admin = world.admin("admin@example.com").await;
        let body = json!({"email": "bob@example.com", "sendInvite": true});
        let invite = world.call("user/create", &admin, body).await.ok()["invite"].clone();
        let tokens: Vec<String> = (0..12)
            .map(|number| world.token_for(&format!("bob-{number}"), "bob@example.com", true))
            .collect();
        let answers = all_call(&world, "user/login", &tokens, json!({"invite": invite})).await;
        one_wins(&answers, "409 invite_used");
        assert_eq!(users(&world, &admin).await.len(), 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_set_up_one_root() {
    on_each_engine(async |world| {
        let code = world.app.store.setup_code().await.unwrap().unwrap();
        let tokens: Vec<String> =
            (0..12).map(|number| world.token(&format!("u{number}@example.com"), true)).collect();
        let body = json!({"invite": code.reveal()});
        let answers = all_call(&world, "user/login", &tokens, body).await;
        one_wins(&answers, "409 invite_used");
        assert!(world.app.store.setup_code().await.unwrap().is_none());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_keeps_one_admin() {
    on_each_engine(async |world| {
        for name in ["user/update", "user/updateRole"] {
            one_admin_stays(&world, name).await;
        }
    })
    .await;
}

/// Each of two admins demotes the other at the same time by that call; one of them has to stay.
async fn one_admin_stays(world: &World, name: &str) {
    let email = |who: &str| format!("{who}-{}@example.com", name.replace('/', "-"));
    let first = world.admin(&email("first")).await;
    let second = world.invited(&first, &email("second"), json!({"role": "admin"})).await;
    let demote = |by, other: &Person| world.call(name, by, json!({"id": other.id, "role": "user"}));
    let (one, other) = tokio::join!(demote(&first, &second), demote(&second, &first));
    let outcomes = tally(&[one, other]);
    assert_eq!(outcomes.get("200"), Some(&1), "{outcomes:?}");
    let admin = if world.call("user/find", &first, json!({"role": "admin"})).await.status == 200 {
        first
    } else {
        second
    };
    for (name, body) in [
        ("user/update", json!({"id": admin.id, "role": "user"})),
        ("user/updateRole", json!({"id": admin.id, "role": "user"})),
        ("user/update", json!({"id": admin.id, "state": "suspended"})),
        ("user/remove", json!({"id": admin.id})),
    ] {
        assert_eq!(world.call(name, &admin, body).await.outcome(), "409 last_admin", "{name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_change_of_a_version() {
    on_each_engine(async |world| {
        let admin = world.admin("admin@example.com").await;
        let change = |number| {
            let body = json!({"first": format!("Ada {number}"), "version": 1});
            world.call("user/update", &admin, body)
        };
        let answers = join_all((0..12).map(change)).await;
        one_wins(&answers, "409 version_mismatch");
        let me = world.call("user/get", &admin, json!({})).await.ok();
        assert_eq!(me["version"], 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_without_a_version_all_happen() {
    on_each_engine(async |world| {
        let admin = world.admin("admin@example.com").await;
        let change = |number| {
            let body = json!({"preferences": {format!("p{number}"): number}});
            world.call("user/update", &admin, body)
        };
        for answer in join_all((0..8).map(change)).await {
            answer.ok();
        }
        let me = world.call("user/get", &admin, json!({})).await.ok();
        assert_eq!(me["preferences"].as_object().unwrap().len(), 8);
        assert_eq!(me["version"], 9);
    })
    .await;
}
