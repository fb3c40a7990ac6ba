//! People in several accounts: which one a login is to, and what its token is good for.

use std::{sync::Arc, time::Duration};

use guestlist::{clock::Clock, facade::Facade};
use hyper::Method;
use serde_json::{Value, json};

use super::{Site, new, on_each_site, token, told};
use crate::support::{
    client::Answer,
    engine::Engine,
    rest::Rest,
    scene::PASSWORD,
    world::{NOW, Person, World},
};

const FLAGS: &[&str] = &["--facades=meiro"];

/// The access token of somebody who signs in natively.
async fn access(world: &World, email: &str) -> String {
    let body = json!({"email": email, "password": PASSWORD});
    let session = world.client.call("session/create", "", body).await.ok();
    session["accessToken"].as_str().unwrap().to_owned()
}

/// Makes a user for somebody with a sign-in of its own, who joins.
async fn joined(world: &World, by: &Person, email: &str, first: &str) -> Value {
    let body = json!({"email": email, "first": first, "sendInvite": true});
    let user = world.call("user/create", by, body).await.ok();
    let body = json!({"invite": user["invite"]});
    world.client.call("user/login", &access(world, email).await, body).await.ok();
    user
}

async fn log_in(rest: &Rest, email: &str, more: Value) -> Answer {
    let mut body = json!({"email": email, "password": PASSWORD});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    rest.post("/users/login", "", body).await
}

/// Sends a request that names an account in the header.
async fn about(rest: &Rest, account: &str, method: Method, path: &str, token: &str) -> Answer {
    let headers = [("x-access-token", token), ("x-account-id", account)];
    rest.exchange(&method, path, &headers, "").await
}

/// How many sessions somebody has who is in the account; afterwards there is none.
async fn sessions(world: &World, email: &str, account: &str) -> u64 {
    let access = access(world, email).await;
    let end = async |which: Value| {
        world.client.call_in(account, "session/remove", &access, which).await.ok()
    };
    let others = end(json!({"others": true})).await;
    end(json!({})).await;
    others["ended"].as_u64().unwrap()
}

/// Ada is in the site's account and in another one, and Bob's is a third; she is called otherwise in each.
struct Several {
    site: Site,
    other: Person,
    third: Person,
    /// Her numbers in the first two.
    numbers: [Value; 2],
}

const ADA: &str = "ada@example.com";

impl Several {
    async fn new(site: Site) -> Self {
        let other = site.world.admin("olga@example.com").await;
        let third = site.world.admin("bob@example.com").await;
        site.world.signed_up(ADA).await;
        let one = joined(&site.world, &site.admin, ADA, "Ada").await["number"].clone();
        // Not the same number in both.
        let body = json!({"email": "x@example.com"});
        site.world.call("user/create", &other, body).await.ok();
        let two = joined(&site.world, &other, ADA, "Augusta").await["number"].clone();
        assert_ne!(one, two);
        let several = Self { site, other, third, numbers: [one, two] };
        // Only those are counted that the tests begin.
        assert_eq!(several.sessions().await, 3);
        several
    }

    async fn sessions(&self) -> u64 {
        sessions(&self.site.world, ADA, &self.other.account).await
    }
}

async fn on_each_several(test: impl AsyncFn(Several)) {
    on_each_site(async |site| test(Several::new(site).await).await).await;
}

#[tokio::test]
async fn who_is_in_several_accounts_says_which() {
    on_each_several(async |several| {
        let Several { site, other, third, numbers } = &several;
        let log_in = async |more: Value| log_in(&site.rest, ADA, more).await;
        let several_accounts = "409 You are in several accounts; send the id of one as account_id.";
        for more in [json!({}), json!({"account_id": null})] {
            assert_eq!(told(&log_in(more).await), several_accounts);
        }
        let malformed = "422 account_id must be the id of an account";
        for id in ["", "x", &other.account[1..]] {
            assert_eq!(told(&log_in(json!({"account_id": id})).await), malformed);
        }
        assert_eq!(told(&log_in(json!({"account_id": 7})).await), "422 account_id must be a text");
        // Of accounts that one is not in nothing is told, whether they are there or not.
        let nobody = "403 You are no user here; ask an admin for an invitation.";
        for id in [third.account.as_str(), "00000000-0000-7000-8000-000000000000"] {
            assert_eq!(told(&log_in(json!({"account_id": id})).await), nobody);
        }
        // Nor is a request to sign in the consent to join.
        let body = json!({"email": ADA, "sendInvite": true});
        let expected = site.world.call("user/create", third, body).await.ok();
        let answer = log_in(json!({"account_id": third.account})).await;
        assert_eq!(told(&answer), nobody);
        let user = site.world.call("user/get", third, json!({"id": expected["id"]})).await.ok();
        assert_eq!(user["state"], "invited");
        assert_eq!(several.sessions().await, 0);

        for (account, number, name) in
            [(&site.admin.account, &numbers[0], "Ada"), (&other.account, &numbers[1], "Augusta")]
        {
            let token = token(&log_in(json!({"account_id": account})).await);
            let own = site.rest.get(&format!("/users/{number}"), &token).await;
            assert_eq!(own.with_status(200)["user"]["name"], name);
        }
        assert_eq!(several.sessions().await, 2);
        // Who is in one account is signed in to that one; who is in none, to none.
        let email = "alone@example.com";
        site.world.signed_up(email).await;
        let alone = async || self::log_in(&site.rest, email, json!({})).await;
        assert_eq!(told(&alone().await), nobody);
        let user = joined(&site.world, third, email, "Al").await;
        assert_eq!(sessions(&site.world, email, &third.account).await, 2);
        let own = format!("/users/{}", user["number"]);
        let own = site.rest.get(&own, &token(&alone().await)).await;
        assert_eq!(own.with_status(200)["user"]["name"], "Al");
    })
    .await;
}

#[tokio::test]
async fn a_token_is_for_one_account() {
    on_each_several(async |several| {
        let Several { site, other, third, numbers } = &several;
        let own = format!("/users/{}", numbers[1]);
        let body = json!({"account_id": other.account});
        let first = token(&log_in(&site.rest, ADA, body).await);
        let mismatch = "409 This token is for another account than X-Account-Id names; leave the \
                        header out, or sign in to that one.";
        let about = async |account: &str, method: Method, path: &str, token: &str| {
            about(&site.rest, account, method, path, token).await
        };
        for account in [&site.admin.account, &third.account] {
            for (method, path) in [
                (Method::GET, own.as_str()),
                (Method::GET, "/users/nowhere"),
                (Method::PATCH, "/users/login"),
                (Method::DELETE, "/users/login"),
            ] {
                assert_eq!(told(&about(account, method, path, &first).await), mismatch);
            }
        }
        // The first thing that is told is who does not get in at all.
        let garbled = format!("x{first}");
        assert_eq!(about(&third.account, Method::GET, &own, &garbled).await.status, 401);
        assert_eq!(about(&other.account, Method::GET, &own, &first).await.status, 200);

        // It stays so when the token is renewed.
        site.world.advance(Duration::from_mins(16));
        let renewed = about(&other.account, Method::PATCH, "/users/login", &first).await;
        let second = token(&renewed);
        assert!(second.ends_with(&format!("~{}", other.account)), "{second}");
        let user = site.rest.get(&own, &second).await.with_status(200)["user"].clone();
        assert_eq!(user["name"], "Augusta");

        // Parts of tokens are for the account, too.
        let (access, _) = second.split_once('~').unwrap();
        site.rest.get(&own, access).await.with_status(200);
        assert_eq!(about(&other.account, Method::GET, &own, access).await.status, 200);
        let refused = told(&about(&third.account, Method::GET, &own, access).await);
        assert!(refused.starts_with("409 This token is for a different account"), "{refused}");

        // An account that is none, or is not the only one, makes no token of it.
        for account in ["", "x", &format!("{}~{}", other.account, other.account)] {
            let (both, _) = second.rsplit_once('~').unwrap();
            let answer = site.rest.get(&own, &format!("{both}~{account}")).await;
            assert_eq!(answer.status, 401, "{account}");
        }
        site.rest.delete("/users/login", &second).await.with_status(200);
        assert_eq!(several.sessions().await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_key_is_for_its_account() {
    on_each_site(async |site| {
        let other = site.world.admin("olga@example.com").await;
        let own = about(&site.rest, &site.admin.account, Method::GET, "/users", &site.key).await;
        own.with_status(200);
        let answer = about(&site.rest, &other.account, Method::GET, "/users", &site.key).await;
        assert!(told(&answer).starts_with("409 This API key belongs to a different account"));
    })
    .await;
}

#[tokio::test]
async fn who_is_out_can_still_log_out() {
    on_each_site(async |site| {
        let ada = site.made("Ada", json!({})).await;
        let token = site.signed_in(&ada).await;
        site.patch(&ada["id"], json!({"disabled": 1})).await.with_status(200);
        let refused = log_in(&site.rest, ADA, json!({})).await;
        assert_eq!(
            told(&refused),
            "403 An admin has suspended this user; ask an admin to reactivate it."
        );
        // Also when the access token is over.
        site.world.advance(Duration::from_mins(16));
        site.rest.delete("/users/login", &token).await.with_status(200);
        // Nothing is left of it, nor of the login that was refused.
        site.patch(&ada["id"], json!({"disabled": 0})).await.with_status(200);
        assert_eq!(sessions(&site.world, ADA, &site.admin.account).await, 0);
        let again = site.rest.delete("/users/login", &token).await;
        assert_eq!(told(&again), "401 The session has ended; sign in again.");
    })
    .await;
}

#[tokio::test]
async fn a_site_has_one_account() {
    for engine in Engine::all() {
        let clock = Clock::manual(NOW);
        let fresh = engine.fresh(&clock).await;
        let world = World::over(Arc::clone(&fresh.table), clock.clone(), FLAGS).await;
        let several = Several::new(Site::new(world).await).await;
        let Several { site, other, third, numbers } = &several;
        let flag = format!("--meiro-account={}", other.account);
        let flags = ["--facades=meiro", flag.as_str()];
        clock.advance(Duration::from_secs(1));
        let here = World::over(Arc::clone(&fresh.table), clock.clone(), &flags).await;
        let rest = Rest::new(&here, Facade::Meiro);

        for more in [json!({}), json!({"account_id": other.account})] {
            let token = token(&log_in(&rest, ADA, more).await);
            let own = rest.get(&format!("/users/{}", numbers[1]), &token).await;
            assert_eq!(own.with_status(200)["user"]["name"], "Augusta");
            rest.delete("/users/login", &token).await.with_status(200);
        }
        let elsewhere = log_in(&rest, ADA, json!({"account_id": site.admin.account})).await;
        let text = "409 People sign in to one account here, and account_id is another one's; leave \
                    it out.";
        assert_eq!(told(&elsewhere), text);

        // Who is only in another account gets in when this one expects it, and not before.
        let email = "eve@example.com";
        here.signed_up(email).await;
        joined(&here, third, email, "Eve").await;
        sessions(&here, email, &third.account).await;
        let nobody = "403 You are no user here; ask an admin for an invitation.";
        assert_eq!(told(&log_in(&rest, email, json!({})).await), nobody);
        assert_eq!(sessions(&here, email, &third.account).await, 0);
        let body = json!({"email": email, "first": "Evelyn", "sendInvite": true});
        let user = here.call("user/create", other, body).await.ok();
        let token = token(&log_in(&rest, email, json!({})).await);
        let own = rest.get(&format!("/users/{}", user["number"]), &token).await;
        assert_eq!(own.with_status(200)["user"]["name"], "Evelyn");

        // Who is kept out of it is told so.
        let body = json!({"id": user["id"], "state": "suspended"});
        here.call("user/update", other, body).await.ok();
        let suspended = log_in(&rest, email, json!({})).await;
        assert_eq!(
            told(&suspended),
            "403 An admin has suspended this user; ask an admin to reactivate it."
        );
        // Keys of other accounts are as good as ever.
        rest.get("/users", &site.key).await.with_status(200);
    }
}

#[tokio::test]
async fn nobody_chooses_how_others_sign_in() {
    on_each_site(async |site| {
        let check = |answer: &Answer| {
            let told = told(answer);
            assert!(told.starts_with("403 ") && told.len() > 20, "{told}");
            told
        };
        // Somebody has a sign-in, and has joined.
        site.world.signed_up(ADA).await;
        let refused = ["/users", "/users/create_or_restore"];
        let mut texts = Vec::new();
        for path in refused {
            texts.push(check(&site.rest.post(path, &site.key, new("Ada", json!({}))).await));
        }
        let ada = joined(&site.world, &site.admin, ADA, "Ada").await["number"].clone();
        let password = json!({"password": "a whole other battery staple"});
        let path = format!("/users/{ada}/change_password");
        texts.push(check(&site.rest.post(&path, &site.key, password.clone()).await));
        texts.push(check(&site.patch(&ada, json!({"email": "eve@example.com"})).await));
        site.patch(&ada, json!({"email": ADA, "name": "Ada K"})).await.with_status(200);

        // Nobody is made with a password in an account that is not managed.
        let other = site.world.registered("olga@example.com").await;
        let key = site.world.key(&other, "admin", "write").await;
        for path in refused {
            texts.push(check(&site.rest.post(path, &key, new("Tom", json!({}))).await));
        }
        let body = json!({"email": "tom@example.com"});
        let tom = site.world.call("user/create", &other, body).await.ok()["number"].clone();
        let path = format!("/users/{tom}/change_password");
        texts.push(check(&site.rest.post(&path, &key, password).await));
        // Whatever the reason, it is one answer.
        texts.dedup();
        assert_eq!(texts.len(), 1, "{texts:?}");
        // An email is another thing: nobody has joined by it.
        let path = format!("/users/{tom}");
        let body = json!({"email": "tim@example.com"});
        site.rest.patch(&path, &key, body).await.with_status(200);
        assert_eq!(log_in(&site.rest, ADA, json!({})).await.status, 200);
    })
    .await;
}
