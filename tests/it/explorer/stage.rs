//! The service as the explorer drives it: in process, on a table in memory that is put back between moves.

use std::{fs, sync::Arc, time::Duration};

use guestlist::{
    api::{self, Credentials, Request},
    app::App,
    auth::Work,
    clock::{Clock, Timestamp},
    mail::courier::Courier,
    model::id::AccountId,
    random::Random,
    secret::{Secret, Secrets},
    service::{Service, World as Outside},
    sweeper::Sweeper,
    web::Web,
};
use serde_json::Value;
use tempfile::TempDir;

use crate::support::{
    issuers::issuer,
    memory::{Items, Memory},
    smtp::letters_in,
    world::{NOW, settings},
};

/// What is no part of a position: trails, days and counts of guesses, which nothing goes by that is explored.
const UNKEPT: &[&str] = &["audit#", "days#", "limit#"];

/// How much later each call is than the one before, so that what is signed out is told from what comes after.
const BETWEEN_CALLS: Duration = Duration::from_millis(100);

/// An issuer whose word on emails does not count.
pub(super) const UNTRUSTED: &str = "https://untrusted.example/";

/// A service that can be put into any position.
pub(super) struct Stage {
    app: Arc<App>,
    courier: Arc<Courier>,
    sweeper: Sweeper,
    table: Arc<Memory>,
    pub(super) clock: Clock,
    mail: TempDir,
}

/// What a call came to: its reply, or why it was refused.
pub(super) type Outcome = Result<Value, String>;

/// A letter, as far as it matters: to whom, what its link is for, and the code in it.
pub(super) struct Posted {
    pub(super) to: String,
    pub(super) link: String,
    pub(super) code: String,
}

impl Stage {
    pub(super) fn new() -> Self {
        let clock = Clock::manual(NOW);
        let table = Arc::new(Memory::new(clock.clone(), UNKEPT));
        let mail = TempDir::new().unwrap();
        let folder = format!("--mail-folder={}", mail.path().display());
        // Nothing is remembered of callers: what is remembered would be of another position.
        let untrusted = issuer(UNTRUSTED, false);
        let flags =
            ["--registration=open", "--caller-seconds=0", folder.as_str(), untrusted.as_str()];
        let settings = settings(flags.into_iter());
        let secrets = Secrets { current: Secret::new([7; 32]), previous: Vec::new() };
        let outside = Outside {
            table: Arc::clone(&table) as _,
            clock: clock.clone(),
            random: Random::System,
            work: Work::Least,
            web: Web::new(&settings.web_proxies),
        };
        let Service { app, courier, sweeper, .. } =
            Service::assemble(&settings, &secrets, outside).unwrap();
        Self { app, courier, sweeper, table, clock, mail }
    }

    /// Puts the service into a position.
    pub(super) fn load(&self, items: &Items, now: i64) {
        self.table.load(Arc::clone(items));
        self.clock.turn(Timestamp::from_millis(now));
    }

    /// The position that it is in.
    pub(super) fn items(&self) -> (Items, i64) {
        (self.table.items(), self.clock.now().millis())
    }

    /// Makes a call with a token, or without one, about an account or none.
    pub(super) async fn call(
        &self,
        name: &str,
        (token, account): (&str, Option<&str>),
        body: Value,
    ) -> Outcome {
        let account = account.map(|account| AccountId::parse(account).unwrap());
        let credentials = match token {
            "" => Credentials::None,
            token => Credentials::Token { token: token.to_owned(), account },
        };
        self.make(name, &credentials, body).await
    }

    /// Makes a call as the operator.
    pub(super) async fn operate(&self, name: &str, body: Value) -> Outcome {
        self.make(name, &Credentials::Operator, body).await
    }

    async fn make(&self, name: &str, credentials: &Credentials, body: Value) -> Outcome {
        self.clock.advance(BETWEEN_CALLS);
        let Value::Object(body) = body else { panic!("a body is an object") };
        let request = Request { body, ..Request::default() };
        let reply = Box::pin(api::call(&self.app, credentials, name, request)).await;
        reply.map(|reply| reply.read().unwrap()).map_err(|error| {
            let code = error.code().name();
            let faults = error.fields().iter().map(|fault| (fault.field.clone(), fault.code));
            let faults: Vec<_> = faults.collect();
            // What the explorer does wrong is not to pass for a refusal.
            let is_wrong = ["unknown_field", "internal"].contains(&code);
            assert!(!is_wrong, "{name}: {code} {} {:?}", error.detail(), error.cause());
            format!("{code} {} {faults:?}", error.detail())
        })
    }

    /// Does the chores that are due.
    pub(super) async fn sweep(&self) {
        while self.sweeper.round().await.unwrap() > 0 {}
    }

    /// Brings the letters that wait.
    pub(super) async fn post(&self) -> Vec<Posted> {
        let waiting = |items: &Items| items.keys().any(|key| key.partition.starts_with("outbox#"));
        if !waiting(&self.table.items()) {
            return Vec::new();
        }
        while self.courier.round().await.unwrap() > 0 {}
        assert!(!waiting(&self.table.items()), "a letter is undeliverable");
        let letters = letters_in(self.mail.path());
        for entry in fs::read_dir(self.mail.path()).unwrap() {
            fs::remove_file(entry.unwrap().path()).unwrap();
        }
        let posted = letters.into_iter().filter_map(|letter| {
            let (_, link) = letter.text.split_once("/#")?;
            let link = link.split_whitespace().next()?;
            let (link, code) = link.split_once('=')?;
            Some(Posted { to: letter.to, link: link.to_owned(), code: code.to_owned() })
        });
        posted.collect()
    }
}
