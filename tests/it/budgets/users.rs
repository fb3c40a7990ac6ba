//! Calls about the users of an account, by one of its admins.

use std::time::Duration;

use serde_json::json;

use super::ledger::Ledger;
use crate::support::world::Person;

pub(super) async fn reads(ledger: &mut Ledger, admin: &Person) {
    let me = json!({"email": "admin@example.com"});
    ledger.note("user/get oneself", "user/get", admin, json!({})).await;
    ledger.note("user/get by id", "user/get", admin, json!({"id": admin.id})).await;
    ledger.note("user/get by email", "user/get", admin, me).await;
    ledger.note("user/export", "user/export", admin, json!({})).await;
    ledger.note("user/find by id", "user/find", admin, json!({})).await;
    ledger.note("user/find by email", "user/find?index=gs1", admin, json!({})).await;
    let search = json!({"search": "admin"});
    ledger.note("user/find search, one hit", "user/find", admin, search).await;
    let anywhere = json!({"search": "dmin", "anywhere": true});
    ledger.note("user/find anywhere, one user", "user/find", admin, anywhere).await;
    let total = "user/find?total=true";
    ledger.note("user/find by id, with the total", total, admin, json!({})).await;
    ledger.note("trash/find", "trash/find", admin, json!({})).await;
    ledger.note("user/list by number", "user/list", admin, json!({})).await;
    ledger.note("user/list by email", "user/list?order=email", admin, json!({})).await;
    ledger.note("user/list by name", "user/list?order=name", admin, json!({})).await;
    let some = json!({"contains": {"email": ["admin"]}});
    ledger.note("user/list with contains", "user/list", admin, some).await;
    ledger.note("trash/list, an empty trash", "trash/list", admin, json!({})).await;
    ledger.note("account/get", "account/get", admin, json!({})).await;
    ledger.note("account/overview", "account/overview", admin, json!({})).await;
    ledger.note("audit/find", "audit/find", admin, json!({})).await;
    let mine = json!({"userId": admin.id});
    ledger.note("audit/find of a user", "audit/find", admin, mine).await;
    let names = "audit/find?names=true";
    ledger.note("audit/find with names", names, admin, json!({})).await;
    ledger.world.advance(Duration::from_secs(5));
    ledger.note("user/get oneself, nothing cached", "user/get", admin, json!({})).await;
}

pub(super) async fn changes(ledger: &mut Ledger, admin: &Person) {
    let body = json!({"email": "eve@example.com"});
    let eve = ledger.note("user/create", "user/create", admin, body).await["id"].clone();
    let body = json!({"id": eve, "preferences": {"theme": "dark"}});
    ledger.note("user/update preferences", "user/update", admin, body).await;
    let body = json!({"id": eve, "first": "Eve"});
    ledger.note("user/update name", "user/update", admin, body).await;
    let body = json!({"id": eve, "newEmail": "eva@example.com"});
    ledger.note("user/update email", "user/update", admin, body).await;
    let body = json!({"id": eve, "role": "admin", "first": "Eva"});
    ledger.note("user/update role and name", "user/update", admin, body).await;
    let body = json!({"id": eve, "role": "user"});
    ledger.note("user/updateRole", "user/updateRole", admin, body).await;
    let preferences = json!({"id": eve, "preferences": {"theme": "light"}});
    let calls = json!({"calls": [{"call": "user/update", "body": preferences}]});
    ledger.note("batch/run, 1 user/update of preferences", "batch/run", admin, calls).await;
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

/// Pages of 25 users, who have all that people usually have.
pub(super) async fn full_pages(ledger: &mut Ledger, admin: &Person) {
    for number in 0..30 {
        let body = json!({"email": format!("user{number:07}@example.com"), "first": "Sofia",
            "last": "Kovalevskaya", "language": "en", "preferences": {"theme": "dark"}});
        ledger.note("user/create with names", "user/create", admin, body).await;
    }
    ledger.note("user/find by id, 25", "user/find?limit=25", admin, json!({})).await;
    ledger.note("user/find by email, 25", "user/find?index=gs1&limit=25", admin, json!({})).await;
    let search = json!({"search": "koval"});
    ledger.note("user/find search, 25", "user/find?limit=25", admin, search).await;
    ledger.note("user/list by number, 25", "user/list?limit=25", admin, json!({})).await;
}
