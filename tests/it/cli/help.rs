//! What `--help` tells: of each command what it does and an example, of the settings all, in one place.

use expect_test::{Expect, expect};
use guestlist::config::sources::{SETTINGS, flag};
use serde_json::{Value, json};

use crate::support::{
    process::{Site, eventually, secret},
    smtp::letters_in,
};

/// The help of a command.
async fn help(path: &[String]) -> String {
    let words = path.iter().map(String::as_str).chain(["--help"]);
    Site::sqlite().run(&words.collect::<Vec<_>>()).await.ok()
}

/// The commands that a help names.
fn commands(help: &str) -> Vec<String> {
    let Some((_, rest)) = help.split_once("Commands:\n") else { return Vec::new() };
    let lines = rest.lines().take_while(|line| !line.is_empty());
    let names = lines.filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
    names.filter(|name| !name.is_empty() && *name != "help").map(str::to_owned).collect()
}

#[tokio::test]
async fn each_command_has_a_short_help_with_an_example() {
    let mut waiting = vec![Vec::new()];
    let mut seen = 0;
    while let Some(path) = waiting.pop() {
        let text = help(&path).await;
        let inner = commands(&text);
        let name = ["guestlist".to_owned()].into_iter().chain(path.clone());
        let name = name.collect::<Vec<_>>().join(" ");
        let is_short = text.lines().count() <= 60 && !text.contains("--smtp-url");
        assert!(is_short || name == "guestlist serve", "{name}: {text}");
        assert!(text.contains("--table <TABLE>"), "{name}: {text}");
        // What an example shows can be typed as it stands; those of groups are in their commands' help.
        let example =
            text.lines().find(|line| line.contains(&format!(" {name}")) && !line.contains("Usage"));
        assert!(example.is_some() || !inner.is_empty(), "{name} has no example: {text}");
        seen += 1;
        for command in inner {
            waiting.push(path.iter().cloned().chain([command]).collect());
        }
    }
    assert!(seen > 25, "the commands were not found");
}

/// Runs a command whose arguments are wrong.
async fn misused(arguments: &[&str], expected: Expect) {
    expected.assert_eq(&Site::sqlite().run(arguments).await.misuse());
}

#[tokio::test]
async fn the_nearest_command_and_flag_are_suggested() {
    misused(
        &["user", "crate"],
        expect![[r"
            error: unrecognized subcommand 'crate'

              tip: a similar subcommand exists: 'create'

            Usage: guestlist user [OPTIONS] <COMMAND>

            For more information, try '--help'.
        "]],
    )
    .await;
    misused(
        &["users"],
        expect![[r"
            error: unrecognized subcommand 'users'

              tip: a similar subcommand exists: 'user'

            Usage: guestlist [OPTIONS] [COMMAND]

            For more information, try '--help'.
        "]],
    )
    .await;
    misused(
        &["user", "create", "ada@example.com", "--frist=Ada"],
        expect![[r"
            error: unexpected argument '--frist' found

              tip: a similar argument exists: '--first'

            Usage: guestlist user create --first <NAME> <EMAIL>

            For more information, try '--help'.
        "]],
    )
    .await;
    misused(
        &["check", "--tabel=sqlite:data"],
        expect![[r"
            error: unexpected argument '--tabel' found

              tip: a similar argument exists: '--table'

            Usage: guestlist check --table <TABLE>

            For more information, try '--help'.
        "]],
    )
    .await;
}

#[tokio::test]
async fn names_that_are_far_are_not_suggested() {
    misused(
        &["backup", "--output=monday.db"],
        expect![[r"
            error: unexpected argument '--output' found

            Usage: guestlist backup [OPTIONS] <FILE>

            For more information, try '--help'.
        "]],
    )
    .await;
    misused(
        &["user", "create", "ada@example.com", "--name=Ada"],
        expect![[r"
            error: unexpected argument '--name' found

            Usage: guestlist user create <EMAIL>

            For more information, try '--help'.
        "]],
    )
    .await;
}

#[tokio::test]
async fn wrong_values_are_told_with_what_would_be_right() {
    misused(
        &["user", "create", "ada@example.com", "--role=admn"],
        expect![[r"
            error: invalid value 'admn' for '--role <ROLE>'
              [possible values: user, admin, root]

              tip: a similar value exists: 'admin'

            For more information, try '--help'.
        "]],
    )
    .await;
    misused(
        &["account", "update", "home"],
        expect![[r"
            error: invalid value 'home' for '<ID>': the ID of an account is a UUID; guestlist account find lists accounts

            For more information, try '--help'.
        "]],
    )
    .await;
    misused(
        &["table", "copy", "here", "there"],
        expect![[r"
            error: invalid value 'here' for '<FROM>': a table is sqlite:FOLDER or dynamodb:NAME

            For more information, try '--help'.
        "]],
    )
    .await;
}

#[tokio::test]
async fn an_email_that_begins_with_a_hyphen_is_told_how_to_be_given() {
    misused(
        &["user", "remove", "-ada@example.com"],
        expect![[r"
            error: unexpected argument '-a' found

              tip: to pass '-ada@example.com' as a value, use '-- -ada@example.com'

            Usage: guestlist user remove [OPTIONS] <USER>

            For more information, try '--help'.
        "]],
    )
    .await;
    let site = Site::sqlite().without("--listen").without("--public-url").without("--log-codes");
    let bare = site.without("--table").with_table().await;
    let said = bare.run(&["user", "remove", "--", "-ada@example.com"]).await.failure();
    assert!(said.contains("no user has the email -ada@example.com in "), "{said}");
    let said = Site::sqlite().run(&["user", "remove", "--email=ada@example.com"]).await.misuse();
    assert!(!said.contains("as a value"), "{said}");
}

/// The help of a group is what somebody needs who gives its name alone.
#[tokio::test]
async fn a_group_alone_shows_its_commands() {
    for group in ["user", "account", "key", "audit", "mail", "table"] {
        let site =
            Site::sqlite().without("--listen").without("--public-url").without("--log-codes");
        let said = site.without("--table").run(&[group]).await.misuse();
        assert!(said.contains("Commands:\n"), "{said}");
    }
}

#[tokio::test]
async fn arguments_that_do_not_go_together_are_refused_before_anything_is_done() {
    let site = Site::sqlite();
    for arguments in [
        &["audit", "export", "--from=2026-02-01", "--to=2026-01-01"][..],
        &["audit", "export", "--from=yesterday"],
        &["table", "copy", "sqlite:a", "sqlite:a"],
        &["check", "--trash-days=soon"],
    ] {
        site.run(arguments).await.misuse();
    }
    assert!(!site.path("data").exists());
}

#[tokio::test]
async fn the_help_of_serve_has_every_setting() {
    let text = help(&["serve".to_owned()]).await;
    for setting in SETTINGS {
        assert!(text.contains(&format!("--{} <", flag(setting))), "{}", setting.name);
    }
}

#[tokio::test]
async fn settings_are_listed_with_who_gave_them() {
    let site = Site::sqlite()
        .without("--table")
        .with(format!("--secret={}", secret(7)))
        .with("--cors-origin=https://app.example.com")
        .with("--cors-origin=https://shop.example.com")
        .variable("GUESTLIST_INVITE_DAYS", "14")
        .variable("GUESTLIST_SMTP_URL", "smtps://ada:open-sesame@mail.example.com");
    std::fs::write(site.path("guestlist.toml"), "trash_days = 7\ninvite_days = 3\n").unwrap();
    let text = site.run(&["settings"]).await.ok();
    assert!(!text.contains(&secret(7)) && !text.contains("open-sesame"), "{text}");
    let of = |name: &str| {
        let found = text.lines().find(|line| line.split(' ').next() == Some(name));
        found.unwrap().split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let names = [
        "table",
        "secret",
        "smtp_url",
        "cors_origins",
        "invite_days",
        "trash_days",
        "session_days",
        "app_url",
    ];
    expect![[r"
        table sqlite:./data default
        secret (set) --secret
        smtp_url (set) GUESTLIST_SMTP_URL
        cors_origins https://app.example.com https://shop.example.com --cors-origin
        invite_days 14 GUESTLIST_INVITE_DAYS
        trash_days 7 guestlist.toml
        session_days 30 default
        app_url"]]
    .assert_eq(&names.map(of).join("\n"));
    let lines = site.run(&["settings", "--json"]).await.ok();
    let settings: Vec<Value> =
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(
        settings
            .iter()
            .map(|one| one["setting"].as_str().unwrap())
            .eq(SETTINGS.iter().map(|one| one.name))
    );

    // Where the secret is that nobody has set.
    let text = Site::sqlite().run(&["settings"]).await.ok();
    let line = text.lines().find(|line| line.starts_with("secret ")).unwrap();
    assert!(line.ends_with("/data/secret"), "{line}");

    // What is wrong is said, and the rest listed all the same.
    let done = site.variable("GUESTLIST_INVITE_DAY", "1").run(&["settings"]).await;
    assert!(done.code == Some(2) && done.stdout.contains("invite_days"), "{done:?}");
    assert!(done.stderr.contains("Did you mean GUESTLIST_INVITE_DAYS?"), "{done:?}");
}

#[tokio::test]
async fn the_greeting_and_the_emails_lead_to_the_same_place() {
    let site = Site::sqlite().without("--public-url");
    let service = site.start().await;
    let code = service.until_setup_code().await;
    let url = format!("http://localhost:{}", service.address.port());
    assert!(service.stdout.so_far().contains(&format!("{url}/#setup={code}")));
    let ada = json!({"invite": code, "email": "ada@example.com", "password": "rivers run uphill"});
    let reply = service.call("identity/create", "", ada).await.ok();
    let bob = json!({"email": "bob@example.com", "sendInvite": true});
    service.call("user/create", reply["accessToken"].as_str().unwrap(), bob).await.ok();
    let link = format!("{url}/#invite=");
    let sent = || {
        let letters = letters_in(&site.path("data/mail"));
        let to_bob = letters.into_iter().find(|letter| letter.to == "bob@example.com");
        to_bob.ok_or("no email yet".to_owned())
    };
    let email = eventually("the email", async || sent()).await;
    assert!(email.text.contains(&link), "{}", email.text);
    service.stop().await;
}
