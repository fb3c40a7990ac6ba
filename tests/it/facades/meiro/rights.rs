//! Who may do what: as natively, whichever token is shown.

use hyper::Method;
use serde_json::{Value, json};

use super::{new, on_each_site, told};
use crate::support::{rest::Content, scene::PASSWORD, smtp::letters_in};

#[tokio::test]
async fn keys_may_what_their_role_and_access_say() {
    on_each_site(async |site| {
        let reader = site.world.key(&site.admin, "admin", "read").await;
        let user = site.world.key(&site.admin, "user", "write").await;
        let ada = site.made("Ada", json!({})).await["id"].clone();
        let trashed = site.made("Tom", json!({})).await["id"].clone();
        site.delete(&trashed).await.with_status(200);
        let (one, password) = (format!("/users/{ada}"), json!({"password": PASSWORD}));
        let change = format!("{one}/change_password");
        let restore = format!("/users/trash/{trashed}");
        let requests = [
            (Method::GET, one.as_str(), Value::Null, [200, 200, 403]),
            (Method::GET, "/users", Value::Null, [200, 200, 403]),
            (Method::GET, "/users/trash", Value::Null, [200, 200, 403]),
            (Method::PATCH, &one, json!({"name": "Augusta"}), [200, 403, 403]),
            (Method::POST, &change, password, [200, 403, 403]),
            (Method::POST, "/users", new("Bob", json!({})), [201, 403, 403]),
            (Method::POST, "/users/create_or_restore", new("Eve", json!({})), [201, 403, 403]),
            (Method::PATCH, &restore, Value::Null, [200, 403, 403]),
            (Method::DELETE, &one, Value::Null, [200, 403, 403]),
        ];
        for (method, path, body, statuses) in requests {
            // Those that are refused come first, since they leave everything as it is.
            let keys = [&site.key, &reader, &user];
            for (key, status) in keys.into_iter().zip(statuses).rev() {
                let content =
                    if body.is_null() { Content::Nothing } else { Content::Json(body.clone()) };
                let answer = site.rest.send(&method, path, key, content).await;
                assert_eq!(answer.status, status, "{method} {path}: {}", answer.json());
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_user_may_what_concerns_itself() {
    on_each_site(async |site| {
        let (ada, bob) = (site.made("Ada", json!({})).await, site.made("Bob", json!({})).await);
        let token = site.signed_in(&ada).await;
        let own = format!("/users/{}", ada["id"]);
        let read = site.rest.get(&own, &token).await.with_status(200)["user"].clone();
        assert_eq!(read, site.get(&ada["id"]).await.json()["user"]);

        let body = json!({"name": "Ada King", "frontend_settings": {"a": 1}, "email": ada["email"],
            "role_id": 1, "disabled": 0});
        let changed = site.rest.patch(&own, &token, body).await.with_status(200);
        assert_eq!(changed["user"]["name"], "Ada King");
        for (body, field) in
            [(json!({"role_id": 2}), "role_id"), (json!({"disabled": 1}), "disabled")]
        {
            let refused = site.rest.patch(&own, &token, body).await;
            let expected = format!("403 {field} needs the role admin; yours is user");
            assert!(told(&refused).starts_with(&expected), "{}", told(&refused));
        }
        // The one who has made the user knows the password, too.
        let body = json!({"email": "eve@example.com", "old_password": PASSWORD});
        let refused = site.rest.patch(&own, &token, body).await;
        assert!(
            told(&refused).starts_with("403 Your current address is not proved"),
            "{}",
            told(&refused)
        );
        let other = format!("/users/{}", bob["id"]);
        let refused = "403 id needs the role admin; yours is user";
        assert_eq!(told(&site.rest.get(&other, &token).await), refused);
        assert_eq!(told(&site.rest.get("/users/999999", &token).await), refused);
        let body = json!({"name": "Mallory"});
        assert_eq!(told(&site.rest.patch(&other, &token, body).await), refused);
        assert_eq!(site.rest.delete(&own, &token).await.status, 403);
        assert_eq!(site.rest.get("/users", &token).await.status, 403);
        assert_eq!(site.get(&bob["id"]).await.json()["user"], bob);
    })
    .await;
}

#[tokio::test]
async fn the_own_password_is_changed_with_the_old_one() {
    on_each_site(async |site| {
        let ada = site.made("Ada", json!({})).await;
        let (token, other) = (site.signed_in(&ada).await, site.signed_in(&ada).await);
        let path = format!("/users/{}/change_password", ada["id"]);
        let next = "a whole other battery staple";
        for (body, expected) in [
            (json!({}), "422 password is required"),
            (json!({"password": next}), "422 old_password is required, to show that it is you"),
            (json!({"password": next, "old_password": "no no no"}), "422 old_password is wrong"),
            (
                json!({"password": "short", "old_password": PASSWORD}),
                "422 password must have at least 8 characters",
            ),
        ] {
            assert_eq!(told(&site.rest.post(&path, &token, body).await), expected);
        }
        let body = json!({"password": next, "old_password": PASSWORD});
        let changed = site.rest.post(&path, &token, body).await.with_status(200);
        assert_eq!(changed["user"]["id"], ada["id"]);
        // The other sessions end.
        let own = format!("/users/{}", ada["id"]);
        assert_eq!(site.rest.get(&own, &token).await.status, 200);
        assert_eq!(site.rest.get(&own, &other).await.status, 401);

        // An admin needs no old one.
        let body = json!({"password": PASSWORD, "old_password": null});
        site.rest.post(&path, &site.key, body).await.with_status(200);
        assert_eq!(site.rest.get(&own, &token).await.status, 401);
        site.signed_in(&ada).await;
    })
    .await;
}

#[tokio::test]
async fn the_own_email_takes_the_password_and_a_code() {
    on_each_site(async |site| {
        let ada = site.made("Ada", json!({"role_id": 2})).await;
        let world = &site.world;
        world.client.call("password/forgot", "", json!({"email": ada["email"]})).await.ok();
        while world.courier.round().await.unwrap() > 0 {}
        let letters = letters_in(world.mail.path());
        let letter = letters.iter().rfind(|letter| letter.text.contains("#reset=")).unwrap();
        let body = json!({"code": letter.code(), "newPassword": PASSWORD});
        world.client.call("password/reset", "", body).await.ok();
        let token = site.signed_in(&ada).await;
        let own = format!("/users/{}", ada["id"]);
        let body = json!({"email": "eve@example.com"});
        let refused = site.rest.patch(&own, &token, body).await;
        assert!(told(&refused).starts_with("422 old_password is required"), "{}", told(&refused));
        let body = json!({"email": "eve@example.com", "old_password": PASSWORD});
        let changed = site.rest.patch(&own, &token, body).await.with_status(200);
        assert_eq!(changed["user"]["email"], ada["email"]);
        while world.courier.round().await.unwrap() > 0 {}
        let letters = letters_in(world.mail.path());
        let letter = letters.iter().find(|letter| letter.to == "eve@example.com").unwrap();
        assert!(letter.text.contains("/#confirm-email="), "{}", letter.text);
    })
    .await;
}

#[tokio::test]
async fn nobody_gives_a_higher_role_than_the_own_one() {
    on_each_site(async |site| {
        let refused =
            "403 The role admin can neither grant the role root nor act on users who have it.";
        for path in ["/users", "/users/create_or_restore"] {
            let body = new("Rita", json!({"role_id": 3}));
            assert_eq!(told(&site.rest.post(path, &site.key, body).await), refused);
        }
        let ada = site.made("Ada", json!({})).await["id"].clone();
        assert_eq!(told(&site.patch(&ada, json!({"role_id": 3})).await), refused);
        let promoted = site.patch(&ada, json!({"role_id": 2})).await.with_status(200);
        assert_eq!(promoted["user"]["role_id"], 2);

        // The last admin stays one.
        site.patch(&ada, json!({"role_id": 1})).await.with_status(200);
        let alice =
            site.world.call("user/get", &site.admin, json!({})).await.ok()["number"].clone();
        assert_eq!(site.patch(&alice, json!({"disabled": 1})).await.status, 409);
        // The key is hers, and does not change what she may do.
        let told = told(&site.patch(&alice, json!({"role_id": 1})).await);
        assert!(told.starts_with("403 An API key cannot change the role"), "{told}");
        assert_eq!(site.delete(&alice).await.status, 409);
    })
    .await;
}

#[tokio::test]
async fn it_is_the_account_of_the_token_and_no_other() {
    on_each_site(async |site| {
        let root = site.world.root().await;
        let operator = site.world.key(&root, "root", "write").await;
        let ada = site.made("Ada", json!({})).await["id"].clone();
        let trashed = site.made("Tom", json!({})).await["id"].clone();
        site.delete(&trashed).await.with_status(200);
        let other = site.world.admin("other@example.com").await;
        let stranger = site.world.key(&other, "admin", "write").await;
        for token in [&operator, &stranger, &root.token, &other.token] {
            let path = format!("/users/{ada}");
            assert_eq!(site.rest.get(&path, token).await.status, 404);
            assert_eq!(site.rest.patch(&path, token, json!({"name": "X"})).await.status, 404);
            assert_eq!(site.rest.delete(&path, token).await.status, 404);
            let change = format!("{path}/change_password");
            let body = json!({"password": PASSWORD});
            assert_eq!(site.rest.post(&change, token, body).await.status, 404);
            let path = format!("/users/trash/{trashed}");
            assert_eq!(site.rest.patch(&path, token, json!({})).await.status, 404);
            let list = site.rest.get("/users/trash", token).await.with_status(200);
            assert_eq!(list["users"], json!([]));
        }
        // What is nobody's here is made anew, and not brought back from elsewhere.
        let body = new("Tom", json!({}));
        let tom = site.rest.post("/users/create_or_restore", &operator, body).await;
        assert_eq!(tom.with_status(201)["user"]["id"], 2);
        let list = site.rest.get("/users/trash", &site.key).await.with_status(200);
        assert_eq!(list["users"][0]["id"], trashed);
        // Numbers are an account's own, too.
        let number = json!(2);
        let here = site.rest.get(&format!("/users/{number}"), &site.key).await.with_status(200);
        assert_eq!((&here["user"]["id"], &here["user"]["name"]), (&number, &json!("Ada")));
        // At home the operator does what it likes.
        let rita = site.rest.post("/users", &operator, new("Rita", json!({"role_id": 3}))).await;
        let rita = rita.with_status(201)["user"].clone();
        assert_eq!(rita["role_id"], 3);
        let path = format!("/users/{}", rita["id"]);
        assert_eq!(site.rest.get(&path, &operator).await.with_status(200)["user"], rita);
    })
    .await;
}

#[tokio::test]
async fn who_is_nobody_here_is_told_so_first() {
    on_each_site(async |site| {
        let stranger = site.world.token("stranger@example.com", true);
        let ada = site.made("Ada", json!({})).await;
        let suspended = site.signed_in(&ada).await;
        site.patch(&ada["id"], json!({"disabled": 1})).await.with_status(200);
        let routes = [
            (Method::GET, "/users"),
            (Method::POST, "/users"),
            (Method::PUT, "/users"),
            (Method::GET, "/users/1"),
            (Method::DELETE, "/users/none"),
            (Method::GET, "/users/1/2/3"),
            (Method::POST, "/users/1/change_password"),
            (Method::POST, "/users/create_or_restore"),
            (Method::GET, "/users/trash"),
            (Method::PATCH, "/users/trash/1"),
        ];
        for (method, path) in routes {
            let send = async |token: &str, content: Content| {
                site.rest.send(&method, path, token, content).await
            };
            let broken = || Content::Raw("application/json", "{".into());
            assert_eq!(send("", broken()).await.status, 401, "{method} {path}");
            assert_eq!(send("gl_nothing", broken()).await.status, 401, "{method} {path}");
            let answer = send(&stranger, broken()).await;
            let text = "403 You are no user here; ask an admin for an invitation.";
            assert_eq!(told(&answer), text, "{method} {path}");
            let answer = send(&suspended, broken()).await;
            assert_eq!(
                told(&answer),
                "403 An admin has suspended this user; ask an admin to reactivate it."
            );
        }
        let body = json!({"email": "ada@example.com", "password": PASSWORD});
        let kept_out = site.rest.post("/users/login", "", body).await;
        assert_eq!(
            told(&kept_out),
            "403 An admin has suspended this user; ask an admin to reactivate it."
        );
    })
    .await;
}
