//! A real SMTP server, `tests/support/smtp.py`, and the letters that it has received.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    process::Stdio,
};

use mail_parser::{Address, MessageParser};
use serde_json::Value;
use tempfile::TempDir;
use tokio::{
    net::TcpSocket,
    process::{Child, Command},
};

use super::process::{Output, eventually};

/// A running mail server; ends when dropped.
pub(crate) struct MailServer {
    pub(crate) port: u16,
    folder: TempDir,
    log: Output,
    _child: Child,
}

/// A port that is refused until a server is started on it, and that nobody else gets meanwhile.
pub(crate) struct ClosedPort {
    pub(crate) number: u16,
    _socket: TcpSocket,
}

/// A letter as its reader sees it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Received {
    pub(crate) to: String,
    pub(crate) from: String,
    pub(crate) subject: String,
    pub(crate) message_id: String,
    pub(crate) text: String,
    pub(crate) html: String,
}

impl ClosedPort {
    pub(crate) fn new() -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        // A bound socket that does not listen refuses connections; the server reuses the address.
        socket.set_reuseaddr(true).unwrap();
        socket.bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).unwrap();
        Self { number: socket.local_addr().unwrap().port(), _socket: socket }
    }

    pub(crate) fn flag(&self) -> String {
        flag(self.number)
    }
}

impl MailServer {
    /// On a free port, with further arguments.
    pub(crate) async fn start(python: &str, arguments: &[&str]) -> Self {
        Self::start_at(python, 0, arguments).await
    }

    pub(crate) async fn start_at(python: &str, port: u16, arguments: &[&str]) -> Self {
        let folder = TempDir::new().unwrap();
        let mut child = Command::new(python)
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/smtp.py"))
            .args(["--port", &port.to_string(), "--dir"])
            .arg(folder.path())
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let stdout = Output::follow(child.stdout.take().unwrap());
        let log = Output::follow(child.stderr.take().unwrap());
        let line = stdout.line("listening on 127.0.0.1:").await;
        let port = line.rsplit(':').next().unwrap().parse().unwrap();
        Self { port, folder, log, _child: child }
    }

    /// The setting that leads here.
    pub(crate) fn flag(&self) -> String {
        flag(self.port)
    }

    /// What it has heard and answered so far.
    pub(crate) fn heard(&self) -> String {
        self.log.so_far()
    }

    /// The messages so far as they came over the wire.
    pub(crate) fn raw(&self) -> Vec<String> {
        let mut paths: Vec<_> = std::fs::read_dir(self.folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "eml"))
            .collect();
        paths.sort();
        paths.iter().map(|path| std::fs::read_to_string(path).unwrap()).collect()
    }

    /// The letters so far, in the order of their arrival.
    pub(crate) fn received(&self) -> Vec<Received> {
        letters_in(self.folder.path())
    }

    /// Waits for the first letter to `address`.
    pub(crate) async fn letter_to(&self, address: &str) -> Received {
        self.letters_to(address, 1).await.remove(0)
    }

    /// Waits until there are this many letters to `address`, or more.
    pub(crate) async fn letters_to(&self, address: &str, count: usize) -> Vec<Received> {
        eventually(&format!("{count} letters to {address}"), async || {
            let mut letters = self.received();
            let seen: Vec<_> = letters.iter().map(|letter| letter.to.clone()).collect();
            let seen = format!("{seen:?} {}", self.log.so_far());
            letters.retain(|letter| letter.to == address);
            if letters.len() < count { Err(seen) } else { Ok(letters) }
        })
        .await
    }
}

impl Received {
    /// Reads a message (RFC 5322, MIME).
    pub(crate) fn parse(bytes: &[u8]) -> Self {
        let message = MessageParser::default().parse(bytes).unwrap();
        assert_eq!((message.text_body_count(), message.html_body_count()), (1, 1));
        Self {
            to: mailbox(message.to()),
            from: mailbox(message.from()),
            subject: message.subject().unwrap().to_owned(),
            message_id: message.message_id().unwrap().to_owned(),
            text: message.body_text(0).unwrap().replace("\r\n", "\n"),
            html: message.body_html(0).unwrap().replace("\r\n", "\n"),
        }
    }

    /// Requires that it carries the code of a user's invite, with the part that proves that it was read.
    #[track_caller]
    pub(crate) fn is_invite_of(&self, user: &Value) {
        let (sent, shown) = (self.code(), user["invite"].as_str().unwrap());
        assert!(sent.starts_with(&format!("{shown}.")), "{sent} {shown}");
    }

    /// The code in the link.
    pub(crate) fn code(&self) -> String {
        let (_, link) = self.text.split_once("/#").unwrap();
        let (_, rest) = link.split_once('=').unwrap();
        rest.split_whitespace().next().unwrap().to_owned()
    }
}

/// The letters in a folder, in the order of their names.
pub(crate) fn letters_in(folder: &Path) -> Vec<Received> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.map(|entry| entry.unwrap().path());
    let mut paths: Vec<_> = paths.filter(|path| path.extension().unwrap() == "eml").collect();
    paths.sort();
    paths.iter().map(|path| Received::parse(&std::fs::read(path).unwrap())).collect()
}

fn flag(port: u16) -> String {
    format!("--smtp-url=smtp://127.0.0.1:{port}")
}

/// `name <address>`, or the address alone.
fn mailbox(address: Option<&Address<'_>>) -> String {
    let all: Vec<_> = address.unwrap().iter().collect();
    let [one] = all.as_slice() else { panic!("{all:?}") };
    let address = one.address().unwrap();
    one.name().map_or_else(|| address.to_owned(), |name| format!("{name} <{address}>"))
}
