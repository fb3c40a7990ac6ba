//! Settings from flags, variables and a file: which one counts, and what is said of wrong ones.

use expect_test::{Expect, expect};

use crate::support::process::{Site, secret};

/// Runs `check`, which must fail; the folder's name is no part of what is expected.
async fn check(site: Site, expected: Expect) {
    let said = site.run(&["check"]).await.misuse();
    let folder = site.path("").display().to_string();
    expected.assert_eq(&said.replace(&folder, "FOLDER/"));
}

fn with_file(site: Site, text: &str) -> Site {
    std::fs::write(site.path("guestlist.toml"), text).unwrap();
    site
}

#[tokio::test]
async fn all_faults_are_listed_with_their_source() {
    let site = Site::sqlite()
        .without("--listen")
        .with("--invite-days=0")
        .with("--cors-origin=https://app.example.com")
        .with("--cors-origin=https://app.example.com/path")
        .with("--issuer=issuer=https://id.example.com,audiences=app")
        .with("--meiro-account=home")
        .with("--trusted-proxy=10.0.0.0/33")
        .with("--proxy-header=Forwarded")
        .variable("GUESTLIST_LISTEN", "8080")
        .variable("GUESTLIST_APP_ULR", "https://app.example.com");
    let site =
        with_file(site, "trash_days = \"soon\"\nregistrations = \"open\"\nlog = [\"info\"]\n");
    check(site, expect![[r#"
        guestlist: the settings have 12 faults:
          - GUESTLIST_APP_ULR: there is no such variable. Did you mean GUESTLIST_APP_URL?
          - guestlist.toml: log must be one text, number or boolean
          - guestlist.toml: there is no setting registrations. Did you mean registration?
          - listen (from GUESTLIST_LISTEN): must be an address and port such as 127.0.0.1:8080, not "8080"
          - issuers (from --issuer): there is no key audiences; use one of issuer, audience, discovery, jwks_url, jwks_file, hs256_secret, insecure_http, algorithms, trust_email, audience_claim, subject_claim, email_claim, email_verified, first_name_claim, last_name_claim, name_claim. Did you mean audience?
          - issuers (from --issuer): audience is required: the aud of its tokens
          - cors_origins (from --cors-origin): must be an origin such as https://app.example.com, or *, not "https://app.example.com/path"
          - meiro_account (from --meiro-account): must be empty, or the id of an account, as account/find replies it, not "home"
          - invite_days (from --invite-days): must be a whole number of days from 1 to 3650, not "0"
          - trash_days (from guestlist.toml): must be a whole number of days from 1 to 3650, not "soon"
          - trusted_proxies (from --trusted-proxy): must be an address or a range such as 10.0.0.0/8, not "10.0.0.0/33"
          - proxy_header (from --proxy-header): must be the name of a header that lists addresses, such as x-forwarded-for, not "Forwarded"
    "#]]).await;
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_named_with_who_names_it() {
    check(
        Site::sqlite().with("--config=nowhere.toml"),
        expect![[r"
        guestlist: the settings have a fault:
          - nowhere.toml (from --config): No such file or directory (os error 2)
    "]],
    )
    .await;
    let site = Site::sqlite().variable("GUESTLIST_CONFIG", "nowhere.toml");
    check(
        site,
        expect![[r"
        guestlist: the settings have a fault:
          - nowhere.toml (from GUESTLIST_CONFIG): No such file or directory (os error 2)
    "]],
    )
    .await;
}

#[tokio::test]
async fn a_fault_of_the_files_form_is_located() {
    let site = with_file(Site::sqlite(), "log = \"info\"\nlisten = 127.0.0.1\n");
    check(
        site,
        expect![[r"
            guestlist: the settings have a fault:
              - guestlist.toml: line 2: invalid float, expected nothing
        "]],
    )
    .await;
}

#[tokio::test]
async fn the_app_is_at_an_address_that_a_fragment_can_follow() {
    for url in [
        "https://app.example.com/#/",
        "https://app.example.com/?tenant=1",
        "https://app.example.com/index.html",
        "https://user@app.example.com",
        "app.example.com",
    ] {
        let site = Site::sqlite().with(format!("--app-url={url}"));
        let said = site.run(&["serve"]).await.failure();
        assert!(said.contains("- app_url (from --app-url): must be"), "{url}: {said}");
        assert!(said.contains(url), "{url}: {said}");
    }
    let site = Site::sqlite().with("--app-url=https://app.example.com/deep/path/");
    site.run(&["check"]).await.ok();
}

#[tokio::test]
async fn what_two_settings_say_together_is_checked() {
    let site = Site::sqlite().without("--table").with("--table=dynamodb:users");
    check(site, expect![[r"
        guestlist: the settings have a fault:
          - secret: is required with a DynamoDB table, since all nodes must share it; make one with: openssl rand -base64 32 | tr '+/' '-_'
    "]]).await;
    let site = Site::sqlite().with("--dynamodb-endpoint=http://localhost:8000");
    check(
        site,
        expect![[r"
        guestlist: the settings have a fault:
          - dynamodb_endpoint: needs table = dynamodb:NAME; it does not apply to SQLite
    "]],
    )
    .await;
}

#[tokio::test]
async fn flags_win_over_variables_and_variables_over_the_file() {
    let site = with_file(Site::sqlite().without("--public-url"), "base_path = \"/file\"");
    starts_below(&site, "/file").await;
    let site = site.variable("GUESTLIST_BASE_PATH", "/variable");
    starts_below(&site, "/variable").await;
    starts_below(&site.with("--base-path=/flag"), "/flag").await;
}

async fn starts_below(site: &Site, path: &str) {
    let service = site.start().await;
    let url = format!("Guestlist serves on http://localhost:{}{path}\n", service.address.port());
    assert!(service.stdout.so_far().contains(&url), "{}", service.stdout.so_far());
    service.stop().await;
}

#[tokio::test]
async fn secrets_are_never_repeated() {
    let shared = "trustno1";
    let long = format!("{}{shared}", secret(1));
    let url = format!("smpt://mailer:{shared}@mail.example.com");
    let issuer = format!("issuer=https://id.example.com,audience=app,hs256_secret={shared}");
    let faulty = [
        Site::sqlite().with(format!("--secret={long}")),
        Site::sqlite().variable("GUESTLIST_SECRET", &long),
        with_file(Site::sqlite(), &format!("secret = \"{long}\"")),
        with_file(Site::sqlite(), &format!("secret = \"{long}")),
        with_file(Site::sqlite(), &format!("secret = {{ a = \"{long}\" }}")),
        Site::sqlite().with(format!("--previous-secret={long}")),
        Site::sqlite().with(format!("--issuer={issuer}")),
        with_file(Site::sqlite(), &format!("issuers = [\"{issuer}\"]")),
        Site::sqlite().with(format!("--smtp-url={url}")),
        Site::sqlite().variable("GUESTLIST_SMTP_URL", &url),
        Site::sqlite().with(format!("--smtp-url=smtp://mailer:{shared}@mail.example.com:port")),
        Site::sqlite().with(format!("--smtp-url=smtp://mailer:{shared}@127.0.0.1:1?tls=maybe")),
    ];
    for site in faulty {
        let said = site.run(&["check"]).await;
        assert!(!said.success, "{}", said.stdout);
        assert!(!said.stderr.contains(shared), "{}", said.stderr);
        assert!(!said.stdout.contains(shared), "{}", said.stdout);
        assert_ne!(format!("{}{}", said.stdout, said.stderr), "");
    }
}

#[tokio::test]
async fn a_good_secret_is_nowhere_in_the_log() {
    let site = Site::sqlite().with(format!("--secret={}", secret(9))).with("--log=trace");
    let service = site.start().await;
    let root = service.root(&site).await;
    service.call("user/get", &root, serde_json::json!({})).await.ok();
    let log = service.log.so_far();
    assert!(!log.contains(&secret(9)) && !log.contains(&root), "{log}");
    service.stop().await;
}
