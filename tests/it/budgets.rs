//! What each call costs in table calls: on DynamoDB that is the bill.

use std::{fmt::Write as _, sync::Arc, time::Duration};

use expect_test::expect_file;
use guestlist::{
    clock::{Clock, Timestamp},
    contract::endpoints,
};
use serde_json::{Value, json};

use crate::support::{
    engine::Engine,
    watched::Watched,
    world::{Person, World},
};

/// A world whose table calls are counted, and the lines of the report.
struct Ledger {
    world: World,
    table: Arc<Watched>,
    report: String,
}

impl Ledger {
    async fn new() -> Self {
        let clock = Clock::manual(Timestamp::from_millis(1_800_000_000_000));
        let fresh = Engine::Sqlite.fresh(&clock).await;
        let table = Arc::new(Watched::new(Arc::clone(&fresh.table)));
        let world = World::over(Arc::clone(&table) as _, clock, &[]).await;
        Self { world: world.with(fresh), table, report: String::new() }
    }

    /// Makes a call that must succeed, and notes what it cost.
    async fn note(&mut self, what: &str, name: &str, by: &Person, body: Value) -> Value {
        self.table.take_calls();
        let reply = self.world.call(name, by, body).await.ok();
        writeln!(self.report, "{what:<46}{}", self.table.take_calls()).unwrap();
        reply
    }
}

#[tokio::test]
async fn every_call_keeps_to_its_budget() {
    let mut ledger = Ledger::new().await;
    let admin = ledger.world.admin("admin@example.com").await;
    ledger.world.call("user/get", &admin, json!({})).await.ok();

    let root = ledger.world.root().await;
    ledger.world.call("user/get", &root, json!({})).await.ok();

    operation(&mut ledger, &root).await;
    reads(&mut ledger, &admin).await;
    logins(&mut ledger, &admin).await;
    changes(&mut ledger, &admin).await;

    for endpoint in endpoints() {
        assert!(ledger.report.contains(endpoint.name), "{} has no budget", endpoint.name);
    }
    expect_file!["golden/budgets.txt"].assert_eq(&ledger.report);
}

async fn reads(ledger: &mut Ledger, admin: &Person) {
    let me = json!({"email": "admin@example.com"});
    ledger.note("user/get oneself", "user/get", admin, json!({})).await;
    ledger.note("user/get by id", "user/get", admin, json!({"id": admin.id})).await;
    ledger.note("user/get by e-mail", "user/get", admin, me).await;
    ledger.note("user/export", "user/export", admin, json!({})).await;
    ledger.note("user/find by id", "user/find", admin, json!({})).await;
    ledger.note("user/find by e-mail", "user/find?index=gs1", admin, json!({})).await;
    let search = json!({"search": "admin"});
    ledger.note("user/find search, one hit", "user/find", admin, search).await;
    ledger.note("trash/find", "trash/find", admin, json!({})).await;
    ledger.note("account/get", "account/get", admin, json!({})).await;
    ledger.note("audit/find", "audit/find", admin, json!({})).await;
    let mine = json!({"userId": admin.id});
    ledger.note("audit/find of a user", "audit/find", admin, mine).await;
    ledger.world.advance(Duration::from_secs(5));
    ledger.note("user/get oneself, nothing in memory", "user/get", admin, json!({})).await;
}

async fn operation(ledger: &mut Ledger, root: &Person) {
    let body = json!({"name": "Acme"});
    let account = ledger.note("account/create", "account/create", root, body).await["id"].clone();
    ledger.note("account/find", "account/find", root, json!({})).await;
    let body = json!({"accountId": account, "state": "suspended"});
    ledger.note("account/update state", "account/update", root, body).await;
    let body = json!({"accountId": account});
    ledger.note("account/remove", "account/remove", root, body).await;
}

async fn logins(ledger: &mut Ledger, admin: &Person) {
    ledger.note("user/login known", "user/login", admin, json!({})).await;
    ledger.world.advance(Duration::from_mins(10));
    ledger.note("user/login known, activity noted", "user/login", admin, json!({})).await;
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
    ledger.note("user/login invite", "user/login", &bob, code).await;
}

async fn changes(ledger: &mut Ledger, admin: &Person) {
    let body = json!({"email": "eve@example.com"});
    let eve = ledger.note("user/create", "user/create", admin, body).await["id"].clone();
    let body = json!({"id": eve, "preferences": {"theme": "dark"}});
    ledger.note("user/update preferences", "user/update", admin, body).await;
    let body = json!({"id": eve, "first": "Eve"});
    ledger.note("user/update name", "user/update", admin, body).await;
    let body = json!({"id": eve, "newEmail": "eva@example.com"});
    ledger.note("user/update e-mail", "user/update", admin, body).await;
    let body = json!({"id": eve, "role": "admin"});
    ledger.note("user/updateRole", "user/updateRole", admin, body).await;
    let body = json!({"id": eve, "sendInvite": true});
    ledger.note("user/updateRole with invite", "user/updateRole", admin, body).await;
    let body = json!({"email": "eva@example.com", "sendInvite": true});
    ledger.note("user/create of an invited user", "user/create", admin, body).await;
    ledger.note("invite/revoke", "invite/revoke", admin, json!({"id": eve})).await;
    ledger.note("user/remove", "user/remove", admin, json!({"id": eve})).await;
    ledger.note("trash/restore", "trash/restore", admin, json!({"id": eve})).await;
    let hold = json!({"id": eve, "kind": "project", "ref": "7"});
    ledger.note("hold/place", "hold/place", admin, hold.clone()).await;
    ledger.note("hold/place again", "hold/place", admin, hold.clone()).await;
    ledger.note("hold/find of a user", "hold/find", admin, json!({"id": eve})).await;
    ledger.note("hold/find", "hold/find", admin, json!({})).await;
    ledger.note("hold/release", "hold/release", admin, hold).await;
    ledger.world.call("user/remove", admin, json!({"id": eve})).await.ok();
    let body = json!({"email": "eva@example.com", "last": "Ost"});
    ledger.note("user/createOrRestore", "user/createOrRestore", admin, body).await;
    ledger.world.call("user/remove", admin, json!({"id": eve})).await.ok();
    ledger.note("trash/purge", "trash/purge", admin, json!({"id": eve})).await;
    let body = json!({"name": "Acme"});
    ledger.note("account/update", "account/update", admin, body).await;
    let body = json!({"name": "script", "role": "admin"});
    let key = ledger.note("key/create", "key/create", admin, body).await["id"].clone();
    ledger.note("key/find", "key/find", admin, json!({})).await;
    ledger.note("key/remove", "key/remove", admin, json!({"id": key})).await;
}
