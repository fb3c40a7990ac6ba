//! Joining, signing in to accounts and leaving them.

use std::time::Duration;

use serde_json::json;

use super::ledger::Ledger;
use crate::support::world::Person;

/// What people do who are in several accounts.
pub(super) async fn in_several_accounts(ledger: &mut Ledger, root: &Person) {
    let token = ledger.world.token("ann@example.com", true);
    let ann = Person { token, id: String::new(), account: String::new() };
    let body = json!({"name": "Acme"});
    ledger.note("account/register", "account/register", &ann, body).await;
    ledger.note("account/mine, 1 account", "account/mine", &ann, json!({})).await;
    let mut accounts = Vec::new();
    for number in 0..4 {
        let body = json!({"name": format!("Account {number}"), "managed": true});
        let account = ledger.world.call("account/create", root, body).await.ok()["id"].clone();
        let body = json!({"accountId": account, "email": "ann@example.com"});
        ledger.world.call("user/create", root, body).await.ok();
        accounts.push(account);
    }
    ledger.note("account/mine, 1 account and 4 expected", "account/mine", &ann, json!({})).await;
    let decline = json!({"accountId": accounts.pop()});
    ledger.note("account/decline", "account/decline", &ann, decline).await;
    for account in &accounts {
        let join = json!({"accountId": account});
        ledger.note("user/login accountId, expected", "user/login", &ann, join).await;
    }
    let body = json!({"email": "ann@example.com", "everywhere": true});
    ledger.note("user/find everywhere, 5 users", "user/find", root, body).await;
    ledger.note("account/mine, 4 accounts", "account/mine", &ann, json!({})).await;
    ledger.note("user/login known, 4 accounts", "user/login", &ann, json!({})).await;
    ledger.note("user/leave", "user/leave", &ann, json!({})).await;
    ledger.world.advance(Duration::from_millis(1));
    let solo = ledger.world.registered("solo@example.com").await;
    let solo = || ledger.world.client.call_in("", "user/get", &solo.token, json!({}));
    solo().await.ok();
    ledger.begin();
    solo().await.ok();
    ledger.add_row("user/get oneself, the account not named");
}

pub(super) async fn logins(ledger: &mut Ledger, admin: &Person) {
    ledger.note("user/login known", "user/login", admin, json!({})).await;
    ledger.world.advance(Duration::from_mins(10));
    ledger.note("user/login known, activity noted", "user/login", admin, json!({})).await;
    ledger.world.advance(Duration::from_hours(24));
    // So that the row has the login alone, and not who calls.
    ledger.world.call("user/get", admin, json!({})).await.ok();
    ledger.note("user/login known, the first of a day", "user/login", admin, json!({})).await;
    // The caller is back in memory for what follows.
    ledger.world.call("user/get", admin, json!({})).await.ok();
    let new = |email: &str| {
        let token = ledger.world.token(email, true);
        Person { token, id: String::new(), account: String::new() }
    };
    let (registering, bob) = (new("new@example.com"), new("bob@example.com"));
    let register = json!({"register": true});
    ledger.note("user/login register", "user/login", &registering, register).await;
    let body = json!({"email": "bob@example.com", "first": "Bob", "last": "B", "sendInvite": true});
    let user = ledger.note("user/create with invite", "user/create", admin, body).await;
    let code = json!({"invite": user["invite"]});
    ledger.note("invite/check", "invite/check", admin, code.clone()).await;
    ledger.note("invite/find", "invite/find", admin, json!({})).await;
    ledger.note("user/login invite", "user/login", &bob, code).await;
}

/// Somebody who is in two accounts goes for good.
pub(super) async fn leaving_for_good(ledger: &mut Ledger, root: &Person) {
    let mut sid = Person { token: String::new(), id: String::new(), account: String::new() };
    let signed_up = ledger.world.signed_up("sid@example.com").await;
    signed_up["accessToken"].as_str().unwrap().clone_into(&mut sid.token);
    for name in ["Acme", "Looms"] {
        let body = json!({"name": name, "managed": true});
        let account = &ledger.world.call("account/create", root, body).await.ok()["id"];
        let body = json!({"accountId": account, "email": "sid@example.com"});
        ledger.world.call("user/create", root, body).await.ok();
        ledger.world.call("user/login", &sid, json!({"accountId": account})).await.ok();
    }
    ledger.note("identity/remove, 2 accounts", "identity/remove", &sid, json!({})).await;
}
