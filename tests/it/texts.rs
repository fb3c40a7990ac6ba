//! What texts are: which spellings are one, which are none, and which are kept out.

use serde_json::{Value, json};

use crate::support::{
    engine::Engine,
    scene::{Scene, on_each_scene},
};

const ADA: &str = "ada@xn--bcher-kva.example";

#[tokio::test]
async fn one_mailbox_is_one_user_in_any_spelling() {
    on_each_scene(async |scene| {
        let admin = &scene.admin.token;
        let made = scene.call("user/create", admin, json!({"email": "Ada@Bücher.example "})).await;
        let made = made.ok();
        assert_eq!(made["email"], ADA);
        for same in [
            "ada@bücher.example",
            "ADA@BÜCHER.EXAMPLE",
            "ada@bu\u{308}cher.example",
            "ada@xn--bcher-kva.example",
            "ada@bücher。example",
            "\tada@ｂücher.example\n",
        ] {
            let body = json!({"email": same});
            assert_eq!(
                scene.call("user/create", admin, body.clone()).await.outcome(),
                "409 email_taken"
            );
            assert_eq!(scene.call("user/get", admin, body.clone()).await.ok()["id"], made["id"]);
            let found = scene.call("user/find", admin, body).await.ok();
            assert_eq!(found["data"][0]["id"], made["id"], "{same}");
        }
        for beginning in ["ada@bü", "ada@bucher", "ADA@xn--b"] {
            let found = scene.call("user/find", admin, json!({"search": beginning})).await.ok();
            assert_eq!(found["data"].as_array().unwrap().len(), 1, "{beginning}");
        }
        for part in ["@bücher", "@BÜCHER", "xn--bcher"] {
            let body = json!({"contains": {"email": [part]}});
            assert_eq!(scene.call("user/list", admin, body).await.ok()["total"], 1, "{part}");
        }
        let removed =
            scene.call("user/remove", admin, json!({"email": "ada@bücher.example"})).await;
        assert_eq!(removed.ok()["id"], made["id"]);
        let gone = scene.call("user/find", admin, json!({"search": "ada@bü"})).await.ok();
        assert_eq!(gone["data"], json!([]));
    })
    .await;
}

#[tokio::test]
async fn what_some_programs_take_for_a_plain_letter_is_no_mailbox_here() {
    let scene = Scene::new(Engine::Sqlite, &[]).await;
    for email in [
        "\u{212a}elvin@example.com",
        "ａda@example.com",
        "\u{130}da@example.com",
        "a\u{200b}da@example.com",
        "a\u{202e}da@example.com",
        "ada@example\u{ad}.com",
        "ada@xn--a.example",
        "ada@evil\u{ff20}example.com",
    ] {
        let answer = scene.call("user/create", &scene.admin.token, json!({"email": email})).await;
        assert_eq!(answer.faults(), "email:email", "{email:?}");
    }
}

#[tokio::test]
async fn names_are_made_of_what_can_be_seen() {
    on_each_scene(async |scene| {
        let (admin, id) = (&scene.admin.token, &scene.user.id);
        for bad in [
            "\u{200b}",
            "\u{3164}",
            "\u{2800}\u{2800}",
            "Ada\u{202e}",
            "\u{2066}Ada\u{2069}",
            "A\u{200d}da",
            "A\u{e0041}da",
            "\u{f8ff}",
            "\u{301}",
            "A\u{335}\u{335}\u{335}\u{335}\u{335}\u{335}\u{335}\u{335}\u{335}",
        ] {
            for (name, body, field) in [
                ("user/update", json!({"id": id, "first": bad}), "first"),
                ("user/update", json!({"id": id, "last": bad}), "last"),
                ("user/update", json!({"id": id, "externalId": bad}), "externalId"),
                ("account/update", json!({"name": bad}), "name"),
                ("key/create", json!({"name": bad, "role": "user"}), "name"),
                ("hold/place", json!({"id": id, "kind": "project", "ref": bad}), "ref"),
            ] {
                let answer = scene.refused(name, admin, body).await;
                assert_eq!(answer.faults(), format!("{field}:unseen"), "{name} {bad:?}");
            }
        }
        let told =
            scene.call("user/update", admin, json!({"id": id, "first": "A\u{202e}da"})).await;
        let detail = "first must not contain the invisible character U+202E";
        assert_eq!(told.json()["errors"][0]["detail"], detail);
        for good in ["می\u{200c}خواهم", "👩\u{200d}🔬", "葛\u{e0100}城", "Zoe\u{308}", "O'Neil"]
        {
            let user =
                scene.call("user/update", admin, json!({"id": id, "first": good})).await.ok();
            assert_eq!(user["first"], good);
        }
        // A lone half of a character is none.
        let body = r#"{"first":"\ud800"}"#.to_owned();
        let headers = [("content-type", "application/json"), ("authorization", admin.as_str())];
        let answer =
            scene.world.client.send(hyper::Method::POST, "/user/update", &headers, body).await;
        assert_eq!(answer.outcome(), "400 malformed_json");
    })
    .await;
}

#[tokio::test]
async fn every_language_can_be_said() {
    let scene = Scene::new(Engine::Sqlite, &[]).await;
    for (sent, kept) in [
        ("es-419", "es-419"),
        ("zh-hant-tw", "zh-Hant-TW"),
        ("SR-LATN-RS", "sr-Latn-RS"),
        ("gsw", "gsw"),
        ("en-US-u-ca-gregory", "en-US-u-ca-gregory"),
    ] {
        let user =
            scene.call("user/update", &scene.user.token, json!({"language": sent})).await.ok();
        assert_eq!(user["language"], kept);
        let email = format!("{}@example.com", kept.to_ascii_lowercase());
        let body = json!({"email": email, "password": "rivers run uphill", "language": sent});
        assert_eq!(scene.call("identity/create", "", body).await.outcome(), "200", "{sent}");
    }
}

#[tokio::test]
async fn searches_find_what_people_type_for_a_name() {
    on_each_scene(async |scene| {
        let admin = &scene.admin.token;
        for (number, (name, typed)) in [
            ("Straße", "STRASSE"),
            ("Παπαδόπουλος", "ΠΑΠΑΔΟΠΟΥΛΟΣ"),
            ("Łukasz", "lukasz"),
            ("Ørsted", "orst"),
            ("Æsop", "aeso"),
            ("Þórunn", "thoru"),
            ("Ilgın", "ILGIN"),
            ("Đorđe", "dord"),
            ("Œdipe", "oedi"),
        ]
        .into_iter()
        .enumerate()
        {
            let body = json!({"email": format!("{number}@example.com"), "last": name});
            let made = scene.call("user/create", admin, body).await.ok();
            for typed in [typed, name] {
                let found = scene.call("user/find", admin, json!({"search": typed})).await.ok();
                assert_eq!(found["data"][0]["id"], made["id"], "{typed}");
                let both = json!({"search": typed, "id": made["id"]});
                let found = scene.call("user/find", admin, both).await.ok();
                assert_eq!(found["data"][0]["id"], made["id"], "{typed}");
            }
        }
        let body = json!({"email": "x@example.com", "externalId": "Straße 7"});
        scene.call("user/create", admin, body).await.ok();
        let body = json!({"contains": {"externalId": ["STRASSE"]}});
        assert_eq!(scene.call("user/list", admin, body).await.ok()["total"], 1);
    })
    .await;
}

#[tokio::test]
async fn what_a_form_leaves_empty_is_nothing() {
    on_each_scene(async |scene| {
        let (admin, id) = (&scene.admin.token, &scene.user.id);
        let ok = async |name: &str, body: Value| scene.call(name, admin, body).await.ok();
        let full = json!({"id": id, "first": "Uma", "last": "U", "username": "uma", "externalId": "7",
            "language": "en"});
        for blank in [json!(""), json!(" \t"), json!(null)] {
            ok("user/update", full.clone()).await;
            let names = ["first", "last", "username", "externalId", "language"];
            let mut body = json!({"id": id});
            for name in names {
                body[name] = blank.clone();
            }
            let user = ok("user/update", body.clone()).await;
            assert_eq!(names.map(|name| user.get(name).is_none()), [true; 5], "{blank}");
            body.as_object_mut().unwrap().remove("id");
            body["email"] = json!("new@example.com");
            let made = ok("user/create", body).await;
            assert_eq!(names.map(|name| made.get(name).is_none()), [true; 5], "{blank}");
            ok("user/remove", json!({"id": made["id"]})).await;
            let all = ok("user/find", json!({"search": blank})).await;
            assert_eq!(all["data"].as_array().unwrap().len(), 2);
        }
        let paths = ["user/find?next=&prev=&limit=&index=", "user/list?order=&offset=&limit="];
        for path in paths {
            let headers = [("content-type", "application/json"), ("authorization", admin.as_str())];
            let client = &scene.world.client;
            let page = client.send(hyper::Method::POST, &format!("/{path}"), &headers, "{}").await;
            assert_eq!(page.ok()["data"].as_array().unwrap().len(), 2, "{path}");
        }
    })
    .await;
}

/// What selects, proves, binds or limits something is not left out by accident.
#[tokio::test]
async fn an_empty_text_is_no_id_no_secret_and_no_time() {
    let scene = Scene::new(Engine::Sqlite, &[]).await;
    let (root, id) = (&scene.root.token, &scene.user.id);
    for (name, body, faults) in [
        ("user/update", json!({"id": id, "identity": ""}), "identity:in"),
        ("user/update", json!({"id": id, "newEmail": ""}), "newEmail:email"),
        ("user/update", json!({"id": id, "newPassword": ""}), "newPassword:required"),
        ("user/update", json!({"id": id, "accountId": ""}), "accountId:format"),
        ("user/update", json!({"id": id, "version": ""}), "version:type"),
        ("user/update", json!({"id": id, "preferences": ""}), "preferences:type"),
        ("user/update", json!({"id": id, "role": ""}), "role:in"),
        ("user/get", json!({"id": ""}), "id:format"),
        ("user/get", json!({"externalId": ""}), "externalId:required"),
        ("user/get", json!({"username": " "}), "username:required"),
        ("key/create", json!({"name": "k", "role": "user", "expires": ""}), "expires:format"),
        ("key/create", json!({"name": "", "role": "user"}), "name:required"),
        ("user/login", json!({"invite": ""}), "invite:format"),
    ] {
        let answer = scene.refused(name, root, body.clone()).await;
        assert_eq!(answer.faults(), faults, "{name} {body}");
    }
}

#[tokio::test]
async fn times_always_have_milliseconds() {
    let scene = Scene::new(Engine::Sqlite, &[]).await;
    let user = scene.call("user/get", &scene.user.token, json!({})).await.ok();
    for name in ["created", "updated", "joined", "activity"] {
        let text = user[name].as_str().unwrap();
        assert!(text.len() == "2027-01-15T08:00:00.000Z".len() && text.ends_with('Z'), "{text}");
        assert_eq!(&text[19..20], ".", "{text}");
    }
    let export = scene.call("user/export", &scene.user.token, json!({})).await.ok();
    assert_eq!(export["user"]["created"], user["created"]);
}

#[tokio::test]
async fn a_form_is_saved_with_the_own_email_in_it() {
    on_each_scene(async |scene| {
        let user = &scene.user;
        for email in [json!("uma@example.com"), json!(" UMA@example.com"), json!(null)] {
            for (token, id) in [(&user.token, &user.id), (&scene.admin.token, &user.id)] {
                let body = json!({"id": id, "email": email, "last": "Usher"});
                let saved = scene.call("user/update", token, body).await.ok();
                assert_eq!(
                    (&saved["email"], &saved["last"]),
                    (&json!("uma@example.com"), &json!("Usher"))
                );
            }
            let body = json!({"email": email, "first": "Una"});
            assert_eq!(
                scene.call("user/update", &user.token, body).await.ok()["id"],
                json!(user.id)
            );
        }
        let own = json!({"email": "alice@example.com", "first": "Alice"});
        scene.call("user/update", &scene.admin.token, own).await.ok();
        // Nobody else's, whether or not there is somebody; nor one that is none.
        for email in [json!("alice@example.com"), json!("nobody@example.com"), json!("x"), json!(7)]
        {
            let body = json!({"email": email, "first": "Una"});
            let answer = scene.refused("user/update", &user.token, body).await;
            assert_eq!(answer.outcome(), "403 forbidden_field", "{email}");
            assert_eq!(answer.faults(), "email:forbidden_field", "{email}");
        }
    })
    .await;
}
