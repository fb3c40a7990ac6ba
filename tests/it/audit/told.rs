//! What entries tell beside the names of fields: roles and states, before and after; who the ids are; and when.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::world::on_each_engine;

#[tokio::test]
async fn entries_tell_roles_and_states() {
    on_each_engine(async |world| {
        let admin = world.admin("admin@example.com").await;
        let bob = world.invited(&admin, "bob@example.com", json!({})).await;
        for mut change in [
            json!({"role": "admin"}),
            json!({"state": "suspended", "last": "B"}),
            json!({"first": "Rob"}),
        ] {
            world.advance(Duration::from_secs(1));
            change["id"] = json!(bob.id);
            world.call("user/update", &admin, change).await.ok();
        }
        world.advance(Duration::from_secs(1));
        world.call("user/remove", &admin, json!({"id": bob.id})).await.ok();
        let trail = world.call("audit/find", &admin, json!({"userId": bob.id})).await.ok();
        let entries = trail["data"].as_array().unwrap().iter();
        let told = entries.map(|entry| (entry["before"].clone(), entry["after"].clone()));
        let state = |from: &str, to: &str| (json!({"state": from}), json!({"state": to}));
        let expected = [
            state("suspended", "trashed"),
            (Value::Null, Value::Null),
            state("active", "suspended"),
            (json!({"role": "user"}), json!({"role": "admin"})),
            state("invited", "active"),
            (Value::Null, json!({"role": "user", "state": "invited"})),
        ];
        let told: Vec<_> = told.collect();
        let (last, first) = told.split_at(4);
        assert_eq!(last, &expected[..4]);
        // Made and joined in the same millisecond.
        assert!(first.contains(&expected[4]) && first.contains(&expected[5]), "{first:?}");
        let root = world.root().await;
        let body = json!({"accountId": admin.account, "state": "suspended"});
        world.advance(Duration::from_secs(1));
        world.call("account/update", &root, body).await.ok();
        let body = json!({"accountId": admin.account, "action": "account/update"});
        let trail = world.call("audit/find", &root, body).await.ok();
        assert_eq!(trail["data"][0]["before"], json!({"state": "active"}));
        assert_eq!(trail["data"][0]["after"], json!({"state": "suspended"}));
    })
    .await;
}

#[tokio::test]
async fn a_page_says_who_the_ids_are() {
    on_each_engine(async |world| {
        let admin = world.admin("admin@example.com").await;
        let key = world.key(&admin, "admin", "write").await;
        let body = json!({"email": "bob@example.com", "first": "Bob", "last": "B"});
        let bob = world.client.call("user/create", &key, body).await.ok();
        let gone = json!({"email": "gone@example.com"});
        let gone = world.call("user/create", &admin, gone).await.ok();
        world.call("user/remove", &admin, json!({"id": gone["id"]})).await.ok();
        // The operator's users are not the account's to know.
        let root = world.root().await;
        let body = json!({"accountId": admin.account, "name": "Acme"});
        world.call("account/update", &root, body).await.ok();

        let page = world.call("audit/find?names=true", &admin, json!({})).await.ok();
        let mut names: Vec<_> = page["names"]
            .as_array()
            .unwrap()
            .iter()
            .map(|named| (named["name"].as_str().unwrap(), named["email"].as_str()))
            .collect();
        names.sort_unstable();
        assert_eq!(
            names,
            [
                ("Bob B", Some("bob@example.com")),
                ("admin@example.com", Some("admin@example.com")),
                ("gone@example.com", Some("gone@example.com")),
                ("test", None),
            ]
        );
        let ids: Vec<_> = page["names"].as_array().unwrap().iter().map(|it| &it["id"]).collect();
        assert!(ids.contains(&&bob["id"]) && !ids.contains(&&json!(root.id)));
        let page = world.call("audit/find", &admin, json!({})).await.ok();
        assert_eq!(page.get("names"), None);
    })
    .await;
}

#[tokio::test]
async fn entries_are_found_by_their_time() {
    on_each_engine(async |world| {
        let admin = world.admin("admin@example.com").await;
        let bob = json!({"email": "bob@example.com"});
        let bob = world.call("user/create", &admin, bob).await.ok();
        for name in ["one", "two", "three"] {
            world.advance(Duration::from_mins(1));
            let body = json!({"id": bob["id"], "first": name});
            world.call("user/update", &admin, body).await.ok();
        }
        // At 8:01, 8:02 and 8:03.
        let found = async |from: Option<&str>, to: Option<&str>| {
            let time = |minutes: &str| format!("2027-01-15T08:{minutes}Z");
            let mut counts = Vec::new();
            for body in [json!({"action": "user/update"}), json!({"userId": bob["id"]})] {
                let mut body = body;
                body["from"] = json!(from.map(time));
                body["to"] = json!(to.map(time));
                let mut count = 0;
                let mut path = "audit/find?limit=1".to_owned();
                loop {
                    let page = world.call(&path, &admin, body.clone()).await.ok();
                    count += page["data"].as_array().unwrap().len();
                    let Some(next) = page["next"].as_str() else { break };
                    path = format!("audit/find?limit=1&next={next}");
                }
                counts.push(count);
            }
            counts
        };
        assert_eq!(found(None, None).await, [3, 4]);
        assert_eq!(found(Some("02:00"), None).await, [2, 2]);
        assert_eq!(found(Some("02:00.001"), None).await, [1, 1]);
        assert_eq!(found(None, Some("02:00")).await, [1, 2]);
        assert_eq!(found(None, Some("02:00.001")).await, [2, 3]);
        assert_eq!(found(Some("01:00"), Some("03:00")).await, [2, 2]);
        assert_eq!(found(Some("04:00"), Some("05:00")).await, [0, 0]);
        let body = json!({"from": "2027-01-15T08:02:00Z", "to": "2027-01-15T08:02:00Z"});
        assert_eq!(world.call("audit/find", &admin, body).await.faults(), "to:range");
    })
    .await;
}
