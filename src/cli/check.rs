//! `guestlist check`: tries what the settings name, and says what is wrong.

use std::process::ExitCode;

use clap::Command;

use super::{Failure, say};
use crate::{
    config::Settings,
    mail::transport::Transport,
    model::letter::Letter,
    service::Service,
    store::{self, Store, ledger::queue::Queued},
};

pub(super) fn command() -> Command {
    Command::new("check").about("Test settings, table, mail server and issuers")
}

pub(super) async fn check(settings: &Settings) -> Result<ExitCode, Failure> {
    let mut report = Report::default();
    report.note("settings", Ok("valid".to_owned()));
    let service = match Service::open(settings).await {
        Ok(service) => service,
        Err(error) => {
            report.note("service", Err(error.to_string()));
            return report.print();
        }
    };
    report.note("public URL", public_url(settings));
    let issuer = service.app.verifier.built_in();
    report.note("tokens", Ok(format!("signed with {}", issuer.algorithm())));
    let store = &service.app.store;
    let letters = match ready(store).await {
        Ok(()) => store.parked_letters(100).await,
        Err(error) => Err(error),
    };
    match letters {
        Ok(letters) => {
            report.note("table", Ok("can be read and written".to_owned()));
            for letter in letters {
                report.undeliverable(letter);
            }
        }
        Err(error) => report.note("table", Err(error.to_string())),
    }
    if let Some(folder) = &settings.mail.templates {
        let own = service.courier.templates.own();
        report.note("templates", Ok(format!("{own} of your own, from {}", folder.display())));
    }
    let transport = &service.courier.transport;
    let mail = transport.check().await.map(|()| match transport {
        Transport::Smtp { .. } => "the SMTP server answers".to_owned(),
        Transport::Folder { folder, .. } => {
            format!("no SMTP server is set; letters go to {}", folder.display())
        }
    });
    report.note("mail", mail);
    for issuer in service.app.verifier.issuers() {
        let keys = issuer.check().await;
        let keys = keys.map(|keys| keys.to_string()).map_err(|error| error.to_string());
        report.note(&format!("issuer {}", issuer.name()), keys);
    }
    report.print()
}

/// What the service is called from outside, and whether it can be called so.
fn public_url(settings: &Settings) -> Result<String, String> {
    if settings.lacks_public_url() {
        return Ok("not set; known once the service has its port".to_owned());
    }
    let url = settings.public_url();
    if settings.public_url.is_none() && settings.listen.ip().is_unspecified() {
        let why =
            "is for this machine only, but the service listens on all addresses; set public_url";
        return Err(format!("{url} {why}"));
    }
    Ok(url.to_string())
}

/// Whether the table holds what this program can read, and can be written.
async fn ready(store: &Store) -> store::Result<()> {
    // Before anything is written into it.
    store.check_table().await?;
    store.can_write().await
}

/// What `check` has found.
#[derive(Default)]
struct Report {
    lines: Vec<String>,
    failed: bool,
}

impl Report {
    fn note(&mut self, what: &str, found: Result<String, String>) {
        let (mark, text) = match found {
            Ok(text) => ("ok    ", text),
            Err(text) => {
                self.failed = true;
                ("FAILED", text)
            }
        };
        self.lines.push(format!("{mark}  {what}: {text}"));
    }

    fn undeliverable(&mut self, letter: store::Result<Queued<Letter>>) {
        let (to, why) = match letter {
            Ok(letter) => (letter.job.to.to_string(), letter.last_error.unwrap_or_default()),
            Err(error) => ("somebody".to_owned(), error.to_string()),
        };
        self.note(&format!("letter to {to}"), Err(format!("undeliverable: {why}")));
    }

    fn print(self) -> Result<ExitCode, Failure> {
        say(&format!("{}\n", self.lines.join("\n")))?;
        Ok(if self.failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
    }
}
