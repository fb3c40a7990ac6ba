//! Lists of users, live ones and those in the trash.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Site, on_each_site, told};

const ORDERS: &[&str] = &[
    "id",
    "name",
    "email",
    "role_id",
    "disabled",
    "first_login",
    "last_login",
    "created",
    "modified",
];

fn list(answer: &Value) -> &Vec<Value> {
    answer["users"].as_array().unwrap()
}

/// People who differ in everything that lists are ordered by; those of some orders share a place.
async fn people(site: &Site) -> Vec<Value> {
    let mut people = Vec::new();
    site.world.advance(Duration::from_secs(5));
    for (name, email, role, disabled) in [
        ("Zoe Adams", "m@example.com", 1, 0),
        ("ada King", "z@example.com", 2, 0),
        ("Ada Byron", "a@example.com", 1, 1),
        ("Émile", "k@example.com", 1, 0),
        ("bob", "b@example.com", 2, 1),
    ] {
        let more = json!({"name": name, "email": email, "role_id": role, "disabled": disabled});
        people.push(site.made(name, more).await);
        site.world.advance(Duration::from_secs(5));
    }
    for index in [3, 0] {
        site.signed_in(&people[index]).await;
        site.world.advance(Duration::from_secs(5));
        let body = json!({"frontend_settings": {"seen": index}});
        site.patch(&people[index]["id"], body).await.with_status(200);
    }
    people
}

/// What decides about a user's place in the order.
fn rank(user: &Value, order: &str) -> String {
    match (order, &user[order]) {
        ("name", Value::String(name)) => name.to_lowercase().replace('é', "e"),
        (_, Value::String(text)) => text.clone(),
        (_, Value::Null) => String::new(),
        (_, number) => format!("{:020}", number.as_u64().unwrap()),
    }
}

async fn check(site: &Site, path: &str, count: usize) {
    let all = site.rest.get(path, &site.key).await.with_status(200);
    assert_eq!(list(&all).len(), count);
    for order in ORDERS {
        for (dir, falling) in [("Asc", false), ("desc", true)] {
            let query = format!("{path}?order_by={order}&order_dir={dir}");
            let answer = site.rest.get(&query, &site.key).await.with_status(200);
            let settings = json!({"limit": 20, "offset": null, "order_by": order,
                "order_dir": if falling { "DESC" } else { "ASC" }});
            assert_eq!(answer["selection_settings"], settings);
            let mut expected = list(&all).clone();
            expected.sort_by_key(|user| user["id"].as_u64());
            expected.sort_by(|one, other| {
                let [one, other] = [rank(one, order), rank(other, order)];
                if falling { other.cmp(&one) } else { one.cmp(&other) }
            });
            assert_eq!(*list(&answer), expected, "{query}");
            // The same in pieces.
            let mut pieces = Vec::new();
            for offset in (0..count + 2).step_by(2) {
                let query = format!("{query}&limit=2&offset={offset}");
                let answer = site.rest.get(&query, &site.key).await.with_status(200);
                assert_eq!(answer["selection_settings"]["offset"], offset);
                pieces.extend(list(&answer).clone());
            }
            assert_eq!(pieces, expected, "{query}");
        }
    }
}

#[tokio::test]
async fn users_are_listed_in_every_order() {
    on_each_site(async |site| {
        let people = people(&site).await;
        // Alice is there, too.
        check(&site, "/users", people.len() + 1).await;
        check(&site, "/users/trash", 0).await;
        for user in &people {
            site.delete(&user["id"]).await.with_status(200);
        }
        check(&site, "/users", 1).await;
        check(&site, "/users/trash", people.len()).await;
        let trash = site.rest.get("/users/trash", &site.key).await.with_status(200);
        assert!(list(&trash).iter().all(|user| user["deleted"] == 1));
        for user in &people {
            let back = site.restore(&user["id"]).await.with_status(200);
            assert_eq!(back["user"]["deleted"], 0);
        }
        check(&site, "/users", people.len() + 1).await;
    })
    .await;
}

#[tokio::test]
async fn a_list_shows_users_as_they_are_read_one_by_one() {
    on_each_site(async |site| {
        people(&site).await;
        let all = site.rest.get("/users?limit=500", &site.key).await.with_status(200);
        for user in list(&all) {
            assert_eq!(site.get(&user["id"]).await.with_status(200)["user"], *user);
            let native = site.native(&user["id"]).await;
            let time = |name: &str| {
                let time = native[name].as_str();
                time.map(|time| time.replace('T', " ").trim_end_matches(".000Z").to_owned())
            };
            let names = [&native["first"], &native["last"]];
            let names: Vec<_> = names.into_iter().filter_map(Value::as_str).collect();
            let settings = native.get("preferences").cloned().unwrap_or_else(|| json!({}));
            let role = ["user", "admin", "root"].iter().position(|role| native["role"] == *role);
            assert_eq!(
                *user,
                json!({
                    "id": native["number"],
                    "name": names.join(" "),
                    "email": native["email"],
                    "role_id": role.unwrap() + 1,
                    "disabled": u8::from(native["state"] == "suspended"),
                    "deleted": 0,
                    "first_login": time("joined"),
                    "last_login": time("activity"),
                    "sso_enabled": 0,
                    "frontend_settings": settings,
                    "created": time("created"),
                    "modified": time("updated"),
                    "last_modified_by": null,
                })
            );
        }
    })
    .await;
}

#[tokio::test]
async fn what_a_list_cannot_be_is_told_with_what_it_can() {
    on_each_site(async |site| {
        let limit = "limit must be a whole number from 1 to 500";
        let offset = "offset must be a whole number from 0 to 18446744073709551615";
        let order = "order_by must be one of id, name, email, role_id, disabled, first_login, \
                     last_login, created, modified";
        let dir = "order_dir must be ASC or DESC";
        let all = format!("{limit}; {offset}; {order}; {dir}");
        for (query, expected) in [
            ("limit=0", limit),
            ("limit=501", limit),
            ("limit=ten", limit),
            ("limit=1.5", limit),
            ("limit=%2B5", limit),
            ("limit=99999999999999999999", limit),
            ("limit=5&limit=x", limit),
            ("offset=-1", offset),
            ("offset=x", offset),
            ("offset=18446744073709551616", offset),
            ("offset=%00", offset),
            ("order_by=number", order),
            ("order_by=ID", order),
            ("order_by=-id", order),
            ("order_by=id,name", order),
            ("order_dir=up", dir),
            ("limit=x&offset=x&order_by=x&order_dir=x", &all),
        ] {
            for path in ["/users", "/users/trash"] {
                let answer = site.rest.get(&format!("{path}?{query}"), &site.key).await;
                assert_eq!(told(&answer), format!("422 {expected}"), "{query}");
            }
        }
        for query in [
            "limit=1",
            "limit=500",
            "offset=0",
            "unknown=1",
            "limit=x&limit=5",
            "",
            "&&=&",
            "order%5Fby=name",
            "limit=007",
        ] {
            site.rest.get(&format!("/users?{query}"), &site.key).await.with_status(200);
        }
        // Past the end there is nothing.
        for offset in ["1", "9999999", "18446744073709551615"] {
            let answer = site.rest.get(&format!("/users?offset={offset}"), &site.key).await;
            assert_eq!(*list(&answer.with_status(200)), Vec::<Value>::new());
        }
    })
    .await;
}
