//! In which order a request is judged, what no request can do, and how many there may be.

use std::time::Duration;

use guestlist::facade::Facade;
use hyper::{Method, body::Bytes};
use serde_json::{Value, json};

use super::{FLAGS, Panel, USERS, body, on_each_panel};
use crate::support::{
    client::Answer,
    engine::Engine,
    rest::{Content, Rest},
    scene::PASSWORD,
    world::{World, on_each_engine_with},
};

/// The codes of an answer, such as `422 ValidationException`.
fn outcome(answer: &Answer) -> String {
    if answer.body.is_empty() {
        return answer.status.to_string();
    }
    match answer.json()["errors"][0]["code"].as_str() {
        Some(code) => format!("{} {code}", answer.status),
        None => answer.status.to_string(),
    }
}

#[tokio::test]
async fn what_is_malformed_unknown_forbidden_and_invalid_is_told_in_this_order() {
    let panel = Panel::new(World::new(Engine::Sqlite, FLAGS).await).await;
    let user = panel.user("known", json!({})).await;
    let known = format!("{USERS}/{}", user["id"]);
    let unknown = format!("{USERS}/4711");
    let malformed = || Content::Raw("application/json", Bytes::from_static(b"{"));
    let invalid = || Content::Json(json!({}));
    for (token, method, path, content, expected) in [
        ("", Method::PATCH, &known, malformed(), "401 AuthenticationException"),
        ("x", Method::POST, &USERS.to_owned(), malformed(), "401 AuthenticationException"),
        (&panel.reader, Method::PATCH, &unknown, malformed(), "400 BadRequestHttpException"),
        (&panel.reader, Method::PATCH, &unknown, invalid(), "404 NotFoundHttpException"),
        (&panel.reader, Method::PATCH, &known, invalid(), "403 AccessDeniedHttpException"),
        (&panel.key, Method::PATCH, &known, invalid(), "422 ValidationException"),
        (
            &panel.reader,
            Method::POST,
            &USERS.to_owned(),
            malformed(),
            "400 BadRequestHttpException",
        ),
        (
            &panel.reader,
            Method::POST,
            &USERS.to_owned(),
            invalid(),
            "403 AccessDeniedHttpException",
        ),
        (&panel.reader, Method::DELETE, &unknown, malformed(), "404 NotFoundHttpException"),
        (&panel.reader, Method::DELETE, &known, malformed(), "403 AccessDeniedHttpException"),
        (&panel.reader, Method::GET, &known, malformed(), "200"),
        (&panel.key, Method::DELETE, &known, malformed(), "204"),
    ] {
        let answer = panel.rest.send(&method, path, token, content).await;
        assert_eq!(outcome(&answer), expected, "{method} {path}");
    }
}

#[tokio::test]
async fn a_key_stays_in_its_account() {
    on_each_engine_with(FLAGS, async |world| {
        let root = world.root().await;
        let panel = Box::pin(Panel::new(world)).await;
        let user = panel.user("known", json!({"external_id": "x"})).await;
        let path = format!("{USERS}/{}", user["id"]);
        let key = panel.world.key(&root, "root", "write").await;
        for answer in [
            panel.rest.get(&path, &key).await,
            panel.rest.patch(&path, &key, body("known", json!({}))).await,
            panel.rest.delete(&path, &key).await,
            panel.rest.get(&format!("{USERS}/external/x"), &key).await,
        ] {
            assert_eq!(outcome(&answer), "404 NotFoundHttpException");
        }
        let list = panel.rest.get(USERS, &key).await.with_status(200);
        assert_eq!(list["meta"]["pagination"]["total"], 1);
        assert_eq!(list["data"][0]["attributes"]["email"], "root@example.com");
        // Emails, user names, external ids and numbers are an account's own.
        let same = json!({"external_id": "x", "password": null});
        let made = panel.rest.post(USERS, &key, body("known", same)).await.with_status(201);
        let made = &made["attributes"];
        assert_eq!((&made["id"], &made["external_id"]), (&user["id"], &user["external_id"]));
        assert_ne!(made["uuid"], user["uuid"]);
        for (key, uuid) in [(&key, &made["uuid"]), (&panel.key, &user["uuid"])] {
            let found = panel.rest.get(&path, key).await.with_status(200);
            assert_eq!(found["attributes"]["uuid"], *uuid);
        }
    })
    .await;
}

#[tokio::test]
async fn who_is_in_several_accounts_names_one() {
    on_each_panel(async |panel| {
        let user = panel.user("known", json!({})).await;
        let path = format!("{USERS}/{}", user["id"]);
        let other = panel.world.admin("olga@example.com").await;
        let role = json!({"role": "admin"});
        let alice = panel.world.invited(&other, "alice@example.com", role).await;
        assert_eq!(alice.account, other.account);

        let answer = panel.rest.get(&path, &alice.token).await;
        assert_eq!(outcome(&answer), "400 DisplayException");
        let detail = answer.json()["errors"][0]["detail"].clone();
        assert!(detail.as_str().is_some_and(|text| text.contains("X-Account-Id")), "{detail}");
        let key = panel.world.key(&other, "admin", "read").await;
        let own = panel.admin.account.as_str();
        for (token, account, expected) in [
            (&alice.token, own, "known@example.com"),
            (&alice.token, &other.account, "alice@example.com"),
            (&panel.key, own, "known@example.com"),
            (&key, &other.account, "alice@example.com"),
        ] {
            let bearer = format!("Bearer {token}");
            let headers = [("authorization", bearer.as_str()), ("x-account-id", account)];
            let answer = panel.rest.exchange(&Method::GET, &path, &headers, "").await;
            assert_eq!(answer.with_status(200)["attributes"]["email"], expected);
        }
        for (token, account) in [(&panel.key, other.account.as_str()), (&key, own)] {
            let bearer = format!("Bearer {token}");
            let headers = [("authorization", bearer.as_str()), ("x-account-id", account)];
            let answer = panel.rest.exchange(&Method::GET, &path, &headers, "").await;
            assert_eq!(outcome(&answer), "400 DisplayException");
        }
    })
    .await;
}

#[tokio::test]
async fn an_admin_who_gives_up_the_role_has_lost_it_within_the_same_request() {
    on_each_panel(async |panel| {
        let admin = json!({"role": "admin"});
        let bob = panel.world.invited(&panel.admin, "bob@example.com", admin).await;
        let number = panel.native("user/get", json!({"id": bob.id})).await["number"].clone();
        let path = format!("{USERS}/{number}?include=servers");
        for (root_admin, servers) in [(true, "list"), (false, "null_resource")] {
            let mut fields = body("bob", json!({"root_admin": root_admin}));
            fields.as_object_mut().unwrap().remove("password");
            let user = panel.rest.patch(&path, &bob.token, fields).await.with_status(200);
            let shown = &user["attributes"]["relationships"]["servers"]["object"];
            assert_eq!(shown, servers, "{user}");
        }
    })
    .await;
}

#[tokio::test]
async fn without_the_setting_nothing_is_there() {
    let world = World::new(Engine::Sqlite, &[]).await;
    let rest = Rest::new(&world, Facade::Panel);
    let answer = rest.get(USERS, "").await;
    assert_eq!((answer.status, answer.outcome().as_str()), (404, "404 not_found"));
}

#[tokio::test]
async fn requests_of_real_clients_are_understood() {
    let panel = Panel::new(World::new(Engine::Sqlite, FLAGS).await).await;
    let user = panel.user("known", json!({"external_id": "crm 1/é"})).await;
    let path = format!("{USERS}/{}", user["id"]);
    // A body in a GET, and a type without a body.
    let null = || Content::Raw("application/json", Bytes::from_static(b"null"));
    panel.rest.send(&Method::GET, &path, &panel.key, null()).await.with_status(200);
    let nothing = || Content::Raw("application/json", Bytes::new());
    panel.rest.send(&Method::GET, USERS, &panel.key, nothing()).await.with_status(200);
    let external = format!("{USERS}/external/crm%201%2F%C3%A9");
    let found = panel.rest.get(&external, &panel.key).await.with_status(200);
    assert_eq!(found["attributes"]["id"], user["id"]);
    for almost in ["CRM%201%2F%C3%A9", "%20crm%201%2F%C3%A9", "crm%201", "%00", "%FF"] {
        let path = format!("{USERS}/external/{almost}");
        assert_eq!(panel.rest.get(&path, &panel.key).await.status, 404, "{almost}");
    }
    for accept in ["Application/vnd.pterodactyl.v1+json", "application/json, text/plain", "x/y"] {
        let bearer = format!("Bearer {}", panel.key);
        let headers = [("accept", accept), ("authorization", bearer.as_str())];
        panel.rest.exchange(&Method::GET, &path, &headers, "").await.with_status(200);
        let head = panel.rest.exchange(&Method::HEAD, &path, &headers, "").await;
        assert_eq!((head.status, head.body.len()), (200, 0));
    }
    panel.rest.send(&Method::DELETE, &path, &panel.key, nothing()).await.with_status(204);
}

/// Whatever comes: no failure of the service, and errors in the one shape.
#[tokio::test]
async fn hostile_requests_get_an_answer() {
    on_each_panel(async |panel| {
        let user = panel.user("known", json!({})).await;
        let path = format!("{USERS}/{}", user["id"]);
        for body in hostile_bodies() {
            for (method, path) in [(Method::POST, USERS), (Method::PATCH, path.as_str())] {
                for kind in ["application/json", "application/x-www-form-urlencoded", "x"] {
                    let content = Content::Raw(kind, body.clone());
                    let answer = panel.rest.send(&method, path, &panel.key, content).await;
                    check_refusal(&answer, &[400, 422]);
                }
            }
        }
        for path in hostile_paths() {
            let path = format!("/api/application/{path}");
            let answer = panel.rest.get(&path, &panel.key).await;
            if answer.status != 200 {
                check_refusal(&answer, &[400, 404]);
            }
        }
        let now = panel.rest.get(&path, &panel.key).await.with_status(200);
        assert_eq!(now["attributes"], user);
        let list = panel.rest.get(USERS, &panel.key).await.with_status(200);
        assert_eq!(list["meta"]["pagination"]["total"], 2);
    })
    .await;
}

#[track_caller]
fn check_refusal(answer: &Answer, statuses: &[u16]) {
    let text = String::from_utf8_lossy(&answer.body);
    assert!(statuses.contains(&answer.status), "{} {text}", answer.status);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    let json = answer.json();
    let errors = json["errors"].as_array().unwrap();
    assert!(!errors.is_empty(), "{text}");
    for error in errors {
        assert_eq!(error["status"], answer.status.to_string(), "{text}");
        assert!(error["code"].is_string() && error["detail"].is_string(), "{text}");
        assert_eq!(error["meta"].is_object(), answer.status == 422, "{text}");
    }
}

fn hostile_bodies() -> Vec<Bytes> {
    let fields =
        ["email", "username", "first_name", "last_name", "external_id", "root_admin", "language"];
    let values = [
        json!(true),
        json!(-1),
        json!(1e300),
        json!(u64::MAX),
        json!([]),
        json!([["x"]]),
        json!({}),
        json!({"$gt": ""}),
        json!("a\u{0}b"),
        json!("\u{202e}\u{2028}x"),
        json!(" "),
        json!("x".repeat(2000)),
    ];
    let mut bodies = Vec::new();
    for value in &values {
        // One value in every field.
        let all = fields.iter().map(|field| ((*field).to_owned(), value.clone()));
        bodies.push(Value::Object(all.collect()).to_string().into());
        bodies.push(body("new", json!({"password": value, "email": value})).to_string().into());
    }
    bodies.extend([
        Bytes::from_static(b"\xff\xfe"),
        Bytes::from_static(b"{\"email\": \"\xff\"}"),
        Bytes::from_static(b"{\"email\": \"\\ud800\"}"),
        Bytes::from_static(b"email[]=a&email[b]=c&username=%FF%00"),
        Bytes::from_static(b"[1,2]"),
        Bytes::from_static(b"\"x\""),
        Bytes::from_static(b"{\"email\":1,\"email\":2}"),
        Bytes::from("[".repeat(9000)),
        Bytes::from(format!("{{\"email\":{}1{}}}", "[".repeat(100), "]".repeat(100))),
    ]);
    bodies
}

fn hostile_paths() -> Vec<String> {
    let many = "%2C".repeat(3000);
    let distinct: Vec<String> = (0..60).map(|number| number.to_string()).collect();
    let long = "x".repeat(5000);
    [
        "users/18446744073709551615",
        "users/18446744073709551616",
        "users/+1",
        "users/1.0",
        "users/%00",
        "users/%FF",
        "users/..",
        "users//",
        "users/1/2/3",
        "users/external/%E2%80%A8",
        "users?page=-1&per_page=-1",
        "users?page=9223372036854775807&per_page=500",
        "users?page=99999999999999999999&per_page=99999999999999999999",
        "users?page[]=1&per_page[]=1",
        "users?page=%00&per_page=%FF&sort=&include=%00",
        "users?filter=x&filter[=x&filter]=x&filter[email=x&include&sort",
        "users?filter[]=x",
        "users?filter[email][a][b]=x&filter[email]=y",
        "users?filter[email]=%00",
        "users?filter[email]=%FF&filter[uuid]=%E2%80%A8",
        "users?sort=--id,-",
        "users?sort[]=id&sort[x]=zzz",
        "users?sort=%00%FF",
        "users?=&&&=x",
    ]
    .map(str::to_owned)
    .into_iter()
    .chain([
        format!("users?filter[email]={many}"),
        format!("users?filter[email]={}", distinct.join(",")),
        format!("users?filter[email]={long}"),
        format!("users?filter[{long}]=x"),
        format!("users?sort={long}"),
        format!("users/external/{long}"),
    ])
    .collect()
}

#[tokio::test]
async fn requests_are_counted_by_key_and_minute() {
    let flags = ["--facades=panel", "--panel-requests-per-minute=3"];
    let world = World::new(Engine::Sqlite, &flags).await;
    let panel = Panel::new(world).await;
    let quota = |answer: &Answer| {
        let header = |name: &str| answer.header(name).unwrap_or("-").to_owned();
        let [limit, left] = ["x-ratelimit-limit", "x-ratelimit-remaining"].map(header);
        // The epoch's seconds, as seconds from the world's beginning.
        let reset = answer.header("x-ratelimit-reset").map(|text| text.parse::<u64>().unwrap());
        let reset = reset.map_or("-".to_owned(), |at| (at - 1_800_000_000).to_string());
        format!("{} {limit} {left} {} {reset}", answer.status, header("retry-after"))
    };
    let check = async |token: &str, path: &str, expected: &str| {
        let answer = panel.rest.get(&format!("{USERS}{path}"), token).await;
        assert_eq!(quota(&answer), expected, "{path}");
        if answer.status == 429 {
            let error = &answer.json()["errors"][0];
            let expected = json!({
                "code": "ThrottleRequestsException", "status": "429", "detail": "Too Many Attempts.",
            });
            assert_eq!(*error, expected);
        }
    };
    check(&panel.key, "", "200 3 2 - -").await;
    check("", "", "401 - - - -").await;
    check("made-up", "", "401 - - - -").await;
    check(&format!("ptla_{}", panel.key), "/99", "404 3 1 - -").await;
    check(&panel.key, "?sort=x", "400 3 0 - -").await;
    check(&panel.key, "", "429 3 0 60 60").await;
    check(&panel.reader, "", "200 3 2 - -").await;
    panel.world.advance(Duration::from_secs(25));
    check(&panel.key, "", "429 3 0 35 60").await;
    panel.world.advance(Duration::from_secs(35));
    check(&panel.key, "", "200 3 2 - -").await;
    let flags = ["--facades=panel", "--panel-requests-per-minute=0"];
    let free = Panel::new(World::new(Engine::Sqlite, &flags).await).await;
    let answer = free.rest.get(USERS, &free.key).await;
    assert_eq!(quota(&answer), "200 - - - -");
}

#[tokio::test]
async fn a_client_with_the_operators_key_edits_the_only_admin_that_it_made() {
    on_each_panel(async |panel| {
        let world = &panel.world;
        world.root().await;
        let account = json!({"name": "Led", "managed": true});
        let account = world.operate("account/create", account).await["id"].clone();
        let key = json!({"accountId": account, "name": "panel", "role": "admin"});
        let key = world.operate("key/create", key).await["key"].clone();
        let key = key.as_str().unwrap();
        let fields = |more: Value| body("ada", more);
        let made = panel.rest.post(USERS, key, fields(json!({"root_admin": true}))).await;
        let user = made.with_status(201)["attributes"].clone();
        let path = format!("{USERS}/{}", user["id"]);
        // A person who edits a name sends all that is required, and root_admin or not.
        for (more, admin) in [
            (json!({"first_name": "Augusta", "password": null}), true),
            (json!({"root_admin": false, "password": ""}), false),
            (json!({"root_admin": true}), true),
        ] {
            let edited = panel.rest.patch(&path, key, fields(more)).await.with_status(200);
            assert_eq!(edited["attributes"]["root_admin"], admin);
        }
        // Once there is somebody who can look after the account, it keeps one who does.
        let credentials = json!({"email": "ada@example.com", "password": PASSWORD});
        world.client.call("session/create", "", credentials).await.ok();
        let down = fields(json!({"root_admin": false, "password": null}));
        let refused = panel.rest.patch(&path, key, down).await;
        assert_eq!(outcome(&refused), "400 DisplayException");
        let detail = refused.json()["errors"][0]["detail"].as_str().unwrap().to_owned();
        assert!(detail.contains("admin"), "{detail}");
        let refused = panel.rest.delete(&path, key).await;
        assert_eq!(outcome(&refused), "400 DisplayException");
    })
    .await;
}

#[tokio::test]
async fn limits_beside_the_keys_own_are_told_alike() {
    on_each_panel(async |panel| {
        panel.world.signed_up("eve@example.com").await;
        let make = async || {
            let body = body("eve", json!({"password": PASSWORD}));
            panel.rest.post(USERS, &panel.key, body).await
        };
        for _ in 0..21 {
            make().await.with_status(422);
        }
        let answer = make().await;
        assert_eq!(outcome(&answer), "429 ThrottleRequestsException");
        assert_eq!(answer.header("retry-after"), Some("1"));
        assert_eq!(answer.header("x-ratelimit-remaining"), Some("0"));
        let at = panel.world.clock.now().plus(Duration::from_secs(1)).millis() / 1000;
        assert_eq!(answer.header("x-ratelimit-reset"), Some(at.to_string().as_str()));
    })
    .await;
}

#[tokio::test]
async fn a_persons_token_is_taken_for_lasting_power_only_while_its_sign_in_is_fresh() {
    on_each_panel(async |panel| {
        let user = panel.user("bob", json!({})).await;
        let path = format!("{USERS}/{}", user["id"]);
        let token = &panel.admin.token;
        let mut renamed = body("bob", json!({"first_name": "Robert"}));
        renamed.as_object_mut().unwrap().remove("password");
        let mut promoted = renamed.clone();
        promoted["root_admin"] = json!(true);
        panel.world.advance(Duration::from_secs(10 * 60 + 1));
        panel.rest.patch(&path, token, renamed).await.with_status(200);
        for (who, status) in [(token, 401), (&panel.key, 200)] {
            let answer = panel.rest.patch(&path, who, promoted.clone()).await;
            let told = answer.with_status(status);
            if status == 401 {
                assert_eq!(outcome(&answer), "401 AuthenticationException");
                assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
                let why = told["errors"][0]["detail"].as_str().unwrap();
                assert!(
                    why.starts_with("This call needs a sign-in within the last 10 minutes"),
                    "{why}"
                );
            }
        }
        let made = panel.rest.post(USERS, token, body("eve", json!({}))).await;
        assert_eq!(outcome(&made), "401 AuthenticationException");
        let again = panel.world.fresh(&panel.admin);
        panel.rest.post(USERS, &again.token, body("eve", json!({}))).await.with_status(201);
    })
    .await;
}
