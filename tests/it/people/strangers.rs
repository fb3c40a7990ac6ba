//! What an admin can find out about people elsewhere: nothing. Each call is made twice, once with what
//! somebody has in another account and once with what nobody has, and both must look the same: the status,
//! the body but for what the admin has sent, and what the service does with the table, which is the time.

use serde_json::{Value, json};

use super::{joins, made, signed_up};
use crate::support::{
    client::Answer,
    scene::{Scene, on_each_scene},
    world::Person,
};

/// Everything about Vic, who is somebody elsewhere, and about Nemo, who is nobody.
const VIC: [&str; 3] = ["vic@example.org", "vic", "v-1"];
const NEMO: [&str; 3] = ["nem@example.org", "nem", "n-1"];

/// A service in which Vic has a sign-in, accounts and a user name; and Eve, an admin for whom nobody vouches.
async fn with_vic(scene: &Scene) -> Person {
    let world = &scene.world;
    let vic = signed_up(world, VIC[0]).await;
    let reply = world.client.call("user/login", &vic, json!({"register": true})).await.ok();
    let home = Person {
        token: vic.clone(),
        id: reply["user"]["id"].as_str().unwrap().to_owned(),
        account: reply["account"]["id"].as_str().unwrap().to_owned(),
    };
    let names = json!({"username": VIC[1], "externalId": VIC[2]});
    world.call("user/update", &home, names).await.ok();
    joins(world, &scene.admin, &vic, VIC[0]).await;
    // Somebody else is expected there, too, and somebody was removed.
    made(world, &scene.admin, json!({"email": "gone@example.org"})).await;
    let gone = json!({"email": "gone@example.org"});
    world.call("user/remove", &scene.admin, gone).await.ok();
    world.registered("eve@example.com").await
}

/// An answer without what the caller has sent, and what differs from one call to the next.
fn masked(answer: &Answer, sent: [&str; 3]) -> String {
    fn mask(value: &mut Value, sent: [&str; 3]) {
        match value {
            Value::Object(map) => {
                for (name, value) in map.iter_mut() {
                    let differs = ["id", "requestId", "invite", "number", "created", "updated"];
                    if differs.contains(&name.as_str()) && !value.is_null() {
                        *value = json!("…");
                    } else {
                        mask(value, sent);
                    }
                }
            }
            Value::Array(list) => list.iter_mut().for_each(|value| mask(value, sent)),
            Value::String(text) => {
                if text.ends_with("1@example.com") || text.ends_with("2@example.com") {
                    // One of two users who are alike.
                    "mate".clone_into(text);
                }
                for (number, sent) in sent.iter().enumerate() {
                    *text = text.replace(sent, &format!("<{number}>"));
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
    let mut body = answer.json();
    mask(&mut body, sent);
    format!("{} {body}", answer.status)
}

/// Makes the call about Vic and about Nemo; both must look alike.
async fn alike(scene: &Scene, by: &str, name: &str, body: impl Fn([&str; 3]) -> Value) -> String {
    let mut seen = Vec::new();
    for about in [VIC, NEMO] {
        scene.table.take_calls();
        let answer = scene.call(name, by, body(about)).await;
        // Now and then the account takes numbers for its next users.
        let calls = scene.table.take_calls().replace("add, ", "");
        seen.push((masked(&answer, about), calls));
    }
    assert_eq!(seen[0], seen[1], "{name} {}", body(VIC));
    seen.swap_remove(0).0
}

#[tokio::test]
async fn what_somebody_has_elsewhere_is_free_here() {
    on_each_scene(async |scene| {
        let eve = with_vic(&scene).await;
        let by = eve.token.as_str();
        // What the node remembers of Eve is the same for both.
        scene.call("user/get", by, json!({})).await.ok();
        for fields in [json!({}), json!({"sendInvite": true}), json!({"state": "suspended"})] {
            for call in ["user/create", "user/createOrRestore"] {
                let with = |[email, ..]: [&str; 3]| {
                    let mut body = json!({"email": email});
                    body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
                    body
                };
                let seen = alike(&scene, by, call, with).await;
                assert!(seen.starts_with("200"), "{seen}");
                for [email, ..] in [VIC, NEMO] {
                    let who = json!({"email": email});
                    scene.call("user/remove", by, who.clone()).await.ok();
                    scene.call("trash/purge", by, who).await.ok();
                }
            }
        }
        // A password would make a sign-in, of which there is one for each address in the whole service.
        let with =
            |[email, ..]: [&str; 3]| json!({"email": email, "password": "a long enough one"});
        let seen = alike(&scene, by, "user/create", with).await;
        assert!(seen.contains("own_sign_in"), "{seen}");
        for (number, field) in ["newEmail", "username", "externalId"].into_iter().enumerate() {
            let mut mates = Vec::new();
            for name in ["a", "b"] {
                let body = json!({"email": format!("{name}{number}@example.com")});
                mates.push(made(&scene.world, &eve, body).await);
            }
            let with = |about: [&str; 3]| {
                let mut body = json!({"id": mates[usize::from(about == NEMO)]});
                body[field] = json!(about[number]);
                body
            };
            let seen = alike(&scene, by, "user/update", with).await;
            assert!(seen.starts_with("200"), "{field}: {seen}");
        }
    })
    .await;
}

#[tokio::test]
async fn nobody_elsewhere_is_found() {
    on_each_scene(async |scene| {
        let eve = with_vic(&scene).await;
        let key = scene.world.key(&eve, "admin", "write").await;
        for by in [eve.token.as_str(), &key] {
            scene.call("user/get", by, json!({})).await;
            for (name, field) in [
                ("user/get", "email"),
                ("user/get", "username"),
                ("user/get", "externalId"),
                ("user/find", "email"),
                ("user/find", "search"),
                ("trash/find", "email"),
                ("trash/restore", "email"),
                ("trash/purge", "email"),
                ("user/remove", "email"),
                ("hold/find", "email"),
                ("session/find", "email"),
                ("totp/remove", "email"),
                ("invite/revoke", "email"),
            ] {
                let value = |about: [&str; 3]| match field {
                    "username" => about[1].to_owned(),
                    "externalId" => about[2].to_owned(),
                    _ => about[0].to_owned(),
                };
                let with = |about: [&str; 3]| {
                    let mut body = json!({});
                    body[field] = json!(value(about));
                    body
                };
                alike(&scene, by, name, with).await;
            }
        }
    })
    .await;
}

#[tokio::test]
async fn what_people_do_elsewhere_moves_nothing_here() {
    on_each_scene(async |scene| {
        let world = &scene.world;
        let token = signed_up(world, VIC[0]).await;
        let eve = world.registered("eve@example.com").await;
        let here = joins(world, &eve, &token, VIC[0]).await;
        let id = json!({"id": here.id});
        let seen = async || {
            let user = scene.call("user/get", &eve.token, id.clone()).await.ok();
            let export = scene.call("user/export", &eve.token, id.clone()).await.ok();
            let trail = scene.call("audit/find", &eve.token, json!({})).await.ok();
            let mut user = user;
            // It is told where it is on, and changes nothing by that.
            let two_factor = user.as_object_mut().unwrap().remove("twoFactor").unwrap();
            let mut export = export;
            export["user"].as_object_mut().unwrap().remove("twoFactor");
            ((user, export, trail), two_factor)
        };
        let before = seen().await;
        assert!(before.0.1.get("signIn").is_none(), "{}", before.0.1);

        // Vic joins another account, changes the password, turns on a second factor, signs in and out.
        world.advance(std::time::Duration::from_mins(1));
        joins(world, &scene.admin, &token, VIC[0]).await;
        let password = crate::support::scene::PASSWORD;
        let new = "another one, quite long";
        let at_home = async |name: &'static str, body: Value| {
            world.advance(std::time::Duration::from_millis(1));
            world.client.call_in(&scene.admin.account, name, &token, body).await
        };
        let body = json!({"currentPassword": password, "newPassword": new});
        at_home("user/changePassword", body).await.ok();
        let reply = at_home("totp/enroll", json!({"currentPassword": new})).await.ok();
        let secret = reply["secret"].as_str().unwrap();
        assert!(!reply["url"].as_str().unwrap().contains("New%20account"), "{reply}");
        let secret = crate::sign_in::totp::secret(secret);
        let code = json!({"code": secret.code(world.clock.now()).reveal()});
        at_home("totp/confirm", code).await.ok();
        at_home("user/update", json!({"first": "Victor", "language": "de"})).await.ok();

        let after = seen().await;
        assert_eq!(before.0, after.0);
        assert_eq!((before.1, after.1), (json!(false), json!(true)));
        // It stands in the person's own trail.
        let export =
            world.client.call_in(&here.account, "user/export", &token, json!({})).await.ok();
        let trail = export["signIn"]["audit"].as_array().unwrap();
        let actions: Vec<_> = trail.iter().map(|it| it["action"].as_str().unwrap()).collect();
        assert_eq!(
            actions,
            ["totp/confirm", "totp/enroll", "user/changePassword", "identity/verify"]
        );
        assert!(trail.iter().all(|it| it["actor"] == "person"), "{trail:?}");
        let operator = scene.call("user/export", &scene.root.token, id.clone()).await.ok();
        assert_eq!(operator["signIn"]["email"], VIC[0]);
    })
    .await;
}

#[tokio::test]
async fn numbers_tell_nothing_of_how_the_service_grows() {
    on_each_scene(async |scene| {
        let world = &scene.world;
        let eve = world.registered("eve@example.com").await;
        let mut numbers = Vec::new();
        for round in 0..4 {
            for other in 0..round {
                world.registered(&format!("other-{round}-{other}@example.com")).await;
            }
            let body = json!({"email": format!("mate{round}@example.com")});
            numbers.push(world.call("user/create", &eve, body).await.ok()["number"].clone());
        }
        assert_eq!(json!(numbers), json!([2, 3, 4, 5]));
        // One that is refused takes none.
        for _ in 0..3 {
            let body = json!({"email": "mate0@example.com"});
            world.call("user/create", &eve, body).await;
        }
        let body = json!({"email": "last@example.com"});
        assert_eq!(world.call("user/create", &eve, body).await.ok()["number"], 6);
        // An operator who brings people from elsewhere keeps their numbers, and nobody gets one twice.
        let chosen = async |email: &str, number: u64| {
            let body = json!({"accountId": eve.account, "email": email, "number": number});
            scene.call("user/create", &scene.root.token, body).await
        };
        assert_eq!(chosen("big@example.com", 100).await.ok()["number"], 100);
        assert_eq!(chosen("same@example.com", 100).await.outcome(), "409 number_taken");
        let seven = chosen("seven@example.com", 50).await.ok();
        scene.call("user/remove", &scene.root.token, json!({"id": seven["id"]})).await.ok();
        assert_eq!(chosen("again@example.com", 50).await.outcome(), "409 number_taken");
        let body = json!({"email": "next@example.com"});
        let next = world.call("user/create", &eve, body).await.ok()["number"].as_u64().unwrap();
        assert!(next > 6 && ![50, 100].contains(&next), "{next}");
        let refused =
            world.call("user/create", &eve, json!({"email": "x@example.com", "number": 9}));
        assert_eq!(refused.await.outcome(), "403 forbidden_field");
    })
    .await;
}
