//! What becomes of a user, from its making to its end.

use std::time::Duration;

use jsonwebtoken::{EncodingKey, Header};
use serde_json::{Value, json};

use super::{Site, new, on_each_site, told};
use crate::support::{scene::PASSWORD, world::on_each_engine_with};

#[tokio::test]
async fn the_whole_life_of_a_user() {
    on_each_site(async |site| {
        let settings = json!({"theme": "dark", "columns": ["a", "b"]});
        let more = json!({"name": "Ada  King Lovelace", "email": "Ada@Example.com", "role_id": 2,
            "frontend_settings": settings});
        let ada = site.made("ada", more).await;
        let created = "2027-01-15 08:00:00";
        let expected = json!({"id": ada["id"], "name": "Ada King Lovelace",
            "email": "ada@example.com", "role_id": 2, "disabled": 0, "deleted": 0,
            "first_login": null, "last_login": null, "sso_enabled": 0,
            "frontend_settings": settings, "created": created, "modified": created,
            "last_modified_by": null});
        assert_eq!(ada, expected);
        let id = &ada["id"];
        assert_eq!(site.get(id).await.with_status(200), json!({"user": expected}));
        let native = site.native(id).await;
        assert_eq!((&native["first"], &native["last"]), (&json!("Ada"), &json!("King Lovelace")));
        assert_eq!((&native["role"], &native["state"]), (&json!("admin"), &json!("active")));

        // She comes in.
        site.world.advance(Duration::from_mins(1));
        let token = site.signed_in(&ada).await;
        let path = format!("/users/{id}");
        let seen = site.rest.get(&path, &token).await.with_status(200)["user"].clone();
        let login = json!("2027-01-15 08:01:00");
        assert_eq!((&seen["first_login"], &seen["last_login"]), (&login, &login));
        assert_eq!(seen, site.get(id).await.json()["user"]);

        // She is changed, in one step.
        site.world.advance(Duration::from_mins(1));
        let change = json!({"name": "Augusta", "email": "augusta@example.com", "role_id": 1,
            "disabled": 1, "frontend_settings": {"columns": []}});
        let mut expected = seen.clone();
        expected.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        expected["modified"] = json!("2027-01-15 08:02:00");
        let changed = site.patch(id, change).await.with_status(200);
        assert_eq!(changed, json!({"user": expected}));
        assert_eq!(site.get(id).await.json(), changed);
        let after = site.native(id).await;
        assert_eq!((&after["last"], &after["state"]), (&Value::Null, &json!("suspended")));
        // With another address, her sessions end.
        assert!(told(&site.rest.get(&path, &token).await).starts_with("401 "));
        // Nothing to change is no change.
        let same = site.patch(id, changed["user"].clone()).await.with_status(200);
        assert_eq!((same, site.native(id).await), (changed, after));

        // She goes and comes back, and is let in again.
        let gone = site.delete(id).await.with_status(200)["user"].clone();
        assert_eq!((&gone["id"], &gone["deleted"]), (id, &json!(1)));
        assert_eq!(site.get(id).await.status, 404);
        assert_eq!(site.delete(id).await.status, 404);
        assert_eq!(site.patch(id, json!({"disabled": 0})).await.status, 404);
        let back = site.restore(id).await.with_status(200)["user"].clone();
        assert_eq!((&back["deleted"], &back["disabled"]), (&json!(0), &json!(1)));
        assert_eq!(site.restore(id).await.status, 404);
        let open = site.patch(id, json!({"disabled": false})).await.with_status(200);
        assert_eq!(open["user"]["disabled"], 0);
        site.signed_in(&open["user"]).await;
    })
    .await;
}

#[tokio::test]
async fn who_was_removed_comes_back_as_the_fields_say() {
    on_each_site(async |site| {
        let restore =
            async |body: Value| site.rest.post("/users/create_or_restore", &site.key, body).await;
        // Who was never there is made.
        let made = restore(new("Bob", json!({}))).await.with_status(201)["user"].clone();
        assert_eq!(restore(new("Bob", json!({}))).await.status, 409);

        let more = json!({"name": "Bob Builder", "disabled": 1,
            "frontend_settings": {"a": 1, "b": {"c": 2}}});
        site.patch(&made["id"], more).await.with_status(200);
        site.delete(&made["id"]).await.with_status(200);
        let password = "a whole other battery staple";
        let fields = json!({"name": "Robert", "email": "BOB@example.com", "password": password,
            "role_id": 2, "disabled": 0, "frontend_settings": {"b": {"d": 3}}});
        let back = restore(new("Bob", fields)).await.with_status(201)["user"].clone();
        let expected = json!({"name": "Robert", "role_id": 2, "disabled": 0, "deleted": 0,
            "frontend_settings": {"b": {"d": 3}}});
        let mut whole = made.clone();
        whole.as_object_mut().unwrap().extend(expected.as_object().unwrap().clone());
        assert_eq!(back, whole);
        let body = json!({"email": "bob@example.com", "password": PASSWORD});
        assert_eq!(site.rest.post("/users/login", "", body).await.status, 401);
        let body = json!({"email": "bob@example.com", "password": password});
        site.rest.post("/users/login", "", body).await.with_status(200);

        // What is not said stays.
        site.patch(&made["id"], json!({"disabled": 1})).await.with_status(200);
        site.delete(&made["id"]).await.with_status(200);
        let back = restore(new("Bob", json!({}))).await.with_status(201)["user"].clone();
        assert_eq!(back["frontend_settings"], json!({"b": {"d": 3}}));
        assert_eq!((&back["name"], &back["disabled"]), (&json!("Bob"), &json!(1)));
        site.delete(&made["id"]).await.with_status(200);
        let body = new("Bob", json!({"disabled": true}));
        let back = restore(body).await.with_status(201)["user"].clone();
        assert_eq!(back["disabled"], 1);
    })
    .await;
}

#[tokio::test]
async fn who_was_removed_leaves_nothing_to_others() {
    on_each_site(async |site| {
        let settings = |name: &str| json!({"name": "Bob", "frontend_settings": {"of": name}});
        let first = site.made("Bob", settings("first")).await;
        let token = site.signed_in(&first).await;
        site.delete(&first["id"]).await.with_status(200);
        site.world.advance(Duration::from_millis(1));
        // The email is free at once, and the number for ever taken.
        let body = json!({"frontend_settings": {}, "password": "a whole other battery staple"});
        let second = site.made("Bob", body).await;
        assert_ne!(second["id"], first["id"]);
        assert_eq!(second["frontend_settings"], json!({}));
        assert_eq!(site.get(&first["id"]).await.status, 404);
        let path = format!("/users/{}", second["id"]);
        assert_eq!(site.rest.get(&path, &token).await.status, 401);
        let body = json!({"email": "bob@example.com", "password": PASSWORD});
        assert_eq!(site.rest.post("/users/login", "", body).await.status, 401);

        // While somebody has it, nobody comes back to it.
        let again = new("Bob", json!({}));
        let answer = site.rest.post("/users/create_or_restore", &site.key, again).await;
        assert_eq!(answer.status, 409);
        assert!(told(&site.restore(&first["id"]).await).starts_with("409 "));

        // Of several who had it, the one comes back who was removed last.
        let body = json!({"frontend_settings": {"of": "second"}});
        site.patch(&second["id"], body).await.with_status(200);
        site.delete(&second["id"]).await.with_status(200);
        let again = new("Bob", json!({"frontend_settings": {"last": 1}}));
        let back = site.rest.post("/users/create_or_restore", &site.key, again).await;
        let back = back.with_status(201)["user"].clone();
        assert_eq!(back["id"], second["id"]);
        assert_eq!(back["frontend_settings"], json!({"last": 1}));
        site.signed_in(&back).await;
        let trash = site.rest.get("/users/trash", &site.key).await.with_status(200);
        let trash = trash["users"].as_array().unwrap();
        assert_eq!((trash.len(), &trash[0]["id"]), (1, &first["id"]));
    })
    .await;
}

#[tokio::test]
async fn who_was_only_invited_comes_back_with_a_password() {
    on_each_site(async |site| {
        for (number, (disabled, state)) in [
            (json!({}), "active"),
            (json!({"disabled": 0}), "active"),
            (json!({"disabled": 1}), "suspended"),
        ]
        .into_iter()
        .enumerate()
        {
            let email = format!("ida{number}@example.com");
            let body = json!({"email": email, "sendInvite": true});
            let ida = site.world.call("user/create", &site.admin, body).await.ok();
            site.delete(&ida["number"]).await.with_status(200);
            let mut body = new("Ida", disabled.clone());
            body["email"] = json!(email);
            let back = site.rest.post("/users/create_or_restore", &site.key, body).await;
            assert_eq!(back.with_status(201)["user"]["id"], ida["number"], "{disabled}");
            assert_eq!(site.native(&ida["number"]).await["state"], state, "{disabled}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_name_is_split_where_it_is_first_blank() {
    on_each_site(async |site| {
        let id = site.made("Ada", json!({})).await["id"].clone();
        for (name, first, last, shown) in [
            ("Ada", json!("Ada"), json!(null), "Ada"),
            ("  Ada \t Byron  King ", json!("Ada"), json!("Byron  King"), "Ada Byron  King"),
            ("Ada\nKing", json!("Ada"), json!("King"), "Ada King"),
            ("Zoë Ångström", json!("Zoë"), json!("Ångström"), "Zoë Ångström"),
            ("", json!(null), json!(null), ""),
        ] {
            let answer = site.patch(&id, json!({"name": name})).await.with_status(200);
            assert_eq!(answer["user"]["name"], shown);
            let native = site.native(&id).await;
            assert_eq!((&native["first"], &native["last"]), (&first, &last), "{name:?}");
        }
        // What is sent back as it was read changes nothing, wherever the names divide.
        let body =
            json!({"id": site.native(&id).await["id"], "first": "Mary Ann", "last": "Evans"});
        let before = site.world.call("user/update", &site.admin, body).await.ok();
        site.patch(&id, json!({"name": "Mary Ann Evans"})).await.with_status(200);
        assert_eq!(site.native(&id).await, before);
    })
    .await;
}

#[tokio::test]
async fn frontend_settings_are_replaced_as_a_whole() {
    on_each_site(async |site| {
        let id = site.made("Ada", json!({})).await["id"].clone();
        for (sent, kept) in [
            (json!({"a": 1, "b": {"c": 2, "d": {"e": 3}}}), None),
            (json!({"b": {"d": {"f": [null, {"g": null}]}}}), None),
            (json!({"b": {"d": 4}}), None),
            (
                json!({"b": {"d": {}}, "h": null, "i": {"j": null}}),
                Some(json!({"b": {"d": {}}, "i": {}})),
            ),
            (json!({"b": []}), None),
            (json!({}), None),
        ] {
            let kept = kept.unwrap_or_else(|| sent.clone());
            let body = json!({"frontend_settings": sent});
            let user = site.patch(&id, body).await.with_status(200)["user"].clone();
            assert_eq!(user["frontend_settings"], kept, "{sent}");
            assert_eq!(site.native(&id).await["preferences"], kept);
        }
    })
    .await;
}

#[tokio::test]
async fn settings_that_are_replaced_at_once_do_not_mix() {
    on_each_site(async |site| {
        let id = site.made("Ada", json!({})).await["id"].clone();
        let change = async |name: &str| {
            let body = json!({"frontend_settings": {name: {"of": name}, "last": name}});
            site.patch(&id, body).await.status
        };
        for _ in 0..5 {
            let statuses = tokio::join!(change("one"), change("two"));
            assert_eq!(statuses, (200, 200));
            let settings = site.native(&id).await["preferences"].clone();
            let last = settings["last"].as_str().unwrap();
            assert_eq!(settings, json!({last: {"of": last}, "last": last}));
        }
    })
    .await;
}

#[tokio::test]
async fn who_comes_by_another_issuer_has_sso() {
    const SHARED: &str = "not a secret since it is in a test";
    let issuer = format!("--issuer=issuer=sso,audience=app,hs256_secret={SHARED},trust_email=true");
    on_each_engine_with(&["--facades=meiro", &issuer], async |world| {
        let site = Site::new(world).await;
        let body = json!({"email": "ida@example.com"});
        let ida = site.world.call("user/create", &site.admin, body).await.ok();
        let seen = async || site.get(&ida["number"]).await.with_status(200)["user"].clone();
        // Who has only been invited comes by no issuer yet.
        let user = seen().await;
        assert_eq!((&user["sso_enabled"], &user["disabled"]), (&json!(0), &json!(0)));
        assert_eq!(site.made("Ada", json!({})).await["sso_enabled"], 0);

        let claims = json!({"iss": "sso", "aud": "app", "sub": "ida", "email": "ida@example.com",
            "email_verified": true, "exp": 2_000_000_000});
        let key = EncodingKey::from_secret(SHARED.as_bytes());
        let token = jsonwebtoken::encode(&Header::default(), &claims, &key).unwrap();
        let here = json!({"accountId": site.admin.account});
        site.world.client.call("user/login", &token, here).await.ok();
        assert_eq!(seen().await["sso_enabled"], 1);
        // Such a token is as good as ours, but ends and renews nothing here.
        let own = site.rest.get(&format!("/users/{}", ida["number"]), &token).await;
        assert_eq!(own.with_status(200)["user"], seen().await);
        assert_eq!(site.rest.delete("/users/login", &token).await.status, 422);
        let body = json!({"password": PASSWORD});
        let path = format!("/users/{}/change_password", ida["number"]);
        assert_eq!(site.rest.post(&path, &site.key, body).await.status, 403);
    })
    .await;
}
