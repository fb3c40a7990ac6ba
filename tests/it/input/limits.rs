//! Lengths, sizes and merge patches.

use serde_json::{Value, json};

use super::Sender;
use crate::support::{
    engine::Engine,
    scene::{Scene, on_each_scene},
};

/// 16 KiB, the most that preferences and settings may have as JSON.
const DOCUMENT: usize = 16_384;

#[tokio::test]
async fn texts_have_up_to_191_characters() {
    on_each_scene(async |scene| {
        let admin = Sender { scene: &scene, token: &scene.admin.token };
        let id = &scene.user.id;
        // The widest character, one that grows when it is folded, one that is made of two.
        for letter in ["x", "\u{1f600}", "\u{fdfa}", "\u{1e9e}", "e\u{301}"] {
            let length = letter.chars().count();
            let longest = letter.repeat(191 / length);
            let user = json!({"id": id, "first": longest, "last": longest, "externalId": longest});
            let reply = admin.ok("user/update", user).await;
            assert_eq!(reply["first"], longest);
            let found = admin.ok("user/find", json!({"search": longest})).await;
            assert_eq!(found["data"][0]["id"], id.as_str(), "{letter}");
            let longer = letter.repeat(192 / length);
            let user = json!({"id": id, "first": longer, "last": longer, "externalId": longer});
            if longer.chars().count() > 191 {
                admin.bad("user/update", user, "first:length last:length externalId:length").await;
                admin.bad("user/find", json!({"search": longer}), "search:length").await;
                admin.bad("account/update", json!({"name": longer}), "name:length").await;
            }
        }
        admin.ok("user/update", json!({"id": id, "username": "u".repeat(191)})).await;
        let long = json!({"id": id, "username": "u".repeat(192)});
        admin.bad("user/update", long, "username:length").await;
        let padded = json!({"id": id, "first": format!("  {}  ", "x".repeat(191))});
        assert_eq!(admin.ok("user/update", padded).await["first"], "x".repeat(191));
        for bad in ["a\u{0}b", "a\nb", "a\u{7f}b", "a\u{85}b", "a\tb"] {
            let user = json!({"id": id, "first": bad, "externalId": bad});
            admin.bad("user/update", user, "first:format externalId:format").await;
        }
    })
    .await;
}

#[tokio::test]
async fn hostile_texts_come_back_as_they_are() {
    on_each_scene(async |scene| {
        let admin = Sender { scene: &scene, token: &scene.admin.token };
        for text in [
            "'; DROP TABLE items; --",
            "%",
            "_",
            "\\",
            "\"",
            "<script>alert(1)</script>",
            "a#b#c",
            "user#1",
            "{{name}}",
            "null",
            "#",
        ] {
            let body = json!({
                "id": scene.user.id, "first": text, "last": text, "externalId": text,
                "preferences": {text: text},
            });
            let user = admin.ok("user/update", body).await;
            assert_eq!((&user["first"], &user["externalId"]), (&json!(text), &json!(text)));
            assert_eq!(user["preferences"][text], text);
            let found = admin.ok("user/get", json!({"externalId": text})).await;
            assert_eq!(found["id"], scene.user.id.as_str());
            let found = admin.ok("user/find", json!({"search": text})).await;
            let ids: Vec<_> =
                found["data"].as_array().unwrap().iter().map(|it| &it["id"]).collect();
            assert!(ids.contains(&&json!(scene.user.id)), "{text:?}: {ids:?}");
        }
        // Nobody is shown what an app keeps for itself.
        for text in ["\u{202e}evil", "\u{200b}", "\u{10ffff}", "\u{301}"] {
            let body = json!({"id": scene.user.id, "preferences": {text: text}});
            assert_eq!(admin.ok("user/update", body).await["preferences"][text], text);
        }
    })
    .await;
}

/// A document of just so many bytes as JSON.
fn document(bytes: usize) -> Value {
    json!({"a": "x".repeat(bytes - r#"{"a":""}"#.len())})
}

#[tokio::test]
async fn documents_have_up_to_16_kib() {
    on_each_scene(async |scene| {
        let user = Sender { scene: &scene, token: &scene.user.token };
        let admin = Sender { scene: &scene, token: &scene.admin.token };
        for bytes in [DOCUMENT - 1, DOCUMENT] {
            let own = user.ok("user/update", json!({"preferences": document(bytes)})).await;
            assert_eq!(own["preferences"], document(bytes));
            let account = admin.ok("account/update", json!({"settings": document(bytes)})).await;
            assert_eq!(account["settings"], document(bytes));
        }
        let long = document(DOCUMENT + 1);
        user.bad("user/update", json!({"preferences": long}), "preferences:length").await;
        admin.bad("account/update", json!({"settings": long}), "settings:length").await;
        let new = json!({"email": "n@example.com", "preferences": long});
        admin.bad("user/create", new, "preferences:length").await;
        // What counts is the whole, not the patch.
        let patch = json!({"preferences": {"b": 1}});
        user.bad("user/update", patch, "preferences:length").await;
        let swap = json!({"preferences": {"a": null, "b": "x".repeat(16_000)}});
        user.ok("user/update", swap).await;
    })
    .await;
}

#[tokio::test]
async fn preferences_are_patched() {
    on_each_scene(async |scene| {
        let user = Sender { scene: &scene, token: &scene.user.token };
        let deep = (0..31).fold(json!(1), |inner, _| json!({"d": inner}));
        for (patch, whole) in [
            (
                json!({"a": 1, "b": {"c": 2, "d": 3}, "e": [1, 2]}),
                json!({"a": 1, "b": {"c": 2, "d": 3}, "e": [1, 2]}),
            ),
            (json!({"b": {"c": null}}), json!({"a": 1, "b": {"d": 3}, "e": [1, 2]})),
            (json!({"e": [3]}), json!({"a": 1, "b": {"d": 3}, "e": [3]})),
            (json!({"e": [null], "a": null}), json!({"b": {"d": 3}, "e": [null]})),
            (json!({"b": 7, "e": {"x": null, "y": 1}}), json!({"b": 7, "e": {"y": 1}})),
            (json!({"zz": null}), json!({"b": 7, "e": {"y": 1}})),
            (json!({"b": null, "e": null}), json!({})),
            (json!({"": {"": 1}, "\u{0}": 1.5e-7}), json!({"": {"": 1}, "\u{0}": 1.5e-7})),
            (json!({"": null, "\u{0}": null, "n": u64::MAX}), json!({"n": u64::MAX})),
            (json!({"n": i64::MIN, "f": 1e308}), json!({"n": i64::MIN, "f": 1e308})),
            (json!({"n": deep, "f": null}), json!({"n": deep})),
            (json!({"n": null, "pk": 1, "version": "x"}), json!({"pk": 1, "version": "x"})),
        ] {
            let reply = user.ok("user/update", json!({"preferences": patch})).await;
            assert_eq!(reply["preferences"], whole, "{patch}");
            assert_eq!(user.ok("user/get", json!({})).await["preferences"], whole, "{patch}");
        }
        let gone = user.ok("user/update", json!({"preferences": null})).await;
        assert_eq!(gone.get("preferences"), None);
    })
    .await;
}

#[tokio::test]
async fn versions_must_be_the_current_one() {
    on_each_scene(async |scene| {
        let admin = Sender { scene: &scene, token: &scene.admin.token };
        let target = scene.target("versioned").await;
        for version in [0, 2, 9_007_199_254_740_993, u64::MAX] {
            for (name, more) in [
                ("user/update", json!({"first": "x"})),
                ("user/updateRole", json!({"role": "admin"})),
                ("user/remove", json!({})),
            ] {
                let mut body = json!({"id": target.id, "version": version});
                body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
                admin.check(name, body, "409 version_mismatch", "").await;
            }
            let account = json!({"name": "x", "version": version + u64::from(version == 2) * 7});
            if version != 1 {
                admin.check("account/update", account, "409 version_mismatch", "").await;
            }
        }
        let body = json!({"id": target.id, "version": 1, "first": "x"});
        assert_eq!(admin.ok("user/update", body).await["version"], 2);
    })
    .await;
}

#[tokio::test]
async fn times_at_the_edge_can_be_written() {
    let scene = Scene::new(Engine::Sqlite, &[]).await;
    let admin = Sender { scene: &scene, token: &scene.admin.token };
    let key = |expires: &str| json!({"name": "k", "role": "user", "expires": expires});
    for (expires, kept) in [
        ("2030-01-31T12:00:00Z", "2030-01-31T12:00:00.000Z"),
        ("2030-01-31t12:00:00.123456z", "2030-01-31T12:00:00.123Z"),
        ("2030-01-31T12:00:00+02:00", "2030-01-31T10:00:00.000Z"),
        ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59.000Z"),
    ] {
        assert_eq!(admin.ok("key/create", key(expires)).await["expires"], kept);
    }
    for bad in [
        "",
        "2030",
        "2030-02-30T00:00:00Z",
        "2030-01-31 12:00",
        "10000-01-01T00:00:00Z",
        "9999-12-31T23:59:59-23:59",
        "0000-01-01T00:00:00+23:59",
        "-0001-01-01T00:00:00Z",
    ] {
        admin.bad("key/create", key(bad), "expires:format").await;
    }
}
