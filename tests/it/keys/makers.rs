//! Whose a key is: it ends with what that user loses, for good, and does nothing to that user.

use std::time::Duration;

use serde_json::{Value, json};

use super::{create, listed, token};
use crate::support::{
    client::Answer,
    smtp::letters_in,
    tokens::said_by,
    world::{Person, World, on_each_engine, on_two_nodes},
};

const EVE: &str = "eve@example.com";

/// What the key opens.
async fn opens(world: &World, key: &Value) -> String {
    world.client.call("account/get", token(key), json!({})).await.outcome()
}

async fn key(world: &World, by: &Person, role: &str) -> Value {
    create(world, by, json!({"name": role, "role": role})).await
}

/// An admin beside the one who is there.
async fn second_admin(world: &World, admin: &Person) -> Person {
    world.invited(admin, EVE, json!({"role": "admin"})).await
}

fn with(id: &str, more: &Value) -> Value {
    let mut body = json!({"id": id});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

#[tokio::test]
async fn a_key_ends_with_what_its_user_loses_and_never_comes_back() {
    let taken = [
        (
            "user/update",
            json!({"state": "suspended"}),
            Some(("user/update", json!({"state": "active"}))),
        ),
        (
            "user/updateRole",
            json!({"role": "user"}),
            Some(("user/updateRole", json!({"role": "admin"}))),
        ),
        ("user/remove", json!({}), Some(("trash/restore", json!({})))),
        ("session/remove", json!({"others": true}), None),
        ("user/update", json!({"identity": null}), None),
    ];
    for (name, body, back) in taken {
        on_each_engine(async |world| {
            let admin = world.registered("admin@example.com").await;
            let eve = second_admin(&world, &admin).await;
            let own = key(&world, &eve, "admin").await;
            let chained = json!({"name": "chained", "role": "user"});
            let chained = world.client.call("key/create", token(&own), chained).await.ok();
            let others = key(&world, &admin, "admin").await;
            assert_eq!(opens(&world, &chained).await, "200");

            world.call(name, &admin, with(&eve.id, &body)).await.ok();
            for ended in [&own, &chained] {
                assert_eq!(opens(&world, ended).await, "401 unauthenticated", "{name} {body}");
            }
            assert_eq!(opens(&world, &others).await, "200", "{name} {body}");
            let keys = listed(&world, &admin, json!({})).await;
            let good: Vec<_> = keys.iter().filter(|key| key["good"] == true).collect();
            assert_eq!(good.len(), 1, "{keys:?}");
            assert_eq!(good[0]["id"], others["id"]);
            if let Some((name, body)) = &back {
                world.call(name, &admin, with(&eve.id, body)).await.ok();
                let again = world.again(&eve.token);
                let eve = Person { token: again, ..eve.clone() };
                world.call("account/get", &eve, json!({})).await.ok();
                assert_eq!(opens(&world, &own).await, "401 unauthenticated", "{name}");
                // From then on it makes keys like anybody else, in the same millisecond, too.
                let fresh = key(&world, &eve, "admin").await;
                assert_eq!(opens(&world, &fresh).await, "200", "{name}");
            }
        })
        .await;
    }
}

#[tokio::test]
async fn whoever_leaves_leaves_no_key() {
    on_each_engine(async |world| {
        let admin = world.registered("admin@example.com").await;
        let eve = second_admin(&world, &admin).await;
        let own = key(&world, &eve, "admin").await;
        world.call("user/leave", &eve, json!({})).await.ok();
        assert_eq!(opens(&world, &own).await, "401 unauthenticated");
        // Signing everybody out of the account ends no key.
        let others = key(&world, &admin, "admin").await;
        world.call("account/update", &admin, json!({"endSessions": true})).await.ok();
        assert_eq!(opens(&world, &others).await, "200");
    })
    .await;
}

#[tokio::test]
async fn a_root_users_key_rules_an_account_as_long_as_its_user_does() {
    on_each_engine(async |world| {
        let root = world.root().await;
        let rosa = world.invited(&root, "rosa@example.com", json!({"role": "root"})).await;
        let tenant = world.registered("tenant@example.com").await;
        let body = json!({"name": "k", "role": "admin", "accountId": tenant.account});
        let there = create(&world, &rosa, body).await;
        assert_eq!(opens(&world, &there).await, "200");
        let down = json!({"id": rosa.id, "role": "admin"});
        world.call("user/updateRole", &root, down).await.ok();
        // An admin of the home account has no say in another one, though the role is the same.
        assert_eq!(opens(&world, &there).await, "401 unauthenticated");
    })
    .await;
}

#[tokio::test]
async fn keys_show_whose_they_are_and_how_they_begin() {
    on_each_engine(async |world| {
        let admin = world.registered("admin@example.com").await;
        let own = key(&world, &admin, "admin").await;
        let chained = json!({"name": "chained", "role": "user"});
        let chained = world.client.call("key/create", token(&own), chained).await.ok();
        let user = format!("user:{}", admin.id);
        for (key, by) in
            [(&own, user.clone()), (&chained, format!("key:{}", own["id"].as_str().unwrap()))]
        {
            assert_eq!((&key["maker"], &key["createdBy"]), (&json!(user), &json!(by)));
            let start = key["start"].as_str().unwrap();
            assert!(token(key).starts_with(start) && start.len() == 19, "{start}");
        }
        assert_ne!(own["start"], chained["start"]);
        let by_operator = json!({"name": "op", "role": "admin", "accountId": admin.account});
        let by_operator = world.operate("key/create", by_operator).await;
        assert_eq!(by_operator["maker"], "operator");
        assert_eq!(opens(&world, &by_operator).await, "200");
    })
    .await;
}

#[tokio::test]
async fn keys_are_kept_where_it_is_asked_for() {
    on_each_engine(async |world| {
        let admin = world.registered("admin@example.com").await;
        let eve = second_admin(&world, &admin).await;
        let (high, low) = (key(&world, &eve, "admin").await, key(&world, &eve, "user").await);
        // Of somebody whose role falls those stay that the lower one may have, as that user's own.
        let down = json!({"id": eve.id, "role": "user", "keepKeys": true});
        world.call("user/updateRole", &admin, down.clone()).await.ok();
        assert_eq!(opens(&world, &high).await, "401 unauthenticated");
        assert_eq!(world.client.call("user/find", token(&low), json!({})).await.status, 200);
        // Of somebody who is removed those that are good become the remover's.
        let gone = json!({"id": eve.id, "keepKeys": true});
        world.call("user/remove", &admin, gone).await.ok();
        assert_eq!(opens(&world, &high).await, "401 unauthenticated");
        let keys = listed(&world, &admin, json!({})).await;
        let by = |key: &Value| keys.iter().find(|it| it["id"] == key["id"]).unwrap().clone();
        assert_eq!(by(&low)["maker"], format!("user:{}", admin.id));
        assert_eq!((&by(&low)["good"], &by(&high)["good"]), (&json!(true), &json!(false)));
        assert_eq!(by(&high)["maker"], format!("user:{}", eve.id));

        // One's own are not to be kept by a user who is removed, or by a key of the same user.
        let own = key(&world, &admin, "admin").await;
        world.invited(&admin, "ann@example.com", json!({"role": "admin"})).await;
        let keep = json!({"id": admin.id, "keepKeys": true});
        for by in [&admin.token, token(&own)] {
            let refused = world.client.call("user/remove", by, keep.clone()).await;
            assert_eq!(refused.faults(), "keepKeys:unexpected");
        }
        let alone = json!({"id": admin.id, "keepKeys": true});
        let refused = world.call("user/update", &admin, alone).await;
        assert_eq!(refused.faults(), "keepKeys:unexpected");
    })
    .await;
}

#[tokio::test]
async fn keys_that_have_ended_are_not_revived_by_keeping_them() {
    on_each_engine(async |world| {
        let admin = world.registered("admin@example.com").await;
        let eve = second_admin(&world, &admin).await;
        let own = key(&world, &eve, "admin").await;
        let suspend = json!({"id": eve.id, "state": "suspended"});
        world.call("user/update", &admin, suspend).await.ok();
        world.call("user/remove", &admin, json!({"id": eve.id, "keepKeys": true})).await.ok();
        assert_eq!(opens(&world, &own).await, "401 unauthenticated");
    })
    .await;
}

#[tokio::test]
async fn too_many_keys_to_keep_are_refused_whole() {
    on_each_engine(async |world| {
        let admin = world.registered("admin@example.com").await;
        let eve = second_admin(&world, &admin).await;
        let mut last = Value::Null;
        for _ in 0..51 {
            last = key(&world, &eve, "user").await;
        }
        let gone = json!({"id": eve.id, "keepKeys": true});
        let refused = world.call("user/remove", &admin, gone.clone()).await;
        assert_eq!(refused.outcome(), "409 too_many_keys");
        assert_eq!(world.call("user/get", &eve, json!({})).await.status, 200);
        world.call("key/remove", &admin, json!({"id": last["id"]})).await.ok();
        world.call("user/remove", &admin, gone).await.ok();
        let keys = listed(&world, &admin, json!({})).await;
        assert!(!keys.is_empty() && keys.iter().all(|key| key["good"] == true), "{keys:?}");
    })
    .await;
}

#[tokio::test]
async fn a_key_does_nothing_to_its_own_user() {
    on_each_engine(async |world| {
        let admin = world.admin("admin@example.com").await;
        let body = json!({"email": EVE, "password": "a long passphrase of hers", "role": "admin"});
        world.call("user/create", &admin, body).await.ok();
        let body = json!({"email": EVE, "password": "a long passphrase of hers"});
        let access =
            world.client.call("session/create", "", body).await.ok()["accessToken"].clone();
        let access = access.as_str().unwrap();
        let id = said_by(access)["user_id"].as_str().unwrap().to_owned();
        let body = json!({"name": "k", "role": "admin"});
        let own = world.client.call("key/create", access, body).await.ok();
        let others = key(&world, &admin, "admin").await;
        let tries = [
            ("user/changePassword", json!({"newPassword": "another passphrase of mine"})),
            ("user/update", json!({"newEmail": "moved@example.com"})),
            ("user/update", json!({"role": "user"})),
            ("user/updateRole", json!({"role": "user"})),
            ("session/remove", json!({"others": true})),
            ("totp/remove", json!({})),
        ];
        for (name, body) in &tries {
            let refused = world.client.call(name, token(&own), with(&id, body)).await;
            assert_eq!(refused.outcome(), "403 forbidden", "{name} {body}");
        }
        for (name, body) in &tries {
            let allowed = world.client.call(name, token(&others), with(&id, body)).await;
            let outcome = if *name == "totp/remove" { "404 not_found" } else { "200" };
            assert_eq!(allowed.outcome(), outcome, "{name} {body}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_key_may_suspend_its_own_user_and_ends_by_it() {
    on_each_engine(async |world| {
        let admin = world.registered("admin@example.com").await;
        let eve = second_admin(&world, &admin).await;
        let own = key(&world, &eve, "admin").await;
        let suspend = json!({"id": eve.id, "state": "suspended"});
        world.client.call("user/update", token(&own), suspend).await.ok();
        assert_eq!(opens(&world, &own).await, "401 unauthenticated");
    })
    .await;
}

/// All that gives lasting power, as somebody from whom another node has just taken what it takes.
async fn tries(world: &World, token: &str, own: &str, other: &str) -> Vec<(String, Answer)> {
    let mut answers = Vec::new();
    for (name, body) in [
        ("user/updateRole", json!({"id": own, "role": "admin"})),
        ("user/update", json!({"id": own, "role": "admin"})),
        ("user/updateRole", json!({"id": other, "role": "admin"})),
        ("user/create", json!({"email": "new@example.com", "role": "admin"})),
        ("user/create", json!({"email": "new@example.com", "role": "admin", "sendInvite": true})),
        (
            "user/createOrRestore",
            json!({"email": "new@example.com", "password": "a passphrase of mine"}),
        ),
        ("key/create", json!({"name": "k", "role": "user"})),
        ("account/update", json!({"endSessions": true})),
    ] {
        answers.push((format!("{name} {body}"), world.client.call(name, token, body).await));
    }
    answers
}

#[tokio::test]
async fn what_another_node_remembers_gives_no_lasting_power() {
    for way in [
        ("user/updateRole", json!({"role": "user"})),
        ("user/update", json!({"state": "suspended"})),
        ("user/remove", json!({})),
        ("session/remove", json!({"others": true})),
    ] {
        on_two_nodes(async |here, there| {
            let admin = here.admin("admin@example.com").await;
            let eve = second_admin(&here, &admin).await;
            let other = here.invited(&admin, "olga@example.com", json!({})).await;
            let own = key(&here, &eve, "admin").await;
            // The other node knows both from now on.
            let there_as = async |token: &str| {
                there.client.call_in(&admin.account, "user/get", token, json!({"id": eve.id})).await
            };
            there_as(&eve.token).await.ok();
            there_as(token(&own)).await.ok();
            let (name, body) = &way;
            here.call(name, &admin, with(&eve.id, body)).await.ok();
            if *name != "user/remove" {
                // It still believes so for a moment, as far as looking goes.
                assert_eq!(there_as(&eve.token).await.outcome(), "200");
            }
            for token in [&eve.token, token(&own)] {
                for (call, answer) in tries(&there, token, &eve.id, &other.id).await {
                    let outcome = answer.outcome();
                    if call.contains(&eve.id) && *name != "user/updateRole" && outcome == "200" {
                        // Still an admin, though kept out: nothing is given by it.
                        continue;
                    }
                    assert!(
                        matches!(
                            outcome.as_str(),
                            "403 forbidden" | "403 not_registered" | "404 not_found"
                        ),
                        "{name} {body}, then {call}: {outcome}"
                    );
                }
            }
            let all = here.call("user/find", &admin, json!({})).await.ok();
            let admins = all["data"].as_array().unwrap().iter().filter(|it| it["role"] == "admin");
            let expected = if matches!(*name, "user/updateRole" | "user/remove") { 1 } else { 2 };
            assert_eq!(admins.count(), expected);
        })
        .await;
    }
}

#[tokio::test]
async fn people_hear_of_keys_in_their_name_but_not_of_a_flood() {
    on_each_engine(async |world| {
        let admin = world.registered("admin@example.com").await;
        let first = key(&world, &admin, "admin").await;
        for _ in 0..14 {
            world.advance(Duration::from_millis(1));
            let body = json!({"name": "more", "role": "user"});
            world.client.call("key/create", token(&first), body).await.ok();
        }
        while world.courier.round().await.unwrap() > 0 {}
        let letters = letters_in(world.mail.path());
        let about: Vec<_> = letters.iter().filter(|it| it.subject.contains("API key")).collect();
        assert_eq!(about.len(), 10);
        assert!(about.iter().all(|it| it.to == "admin@example.com"));
        assert!(about[0].text.contains("“admin”"), "{}", about[0].text);
    })
    .await;
}
