//! What is written here is read natively, and the other way round.

use std::time::Duration;

use serde_json::{Value, json};

use super::{USERS, body, on_each_panel};

/// The members of a record that a test looks at.
fn part(record: &Value, names: &[&str]) -> Value {
    names.iter().map(|name| ((*name).to_owned(), record[*name].clone())).collect()
}

const PROFILE: &[&str] =
    &["email", "username", "first", "last", "externalId", "language", "role", "state"];

#[tokio::test]
async fn what_the_panel_writes_is_read_natively() {
    on_each_panel(async |panel| {
        let more = json!({"external_id": "crm-1", "root_admin": true, "language": "pt-br"});
        let user = panel.user("ada", more).await;
        let native = panel.native("user/get", json!({"email": "ada@example.com"})).await;
        assert_eq!((&native["id"], &native["number"]), (&user["uuid"], &user["id"]));
        let expected = json!({
            "email": "ada@example.com", "username": "ada", "first": "First", "last": "Last",
            "externalId": "crm-1", "language": "pt-BR", "role": "admin", "state": "active",
        });
        assert_eq!(part(&native, PROFILE), expected);

        let path = format!("{USERS}/{}", user["id"]);
        let other = json!({
            "email": "eve@example.com", "username": "eve", "first_name": "E", "last_name": "V",
            "external_id": null, "root_admin": false, "password": "another fine passphrase",
        });
        panel.rest.patch(&path, &panel.key, other).await.with_status(200);
        let native = panel.native("user/get", json!({"email": "eve@example.com"})).await;
        let expected = json!({
            "email": "eve@example.com", "username": "eve", "first": "E", "last": "V",
            "externalId": null, "language": "pt-BR", "role": "user", "state": "active",
        });
        assert_eq!(part(&native, PROFILE), expected);

        let credentials =
            json!({"email": "eve@example.com", "password": "another fine passphrase"});
        panel.world.client.call("session/create", "", credentials).await.ok();
        panel.rest.delete(&path, &panel.key).await.with_status(204);
        let trash = panel.native("trash/find", json!({"email": "eve@example.com"})).await;
        assert_eq!(trash["data"][0]["id"], user["uuid"]);
    })
    .await;
}

#[tokio::test]
async fn what_is_written_natively_is_read_by_the_panel() {
    on_each_panel(async |panel| {
        let native = panel.native("user/create", json!({"email": "bare@example.com"})).await;
        let path = format!("{USERS}/{}", native["number"]);
        let user = panel.rest.get(&path, &panel.key).await.with_status(200);
        let expected = json!({
            "id": native["number"], "external_id": null, "uuid": native["id"], "username": "",
            "email": "bare@example.com", "first_name": "", "last_name": "", "language": "en",
            "root_admin": false, "2fa": false, "created_at": "2027-01-15T08:00:00+00:00",
            "updated_at": "2027-01-15T08:00:00+00:00",
        });
        assert_eq!(user, json!({"object": "user", "attributes": expected}));
        panel.world.advance(Duration::from_millis(3_600_999));
        let change = json!({"id": native["id"], "username": "bare", "externalId": "é 1"});
        panel.native("user/update", change).await;
        let path = format!("{USERS}/external/%C3%A9%201");
        let user = panel.rest.get(&path, &panel.key).await.with_status(200);
        assert_eq!(user["attributes"]["username"], "bare");
        assert_eq!(user["attributes"]["updated_at"], "2027-01-15T09:00:00+00:00");
    })
    .await;
}

#[tokio::test]
async fn an_email_can_be_used_again_after_its_user_was_deleted() {
    on_each_panel(async |panel| {
        let more = json!({"external_id": "crm-1", "language": "de", "root_admin": true});
        let first = panel.user("ada", more).await;
        let path = format!("{USERS}/{}", first["id"]);
        panel.rest.delete(&path, &panel.key).await.with_status(204);
        panel.rest.get(&path, &panel.key).await.with_status(404);
        let again = panel.user("ada", json!({"username": "ada2", "first_name": "New"})).await;
        let names = ["uuid", "username", "first_name", "external_id", "language", "root_admin"];
        let expected = json!({
            "uuid": first["uuid"], "username": "ada2", "first_name": "New", "external_id": null,
            "language": "en", "root_admin": false,
        });
        assert_eq!(part(&again, &names), expected);
        // What the deleted one had is free for others.
        panel.user("other", json!({"username": "ada", "external_id": "crm-1"})).await;
    })
    .await;
}

#[tokio::test]
async fn who_gets_no_password_gets_a_letter() {
    on_each_panel(async |panel| {
        let user = panel.user("ada", json!({"password": null})).await;
        let native = panel.native("user/get", json!({"email": "ada@example.com"})).await;
        assert!(native["invite"].is_string(), "{native}");
        // Who is invited is there: another with the e-mail is refused, and nothing changes.
        let another = body("ada", json!({"username": "other", "password": ""}));
        let answer = panel.rest.post(USERS, &panel.key, another).await;
        assert_eq!(answer.with_status(422)["errors"][0]["meta"]["rule"], "unique");
        let after = panel.native("user/get", json!({"id": user["uuid"]})).await;
        assert_eq!(after["version"], native["version"]);
    })
    .await;
}

#[tokio::test]
async fn what_stays_as_it_is_is_not_written() {
    on_each_panel(async |panel| {
        let user = panel.user("ada", json!({"external_id": "x", "root_admin": true})).await;
        let path = format!("{USERS}/{}", user["id"]);
        let before = panel.native("audit/find", json!({})).await;
        panel.world.advance(Duration::from_secs(9));
        for same in [
            json!({"password": ""}),
            json!({"password": null, "external_id": "x", "root_admin": 1, "language": "EN"}),
            json!({"password": null, "email": "ADA@example.com", "username": "Ada"}),
        ] {
            let answer = panel.rest.patch(&path, &panel.key, body("ada", same)).await;
            assert_eq!(answer.with_status(200)["attributes"], user);
        }
        assert_eq!(panel.native("audit/find", json!({})).await, before);
        // Nor is a higher role taken away from whom the panel calls an admin.
        let more = json!({"password": null, "first_name": "Other", "root_admin": true});
        let answer = panel.rest.patch(&path, &panel.key, body("ada", more)).await;
        assert_eq!(answer.with_status(200)["attributes"]["root_admin"], true);
        let after = panel.native("audit/find", json!({})).await;
        let count = |page: &Value| page["data"].as_array().unwrap().len();
        assert_eq!(count(&after), count(&before) + 1);
    })
    .await;
}
