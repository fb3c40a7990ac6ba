//! Users who are removed, made anew, and brought back: the trash holds nothing.

use std::time::Duration;

use serde_json::{Value, json};

use super::{joins, made, nowhere};
use crate::support::{
    issuers::{issuer, outside, outside_since},
    lagging::{UNTIL_CAUGHT_UP, on_each_lagging},
    smtp::letters_in,
    world::{Person, World, on_each_engine, on_each_engine_with},
};

async fn id_of(world: &World, admin: &Person, who: Value) -> Value {
    world.call("user/get", admin, who).await.ok()["id"].clone()
}

#[tokio::test]
async fn purging_takes_nothing_from_the_successor() {
    on_each_engine(async |world| {
        let admin = world.registered("admin@example.com").await;
        let first = world.token("ann@example.com", true);
        let values = json!({"email": "ann@example.com", "username": "ann", "externalId": "7",
            "sendInvite": true});
        let join = async |ann: &str| {
            let user = world.call("user/create", &admin, values.clone()).await.ok();
            let invite = json!({"invite": user["invite"]});
            world.client.call("user/login", ann, invite).await.ok()["user"].clone()
        };
        let old = join(&first).await;
        world.call("user/remove", &admin, json!({"id": old["id"]})).await.ok();
        let ann = world.again(&first);
        let new = join(&ann).await;
        assert_ne!(old["id"], new["id"]);
        assert!(new["number"].as_u64() > old["number"].as_u64());
        // None of the old one's access is the new one's, and the other way round.
        let shown = world.client.call("user/get", &ann, json!({})).await.ok();
        assert_eq!(shown["id"], new["id"]);
        world.call("trash/purge", &admin, json!({"id": old["id"]})).await.ok();
        world.advance(Duration::from_mins(2));
        while world.sweeper.round().await.unwrap() > 0 {}
        for who in [
            json!({"email": "ann@example.com"}),
            json!({"username": "ann"}),
            json!({"externalId": "7"}),
            json!({"number": new["number"]}),
        ] {
            assert_eq!(id_of(&world, &admin, who).await, new["id"]);
        }
        let shown = world.client.call("user/get", &ann, json!({})).await.ok();
        assert_eq!(shown["id"], new["id"], "by the identity, too");
    })
    .await;
}

#[tokio::test]
async fn all_that_others_have_by_now_is_listed_and_can_be_given_up() {
    on_each_engine(async |world| {
        let admin = world.registered("admin@example.com").await;
        let values = json!({"email": "ann@example.com", "username": "ann", "externalId": "7"});
        let old = made(&world, &admin, values.clone()).await;
        world.call("user/remove", &admin, json!({"id": old})).await.ok();
        let new = made(&world, &admin, values).await;
        let restore = async |more: Value| {
            let mut body = json!({"id": old});
            body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            world.call("trash/restore", &admin, body).await
        };
        let all = "newEmail:email_taken username:username_taken externalId:external_id_taken";
        let refused = restore(json!({})).await;
        assert_eq!(
            (refused.outcome().as_str(), refused.faults().as_str()),
            ("409 email_taken", all)
        );
        let refused = restore(json!({"newEmail": "other@example.com"})).await;
        assert_eq!(refused.faults(), "username:username_taken externalId:external_id_taken");
        let refused = restore(json!({"newEmail": "admin@example.com", "username": null}));
        assert_eq!(refused.await.faults(), "newEmail:email_taken externalId:external_id_taken");
        let gaveup =
            json!({"newEmail": "other@example.com", "username": "anne", "externalId": null});
        let back = restore(gaveup).await.ok();
        let fields = ["email", "username", "externalId"].map(|name| back[name].clone());
        assert_eq!(fields, [json!("other@example.com"), json!("anne"), Value::Null]);
        let found = id_of(&world, &admin, json!({"email": "ann@example.com"})).await;
        assert_eq!(found, json!(new));
        let found = id_of(&world, &admin, json!({"username": "anne"})).await;
        assert_eq!(found, json!(old));
    })
    .await;
}

#[tokio::test]
async fn of_several_in_the_trash_the_latest_is_meant_and_none_is_purged_by_chance() {
    on_each_engine(async |world| {
        let admin = world.registered("admin@example.com").await;
        let mut ids = Vec::new();
        for _ in 0..3 {
            world.advance(Duration::from_secs(1));
            let id = made(&world, &admin, json!({"email": "ann@example.com"})).await;
            world.call("user/remove", &admin, json!({"id": id})).await.ok();
            ids.push(id);
        }
        let by_email = json!({"email": "ann@example.com"});
        let found = world.call("trash/find", &admin, by_email.clone()).await.ok();
        let found: Vec<_> =
            found["data"].as_array().unwrap().iter().map(|it| it["id"].clone()).collect();
        assert_eq!(found, [json!(ids[2]), json!(ids[1]), json!(ids[0])]);
        let refused = world.call("trash/purge", &admin, by_email.clone()).await;
        assert_eq!(refused.outcome(), "409 ambiguous");
        world.call("trash/purge", &admin, json!({"id": ids[1]})).await.ok();
        let back = world.call("user/createOrRestore", &admin, by_email.clone()).await.ok();
        assert_eq!(back["id"], json!(ids[2]));
        world.call("trash/purge", &admin, by_email).await.ok();
    })
    .await;
}

#[tokio::test]
async fn what_was_just_removed_comes_back_also_where_the_index_lags() {
    on_each_lagging(UNTIL_CAUGHT_UP, async |world, table| {
        let admin = world.registered("admin@example.com").await;
        for _ in 0..3 {
            let body = json!({"email": "ann@example.com", "externalId": "7"});
            let ann = world.call("user/createOrRestore", &admin, body.clone()).await.ok();
            world.call("user/remove", &admin, json!({"email": "ann@example.com"})).await.ok();
            let back = world.call("user/createOrRestore", &admin, body.clone()).await.ok();
            assert_eq!((&back["id"], &back["number"]), (&ann["id"], &ann["number"]));
            world.call("user/remove", &admin, json!({"id": ann["id"]})).await.ok();
            let by_email = json!({"email": "ann@example.com"});
            let found = world.call("trash/find", &admin, by_email.clone()).await.ok();
            assert_eq!(found["data"][0]["id"], ann["id"]);
            let back = world.call("trash/restore", &admin, by_email.clone()).await.ok();
            assert_eq!(back["id"], ann["id"]);
            let number = json!({"number": ann["number"]});
            assert_eq!(id_of(&world, &admin, number).await, ann["id"]);
            world.call("user/remove", &admin, by_email.clone()).await.ok();
            world.call("trash/purge", &admin, by_email).await.ok();
            let again = world.call("user/createOrRestore", &admin, body).await.ok();
            assert_ne!(again["id"], ann["id"]);
            world.call("user/remove", &admin, json!({"id": again["id"]})).await.ok();
            world.call("trash/purge", &admin, json!({"id": again["id"]})).await.ok();
            table.catch_up().await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_restored_user_is_bound_again_unless_the_person_is_there_already() {
    on_each_engine(async |world| {
        let admin = world.registered("admin@example.com").await;
        let token = world.token("ann@example.com", true);
        let old = joins(&world, &admin, &token, "ann@example.com").await;
        world.call("user/remove", &admin, json!({"id": old.id})).await.ok();
        let back = world.call("trash/restore", &admin, json!({"id": old.id})).await.ok();
        assert_eq!((&back["state"], &back["issuer"]), (&json!("active"), &json!("guestlist")));
        let token = world.again(&token);
        world.client.call("user/get", &token, json!({})).await.ok();

        world.call("user/remove", &admin, json!({"id": old.id})).await.ok();
        let token = world.again(&token);
        let new = joins(&world, &admin, &token, "ann@example.com").await;
        let moved = json!({"id": old.id, "newEmail": "mine@example.com"});
        let refused = world.call("trash/restore", &admin, moved).await;
        assert_eq!(refused.outcome(), "403 own_sign_in", "nobody else becomes who has been here");
        world.call("user/remove", &admin, json!({"id": new.id})).await.ok();
        let back = world.call("trash/restore", &admin, json!({"id": old.id})).await.ok();
        assert_eq!(back["state"], "active");
        // The other one's email is taken, and its identity as well.
        let refused = world.call("trash/restore", &admin, json!({"id": new.id})).await;
        assert_eq!(refused.outcome(), "409 email_taken");
    })
    .await;
}

#[tokio::test]
async fn an_identity_is_taken_off_and_another_one_bound() {
    let flags = [issuer("trusted", true), issuer("other", true)];
    on_each_engine_with(&[&flags[0], &flags[1]], async |world| {
        let admin = world.registered("admin@example.com").await;
        let before = outside("trusted", "bob", "bob@example.com", true);
        let bob = joins(&world, &admin, &before, "bob@example.com").await;
        let elsewhere = nowhere(&world, "user/login", &before, json!({"register": true}));
        assert_eq!(elsewhere.await.ok()["account"]["id"], bob.account.as_str());
        let unbind = json!({"id": bob.id, "identity": null});
        let bound = json!({"id": bob.id, "identity": {"issuer": "x", "subject": "y"}});
        let refused = world.call("user/update", &admin, bound).await;
        assert_eq!(refused.faults(), "identity:in");
        let user = world.call("user/update", &admin, unbind.clone()).await.ok();
        assert_eq!((&user["state"], &user["issuer"]), (&json!("invited"), &Value::Null));
        assert_eq!(world.call("user/get", &bob, json!({})).await.outcome(), "403 not_registered");
        while world.courier.round().await.unwrap() > 0 {}
        let told = letters_in(world.mail.path());
        let told: Vec<_> = told.iter().filter(|it| it.subject.contains("no longer")).collect();
        assert_eq!(told.len(), 1, "{:?}", told.iter().map(|it| &it.subject).collect::<Vec<_>>());

        // Nobody is let in by the email alone, and the email stays what it is.
        let old = outside("other", "bob", "bob@example.com", true);
        world.advance(Duration::from_secs(1));
        let at = world.clock.now().seconds();
        let after = outside_since("other", ("bob", "bob@example.com", true), Some(at));
        let join = json!({"accountId": admin.account});
        let refused = nowhere(&world, "user/login", &after, join).await;
        assert_eq!(refused.outcome(), "403 not_registered");
        let moved = json!({"id": bob.id, "newEmail": "mallory@example.com"});
        let refused = world.call("user/update", &admin, moved).await;
        assert_eq!(refused.outcome(), "403 own_sign_in");
        let invite = json!({"id": bob.id, "sendInvite": true});
        let invite = world.call("user/updateRole", &admin, invite).await.ok()["invite"].clone();
        // One that does not say since when may be from before.
        let refused = nowhere(&world, "user/login", &old, json!({"invite": invite})).await;
        assert_eq!(refused.outcome(), "401 reauthentication_required");
        let reply = nowhere(&world, "user/login", &after, json!({"invite": invite})).await.ok();
        assert_eq!(
            (&reply["user"]["id"], &reply["user"]["issuer"]),
            (&json!(bob.id), &json!("other"))
        );

        // Sign-ins of our own are their persons'; and an admin less is an admin less.
        let own = world.registered("own@example.com").await;
        let unbind_own = json!({"id": own.id, "identity": null});
        assert_eq!(world.call("user/update", &own, unbind_own).await.outcome(), "409 last_admin");
    })
    .await;
}
