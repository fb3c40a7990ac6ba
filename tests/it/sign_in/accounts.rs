//! Access tokens, each for one account: which one, for whom, and for how long.

use std::{collections::BTreeSet, time::Duration};

use serde_json::{Value, json};

use super::{Signed, call, registered, sign_in, signed_in, signed_up};
use crate::support::{
    client::Answer,
    scene::PASSWORD,
    tokens::said_by,
    world::{Person, World, on_each_engine, on_each_engine_with, on_two_nodes},
};

const API: &str = "https://api.example.com";

/// Somebody who is in two accounts, as admins of which others have invited it.
struct InTwo {
    admins: [Person; 2],
    signed: Signed,
}

impl InTwo {
    async fn new(world: &World) -> Self {
        let one = world.registered("one@example.com").await;
        let other = world.registered("other@example.com").await;
        let signed = signed_up(world, "ann@example.com").await;
        for admin in [&one, &other] {
            join(world, admin, &signed.access, "ann@example.com").await;
        }
        Self { admins: [one, other], signed: signed_in(world, "ann@example.com").await }
    }

    fn account(&self, which: usize) -> &str {
        &self.admins[which].account
    }
}

async fn join(world: &World, admin: &Person, token: &str, email: &str) {
    world.advance(Duration::from_millis(1));
    let body = json!({"email": email, "sendInvite": true, "role": "admin"});
    let invite = world.call("user/create", admin, body).await.ok()["invite"].clone();
    world.client.call_in("", "user/login", token, json!({"invite": invite})).await.ok();
}

async fn exchange(world: &World, token: &str, body: Value) -> Answer {
    world.client.call_in("", "session/token", token, body).await
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value}")).to_owned()
}

async fn own(world: &World, token: &str) -> Answer {
    world.client.call_in("", "user/get", token, json!({})).await
}

#[tokio::test]
async fn a_token_says_which_account_and_user_it_is_for() {
    on_each_engine(async |world| {
        let ann = InTwo::new(&world).await;
        // Where she was last of all.
        assert_eq!(said_by(&ann.signed.access)["account_id"], ann.account(1));
        let body = json!({"email": "ann@example.com", "password": PASSWORD,
            "accountId": ann.account(0)});
        let reply = call(&world, "session/create", body).await.ok();
        let said = said_by(&text(&reply["accessToken"]));
        let user = own(&world, &text(&reply["accessToken"])).await.ok();
        assert_eq!(reply["accountId"], ann.account(0));
        let claims = ["account_id", "user_id", "role"].map(|name| said[name].clone());
        assert_eq!(claims, [json!(ann.account(0)), user["id"].clone(), json!("admin")]);
        // Where this session was last, and where it says.
        let refresh = json!({"refreshToken": reply["refreshToken"]});
        let reply = call(&world, "session/refresh", refresh).await.ok();
        assert_eq!(reply["accountId"], ann.account(0));
        let refresh = json!({"refreshToken": reply["refreshToken"], "accountId": ann.account(1)});
        let reply = call(&world, "session/refresh", refresh).await.ok();
        assert_eq!(said_by(&text(&reply["accessToken"]))["account_id"], ann.account(1));
        let refresh = json!({"refreshToken": reply["refreshToken"]});
        let reply = call(&world, "session/refresh", refresh).await.ok();
        assert_eq!(reply["accountId"], ann.account(1));

        // It is for that one, whatever else is said.
        let token = text(&reply["accessToken"]);
        let elsewhere = world.client.call_in(ann.account(0), "user/get", &token, json!({})).await;
        assert_eq!(elsewhere.outcome(), "409 account_mismatch");
        let here = world.client.call_in(ann.account(1), "user/get", &token, json!({})).await;
        assert_eq!(here.ok()["accountId"], ann.account(1));
        let entered = world.client.call_in("", "user/login", &token, json!({})).await.ok();
        assert_eq!(entered["account"]["id"], ann.account(1));
    })
    .await;
}

#[tokio::test]
async fn nobody_gets_a_token_for_an_account_that_lets_nobody_in() {
    on_each_engine(async |world| {
        let ann = InTwo::new(&world).await;
        let strange = world.registered("strange@example.com").await;
        let credentials = |account: &str| {
            json!({"email": "ann@example.com", "password": PASSWORD, "accountId": account})
        };
        let nowhere = "01890000-0000-7000-8000-000000000000";
        for account in [strange.account.as_str(), nowhere] {
            let refused = call(&world, "session/create", credentials(account)).await;
            assert_eq!(refused.outcome(), "403 not_registered");
            let body = json!({"accountId": account});
            let refused = exchange(&world, &ann.signed.access, body).await;
            assert_eq!(refused.outcome(), "403 not_registered");
        }
        // A wrong password is a wrong password, whatever is named.
        let mut body = credentials(ann.account(0));
        body["password"] = json!("wrong, and long enough");
        assert_eq!(call(&world, "session/create", body).await.outcome(), "401 invalid_credentials");

        let user = said_by(&ann.signed.access)["user_id"].clone();
        let state = json!({"id": user, "state": "suspended"});
        world.call("user/update", &ann.admins[1], state).await.ok();
        assert_eq!(own(&world, &ann.signed.access).await.outcome(), "403 suspended");
        let refused = call(&world, "session/create", credentials(ann.account(1))).await;
        assert_eq!(refused.outcome(), "403 suspended");
        let refresh = async |more: Value| {
            let mut body = json!({"refreshToken": ann.signed.refresh});
            body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            call(&world, "session/refresh", body).await
        };
        let refused = refresh(json!({"accountId": ann.account(1)})).await;
        assert_eq!(refused.outcome(), "403 suspended");
        // The one that is open, where none is named.
        assert_eq!(refresh(json!({})).await.ok()["accountId"], ann.account(0));
        let reply = sign_in(&world, "ann@example.com", PASSWORD).await.ok();
        assert_eq!(reply["accountId"], ann.account(0));
    })
    .await;
}

#[tokio::test]
async fn tabs_are_in_two_accounts_by_one_session() {
    on_each_engine(async |world| {
        let ann = InTwo::new(&world).await;
        let reply = exchange(&world, &ann.signed.access, json!({"accountId": ann.account(0)}));
        let reply = reply.await.ok();
        let names: Vec<_> = reply.as_object().unwrap().keys().cloned().collect();
        assert_eq!(names, ["accessToken", "accountId", "expires", "session"]);
        assert_eq!(reply["session"], ann.signed.session);
        let other = text(&reply["accessToken"]);
        let accounts = [own(&world, &ann.signed.access).await, own(&world, &other).await]
            .map(|answer| text(&answer.ok()["accountId"]));
        assert_eq!(accounts, [ann.account(1), ann.account(0)]);
        // Both admins see it, each as something of its own, and ending one ends the other not.
        let mut seen = BTreeSet::new();
        for (admin, token) in ann.admins.iter().zip([&other, &ann.signed.access]) {
            let user = json!({"id": said_by(token)["user_id"]});
            let list = world.call("session/find", admin, user).await.ok()["data"].clone();
            assert_eq!(list.as_array().unwrap().len(), 1);
            seen.insert(text(&list[0]["id"]));
        }
        assert_eq!(seen.len(), 2);
        let user = said_by(&other)["user_id"].clone();
        let list = world.call("session/find", &ann.admins[0], json!({"id": user})).await.ok();
        let end = json!({"id": user, "session": list["data"][0]["id"]});
        world.call("session/remove", &ann.admins[0], end).await.ok();
        assert_eq!(own(&world, &other).await.outcome(), "401 reauthentication_required");
        assert_eq!(own(&world, &ann.signed.access).await.outcome(), "200");
        // A person who ends the session ends it everywhere.
        let reply = exchange(&world, &ann.signed.access, json!({})).await.ok();
        let same = text(&reply["accessToken"]);
        world.client.call_in("", "session/remove", &same, json!({})).await.ok();
        for token in [&same, &ann.signed.access, &other] {
            assert_eq!(own(&world, token).await.outcome(), "401 unauthenticated");
            let refused = exchange(&world, token, json!({})).await;
            assert_eq!(refused.outcome(), "401 unauthenticated");
        }
    })
    .await;
}

#[tokio::test]
async fn an_exchange_lengthens_nothing() {
    let flag = format!("--audience={API}");
    on_each_engine_with(&[&flag, "--registration=open"], async |world| {
        let ann = InTwo::new(&world).await;
        let ends = |token: &str| said_by(token)["exp"].as_u64().unwrap();
        world.advance(Duration::from_mins(6));
        let (first, mut token) = (ends(&ann.signed.access), ann.signed.access.clone());
        for account in [0, 1, 0] {
            world.advance(Duration::from_mins(1));
            let reply = exchange(&world, &token, json!({"accountId": ann.account(account)})).await;
            token = text(&reply.ok()["accessToken"]);
            assert!(ends(&token) <= first);
            let said = [&token, &ann.signed.access].map(|token| said_by(token));
            for name in ["auth_time", "amr", "sid", "sub"] {
                assert_eq!(said[0][name], said[1][name], "{name}");
            }
        }
        // For another service five minutes, or as long as that, if it is sooner; and nothing here.
        let reply = exchange(&world, &token, json!({"audience": API})).await.ok();
        let elsewhere = text(&reply["accessToken"]);
        let said = said_by(&elsewhere);
        let now = world.clock.now().seconds();
        assert_eq!((&said["aud"], ends(&elsewhere)), (&json!(API), now + 300));
        assert_eq!(said["iss"], said_by(&token)["iss"]);
        let refused = own(&world, &elsewhere).await;
        assert_eq!(refused.outcome(), "401 unauthenticated");
        assert!(refused.json()["detail"].as_str().unwrap().contains("for another service"));
        let refused = exchange(&world, &elsewhere, json!({})).await;
        assert_eq!(refused.outcome(), "401 unauthenticated");
        let refused = exchange(&world, &token, json!({"audience": "https://else.example.com"}));
        assert_eq!(refused.await.faults(), "audience:in");
        world.advance(Duration::from_mins(3));
        let reply = exchange(&world, &token, json!({"audience": API})).await.ok();
        assert!(ends(&text(&reply["accessToken"])) <= first);
        // Calls bear with clocks that are half a minute apart; exchanges would go on for ever.
        world.advance(Duration::from_mins(3));
        assert_eq!(own(&world, &token).await.outcome(), "200");
        assert_eq!(exchange(&world, &token, json!({})).await.outcome(), "401 unauthenticated");
    })
    .await;
}

#[tokio::test]
async fn what_is_of_no_session_is_not_exchanged() {
    on_each_engine(async |world| {
        let ada = world.registered("ada@example.com").await;
        let refused = exchange(&world, &ada.token, json!({})).await;
        assert_eq!(refused.outcome(), "403 forbidden");
        let key = world.key(&ada, "admin", "write").await;
        assert_eq!(exchange(&world, &key, json!({})).await.outcome(), "403 forbidden");
        // A person who is in no account has a token for none.
        let eve = signed_up(&world, "eve@example.com").await;
        let reply = exchange(&world, &eve.access, json!({})).await.ok();
        assert_eq!(reply.get("accountId"), None);
        assert_eq!(said_by(&text(&reply["accessToken"])).get("account_id"), None);
    })
    .await;
}

/// The account that was used the longest time ago gives way, and its tokens with it.
#[tokio::test]
async fn a_session_is_in_sixteen_accounts_at_once() {
    on_each_engine(async |world| {
        let signed = signed_up(&world, "ann@example.com").await;
        let mut admins = Vec::new();
        for number in 0..17 {
            let admin = world.registered(&format!("admin{number}@example.com")).await;
            join(&world, &admin, &signed.access, "ann@example.com").await;
            admins.push(admin);
        }
        let mut tokens = Vec::new();
        for admin in &admins {
            world.advance(Duration::from_millis(1));
            let reply = exchange(&world, &signed.access, json!({"accountId": admin.account})).await;
            tokens.push(text(&reply.ok()["accessToken"]));
        }
        assert_eq!(own(&world, &tokens[0]).await.outcome(), "401 unauthenticated");
        for token in &tokens[1..] {
            assert_eq!(own(&world, token).await.outcome(), "200");
        }
        let again = exchange(&world, &tokens[1], json!({"accountId": admins[0].account})).await;
        assert_eq!(own(&world, &text(&again.ok()["accessToken"])).await.outcome(), "200");
    })
    .await;
}

/// A token that was made on one node is good on the other at once; what ends there, within five seconds here.
#[tokio::test]
async fn two_nodes_agree_on_what_a_token_opens() {
    on_two_nodes(async |here, there| {
        let ann = InTwo::new(&here).await;
        // The session is remembered as it was before it entered the other account.
        assert_eq!(own(&there, &ann.signed.access).await.outcome(), "200");
        let body = json!({"accountId": ann.account(0)});
        let other = text(&exchange(&here, &ann.signed.access, body).await.ok()["accessToken"]);
        assert_eq!(own(&there, &other).await.outcome(), "200");
        let user = said_by(&other)["user_id"].clone();
        let list = here.call("session/find", &ann.admins[0], json!({"id": user})).await.ok();
        let end = json!({"id": user, "session": list["data"][0]["id"]});
        here.call("session/remove", &ann.admins[0], end).await.ok();
        assert_eq!(own(&here, &other).await.outcome(), "401 reauthentication_required");
        here.advance(Duration::from_secs(5));
        assert_eq!(own(&there, &other).await.outcome(), "401 reauthentication_required");
    })
    .await;
}

/// The right password counts, whatever account is named: what has been shown is used up.
#[tokio::test]
async fn a_password_is_not_tried_out_by_naming_an_account() {
    on_each_engine(async |world| {
        let (ada, _) = registered(&world, "ada@example.com").await;
        let reply = world.call("totp/enroll", &ada, json!({"currentPassword": PASSWORD})).await;
        let secret = super::totp::secret(reply.ok()["secret"].as_str().unwrap());
        let code = secret.code(world.clock.now()).reveal().to_owned();
        world.call("totp/confirm", &ada, json!({"code": code})).await.ok();
        world.advance(Duration::from_mins(1));
        let code = secret.code(world.clock.now()).reveal().to_owned();
        let body = json!({"email": "ada@example.com", "password": PASSWORD, "totp": code,
            "accountId": "01890000-0000-7000-8000-000000000000"});
        let refused = call(&world, "session/create", body.clone()).await;
        assert_eq!(refused.outcome(), "403 not_registered");
        let mut again = body;
        again.as_object_mut().unwrap().remove("accountId");
        let refused = call(&world, "session/create", again).await;
        assert_eq!(refused.outcome(), "401 invalid_credentials", "the code was used");
    })
    .await;
}

/// A reply that was lost is not asked for in vain once the session has another token.
#[tokio::test]
async fn what_is_sent_again_is_the_same_whichever_account_the_token_is_for() {
    on_each_engine(async |world| {
        let signed = signed_up(&world, "ann@example.com").await;
        let register = async |token: &str| {
            let body = json!({"name": "Own"});
            world.client.call_once("once", "account/register", token, &body).await.ok()
        };
        let first = register(&signed.access).await;
        let refresh = json!({"refreshToken": signed.refresh});
        let reply = call(&world, "session/refresh", refresh).await.ok();
        assert_eq!(reply["accountId"], first["account"]["id"]);
        let again = register(&text(&reply["accessToken"])).await;
        assert_eq!(again["account"]["id"], first["account"]["id"]);
    })
    .await;
}

#[tokio::test]
async fn whoever_is_let_into_no_account_ends_the_own_session() {
    on_each_engine(async |world| {
        let (ada, signed) = registered(&world, "ada@example.com").await;
        world.call("account/update", &ada, json!({"endSessions": true})).await.ok();
        assert_eq!(own(&world, &signed.access).await.outcome(), "401 reauthentication_required");
        let ended = world.client.call_in("", "session/remove", &signed.access, json!({})).await;
        assert_eq!(ended.ok(), json!({"ended": 1}));
        let refresh = json!({"refreshToken": signed.refresh});
        let refused = call(&world, "session/refresh", refresh).await;
        assert_eq!(refused.outcome(), "401 unauthenticated");
    })
    .await;
}

#[tokio::test]
async fn how_many_sessions_somebody_has_elsewhere_is_not_found_out() {
    on_each_engine(async |world| {
        let ann = InTwo::new(&world).await;
        for _ in 0..5 {
            world.advance(Duration::from_millis(1));
            let body = json!({"email": "ann@example.com", "password": PASSWORD,
                "accountId": ann.account(1)});
            call(&world, "session/create", body).await.ok();
        }
        let body = json!({"accountId": ann.account(0)});
        let token = text(&exchange(&world, &ann.signed.access, body).await.ok()["accessToken"]);
        let user = json!({"id": said_by(&token)["user_id"]});
        let page = world.call("session/find?limit=1", &ann.admins[0], user).await.ok();
        assert_eq!(page["data"].as_array().unwrap().len(), 1);
        assert_eq!((page.get("next"), page.get("prev")), (None, None));
    })
    .await;
}
