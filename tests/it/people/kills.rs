//! The process dies while somebody joins accounts, leaves them, is removed and brought back: each of these
//! has happened whole or not at all.

use std::{collections::BTreeSet, time::Duration};

use serde_json::{Value, json};
use tokio::time::sleep;

use crate::support::{
    client::Answer,
    process::{Service, Site},
    scene::PASSWORD,
};

/// How long after the calls the process dies; together they hit every part of them.
const DELAYS_MS: [u64; 12] = [0, 1, 2, 3, 4, 5, 7, 9, 12, 16, 24, 40];
const ACCOUNTS: usize = 6;
const EMAIL: &str = "ann@example.com";

/// An account that Ann is in or may be in, and its admin's key.
struct Place {
    account: String,
    key: String,
}

async fn places(service: &Service, root: &str) -> Vec<Place> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let mut places = Vec::new();
    for number in 0..ACCOUNTS {
        let body = json!({"name": format!("Account {number}"), "managed": true});
        let account = text(&service.call("account/create", root, body).await.ok()["id"]);
        let body = json!({"accountId": account, "name": "k", "role": "admin"});
        let key = text(&service.call("key/create", root, body).await.ok()["key"]);
        let body = json!({"email": "first@example.com", "role": "admin"});
        service.call("user/create", &key, body).await.ok();
        places.push(Place { account, key });
    }
    places
}

/// A new access token of hers.
async fn signs_in(service: &Service) -> String {
    let body = json!({"email": EMAIL, "password": PASSWORD});
    let reply = service.call("session/create", "", body).await.ok();
    reply["accessToken"].as_str().unwrap().to_owned()
}

/// An access token of hers for an account, or why there is none.
async fn token_in(service: &Service, Place { account, .. }: &Place, ann: &str) -> Answer {
    let body = json!({"accountId": account});
    service.client.call_in("", "session/token", ann, body).await
}

/// All that is under way when the process dies; what becomes of each call is not known.
async fn act(service: &Service, places: &[(Place, String)], round: usize) {
    let calls = places.iter().enumerate().map(|(number, (Place { account, key }, ann))| {
        let key = key.as_str();
        let (name, token, body) = match (number + round) % 4 {
            0 => ("user/login", ann.as_str(), json!({"accountId": account})),
            1 => ("user/remove", key, json!({"email": EMAIL})),
            2 => ("user/createOrRestore", key, json!({"email": EMAIL, "sendInvite": true})),
            _ => ("user/leave", ann.as_str(), json!({})),
        };
        service.client.try_call_in(account, name, token, body)
    });
    futures_util::future::join_all(calls).await;
}

/// What the service says of Ann from all sides must agree.
async fn check(service: &Service, places: &[(Place, String)]) {
    let ann = signs_in(service).await;
    let mine = service.client.call_in("", "account/mine", &ann, json!({})).await.ok();
    let mine = mine["accounts"].as_array().unwrap();
    let mine: BTreeSet<_> =
        mine.iter().map(|it| it["account"]["id"].as_str().unwrap().to_owned()).collect();
    let mut bound = BTreeSet::new();
    for (place, _) in places {
        let Place { account, key } = place;
        let get = async |who: Value| service.call("user/get", key, who).await;
        let by_email = get(json!({"email": EMAIL})).await;
        let entered = token_in(service, place, &ann).await;
        let own = if entered.status == 200 {
            let token = entered.json()["accessToken"].as_str().unwrap().to_owned();
            service.client.call_in(account, "user/get", &token, json!({})).await
        } else {
            entered
        };
        if by_email.status == 200 {
            let user = by_email.json();
            for who in [json!({"id": user["id"]}), json!({"number": user["number"]})] {
                assert_eq!(get(who).await.ok()["id"], user["id"]);
            }
            assert_eq!(user["state"] == "active", own.status == 200, "{user}");
            if own.status == 200 {
                assert_eq!(own.json()["id"], user["id"]);
                bound.insert(account.clone());
            }
        } else {
            assert_eq!(own.outcome(), "403 not_registered");
        }
        // As many are listed as are counted, by id and by number.
        let listed = service.call("user/list?order=number", key, json!({})).await.ok();
        let found = service.call("user/find", key, json!({})).await.ok();
        let count = |page: &Value| page["data"].as_array().unwrap().len();
        assert_eq!(count(&listed), count(&found));
        assert_eq!(listed["total"], count(&found));
        let trash = service.call("trash/list", key, json!({})).await.ok();
        assert_eq!(trash["total"], count(&trash));
        let traces = service.call("trash/find", key, json!({"email": EMAIL})).await.ok();
        assert_eq!(trash["total"], count(&traces), "each removed user has a trace");
    }
    assert_eq!(mine, bound);
}

#[tokio::test]
async fn killed_while_somebody_joins_and_leaves() {
    let site = Site::sqlite().with("--registration=open");
    let mut service = site.start().await;
    let root = service.root(&site).await;
    let places = places(&service, &root).await;
    // Ann has a sign-in of her own, and has proved the address.
    service.signed_up(&site, EMAIL).await;
    let mut places: Vec<_> = places.into_iter().map(|place| (place, String::new())).collect();
    for (place, _) in &places {
        let body = json!({"email": EMAIL, "sendInvite": true});
        service.call("user/create", &place.key, body).await.ok();
    }
    for (round, delay) in DELAYS_MS.into_iter().enumerate() {
        let ann = signs_in(&service).await;
        for (place, token) in &mut places {
            let entered = token_in(&service, place, &ann).await;
            let entered = (entered.status == 200).then(|| entered.json()["accessToken"].clone());
            let own = entered.as_ref().and_then(Value::as_str);
            *token = own.unwrap_or(&ann).to_owned();
        }
        tokio::select! {
            () = act(&service, &places, round) => {}
            () = sleep(Duration::from_millis(delay)) => {}
        }
        service.kill().await;
        service = site.start().await;
        check(&service, &places).await;
    }
    service.stop().await;
}

/// Makes people who are in an account by a sign-in whose address is proved.
async fn import(site: &Site, Place { account, .. }: &Place, emails: &[String]) {
    let line = |email: &String| {
        let line = json!({
            "accountId": account, "email": email, "password": PASSWORD, "emailVerified": true,
        });
        format!("{line}\n")
    };
    let lines: String = emails.iter().map(line).collect();
    std::fs::write(site.path("users.ndjson"), lines).unwrap();
    site.run(&["user", "import", "users.ndjson"]).await.ok();
}

/// Brings one of them into the other accounts.
async fn join_all(service: &Service, others: &[Place], email: &str) {
    let token = sign_in_of(service, email).await.ok()["accessToken"].as_str().unwrap().to_owned();
    for Place { account, key } in others {
        service.call("user/create", key, json!({"email": email})).await.ok();
        let join = json!({"accountId": account});
        service.client.call_in("", "user/login", &token, join).await.ok();
    }
}

async fn sign_in_of(service: &Service, email: &str) -> Answer {
    let body = json!({"email": email, "password": PASSWORD});
    service.call("session/create", "", body).await
}

/// In how many of the accounts somebody is, as each of them says.
async fn is_in(service: &Service, places: &[Place], email: &str) -> usize {
    let mut count = 0;
    for Place { key, .. } in places {
        let user = service.call("user/get", key, json!({"email": email})).await;
        count += usize::from(user.status == 200);
    }
    count
}

#[tokio::test]
async fn killed_while_somebody_leaves_for_good() {
    let site = Site::sqlite();
    let mut service = site.start().await;
    let root = service.root(&site).await;
    let places = places(&service, &root).await;
    let emails: Vec<_> =
        (0..DELAYS_MS.len()).map(|round| format!("ann{round}@example.com")).collect();
    import(&site, &places[0], &emails).await;
    for (email, delay) in emails.into_iter().zip(DELAYS_MS) {
        join_all(&service, &places[1..], &email).await;
        assert_eq!(is_in(&service, &places, &email).await, ACCOUNTS);
        let token = sign_in_of(&service, &email).await.ok()["accessToken"].clone();
        let token = token.as_str().unwrap();
        let _ = tokio::time::timeout(
            Duration::from_millis(delay),
            service.client.try_call_in("", "identity/remove", token, json!({})),
        )
        .await;
        service.kill().await;
        service = site.start().await;
        let again = sign_in_of(&service, &email).await;
        if again.status == 200 {
            let token = again.json()["accessToken"].as_str().unwrap().to_owned();
            let mine = service.client.call_in("", "account/mine", &token, json!({})).await.ok();
            let mine = mine["accounts"].as_array().unwrap().len();
            assert_eq!(mine, is_in(&service, &places, &email).await);
            service.client.call_in("", "identity/remove", &token, json!({})).await.ok();
        }
        assert_eq!(is_in(&service, &places, &email).await, 0);
        let gone = sign_in_of(&service, &email).await;
        assert_eq!(gone.outcome(), "401 invalid_credentials");
    }
    service.stop().await;
}
