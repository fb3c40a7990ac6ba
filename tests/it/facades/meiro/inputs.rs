//! What clients send, well meant or not: an answer each, none of them the service's fault.

use hyper::Method;
use serde_json::{Value, json};

use super::{new, on_each_site, told};
use crate::support::{client::Answer, raw::raw, rest::Content, scene::PASSWORD};

/// Whatever may come in place of what is expected.
fn hostile() -> Vec<Value> {
    let mut deep = json!(1);
    for _ in 0..100 {
        deep = json!({"a": deep});
    }
    vec![
        json!(null),
        json!(true),
        json!(-1),
        json!(1.5),
        json!(99),
        json!(u64::MAX),
        json!(1e300),
        json!(""),
        json!(" "),
        json!("1"),
        json!("nul\u{0}"),
        json!("\u{202e}\u{2028}"),
        json!("x".repeat(20_000)),
        json!([]),
        json!([1, [2]]),
        json!({}),
        json!({"\u{0}": "x".repeat(20_000)}),
        deep,
    ]
}

#[track_caller]
fn is_proper(answer: &Answer, what: &str) {
    let message = answer.json()["message"].as_str().map(str::len);
    let refused = (400..500).contains(&answer.status) && message.is_some_and(|length| length > 0);
    assert!(answer.status < 300 || refused, "{what}: {} {}", answer.status, answer.json());
    let kind = answer.header("content-type");
    assert_eq!(kind, Some("application/json"), "{what}");
}

#[tokio::test]
async fn every_field_takes_whatever_comes() {
    on_each_site(async |site| {
        let ada = site.made("Ada", json!({})).await["id"].clone();
        let fields = [
            "name",
            "email",
            "password",
            "role_id",
            "disabled",
            "frontend_settings",
            "old_password",
            "totp",
            "id",
            "unknown",
        ];
        for field in fields {
            for (number, value) in hostile().into_iter().enumerate() {
                let what = format!("{field} {number}");
                for path in ["/users", "/users/create_or_restore"] {
                    let body = new("Hostile", json!({field: value}));
                    let answer = site.rest.post(path, &site.key, body).await;
                    is_proper(&answer, &what);
                    if answer.status == 201 {
                        site.delete(&answer.json()["user"]["id"]).await.with_status(200);
                    }
                }
                let answer = site.patch(&ada, json!({field: value})).await;
                is_proper(&answer, &what);
                let mut body = json!({"email": "nobody@example.com", "password": PASSWORD});
                body[field] = value.clone();
                is_proper(&site.rest.post("/users/login", "", body).await, &what);
            }
        }
    })
    .await;
}

#[tokio::test]
async fn what_is_wrong_is_named_all_of_it() {
    on_each_site(async |site| {
        let create = async |body: Value| told(&site.rest.post("/users", &site.key, body).await);
        let all = "422 name is required; email is required; password is required; \
                   role_id is required";
        assert_eq!(create(json!({})).await, all);
        let empty = json!({"name": null, "email": "", "password": null, "role_id": ""});
        assert_eq!(create(empty).await, all);
        let roles = "role_id must be 1 (user), 2 (admin) or 3 (root)";
        for (more, expected) in [
            (json!({"name": 7, "email": [], "role_id": 4, "disabled": 2, "frontend_settings": "x"}),
                format!("name must be a text; email must be a text; {roles}; \
                    disabled must be 0 or 1, or false or true; frontend_settings must be an object")),
            (json!({"role_id": "2"}), roles.to_owned()),
            (json!({"role_id": 0}), roles.to_owned()),
            (json!({"role_id": -1}), roles.to_owned()),
            (json!({"role_id": true}), roles.to_owned()),
            (json!({"disabled": "1"}), "disabled must be 0 or 1, or false or true".to_owned()),
            (json!({"disabled": null}), "disabled must be 0 or 1, or false or true".to_owned()),
            (json!({"nmae": 1, "admin": true}), "admin, nmae: unknown; the fields here are name, \
                email, password, role_id, disabled, frontend_settings".to_owned()),
            (json!({"email": "ada"}),
                "email must be an email address such as ada@example.com".to_owned()),
            (json!({"email": "none@", "password": "short"}),
                "email must be an email address such as ada@example.com; \
                    password must have at least 8 characters".to_owned()),
            (json!({"password": "password1"}), "password is too easy to guess; choose a longer one, such \
                as a few unrelated words".to_owned()),
            (json!({"name": "x".repeat(192)}), "name (its first word) has 192 characters; \
                at most 191 are allowed".to_owned()),
            (json!({"name": format!("a {}", "x".repeat(192))}), "name (after its first word) has \
                192 characters; at most 191 are allowed".to_owned()),
            (json!({"name": " "}), "name is required".to_owned()),
            (json!({"name": "a\u{0}"}),
                "name (its first word) must be one line, without control characters".to_owned()),
            (json!({"frontend_settings": {"a": "x".repeat(16_400)}}), "frontend_settings would \
                have 16408 bytes as JSON; at most 16384 are allowed".to_owned()),
        ] {
            assert_eq!(create(new("Bob", more)).await, format!("422 {expected}"));
        }
    })
    .await;
}

#[tokio::test]
async fn a_change_says_what_it_cannot_be() {
    on_each_site(async |site| {
        let ada = site.made("Ada", json!({})).await["id"].clone();
        for (body, expected) in [
            (json!({"name": null}), "name must be a text"),
            (json!({"frontend_settings": null}), "frontend_settings must be an object"),
            (json!({"frontend_settings": []}), "frontend_settings must be an object"),
            (
                json!({"password": PASSWORD}),
                "password: unknown; the fields here are name, email, \
                role_id, disabled, frontend_settings, old_password",
            ),
            (
                json!({"email": "ada@[127.0.0.1]"}),
                "email must have a domain name after the @, not an IP address in brackets",
            ),
        ] {
            assert_eq!(told(&site.patch(&ada, body).await), format!("422 {expected}"));
        }
        // What is read only is passed over, and what is the same is no change.
        let same = site.get(&ada).await.with_status(200);
        let mut body = same["user"].clone();
        for (name, value) in [("id", json!(7)), ("deleted", json!(1)), ("created", json!("x"))] {
            body[name] = value;
        }
        assert_eq!(site.patch(&ada, body).await.with_status(200), same);
        let body = json!({"email": "ADA@example.com"});
        assert_eq!(site.patch(&ada, body).await.with_status(200), same);

        // Who has never come in is not kept out, but uninvited.
        let ida = json!({"email": "ida@example.com"});
        let ida = site.world.call("user/create", &site.admin, ida).await.ok()["number"].clone();
        let invited = "422 An invited user becomes active by joining; to withdraw the \
            invite, call invite/revoke, or remove the user.";
        assert_eq!(told(&site.patch(&ida, json!({"disabled": 1})).await), invited);
        site.patch(&ida, json!({"disabled": 0})).await.with_status(200);
        // Nor does somebody go who owns something elsewhere.
        let hold = json!({"email": "ada@example.com", "kind": "server", "ref": "1"});
        site.world.call("hold/place", &site.admin, hold).await.ok();
        assert!(told(&site.delete(&ada).await).starts_with("409 1 hold stands on this user"));
    })
    .await;
}

#[tokio::test]
async fn forms_are_as_good_as_json() {
    const FORM: &str = "application/x-www-form-urlencoded";
    on_each_site(async |site| {
        let send = async |method: Method, path: &str, form: &str| {
            let content = Content::Raw(FORM, form.to_owned().into());
            site.rest.send(&method, path, &site.key, content).await
        };
        let form = "name=Ada+King&email=ada%40example.com&password=correct+horse+battery+staple\
                    &role_id=2&disabled=0";
        let ada = send(Method::POST, "/users", form).await.with_status(201)["user"].clone();
        assert_eq!((&ada["name"], &ada["role_id"]), (&json!("Ada King"), &json!(2)));
        let path = format!("/users/{}", ada["id"]);
        for (form, disabled) in [("disabled=1", 1), ("disabled=false", 0), ("disabled=true", 1)] {
            let user = send(Method::PATCH, &path, form).await.with_status(200)["user"].clone();
            assert_eq!(user["disabled"], disabled);
        }
        for form in [
            "disabled=2",
            "disabled=",
            "role_id=x",
            "frontend_settings=%7B%7D",
            "frontend_settings[a]=1",
            "%FF=1",
            "a%00b=1",
            "=",
            "role_id=1&role_id=9",
            "name=%00",
            "email=%FF%FE",
        ] {
            let answer = send(Method::PATCH, &path, form).await;
            assert_eq!(answer.status, 422, "{form}: {}", answer.json());
        }
        send(Method::PATCH, &path, "disabled=0&disabled=0").await.with_status(200);
        let login = "email=ada%40example.com&password=correct+horse+battery+staple";
        send(Method::POST, "/users/login", login).await.with_status(200);
    })
    .await;
}

#[tokio::test]
async fn bodies_that_are_no_objects_are_refused() {
    on_each_site(async |site| {
        let ada = site.made("Ada", json!({})).await["id"].clone();
        let one = format!("/users/{ada}");
        let change = format!("{one}/change_password");
        let deep = format!("{}1{}", "[".repeat(20_000), "]".repeat(20_000));
        let members = format!("{}1{}", "{\"a\":".repeat(200), "}".repeat(200));
        let large = " ".repeat(2_000_000);
        let bodies: [(&[u8], u16); 10] = [
            (b"{", 400),
            (b"\xff\xfe", 400),
            (b"[]", 400),
            (b" [{}]", 400),
            (b"null", 400),
            (b"7", 400),
            (b"\"text\"", 400),
            (deep.as_bytes(), 400),
            (members.as_bytes(), 400),
            (large.as_bytes(), 413),
        ];
        for (body, status) in bodies {
            for (method, path) in [
                (Method::POST, "/users"),
                (Method::POST, "/users/create_or_restore"),
                (Method::POST, "/users/login"),
                (Method::PATCH, &one),
                (Method::POST, &change),
            ] {
                let content = Content::Raw("application/json", body.to_vec().into());
                let answer = site.rest.send(&method, path, &site.key, content).await;
                assert_eq!(answer.status, status, "{method} {path}: {}", answer.json());
                is_proper(&answer, path);
            }
        }
        // Nothing at all is no change.
        let content = Content::Raw("text/plain", "".into());
        site.rest.send(&Method::PATCH, &one, &site.key, content).await.with_status(200);
    })
    .await;
}

#[tokio::test]
async fn paths_lead_somewhere_or_nowhere() {
    on_each_site(async |site| {
        let ada = site.made("Ada", json!({})).await["id"].clone();
        for (path, status) in [
            (format!("/users/{ada}"), 200),
            (format!("/users/{ada}/"), 200),
            (format!("/users//{ada}"), 200),
            (format!("/users/000{ada}"), 200),
            ("/users/".to_owned(), 200),
            ("/users/0".to_owned(), 404),
            (format!("/users/+{ada}"), 404),
            (format!("/users/-{ada}"), 404),
            (format!("/users/{ada}.0"), 404),
            (format!("/users/%20{ada}"), 404),
            (format!("/users/{ada}%00"), 404),
            ("/users/%ff%fe".to_owned(), 404),
            ("/users/%E0%A4%A".to_owned(), 404),
            ("/users/x%2Fy".to_owned(), 404),
            ("/users/18446744073709551615".to_owned(), 404),
            ("/users/18446744073709551616".to_owned(), 404),
            (format!("/users/{}", "9".repeat(5000)), 404),
            ("/users/Trash".to_owned(), 404),
            (format!("/users/{ada}/password"), 404),
            (format!("/users/trash/{ada}/x"), 404),
            ("/users/login/x".to_owned(), 404),
        ] {
            let answer = site.rest.get(&path, &site.key).await;
            assert_eq!(answer.status, status, "{path}: {}", answer.json());
            is_proper(&answer, &path);
        }
        // What is no text at all, as no proper client sends it.
        for path in ["/users/\u{ff}", "/users/%", "/users/%zz", "/users?limit=%ff&offset=%"] {
            let key = &site.key;
            let head = format!("GET {path} HTTP/1.1\r\nhost: x\r\nx-access-token: {key}\r\n\r\n");
            let answer = raw(site.world.address, head).await;
            assert!(answer.starts_with("HTTP/1.1 4"), "{path}: {answer}");
        }
    })
    .await;
}

#[tokio::test]
async fn paths_take_the_methods_that_they_say() {
    on_each_site(async |site| {
        let ada = site.made("Ada", json!({})).await["id"].clone();
        for (path, allowed) in [
            (format!("/users/{ada}"), "GET, HEAD, PATCH, DELETE, OPTIONS"),
            (format!("/users/{ada}/change_password"), "POST, OPTIONS"),
            ("/users".to_owned(), "GET, HEAD, POST, OPTIONS"),
            ("/users/create_or_restore".to_owned(), "POST, OPTIONS"),
            ("/users/trash".to_owned(), "GET, HEAD, OPTIONS"),
            (format!("/users/trash/{ada}"), "PATCH, OPTIONS"),
            ("/users/login".to_owned(), "POST, PATCH, DELETE, OPTIONS"),
        ] {
            for method in
                ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"]
            {
                let method = Method::from_bytes(method.as_bytes()).unwrap();
                let content = Content::Json(json!({"unknown": 1}));
                let answer = site.rest.send(&method, &path, &site.key, content).await;
                let is_allowed = allowed.split(", ").any(|one| one == method.as_str());
                assert_eq!(answer.status == 405, !is_allowed, "{method} {path}");
                if !is_allowed {
                    assert_eq!(answer.header("allow"), Some(allowed));
                    let expected = format!("405 This path takes only {allowed}.");
                    assert!(method == Method::HEAD || told(&answer) == expected, "{method} {path}");
                }
            }
        }
    })
    .await;
}
