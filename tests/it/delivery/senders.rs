//! What is no single email's fault: a mail server that is slow, or that does not take emails from this sender.

use hyper::Method;
use serde_json::{Value, json};

use super::{Office, SENDER};
use crate::support::{outside::python, process::Site, scene::PASSWORD, smtp::MailServer};

async fn open(mail: &MailServer, flags: &[&str]) -> Office {
    Office::open(&[&[mail.flag().as_str()], flags].concat()).await
}

async fn undeliverable(office: &Office) -> Value {
    let body = json!({"state": "undeliverable"});
    office.service.call("mail/find", &office.root, body).await.ok()
}

#[tokio::test]
async fn a_late_reply_is_not_taken_for_another_emails() {
    let Some(python) = python() else { return };
    let script = [
        "--answer=data:1:3:250 2.0.0 late, but taken",
        "--answer=data:1:0:452 4.3.1 no room just now",
    ];
    let mail = MailServer::start(&python, &script).await;
    let office = open(&mail, &["--smtp-connections=1", "--smtp-timeout-seconds=1"]).await;
    office.invite("ann@example.com").await;
    office.service.log.line("did not answer within 1 seconds").await;
    office.invite("bob@example.com").await;
    mail.letter_to("ann@example.com").await;
    mail.letter_to("bob@example.com").await;
    let handed_over = |log: &str| (log.matches("letter handed over").count() == 2).then_some(());
    office.service.log.until("two emails handed over", handed_over).await;
    let log = office.service.log.so_far();
    assert!(log.contains("no room just now"), "{log}");
    assert_eq!(undeliverable(&office).await, json!({"data": []}));
}

async fn metrics(office: &Office) -> String {
    let answer = office.service.client.send(Method::GET, "/metrics", &[], "").await;
    String::from_utf8(answer.body.to_vec()).unwrap()
}

/// Twenty emails of which none is put aside, though each answer of the script says no for good.
async fn check_none_is_put_aside(answers: &[&str], said: &str) {
    let Some(python) = python() else { return };
    let mail = MailServer::start(&python, answers).await;
    let office = open(&mail, &[]).await;
    for number in 0..20 {
        office.invite(&format!("u{number}@{}.example", number % 3)).await;
    }
    office.service.log.line("it will be tried again").await;
    for number in 0..20 {
        mail.letter_to(&format!("u{number}@{}.example", number % 3)).await;
    }
    let handed_over = |log: &str| (log.matches("letter handed over").count() == 20).then_some(());
    office.service.log.until("all emails handed over", handed_over).await;
    let log = office.service.log.so_far();
    assert!(log.contains(said), "{log}");
    assert_eq!(undeliverable(&office).await, json!({"data": []}));
    office.site.run(&["check"]).await.ok();
}

#[tokio::test]
async fn a_server_that_sends_everybody_away_puts_no_email_aside() {
    check_none_is_put_aside(
        &["--answer=greeting:2:0:554 5.7.1 blocked"],
        "the mail server takes no emails",
    )
    .await;
}

#[tokio::test]
async fn a_refused_sender_puts_no_email_aside() {
    let answers = [
        "--answer=mail:1:0:553 5.7.1 sender rejected",
        "--answer=mail:1:0:550 5.4.5 daily quota",
        "--answer=mail:1:0:452 4.5.3 quota",
    ];
    check_none_is_put_aside(&answers, "the mail server takes emails again").await;
}

#[tokio::test]
async fn a_sender_who_is_refused_with_each_recipient_puts_no_email_aside() {
    let answers = ["--answer=rcpt:10:0:554 5.7.1 relay access denied"];
    check_none_is_put_aside(&answers, "the mail server takes no emails").await;
}

#[tokio::test]
async fn what_is_said_of_one_email_stops_no_other() {
    let Some(python) = python() else { return };
    let mail = MailServer::start(&python, &["--answer=data:6:0:554 5.7.1 looks like spam"]).await;
    let office = open(&mail, &["--smtp-connections=1"]).await;
    for number in 0..3 {
        office.invite(&format!("u{number}@{number}.example")).await;
    }
    for number in 0..3 {
        mail.letter_to(&format!("u{number}@{number}.example")).await;
    }
    office.service.log.line("looks like spam").await;
    let log = office.service.log.so_far();
    assert!(!log.contains("takes no emails"), "{log}");
    assert_eq!(undeliverable(&office).await, json!({"data": []}));
}

#[tokio::test]
async fn a_refused_sender_is_told() {
    let Some(python) = python() else { return };
    let mail = MailServer::start(&python, &["--answer=mail:4:0:550 5.7.60 not your address"]).await;
    let office = open(&mail, &[]).await;
    office.invite("ann@example.com").await;
    office.service.log.line("the mail server takes no emails").await;
    let told = metrics(&office).await;
    assert!(told.contains("guestlist_mail_refused 1"), "{told}");
    let check = office.site.run(&["check"]).await.failed_check();
    let expected = "FAILED  mail: smtp://127.0.0.1:PORT: the sender: 550 5.7.60 not your address"
        .replace("PORT", &mail.port.to_string());
    assert!(check.contains(&expected), "{check}");
    assert!(check.contains("FAILED  emails: waiting since "), "{check}");
    let waiting = json!({"state": "waiting"});
    let found = office.service.call("mail/find", &office.root, waiting).await.ok();
    let letter = &found["data"][0];
    assert_eq!(letter["attempts"], 0, "a refused sender costs an email no try");
    assert!(letter["lastError"].as_str().unwrap().contains("not your address"), "{letter}");
    mail.letter_to("ann@example.com").await;
    office.service.log.line("the mail server takes emails again").await;
    let told = metrics(&office).await;
    assert!(told.contains("guestlist_mail_refused 0"), "{told}");
    office.site.run(&["check"]).await.ok();
}

#[tokio::test]
async fn a_recipient_at_whom_the_server_hangs_delays_no_other() {
    let Some(python) = python() else { return };
    let hanging: Vec<_> = (0..6).map(|number| format!("--hang=h{number}@slow.example")).collect();
    let hanging: Vec<_> = hanging.iter().map(String::as_str).collect();
    let mail = MailServer::start(&python, &hanging).await;
    let office = open(&mail, &["--smtp-connections=4", "--smtp-timeout-seconds=600"]).await;
    for number in 0..6 {
        office.invite(&format!("h{number}@slow.example")).await;
    }
    for number in 0..8 {
        office.invite(&format!("u{number}@example.com")).await;
    }
    for number in 0..8 {
        mail.letter_to(&format!("u{number}@example.com")).await;
    }
    let hung = mail.heard().matches("RCPT h").count();
    assert_eq!(hung, 2, "half of the connections are for others: {}", mail.heard());
}

#[tokio::test]
async fn the_server_is_greeted_by_the_public_name() {
    let Some(python) = python() else { return };
    let mail = MailServer::start(&python, &[]).await;
    let site = Site::sqlite().without("--public-url").with(SENDER).with(mail.flag());
    let office = Office::at(site.with("--public-url=https://auth.example.com/api")).await;
    office.invite("ann@example.com").await;
    mail.letter_to("ann@example.com").await;
    assert!(mail.heard().contains("EHLO auth.example.com\n"), "{}", mail.heard());
    let office = office.restarted_with("--smtp-hello=mx.example.com").await;
    office.invite("bob@example.com").await;
    mail.letter_to("bob@example.com").await;
    assert!(mail.heard().contains("EHLO mx.example.com\n"), "{}", mail.heard());
}

#[tokio::test]
async fn domains_are_written_in_ascii_and_local_parts_need_a_server_for_them() {
    let Some(python) = python() else { return };
    let mail = MailServer::start(&python, &[]).await;
    let office = open(&mail, &["--registration=open"]).await;
    let sign_up = async |email: &str| {
        let body = json!({"email": email, "password": PASSWORD}).to_string();
        let json = [("content-type", "application/json")];
        let answer =
            office.service.client.send(Method::POST, "/identity/create", &json, body).await;
        assert_eq!(answer.status / 100, 2, "{answer:?}");
    };
    sign_up("ann@bücher.example").await;
    mail.letter_to("ann@xn--bcher-kva.example").await;
    assert!(mail.heard().contains("RCPT ann@xn--bcher-kva.example"), "{}", mail.heard());
    let message = mail.raw().remove(0);
    assert!(message.contains("Auto-Submitted: auto-generated\r\n"), "{message}");
    sign_up("jürgen@example.com").await;
    office.service.log.line("letter undeliverable; put aside").await;
    let log = office.service.log.so_far();
    assert!(log.contains("takes only addresses in ASCII"), "{log}");
}
