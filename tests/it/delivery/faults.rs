//! What can go wrong with a mail server, a recipient or a letter, short of the process dying.

use serde_json::json;

use super::Office;
use crate::support::{
    outside::python,
    process::Site,
    smtp::{ClosedPort, MailServer, letters_in},
};

#[tokio::test]
async fn a_server_that_is_down_holds_nobody_up() {
    let Some(python) = python() else { return };
    let port = ClosedPort::new();
    let office = Office::open(&[&port.flag()]).await;
    for name in ["ann", "bob", "eve"] {
        office.invite(&format!("{name}@example.com")).await;
    }
    office.service.log.line("it will be tried again").await;
    let check = office.site.run(&["check"]).await.failed_check();
    assert!(check.contains("FAILED  mail: "), "{check}");
    assert!(!check.contains("outbox"), "{check}");
    let mail = MailServer::start_at(&python, port.number, &[]).await;
    for name in ["ann", "bob", "eve"] {
        mail.letter_to(&format!("{name}@example.com")).await;
    }
    office.site.run(&["check"]).await.ok();
    assert_eq!(mail.received().len(), 3);
}

#[tokio::test]
async fn a_refused_recipient_is_put_aside_and_named() {
    let Some(python) = python() else { return };
    let mail = MailServer::start(&python, &["--reject", "gone@example.com"]).await;
    let office = Office::open(&[&mail.flag()]).await;
    office.invite("gone@example.com").await;
    office.service.log.line("letter undeliverable; put aside").await;
    let check = office.site.run(&["check"]).await.failed_check();
    let line = check.lines().find(|line| line.starts_with("FAILED")).unwrap();
    assert!(line.contains("gone@example.com"), "{check}");
    assert!(line.contains("No such mailbox"), "{check}");
    // The others' letters go on.
    office.invite("here@example.com").await;
    mail.letter_to("here@example.com").await;
    assert_eq!(mail.received().len(), 1);
}

#[tokio::test]
async fn what_was_refused_is_sent_again_on_request() {
    let Some(python) = python() else { return };
    let mail = MailServer::start(&python, &["--reject", "gone@example.com"]).await;
    let office = Office::open(&[&mail.flag()]).await;
    let user = office.invite("gone@example.com").await;
    office.service.log.line("letter undeliverable; put aside").await;
    let call = async |name, body| office.service.call(name, &office.root, body).await.ok();
    let found = call("mail/find", json!({"state": "undeliverable"})).await;
    let letter = &found["data"][0];
    assert_eq!((&letter["to"], &letter["kind"]), (&user["email"], &json!("invite")));
    assert_eq!(letter["attempts"], 1);
    assert!(letter["lastError"].as_str().unwrap().contains("No such mailbox"), "{letter}");

    // The mailbox is made, and the letter is wanted after all.
    let port = mail.port;
    drop(mail);
    let mail = MailServer::start_at(&python, port, &[]).await;
    let retried = call("mail/retry", json!({"id": letter["id"]})).await;
    assert_eq!(retried["data"][0]["state"], "waiting");
    let received = mail.letter_to("gone@example.com").await;
    received.is_invite_of(&user);
    office.service.log.line("letter handed over").await;
    assert_eq!(call("mail/find", json!({"state": "undeliverable"})).await, json!({"data": []}));
    office.site.run(&["check"]).await.ok();
}

#[tokio::test]
async fn a_letter_refused_for_now_is_tried_again() {
    let Some(python) = python() else { return };
    let mail = MailServer::start(&python, &["--tempfail-first", "2"]).await;
    let office = Office::open(&[&mail.flag()]).await;
    office.invite("bob@example.com").await;
    mail.letter_to("bob@example.com").await;
    office.service.log.line("Try again later").await;
    let tried = |log: &str| (log.matches("it will be tried again").count() == 2).then_some(());
    office.service.log.until("a second try", tried).await;
    office.site.run(&["check"]).await.ok();
}

#[tokio::test]
async fn a_letter_whose_invite_is_void_is_dropped() {
    let Some(python) = python() else { return };
    let port = ClosedPort::new();
    let office = Office::open(&[&port.flag()]).await;
    let gone = office.invite("gone@example.com").await;
    let joined = office.invite("joined@example.com").await;
    let again = office.invite("again@example.com").await;
    office.service.log.line("it will be tried again").await;
    let call = async |name, body| office.service.call(name, &office.root, body).await.ok();
    call("user/remove", json!({"id": gone["id"]})).await;
    let fresh = call("user/updateRole", json!({"id": again["id"], "sendInvite": true})).await;
    let token = office.site.token("joined@example.com").await;
    let login = json!({"invite": joined["invite"]});
    office.service.call("user/login", &token, login).await.ok();
    let mail = MailServer::start_at(&python, port.number, &[]).await;
    let dropped = |log: &str| log.matches("the letter is dropped").count().eq(&3).then_some(());
    office.service.log.until("three dropped letters", dropped).await;
    let letter = mail.letter_to("again@example.com").await;
    letter.is_invite_of(&fresh);
    assert_eq!(mail.received(), [letter]);
}

#[tokio::test]
async fn without_a_server_letters_are_files() {
    let site = Site::sqlite().with("--app-url=https://app.example.com");
    let office = Office::at(site).await;
    let user = office.invite("bob@example.com").await;
    let code = user["invite"].as_str().unwrap();
    let line = office.service.log.line("no mail server is set").await;
    assert!(line.contains(&format!("https://app.example.com/#invite={code}")), "{line}");
    let letters = letters_in(&office.site.path("data/mail"));
    let [letter] = letters.as_slice() else { panic!("{letters:?}") };
    assert_eq!(letter.to, "bob@example.com");
    letter.is_invite_of(&user);
    office.site.run(&["check"]).await.ok();
}

#[tokio::test]
async fn names_cannot_add_lines_to_a_letter() {
    let Some(python) = python() else { return };
    let mail = MailServer::start(&python, &[]).await;
    let office = Office::open(&[&mail.flag()]).await;
    let ann = office.site.token("ann@example.com").await;
    for end in ["\n", "\r", "\r\n", "\u{85}", "\u{2028}", "\u{2029}", "\0"] {
        let name = format!("Eve{end}Bcc: eve@example.com");
        for field in ["first", "last", "username"] {
            let body = json!({"email": "bob@example.com", field: name});
            let answer = office.service.call("user/create", &office.root, body).await;
            assert_eq!(answer.outcome(), "422 validation_failed", "{field} {name:?}");
            assert_eq!(answer.faults(), format!("{field}:format"));
        }
        let body = json!({"email": format!("bob@example.com{end}Bcc: eve@example.com")});
        let answer = office.service.call("user/create", &office.root, body).await;
        assert_eq!(answer.outcome(), "422 validation_failed", "{name:?}");
        let login = json!({"register": true, "account": {"name": name}});
        let answer = office.service.call("user/login", &ann, login).await;
        assert_eq!(answer.outcome(), "422 validation_failed", "{name:?}");
        let rename = json!({ "name": name });
        let answer = office.service.call("account/update", &office.root, rename).await;
        assert_eq!(answer.outcome(), "422 validation_failed", "{name:?}");
    }
}

#[tokio::test]
async fn names_of_any_script_arrive_as_far_as_they_are_names() {
    let Some(python) = python() else { return };
    let mail = MailServer::start(&python, &[]).await;
    let office = Office::open(&[&mail.flag()]).await;
    let name = format!("Žluťoučký & \"Kůň\" 🐎, {}", "ž".repeat(60));
    let rename = json!({ "name": name });
    office.service.call("account/update", &office.root, rename).await.ok();
    office.invite("bob@example.com").await;
    let letter = mail.letter_to("bob@example.com").await;
    let name = format!("“Žluťoučký & \"Kůň\" 🐎, {}…”", "ž".repeat(19));
    assert_eq!(letter.subject, format!("You are invited to join {name}"));
    assert!(letter.text.contains(&name), "{}", letter.text);
    let name = name.replace('&', "&amp;").replace('"', "&quot;");
    assert!(letter.html.contains(&name), "{}", letter.html);
}

#[tokio::test]
async fn an_account_is_not_called_by_an_address() {
    let office = Office::open(&[]).await;
    let rename = async |name: &str| {
        let body = json!({ "name": name });
        office.service.call("account/update", &office.root, body).await
    };
    for name in [
        "Example Bank: unlock your card at https://evil.example",
        "visit WWW.evil.example",
        "write to me@evil.example",
    ] {
        let answer = rename(name).await;
        assert_eq!(answer.outcome(), "422 validation_failed", "{name}");
        assert_eq!(answer.faults(), "name:format");
    }
    for name in ["Booking.com", "St.Gallen", "Café @ Home", "Node.js: users"] {
        rename(name).await.ok();
    }
}
