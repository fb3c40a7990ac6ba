//! Inviting people: again, until when, by whom, and taking it back.

mod mailbox;
mod open;

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{
    client::Answer,
    scene::{Scene, on_each_scene},
    world::{Person, World, on_each_engine, on_each_engine_with},
};

async fn check(world: &World, code: &Value) -> Answer {
    world.client.call("invite/check", "", json!({"invite": code})).await
}

async fn invite(world: &World, by: &Person, body: Value) -> Value {
    let mut body = body;
    body["sendInvite"] = json!(true);
    world.call("user/create", by, body).await.ok()
}

/// The letters that are handed over by now: whom they go to.
async fn letters_to(world: &World, email: &str) -> Vec<String> {
    while world.courier.round().await.unwrap() > 0 {}
    let files = std::fs::read_dir(world.mail.path()).unwrap();
    let texts = files.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap());
    texts.filter(|text| text.contains(&format!("To: {email}"))).collect()
}

#[tokio::test]
async fn the_operators_address_is_told_to_no_other_account() {
    on_each_engine(async |world| {
        let root = world.root().await;
        let operator = world.invited(&root, "operator@example.com", json!({"role": "root"})).await;
        let admin = world.registered("admin@example.org").await;
        let made = async |by: &Person, email: &str| {
            let body = json!({"email": email, "accountId": admin.account});
            let code = invite(&world, by, body).await["invite"].clone();
            let shown = check(&world, &code).await.ok()["inviter"].clone();
            let open = world.call("invite/find", &admin, json!({})).await.ok();
            let is_it = |it: &&Value| it["email"] == email;
            let listed = open["data"].as_array().unwrap().iter().find(is_it).unwrap();
            let person = world.token(email, true);
            let mine = world.client.call("account/mine", &person, json!({})).await.ok();
            let letters = letters_to(&world, email).await;
            assert!(!letters.concat().contains("operator"), "{letters:?}");
            [shown, listed["inviter"].clone(), mine["expected"][0]["inviter"].clone()]
        };
        let nobody = [Value::Null, Value::Null, Value::Null];
        assert_eq!(made(&operator, "bob@example.org").await, nobody);
        world.call("user/update", &operator, json!({"first": "Olga"})).await.ok();
        let olga = [json!("Olga"), json!("Olga"), json!("Olga")];
        assert_eq!(made(&operator, "cleo@example.org").await, olga);
        // Within an account the address stands for its user.
        let body = json!({"email": "dora@example.org"});
        let code = invite(&world, &admin, body).await["invite"].clone();
        assert_eq!(check(&world, &code).await.ok()["inviter"], "admin@example.org");
    })
    .await;
}

#[tokio::test]
async fn an_invite_can_be_taken_back() {
    on_each_scene(async |scene| {
        let target = scene.target("ivan").await;
        let code = json!(target.invite);
        check(&scene.world, &code).await.ok();
        let admin = &scene.admin.token;
        let stale = json!({"id": target.id, "version": 7});
        let outcome = scene.refused("invite/revoke", admin, stale).await.outcome();
        assert_eq!(outcome, "409 version_mismatch");
        let current = json!({"email": target.email, "version": 1});
        let revoked = scene.call("invite/revoke", admin, current).await.ok();
        assert_eq!((&revoked["state"], &revoked["invite"]), (&json!("invited"), &Value::Null));
        assert_eq!(check(&scene.world, &code).await.outcome(), "404 not_found");
        let token = scene.world.token(&target.email, false);
        let outcome = scene.refused("user/login", &token, json!({"invite": code})).await.outcome();
        assert_eq!(outcome, "404 not_found");
        assert_eq!(letters_to(&scene.world, &target.email).await, Vec::<String>::new());

        // Once more is no error and no change.
        let writes = scene.table.writes();
        let again = scene.call("invite/revoke", admin, json!({"id": target.id})).await.ok();
        assert_eq!((again, scene.table.writes()), (revoked, writes));
        // An accepted invite is told apart from one that can no longer be accepted.
        let body = json!({"id": scene.user.id});
        let outcome = scene.refused("invite/revoke", admin, body).await.outcome();
        assert_eq!(outcome, "409 already_registered");
        let entries = scene.audit(&scene.admin.account).await;
        let entries: Vec<_> = entries.iter().filter(|it| it["action"] == "invite/revoke").collect();
        let changed: Vec<_> = entries.iter().map(|entry| entry["changed"].clone()).collect();
        assert_eq!(changed, [json!(["invite", "revoked"])]);
    })
    .await;
}

#[tokio::test]
async fn an_invite_has_an_expiry_of_its_own() {
    on_each_scene(async |scene| {
        let admin = &scene.admin.token;
        let until = async |expires: &str| {
            let body = json!({"email": "ira@example.com", "sendInvite": true,
                "inviteExpires": expires});
            scene.call("user/create", admin, body).await
        };
        for (expires, faults) in [
            ("2027-01-15T08:00:00.000Z", "inviteExpires:range"),
            ("2026-01-15T08:00:00Z", "inviteExpires:range"),
            ("2028-01-15T08:00:00.001Z", "inviteExpires:range"),
            ("tomorrow", "inviteExpires:format"),
        ] {
            let answer = until(expires).await;
            assert_eq!((answer.status, answer.faults()), (422, faults.to_owned()), "{expires}");
        }
        for send in [json!(false), Value::Null] {
            let body = json!({"email": "ira@example.com", "sendInvite": send,
                "inviteExpires": "2027-01-16T08:00:00.000Z"});
            let refused = scene.refused("user/create", admin, body).await;
            assert_eq!(refused.faults(), "sendInvite:required");
        }
        let longest = until("2028-01-15T08:00:00.000Z").await.ok();
        let expires = check(&scene.world, &longest["invite"]).await.ok()["expires"].clone();
        assert_eq!(expires, "2028-01-15T08:00:00.000Z");

        let body = json!({"id": longest["id"], "sendInvite": true,
            "inviteExpires": "2027-01-15T09:00:00+00:00"});
        let hour = scene.call("user/updateRole", admin, body).await.ok();
        scene.world.advance(Duration::from_mins(59));
        check(&scene.world, &hour["invite"]).await.ok();
        scene.world.advance(Duration::from_mins(1));
        assert_eq!(check(&scene.world, &hour["invite"]).await.outcome(), "404 not_found");
        let body = json!({"id": longest["id"], "inviteExpires": "2027-01-16T09:00:00.000Z"});
        let refused = scene.refused("user/updateRole", admin, body).await;
        assert_eq!(refused.faults(), "role:required sendInvite:required");
    })
    .await;
}

#[tokio::test]
async fn without_an_expiry_of_its_own_an_invite_works_for_the_usual_time() {
    on_each_engine_with(&["--invite-days=2"], async |world| {
        let admin = world.admin("admin@example.com").await;
        let user = invite(&world, &admin, json!({"email": "ira@example.com"})).await;
        let expires = check(&world, &user["invite"]).await.ok()["expires"].clone();
        assert_eq!(expires, "2027-01-17T08:00:00.000Z");
    })
    .await;
}

#[tokio::test]
async fn inviting_somebody_again_changes_what_is_said_and_voids_the_older_code() {
    on_each_scene(async |scene| {
        let world = &scene.world;
        let body = json!({"email": "ira@example.com", "first": "Ira", "last": "Ivanova",
            "role": "admin", "preferences": {"a": 1}});
        let first = invite(world, &scene.admin, body).await;
        world.advance(Duration::from_secs(1));
        let body = json!({"email": "IRA@example.com", "last": "Other", "username": "ira",
            "preferences": {"b": 2}});
        let second = invite(world, &scene.admin, body).await;
        assert_eq!(second["id"], first["id"]);
        assert_eq!(second["version"], 2);
        let fields = [&second["first"], &second["last"], &second["role"], &second["username"]];
        assert_eq!(fields, [&json!("Ira"), &json!("Other"), &json!("admin"), &json!("ira")]);
        assert_eq!(second["preferences"], json!({"a": 1, "b": 2}));
        assert_eq!(check(world, &first["invite"]).await.outcome(), "404 not_found");
        // The form for accepting the invite can be filled in with these names.
        let shown = check(world, &second["invite"]).await.ok();
        assert_eq!([&shown["first"], &shown["last"]], [&json!("Ira"), &json!("Other")]);
        assert_eq!(letters_to(world, "ira@example.com").await.len(), 1);
        let last = scene.audit(&scene.admin.account).await.pop().unwrap();
        let changed = json!(["last", "username", "preferences", "invite"]);
        assert_eq!((&last["action"], &last["changed"]), (&json!("user/create"), &changed));
        let found = scene.call("user/find", &scene.admin.token, json!({"search": "other"})).await;
        assert_eq!(found.ok()["data"].as_array().unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn every_other_taken_email_stays_taken() {
    on_each_scene(async |scene| {
        let other = scene.world.admin("other@example.com").await;
        let rita = json!({"email": "rita@example.com", "role": "root", "sendInvite": true});
        scene.call("user/create", &scene.root.token, rita).await.ok();
        let home = json!({"role": "admin"});
        let home = scene.world.invited(&scene.root, "home@example.com", home).await;
        let open = scene.target("open").await;
        let trashed = scene.trashed("gone").await;
        let suspended = scene.world.invited(&scene.admin, "sam@example.com", json!({})).await;
        let body = json!({"id": suspended.id, "state": "suspended"});
        scene.call("user/update", &scene.admin.token, body).await.ok();
        for (token, email, send) in [
            (&scene.admin.token, open.email.as_str(), false),
            (&scene.admin.token, "uma@example.com", true),
            (&scene.admin.token, "sam@example.com", true),
            (&home.token, "rita@example.com", true),
        ] {
            let body = json!({"email": email, "sendInvite": send});
            let outcome = scene.refused("user/create", token, body).await.outcome();
            assert_eq!(outcome, "409 email_taken", "{email}");
        }
        // In other accounts, and where its user was removed, an email is free.
        for (token, email) in [
            (&other.token, open.email.as_str()),
            (&scene.root.token, open.email.as_str()),
            (&scene.admin.token, trashed.email.as_str()),
        ] {
            let body = json!({"email": email, "sendInvite": true});
            let made = scene.call("user/create", token, body).await.ok();
            assert!(![&open.id, &trashed.id].contains(&&made["id"].as_str().unwrap().to_owned()));
        }
        // The operator who names the account is within it, and nobody grants more than the own role.
        let body = json!({"email": open.email, "sendInvite": true,
            "accountId": scene.admin.account});
        scene.call("user/create", &scene.root.token, body).await.ok();
        let body = json!({"email": open.email, "sendInvite": true, "role": "root"});
        let outcome = scene.refused("user/create", &scene.admin.token, body).await.outcome();
        assert_eq!(outcome, "403 forbidden");
        let body = json!({"email": open.email, "sendInvite": true, "username": "uma"});
        let outcome = scene.refused("user/create", &scene.admin.token, body).await.outcome();
        assert_eq!(outcome, "409 username_taken");
    })
    .await;
}

/// The name that the page behind the link shows.
async fn inviter(scene: &Scene, code: &Value) -> Value {
    check(&scene.world, code).await.ok()["inviter"].clone()
}

#[tokio::test]
async fn the_page_behind_the_link_says_who_invites() {
    on_each_scene(async |scene| {
        let target = scene.target("iris").await;
        let code = json!(target.invite);
        assert_eq!(inviter(&scene, &code).await, "Rosa Root");
        let body = json!({"id": target.id, "sendInvite": true});
        let user = scene.call("user/updateRole", &scene.admin.token, body).await.ok();
        let code = user["invite"].clone();
        // Alice has not told her name yet.
        assert_eq!(inviter(&scene, &code).await, "alice@example.com");
        let name = json!({"first": "Alice", "last": "Admin"});
        scene.call("user/update", &scene.admin.token, name).await.ok();
        assert_eq!(inviter(&scene, &code).await, "Alice Admin");

        let key = scene.world.key(&scene.admin, "admin", "write").await;
        let body = json!({"email": "by-key@example.com", "sendInvite": true});
        let by_key = scene.call("user/create", &key, body).await.ok();
        assert_eq!(inviter(&scene, &by_key["invite"]).await, Value::Null);
        let body = json!({"email": "by-root@example.com", "sendInvite": true,
            "accountId": scene.admin.account});
        let by_root = scene.call("user/create", &scene.root.token, body).await.ok();
        assert_eq!(inviter(&scene, &by_root["invite"]).await, "Rosa Root");
    })
    .await;
}

#[tokio::test]
async fn whoever_invited_and_is_gone_is_not_named() {
    on_each_engine(async |world| {
        let admin = world.admin("admin@example.com").await;
        let ada = json!({"role": "admin", "first": "Ada"});
        let ada = world.invited(&admin, "ada@example.com", ada).await;
        let user = invite(&world, &ada, json!({"email": "ira@example.com"})).await;
        assert_eq!(check(&world, &user["invite"]).await.ok()["inviter"], "Ada");
        world.call("user/remove", &admin, json!({"id": ada.id})).await.ok();
        assert_eq!(check(&world, &user["invite"]).await.ok()["inviter"], Value::Null);
    })
    .await;
}
