//! `user/export`: what is in the document, for whom, and what is not.

use std::time::Duration;

use guestlist::{
    clock::Timestamp,
    table::{Condition, Item, Key, Op, Table as _, Written},
};
use serde_json::{Value, json};

use crate::support::{
    scene::{Scene, on_each_scene},
    world::NOW,
};

async fn export(scene: &Scene, token: &str, body: Value) -> Value {
    scene.call("user/export", token, body).await.ok()
}

fn actions(export: &Value) -> Vec<&str> {
    let entries = export["audit"].as_array().unwrap();
    entries.iter().map(|entry| entry["action"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn everybody_has_all_about_themselves() {
    on_each_scene(async |scene| {
        let uma = &scene.user;
        scene.world.advance(Duration::from_secs(1));
        let body = json!({"preferences": {"colour": "teal"}, "language": "de"});
        scene.call("user/update", &uma.token, body).await.ok();
        scene.world.advance(Duration::from_secs(1));
        let body = json!({"id": uma.id, "externalId": "77"});
        scene.call("user/update", &scene.admin.token, body).await.ok();

        let document = export(&scene, &uma.token, json!({})).await;
        let record = scene.call("user/get", &uma.token, json!({})).await.ok();
        assert_eq!(document["user"], record);
        assert_eq!(document["holds"], json!([]));
        assert_eq!(document["truncated"], false);
        let told = actions(&document);
        assert_eq!(told[..2], ["user/update", "user/update"]);
        assert_eq!(told.len(), 4, "{told:?}");
        // Where Uma called from is Uma's own; where Alice did is not.
        let entries = document["audit"].as_array().unwrap();
        let own = format!("user:{}", uma.id);
        for entry in entries {
            assert_eq!(entry["address"].is_string(), entry["actor"] == own, "{entry}");
        }
        assert_eq!(entries.iter().filter(|entry| entry["actor"] == own).count(), 2);
        assert_eq!(entries[0]["changed"], json!(["externalId"]));
        let letters = document["letters"].as_array().unwrap();
        assert_eq!(letters.len(), 1);
        assert_eq!((&letters[0]["kind"], &letters[0]["attempts"]), (&json!("invite"), &json!(0)));

        let body = json!({"id": uma.id, "kind": "project", "ref": "7", "data": {"name": "Loom"}});
        scene.call("hold/place", &scene.admin.token, body).await.ok();
        let held = export(&scene, &uma.token, json!({})).await["holds"].clone();
        assert_eq!(held.as_array().unwrap().len(), 1);
        assert_eq!((&held[0]["ref"], &held[0]["data"]), (&json!("7"), &json!({"name": "Loom"})));
        let body = json!({"id": uma.id, "kind": "project", "ref": "7"});
        scene.call("hold/release", &scene.admin.token, body).await.ok();

        // The same by the own id and for an admin; an invitation that was handed over is not kept.
        while scene.world.courier.round().await.unwrap() > 0 {}
        let again = export(&scene, &uma.token, json!({"id": uma.id})).await;
        assert_eq!(again["letters"], json!([]));
        assert_eq!(actions(&again).len(), told.len() + 2);
        assert_eq!(export(&scene, &scene.admin.token, json!({"id": uma.id})).await, again);
        let body = json!({"id": uma.id, "accountId": scene.admin.account});
        assert_eq!(export(&scene, &scene.root.token, body).await, again);
    })
    .await;
}

#[tokio::test]
async fn no_secret_is_in_it() {
    on_each_scene(async |scene| {
        let target = scene.target("ivy").await;
        let document = export(&scene, &scene.admin.token, json!({"id": target.id})).await;
        assert_eq!(document["user"]["email"], target.email);
        assert_eq!(document["letters"].as_array().unwrap().len(), 1);
        let account = scene.table.partition(&format!("account#{}", scene.admin.account)).await;
        let stored = account.iter().find(|item| item.body.contains(&target.email)).unwrap();
        let stored: Value = serde_json::from_str(&stored.body).unwrap();
        let text = document.to_string();
        for part in ["nonce", "secret", "digest"] {
            let secret = stored["invite"][part].as_str().unwrap();
            assert!(!text.contains(secret), "{part}: {text}");
        }
        assert!(!text.contains(&target.invite), "{text}");
    })
    .await;
}

#[tokio::test]
async fn the_trash_is_for_admins_and_only_within_reach() {
    on_each_scene(async |scene| {
        let target = scene.trashed("tess").await;
        let id = json!({"id": target.id});
        let document = export(&scene, &scene.admin.token, id.clone()).await;
        assert_eq!(document["user"]["state"], "trashed");
        assert!(actions(&document).contains(&"user/remove"));
        let refused = scene.refused("user/export", &scene.user.token, id.clone()).await;
        assert_eq!(refused.outcome(), "403 forbidden_field");
        let other = scene.world.admin("other@example.com").await;
        let refused = scene.refused("user/export", &other.token, id.clone()).await;
        assert_eq!(refused.outcome(), "404 not_found");
        scene.call("trash/purge", &scene.admin.token, id.clone()).await.ok();
        let refused = scene.refused("user/export", &scene.admin.token, id).await;
        assert_eq!(refused.outcome(), "404 not_found");

        let rita = json!({"email": "rita@example.com", "role": "root"});
        let rita = scene.call("user/create", &scene.root.token, rita).await.ok();
        let id = json!({"id": rita["id"]});
        let home = json!({"role": "admin"});
        let home = scene.world.invited(&scene.root, "home@example.com", home).await;
        let refused = scene.refused("user/export", &home.token, id.clone()).await;
        assert_eq!(refused.outcome(), "403 forbidden");
        export(&scene, &scene.root.token, id).await;
        let key = scene.world.key(&scene.admin, "admin", "read").await;
        let refused = scene.refused("user/export", &key, json!({})).await;
        assert_eq!(refused.faults(), "id:required");
        export(&scene, &key, json!({"id": scene.user.id})).await;
    })
    .await;
}

/// An old entry about the user, as it lies in the table.
fn entry(scene: &Scene, number: usize) -> Op {
    let id = format!("0190aaaa-0000-7000-8000-{number:012}");
    let account = &scene.admin.account;
    let body = json!({"id": id, "at": Timestamp::from_millis(NOW.millis() - 1), "accountId": account,
        "actor": "operator", "action": "user/update", "userId": scene.user.id});
    let listed = Key::new(format!("audit#{}", scene.user.id), &id);
    let key = Key::new(format!("audit#{account}"), &id);
    let item = Item { key, gs1: Some(listed), version: 1, expires: None, body: body.to_string() };
    Op::Put(item, Condition::Absent)
}

#[tokio::test]
async fn a_long_trail_is_cut_and_says_so() {
    on_each_scene(async |scene| {
        let before = actions(&export(&scene, &scene.user.token, json!({})).await).len();
        let missing = 1000 - before;
        for chunk in (0..missing).collect::<Vec<_>>().chunks(100) {
            let ops = chunk.iter().map(|number| entry(&scene, *number)).collect();
            assert_eq!(scene.table.write(ops).await.unwrap(), Written::Done);
        }
        let full = export(&scene, &scene.user.token, json!({})).await;
        assert_eq!((actions(&full).len(), &full["truncated"]), (1000, &json!(false)));
        let ops = vec![entry(&scene, missing)];
        assert_eq!(scene.table.write(ops).await.unwrap(), Written::Done);
        let cut = export(&scene, &scene.user.token, json!({})).await;
        assert_eq!((actions(&cut).len(), &cut["truncated"]), (1000, &json!(true)));
        // The newest are in it.
        assert_eq!(cut["audit"][0]["id"], full["audit"][0]["id"]);
        assert_eq!(cut["audit"][999]["id"], "0190aaaa-0000-7000-8000-000000000001");
    })
    .await;
}
