//! `guestlist user create` and `guestlist user export`.

use serde_json::{Value, json};

use crate::support::{engine::Engine, process::Site, scene::PASSWORD};

/// Makes a user; the record.
async fn user(site: &Site, arguments: &[&str]) -> Value {
    let stdout = site.run(&[&["user", "create", "--json"], arguments].concat()).await.ok();
    serde_json::from_str(&stdout).unwrap()
}

async fn exported(site: &Site, arguments: &[&str]) -> Vec<Value> {
    let stdout = site.run(&[&["user", "export"], arguments].concat()).await.ok();
    stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test]
async fn a_user_is_made_and_comes_in_by_the_link() {
    for engine in Engine::all() {
        let site = Site::on(engine).await.with("--app-url=https://app.example.com");
        let service = site.start().await;
        let names = ["--email=Ada@Example.com", "--first=Ada", "--last=Lovelace"];
        let stdout = site.run(&[&["user", "create", "--invite"], &names[..]].concat()).await.ok();
        let field = |name: &str| {
            let line = stdout.lines().find(|line| line.starts_with(name)).unwrap();
            line.split_once("  ").unwrap().1.trim().to_owned()
        };
        assert_eq!((field("email"), field("state")), ("ada@example.com".into(), "invited".into()));
        let invite = field("invite");
        assert_eq!(field("link"), format!("https://app.example.com/#invite={invite}"));
        let ada = site.token("ada@example.com").await;
        let reply = service.call("user/login", &ada, json!({"invite": invite})).await.ok();
        assert_eq!(reply["user"]["id"], field("id"));
        assert_eq!(
            (&reply["user"]["role"], &reply["user"]["first"]),
            (&json!("user"), &json!("Ada"))
        );
        // The home account is the one that the first root user comes into.
        service.root(&site).await;
        let all = exported(&site, &[]).await;
        assert!(all.iter().all(|user| user["accountId"] == field("accountId")), "{all:?}");
        assert_eq!(all.len(), 2);
        service.stop().await;
    }
}

#[tokio::test]
async fn a_password_comes_from_stdin() {
    let site = Site::sqlite();
    let service = site.start().await;
    let create = |email: &'static str| {
        ["user", "create", "--role=admin", "--password-stdin", "--email", email]
    };
    let input = format!("{PASSWORD}\r\nnot this\n");
    let made = site.run_on(&create("ada@example.com"), &input).await.ok();
    assert!(made.contains("state      active\n") && !made.contains(PASSWORD), "{made}");
    let body = json!({"email": "ada@example.com", "password": PASSWORD});
    service.call("session/create", "", body).await.ok();
    let said = site.run_on(&create("bob@example.com"), "short").await.failure();
    assert!(said.starts_with("guestlist: password must have at least 8 characters"), "{said}");
    let said = site.run_on(&create("ada@example.com"), PASSWORD).await.failure();
    assert_eq!(
        said,
        "guestlist: A user of the account has this email already: active, with role admin.\n"
    );
    let said = site.run(&[&create("eve@example.com")[..], &["--invite"]].concat()).await.failure();
    assert!(said.contains("cannot be used with"), "{said}");
}

#[tokio::test]
async fn an_export_has_everybody_and_lets_nobody_in() {
    for engine in Engine::all() {
        let site = Site::on(engine).await;
        assert_eq!(exported(&site, &["--all"]).await, Vec::<Value>::new());
        let acme = ["account", "create", "--name=Acme", "--managed", "--json"];
        let acme: Value = serde_json::from_str(&site.run(&acme).await.ok()).unwrap();
        let id = acme["id"].as_str().unwrap();
        let line = json!({
            "type": "account", "id": id, "name": "Acme", "managed": true, "state": "active",
        });
        assert_eq!(exported(&site, &["--all"]).await, std::slice::from_ref(&line));
        let ada = user(&site, &["--email=ada@example.com", "--invite"]).await;
        let input = format!("{PASSWORD}\n");
        let bob =
            ["user", "create", "--email=bob@example.com", "--password-stdin", "--account", id];
        site.run_on(&bob, &input).await.ok();
        let mut expected = ada.clone();
        for name in ["invite", "link"] {
            assert!(expected.as_object_mut().unwrap().remove(name).is_some(), "{ada}");
        }
        assert_eq!(exported(&site, &[]).await, [expected.clone()]);
        let of_acme = exported(&site, &["--account", id]).await;
        assert_eq!((&of_acme[0]["email"], of_acme.len()), (&json!("bob@example.com"), 1));
        let home = json!({
            "type": "account", "id": expected["accountId"], "name": "Home", "managed": true,
            "state": "active", "home": true, "setUp": false,
        });
        let all = exported(&site, &["--all"]).await;
        assert_eq!(all, [home, expected, line, of_acme[0].clone()], "the home account comes first");
        let text = site.run(&["user", "export", "--all"]).await.ok();
        for secret in [ada["invite"].as_str().unwrap(), "argon2", "password", "identity"] {
            assert!(!text.contains(secret), "{secret} is in {text}");
        }
    }
}

#[tokio::test]
async fn a_person_is_found_in_all_accounts() {
    for engine in Engine::all() {
        let site = Site::on(engine).await;
        let mut accounts = Vec::new();
        for name in ["Acme", "Globex"] {
            let account = site.run(&["account", "create", "--json", "--name", name]).await.ok();
            let account: Value = serde_json::from_str(&account).unwrap();
            let id = account["id"].as_str().unwrap().to_owned();
            user(&site, &["--email=ada@example.com", "--role=admin", "--account", &id]).await;
            accounts.push(id);
        }
        user(&site, &["--email=bob@example.com"]).await;
        let find = async |arguments: &[&str]| {
            let find = ["user", "find", "--email=Ada@example.com"];
            site.run(&[&find, arguments].concat()).await.ok()
        };
        let found = find(&["--json"]).await;
        let found: Vec<Value> = found.lines().map(|it| serde_json::from_str(it).unwrap()).collect();
        let ids: Vec<_> = found.iter().map(|it| it["accountId"].as_str().unwrap()).collect();
        assert_eq!(ids, accounts);
        let table = find(&[]).await;
        let first = table.lines().next().unwrap();
        let columns: Vec<_> = first.split_whitespace().collect();
        assert_eq!(columns, ["id", "accountId", "email", "role", "state", "issuer"]);
        assert_eq!(table.lines().filter(|line| line.contains("  admin  invited")).count(), 2);
        let one = find(&["--account", &accounts[1]]).await;
        assert!(one.lines().count() == 2 && one.contains(&accounts[1]), "{one}");
        let nobody = site.run(&["user", "find", "--email=eve@example.com"]).await.ok();
        assert_eq!(nobody, "");
    }
}

#[tokio::test]
async fn an_outside_identity_is_taken_off() {
    let site = Site::sqlite();
    let service = site.start().await;
    let ada = user(&site, &["--email=ada@example.com", "--invite"]).await;
    let token = site.token("ada@example.com").await;
    service.call("user/login", &token, json!({"invite": ada["invite"]})).await.ok();
    let id = ada["id"].as_str().unwrap();
    let elsewhere = ["--account", "01890000-0000-7000-8000-000000000000"];
    let said = site.run(&[&["user", "unbind", "--id", id], &elsewhere[..]].concat()).await;
    assert_eq!(said.failure(), "guestlist: The user was not found, or you may not see it.\n");
    let unbound = site.run(&["user", "unbind", "--id", id]).await.ok();
    assert!(unbound.contains("state      invited\n"), "{unbound}");
    let answer = service.call("user/get", &token, json!({})).await;
    assert_eq!(answer.outcome(), "403 not_registered");

    // A sign-in of ours is its person's.
    let input = format!("{PASSWORD}\n");
    let bob = ["user", "create", "--email=bob@example.com", "--password-stdin", "--json"];
    let bob: Value = serde_json::from_str(&site.run_on(&bob, &input).await.ok()).unwrap();
    let said = site.run(&["user", "unbind", "--id", bob["id"].as_str().unwrap()]).await.failure();
    assert!(said.contains("People manage how they sign in"), "{said}");
}
