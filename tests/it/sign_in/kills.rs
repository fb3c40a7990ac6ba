//! The process dies while several tabs refresh one session: whatever they have heard of it, none of them is signed
//! out by that, and the session goes on.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::support::{
    engine::Engine,
    process::{Service, Site},
};

/// How long after the tabs have begun the process dies; together they hit every part of a refresh.
const DELAYS_MS: [u64; 12] = [0, 1, 2, 3, 4, 5, 7, 9, 12, 16, 24, 40];
const TABS: usize = 5;
const EMAIL: &str = "ann@example.com";

fn token(reply: &Value) -> String {
    reply["refreshToken"].as_str().unwrap().to_owned()
}

/// What each tab hears that shows the token at the same moment.
async fn refresh_in_tabs(service: &Service, shown: &str, delay: u64) -> Vec<String> {
    let tabs = (0..TABS).map(async |_| {
        let body = json!({"refreshToken": shown});
        let answer = tokio::select! {
            answer = service.client.try_call_in("", "session/refresh", "", body) => answer,
            () = sleep(Duration::from_millis(delay)) => None,
        };
        answer.filter(|answer| answer.status == 200).map(|answer| token(&answer.json()))
    });
    join_all(tabs).await.into_iter().flatten().collect()
}

#[tokio::test]
async fn killed_while_tabs_refresh() {
    for engine in Engine::all() {
        let site = Site::on(engine).await.with("--registration=open");
        let mut service = site.start().await;
        let mut known = token(&service.signed_up(&site, EMAIL).await);
        for delay in DELAYS_MS {
            let heard = refresh_in_tabs(&service, &known, delay).await;
            service.kill().await;
            service = site.start().await;
            assert!(heard.windows(2).all(|two| two[0] == two[1]), "one successor for all");
            // A tab that has heard nothing, and one that has.
            let mut next = Vec::new();
            for shown in [Some(&known), heard.first()].into_iter().flatten() {
                let body = json!({"refreshToken": shown});
                let reply = service.call("session/refresh", "", body).await.ok();
                let access = reply["accessToken"].as_str().unwrap();
                let out = service.client.call_in("", "account/mine", access, json!({})).await;
                assert_eq!(out.outcome(), "200", "{delay} ms");
                next.push(token(&reply));
            }
            assert!(next.iter().all(|token| *token == next[0]), "{delay} ms");
            if let Some(heard) = heard.first() {
                assert_eq!(*heard, next[0], "{delay} ms: what was heard has stayed");
            }
            known.clone_from(&next[0]);
        }
    }
}
