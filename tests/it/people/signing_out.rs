//! Being signed out of an account, and out of no other: what an earlier sign-in still opens.

use std::time::Duration;

use serde_json::{Value, json};

use super::{joins, nowhere, signed_up, token_in, token_of};
use crate::support::{
    client::Answer,
    scene::PASSWORD,
    world::{Person, World, on_each_engine, on_two_nodes},
};

const AGAIN: &str = "401 reauthentication_required";

/// What signs a person out of an account, and lets it come back.
#[derive(Clone, Copy, Debug)]
enum Way {
    Suspended,
    Removed,
    Left,
    Everybody,
    AccountSuspended,
    AccountRemoved,
}

const WAYS: [Way; 6] = [
    Way::Suspended,
    Way::Removed,
    Way::Left,
    Way::Everybody,
    Way::AccountSuspended,
    Way::AccountRemoved,
];

impl Way {
    /// Signs the person out, and makes it welcome again. Returns the code of an invite where it takes one.
    async fn go(self, world: &World, admin: &Person, ann: &Person, email: &str) -> Option<Value> {
        let user = |more: Value| {
            let mut body = json!({"id": ann.id});
            body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            body
        };
        let call = async |name: &str, body: Value| world.call(name, admin, body).await.ok();
        let account = |state: &str| json!({"accountId": admin.account, "state": state});
        match self {
            Self::Suspended => {
                call("user/update", user(json!({"state": "suspended"}))).await;
                call("user/update", user(json!({"state": "active"}))).await;
            }
            Self::Removed => {
                call("user/remove", user(json!({}))).await;
                call("trash/restore", user(json!({}))).await;
            }
            Self::Left => {
                world.call("user/leave", ann, json!({})).await.ok();
                let body = json!({"email": email, "sendInvite": true});
                return Some(call("user/create", body).await["invite"].clone());
            }
            Self::Everybody => drop(call("account/update", json!({"endSessions": true})).await),
            Self::AccountSuspended => {
                world.operate("account/update", account("suspended")).await;
                world.operate("account/update", account("active")).await;
            }
            Self::AccountRemoved => {
                world.operate("account/remove", json!({"accountId": admin.account})).await;
                world.operate("account/update", account("active")).await;
            }
        }
        None
    }
}

/// Somebody with a session, in this account and one of its own.
async fn in_two(world: &World, admin: &Person, email: &str) -> (Person, String) {
    let token = signed_up(world, email).await;
    let ann = joins(world, admin, &token, email).await;
    let reply = nowhere(world, "account/register", &token, json!({"name": "Own"})).await.ok();
    (ann, reply["account"]["id"].as_str().unwrap().to_owned())
}

async fn shown(world: &World, token: &str, account: &str) -> Value {
    let reply = nowhere(world, "account/mine", token, json!({})).await.ok();
    let accounts = reply["accounts"].as_array().unwrap();
    accounts.iter().find(|it| it["account"]["id"] == account).unwrap().clone()
}

#[tokio::test]
async fn an_earlier_session_opens_nothing_of_the_account_and_all_of_the_others() {
    on_each_engine(async |world| {
        for (number, way) in WAYS.into_iter().enumerate() {
            // Letters have an order.
            world.advance(Duration::from_hours(1));
            let email = format!("ann{number}@example.com");
            let admin = world.registered(&format!("admin{number}@example.com")).await;
            let (ann, own) = in_two(&world, &admin, &email).await;
            let signed = json!({"email": email, "password": PASSWORD, "accountId": ann.account});
            let signed = nowhere(&world, "session/create", "", signed).await.ok();
            assert_eq!(signed["accountId"], ann.account);
            world.advance(Duration::from_millis(1));
            let login = json!({"accountId": ann.account});
            let repeated = async || {
                let client = &world.client;
                client.call_once("once", "user/login", &ann.token, &login).await.outcome()
            };
            assert_eq!(repeated().await, "200");

            let invite = way.go(&world, &admin, &ann, &email).await;

            let access = signed["accessToken"].as_str().unwrap().to_owned();
            for token in [&ann.token, &access] {
                let old = Person { token: token.clone(), ..ann.clone() };
                is_signed_out(&world, &old, invite.as_ref(), way).await;
            }
            // What is refused there does not use the token up.
            let refresh = async |more: Value| {
                let mut body = json!({"refreshToken": signed["refreshToken"]});
                body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
                nowhere(&world, "session/refresh", "", body).await
            };
            for _ in 0..2 {
                let refused = refresh(login.clone()).await.outcome();
                let left = refused == "403 not_registered" && invite.is_some();
                assert!(left || refused == AGAIN, "{way:?}: {refused}");
            }
            let refreshed = refresh(json!({})).await.ok();
            assert_eq!(refreshed["accountId"], own);
            let refreshed = refreshed["accessToken"].as_str().unwrap().to_owned();
            for token in [&ann.token, &refreshed] {
                let elsewhere =
                    Person { token: token.clone(), account: own.clone(), ..ann.clone() };
                assert_eq!(world.call("user/get", &elsewhere, json!({})).await.outcome(), "200");
                let entered = nowhere(&world, "user/login", token, json!({})).await.ok();
                assert_eq!(entered["account"]["id"], own, "{way:?}");
            }
            let replayed = repeated().await;
            assert!(replayed == AGAIN || replayed == "403 not_registered", "{way:?}: {replayed}");

            let token = token_of(&world, &email).await;
            if let Some(invite) = invite {
                nowhere(&world, "user/login", &token, json!({"invite": invite})).await.ok();
            }
            let token = token_in(&world, &ann.account, &token).await;
            let ann = Person { token, ..ann };
            world.call("user/get", &ann, json!({})).await.ok();
            assert_eq!(shown(&world, &ann.token, &ann.account).await["signedOut"], false);
        }
    })
    .await;
}

/// That somebody does not get into its account by an earlier token, whichever way it tries.
async fn is_signed_out(world: &World, old: &Person, invite: Option<&Value>, way: Way) {
    let body = match invite {
        Some(invite) => json!({"invite": invite}),
        None => json!({"accountId": old.account}),
    };
    for _ in 0..2 {
        let refused = nowhere(world, "user/login", &old.token, body.clone()).await;
        assert_eq!(refused.outcome(), AGAIN, "{way:?}");
        assert_eq!(challenge(&refused), "insufficient_user_authentication");
    }
    if invite.is_none() {
        assert_eq!(world.call("user/get", old, json!({})).await.outcome(), AGAIN);
        let shown = shown(world, &old.token, &old.account).await;
        assert_eq!((&shown["signedOut"], shown.get("user")), (&json!(true), None));
    }
}

fn challenge(refused: &Answer) -> &str {
    let text = refused.header("www-authenticate").unwrap();
    text.split("error=\"").nth(1).unwrap().split('"').next().unwrap()
}

/// A person who has a user of the address again: the removed one's earlier sign-in does not become the new one.
#[tokio::test]
async fn a_user_made_anew_is_not_the_earlier_sign_ins() {
    on_each_engine(async |world| {
        let admin = world.registered("admin@example.com").await;
        let (ann, _) = in_two(&world, &admin, "ann@example.com").await;
        world.advance(Duration::from_millis(1));
        world.call("user/remove", &admin, json!({"id": ann.id})).await.ok();
        let body = json!({"email": "ann@example.com", "sendInvite": true});
        let new = world.call("user/create", &admin, body).await.ok();
        let join = json!({"accountId": admin.account});
        assert_eq!(nowhere(&world, "user/login", &ann.token, join.clone()).await.outcome(), AGAIN);
        // Nothing was bound, and the invite is as open as it was; nor is it declined.
        nowhere(&world, "account/decline", &ann.token, join.clone()).await.ok();
        let token = token_of(&world, "ann@example.com").await;
        let joined = nowhere(&world, "user/login", &token, join).await.ok();
        assert_eq!(joined["user"]["id"], new["id"]);
        // Whom nobody has ever been is no reason.
        let bob = signed_up(&world, "bob@example.com").await;
        let body = json!({"email": "bob@example.com", "sendInvite": true});
        let made = world.call("user/create", &admin, body.clone()).await.ok();
        world.advance(Duration::from_millis(1));
        world.call("user/remove", &admin, json!({"id": made["id"]})).await.ok();
        world.call("user/create", &admin, body).await.ok();
        let join = json!({"accountId": admin.account});
        nowhere(&world, "user/login", &bob, join).await.ok();
    })
    .await;
}

#[tokio::test]
async fn another_node_knows_within_five_seconds() {
    on_two_nodes(async |here, there| {
        let admin = here.registered("admin@example.com").await;
        let (ann, _) = in_two(&here, &admin, "ann@example.com").await;
        let token = token_of(&here, "ann@example.com").await;
        let ann = Person { token, ..ann };
        here.advance(Duration::from_millis(1));
        there.call("user/get", &ann, json!({})).await.ok();
        here.call("account/update", &admin, json!({"endSessions": true})).await.ok();
        let outcome = async |world: &World| world.call("user/get", &ann, json!({})).await.outcome();
        assert_eq!(outcome(&here).await, AGAIN);
        here.advance(Duration::from_secs(5));
        assert_eq!(outcome(&there).await, AGAIN);
    })
    .await;
}

/// A person who signs in while it is kept out is signed out by what keeps it out next.
#[tokio::test]
async fn each_closing_signs_out() {
    on_each_engine(async |world| {
        let admin = world.registered("admin@example.com").await;
        let (ann, _) = in_two(&world, &admin, "ann@example.com").await;
        let state = |state: &str| json!({"id": ann.id, "state": state});
        world.call("user/update", &admin, state("suspended")).await.ok();
        let token = token_of(&world, "ann@example.com").await;
        world.advance(Duration::from_millis(1));
        world.call("user/remove", &admin, json!({"id": ann.id})).await.ok();
        world.call("trash/restore", &admin, json!({"id": ann.id})).await.ok();
        world.call("user/update", &admin, state("active")).await.ok();
        let login = json!({"accountId": admin.account});
        assert_eq!(nowhere(&world, "user/login", &token, login.clone()).await.outcome(), AGAIN);
        // The same with whole accounts.
        let account = |state: &str| json!({"accountId": admin.account, "state": state});
        world.operate("account/update", account("suspended")).await;
        let token = token_of(&world, "ann@example.com").await;
        world.advance(Duration::from_millis(1));
        world.operate("account/remove", json!({"accountId": admin.account})).await;
        world.operate("account/update", account("active")).await;
        assert_eq!(nowhere(&world, "user/login", &token, login).await.outcome(), AGAIN);
    })
    .await;
}

#[tokio::test]
async fn nobody_but_root_signs_the_operators_out() {
    on_each_engine(async |world| {
        let root = world.root().await;
        let admin = world.invited(&root, "admin@example.com", json!({"role": "admin"})).await;
        let end = json!({"endSessions": true});
        let refused = world.call("account/update", &admin, end.clone()).await;
        assert_eq!(refused.outcome(), "403 forbidden");
        world.call("account/update", &root, end).await.ok();
        assert_eq!(world.call("user/get", &root, json!({})).await.outcome(), AGAIN);
    })
    .await;
}
