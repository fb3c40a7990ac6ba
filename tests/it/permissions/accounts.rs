//! Nobody reaches beyond the own account, nor above the own role; and what is out of reach answers
//! as if it did not exist.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{
    samples::SAMPLES,
    scene::{PASSWORD, Scene, on_each_scene},
};

const NOBODY: &str = "0190aaaa-0000-7000-8000-00000000dead";

/// Bodies that name somebody of another account, each with its twin that names nobody.
fn selectors(stranger: &Value) -> Vec<(Value, Value)> {
    let of = |name: &str| stranger[name].clone();
    vec![
        (json!({"id": of("id")}), json!({"id": NOBODY})),
        (json!({"email": of("email")}), json!({"email": "nobody@example.com"})),
        (json!({"username": of("username")}), json!({"username": "nobody"})),
        (json!({"externalId": of("externalId")}), json!({"externalId": "nobody"})),
        (json!({"number": of("number")}), json!({"number": 999_999})),
        (
            json!({"id": of("id"), "email": of("email")}),
            json!({"id": NOBODY, "email": "nobody@example.com"}),
        ),
    ]
}

fn merged(selector: &Value, more: &Value) -> Value {
    let mut body = selector.clone();
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

/// Somebody of another account, invited, with all that one can be named by.
async fn stranger(scene: &Scene) -> Value {
    let bob = scene.world.admin("bob@example.org").await;
    // A number that nobody of the scene's account has.
    let body = json!({
        "email": "stranger@example.org", "username": "stranger", "externalId": "s-1",
        "first": "Strange", "sendInvite": true, "number": 7001, "accountId": bob.account,
    });
    scene.call("user/create", &scene.root.token, body).await.ok()
}

#[tokio::test]
async fn strangers_answer_as_if_they_did_not_exist() {
    on_each_scene(async |scene| {
        let stranger = stranger(&scene).await;
        let admin = &scene.admin.token;
        let calls = [
            ("user/get", json!({}), 6),
            ("user/update", json!({"first": "Mine"}), 2),
            ("user/update", json!({"newEmail": "mine@example.com", "state": "suspended"}), 2),
            ("user/update", json!({"newPassword": PASSWORD, "role": "admin"}), 2),
            ("user/update", json!({"role": "root"}), 2),
            ("user/remove", json!({}), 2),
            ("user/remove", json!({"version": 1}), 2),
            ("user/updateRole", json!({"role": "admin"}), 2),
            ("user/updateRole", json!({"role": "root"}), 2),
            ("user/updateRole", json!({"sendInvite": true}), 2),
            ("trash/restore", json!({}), 2),
            ("hold/place", json!({"kind": "k", "ref": "7"}), 2),
            ("hold/release", json!({"kind": "k", "ref": "7"}), 2),
        ];
        let selectors = selectors(&stranger);
        for (name, more, count) in calls {
            for (theirs, nobodys) in selectors.iter().take(count).chain(selectors.get(5)) {
                let theirs = scene.refused(name, admin, merged(theirs, &more)).await;
                let nobodys = scene.refused(name, admin, merged(nobodys, &more)).await;
                assert_eq!(theirs.outcome(), "404 not_found", "{name}");
                assert_eq!(theirs.but_for_its_id(), nobodys.but_for_its_id(), "{name} {more}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn strangers_are_not_found() {
    on_each_scene(async |scene| {
        let stranger = stranger(&scene).await;
        let removed = json!({"id": stranger["id"]});
        for (name, by) in [("user/find", &scene.admin), ("trash/find", &scene.admin)] {
            for body in [json!({"id": stranger["id"]}), json!({"email": stranger["email"]})] {
                let page = scene.call(name, &by.token, body).await.ok();
                assert_eq!(page, json!({"data": []}), "{name}");
            }
        }
        let search = json!({"search": "stran"});
        let page = scene.call("user/find", &scene.admin.token, search).await.ok();
        assert_eq!(page, json!({"data": []}));
        // In the trash they are as far away.
        scene.call("user/remove", &scene.root.token, removed.clone()).await.ok();
        for body in [removed.clone(), json!({"email": stranger["email"]})] {
            let restored = scene.refused("trash/restore", &scene.admin.token, body.clone()).await;
            assert_eq!(restored.outcome(), "404 not_found");
            let page = scene.call("trash/find", &scene.admin.token, body).await.ok();
            assert_eq!(page, json!({"data": []}));
        }
        let restored = scene.call("trash/restore", &scene.root.token, removed).await.ok();
        assert_eq!(restored["state"], "invited");
    })
    .await;
}

#[tokio::test]
async fn only_the_operator_names_accounts() {
    on_each_scene(async |scene| {
        let stranger = stranger(&scene).await;
        let account = &stranger["accountId"];
        let calls = [
            ("account/get", json!({})),
            ("account/update", json!({"name": "Mine"})),
            ("audit/find", json!({})),
            ("hold/find", json!({})),
            ("hold/find", json!({"id": stranger["id"]})),
            ("hold/place", json!({"id": stranger["id"], "kind": "k", "ref": "7"})),
            ("hold/release", json!({"id": stranger["id"], "kind": "k", "ref": "7"})),
            ("key/create", json!({"name": "k", "role": "user"})),
            ("key/find", json!({})),
            ("trash/find", json!({})),
            ("user/create", json!({"email": "new@example.com"})),
            ("user/find", json!({})),
            ("user/get", json!({"id": stranger["id"]})),
            ("user/remove", json!({"id": stranger["id"]})),
        ];
        for (name, body) in calls {
            let body = merged(&body, &json!({"accountId": account}));
            let refused = scene.refused(name, &scene.admin.token, body.clone()).await;
            assert_eq!(refused.outcome(), "403 forbidden_field", "{name}");
            assert_eq!(refused.faults(), "accountId:forbidden_field", "{name}");
            let reached = scene.call(name, &scene.root.token, body).await;
            assert_eq!(reached.outcome(), "200", "{name}");
        }
        let nowhere = json!({"accountId": NOBODY, "email": "new2@example.com"});
        let refused = scene.refused("user/create", &scene.root.token, nowhere).await;
        assert_eq!(refused.outcome(), "404 not_found");
        let key = json!({"accountId": NOBODY, "name": "k", "role": "user"});
        let refused = scene.refused("key/create", &scene.root.token, key).await;
        assert_eq!(refused.outcome(), "404 not_found");
        // The account and the id must go together.
        let astray = json!({"accountId": scene.root.account, "id": stranger["id"]});
        let refused = scene.refused("user/remove", &scene.root.token, astray).await;
        assert_eq!(refused.outcome(), "404 not_found");
    })
    .await;
}

#[tokio::test]
async fn nobody_reaches_above_the_own_role() {
    on_each_scene(async |scene| {
        let root = &scene.root;
        let deputy = scene.world.invited(root, "dora@example.com", json!({"role": "admin"})).await;
        let key = scene.world.key(&deputy, "admin", "write").await;
        for token in [&deputy.token, &key] {
            let calls = [
                ("user/update", json!({"id": root.id, "first": "Mine"})),
                ("user/update", json!({"email": "root@example.com", "state": "suspended"})),
                ("user/update", json!({"id": root.id, "newEmail": "mine@example.com"})),
                ("user/update", json!({"id": root.id, "newPassword": PASSWORD})),
                ("user/update", json!({"id": root.id, "role": "user"})),
                ("user/update", json!({"id": deputy.id, "role": "root"})),
                ("user/remove", json!({"id": root.id})),
                ("user/updateRole", json!({"id": root.id, "role": "user"})),
                ("user/updateRole", json!({"id": root.id, "sendInvite": true})),
                ("user/updateRole", json!({"id": deputy.id, "role": "root"})),
                ("user/create", json!({"email": "x@example.com", "role": "root"})),
                ("key/create", json!({"name": "k", "role": "root"})),
            ];
            for (name, body) in calls {
                let refused = scene.refused(name, token, body.clone()).await;
                assert_eq!(refused.outcome(), "403 forbidden", "{name} {body}");
            }
        }
        // Somebody of a higher role in the trash stays there.
        let other = scene.world.invited(root, "rita@example.com", json!({"role": "root"})).await;
        scene.call("user/remove", &root.token, json!({"id": other.id})).await.ok();
        let restore = scene.refused("trash/restore", &deputy.token, json!({"id": other.id})).await;
        assert_eq!(restore.outcome(), "403 forbidden");
    })
    .await;
}

#[tokio::test]
async fn a_user_reaches_nobody_else() {
    on_each_scene(async |scene| {
        let (user, admin) = (&scene.user.token, &scene.admin);
        for (name, body) in [
            ("user/get", json!({"id": admin.id})),
            ("user/get", json!({"id": NOBODY})),
            ("user/get", json!({"email": "uma@example.com"})),
            ("user/get", json!({"email": "nobody@example.com"})),
            ("user/update", json!({"id": admin.id, "first": "Mine"})),
            ("user/update", json!({"id": NOBODY, "first": "Mine"})),
            ("user/update", json!({"externalId": "mine"})),
            ("user/update", json!({"newPassword": PASSWORD})),
            ("user/update", json!({"role": "user"})),
            ("user/update", json!({"state": "active"})),
            ("user/find", json!({"email": "alice@example.com"})),
            ("user/find", json!({"search": "alice"})),
        ] {
            let refused = scene.refused(name, user, body.clone()).await;
            assert_eq!(refused.outcome(), "403 forbidden_field", "{name} {body}");
        }
        let page = scene.call("user/find", user, json!({})).await;
        let text = String::from_utf8(page.body.to_vec()).unwrap();
        assert!(text.contains("uma@example.com") && !text.contains("alice@example.com"), "{text}");
    })
    .await;
}

#[tokio::test]
async fn a_change_of_role_bites_at_once() {
    on_each_scene(async |scene| {
        let (admin, user) = (&scene.admin.token, &scene.user);
        let find = async || scene.call("trash/find", &user.token, json!({})).await.outcome();
        let role = async |role: &str| {
            let body = json!({"id": user.id, "role": role});
            scene.call("user/updateRole", admin, body).await.ok();
        };
        assert_eq!(find().await, "403 forbidden");
        role("admin").await;
        assert_eq!(find().await, "200");
        role("user").await;
        assert_eq!(find().await, "403 forbidden");
        let mut token = user.token.clone();
        let get = async |token: &str| scene.call("user/get", token, json!({})).await.outcome();
        let state = async |state: &str| {
            let body = json!({"id": user.id, "state": state});
            scene.call("user/update", admin, body).await.ok();
        };
        state("suspended").await;
        assert_eq!(get(&token).await, "403 suspended");
        state("active").await;
        assert_eq!(get(&token).await, "401 reauthentication_required");
        token = scene.world.again(&token);
        assert_eq!(get(&token).await, "200");
        scene.call("user/remove", admin, json!({"id": user.id})).await.ok();
        assert_eq!(get(&token).await, "403 not_registered");
        scene.call("trash/restore", admin, json!({"id": user.id})).await.ok();
        assert_eq!(get(&token).await, "401 reauthentication_required");
        assert_eq!(get(&scene.world.again(&token)).await, "200");
    })
    .await;
}

#[tokio::test]
async fn every_change_is_in_the_trail() {
    on_each_scene(async |scene| {
        let (admin, id) = (&scene.admin, &scene.user.id);
        let calls = [
            (
                "user/update",
                json!({"id": id, "first": "Una", "preferences": {"a": 1}}),
                "first preferences",
            ),
            ("user/updateRole", json!({"id": id, "role": "admin"}), "role"),
            ("user/update", json!({"id": id, "state": "suspended"}), "state"),
            ("user/remove", json!({"id": id}), "state"),
            ("trash/restore", json!({"id": id}), "state"),
            ("account/update", json!({"name": "New", "settings": {"a": 1}}), "name settings"),
            ("key/create", json!({"name": "k", "role": "user"}), ""),
            ("user/create", json!({"email": "new@example.com"}), ""),
        ];
        for (name, body, changed) in calls {
            let before = scene.audit(&admin.account).await;
            scene.call(name, &admin.token, body).await.ok();
            let after = scene.audit(&admin.account).await;
            let new: Vec<_> = after.iter().filter(|entry| !before.contains(entry)).collect();
            let [entry] = new.as_slice() else { panic!("{name}: {new:?}") };
            assert_eq!(entry["action"], name);
            assert_eq!(entry["actor"], format!("user:{}", admin.id));
            assert_eq!(entry["address"], "127.0.0.1");
            let names = entry["changed"].as_array().cloned().unwrap_or_default();
            let names: Vec<_> = names.iter().filter_map(Value::as_str).collect();
            assert_eq!(names.join(" "), changed, "{name}");
            if body_names_user(name) {
                assert_eq!(entry["userId"], id.as_str(), "{name}");
            }
        }
    })
    .await;
}

fn body_names_user(name: &str) -> bool {
    !matches!(name, "account/update" | "key/create" | "user/create")
}

#[tokio::test]
async fn who_is_out_learns_nothing_of_an_invite() {
    on_each_scene(async |scene| {
        let target = scene.target("invited").await;
        let (admin, user) = (&scene.admin.token, &scene.user);
        scene.call("user/update", admin, json!({"id": user.id, "state": "suspended"})).await.ok();
        // What the invite offers is for somebody else; that there is one is for those who have the code.
        let login = json!({"invite": target.invite});
        let login = scene.refused("user/login", &user.token, login).await;
        assert_eq!(login.outcome(), "403 suspended");
        for body in [json!({}), json!({"register": true})] {
            let login = scene.refused("user/login", &user.token, body).await;
            assert_eq!(login.outcome(), "403 suspended");
        }
        // Elsewhere the person is nobody's matter.
        let elsewhere = scene.world.admin("other@example.com").await;
        let body = json!({"email": "uma@example.com", "sendInvite": true});
        let invite = scene.call("user/create", &elsewhere.token, body).await.ok()["invite"].clone();
        scene.call("user/login", &user.token, json!({"invite": invite})).await.ok();
    })
    .await;
}

#[tokio::test]
async fn an_invite_shows_the_role_that_waits() {
    on_each_scene(async |scene| {
        let target = scene.target("waiting").await;
        let code = json!({"invite": target.invite});
        let check = async || scene.call("invite/check", "", code.clone()).await.ok();
        assert_eq!(check().await["role"], "user");
        let role = json!({"id": target.id, "role": "admin"});
        scene.call("user/updateRole", &scene.admin.token, role).await.ok();
        assert_eq!(check().await["role"], "admin");
        let token = scene.world.token(&target.email, true);
        let login = scene.call("user/login", &token, code.clone()).await.ok();
        assert_eq!(login["user"]["role"], "admin");
    })
    .await;
}

#[tokio::test]
async fn a_user_sees_no_email_but_the_own_one() {
    on_each_scene(async |scene| {
        scene.target("somebody").await;
        for sample in SAMPLES {
            if sample.endpoint == "invite/check" {
                continue;
            }
            let name = sample.endpoint.replace('/', "-").to_lowercase();
            let target = scene.prepared(sample, &name).await;
            let body = (sample.body)(&target);
            let answer = scene.call(sample.endpoint, &scene.user.token, body).await;
            let text = answer.json().to_string().replace("uma@example.com", "");
            assert!(!text.contains('@'), "{}: {text}", sample.endpoint);
        }
    })
    .await;
}

#[tokio::test]
async fn the_own_id_is_the_own_in_either_case() {
    on_each_scene(async |scene| {
        let own = json!({"id": scene.user.id.to_uppercase()});
        let me = scene.call("user/get", &scene.user.token, own).await.ok();
        assert_eq!(me["email"], "uma@example.com");
        let other = json!({"id": scene.admin.id.to_uppercase()});
        let refused = scene.refused("user/get", &scene.user.token, other).await;
        assert_eq!(refused.outcome(), "403 forbidden_field");
    })
    .await;
}

#[tokio::test]
async fn what_has_expired_opens_nothing() {
    on_each_scene(async |scene| {
        let (world, admin) = (&scene.world, &scene.admin.token);
        let target = scene.target("late").await;
        let key = json!({"name": "k", "role": "admin", "expires": "2027-01-16T08:00:00.000Z"});
        let key = scene.call("key/create", admin, key).await.ok();
        let key = key["key"].as_str().unwrap();
        let code = json!({"invite": target.invite});
        let token = world.token_for("other", &target.email, false);
        assert_eq!(scene.call("user/find", key, json!({})).await.outcome(), "200");
        world.advance(Duration::from_hours(24));
        assert_eq!(scene.refused("user/find", key, json!({})).await.status, 401);
        assert_eq!(scene.call("invite/check", "", code.clone()).await.outcome(), "200");
        world.advance(Duration::from_hours(6 * 24));
        // These write nothing but the miss.
        assert_eq!(scene.call("invite/check", "", code.clone()).await.status, 404);
        assert_eq!(scene.call("user/login", &token, code).await.outcome(), "404 not_found");
        let user = scene.call("user/get", admin, json!({"id": target.id})).await.ok();
        assert_eq!((user.get("invite"), &user["state"]), (None, &json!("invited")));
        world.advance(Duration::from_hours(400 * 24));
        assert_eq!(scene.refused("user/get", admin, json!({})).await.status, 401);
    })
    .await;
}
