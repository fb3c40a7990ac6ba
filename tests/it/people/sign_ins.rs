//! Whose a sign-in is: its person's, and only where an account keeps it, its admins' to look after.

use std::time::Duration;

use serde_json::{Value, json};

use super::{joins, latest_code, made, nowhere, signed_up, signs_in, token_in, token_of};
use crate::support::{
    scene::PASSWORD,
    tokens::said_by,
    world::{Person, World, on_each_engine},
};

const NEW: &str = "a rather different passphrase";

/// What an admin may try with somebody else's sign-in.
async fn tries(world: &World, by: &Person, id: &str) -> Vec<String> {
    let mut outcomes = Vec::new();
    for (name, more) in [
        ("user/changePassword", json!({"newPassword": NEW})),
        ("user/update", json!({"newPassword": NEW})),
        ("user/update", json!({"newEmail": "moved@example.com"})),
        ("totp/remove", json!({})),
    ] {
        let mut body = json!({"id": id});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        outcomes.push(world.call(name, by, body).await.outcome());
    }
    outcomes
}

#[tokio::test]
async fn a_persons_own_sign_in_is_nobody_elses_business() {
    on_each_engine(async |world| {
        let root = world.root().await;
        let ann = signed_up(&world, "ann@example.com").await;
        // An account that the operator vouches for is no exception, for people who came by themselves.
        let admin = world.admin("admin@example.com").await;
        let member = joins(&world, &admin, &ann, "ann@example.com").await;
        assert_eq!(tries(&world, &admin, &member.id).await, vec!["403 own_sign_in"; 4]);
        let by_root = tries(&world, &root, &member.id).await;
        // An operator in person takes off a factor that somebody has lost; here there is none.
        assert_eq!(by_root[3], "404 not_found");
        assert_eq!(by_root.iter().filter(|it| *it == "403 own_sign_in").count(), 3);
        assert_eq!(signs_in(&world, "ann@example.com", PASSWORD).await.outcome(), "200");
    })
    .await;
}

#[tokio::test]
async fn a_sign_in_is_kept_until_its_person_is_somewhere_else() {
    on_each_engine(async |world| {
        let admin = world.admin("admin@example.com").await;
        let body = json!({"email": "bob@example.com", "password": PASSWORD});
        let bob = made(&world, &admin, body).await;
        let token = token_of(&world, "bob@example.com").await;
        world.client.call("user/login", &token, json!({})).await.ok();
        let set = json!({"id": bob, "newPassword": NEW});
        world.call("user/changePassword", &admin, set).await.ok();
        let set = json!({"id": bob, "newPassword": PASSWORD});
        world.call("user/changePassword", &admin, set.clone()).await.ok();
        // Not proved, it gets into nothing more: somebody else knows the password.
        let token = token_of(&world, "bob@example.com").await;
        let other = world.admin("other@example.com").await;
        let body = json!({"email": "bob@example.com", "sendInvite": true});
        let invite = world.call("user/create", &other, body).await.ok()["invite"].clone();
        for (name, body) in [
            ("user/login", json!({"invite": invite})),
            ("account/register", json!({"name": "Bob's"})),
        ] {
            let refused = nowhere(&world, name, &token, body).await;
            assert_eq!(refused.outcome(), "403 email_unverified", "{name}");
        }
        let join = json!({"accountId": other.account});
        let refused = nowhere(&world, "user/login", &token, join.clone()).await;
        assert_eq!(refused.outcome(), "403 not_registered");

        // Proved, Bob joins; and from then on it is Bob's alone, whatever comes.
        world.advance(Duration::from_millis(1));
        world.client.call("password/forgot", "", json!({"email": "bob@example.com"})).await.ok();
        let body = json!({"code": latest_code(&world).await, "newPassword": PASSWORD});
        world.client.call("password/reset", "", body).await.ok();
        let token = token_of(&world, "bob@example.com").await;
        nowhere(&world, "user/login", &token, join).await.ok();
        assert_eq!(tries(&world, &admin, &bob).await, vec!["403 own_sign_in"; 4]);
        let token = token_in(&world, &other.account, &token).await;
        nowhere(&world, "user/leave", &token, json!({})).await.ok();
        assert_eq!(tries(&world, &admin, &bob).await, vec!["403 own_sign_in"; 4]);
        assert_eq!(signs_in(&world, "bob@example.com", PASSWORD).await.outcome(), "200");
    })
    .await;
}

#[tokio::test]
async fn what_was_kept_is_not_kept_again() {
    on_each_engine(async |world| {
        let admin = world.admin("admin@example.com").await;
        let body = json!({"email": "bob@example.com", "password": PASSWORD});
        let bob = made(&world, &admin, body).await;
        let vouch = async |managed: bool| {
            let body = json!({"accountId": admin.account, "managed": managed});
            world.operate("account/update", body).await;
        };
        let set = json!({"id": bob, "newPassword": NEW});
        let change = || world.call("user/changePassword", &admin, set.clone());
        vouch(false).await;
        assert_eq!(change().await.outcome(), "403 own_sign_in");
        vouch(true).await;
        assert_eq!(change().await.outcome(), "403 own_sign_in");
        assert_eq!(signs_in(&world, "bob@example.com", PASSWORD).await.outcome(), "200");
        let refused = world.call("account/update", &admin, json!({"managed": true})).await;
        assert_eq!(refused.outcome(), "403 forbidden_field");
    })
    .await;
}

#[tokio::test]
async fn a_kept_sign_in_goes_into_the_trash_with_its_user() {
    on_each_engine(async |world| {
        let admin = world.admin("admin@example.com").await;
        let create = json!({"email": "bob@example.com", "password": PASSWORD});
        let old = made(&world, &admin, create.clone()).await;
        let held = token_of(&world, "bob@example.com").await;
        world.client.call("user/login", &held, json!({})).await.ok();
        world.call("user/remove", &admin, json!({"id": old})).await.ok();
        assert_eq!(
            signs_in(&world, "bob@example.com", PASSWORD).await.outcome(),
            "401 invalid_credentials"
        );
        // Restored, it is as it was, but for the sessions.
        world.call("trash/restore", &admin, json!({"id": old})).await.ok();
        assert_eq!(signs_in(&world, "bob@example.com", PASSWORD).await.outcome(), "200");
        let get = world.client.call("user/get", &held, json!({})).await;
        assert_eq!(get.outcome(), "401 unauthenticated");

        // Made anew, it is somebody new, with none of the old one's access.
        world.call("user/remove", &admin, json!({"id": old})).await.ok();
        let mut again = create;
        again["password"] = json!(NEW);
        let new = made(&world, &admin, again).await;
        assert_ne!(new, old);
        assert_eq!(
            signs_in(&world, "bob@example.com", PASSWORD).await.outcome(),
            "401 invalid_credentials"
        );
        let reply = signs_in(&world, "bob@example.com", NEW).await.ok();
        let token = reply["accessToken"].as_str().unwrap().to_owned();
        let me = world.client.call("user/login", &token, json!({})).await.ok();
        assert_eq!(me["user"]["id"], json!(new));
        // The old one comes back without it: the address is somebody else's by now.
        let back = json!({"id": old, "newEmail": "older@example.com"});
        assert_eq!(world.call("trash/restore", &admin, back).await.outcome(), "403 own_sign_in");
        world.call("trash/purge", &admin, json!({"id": old})).await.ok();
        world.advance(Duration::from_mins(2));
        while world.sweeper.round().await.unwrap() > 0 {}
        assert_eq!(signs_in(&world, "bob@example.com", NEW).await.outcome(), "200");
    })
    .await;
}

#[tokio::test]
async fn an_own_sign_in_outlives_the_users_that_it_had() {
    on_each_engine(async |world| {
        let admin = world.admin("admin@example.com").await;
        let ann = signed_up(&world, "ann@example.com").await;
        let member = joins(&world, &admin, &ann, "ann@example.com").await;
        world.call("user/remove", &admin, json!({"id": member.id})).await.ok();
        world.call("trash/purge", &admin, json!({"id": member.id})).await.ok();
        world.advance(Duration::from_mins(2));
        while world.sweeper.round().await.unwrap() > 0 {}
        // It is still hers, and the address is nobody else's to take.
        assert_eq!(signs_in(&world, "ann@example.com", PASSWORD).await.outcome(), "200");
        let body = json!({"email": "ann@example.com", "password": NEW});
        let refused = world.call("user/create", &admin, body).await;
        assert_eq!(refused.outcome(), "403 own_sign_in");
        // Unused for long enough, it is forgotten.
        world.advance(Duration::from_hours(24 * 30));
        let gone = signs_in(&world, "ann@example.com", PASSWORD).await;
        assert_eq!(gone.outcome(), "401 invalid_credentials");
    })
    .await;
}

/// What an access token says of the address.
fn says_verified(token: &str) -> Value {
    said_by(token)["email_verified"].clone()
}

#[tokio::test]
async fn the_code_that_admins_see_proves_no_address() {
    on_each_engine(async |world| {
        let mallory = world.registered("mallory@example.com").await;
        let acme = world.admin("acme@example.com").await;
        let invited = json!({"email": "vera@example.com", "role": "admin", "sendInvite": true});
        made(&world, &acme, invited).await;
        world.advance(Duration::from_millis(1));
        let body = json!({"email": "vera@example.com", "sendInvite": true});
        let user = world.call("user/create", &mallory, body).await.ok();
        let shown = user["invite"].as_str().unwrap().to_owned();
        let sent = latest_code(&world).await;
        assert!(sent.starts_with(&shown) && sent != shown, "{shown} {sent}");
        assert!(world.client.call("invite/check", "", json!({"invite": sent})).await.status == 200);
        let forged = format!("{shown}.{}", "A".repeat(24));
        let refused = world.client.call("invite/check", "", json!({"invite": forged})).await;
        assert_eq!(refused.outcome(), "404 not_found");

        // Mallory reads the code in the reply, and gets into nothing by it: a letter goes to Vera.
        let body = json!({"invite": shown, "password": PASSWORD});
        let reply = world.client.call("identity/create", "", body).await.ok();
        assert_eq!(reply, json!({"state": "pending"}));
        let refused = signs_in(&world, "vera@example.com", PASSWORD).await;
        assert_eq!(refused.outcome(), "401 invalid_credentials");
        // A person who merely says to be Vera joins by the code in the letter alone.
        let claims = world.token("vera@example.com", false);
        let refused = nowhere(&world, "user/login", &claims, json!({"invite": shown})).await;
        assert_eq!(refused.outcome(), "403 email_unverified");
        nowhere(&world, "user/login", &claims, json!({"invite": sent})).await.ok();
        let mine = nowhere(&world, "account/mine", &claims, json!({})).await.ok();
        assert_eq!(mine["expected"], json!([]));
        let join = json!({"accountId": acme.account});
        let refused = nowhere(&world, "user/login", &claims, join).await;
        assert_eq!(refused.outcome(), "403 not_registered");
    })
    .await;
    on_each_engine(async |world| {
        let admin = world.registered("admin@example.com").await;
        made(&world, &admin, json!({"email": "vera@example.com", "sendInvite": true})).await;
        let body = json!({"invite": latest_code(&world).await, "password": PASSWORD});
        let reply = world.client.call("identity/create", "", body).await.ok();
        let token = reply["accessToken"].as_str().unwrap();
        assert_eq!(says_verified(token), json!(true));
        nowhere(&world, "account/register", token, json!({"name": "Vera's"})).await.ok();
    })
    .await;
}

#[tokio::test]
async fn whether_somebody_signs_in_with_an_email_cannot_be_tried_out() {
    on_each_engine(async |world| {
        let admin = world.admin("admin@example.com").await;
        for number in 0..3 {
            signed_up(&world, &format!("p{number}@example.com")).await;
        }
        let mut outcomes = Vec::new();
        for number in 0..40 {
            let body = json!({"email": format!("p{}@example.com", number % 3), "password": NEW});
            outcomes.push(world.call("user/create", &admin, body).await.outcome());
        }
        assert_eq!(outcomes[0], "403 own_sign_in");
        assert_eq!(outcomes.last().unwrap(), "429 too_many_requests");
    })
    .await;
}
