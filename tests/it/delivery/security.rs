//! Signing in to a mail server, and TLS with one.

use super::{Office, SENDER};
use crate::support::{
    certificates::Certificates, outside::python, process::Site, smtp::MailServer,
};

/// A mail server with a certificate.
async fn server(certificates: &Certificates, python: &str, arguments: &[&str]) -> MailServer {
    let (certificate, key) = (certificates.path("server.pem"), certificates.path("server.key"));
    let own: &[&str] = &["--cert", &certificate, "--key", &key];
    MailServer::start(python, &[own, arguments].concat()).await
}

#[tokio::test]
async fn a_wrong_password_costs_no_letter() {
    let Some(python) = python() else { return };
    let mail = MailServer::start(&python, &["--auth", "mailer:right horse"]).await;
    let url =
        |password: &str| format!("--smtp-url=smtp://mailer:{password}@127.0.0.1:{}", mail.port);
    let office = Office::open(&[&url("wrong%20horse")]).await;
    office.invite("bob@example.com").await;
    let tried = |log: &str| (log.matches("it will be tried again").count() >= 2).then_some(());
    office.service.log.until("a second try", tried).await;
    let check = office.site.run(&["check"]).await.failed_check();
    assert!(check.contains("FAILED  mail: ") && check.contains("535"), "{check}");
    assert!(!check.contains("outbox"), "{check}");
    let log = office.service.log.so_far();
    for output in [&check, &log] {
        assert!(!output.contains("horse"), "{output}");
    }
    assert_eq!(mail.received(), []);
    let office = office.restarted_with(&url("right%20horse")).await;
    mail.letter_to("bob@example.com").await;
    office.site.run(&["check"]).await.ok();
}

/// With the authority trusted the letter arrives, without it stays where it is.
async fn check_tls(mode: &str, url: impl Fn(u16) -> String) {
    let Some(python) = python() else { return };
    let certificates = Certificates::new();
    let arguments = ["--tls", mode, "--auth", "mailer:secret"];
    let mail = server(&certificates, &python, &arguments).await;
    let flag = format!("--smtp-url={}", url(mail.port));
    let stranger = Office::open(&[&flag]).await;
    stranger.invite("bob@example.com").await;
    stranger.service.log.line("it will be tried again").await;
    let check = stranger.site.run(&["check"]).await.failed_check();
    assert!(check.contains("FAILED  mail: ") && check.contains("certificate"), "{check}");
    let Office { site, service, root } = stranger;
    service.stop().await;

    let site = site.variable("SSL_CERT_FILE", certificates.path("ca.pem"));
    let friend = Office { service: site.start().await, site, root };
    mail.letter_to("bob@example.com").await;
    friend.site.run(&["check"]).await.ok();
    assert_eq!(mail.received().len(), 1);
}

#[tokio::test]
async fn tls_from_the_start() {
    check_tls("implicit", |port| format!("smtps://mailer:secret@127.0.0.1:{port}")).await;
}

#[tokio::test]
async fn tls_by_starttls() {
    check_tls("starttls", |port| format!("smtp://mailer:secret@127.0.0.1:{port}?tls=required"))
        .await;
}

#[tokio::test]
async fn tls_that_is_required_is_never_left_out() {
    let Some(python) = python() else { return };
    let mail = MailServer::start(&python, &[]).await;
    let flag = format!("--smtp-url=smtp://127.0.0.1:{}?tls=required", mail.port);
    let office = Office::at(Site::sqlite().with(SENDER).with(flag)).await;
    office.invite("bob@example.com").await;
    office.service.log.line("it will be tried again").await;
    assert_eq!(mail.received(), []);
}
