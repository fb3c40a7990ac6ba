//! `guestlist check`: tries what the settings name, and says what is wrong.

use std::{process::ExitCode, time::Duration};

use clap::{Arg, ArgAction, Command};

use super::{Failure, insecure::warnings, say};
use crate::{
    auth::provider::Providers,
    config::Settings,
    mail::transport::Transport,
    model::letter::Letter,
    service::Service,
    store::{
        self, Store,
        ledger::{queue::Queued, tasks::TaskNote},
        outbox::trouble::MailTrouble,
    },
};

/// The flag by which warnings count as failures.
pub(super) const STRICT: &str = "strict";
/// How far the clock may be off before tokens are refused for it, or taken for too long.
const MAX_CLOCK_OFFSET: Duration = Duration::from_mins(1);

pub(super) fn command() -> Command {
    let strict = Arg::new(STRICT).long(STRICT).action(ArgAction::SetTrue);
    Command::new("check")
        .after_help("Example:\n  guestlist check")
        .about("Test the settings, table, mail server and issuers, and warn about unsafe settings")
        .arg(strict.help("Exit with status 1 even if there are only warnings"))
}

pub(super) async fn check(settings: &Settings, strict: bool) -> Result<ExitCode, Failure> {
    let mut report = Report { strict, ..Report::default() };
    report.note("settings", Ok("valid".to_owned()));
    for (setting, why) in warnings(settings) {
        report.warn(setting, &why);
    }
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
    report.note("mail", mail(&service.courier.transport).await);
    report.waiting(store).await;
    report.unmanaged(store).await;
    report.tasks(store).await;
    for issuer in service.app.verifier.issuers() {
        let what = format!("issuer {}", issuer.name());
        if let Some(why) = issuer.never_matches() {
            report.note(&what, Err(why.to_owned()));
            continue;
        }
        let keys = issuer.check().await;
        let offset = keys.as_ref().ok().and_then(|keys| keys.clock_offset);
        report.note(&what, keys.map(|keys| keys.to_string()).map_err(|error| error.to_string()));
        if let Some(offset) = offset.filter(|offset| *offset > MAX_CLOCK_OFFSET) {
            let seconds = offset.as_secs();
            let why = format!(
                "its clock and this machine's differ by {seconds} seconds, so valid tokens may be refused or expired \
                 ones accepted; synchronise this machine's clock with NTP"
            );
            report.warn(&what, &why);
        }
    }
    report.providers(&service.app.providers).await;
    report.print()
}

/// Whether letters can leave.
async fn mail(transport: &Transport) -> Result<String, String> {
    transport.check().await?;
    Ok(match transport {
        Transport::Smtp { relay, .. } => format!("the SMTP server answers, {}", relay.way()),
        Transport::Folder { folder, .. } => {
            format!("no mail server is set; emails are written to {}", folder.display())
        }
    })
}

/// What the service is called from outside, and whether it can be called so.
fn public_url(settings: &Settings) -> Result<String, String> {
    if settings.lacks_public_url() {
        return Ok("not set; depends on the port that the service gets".to_owned());
    }
    let url = settings.public_url();
    if settings.public_url.is_none() && settings.listen.ip().is_unspecified() {
        let why =
            "works on this machine only, but the service listens on all addresses; set public_url";
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
    warned: bool,
    strict: bool,
}

impl Report {
    async fn providers(&mut self, providers: &Providers) {
        for provider in providers.iter() {
            let found = provider.check().await;
            let back = provider.redirect_url();
            let found = found.map(|found| format!("{found}; it leads back to {back}"));
            self.note(&format!("provider {}", provider.name()), found);
        }
    }

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

    fn warn(&mut self, what: &str, why: &str) {
        self.warned = true;
        self.lines.push(format!("WARN    {what}: {why}"));
    }

    fn undeliverable(&mut self, letter: store::Result<Queued<Letter>>) {
        let (to, why) = match letter {
            Ok(letter) => (letter.job.to.to_string(), letter.last_error.unwrap_or_default()),
            Err(error) => ("somebody".to_owned(), error.to_string()),
        };
        self.note(&format!("email to {to}"), Err(format!("undeliverable: {why}")));
    }

    /// Says why letters wait, if the service has found the mail server not to take any.
    async fn waiting(&mut self, store: &Store) {
        // What is wrong with the table is said already.
        if let Ok(Some(MailTrouble { since, why })) = store.mail_trouble().await {
            let why =
                format!("waiting since {since}, when the mail server refused all emails: {why}");
            self.note("emails", Err(why));
        }
    }

    /// Names accounts that nobody manages.
    async fn unmanaged(&mut self, store: &Store) {
        // What is wrong with the table is said already.
        for account in store.accounts_without_admin().await.unwrap_or_default() {
            let id = account.id;
            let why = format!(
                "it has users but no active admin; invite one with guestlist user create --account {id} --role admin \
                 --email EMAIL --invite"
            );
            self.warn(&format!("account {} ({id})", account.name), &why);
        }
    }

    /// Says which tasks do not go well, on whatever node.
    async fn tasks(&mut self, store: &Store) {
        // What is wrong with the table is said already.
        for note in store.task_notes().await.unwrap_or_default() {
            let TaskNote { since, failures, panicked, why, .. } = &note;
            let how = if *panicked { "panicked" } else { "failed" };
            let times =
                if *failures == 1 { "once".to_owned() } else { format!("{failures} times") };
            let what = note.duty().map_or_else(String::new, |duty| {
                format!(". {} {}", duty.affected(), duty.todo(*panicked))
            });
            let why = format!("has {how} {times} since {since}; last error: {why}{what}");
            self.note(&format!("task {}", note.task), Err(why));
        }
    }

    fn print(self) -> Result<ExitCode, Failure> {
        say(&format!("{}\n", self.lines.join("\n")))?;
        let failed = self.failed || (self.strict && self.warned);
        Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
    }
}
