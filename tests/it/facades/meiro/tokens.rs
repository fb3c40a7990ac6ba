//! Tokens: signing in, staying signed in, signing out.

use std::time::Duration;

use guestlist::model::totp::TotpSecret;
use hyper::Method;
use serde_json::json;

use super::{Site, on_each_site, token, told};
use crate::support::{client::Answer, rest::Content, scene::PASSWORD};

async fn renew(site: &Site, token: &str) -> Answer {
    site.rest.send(&Method::PATCH, "/users/login", token, Content::Nothing).await
}

async fn log_out(site: &Site, token: &str) -> Answer {
    site.rest.delete("/users/login", token).await
}

#[tokio::test]
async fn a_session_from_login_to_logout() {
    on_each_site(async |site| {
        let ada = site.made("Ada", json!({})).await;
        let path = format!("/users/{}", ada["id"]);
        let status = async |token: &str| site.rest.get(&path, token).await.status;
        let first = site.signed_in(&ada).await;
        assert_eq!(status(&first).await, 200);

        // An access token is over in 15 minutes, and renewed in time or after that.
        site.world.advance(Duration::from_mins(14));
        let second = token(&renew(&site, &first).await);
        assert_eq!((status(&first).await, status(&second).await), (200, 200));
        site.world.advance(Duration::from_mins(16));
        assert_eq!(told(&site.rest.get(&path, &second).await), "401 The token has expired.");
        let third = token(&renew(&site, &second).await);
        assert_eq!(status(&third).await, 200);

        log_out(&site, &third).await.with_status(200);
        let ended = "401 The session has ended; sign in again.";
        assert_eq!(told(&site.rest.get(&path, &third).await), ended);
        assert_eq!(told(&renew(&site, &third).await), ended);
        assert_eq!(told(&log_out(&site, &third).await), ended);
    })
    .await;
}

#[tokio::test]
async fn who_logs_out_with_an_old_token_is_out() {
    on_each_site(async |site| {
        let ada = site.made("Ada", json!({})).await;
        let token = site.signed_in(&ada).await;
        let sessions = async || {
            let body = json!({"email": "ada@example.com"});
            let found = site.world.call("session/find", &site.admin, body).await.ok();
            found["data"].as_array().unwrap().len()
        };
        assert_eq!(sessions().await, 1);
        site.world.advance(Duration::from_mins(16));
        let out = log_out(&site, &token).await.with_status(200);
        assert_eq!((out, sessions().await), (json!({}), 0));
        // The access part alone does not get so far.
        let token = site.signed_in(&ada).await;
        let (access, _) = token.split_once('~').unwrap();
        site.world.advance(Duration::from_mins(16));
        assert_eq!(told(&log_out(&site, access).await), "401 The token has expired.");
        assert_eq!(sessions().await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_token_older_than_the_last_two_ends_the_session() {
    on_each_site(async |site| {
        let ada = site.made("Ada", json!({})).await;
        let first = site.signed_in(&ada).await;
        let second = token(&renew(&site, &first).await);
        // A reply that was lost is given again, as natively, with an access token of its own.
        let again = token(&renew(&site, &first).await);
        let refresh = |token: &str| token.split_once('~').unwrap().1.to_owned();
        assert_eq!(refresh(&again), refresh(&second));
        site.world.advance(Duration::from_secs(31));
        let third = token(&renew(&site, &again).await);
        assert_eq!(renew(&site, &first).await.status, 401);
        let path = format!("/users/{}", ada["id"]);
        for token in [&first, &second, &third] {
            assert_eq!(site.rest.get(&path, token).await.status, 401);
            assert_eq!(renew(&site, token).await.status, 401);
        }
    })
    .await;
}

#[tokio::test]
async fn what_is_no_token_of_a_login_is_not_renewed() {
    on_each_site(async |site| {
        let ada = site.made("Ada", json!({})).await;
        let token = site.signed_in(&ada).await;
        let (access, refresh) = token.split_once('~').unwrap();
        let not = "401 This token cannot be renewed: only what /users/login gives can be.";
        let garbled = format!("{access}~{refresh}~{refresh}");
        for shown in [access, refresh, &site.key, "x", "~", &format!("{access}~"), &garbled] {
            assert_eq!(told(&renew(&site, shown).await), not, "{shown}");
        }
        let of = "401 Send a token in the header X-Access-Token: an API key, or what POST \
                  /users/login gives.";
        assert_eq!(told(&renew(&site, "").await), of);
        assert_eq!(told(&log_out(&site, "").await), of);
        let not = "422 This token is of no session that could end: only what POST /users/login \
                   gives is.";
        for shown in [&site.key, &site.admin.token] {
            assert_eq!(told(&log_out(&site, shown).await), not);
        }
        // What is asked for is all in the second part.
        renew(&site, &format!("~{refresh}")).await.with_status(200);
    })
    .await;
}

#[tokio::test]
async fn who_has_a_second_factor_shows_it() {
    on_each_site(async |site| {
        let ada = site.made("Ada", json!({})).await;
        let token = site.signed_in(&ada).await;
        let (access, _) = token.split_once('~').unwrap();
        let client = &site.world.client;
        let body = json!({"currentPassword": PASSWORD});
        let enrolment = client.call("totp/enroll", access, body).await.ok();
        let alphabet = base32::Alphabet::Rfc4648 { padding: false };
        let secret = base32::decode(alphabet, enrolment["secret"].as_str().unwrap()).unwrap();
        let secret = TotpSecret::from_bytes(&secret).unwrap();
        let code = secret.code(site.world.clock.now()).reveal().to_owned();
        let confirmed = client.call("totp/confirm", access, json!({"code": code})).await.ok();
        let recovery = &confirmed["recoveryCodes"][0];
        let body = json!({"email": "ada@example.com", "password": PASSWORD});
        let asked = site.rest.post("/users/login", "", body.clone()).await;
        let text = "401 Send a code from your authenticator app, or a recovery code, as totp.";
        assert_eq!(told(&asked), text);
        for (totp, status) in [(recovery, 200), (recovery, 401), (&json!("000000"), 401)] {
            let mut body = body.clone();
            body["totp"] = totp.clone();
            let answer = site.rest.post("/users/login", "", body).await;
            assert_eq!(answer.status, status, "{totp}");
            if status == 401 {
                assert_eq!(told(&answer), "401 Invalid credentials have been provided");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_login_needs_no_token_and_minds_none() {
    on_each_site(async |site| {
        site.made("Ada", json!({})).await;
        let body = json!({"email": "ada@example.com", "password": PASSWORD});
        for shown in ["x", "Basic eDp5", " ", "a b c"] {
            let headers = [("content-type", "application/json"), ("x-access-token", shown)];
            let body = body.to_string();
            let answer = site.rest.exchange(&Method::POST, "/users/login", &headers, body).await;
            token(&answer);
            let answer = site.rest.exchange(&Method::GET, "/users/1", &headers, "").await;
            assert_eq!(answer.status, 401, "{shown}");
        }
    })
    .await;
}

#[tokio::test]
async fn whoever_guesses_has_to_wait() {
    on_each_site(async |site| {
        site.made("Ada", json!({})).await;
        let body = json!({"email": "ada@example.com", "password": "wrong wrong wrong"});
        let mut last = 401;
        for _ in 0..50 {
            let answer = site.rest.post("/users/login", "", body.clone()).await;
            last = answer.status;
            if last == 429 {
                assert!(answer.header("retry-after").is_some());
                break;
            }
            assert_eq!(told(&answer), "401 Invalid credentials have been provided");
        }
        assert_eq!(last, 429);
    })
    .await;
}

#[tokio::test]
async fn a_persons_token_is_taken_for_lasting_power_only_while_its_sign_in_is_fresh() {
    on_each_site(async |site| {
        let ada = site.made("Ada", json!({"role_id": 2})).await;
        let bob = site.made("Bob", json!({})).await;
        let path = format!("/users/{}", bob["id"]);
        let promote = json!({"role_id": 2});
        let mine = format!("/users/{}/change_password", ada["id"]);
        let new = json!({"old_password": PASSWORD, "password": "a rather different passphrase"});
        let token = site.signed_in(&ada).await;
        site.world.advance(Duration::from_secs(10 * 60 + 1));
        let asked = "401 This call needs a sign-in within the last 10 minutes: confirm who you are with \
                     session/confirm, sending currentPassword.";
        assert_eq!(told(&site.rest.patch(&path, &token, promote.clone()).await), asked);
        assert_eq!(told(&site.rest.post(&mine, &token, new.clone()).await), asked);
        site.rest.patch(&path, &token, json!({"name": "Robert"})).await.with_status(200);
        // Signing in does.
        let token = site.signed_in(&ada).await;
        site.rest.patch(&path, &token, promote).await.with_status(200);
        site.rest.post(&mine, &token, new).await.with_status(200);
        // Keys need none.
        site.patch(&bob["id"], json!({"role_id": 1})).await.with_status(200);
    })
    .await;
}
