//! `guestlist account`: accounts from the command line.

use std::fs;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use expect_test::expect;
use serde_json::{Value, json};

use crate::support::{engine::Engine, process::Site};

/// A pixel.
const PNG: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

/// The records that a command prints with `--json`.
async fn records(site: &Site, arguments: &[&str]) -> Vec<Value> {
    let stdout = site.run(&[arguments, &["--json"]].concat()).await.ok();
    stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test]
async fn accounts_are_made_found_and_put_aside() {
    for engine in Engine::all() {
        let site = Site::on(engine).await;
        let none = site.run(&["account", "find"]).await.ok();
        assert_eq!(none, "");
        let said = site.run(&["account", "find"]).await.stderr;
        assert!(said.starts_with("guestlist: no account was found in "), "{said}");
        let acme = records(&site, &["account", "create", "--name=Acme"]).await.remove(0);
        let id = acme["id"].as_str().unwrap();
        assert_eq!(records(&site, &["account", "find"]).await, vec![acme.clone()]);
        let table = site.run(&["account", "find"]).await.ok();
        let created = acme["created"].as_str().unwrap();
        let wide = created.len();
        let expected = format!(
            "{:36}  name  state   managed  {:wide$}  purgeAfter\n\
             {id}  Acme  active  false    {created}\n",
            "id", "created"
        );
        assert_eq!(table, expected);
        let removed = site.run(&["account", "remove", id]).await.ok();
        assert!(removed.contains("state       removed\n"), "{removed}");
        let found = records(&site, &["account", "find"]).await.remove(0);
        assert_eq!((&found["state"], &found["version"]), (&json!("removed"), &json!(2)));
        // Nothing new comes in.
        let create = ["user", "create", "ada@example.com", "--account", id];
        let said = site.run(&create).await.failure();
        expect![[r"
            guestlist: The account has been removed; restore it first with guestlist account update ID --state active
        "]]
        .assert_eq(&said);
    }
}

#[tokio::test]
async fn accounts_are_managed_renamed_suspended_and_brought_back() {
    let site = Site::sqlite();
    let acme = records(&site, &["account", "create", "--name=Acme", "--managed"]).await.remove(0);
    assert_eq!(acme["managed"], true);
    let id = acme["id"].as_str().unwrap();
    let update = async |flags: &[&str]| {
        records(&site, &[&["account", "update", id], flags].concat()).await.remove(0)
    };
    let after = update(&["--managed=false", "--name=Acme Ltd"]).await;
    assert_eq!((&after["managed"], &after["name"]), (&json!(false), &json!("Acme Ltd")));
    assert_eq!(update(&["--state=suspended"]).await["state"], "suspended");
    site.run(&["account", "remove", id]).await.ok();
    let after = update(&["--state=active", "--managed", "true"]).await;
    assert_eq!((&after["managed"], &after["state"]), (&json!(true), &json!("active")));
    let shown = site.run(&["account", "find"]).await.ok();
    assert!(shown.contains("  Acme Ltd  active  true "), "{shown}");

    // The home account is what the operator vouches for by being there.
    site.run(&["user", "create", "ada@example.com"]).await.ok();
    let home = records(&site, &["user", "find", "ada@example.com"]).await.remove(0);
    let home = home["accountId"].as_str().unwrap();
    let said = site.run(&["account", "update", home, "--managed=false"]).await.failure();
    assert!(said.contains("home account"), "{said}");
    let said = site.run(&["account", "update", id]).await.misuse();
    assert!(said.contains("--name <NAME>|--managed <true|false>|--state <STATE>"), "{said}");
}

#[tokio::test]
async fn a_logo_is_read_from_a_file_checked_and_removed() {
    const SVG: &str = r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 2 2"><circle cx="1" cy="1" r="1"/></svg>"#;
    for engine in Engine::all() {
        let site = Site::on(engine).await;
        let file = |name: &str, content: &[u8]| {
            let path = site.path(name);
            fs::write(&path, content).unwrap();
            format!("--logo={}", path.display())
        };
        let svg = file("acme.svg", SVG.as_bytes());
        let acme = records(&site, &["account", "create", "--name=Acme", &svg]).await.remove(0);
        let logo = acme["logo"].as_str().unwrap();
        let id = acme["id"].as_str().unwrap();
        let shown = site.run(&["account", "update", id, "--no-logo"]).await.ok();
        assert!(!shown.contains("logo"), "{shown}");
        let shown = site.run(&["account", "update", id, &svg]).await.ok();
        assert!(shown.contains(logo), "{shown}");
        let png = STANDARD.decode(PNG).unwrap();
        let changed = records(&site, &["account", "update", id, &file("acme.png", &png)]).await;
        assert_ne!(changed[0]["logo"], logo);

        for (content, why) in [
            (b"<svg>".to_vec(), "logo "),
            (b"GIF89a".to_vec(), "logo "),
            (vec![b'a'; 32 * 1024 + 1], "logo must be at most 32 KiB"),
            (vec![b'a'; 5_000_000], "logo must be at most 32 KiB"),
        ] {
            let said = site.run(&["account", "update", id, &file("bad", &content)]).await.failure();
            assert!(said.starts_with("guestlist: ") && said.contains(why), "{said}");
        }
        let said = site.run(&["account", "update", id, "--logo=nowhere.svg"]).await.failure();
        assert!(said.contains("nowhere.svg: No such file"), "{said}");
        let both = site.run(&["account", "update", id, &svg, "--no-logo"]).await;
        assert!(!both.success && both.stderr.contains("cannot be used with"), "{}", both.stderr);
        // Nothing of that has changed it.
        let after = records(&site, &["account", "find"]).await;
        assert!(after.iter().any(|it| it["logo"] == changed[0]["logo"]), "{after:?}");
    }
}

#[tokio::test]
async fn an_account_that_is_not_there_is_said_so() {
    let site = Site::sqlite().with_table().await;
    let nobody = "01890000-0000-7000-8000-000000000000";
    for arguments in [
        &["account", "remove", nobody][..],
        &["account", "update", nobody, "--name=Nobody"],
        &["key", "find", "--account", nobody],
        &["user", "export", "--account", nobody],
        &["user", "create", "ada@example.com", "--account", nobody],
    ] {
        let said = site.run(arguments).await.failure();
        expect![[r"
            guestlist: The account was not found; look it up with guestlist account find
        "]]
        .assert_eq(&said);
    }
}

/// More than fit on a page.
#[tokio::test]
async fn all_pages_are_printed() {
    let site = Site::sqlite();
    let service = site.start().await;
    let root = service.root(&site).await;
    for number in 0..101 {
        let body = json!({"name": format!("Account {number}")});
        service.call("account/create", &root, body).await.ok();
    }
    let names: Vec<_> = records(&site, &["account", "find"]).await;
    let names: Vec<_> = names.iter().map(|it| it["name"].as_str().unwrap()).collect();
    assert_eq!(names.len(), 102);
    assert_eq!((names[0], names[101]), ("Home", "Account 100"));
    let table = site.run(&["account", "find"]).await.ok();
    assert_eq!(table.lines().count(), 103);
}
