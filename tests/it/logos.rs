//! Accounts' logos: who sets one, where it is shown, what it is served as, and that it goes with its account.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hyper::Method;
use mail_parser::{MessageParser, MimeHeaders as _};
use serde_json::{Value, json};

use crate::support::{
    client::Answer,
    process::Site,
    scene::PASSWORD,
    world::{Person, World, on_each_engine},
};

/// A pixel.
const PNG: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const SVG: &str = r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 2 2"><circle cx="1" cy="1" r="1"/></svg>"#;

fn svg() -> String {
    STANDARD.encode(SVG)
}

async fn set(world: &World, by: &Person, logo: impl Into<Value>) -> Answer {
    world.call("account/update", by, json!({"logo": logo.into()})).await
}

async fn get(world: &World, path: &str) -> Answer {
    world.client.send(Method::GET, &format!("/{path}"), &[], "").await
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is a text"))
}

#[tokio::test]
async fn a_logo_is_shown_in_a_sandbox() {
    on_each_engine(async |world| {
        let admin = world.admin("admin@example.com").await;
        for (logo, kind) in [(PNG.to_owned(), "image/png"), (svg(), "image/svg+xml; charset=utf-8")] {
            let account = set(&world, &admin, logo).await.ok();
            let shown = get(&world, text(&account["logo"])).await;
            assert_eq!(shown.status, 200);
            for (name, value) in [
                ("content-type", kind),
                ("x-content-type-options", "nosniff"),
                (
                    "content-security-policy",
                    "default-src 'none'; style-src 'unsafe-inline'; sandbox",
                ),
                ("cache-control", "public, max-age=31536000, immutable"),
                ("cross-origin-resource-policy", "cross-origin"),
            ] {
                assert_eq!(shown.header(name), Some(value), "{name}");
            }
        }
        let account = world.call("account/get", &admin, json!({})).await.ok();
        let path = text(&account["logo"]);
        let shown = get(&world, path).await;
        assert_eq!(
            String::from_utf8(shown.body.to_vec()).unwrap(),
            r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 2 2"><circle cx="1" cy="1" r="1"></circle></svg>"#
        );
        let head = world.client.send(Method::HEAD, &format!("/{path}"), &[], "").await;
        assert_eq!((head.status, head.body.len()), (200, 0));
        let posted = world.client.send(Method::POST, &format!("/{path}"), &[], "").await;
        assert_eq!(posted.status, 405);
        for nothing in ["logos/", "logos/x", &format!("logos/{}", "A".repeat(43)), "logos/../account/get"] {
            assert_eq!(get(&world, nothing).await.status, 404, "{nothing}");
        }
    })
    .await;
}

#[tokio::test]
async fn another_one_takes_its_place_and_null_removes_it() {
    on_each_engine(async |world| {
        let admin = world.admin("admin@example.com").await;
        let first = set(&world, &admin, PNG).await.ok();
        // The same picture is the same logo.
        assert_eq!(set(&world, &admin, PNG).await.ok(), first);
        let second = set(&world, &admin, svg()).await.ok();
        assert_ne!(first["logo"], second["logo"]);
        assert_eq!(get(&world, text(&first["logo"])).await.status, 404);
        assert_eq!(get(&world, text(&second["logo"])).await.status, 200);
        // What else is changed leaves it alone.
        let named = world.call("account/update", &admin, json!({"name": "Acme"})).await.ok();
        assert_eq!(named["logo"], second["logo"]);
        let none = set(&world, &admin, Value::Null).await.ok();
        assert!(none.get("logo").is_none(), "{none}");
        assert_eq!(get(&world, text(&second["logo"])).await.status, 404);
        let trail = json!({"action": "account/update"});
        let trail = world.call("audit/find", &admin, trail).await.ok();
        let entries = trail["data"].as_array().unwrap().iter();
        let changed =
            |field: &str| entries.clone().filter(|it| it["changed"] == json!([field])).count();
        assert_eq!((changed("logo"), changed("name")), (3, 1), "{trail}");
    })
    .await;
}

#[tokio::test]
async fn admins_set_their_own_accounts_alone() {
    on_each_engine(async |world| {
        let admin = world.admin("admin@example.com").await;
        let user = world.invited(&admin, "user@example.com", json!({})).await;
        assert_eq!(set(&world, &user, PNG).await.json()["code"], "forbidden");
        let other = world.admin("other@example.com").await;
        let body = json!({"accountId": admin.account, "logo": PNG});
        let refused = world.call("account/update", &other, body).await;
        assert_eq!(refused.json()["code"], "forbidden_field");
        // Two accounts with one picture do not share it.
        let [ours, theirs] = [&admin, &other].map(|admin| set(&world, admin, PNG));
        let (ours, theirs) = (ours.await.ok(), theirs.await.ok());
        assert_ne!(ours["logo"], theirs["logo"]);
        set(&world, &other, Value::Null).await.ok();
        assert_eq!(get(&world, text(&ours["logo"])).await.status, 200);
        // Users see their own account's.
        let seen = world.call("account/get", &user, json!({})).await.ok();
        assert_eq!(seen["logo"], ours["logo"]);
        let mine = world.call("account/mine", &user, json!({})).await.ok();
        assert_eq!(mine["accounts"][0]["account"]["logo"], ours["logo"]);
    })
    .await;
}

#[tokio::test]
async fn what_is_no_picture_is_refused_with_the_reason() {
    on_each_engine(async |world| {
        let admin = world.admin("admin@example.com").await;
        let script = SVG.replace("<circle", "<script>alert(1)</script><circle");
        for (logo, said) in [
            ("no base64!".to_owned(), "logo must be in base64"),
            (STANDARD.encode("GIF89a"), "logo must be a PNG or an SVG picture"),
            (STANDARD.encode(script), "logo must not have the element script (line 1)"),
            (STANDARD.encode(vec![0; 32 * 1024 + 1]), "logo must be at most 32 KiB"),
            ("A".repeat(45_000), "logo must be at most 32 KiB"),
        ] {
            let refused = set(&world, &admin, logo).await;
            assert_eq!(refused.status, 422);
            let detail = refused.json()["errors"][0]["detail"].clone();
            assert!(text(&detail).contains(said), "{detail}: {said}");
        }
        let account = world.call("account/get", &admin, json!({})).await.ok();
        assert!(account.get("logo").is_none(), "{account}");
    })
    .await;
}

#[tokio::test]
async fn who_is_invited_sees_it() {
    on_each_engine(async |world| {
        let admin = world.admin("admin@example.com").await;
        let logo = set(&world, &admin, svg()).await.ok()["logo"].clone();
        let body = json!({"email": "bob@example.com", "sendInvite": true});
        let bob = world.call("user/create", &admin, body).await.ok();
        let invite = json!({"invite": bob["invite"]});
        let offered = world.client.call("invite/check", "", invite).await.ok();
        assert_eq!(offered["accountLogo"], logo);
        // The account is managed, and so expects him.
        let token = world.token("bob@example.com", true);
        let mine = world.client.call("account/mine", &token, json!({})).await.ok();
        assert_eq!(mine["expected"][0]["accountLogo"], logo);
    })
    .await;
}

/// The newest email to the address, as it was sent.
async fn newest(world: &World, to: &str) -> Vec<u8> {
    while world.courier.round().await.unwrap() > 0 {}
    let paths = std::fs::read_dir(world.mail.path()).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<_> = paths.collect();
    paths.sort();
    let emails = paths.iter().rev().map(|path| std::fs::read(path).unwrap());
    let is_to = |email: &Vec<u8>| String::from_utf8_lossy(email).contains(&format!("To: {to}"));
    emails.into_iter().find(is_to).unwrap()
}

/// What an email carries along: the type, the id and the bytes.
fn carried(email: &[u8]) -> Vec<(String, String, Vec<u8>)> {
    let message = MessageParser::default().parse(email).unwrap();
    let parts = message.parts.iter().filter(|part| part.content_id().is_some());
    let carried = parts.map(|part| {
        let kind = part.content_type().unwrap();
        let kind = format!("{}/{}", kind.ctype(), kind.subtype().unwrap());
        (kind, part.content_id().unwrap().to_owned(), part.contents().to_vec())
    });
    carried.collect()
}

#[tokio::test]
async fn emails_carry_the_logo_along() {
    on_each_engine(async |world| {
        let admin = world.admin("admin@example.com").await;
        set(&world, &admin, PNG).await.ok();
        let body = json!({"email": "bob@example.com", "sendInvite": true});
        world.call("user/create", &admin, body).await.ok();
        let email = newest(&world, "bob@example.com").await;
        let picture = STANDARD.decode(PNG).unwrap();
        assert_eq!(carried(&email), [("image/png".to_owned(), "logo".to_owned(), picture)]);
        let message = MessageParser::default().parse(&email).unwrap();
        let html = message.body_html(0).unwrap().into_owned();
        assert!(html.contains(r#"<img src="cid:logo""#), "{html}");
        // Nothing is loaded when it is read.
        assert!(!html.contains("src=\"http"), "{html}");

        // Mail programs show no SVG.
        set(&world, &admin, svg()).await.ok();
        world.advance(Duration::from_secs(1));
        let body = json!({"email": "ann@example.com", "sendInvite": true});
        world.call("user/create", &admin, body).await.ok();
        let email = newest(&world, "ann@example.com").await;
        assert_eq!(carried(&email), []);
        assert!(!String::from_utf8_lossy(&email).contains("<img"));
    })
    .await;
}

#[tokio::test]
async fn no_logo_is_shown_where_the_sign_in_is_the_persons_own() {
    on_each_engine(async |world| {
        let admin = world.admin("admin@example.com").await;
        let logo = set(&world, &admin, PNG).await.ok()["logo"].clone();
        let check = async |email: &str| {
            world.advance(Duration::from_secs(1));
            let forgot = json!({ "email": email });
            world.client.call("password/forgot", "", forgot).await.ok();
            let email = newest(&world, email).await;
            let message = MessageParser::default().parse(&email).unwrap();
            let text = message.body_text(0).unwrap().into_owned();
            let (_, code) = text.split_once("#reset=").unwrap();
            let code = code.split_whitespace().next().unwrap();
            let shown = world.client.call("password/check", "", json!({ "code": code })).await.ok();
            (carried(&email).len(), shown)
        };
        // A sign-in that the account has made, and that nobody has proved.
        let body = json!({"email": "made@example.com", "password": PASSWORD});
        world.call("user/create", &admin, body).await.ok();
        let (pictures, shown) = check("made@example.com").await;
        assert_eq!((pictures, &shown["accountLogo"]), (1, &logo));
        assert!(shown["accountName"].is_string(), "{shown}");
        // A person's own, also of somebody who is in the account.
        world.signed_up("own@example.com").await;
        let body = json!({"email": "own@example.com", "sendInvite": true});
        world.call("user/create", &admin, body).await.ok();
        let (pictures, shown) = check("own@example.com").await;
        assert_eq!(pictures, 0);
        let has = |name: &str| shown.get(name).is_some();
        assert!(!has("accountLogo") && !has("accountName"), "{shown}");
    })
    .await;
}

#[tokio::test]
async fn it_goes_with_its_account() {
    on_each_engine(async |world| {
        let root = world.root().await;
        let body = json!({"name": "Acme", "logo": PNG});
        let account = world.call("account/create", &root, body).await.ok();
        let path = text(&account["logo"]).to_owned();
        assert_eq!(get(&world, &path).await.status, 200);
        let body = json!({"accountId": account["id"]});
        world.call("account/remove", &world.fresh(&root), body).await.ok();
        // It can be taken back until it is deleted.
        assert_eq!(get(&world, &path).await.status, 200);
        world.advance(Duration::from_hours(24 * 31));
        for _ in 0..10 {
            world.sweeper.round().await.unwrap();
        }
        assert_eq!(get(&world, &path).await.status, 404);
    })
    .await;
}

#[tokio::test]
async fn it_moves_with_its_account() {
    let (old, new) = (Site::sqlite(), Site::sqlite());
    let service = old.start().await;
    let root = service.root(&old).await;
    let body = json!({"name": "Acme", "logo": PNG});
    let account = service.call("account/create", &root, body).await.ok();
    let lines = old.run(&["user", "export", "--all"]).await.ok();
    let line: Value = lines
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .find(|line| line["id"] == account["id"])
        .unwrap();
    assert_eq!(line["logo"], PNG);
    std::fs::write(new.path("users.ndjson"), lines).unwrap();
    new.run(&["user", "import", "users.ndjson"]).await.ok();
    let moved = new.run(&["account", "find", "--json"]).await.ok();
    let moved = moved.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let moved = moved.into_iter().find(|moved| moved["id"] == account["id"]).unwrap();
    // The account and the picture are the same, and so is its path.
    assert_eq!(moved["logo"], account["logo"]);
    let service = new.start().await;
    let shown =
        service.client.send(Method::GET, &format!("/{}", text(&moved["logo"])), &[], "").await;
    assert_eq!(shown.status, 200);
}
