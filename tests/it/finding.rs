//! `user/find` as the one box to look in, which way lists are read, how long they are, and who stands in the way
//! of somebody new.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{
    scene::on_each_scene,
    world::{Person, World, on_each_engine},
};

async fn find(world: &World, by: &Person, path: &str, body: Value) -> Value {
    world.call(path, by, body).await.ok()
}

/// The emails on a page, without their domain.
fn emails(page: &Value) -> Vec<&str> {
    let users = page["data"].as_array().unwrap().iter();
    users.map(|user| user["email"].as_str().unwrap().split('@').next().unwrap()).collect()
}

async fn made(world: &World, by: &Person, body: Value) -> Value {
    world.advance(Duration::from_millis(1));
    world.call("user/create", by, body).await.ok()
}

#[tokio::test]
async fn the_one_box_finds_by_all_that_names_somebody() {
    on_each_engine(async |world| {
        let admin = world.admin("admin@example.com").await;
        let ada = json!({"email": "ada.lovelace@engines.example", "first": "Ada", "last": "King",
            "username": "countess", "externalId": "EMP-7"});
        let ada = made(&world, &admin, ada).await;
        made(&world, &admin, json!({"email": "emp-7@example.com"})).await;
        made(&world, &admin, json!({"email": "bob@example.com", "first": "Countess"})).await;
        let check = async |search: &str, expected: &[&str]| {
            let found = find(&world, &admin, "user/find", json!({"search": search})).await;
            assert_eq!(emails(&found), expected, "{search}");
            assert_eq!(found.get("scanned"), None);
        };
        check("ada.love", &["ada.lovelace"]).await;
        check("king", &["ada.lovelace"]).await;
        check(ada["id"].as_str().unwrap(), &["ada.lovelace"]).await;
        check(&ada["number"].to_string(), &["ada.lovelace"]).await;
        // Whom it names stands before those who only begin so.
        check("Countess", &["ada.lovelace", "bob"]).await;
        check("EMP-7", &["ada.lovelace", "emp-7"]).await;
        check("emp", &["emp-7"]).await;
        check("lovelace", &[]).await;
        let invited = json!({"search": "countess", "state": "active"});
        assert!(emails(&find(&world, &admin, "user/find", invited).await).is_empty());

        // Nobody of another account, whatever names them.
        let other = world.admin("other@example.com").await;
        for search in [ada["id"].as_str().unwrap(), "countess", "EMP-7"] {
            let found = find(&world, &other, "user/find", json!({"search": search})).await;
            assert!(emails(&found).is_empty(), "{search}");
        }
    })
    .await;
}

#[tokio::test]
async fn whom_a_search_names_is_on_the_first_page_whichever_way_it_is_reached() {
    on_each_engine(async |world| {
        let admin = world.admin("admin@example.com").await;
        made(&world, &admin, json!({"email": "zoe@example.com", "username": "eve"})).await;
        for number in 0..5 {
            made(&world, &admin, json!({"email": format!("eve{number}@example.com")})).await;
        }
        let body = json!({"search": "eve"});
        let first = find(&world, &admin, "user/find?limit=2", body.clone()).await;
        assert_eq!(emails(&first), ["zoe", "eve0", "eve1"]);
        let path = format!("user/find?limit=2&next={}", first["next"].as_str().unwrap());
        let second = find(&world, &admin, &path, body.clone()).await;
        assert_eq!(emails(&second), ["eve2", "eve3"]);
        let path = format!("user/find?limit=2&prev={}", second["prev"].as_str().unwrap());
        assert_eq!(find(&world, &admin, &path, body).await, first);
    })
    .await;
}

#[tokio::test]
async fn what_no_index_finds_is_looked_for_a_thousand_users_at_a_time() {
    on_each_engine(async |world| {
        let admin = world.admin("admin@example.com").await;
        for name in ["ada.lovelace@engines.example", "bob@example.com", "grace@example.com"] {
            made(&world, &admin, json!({"email": name, "externalId": format!("EMP-{name}")})).await;
        }
        let check = async |search: &str, expected: &[&str]| {
            let body = json!({"search": search, "anywhere": true});
            let found = find(&world, &admin, "user/find", body).await;
            assert_eq!((emails(&found), &found["scanned"]), (expected.to_vec(), &json!(4)));
            assert_eq!(found.get("next"), None);
        };
        check("LOVELACE", &["ada.lovelace"]).await;
        check("engines.ex", &["ada.lovelace"]).await;
        check("mp-b", &["bob"]).await;
        check("example", &["admin", "ada.lovelace", "bob", "grace"]).await;
        check("nobody", &[]).await;

        // Page by page, what was looked at adds up.
        let body = json!({"search": "example.com", "anywhere": true, "state": "invited"});
        let first = find(&world, &admin, "user/find?limit=1", body.clone()).await;
        assert_eq!((emails(&first), &first["scanned"]), (vec!["bob"], &json!(3)));
        let path = format!("user/find?limit=1&next={}", first["next"].as_str().unwrap());
        let second = find(&world, &admin, &path, body).await;
        assert_eq!((emails(&second), &second["scanned"]), (vec!["grace"], &json!(1)));

        let alone = world.call("user/find", &admin, json!({"anywhere": true})).await;
        assert_eq!(alone.faults(), "search:required");
    })
    .await;
}

/// The order by email would tell users something of emails that they do not see.
#[tokio::test]
async fn who_sees_no_emails_reads_no_list_in_their_order() {
    on_each_scene(async |scene| {
        let found = scene.refused("user/find?index=gs1", &scene.user.token, json!({})).await;
        assert_eq!(found.outcome(), "403 forbidden_field");
        assert_eq!(found.faults(), "?index:forbidden_field");
        scene.call("user/find", &scene.user.token, json!({})).await.ok();
        scene.call("user/find?index=gs1", &scene.admin.token, json!({})).await.ok();
    })
    .await;
}

#[tokio::test]
async fn who_has_not_joined_is_listed_by_how_the_invite_stands() {
    on_each_engine(async |world| {
        let admin = world.admin("admin@example.com").await;
        for name in ["open", "expired", "withdrawn"] {
            let body = json!({"email": format!("{name}@example.com"), "sendInvite": true});
            made(&world, &admin, body).await;
        }
        made(&world, &admin, json!({"email": "added@example.com"})).await;
        let revoked = json!({"email": "withdrawn@example.com"});
        world.call("invite/revoke", &admin, revoked).await.ok();
        // The others get another one before their time is over.
        world.advance(Duration::from_hours(24));
        let again = json!({"email": "open@example.com", "sendInvite": true});
        world.call("user/create", &admin, again).await.ok();
        world.advance(Duration::from_hours(24 * 7 - 1));
        let check = async |body: Value, expected: &[&str]| {
            let found = find(&world, &admin, "user/find?total=true", body.clone()).await;
            assert_eq!((emails(&found).as_slice(), found.get("total")), (expected, None), "{body}");
        };
        let state = |state: &str| json!({"inviteState": state});
        check(state("none"), &["added"]).await;
        check(state("open"), &["open"]).await;
        check(state("expired"), &["expired"]).await;
        check(state("ended"), &["withdrawn"]).await;
        check(json!({"inviteState": "expired", "search": "exp"}), &["expired"]).await;
        check(json!({"inviteState": "open", "search": "exp"}), &[]).await;
        let anywhere = json!({"inviteState": "expired", "search": "x", "anywhere": true});
        check(anywhere, &["expired"]).await;
        check(json!({"inviteState": "open", "email": "expired@example.com"}), &[]).await;
        let unknown = world.call("user/find", &admin, state("lost")).await;
        assert_eq!(unknown.faults(), "inviteState:in");
    })
    .await;
}

#[tokio::test]
async fn lists_are_read_from_either_end() {
    on_each_engine(async |world| {
        let admin = world.admin("zed@example.com").await;
        for name in ["carl", "ada", "bob"] {
            made(&world, &admin, json!({"email": format!("{name}@example.com")})).await;
            world.key(&admin, "user", "read").await;
        }
        for (path, expected) in [
            ("user/find?order=asc", ["zed", "carl", "ada", "bob"]),
            ("user/find?order=desc", ["bob", "ada", "carl", "zed"]),
            ("user/find?index=gs1&order=desc", ["zed", "carl", "bob", "ada"]),
        ] {
            let page = find(&world, &admin, path, json!({})).await;
            assert_eq!(emails(&page), expected, "{path}");
            let half = find(&world, &admin, &format!("{path}&limit=2"), json!({})).await;
            let next = format!("{path}&limit=2&next={}", half["next"].as_str().unwrap());
            let rest = find(&world, &admin, &next, json!({})).await;
            assert_eq!(emails(&rest), expected[2..], "{path}");
            let prev = format!("{path}&limit=2&prev={}", rest["prev"].as_str().unwrap());
            assert_eq!(emails(&find(&world, &admin, &prev, json!({})).await), expected[..2]);
        }
        // A cursor goes on the way it was made for.
        let half = find(&world, &admin, "user/find?limit=2", json!({})).await;
        let turned =
            format!("user/find?limit=2&order=desc&next={}", half["next"].as_str().unwrap());
        assert_eq!(world.call(&turned, &admin, json!({})).await.outcome(), "400 invalid_cursor");
        let wrong = world.call("user/find?order=down", &admin, json!({})).await;
        assert_eq!(wrong.faults(), "?order:in");

        for (call, body) in
            [("key/find", json!({})), ("audit/find", json!({})), ("hold/find", json!({}))]
        {
            let ids = async |order: &str| {
                let page =
                    find(&world, &admin, &format!("{call}?order={order}"), body.clone()).await;
                let ids = page["data"].as_array().unwrap().iter().map(|it| it["id"].clone());
                ids.collect::<Vec<_>>()
            };
            let (mut rising, falling) = (ids("asc").await, ids("desc").await);
            rising.reverse();
            assert_eq!(rising, falling, "{call}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_page_says_how_many_there_are_in_all() {
    on_each_engine(async |world| {
        let admin = world.admin("admin@example.com").await;
        for name in ["ada", "bob", "carl"] {
            made(&world, &admin, json!({"email": format!("{name}@example.com")})).await;
        }
        let carl = json!({"email": "carl@example.com"});
        world.call("user/remove", &admin, carl).await.ok();
        let check = async |path: &str, body: Value, expected: Value| {
            let page = find(&world, &admin, path, body).await;
            assert_eq!(page["total"], expected, "{path}");
        };
        check("user/find?total=true&limit=1", json!({}), json!(3)).await;
        check("user/find?total=true", json!({"state": "invited"}), json!(2)).await;
        check("user/find?total=true", json!({"role": "admin"}), json!(1)).await;
        check("user/find?total=true", json!({"role": "admin", "state": "invited"}), json!(0)).await;
        check("trash/find?total=true", json!({}), json!(1)).await;
        // It is kept for lists, not for searches; and it is not read where nobody asks.
        check("user/find?total=true", json!({"search": "ada"}), Value::Null).await;
        check("user/find?total=false", json!({}), Value::Null).await;
        check("user/find", json!({}), Value::Null).await;
        // Users see each other, but no more of the account than that.
        let uma = world.invited(&admin, "uma@example.com", json!({})).await;
        assert_eq!(find(&world, &uma, "user/find?total=true", json!({})).await.get("total"), None);
    })
    .await;
}

#[tokio::test]
async fn lists_by_number_can_be_of_one_role_or_state() {
    on_each_engine(async |world| {
        let admin = world.admin("admin@example.com").await;
        for (name, role) in [("ada", "user"), ("bob", "admin"), ("carl", "user")] {
            let body = json!({"email": format!("{name}@example.com"), "role": role});
            made(&world, &admin, body).await;
        }
        let check = async |path: &str, body: Value, expected: &[&str], total: u64| {
            let page = find(&world, &admin, path, body).await;
            assert_eq!(
                (emails(&page), &page["total"]),
                (expected.to_vec(), &json!(total)),
                "{path}"
            );
        };
        check("user/list?order=-email", json!({"role": "user"}), &["carl", "ada"], 2).await;
        check("user/list", json!({"role": "admin"}), &["admin", "bob"], 2).await;
        check("user/list?limit=1&offset=1", json!({"state": "invited"}), &["bob"], 3).await;
        check("user/list", json!({"role": "admin", "state": "invited"}), &["bob"], 1).await;
        let some = json!({"role": "admin", "contains": {"email": ["b"]}});
        check("user/list", some, &["bob"], 1).await;
    })
    .await;
}

#[tokio::test]
async fn whoever_is_there_already_is_named() {
    on_each_scene(async |scene| {
        let token = &scene.admin.token;
        let carol = json!({"email": "carol@example.com", "role": "admin"});
        let carol = scene.call("user/create", token, carol).await.ok();
        let bob = json!({"email": "bob@example.com"});
        scene.call("user/create", token, bob.clone()).await.ok();
        let refused = scene.refused("user/create", token, bob).await.json();
        assert_eq!(refused["existing"].get("inviteSent"), None);
        let detail = refused["detail"].as_str().unwrap();
        assert!(detail.contains("added, not invited, with role user"), "{detail}");
        for (round, call) in ["user/create", "user/createOrRestore"].into_iter().enumerate() {
            // An invite gives nobody another role than the one that was decided on.
            for fields in [json!({}), json!({"sendInvite": true, "role": "user"})] {
                let mut body = fields;
                body["email"] = json!("carol@example.com");
                let refused = scene.refused(call, token, body).await;
                assert_eq!(refused.outcome(), "409 email_taken");
                assert_eq!(refused.faults(), "email:email_taken");
                let mut existing = refused.json()["existing"].clone();
                let sent = existing.as_object_mut().unwrap().remove("inviteSent");
                assert_eq!(sent.is_some(), round > 0, "{call}");
                let expected = json!({"id": carol["id"], "role": "admin", "state": "invited"});
                assert_eq!(existing, expected, "{call}");
            }
            let body = json!({"email": "carol@example.com", "sendInvite": true});
            let again = scene.call(call, token, body).await.ok();
            assert_eq!((&again["id"], &again["role"]), (&carol["id"], &json!("admin")));
            let body = json!({"email": "carol@example.com", "sendInvite": true, "role": "admin"});
            assert_eq!(scene.call(call, token, body).await.ok()["role"], "admin");
        }
        let body = json!({"email": "uma@example.com", "sendInvite": true});
        let refused = scene.refused("user/create", token, body).await.json();
        assert_eq!(refused["existing"]["state"], "active");
        let detail = refused["detail"].as_str().unwrap();
        assert!(detail.contains("active, with role user"), "{detail}");
    })
    .await;
}
