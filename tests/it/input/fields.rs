//! Fields of every endpoint: missing, of the wrong type, unknown, and all at fault at once.

use serde_json::{Value, json};

use super::Sender;
use crate::support::{
    engine::Engine,
    scene::{Scene, on_each_scene},
};

#[tokio::test]
async fn wrong_types_and_missing_fields() {
    let scene = Scene::new(Engine::Sqlite, &[]).await;
    let send = Sender { scene: &scene, token: &scene.root.token };
    let id = &scene.user.id;
    for (name, body, faults) in [
        ("account/get", json!({"accountId": "x"}), "accountId:format"),
        ("account/get", json!({"accountId": 7}), "accountId:type"),
        ("account/update", json!({"name": 7, "settings": []}), "name:type settings:type"),
        ("account/update", json!({"version": "1"}), "version:type"),
        ("invite/check", json!({}), "invite:required"),
        ("invite/check", json!({"invite": null}), "invite:required"),
        ("invite/check", json!({"invite": "short"}), "invite:format"),
        ("invite/check", json!({"invite": format!("{0} .{0}", "A".repeat(24))}), "invite:format"),
        ("invite/check", json!({"invite": ["x"]}), "invite:type"),
        ("key/create", json!({}), "name:required role:required"),
        ("key/create", json!({"name": " ", "role": "public"}), "name:required role:in"),
        ("key/create", json!({"name": "k", "role": "user", "access": "all"}), "access:in"),
        ("key/create", json!({"name": "k", "role": "user", "expires": "soon"}), "expires:format"),
        ("key/create", json!({"name": "k", "role": "user", "expires": 1}), "expires:type"),
        ("trash/find", json!({"id": "x", "email": "x"}), "id:format email:email"),
        ("trash/restore", json!({}), "id:required"),
        ("trash/restore", json!({"id": null, "email": null}), "id:required"),
        ("trash/restore", json!({"id": "x", "version": -1}), "id:format version:type"),
        ("user/create", json!({}), "email:required"),
        ("user/create", json!({"email": null, "role": "Admin"}), "email:required role:in"),
        ("user/create", json!({"email": "a@b.c", "sendInvite": "true"}), "sendInvite:type"),
        ("user/create", json!({"email": "a@b.c", "preferences": "{}"}), "preferences:type"),
        ("user/find", json!({"role": "boss", "state": "trashed"}), "role:in state:in"),
        ("user/find", json!({"search": ["a"]}), "search:type"),
        ("user/get", json!({"number": "1"}), "number:type"),
        ("user/get", json!({"number": 1.5}), "number:type"),
        ("user/get", json!({"number": -1}), "number:type"),
        ("user/get", json!({"number": 99_999_999_999_999_999_999_f64}), "number:type"),
        ("user/get", json!({"id": id.replace('-', "")}), "id:format"),
        ("user/get", json!({"id": format!("{{{id}}}")}), "id:format"),
        ("user/remove", json!({}), "id:required"),
        ("user/remove", json!({"id": ""}), "id:format"),
        (
            "user/update",
            json!({"id": id, "newEmail": "x", "state": "gone"}),
            "newEmail:email state:in",
        ),
        (
            "user/update",
            json!({"id": id, "newPassword": "short", "role": "boss"}),
            "newPassword:length role:in",
        ),
        ("user/update", json!({"id": id, "first": 1, "last": {}}), "first:type last:type"),
        ("user/update", json!({"id": id, "version": 1.5}), "version:type"),
        ("user/update", json!({"id": id, "version": -1.0}), "version:type"),
        ("user/updateRole", json!({}), "id:required role:required"),
        ("user/updateRole", json!({"id": id}), "role:required"),
        ("user/updateRole", json!({"id": id, "role": null}), "role:required"),
        ("user/updateRole", json!({"id": id, "role": "owner"}), "role:in"),
    ] {
        send.bad(name, body, faults).await;
    }
}

#[tokio::test]
async fn the_fields_of_a_login() {
    let scene = Scene::new(Engine::Sqlite, &[]).await;
    let token = scene.world.token("new@example.com", true);
    let send = Sender { scene: &scene, token: &token };
    for (body, faults) in [
        (json!({"register": "yes"}), "register:type"),
        (json!({"register": true, "account": "Mine"}), "account:type"),
        (json!({"register": true, "account": {"name": "\u{200b}"}}), "account.name:unseen"),
        (json!({"register": true, "account": {"nam": "x"}}), "account.nam:unknown_field"),
        (json!({"invite": "x", "first": 1, "last": ""}), "invite:format first:type"),
    ] {
        send.bad("user/login", body, faults).await;
    }
    let code = "A".repeat(24);
    // It writes nothing but the miss.
    let answer = scene.call("user/login", &token, json!({"invite": code})).await;
    assert_eq!(answer.outcome(), "404 not_found");
    send.check("user/login", json!({}), "403 not_registered", "").await;
    send.check("user/login", json!({"register": false}), "403 not_registered", "").await;
    let unverified = scene.world.token("other@example.com", false);
    let send = Sender { scene: &scene, token: &unverified };
    send.check("user/login", json!({"register": true}), "403 email_unverified", "").await;
    // Nor does it say whether somebody has that email.
    let unverified = scene.world.token_for("stranger", "uma@example.com", false);
    let send = Sender { scene: &scene, token: &unverified };
    send.check("user/login", json!({"register": true}), "403 email_unverified", "").await;
    send.check("user/login", json!({}), "403 not_registered", "").await;
}

#[tokio::test]
async fn unknown_fields_name_the_nearest_one() {
    let scene = Scene::new(Engine::Sqlite, &[]).await;
    let check = async |token: &str, name: &str, body: Value, faults: &str, details: &[&str]| {
        let send = Sender { scene: &scene, token };
        let json = send.check(name, body, "400 unknown_field", faults).await;
        let found: Vec<_> = (json["errors"].as_array().unwrap().iter())
            .map(|fault| fault["detail"].as_str().unwrap())
            .collect();
        assert_eq!(found, details);
    };
    let (admin, user) = (&scene.admin.token, &scene.user.token);
    let hint = "user/create has no field emial. Did you mean email?";
    check(admin, "user/create", json!({"emial": "a@b.c"}), "emial:unknown_field", &[hint]).await;
    let two = ["user/get has no field Id. Did you mean id?", "user/get has no field zzzzzzzz."];
    check(
        admin,
        "user/get",
        json!({"Id": 1, "zzzzzzzz": 1}),
        "Id:unknown_field zzzzzzzz:unknown_field",
        &two,
    )
    .await;
    // What is put in the other place is told where it belongs.
    let place = "user/find has no field limit. It goes into the query: user/find?limit=…";
    check(admin, "user/find", json!({"limit": 2}), "limit:unknown_field", &[place]).await;
    let place = "user/find has no query parameter search. It goes into the body.";
    check(admin, "user/find?search=ada", json!({}), "?search:unknown_field", &[place]).await;
    // A field that the caller may not send is no hint.
    let plain = "user/get has no field emial.";
    check(user, "user/get", json!({"emial": 1}), "emial:unknown_field", &[plain]).await;
    let query = json!({"?limit": "1"});
    let field = "user/find has no field ?limit.";
    let send = Sender { scene: &scene, token: admin };
    let json = send.check("user/find", query, "400 unknown_field", "?limit:unknown_field").await;
    assert!(json["detail"].as_str().unwrap().starts_with(field));
    let long = "x".repeat(10_000);
    let send = Sender { scene: &scene, token: admin };
    let short = format!("{}:unknown_field", "x".repeat(60));
    send.check("user/get", json!({long: 1}), "400 unknown_field", &short).await;
}

#[tokio::test]
async fn emails_are_read_into_one_spelling() {
    on_each_scene(async |scene| {
        let send = Sender { scene: &scene, token: &scene.admin.token };
        let made = send.ok("user/create", json!({"email": "New.Person@Example.COM"})).await;
        assert_eq!(made["email"], "new.person@example.com");
        for same in ["new.person@example.com", "NEW.PERSON@EXAMPLE.COM"] {
            let body = json!({"email": same});
            send.check("user/create", body.clone(), "409 email_taken", "email:email_taken").await;
            assert_eq!(send.ok("user/get", body).await["id"], made["id"]);
        }
        for bad in [
            "",
            " ",
            "x",
            "@",
            "a@",
            "@b.c",
            "a b@c.d",
            "a@b@c",
            "a@b..c",
            "a\u{0}@b.c",
            "\"a\"@b.c",
            "a@[1.2.3.4]",
            "Ada <a@b.c>",
            "a@b.c, d@e.f",
            "a@b.c\r\nBcc: x@y.z",
        ] {
            send.bad("user/create", json!({"email": bad}), "email:email").await;
            send.bad("user/find", json!({"email": bad}), "email:email").await;
        }
    })
    .await;
}

#[tokio::test]
async fn languages_and_user_names() {
    on_each_scene(async |scene| {
        let send = Sender { scene: &scene, token: &scene.user.token };
        for (sent, kept) in [("en", "en"), ("PT-br", "pt-BR"), ("zh-Hant", "zh-Hant")] {
            let user = send.ok("user/update", json!({"language": sent})).await;
            assert_eq!(user["language"], kept);
        }
        for bad in ["e", "english", "en-", "en_US", "en-US-x", "12", "\u{e9}\u{e9}", "en\u{0}"] {
            send.bad("user/update", json!({"language": bad}), "language:format").await;
        }
        for (sent, kept) in
            [("Ada.L", "ada.l"), ("a-b_c", "a-b_c"), ("007", "007"), (" ada ", "ada")]
        {
            let user = send.ok("user/update", json!({"username": sent})).await;
            assert_eq!(user["username"], kept);
        }
        for bad in ["ab", "-ab", "ab.", "a b", "a@b", "a\u{f1}b", "a/b", "a#b", "\u{430}da"] {
            send.bad("user/update", json!({"username": bad}), "username:format").await;
        }
        // Empty and null take an optional value away.
        for nothing in [json!(""), json!("  "), json!(null)] {
            send.ok("user/update", json!({"username": "ada", "language": "en"})).await;
            let body = json!({"username": nothing, "language": nothing, "last": nothing});
            let user = send.ok("user/update", body).await;
            let gone = ["username", "language", "last"].map(|name| user.get(name).is_none());
            assert_eq!(gone, [true; 3], "{nothing}");
        }
        let taken = json!({"email": "x@example.com", "username": "Taken", "externalId": "E 1"});
        let admin = Sender { scene: &scene, token: &scene.admin.token };
        admin.ok("user/create", taken).await;
        let username = "username:username_taken";
        send.check("user/update", json!({"username": "TAKEN"}), "409 username_taken", username)
            .await;
        let invited = json!({"email": "y@example.com"});
        let invited = admin.ok("user/create", invited).await["id"].clone();
        let body = json!({"id": invited, "newEmail": "x@example.com"});
        admin.check("user/update", body, "409 email_taken", "newEmail:email_taken").await;
        let body = json!({"id": scene.user.id, "externalId": "E 1"});
        let external = "externalId:external_id_taken";
        admin.check("user/update", body, "409 external_id_taken", external).await;
    })
    .await;
}
