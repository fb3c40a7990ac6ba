//! Test emails, and what is told of how the mail server has been doing.

use serde_json::{Value, json};

use super::{Office, SENDER};
use crate::support::{
    certificates::Certificates,
    client::Answer,
    outside::python,
    process::Site,
    smtp::{ClosedPort, MailServer},
};

async fn test(office: &Office) -> Answer {
    office.service.call("mail/test", &office.root, json!({})).await
}

async fn state(office: &Office) -> Value {
    office.service.call("mail/state", &office.root, json!({})).await.ok()
}

/// The commands with the settings of the office.
async fn on_the_command_line(office: &Office) -> String {
    office.site.run(&["mail", "test", "bob@example.com"]).await.failed_check()
}

#[tokio::test]
async fn a_test_email_arrives_and_is_told_of() {
    let Some(python) = python() else { return };
    let mail = MailServer::start(&python, &[]).await;
    let office = Office::open(&[&mail.flag()]).await;
    let before = state(&office).await;
    assert_eq!(
        before,
        json!({"host": "127.0.0.1", "port": mail.port, "tls": "none",
               "sender": "Guestlist <guestlist@example.com>", "waiting": 0, "more": false})
    );
    let told = test(&office).await.ok();
    assert_eq!(
        told,
        json!({"to": "root@example.com", "accepted": true, "reply": "250 2.0.0 Kept as 0001.eml"})
    );
    let letter = mail.letter_to("root@example.com").await;
    assert!(letter.subject.starts_with("Test email from "), "{letter:?}");
    let sent = state(&office).await["lastSent"].as_str().unwrap().to_owned();
    // It is known after a restart, and on the command line.
    let shown = office.site.run(&["mail", "state", "--json"]).await.ok();
    assert!(shown.contains(&sent), "{shown}");
    let Office { site, service, root } = office;
    service.stop().await;
    let office = Office { service: site.start().await, site, root };
    assert_eq!(state(&office).await["lastSent"], json!(sent));
    let trail = office.service.call("audit/find", &office.root, json!({"action": "mail/test"}));
    assert_eq!(trail.await.ok()["data"].as_array().unwrap().len(), 1);
    let done = office.site.run(&["mail", "test", "bob@example.com"]).await.ok();
    assert_eq!(
        done,
        "ok      The mail server has accepted the email: 250 2.0.0 Kept as 0002.eml\n"
    );
    mail.letter_to("bob@example.com").await;
    assert_eq!(mail.received().len(), 2);
}

#[tokio::test]
async fn only_a_person_has_one_sent_and_only_to_the_own_address() {
    let Some(python) = python() else { return };
    let mail = MailServer::start(&python, &[]).await;
    let office = Office::open(&[&mail.flag()]).await;
    let key = office.site.run(&["key", "create", "--role", "root", "--name", "k"]).await.ok();
    let by_key = office.service.call("mail/test", key.trim(), json!({})).await;
    assert_eq!((by_key.status, by_key.json()["code"].clone()), (403, json!("forbidden")));
    let elsewhere = json!({"to": "bob@example.com"});
    let elsewhere = office.service.call("mail/test", &office.root, elsewhere).await;
    assert_eq!(elsewhere.json()["code"], "unknown_field");
    for _ in 0..5 {
        assert_eq!(test(&office).await.ok()["accepted"], true);
    }
    // One more is counted, and the next has to wait.
    test(&office).await.ok();
    let limited = test(&office).await;
    assert_eq!((limited.status, limited.json()["code"].clone()), (429, json!("too_many_requests")));
    assert!(mail.received().iter().all(|letter| letter.to == "root@example.com"));
    assert_eq!(mail.received().len(), 6);
}

/// That a test email fails at that stage, with such words, and that both are told wherever one may look.
async fn check_stage(office: Office, stage: &str, advice: &str, said: &str) {
    let told = test(&office).await.ok();
    let reply = told["reply"].as_str().unwrap();
    assert_eq!((&told["accepted"], &told["stage"]), (&json!(false), &json!(stage)), "{told}");
    assert!(reply.contains(said), "{told}");
    assert!(told["advice"].as_str().unwrap().len() > 20, "{told}");
    assert_eq!(told["adviceCode"], advice, "{told}");
    assert!(!told.to_string().contains("secret"), "{told}");
    let shown = on_the_command_line(&office).await;
    assert!(shown.starts_with(&format!("FAILED  {stage}: ")) && shown.contains(said), "{shown}");
    let known = state(&office).await;
    if stage == "settings" {
        assert!(known["folder"].is_string() && known["lastFailed"].is_null(), "{known}");
        assert!(known["advice"].is_null() && known["adviceCode"].is_null(), "{known}");
    } else {
        assert!(known["lastFailed"].is_string() && known["lastSent"].is_null(), "{known}");
        assert!(known["lastError"].as_str().unwrap().contains(said), "{known}");
        for name in ["advice", "adviceCode"] {
            assert_eq!(known[name], told[name], "{known}");
        }
    }
}

#[tokio::test]
async fn without_a_mail_server_there_is_nothing_to_test() {
    check_stage(Office::open(&[]).await, "settings", "set_server", "no mail server is set").await;
}

#[tokio::test]
async fn a_name_that_nobody_knows() {
    let flag = "--smtp-url=smtp://mail.invalid?tls=none";
    check_stage(Office::open(&[flag]).await, "resolve", "check_host", "").await;
}

#[tokio::test]
async fn a_port_where_nobody_listens() {
    let port = ClosedPort::new();
    check_stage(Office::open(&[&port.flag()]).await, "connect", "check_port", "refused").await;
}

#[tokio::test]
async fn a_server_that_sends_this_machine_away() {
    let Some(python) = python() else { return };
    let script = ["--answer=greeting:9:0:554 5.7.1 blocked"];
    let mail = MailServer::start(&python, &script).await;
    check_stage(Office::open(&[&mail.flag()]).await, "connect", "ask_server", "554 5.7.1 blocked")
        .await;
}

#[tokio::test]
async fn a_server_without_tls() {
    let Some(python) = python() else { return };
    let mail = MailServer::start(&python, &[]).await;
    let by_starttls = format!("--smtp-url=smtp://127.0.0.1:{}?tls=required", mail.port);
    check_stage(Office::open(&[&by_starttls]).await, "tls", "check_tls", "STARTTLS").await;
    let at_once = format!("--smtp-url=smtps://mailer:secret@127.0.0.1:{}", mail.port);
    check_stage(Office::open(&[&at_once]).await, "tls", "check_tls", "").await;
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for() {
    let Some(python) = python() else { return };
    let certificates = Certificates::new();
    let (certificate, key) = (certificates.path("server.pem"), certificates.path("server.key"));
    for (mode, scheme, end) in [("implicit", "smtps", ""), ("starttls", "smtp", "?tls=required")] {
        let own = ["--cert", &certificate, "--key", &key, "--tls", mode];
        let mail = MailServer::start(&python, &own).await;
        let flag = format!("--smtp-url={scheme}://127.0.0.1:{}{end}", mail.port);
        check_stage(Office::open(&[&flag]).await, "tls", "check_tls", "certificate").await;
    }
}

#[tokio::test]
async fn a_wrong_password_for_the_mail_server() {
    let Some(python) = python() else { return };
    let mail = MailServer::start(&python, &["--auth", "mailer:right"]).await;
    let flag = format!("--smtp-url=smtp://mailer:secret@127.0.0.1:{}", mail.port);
    check_stage(Office::open(&[&flag]).await, "signIn", "check_sign_in", "535").await;
}

#[tokio::test]
async fn what_the_server_says_to_each_stage_of_the_email() {
    let Some(python) = python() else { return };
    for (command, stage, advice, said) in [
        ("mail", "sender", "check_sender", "550 5.7.60 not your address"),
        ("rcpt", "recipient", "check_recipient", "554 5.7.1 relay access denied"),
        ("data", "content", "read_reply", "554 5.7.1 looks like spam"),
    ] {
        let script = format!("--answer={command}:9:0:{said}");
        let mail = MailServer::start(&python, &[&script]).await;
        check_stage(Office::open(&[&mail.flag()]).await, stage, advice, said).await;
        assert_eq!(mail.received(), []);
    }
}

#[tokio::test]
async fn nobody_waits_for_longer_than_an_email_may_take() {
    let Some(python) = python() else { return };
    let mail = MailServer::start(&python, &["--hang=root@example.com"]).await;
    let office = Office::open(&[&mail.flag(), "--smtp-timeout-seconds=1"]).await;
    let told = test(&office).await.ok();
    assert_eq!(told["stage"], "recipient", "{told}");
    assert_eq!(told["reply"], "the server did not answer within 1 seconds");
}

#[tokio::test]
async fn a_test_email_that_is_taken_has_all_others_sent_at_once() {
    let Some(python) = python() else { return };
    let port = ClosedPort::new();
    let office = Office::at(Site::sqlite().with(SENDER).with(port.flag())).await;
    for name in ["ann", "bob"] {
        office.invite(&format!("{name}@example.com")).await;
    }
    office.service.log.line("the mail server takes no emails").await;
    let waiting = state(&office).await;
    assert_eq!(waiting["waiting"], 2, "{waiting}");
    assert!(waiting["refusedSince"].is_string() && waiting["oldest"].is_string(), "{waiting}");
    let mail = MailServer::start_at(&python, port.number, &[]).await;
    assert_eq!(test(&office).await.ok()["accepted"], true);
    mail.letter_to("ann@example.com").await;
    mail.letter_to("bob@example.com").await;
}

#[tokio::test]
async fn other_peoples_addresses_are_not_told() {
    let Some(python) = python() else { return };
    let script = ["--answer=rcpt:1:0:550 5.1.1 <bob@example.com> is unknown"];
    let mail = MailServer::start(&python, &script).await;
    let office = Office::open(&[&mail.flag()]).await;
    office.invite("bob@example.com").await;
    office.service.log.line("letter undeliverable").await;
    assert_eq!(state(&office).await["lastError"], "the recipient: 550 5.1.1 <…> is unknown");
}
