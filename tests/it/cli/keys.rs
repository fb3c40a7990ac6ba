//! `guestlist key create`: a key on stdout and nothing else, good at once.

use expect_test::expect;
use serde_json::{Value, json};

use crate::support::{
    engine::Engine,
    process::{Service, Site},
};

/// Makes a key with these arguments.
async fn key(site: &Site, arguments: &[&str]) -> String {
    let all = [&["key", "create", "--name", "test"], arguments].concat();
    let stdout = site.run(&all).await.ok();
    let key = stdout.strip_suffix('\n').unwrap();
    assert!(key.starts_with("gl_") && !key.contains(char::is_whitespace), "{stdout}");
    key.to_owned()
}

async fn emails(service: &Service, key: &str) -> Vec<String> {
    let page = service.call("user/find", key, json!({})).await.ok();
    let email = |user: &Value| user["email"].as_str().unwrap().to_owned();
    page["data"].as_array().unwrap().iter().map(email).collect()
}

#[tokio::test]
async fn a_key_is_accepted_at_once_by_the_service_that_runs() {
    for engine in Engine::all() {
        let site = Site::on(engine).await.with("--registration=open");
        let service = site.start().await;
        let operator = key(&site, &["--role", "root"]).await;
        assert_eq!(emails(&service, &operator).await, Vec::<String>::new());
        service.root(&site).await;
        assert_eq!(emails(&service, &operator).await, ["root@example.com"]);

        let ann = site.token("ann@example.com").await;
        let ann = service.call("user/login", &ann, json!({"register": true})).await.ok();
        let account = ann["account"]["id"].as_str().unwrap();
        let in_account = key(&site, &["--role", "admin", "--account", account]).await;
        assert_eq!(emails(&service, &in_account).await, ["ann@example.com"]);
        let elsewhere = json!({"accountId": account});
        let answer = service.call("user/find", &in_account, elsewhere.clone()).await;
        assert_eq!(answer.outcome(), "403 forbidden_field");
        let found = service.call("user/find", &operator, elsewhere).await.ok();
        assert_eq!(found["data"][0]["email"], "ann@example.com");
        service.stop().await;
    }
}

#[tokio::test]
async fn a_key_needs_no_service() {
    let site = Site::sqlite();
    let operator = key(&site, &["--role", "root"]).await;
    let service = site.start().await;
    service.call("user/create", &operator, json!({"email": "bob@example.com"})).await.ok();
    // Keys do not make somebody the operator: the setup code is still there for that.
    let root = service.root(&site).await;
    let found = service.call("user/find", &root, json!({})).await.ok();
    assert_eq!(found["data"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_read_key_changes_nothing() {
    let site = Site::sqlite();
    let service = site.start().await;
    let reader = key(&site, &["--role", "admin", "--access", "read"]).await;
    assert_eq!(emails(&service, &reader).await, Vec::<String>::new());
    let answer = service.call("user/create", &reader, json!({"email": "bob@example.com"})).await;
    assert_eq!(answer.outcome(), "403 forbidden");
    let logs_in = service.call("user/login", &reader, json!({"register": true})).await;
    assert_ne!(logs_in.status, 200);
}

#[tokio::test]
async fn an_account_that_is_not_there_is_said_so() {
    let site = Site::sqlite();
    // So that there is a table.
    site.run(&["key", "create", "--name=x", "--role=admin"]).await.ok();
    let commands: [&[&str]; 7] = [
        &["key", "create", "--name=x", "--role=admin"],
        &["key", "find"],
        &["user", "create", "ada@example.com"],
        &["user", "find"],
        &["user", "find", "ada@example.com"],
        &["user", "find", "01890000-0000-7000-8000-000000000001"],
        &["user", "find", "--removed"],
    ];
    for command in commands {
        let unknown = ["--account", "01890000-0000-7000-8000-000000000000"];
        let said = site.run(&[command, &unknown].concat()).await.failure();
        let told = "guestlist: The account was not found; look it up with guestlist account find\n";
        assert_eq!(said, told, "{command:?}");
    }
    let create = ["key", "create", "--name=x", "--role=admin", "--account=home"];
    let said = site.run(&create).await.misuse();
    expect![[r"
        error: invalid value 'home' for '--account <ID>': the ID of an account is a UUID; guestlist account find lists accounts

        For more information, try '--help'.
    "]]
    .assert_eq(&said);
    let said = site.run(&["key", "create", "--name=", "--role=admin"]).await.misuse();
    expect![[r"
        guestlist: name must not be empty
    "]]
    .assert_eq(&said);
}

#[tokio::test]
async fn keys_are_listed_and_removed() {
    for engine in Engine::all() {
        let site = Site::on(engine).await;
        let service = site.start().await;
        assert_eq!(site.run(&["key", "find"]).await.ok(), "");
        let operator = key(&site, &["--role", "root"]).await;
        let other = ["key", "create", "--name=other", "--role=admin", "--json"];
        let other: Value = serde_json::from_str(&site.run(&other).await.ok()).unwrap();
        assert!(other["key"].as_str().unwrap().starts_with("gl_"), "{other}");
        site.run(&["key", "remove", other["id"].as_str().unwrap()]).await.ok();
        emails(&service, &operator).await;
        let table = site.run(&["key", "find"]).await.ok();
        let words: Vec<_> = table.lines().nth(1).unwrap().split_whitespace().collect();
        assert_eq!(words[1..4], ["test", "root", "write"], "{table}");
        assert!(!table.contains(&operator));
        let json = site.run(&["key", "find", "--json"]).await.ok();
        let found: Value = serde_json::from_str(&json).unwrap();
        assert_eq!(found["id"], words[0]);
        let removed = site.run(&["key", "remove", words[0], "--json"]).await.ok();
        let removed: Value = serde_json::from_str(&removed).unwrap();
        assert_eq!(removed["id"], words[0]);
        assert_eq!(site.run(&["key", "find"]).await.ok(), "");
        let said = site.run(&["key", "remove", words[0]]).await.failure();
        assert_eq!(said, "guestlist: The key was not found; look it up with guestlist key find\n");
        service.stop().await;
    }
}
