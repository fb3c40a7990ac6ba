//! `guestlist check`: tries what the settings name, and says what is wrong.

use std::{process::ExitCode, time::Duration};

use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::{Value, json};

use super::{
    Failure,
    insecure::warnings,
    listing::{json_flag, json_lines},
    say,
};
use crate::{
    auth::provider::Providers,
    config::Settings,
    mail::transport::Transport,
    model::letter::Letter,
    service::{OpenError, Service},
    store::{
        self, Store,
        ledger::{queue::Queued, tasks::TaskNote},
        outbox::trouble::MailTrouble,
    },
};

/// The flag by which warnings count as failures.
const STRICT: &str = "strict";
/// How far the clock may be off before tokens are refused for it, or taken for too long.
const MAX_CLOCK_OFFSET: Duration = Duration::from_mins(1);

pub(super) fn command() -> Command {
    let strict = Arg::new(STRICT).long(STRICT).action(ArgAction::SetTrue);
    Command::new("check")
        .after_help("Example:\n  guestlist check")
        .about("Test the settings, table, mail server and issuers, and warn about unsafe settings")
        .args([strict.help("Exit with status 1 even if there are only warnings"), json_flag()])
}

pub(super) async fn check(settings: &Settings, flags: &ArgMatches) -> Result<ExitCode, Failure> {
    let mut report = Report::default();
    report.note("settings", Ok("valid".to_owned()));
    for (setting, why) in warnings(settings) {
        report.warn(setting, &why);
    }
    let (service, missing) = match open(settings).await {
        Ok(opened) => opened,
        Err(error) => {
            report.note("service", Err(error.to_string()));
            return report.print(flags);
        }
    };
    report.note("public URL", public_url(settings));
    let issuer = service.app.verifier.built_in();
    report.note("tokens", Ok(format!("signed with {}", issuer.algorithm())));
    let store = &service.app.store;
    match &missing {
        None => report.table(store).await,
        // The first start is still to come; or it is looked for in the wrong place.
        Some(missing) => report.warn("table", missing),
    }
    if let Some(folder) = &settings.mail.templates {
        let own = service.courier.templates.own();
        report.note("templates", Ok(format!("{own} of your own, from {}", folder.display())));
    }
    report.note("mail", mail(&service.courier.transport).await);
    if missing.is_none() {
        report.waiting(store).await;
        report.unmanaged(store).await;
        report.tasks(store).await;
    }
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
    report.print(flags)
}

/// Opens what is there, and makes nothing; with what is to be said if there is no SQLite table.
async fn open(settings: &Settings) -> Result<(Service, Option<String>), OpenError> {
    match Service::open_existing(settings).await {
        Ok(service) => Ok((service, None)),
        Err(missing @ OpenError::NoTable { .. }) => {
            Ok((Service::without_table(settings)?, Some(missing.to_string())))
        }
        Err(error) => Err(error),
    }
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
        return Ok("not set, and depends on the port that the service gets".to_owned());
    }
    let url = settings.public_url();
    if settings.public_url.is_none() && settings.listen.ip().is_unspecified() {
        let why =
            "works only on this machine, but the service listens on all addresses; set public_url";
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

/// How something is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Ok,
    Warning,
    Failed,
}

/// What is known of something that was tested.
struct Finding {
    state: State,
    what: String,
    text: String,
}

/// What `check` has found.
#[derive(Default)]
struct Report(Vec<Finding>);

impl Report {
    async fn providers(&mut self, providers: &Providers) {
        for provider in providers.iter() {
            let found = provider.check().await;
            let back = provider.redirect_url();
            let found = found.map(|found| format!("{found}; it leads back to {back}"));
            self.note(&format!("provider {}", provider.name()), found);
        }
    }

    /// Whether the table can be used, and which emails in it nobody has accepted.
    async fn table(&mut self, store: &Store) {
        let letters = match ready(store).await {
            Ok(()) => store.parked_letters(100).await,
            Err(error) => Err(error),
        };
        match letters {
            Ok(letters) => {
                self.note("table", Ok("can be read and written".to_owned()));
                for letter in letters {
                    self.undeliverable(letter);
                }
            }
            Err(error) => self.note("table", Err(error.to_string())),
        }
    }

    fn note(&mut self, what: &str, found: Result<String, String>) {
        let (state, text) = match found {
            Ok(text) => (State::Ok, text),
            Err(text) => (State::Failed, text),
        };
        self.0.push(Finding { state, what: what.to_owned(), text });
    }

    fn warn(&mut self, what: &str, why: &str) {
        let (what, text) = (what.to_owned(), why.to_owned());
        self.0.push(Finding { state: State::Warning, what, text });
    }

    fn undeliverable(&mut self, letter: store::Result<Queued<Letter>>) {
        let (to, why) = match letter {
            Ok(letter) => (letter.job.to.to_string(), letter.last_error.unwrap_or_default()),
            Err(error) => ("an unknown address".to_owned(), error.to_string()),
        };
        let why = format!(
            "undeliverable: {why}; once that is solved, send it again with mail/retry or in the console"
        );
        self.note(&format!("email to {to}"), Err(why));
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
                "it has users but no active admin; promote one with guestlist user update EMAIL --account {id} \
                 --role admin, or invite one with guestlist user create EMAIL --account {id} --role admin --invite"
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

    fn print(self, flags: &ArgMatches) -> Result<ExitCode, Failure> {
        say(&if flags.get_flag("json") {
            json_lines(&self.0.iter().map(Finding::record).collect::<Vec<_>>())
        } else {
            self.0.iter().map(Finding::line).collect()
        })?;
        let is_strict = flags.get_flag(STRICT);
        let is_failure = |finding: &Finding| match finding.state {
            State::Ok => false,
            State::Warning => is_strict,
            State::Failed => true,
        };
        Ok(if self.0.iter().any(is_failure) { ExitCode::FAILURE } else { ExitCode::SUCCESS })
    }
}

impl Finding {
    fn line(&self) -> String {
        let mark = match self.state {
            State::Ok => "ok    ",
            State::Warning => "WARN  ",
            State::Failed => "FAILED",
        };
        format!("{mark}  {}: {}\n", self.what, self.text)
    }

    fn record(&self) -> Value {
        let state = match self.state {
            State::Ok => "ok",
            State::Warning => "warning",
            State::Failed => "failed",
        };
        json!({"state": state, "what": self.what, "text": self.text})
    }
}
