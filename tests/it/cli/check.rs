//! `guestlist check` and `guestlist table create`, and what a start says that cannot succeed.

use std::{
    fs::Permissions, net::TcpListener, os::unix::fs::PermissionsExt as _, sync::Arc, time::Duration,
};

use expect_test::{Expect, expect};
use guestlist::{clock::Clock, contract::endpoints, table::sqlite::Sqlite};
use serde_json::{Value, json};

use crate::support::{
    dynamodb,
    jwks::{Answer, KeyServer},
    keys::Key,
    outside::python,
    process::{Site, secret},
    scene::PASSWORD,
    smtp::{ClosedPort, MailServer},
    world::{NOW, World},
};

/// A site that there is nothing to warn of.
async fn quiet() -> Site {
    let site = Site::sqlite().without("--log-codes").without("--public-url");
    site.with("--public-url=http://localhost:8080").with_table().await
}

fn issued_by(server: &KeyServer) -> String {
    format!("--issuer=issuer=https://id.example.com/,audience=app,jwks_url={}", server.url())
}

#[tokio::test]
async fn all_is_well() {
    let Some(python) = python() else { return };
    let mail = MailServer::start(&python, &[]).await;
    let issuer = KeyServer::start(&[&Key::p256("a"), &Key::ed25519("b")]).await;
    let site = quiet().await.with(mail.flag()).with(issued_by(&issuer));
    expect![[r"
        ok      settings: valid
        ok      public URL: http://localhost:8080
        ok      tokens: signed with EdDSA
        ok      table: can be read and written
        ok      mail: the SMTP server answers, without TLS
        ok      issuer https://id.example.com/: 2 keys (ES256, EdDSA)
    "]]
    .assert_eq(&site.run(&["check"]).await.ok());
    let lines = site.run(&["check", "--json"]).await.ok();
    let last: Value = serde_json::from_str(lines.lines().last().unwrap()).unwrap();
    let what = "issuer https://id.example.com/";
    assert_eq!(last, json!({"state": "ok", "what": what, "text": "2 keys (ES256, EdDSA)"}));
}

#[tokio::test]
async fn a_task_that_is_down_is_named_with_its_error_and_what_to_do() {
    let site = quiet().await;
    // Another process, whose clock is ahead so that its note lasts.
    let clock = Clock::manual(NOW);
    let table = Sqlite::open(&site.path("data/guestlist.db"), clock.clone()).unwrap();
    let world = World::over(Arc::new(table), clock, &[]).await;
    for _ in 0..2 {
        world.tasks.sweeper.guard(|| panic!("index out of bounds"));
    }
    world.task_notes.round().await.unwrap();
    let report = site.run(&["check"]).await.failed_check();
    let told: Vec<_> = report.lines().filter(|line| line.starts_with("FAILED")).collect();
    let expected = "FAILED  task sweeper: has panicked 2 times since 2027-01-15T08:00:00.000Z; last error: index out \
        of bounds. Users and accounts in the trash, and unused sign-ins, are deleted for good later than due. It \
        restarts automatically within a minute. If it keeps failing, restart the service, and report the panic shown \
        in the log: it is a bug.";
    assert_eq!(told, [expected]);
    world.advance(Duration::from_mins(3));
    world.task_notes.round().await.unwrap();
    assert_eq!(site.run(&["check"]).await.ok().matches("FAILED").count(), 0);
}

#[tokio::test]
async fn every_part_is_checked_though_others_fail() {
    let port = ClosedPort::new();
    let issuer = KeyServer::start(&[]).await;
    issuer.answer(Answer::Status(hyper::StatusCode::NOT_FOUND));
    let site = quiet().await.with(port.flag()).with(issued_by(&issuer));
    let report = site.run(&["check"]).await.failed_check();
    let report = report.replace(&port.number.to_string(), "PORT");
    expect![[r"
        ok      settings: valid
        ok      public URL: http://localhost:8080
        ok      tokens: signed with EdDSA
        ok      table: can be read and written
        FAILED  mail: smtp://127.0.0.1:PORT: Connection error: Connection refused (os error 111)
        FAILED  issuer https://id.example.com/: the answer was 404 instead of 200
    "]]
    .assert_eq(&report);
}

#[tokio::test]
async fn check_warns_of_what_is_not_safe() {
    let site = Site::sqlite()
        .without("--listen")
        .without("--public-url")
        .with("--listen=0.0.0.0:8080")
        .with("--public-url=https://auth.example.com")
        .with("--app-url=http://app.example.com")
        .with("--registration=open")
        .with("--invite-any-email=true")
        .with("--cors-origin=*")
        .with("--trusted-proxy=10.0.0.0/8");
    site.run(&["table", "create"]).await.ok();
    let report = site.run(&["check"]).await.ok();
    let warned: Vec<_> = report.lines().filter_map(|line| line.strip_prefix("WARN    ")).collect();
    let settings: Vec<_> = warned.iter().filter_map(|line| line.split(':').next()).collect();
    let expected = [
        "registration",
        "invite_any_email",
        "metrics",
        "cors_origins",
        "app_url",
        "trusted_proxies",
        "log_codes",
    ];
    assert_eq!(settings, expected, "{report}");
    assert!(report.contains("every client in 10.0.0.0/8 can claim any address"), "{report}");
    site.run(&["check", "--strict"]).await.failed_check();

    let safe = quiet().await;
    assert!(!safe.run(&["check", "--strict"]).await.ok().contains("WARN"));
    for (flags, warning) in [
        (
            &["--public-url=http://auth.example.com"][..],
            "public_url: http://auth.example.com is without TLS",
        ),
        (
            &["--public-url=https://auth.example.com"],
            "trusted_proxies: all calls seem to come from the proxy",
        ),
    ] {
        let site = quiet().await.without("--public-url");
        let site = flags.iter().fold(site, |site, flag| site.with(*flag));
        let report = site.run(&["check"]).await.ok();
        assert!(report.contains(&format!("WARN    {warning}")), "{report}");
    }
}

#[tokio::test]
async fn check_warns_of_a_mail_server_without_tls() {
    let port = ClosedPort::new().number;
    let check = async |url: &str, warns: bool| {
        let report =
            quiet().await.with(format!("--smtp-url={url}")).run(&["check"]).await.failed_check();
        assert_eq!(report.contains("WARN    smtp_url: "), warns, "{url}: {report}");
    };
    check(&format!("smtp://127.0.0.1:{port}"), false).await;
    check(&format!("smtp://nowhere.invalid:{port}?tls=none"), true).await;
    check(&format!("smtp://nowhere.invalid:{port}?tls=required"), false).await;
    check(&format!("smtps://nowhere.invalid:{port}"), false).await;
}

#[tokio::test]
async fn check_warns_of_a_clock_that_is_off() {
    let issuer = KeyServer::start(&[&Key::p256("a")]).await;
    let site = quiet().await.with(issued_by(&issuer));
    assert!(!site.run(&["check"]).await.ok().contains("WARN"), "a minute at most");
    issuer.show_date("Fri, 01 Jan 2021 00:00:00 GMT");
    let report = site.run(&["check"]).await.ok();
    let warning = "WARN    issuer https://id.example.com/: its clock and this machine's differ by ";
    assert!(report.contains(warning), "{report}");
}

/// Settings by which nobody could ever get in, or somebody too many.
#[tokio::test]
async fn check_tells_what_is_wrong_with_issuers() {
    let entra = "https://login.microsoftonline.com/{tenantid}/v2.0";
    let site = quiet().await.with(format!("--issuer=issuer={entra},audience=app"));
    let why = format!(
        "no token has the issuer {entra}: the part in braces stands for a tenant; replace it with the ID of your \
         tenant"
    );
    let report = site.run(&["check"]).await.failed_check();
    assert!(report.contains(&format!("FAILED  issuer {entra}: {why}\n")), "{report}");
    let mut service = site.start().await;
    let line = service.log.line("an issuer in the settings issues no tokens").await;
    assert!(line.contains(&why), "{line}");
    service.terminate();
    service.ended().await;

    let key = Key::p256("a");
    let server = KeyServer::start(&[&key]).await;
    let name = format!("http://{}", server.address);
    let issuer = format!("--issuer=issuer={name},audience=app,discovery=true");
    let site = quiet().await.with(issuer.clone());
    server.describe(&serde_json::json!({"issuer": name, "jwks_uri": server.url()}));
    let report = site.run(&["check", "--strict"]).await.ok();
    let found = format!("ok      issuer {name}: 1 key (ES256), found at {}\n", server.url());
    assert!(report.contains(&found), "{report}");
    server.publish(&[]);
    let report = site.run(&["check"]).await.failed_check();
    let none = "the content is not usable: none of its keys can verify RS256, ES256 or EdDSA";
    assert!(report.contains(&format!("FAILED  issuer {name}: {none}\n")), "{report}");
    server.publish(&[&key]);
    let report =
        quiet().await.with(format!("{issuer},insecure_http=true")).run(&["check"]).await.ok();
    let warning = format!("WARN    insecure_http: the keys of {name} may be fetched over http://");
    assert!(report.contains(&warning), "{report}");

    let trusting = format!("--issuer=issuer={entra},audience=app,trust_email=true");
    let report = quiet().await.with(trusting).run(&["check"]).await.failed_check();
    assert!(report.contains("has several tenants"), "{report}");
}

/// Others of the machine are kept from the secret by its file's permissions, if nobody has changed them.
/// What such a provider posts would come in place of the call of that path.
#[tokio::test]
async fn a_provider_has_no_calls_name() {
    let calls = endpoints().filter_map(|it| it.name.strip_prefix("provider/"));
    let names: Vec<&str> =
        calls.filter(|it| it.chars().all(|letter| letter.is_ascii_lowercase())).collect();
    assert!(names.contains(&"link") && names.contains(&"finish"), "{names:?}");
    for name in names {
        let provider =
            format!("--provider=name={name},issuer=https://id.example.com,client_id=guestlist");
        let site = Site::sqlite().with(provider);
        let said = site.run(&["serve"]).await.failure();
        let expected = format!("name is that of the call provider/{name}; choose another");
        assert!(said.contains(&expected), "{said}");
    }
}

#[tokio::test]
async fn check_warns_of_a_secret_that_others_may_read() {
    let site = quiet().await;
    site.run(&["check", "--strict"]).await.ok();
    let path = site.path("data/secret");
    std::fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
    let report = site.run(&["check"]).await.ok();
    assert!(report.contains("WARN    secret: other users of this machine can read"), "{report}");
}

#[tokio::test]
async fn an_issuer_that_is_down_stops_nobody_from_starting() {
    let port = ClosedPort::new();
    let url = format!("http://127.0.0.1:{}/keys", port.number);
    let issuer = format!("--issuer=issuer=https://id.example.com/,audience=app,jwks_url={url}");
    let site = Site::sqlite().with(issuer);
    let report = site.run(&["check"]).await.failed_check();
    assert!(report.contains("FAILED  issuer https://id.example.com/: "), "{report}");
    let service = site.start().await;
    service.root(&site).await;
    service.stop().await;
}

#[tokio::test]
async fn a_table_that_is_missing_and_how_to_make_it() {
    let Some(endpoint) = dynamodb() else { return };
    let site = Site::dynamo(&endpoint);
    let report = site.run(&["check"]).await.failed_check();
    assert!(report.contains("FAILED  table: "), "{report}");
    assert!(report.contains("guestlist table create"), "{report}");
    let said = site.run(&["serve"]).await.failure();
    assert!(said.contains("create it with: guestlist table create"), "{said}");

    let made = site.run(&["table", "create"]).await.ok();
    assert!(made.starts_with("The DynamoDB table process-"), "{made}");
    assert!(made.ends_with(" has been created.\n"), "{made}");
    let again = site.run(&["table", "create"]).await.ok();
    assert!(again.ends_with(" already exists with the right keys and index.\n"), "{again}");
    site.run(&["check"]).await.ok();
    site.start().await.stop().await;
}

#[tokio::test]
async fn a_dynamodb_that_is_not_there() {
    let port = ClosedPort::new();
    let endpoint = format!("http://127.0.0.1:{}", port.number);
    let report = Site::dynamo(&endpoint).run(&["check"]).await.failed_check();
    assert!(report.contains("FAILED  table: "), "{report}");
    // What helps against a missing table would not help here.
    assert!(!report.contains("table create"), "{report}");
}

#[tokio::test]
async fn an_sqlite_table_makes_itself() {
    let site = Site::sqlite();
    let made = site.run(&["table", "create"]).await.ok();
    assert!(made.starts_with("The SQLite table in ") && made.ends_with(" is ready.\n"), "{made}");
    site.run(&["table", "create"]).await.ok();
}

/// Starts a service that cannot start.
async fn refuses(site: Site, expected: Expect) {
    let said = site.run(&["serve"]).await.failure();
    let folder = site.path("").display().to_string();
    expected.assert_eq(&said.replace(&folder, "FOLDER/"));
}

#[tokio::test]
async fn a_port_in_use_is_said_with_a_way_out() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let site = Site::sqlite().without("--listen").with(format!("--listen={address}"));
    let said = site.run(&["serve"]).await.failure();
    let said = said.replace(&address.to_string(), "ADDRESS");
    expect![[r"
        guestlist: cannot listen on ADDRESS: Address already in use (os error 98); choose another with --listen
    "]].assert_eq(&said);
}

#[tokio::test]
async fn data_that_cannot_be_used_are_named() {
    let site = Site::sqlite();
    std::fs::write(site.path("data"), "a file, not a folder").unwrap();
    refuses(
        site,
        expect![[r"
        guestlist: cannot create the folder FOLDER/data: File exists (os error 17)
    "]],
    )
    .await;

    let site = Site::sqlite();
    std::fs::create_dir(site.path("data")).unwrap();
    std::fs::write(site.path("data/secret"), "too short\n").unwrap();
    refuses(site, expect![[r"
        guestlist: cannot read or create the secret in FOLDER/data/secret: it does not hold 32 bytes in base64url; if it is damaged, restore it from the backup
    "]]).await;

    let site = Site::sqlite();
    std::fs::create_dir(site.path("data")).unwrap();
    std::fs::write(site.path("data/guestlist.db"), "no database at all, just text".repeat(100))
        .unwrap();
    let site = site.with(format!("--secret={}", secret(1)));
    refuses(site, expect![[r"
        guestlist: not a table that this Guestlist can use: FOLDER/data/guestlist.db is not an SQLite file
    "]]).await;
}

#[tokio::test]
async fn an_account_that_nobody_manages_is_named() {
    let site = Site::sqlite();
    let root = site.run(&["key", "create", "--role=root", "--name=script"]).await.ok();
    let root = root.trim();
    let service = site.start().await;
    let account = json!({"name": "Acme", "managed": true});
    let account = service.call("account/create", root, account).await.ok();
    let user = |email: &str, role: &str| json!({"accountId": account["id"], "email": email, "role": role, "password": PASSWORD});
    service.call("user/create", root, user("ada@example.com", "user")).await.ok();
    let named = format!("account Acme ({}): it has users", account["id"].as_str().unwrap());
    let report = site.run(&["check"]).await.ok();
    assert!(report.contains(&named), "{report}");
    assert!(report.contains("guestlist user update EMAIL --account"), "{report}");
    service.call("user/create", root, user("bob@example.com", "admin")).await.ok();
    let report = site.run(&["check"]).await.ok();
    assert!(!report.contains("account Acme"), "{report}");
    service.stop().await;
}
