//! What operators do, and what the service does by itself.

use serde_json::json;

use super::ledger::Ledger;
use crate::support::world::Person;

pub(super) async fn accounts(ledger: &mut Ledger, root: &Person) {
    let body = json!({"name": "Acme"});
    let account = ledger.note("account/create", "account/create", root, body).await["id"].clone();
    ledger.note("account/find", "account/find", root, json!({})).await;
    let body = json!({"accountId": account, "state": "suspended"});
    ledger.note("account/update state", "account/update", root, body).await;
    let body = json!({"accountId": account});
    ledger.note("account/remove", "account/remove", root, body).await;
}

pub(super) async fn mail(ledger: &mut Ledger, root: &Person) {
    // The caller is back in memory for what follows.
    ledger.world.call("user/get", root, json!({})).await.ok();
    ledger.note("mail/find waiting", "mail/find", root, json!({"state": "waiting"})).await;
    ledger.note("mail/state", "mail/state", root, json!({})).await;
    ledger.note("mail/test", "mail/test", root, json!({})).await;
    ledger.note("mail/find undeliverable", "mail/find", root, json!({})).await;
    ledger.park("0190aaaa-0000-7000-8000-000000000001").await;
    ledger.park("0190aaaa-0000-7000-8000-000000000002").await;
    let one = json!({"id": "0190aaaa-0000-7000-8000-000000000001"});
    ledger.note("mail/retry one", "mail/retry", root, one).await;
    ledger.note("mail/retry all, one email", "mail/retry", root, json!({})).await;
}

pub(super) async fn courier(ledger: &mut Ledger, admin: &Person) {
    while ledger.world.courier.round().await.unwrap() > 0 {}
    ledger.note_round("(checking the outbox, empty)").await;
    let body = json!({"email": "kim@example.com", "sendInvite": true});
    ledger.world.call("user/create", admin, body).await.ok();
    ledger.note_round("(checking the outbox, an invite is sent)").await;
    ledger.begin();
    ledger.world.sweeper.round().await.unwrap();
    ledger.add_row("(checking for chores, none is due)");
}
