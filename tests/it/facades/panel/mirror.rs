//! What is written here is read natively, and the other way round.

use std::time::Duration;

use serde_json::{Value, json};

use super::{USERS, body, on_each_panel};
use crate::support::{client::Answer, scene::PASSWORD};

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
async fn an_email_comes_back_as_the_request_writes_it() {
    on_each_panel(async |panel| {
        let written = "Ada.King@Bücher.example";
        let user = panel.user("ada", json!({"email": format!(" {written} ")})).await;
        assert_eq!(user["email"], written);
        // A client that looks for somebody before it makes them compares the emails of the list to the letter.
        let query = form_urlencoded::byte_serialize(written.as_bytes()).collect::<String>();
        let path = format!("{USERS}?filter[email]=eve@example.com,{query}");
        let found = panel.rest.get(&path, &panel.key).await.with_status(200);
        assert_eq!(found["data"].as_array().unwrap().len(), 1);
        assert_eq!(found["data"][0]["attributes"]["email"], written);
        let twice = body("again", json!({"email": "ADA.king@xn--bcher-kva.example"}));
        let answer = panel.rest.post(USERS, &panel.key, twice).await.with_status(422);
        assert_eq!(answer["errors"][0]["meta"]["rule"], "unique");

        let one = format!("{USERS}/{}", user["id"]);
        let read = panel.rest.get(&one, &panel.key).await.with_status(200);
        assert_eq!(read["attributes"]["email"], "ada.king@xn--bcher-kva.example");
        // Whatever the spelling, it is no change.
        let version = async || panel.native("user/get", json!({"number": user["id"]})).await;
        let before = version().await["version"].clone();
        let same = body("ada", json!({"email": "ADA.KING@bücher.example", "password": null}));
        let reply = panel.rest.patch(&one, &panel.key, same).await.with_status(200);
        assert_eq!(reply["attributes"]["email"], "ADA.KING@bücher.example");
        assert_eq!(version().await["version"], before);
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
async fn who_is_made_again_is_somebody_else() {
    on_each_panel(async |panel| {
        let other = "another fine passphrase";
        for (name, password) in [("ada", json!(other)), ("eve", json!(null))] {
            let more = json!({"external_id": name, "language": "de", "root_admin": true});
            let first = panel.user(name, more).await;
            let email = json!(format!("{name}@example.com"));
            let place = json!({"id": first["uuid"], "preferences": {"theme": "dark"}});
            panel.native("user/update", place).await;
            let sign_in = async |password: &str| {
                let body = json!({"email": email, "password": password});
                panel.world.client.call("session/create", "", body).await
            };
            let session = sign_in(PASSWORD).await.ok();
            let access = session["accessToken"].as_str().unwrap();
            panel.world.client.call("user/get", access, json!({})).await.ok();

            let path = format!("{USERS}/{}", first["id"]);
            panel.rest.delete(&path, &panel.key).await.with_status(204);
            panel.world.advance(Duration::from_millis(1));
            let more = json!({"external_id": name, "password": password, "first_name": "New"});
            let again = panel.user(name, more).await;
            let number = first["id"].as_u64().unwrap();
            let expected = json!({
                "id": number + 1, "username": name, "first_name": "New", "external_id": name,
                "language": "en", "root_admin": false,
            });
            let names = ["id", "username", "first_name", "external_id", "language", "root_admin"];
            assert_eq!(part(&again, &names), expected);
            assert_ne!(again["uuid"], first["uuid"]);
            let native = panel.native("user/get", json!({"number": number + 1})).await;
            assert_eq!(native.get("preferences").cloned().unwrap_or(json!({})), json!({}));
            let external = format!("{USERS}/external/{name}");
            let found = panel.rest.get(&external, &panel.key).await.with_status(200);
            assert_eq!(found["attributes"], again);

            // The deleted user has no part in it.
            assert_eq!(sign_in(PASSWORD).await.outcome(), "401 invalid_credentials");
            let answer = panel.world.client.call("user/get", access, json!({})).await;
            assert_eq!(answer.outcome(), "401 unauthenticated");
            let refresh = json!({"refreshToken": session["refreshToken"]});
            let answer = panel.world.client.call("session/refresh", "", refresh).await;
            assert_eq!(answer.outcome(), "401 unauthenticated");
            if password.is_null() {
                assert_eq!(native["state"], "invited");
            } else {
                sign_in(other).await.ok();
            }
            // The number is nobody's any more.
            panel.rest.get(&path, &panel.key).await.with_status(404);
            let trash = panel.native("trash/find", json!({"email": email})).await;
            assert_eq!(trash["data"][0]["id"], first["uuid"]);
            assert_eq!(trash["data"].as_array().unwrap().len(), 1);
        }
        let last = panel.user("last", json!({})).await;
        assert_eq!(last["id"], 6);
    })
    .await;
}

#[tokio::test]
async fn who_was_deleted_while_invited_cannot_come_as_the_next_one() {
    on_each_panel(async |panel| {
        let invited = async || {
            panel.world.advance(Duration::from_millis(1));
            let user = panel.user("ada", json!({"password": null})).await;
            (user.clone(), panel.native("user/get", json!({"id": user["uuid"]})).await)
        };
        let (first, old) = invited().await;
        let path = format!("{USERS}/{}", first["id"]);
        panel.rest.delete(&path, &panel.key).await.with_status(204);
        let (second, new) = invited().await;
        assert_ne!((&second["id"], &second["uuid"]), (&first["id"], &first["uuid"]));
        let token = panel.world.token("ada@example.com", true);
        let login = async |invite: &Value| {
            panel.world.client.call("user/login", &token, json!({"invite": invite})).await
        };
        assert_eq!(login(&old["invite"]).await.outcome(), "404 not_found");
        assert_eq!(login(&new["invite"]).await.ok()["user"]["id"], second["uuid"]);
        // Who joined, is deleted and made once more joins by another invite, or not at all.
        let path = format!("{USERS}/{}", second["id"]);
        panel.rest.delete(&path, &panel.key).await.with_status(204);
        let (third, _) = invited().await;
        let answer = panel.world.client.call("user/get", &token, json!({})).await;
        assert_eq!(answer.outcome(), "403 not_registered");
        assert_eq!(third["id"], 4);
        panel.rest.get(&path, &panel.key).await.with_status(404);
    })
    .await;
}

/// What is refused about a form's fields, such as `password prohibited`.
fn broken(answer: &Answer) -> Vec<String> {
    let errors = answer.with_status(422)["errors"].clone();
    let rule = |error: &Value| {
        let meta = &error["meta"];
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        format!("{} {}", text(&meta["source_field"]), text(&meta["rule"]))
    };
    errors.as_array().unwrap().iter().map(rule).collect()
}

#[tokio::test]
async fn nobody_chooses_how_others_sign_in() {
    on_each_panel(async |panel| {
        let password = ["password prohibited"];
        // Somebody who has a sign-in in another account.
        let other = panel.world.admin("olga@example.com").await;
        let invited = json!({"email": "ada@example.com", "password": PASSWORD});
        panel.world.call("user/create", &other, invited).await.ok();
        let refused = panel.rest.post(USERS, &panel.key, body("ada", json!({}))).await;
        assert_eq!(broken(&refused), password);
        let detail = &refused.json()["errors"][0]["detail"];
        assert_eq!(detail, "The password field is prohibited.");
        // What others have is told first, before any work for a password.
        let bob = panel.user("bob", json!({"external_id": "x"})).await;
        let more = json!({"username": "bob", "external_id": "x"});
        let refused = panel.rest.post(USERS, &panel.key, body("ada", more)).await;
        assert_eq!(broken(&refused), ["username unique", "external_id unique"]);

        // Without a password it is made; and while nobody has joined, the email may be another one.
        let ada = panel.user("ada", json!({"password": null})).await;
        let place = format!("{USERS}/{}", ada["id"]);
        let patch =
            async |more: Value| panel.rest.patch(&place, &panel.key, body("ada", more)).await;
        assert_eq!(broken(&patch(json!({})).await), password);
        let mail = |name: &str| json!({"email": format!("{name}@example.com"), "password": null});
        patch(mail("eve")).await.with_status(200);
        patch(mail("ada")).await.with_status(200);

        // Once the person has joined it is the person's own.
        let invite = json!({"id": ada["uuid"], "sendInvite": true});
        let invite = panel.native("user/updateRole", invite).await["invite"].clone();
        let token = panel.world.token_for("ada", "ada@example.com", true);
        panel.world.client.call("user/login", &token, json!({"invite": invite})).await.ok();
        let refused = patch(mail("eve")).await;
        assert_eq!(broken(&refused), ["email prohibited"]);
        let detail = &refused.json()["errors"][0]["detail"];
        assert_eq!(detail, "The email field is prohibited.");
        let both = json!({"email": "eve@example.com", "username": "bob"});
        assert_eq!(broken(&patch(both).await), ["username unique", password[0]]);
        let names = json!({"email": "ADA@example.com", "password": "", "first_name": "Augusta"});
        let user = patch(names).await.with_status(200);
        assert_eq!(user["attributes"]["first_name"], "Augusta");

        // Whose sign-in the account keeps, moves to no address that somebody else signs in with.
        let bob = format!("{USERS}/{}", bob["id"]);
        let carl = json!({"email": "carl@example.com", "password": PASSWORD});
        panel.world.call("user/create", &other, carl).await.ok();
        for (name, expected) in [("ada", "email unique"), ("carl", "email prohibited")] {
            let fields = body("bob", mail(name));
            let refused = panel.rest.patch(&bob, &panel.key, fields).await;
            assert_eq!(broken(&refused), [expected]);
        }
        let fields = body("bob", mail("bert"));
        panel.rest.patch(&bob, &panel.key, fields).await.with_status(200);

        // In an account that is not managed nobody's password is chosen.
        let free = panel.world.registered("free@example.com").await;
        let key = panel.world.key(&free, "admin", "write").await;
        let refused = panel.rest.post(USERS, &key, body("tom", json!({}))).await;
        assert_eq!(broken(&refused), password);
        let body = body("tom", json!({"password": null}));
        panel.rest.post(USERS, &key, body).await.with_status(201);
    })
    .await;
}

#[tokio::test]
async fn who_gets_no_password_gets_a_letter() {
    on_each_panel(async |panel| {
        let user = panel.user("ada", json!({"password": null})).await;
        let native = panel.native("user/get", json!({"email": "ada@example.com"})).await;
        assert!(native["invite"].is_string(), "{native}");
        // Who is invited is there: another with the email is refused, and nothing changes.
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
            let mut expected = user.clone();
            if let Some(written) = same.get("email") {
                expected["email"] = written.clone();
            }
            let answer = panel.rest.patch(&path, &panel.key, body("ada", same)).await;
            assert_eq!(answer.with_status(200)["attributes"], expected);
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
