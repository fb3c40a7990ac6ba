//! The process dies at any moment between the reply and the mail: the letter arrives all the same, once
//! or recognisably twice.

use std::{net::TcpListener, time::Duration};

use futures_util::future::join_all;
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    sync::Notify,
    time::sleep,
};

use super::Office;
use crate::support::{
    outside::python,
    smtp::{ClosedPort, MailServer, Received},
};

/// When to kill, counted from the reply; together they hit every part of a delivery.
const DELAYS_MS: [u64; 5] = [0, 2, 10, 50, 400];

async fn invited(office: &Office, delay_ms: u64) -> Value {
    let user = office.invite("bob@example.com").await;
    sleep(Duration::from_millis(delay_ms)).await;
    user
}

/// Kills the service and starts it again, perhaps with another mail server.
async fn killed_and_set_to(office: Office, flag: &str) -> Office {
    let Office { site, service, root } = office;
    service.kill().await;
    let site = site.without("--smtp-url").with(flag);
    Office { service: site.start().await, site, root }
}

/// Waits for the letter that carries the user's code, and lets no other pass.
async fn arrives(mail: &MailServer, user: &Value) -> Vec<Received> {
    mail.letter_to("bob@example.com").await;
    let letters = mail.received();
    for letter in &letters {
        assert_eq!(*letter, letters[0], "the two differ");
    }
    letters[0].is_invite_of(user);
    letters
}

/// All moments at once, since each may have to wait until a lease of a minute is over.
#[tokio::test]
async fn killed_at_any_moment() {
    let Some(python) = python() else { return };
    let timed = join_all(DELAYS_MS.map(async |delay| {
        tokio::join!(
            while_the_server_is_down(&python, delay),
            while_the_server_says_nothing(&python, delay),
            while_the_server_works(&python, delay),
        )
    }));
    tokio::join!(timed, before_it_hears_that_the_letter_is_taken(&python));
}

async fn while_the_server_is_down(python: &str, delay_ms: u64) {
    let port = ClosedPort::new();
    let office = Office::open(&[&port.flag()]).await;
    let user = invited(&office, delay_ms).await;
    let office = killed_and_set_to(office, &port.flag()).await;
    let mail = MailServer::start_at(python, port.number, &[]).await;
    assert_eq!(arrives(&mail, &user).await.len(), 1);
    office.service.stop().await;
}

async fn while_the_server_says_nothing(python: &str, delay_ms: u64) {
    // Connections are made, as the backlog takes them, but nobody ever answers.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap();
    let office = Office::open(&[&format!("--smtp-url=smtp://{address}")]).await;
    let user = invited(&office, delay_ms).await;
    let mail = MailServer::start(python, &[]).await;
    let office = killed_and_set_to(office, &mail.flag()).await;
    assert_eq!(arrives(&mail, &user).await.len(), 1);
    office.service.stop().await;
}

async fn while_the_server_works(python: &str, delay_ms: u64) {
    let mail = MailServer::start(python, &[]).await;
    let office = Office::open(&[&mail.flag()]).await;
    let user = invited(&office, delay_ms).await;
    let office = killed_and_set_to(office, &mail.flag()).await;
    let count = arrives(&mail, &user).await.len();
    println!("killed after {delay_ms} ms: {count} letters so far");
    office.service.stop().await;
}

async fn before_it_hears_that_the_letter_is_taken(python: &str) {
    let mail = MailServer::start(python, &[]).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let office = Office::open(&[&format!("--smtp-url=smtp://{address}")]).await;
    let taken = Notify::new();
    let user = office.invite("bob@example.com").await;
    let office = tokio::select! {
        () = swallow_the_receipt(&listener, mail.port, &taken) => panic!("the connection ended"),
        () = taken.notified() => killed_and_set_to(office, &mail.flag()).await,
    };
    let letters = mail.letters_to("bob@example.com", 2).await;
    assert_eq!(letters, arrives(&mail, &user).await);
    assert_eq!(letters.len(), 2);
    office.service.log.line("letter handed over").await;
    office.service.stop().await;
}

/// Passes one connection on to the mail server, except for its answer to the letter itself.
async fn swallow_the_receipt(listener: &tokio::net::TcpListener, port: u16, taken: &Notify) {
    let (client, _) = listener.accept().await.unwrap();
    let server = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let (mut from_client, mut to_client) = client.into_split();
    let (from_server, mut to_server) = server.into_split();
    let forth = tokio::io::copy(&mut from_client, &mut to_server);
    let back = async {
        let mut answers = BufReader::new(from_server).lines();
        while let Some(answer) = answers.next_line().await.unwrap() {
            if answer.contains("Kept as") {
                taken.notify_one();
            } else {
                to_client.write_all(format!("{answer}\r\n").as_bytes()).await.unwrap();
            }
        }
    };
    let _ = tokio::join!(forth, back);
}
