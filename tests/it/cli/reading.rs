//! Commands that read make nothing and write nothing; nor do commands make a table that need something to be in it.

use std::fs;

use guestlist::{
    clock::Clock,
    table::{Item, MAX_PAGE, Table as _, sqlite::Sqlite},
};
use serde_json::{Value, json};

use crate::support::{
    dynamodb,
    engine::Engine,
    process::{Site, secret},
};

const NOBODY: &str = "01890000-0000-7000-8000-000000000000";

/// Commands that only read.
const READING: [&[&str]; 12] = [
    &["user", "find"],
    &["user", "find", "--role=root"],
    &["user", "find", "ada@example.com"],
    &["user", "find", NOBODY],
    &["user", "find", "--removed"],
    &["user", "export"],
    &["user", "export", "--all"],
    &["account", "find"],
    &["key", "find"],
    &["audit", "export"],
    &["audit", "export", "--format=ndjson"],
    &["mail", "state"],
];

/// Commands that work on what is in a table.
const CHANGING: [&[&str]; 13] = [
    &["user", "update", "ada@example.com", "--role=admin"],
    &["user", "update", NOBODY, "--role=admin"],
    &["user", "remove", "ada@example.com"],
    &["user", "restore", NOBODY],
    &["user", "restore", "ada@example.com", "--account", NOBODY],
    &["user", "unbind", "ada@example.com"],
    &["user", "remove-second-factor", "ada@example.com"],
    &["account", "update", NOBODY, "--name=Acme"],
    &["account", "remove", NOBODY],
    &["key", "remove", NOBODY],
    &["table", "reopen"],
    &["table", "restored"],
    &["table", "accept-secret", "--lost"],
];

/// What is in the folder of a site.
fn files(site: &Site) -> Vec<String> {
    let files = fs::read_dir(site.path("")).unwrap();
    files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect()
}

/// All that is in the table of a site on SQLite.
async fn items(site: &Site) -> Vec<Item> {
    let table = Sqlite::open(&site.path("data/guestlist.db"), Clock::System).unwrap();
    let scanned = table.scan(None, MAX_PAGE).await.unwrap();
    assert_eq!(scanned.next, None);
    scanned.items
}

#[tokio::test]
async fn a_table_that_is_not_there_is_said_so_and_not_made() {
    let backup = ["backup", "monday.db"];
    let secrets = ["user", "export", "--all", "--secrets=moved.ndjson"];
    let commands = READING.into_iter().chain(CHANGING).chain([&backup[..], &secrets]);
    for command in commands {
        for site in [Site::sqlite(), Site::sqlite().with(format!("--secret={}", secret(1)))] {
            let said = site.run(command).await;
            assert_eq!(said.code, Some(1), "{command:?}: {said:?}");
            let expected = format!(
                "guestlist: there is no table in {}; check --table and --config. The service creates a table when it \
                 first starts, and guestlist table create does, too\n",
                site.path("data").display()
            );
            assert_eq!(said.failure(), expected, "{command:?}");
            assert_eq!(files(&site), [""; 0], "{command:?}");
        }
    }
    for command in [&["backup", "monday.db", "--verify"][..], &["table", "accept-secret"]] {
        let site = Site::sqlite();
        site.run(command).await.failure();
        assert_eq!(files(&site), [""; 0], "{command:?}");
    }
    for command in [&["settings"][..], &["openapi"]] {
        let site = Site::sqlite();
        site.run(command).await.ok();
        assert_eq!(files(&site), [""; 0], "{command:?}");
    }
}

/// A folder in which the making of a table was cut off, or that cannot be looked into.
#[tokio::test]
async fn what_is_no_table_yet_stays_as_it_is() {
    let site = Site::sqlite();
    fs::create_dir(site.path("data")).unwrap();
    fs::write(site.path("data/guestlist.db"), "").unwrap();
    let said = site.run(&["user", "find"]).await.failure();
    assert!(said.contains("there is no table in "), "{said}");
    assert_eq!(fs::read_dir(site.path("data")).unwrap().count(), 1);
    assert_eq!(fs::metadata(site.path("data/guestlist.db")).unwrap().len(), 0);

    let site = Site::sqlite();
    fs::write(site.path("data"), "a file, not a folder").unwrap();
    let said = site.run(&["user", "find"]).await.failure();
    assert!(said.contains("cannot open ") && !said.contains("no table in"), "{said}");
}

/// The first start is still to come, or the setting names another place than was meant.
#[tokio::test]
async fn check_warns_of_a_table_that_is_not_there() {
    for site in [Site::sqlite(), Site::sqlite().with(format!("--secret={}", secret(1)))] {
        let site = site.without("--log-codes").without("--public-url");
        let site = site.with("--public-url=http://localhost:8080");
        let report = site.run(&["check"]).await.ok();
        let warning =
            format!("WARN    table: there is no table in {}", site.path("data").display());
        assert!(report.contains(&warning), "{report}");
        // All else is tested.
        assert!(
            report.contains("ok      tokens: ") && report.contains("ok      mail: "),
            "{report}"
        );
        let lines = site.run(&["check", "--strict", "--json"]).await.failed_check();
        let lines = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let states = lines.filter(|line| line["what"] == "table").map(|line| line["state"].clone());
        assert_eq!(states.collect::<Vec<_>>(), [json!("warning")]);
        assert_eq!(files(&site), [""; 0]);
        // Those who start the service get what it takes.
        site.start().await.stop().await;
        site.run(&["check", "--strict"]).await.ok();
    }
}

#[tokio::test]
async fn an_empty_table_has_nothing_to_find_and_stays_empty() {
    for engine in Engine::all() {
        let site = Site::on(engine).await;
        for command in READING {
            let done = site.run(command).await;
            assert!(done.success, "{command:?}: {}", done.stderr);
            // What is told of the mail server is not in the table.
            let header = usize::from(command == ["audit", "export"]);
            let expected = if command[0] == "mail" { done.stdout.lines().count() } else { header };
            assert_eq!(done.stdout.lines().count(), expected, "{command:?}: {}", done.stdout);
        }
        let said = site.run(&["user", "find"]).await.stderr;
        let place = "guestlist: no user was found in the home account of ";
        assert!(said.starts_with(place), "{said}");
        for (command, what) in [
            (["key", "find"], "key"),
            (["user", "export"], "user"),
            (["audit", "export"], "audit entry"),
        ] {
            let said = site.run(&command).await.stderr;
            let place = format!("guestlist: no {what} was found in the home account of ");
            assert!(said.starts_with(&place), "{said}");
        }
        if engine == Engine::Sqlite {
            assert_eq!(items(&site).await, Vec::<Item>::new());
        }
        for command in CHANGING.into_iter().filter(|command| command[0] != "table") {
            site.run(command).await.failure();
        }
        assert_eq!(site.run(&["account", "find"]).await.ok(), "", "there is no account");

        // What adds something makes the home account, and says so in its trail.
        site.run(&["user", "create", "ada@example.com"]).await.ok();
        let trail = site.run(&["audit", "export", "--format=ndjson"]).await.ok();
        let trail = trail.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let told = trail.map(|entry| (entry["actor"].clone(), entry["action"].clone()));
        let operator = json!("operator");
        let expected =
            [(operator.clone(), json!("user/create")), (operator, json!("account/create"))];
        assert_eq!(told.collect::<Vec<_>>(), expected);
    }
}

#[tokio::test]
async fn each_way_to_add_something_makes_the_home_account() {
    for command in [
        &["user", "create", "ada@example.com"][..],
        &["key", "create", "--role=root", "--name=nightly"],
        &["user", "import", "users.ndjson"],
    ] {
        let site = Site::sqlite();
        fs::write(site.path("users.ndjson"), "{\"email\": \"ada@example.com\"}\n").unwrap();
        site.run(command).await.ok();
        let trail = site.run(&["audit", "export", "--format=ndjson"]).await.ok();
        let last: Value = serde_json::from_str(trail.lines().last().unwrap()).unwrap();
        assert_eq!(last["action"], "account/create", "{command:?}: {trail}");
        assert_eq!(site.run(&["account", "find"]).await.ok().lines().count(), 2, "{command:?}");
    }
}

#[tokio::test]
async fn what_is_read_stays_as_it_is() {
    let site = Site::sqlite();
    let ada = site.run(&["user", "create", "ada@example.com", "--invite", "--json"]).await.ok();
    let ada: Value = serde_json::from_str(&ada).unwrap();
    site.run(&["key", "create", "--role=root", "--name=nightly"]).await.ok();
    site.run(&["user", "create", "bob@example.com"]).await.ok();
    site.run(&["user", "remove", "bob@example.com"]).await.ok();
    let before = items(&site).await;
    let (id, home) = (ada["id"].as_str().unwrap(), ada["accountId"].as_str().unwrap());
    let named = [
        &["user", "find", id][..],
        &["key", "find", "--account", home],
        &["audit", "export", "--account", home],
        &["backup", "monday.db"],
        &["backup", "monday.db", "--verify"],
    ];
    for command in READING.into_iter().chain(named) {
        site.run(command).await.ok();
        assert_eq!(items(&site).await, before, "{command:?}");
    }
}

/// What a command prints ends up in logs and files.
#[tokio::test]
async fn codes_of_invites_are_printed_only_where_they_are_asked_for() {
    let site = Site::sqlite();
    let ada = site.run(&["user", "create", "ada@example.com", "--invite", "--json"]).await.ok();
    let ada: Value = serde_json::from_str(&ada).unwrap();
    let [id, code] = ["id", "invite"].map(|name| ada[name].as_str().unwrap());
    for who in [&[][..], &["ada@example.com"], &[id], &["--state=invited"]] {
        for form in [&[][..], &["--json"]] {
            let find = [&["user", "find"], who, form].concat();
            let found = site.run(&find).await.ok();
            assert!(found.contains(id) && !found.contains(code), "{find:?}: {found}");
            let asked = site.run(&[&find[..], &["--show-invites"]].concat()).await.ok();
            assert!(asked.contains(id) && asked.contains(code), "{find:?}: {asked}");
        }
    }
    for command in READING {
        let json = if command.contains(&"find") { &["--json"][..] } else { &[] };
        let read = site.run(&[command, json].concat()).await.ok();
        assert!(!read.contains(code), "{command:?}: {read}");
    }
    site.run(&["user", "find", "--removed", "--show-invites"]).await.misuse();
}

/// On DynamoDB, only `table create` makes a table.
#[tokio::test]
async fn a_dynamodb_table_is_made_by_no_other_command() {
    let Some(endpoint) = dynamodb() else { return };
    let site = Site::dynamo(&endpoint);
    for command in READING.into_iter().chain(CHANGING) {
        let said = site.run(command).await;
        assert_eq!(said.code, Some(1), "{command:?}: {said:?}");
        let said = said.failure();
        assert!(said.contains("guestlist table create"), "{command:?}: {said}");
    }
    let made = site.run(&["table", "create"]).await.ok();
    assert!(made.ends_with(" has been created.\n"), "{made}");
}
