//! `invite/find`: which invites are out, and what a user's record tells of its own.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{
    scene::on_each_scene,
    world::{Person, World, on_each_engine},
};

async fn open(world: &World, by: &Person, query: &str) -> Value {
    world.call(&format!("invite/find?{query}"), by, json!({})).await.ok()
}

fn emails(page: &Value) -> Vec<&str> {
    page["data"].as_array().unwrap().iter().map(|it| it["email"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn invites_are_listed_for_as_long_as_they_can_be_accepted() {
    on_each_engine(async |world| {
        let admin = world.admin("admin@example.com").await;
        let world = &world;
        let invite = async |email: &str, body: Value| {
            world.advance(Duration::from_mins(1));
            let mut body = body;
            body["email"] = json!(email);
            world.call("user/create", &admin, body).await.ok()
        };
        invite("added@example.com", json!({})).await;
        let ada = json!({"sendInvite": true, "first": "Ada", "role": "admin"});
        let ada = invite("ada@example.com", ada).await;
        invite("bob@example.com", json!({"sendInvite": true})).await;
        let carl = invite("carl@example.com", json!({"sendInvite": true})).await;
        invite(
            "dora@example.com",
            json!({"sendInvite": true,
            "inviteExpires": "2027-01-15T08:30:00Z"}),
        )
        .await;

        let all = open(world, &admin, "").await;
        let four = ["dora@example.com", "carl@example.com", "bob@example.com", "ada@example.com"];
        assert_eq!(emails(&all), four);
        let of_ada = &all["data"][3];
        assert_eq!(of_ada["userId"], ada["id"]);
        let told =
            ["first", "role", "sent", "expires", "invite", "version"].map(|name| &of_ada[name]);
        let expected = [
            &json!("Ada"),
            &json!("admin"),
            &ada["inviteSent"],
            &ada["inviteExpires"],
            &ada["invite"],
            &ada["version"],
        ];
        assert_eq!(told, expected);
        assert_eq!(of_ada["inviter"], "admin@example.com");
        let half = open(world, &admin, "limit=2").await;
        let next = format!("limit=2&next={}", half["next"].as_str().unwrap());
        assert_eq!(emails(&open(world, &admin, &next).await), four[2..]);
        assert_eq!(emails(&open(world, &admin, "order=asc&limit=1").await), four[3..]);

        // Taken back, accepted, over, removed: none of these is out. One that was sent again is listed once.
        world.call("invite/revoke", &admin, json!({"email": "bob@example.com"})).await.ok();
        let token = world.token("carl@example.com", true);
        let join = json!({"invite": carl["invite"]});
        world.client.call("user/login", &token, join).await.ok();
        world.advance(Duration::from_mins(1));
        world
            .call("user/updateRole", &admin, json!({"id": ada["id"], "sendInvite": true}))
            .await
            .ok();
        assert_eq!(emails(&open(world, &admin, "").await), ["ada@example.com", "dora@example.com"]);
        world.advance(Duration::from_hours(1));
        assert_eq!(emails(&open(world, &admin, "").await), ["ada@example.com"]);
        world.call("user/remove", &admin, json!({"id": ada["id"]})).await.ok();
        assert!(emails(&open(world, &admin, "").await).is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_record_tells_who_was_added_and_who_was_invited() {
    on_each_engine(async |world| {
        let admin = world.admin("admin@example.com").await;
        let times = |user: &Value| [user["inviteSent"].clone(), user["inviteExpires"].clone()];
        let added = json!({"email": "ada@example.com"});
        let added = world.call("user/create", &admin, added).await.ok();
        assert_eq!(times(&added), [Value::Null, Value::Null]);
        world.advance(Duration::from_secs(1));
        let body = json!({"id": added["id"], "sendInvite": true});
        let invited = world.call("user/updateRole", &admin, body).await.ok();
        let [sent, expires] = times(&invited);
        assert_eq!((&sent, &sent), (&invited["updated"], &json!("2027-01-15T08:00:01.000Z")));
        // One that is over is told as such; of one that was taken back there is no more than that it was sent.
        world.advance(Duration::from_hours(24 * 30));
        let body = json!({"id": added["id"]});
        let over = world.call("user/get", &world.fresh(&admin), body.clone()).await.ok();
        assert_eq!((times(&over), &over["invite"]), ([sent.clone(), expires], &Value::Null));
        let revoked = world.call("invite/revoke", &world.fresh(&admin), body).await.ok();
        assert_eq!(times(&revoked), [sent, Value::Null]);
    })
    .await;
}

#[tokio::test]
async fn codes_are_shown_to_those_alone_who_may_act_on_the_user() {
    on_each_scene(async |scene| {
        let rita = json!({"email": "rita@example.com", "role": "root", "sendInvite": true});
        scene.call("user/create", &scene.root.token, rita).await.ok();
        let home =
            scene.world.invited(&scene.root, "home@example.com", json!({"role": "admin"})).await;
        let reader = scene.world.key(&scene.root, "admin", "read").await;
        for (token, sees) in [(&scene.root.token, true), (&home.token, false), (&reader, false)] {
            let page = scene.call("invite/find", token, json!({})).await.ok();
            assert_eq!(emails(&page), ["rita@example.com"]);
            assert_eq!(page["data"][0]["invite"].is_string(), sees);
        }
        // Nothing of another account.
        let page = scene.call("invite/find", &scene.admin.token, json!({})).await.ok();
        assert!(!emails(&page).contains(&"rita@example.com"));
    })
    .await;
}
