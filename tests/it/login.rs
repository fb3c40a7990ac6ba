//! The ways in: known identities, invites, emails that an issuer vouches for, registering.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{
    issuers::{issuer, outside},
    scene::PASSWORD,
    world::{World, on_each_engine, on_each_engine_with},
};

async fn login(world: &World, token: &str, body: Value) -> String {
    world.client.call("user/login", token, body).await.outcome()
}

#[tokio::test]
async fn a_stranger_is_told_so_and_nothing_more() {
    on_each_engine(async |world| {
        world.admin("admin@example.com").await;
        let stranger = world.token("eve@example.com", false);
        // The same answer, whether the email is known or not.
        let known = world.token_for("eve", "admin@example.com", false);
        for token in [stranger, known] {
            assert_eq!(login(&world, &token, json!({})).await, "403 not_registered");
            let register = json!({"register": true});
            assert_eq!(login(&world, &token, register).await, "403 email_unverified");
            let unknown = json!({"invite": "A".repeat(24)});
            assert_eq!(login(&world, &token, unknown).await, "404 not_found");
        }
    })
    .await;
}

#[tokio::test]
async fn an_email_binds_only_where_its_issuer_is_trusted() {
    let flags = [issuer("trusted", true), issuer("other", false)];
    on_each_engine_with(&[&flags[0], &flags[1]], async |world| {
        let admin = world.admin("admin@example.com").await;
        let body = json!({"email": "bob@example.com"});
        let bob = world.call("user/create", &admin, body).await.ok();

        let other = outside("other", "bob", "bob@example.com", true);
        let join = json!({"accountId": admin.account});
        let register = json!({"register": true});
        // An issuer that is not believed proves no address: not to join by, and not to register.
        let unverified = outside("trusted", "bob", "bob@example.com", false);
        for token in [&other, &unverified] {
            assert_eq!(login(&world, token, json!({})).await, "403 not_registered");
            assert_eq!(login(&world, token, join.clone()).await, "403 not_registered");
            assert_eq!(login(&world, token, register.clone()).await, "403 email_unverified");
        }

        let trusted = outside("trusted", "bob", "bob@example.com", true);
        assert_eq!(login(&world, &trusted, json!({})).await, "403 not_registered");
        let reply = world.client.call("user/login", &trusted, join.clone()).await.ok();
        assert_eq!(reply["user"]["id"], bob["id"]);
        assert_eq!(reply["user"]["state"], "active");

        // What one issuer has bound, no other identity takes over.
        for token in [
            outside("trusted", "bob2", "bob@example.com", true),
            world.token("bob@example.com", true),
        ] {
            assert_eq!(login(&world, &token, json!({})).await, "403 not_registered");
            assert_eq!(login(&world, &token, join.clone()).await, "403 not_registered");
            // It stands in the way of no account of one's own.
            assert_eq!(login(&world, &token, register.clone()).await, "200");
        }
        assert_eq!(login(&world, &other, json!({})).await, "403 not_registered");
    })
    .await;
}

#[tokio::test]
async fn an_invite_is_for_one_email_and_for_a_while() {
    on_each_engine(async |world| {
        let admin = world.admin("admin@example.com").await;
        let create = async |email: &str| {
            let body = json!({"email": email, "sendInvite": true});
            world.call("user/create", &admin, body).await.ok()
        };
        let (bob, token) = (create("bob@example.com").await, world.token("bob@example.com", false));
        let invite = json!({"invite": bob["invite"]});

        let eve = world.token("eve@example.com", true);
        assert_eq!(login(&world, &eve, invite.clone()).await, "403 invite_email");
        assert_eq!(login(&world, &admin.token, invite.clone()).await, "409 already_registered");

        // A fresh code voids the older one.
        let body = json!({"id": bob["id"], "sendInvite": true});
        let fresh = world.call("user/updateRole", &admin, body).await.ok();
        assert_ne!(fresh["invite"], bob["invite"]);
        assert_eq!(login(&world, &token, invite).await, "404 not_found");

        // So does another email, for which the code was not meant.
        let body = json!({"id": bob["id"], "newEmail": "rob@example.com"});
        let moved = world.call("user/update", &admin, body).await.ok();
        assert_eq!(moved["invite"], Value::Null);
        let invite = json!({"invite": fresh["invite"]});
        assert_eq!(login(&world, &token, invite).await, "404 not_found");

        let late = create("late@example.com").await;
        world.advance(Duration::from_hours(24 * 7));
        let shown = world.call("user/get", &admin, json!({"id": late["id"]})).await.ok();
        assert_eq!(shown["invite"], Value::Null);
        let token = world.token("late@example.com", false);
        let invite = json!({"invite": late["invite"]});
        assert_eq!(login(&world, &token, invite).await, "404 not_found");
    })
    .await;
}

#[tokio::test]
async fn an_invite_for_whoever_has_it() {
    on_each_engine_with(&["--invite-any-email=true"], async |world| {
        let admin = world.admin("admin@example.com").await;
        let body = json!({"email": "bob@example.com", "sendInvite": true});
        let bob = world.call("user/create", &admin, body).await.ok();
        let invite = json!({"invite": bob["invite"]});
        // The code that admins can copy takes an address that is proved, whichever it is.
        let claims = world.token("robert@elsewhere.example", false);
        assert_eq!(login(&world, &claims, invite.clone()).await, "403 email_unverified");
        let token = world.token("robert@elsewhere.example", true);
        let reply = world.client.call("user/login", &token, invite).await.ok();
        assert_eq!(reply["user"]["id"], bob["id"]);
        assert_eq!(reply["user"]["email"], "bob@example.com");
    })
    .await;
}

#[tokio::test]
async fn registering_can_be_closed() {
    on_each_engine_with(&["--registration=invite"], async |world| {
        let token = world.token("ada@example.com", true);
        assert_eq!(login(&world, &token, json!({"register": true})).await, "403 forbidden");
        let root = world.root().await;
        let ada = world.invited(&root, "ada@example.com", json!({})).await;
        assert_eq!(ada.account, root.account);
    })
    .await;
}

#[tokio::test]
async fn the_activity_is_noted_now_and_then() {
    on_each_engine(async |world| {
        let admin = world.admin("admin@example.com").await;
        let noted = async || {
            world.call("user/login", &admin, json!({})).await.ok()["user"]["activity"].clone()
        };
        let first = noted().await;
        world.advance(Duration::from_mins(10) - Duration::from_millis(1));
        assert_eq!(noted().await, first);
        world.advance(Duration::from_millis(1));
        assert_ne!(noted().await, first);
    })
    .await;
}

#[tokio::test]
async fn it_is_known_since_when_and_by_which_issuer_a_user_comes() {
    let flag = issuer("trusted", true);
    on_each_engine_with(&[&flag], async |world| {
        let admin = world.admin("admin@example.com").await;
        let get = async |id: &Value| world.call("user/get", &admin, json!({"id": id})).await.ok();
        let times = |user: &Value| [user["joined"].clone(), user["activity"].clone()];
        let me = get(&json!(admin.id)).await;
        assert_eq!(
            times(&me),
            [json!("2027-01-15T08:00:00.000Z"), json!("2027-01-15T08:00:00.000Z")]
        );
        assert_eq!(me["issuer"], "guestlist");

        let body = json!({"email": "bob@example.com"});
        let bob = world.call("user/create", &admin, body).await.ok()["id"].clone();
        let unknown = get(&bob).await;
        assert_eq!(
            (times(&unknown), &unknown["issuer"]),
            ([Value::Null, Value::Null], &json!(null))
        );
        let token = outside("trusted", "bob", "bob@example.com", true);
        world.advance(Duration::from_secs(1));
        let join = json!({"accountId": admin.account});
        assert_eq!(login(&world, &token, join).await, "200");
        world.advance(Duration::from_mins(10));
        assert_eq!(login(&world, &token, json!({})).await, "200");
        let later = [json!("2027-01-15T08:00:01.000Z"), json!("2027-01-15T08:10:01.000Z")];
        let known = get(&bob).await;
        assert_eq!((times(&known), &known["issuer"]), (later.clone(), &json!("trusted")));
        let document = world.call("user/export", &admin, json!({"id": bob})).await.ok();
        assert_eq!(document["user"], known);

        // The trash keeps it, too.
        let removed = world.call("user/remove", &admin, json!({"id": bob})).await.ok();
        assert_eq!((times(&removed), &removed["issuer"]), (later.clone(), &json!("trusted")));
        let admin = world.fresh(&admin);
        let restored = world.call("trash/restore", &admin, json!({"id": bob})).await.ok();
        assert_eq!(times(&restored), later);

        // Who is given a password comes by our own issuer, and joins with the first login.
        let body = json!({"email": "eve@example.com", "password": PASSWORD});
        let eve = world.call("user/create", &admin, body).await.ok();
        assert_eq!(
            (times(&eve), &eve["issuer"]),
            ([Value::Null, Value::Null], &json!("guestlist"))
        );
        let body = json!({"email": "eve@example.com", "password": PASSWORD});
        let session = world.client.call("session/create", "", body).await.ok();
        let token = session["accessToken"].as_str().unwrap();
        let user = world.client.call("user/login", token, json!({})).await.ok()["user"].clone();
        assert_eq!(
            times(&user),
            [json!("2027-01-15T08:10:02.000Z"), json!("2027-01-15T08:10:02.000Z")]
        );
    })
    .await;
}

#[tokio::test]
async fn a_token_is_verified_once() {
    on_each_engine(async |world| {
        let admin = world.admin("admin@example.com").await;
        for _ in 0..10 {
            world.call("user/get", &admin, json!({})).await.ok();
        }
        assert_eq!(world.app.verifier.verifications(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_change_of_the_caller_bites_at_once() {
    on_each_engine(async |world| {
        let admin = world.admin("admin@example.com").await;
        let bob = world.invited(&admin, "bob@example.com", json!({"role": "admin"})).await;
        let find = async || world.call("trash/find", &bob, json!({})).await.outcome();
        let change = async |name: &str, body: Value| {
            world.call(name, &admin, body).await.ok();
        };
        assert_eq!(find().await, "200");
        change("user/updateRole", json!({"id": bob.id, "role": "user"})).await;
        assert_eq!(find().await, "403 forbidden");
        change("user/updateRole", json!({"id": bob.id, "role": "admin"})).await;
        assert_eq!(find().await, "200");
        change("user/update", json!({"id": bob.id, "state": "suspended"})).await;
        assert_eq!(find().await, "403 suspended");
        assert_eq!(login(&world, &bob.token, json!({})).await, "403 suspended");
        change("user/update", json!({"id": bob.id, "state": "active"})).await;
        change("user/remove", json!({"id": bob.id})).await;
        assert_eq!(find().await, "403 not_registered");
        assert_eq!(login(&world, &bob.token, json!({})).await, "403 not_registered");
        change("trash/restore", json!({"id": bob.id})).await;
        assert_eq!(find().await, "401 reauthentication_required");
        let again = world.again(&bob.token);
        assert_eq!(world.client.call("trash/find", &again, json!({})).await.outcome(), "200");
    })
    .await;
}
