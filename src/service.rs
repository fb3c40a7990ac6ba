//! The service as a whole: put together from its settings, run, stopped.

mod offer;
mod secrets;
mod tables;

use std::{
    io::{self, IsTerminal as _},
    num::NonZero,
    sync::{Arc, OnceLock, atomic::AtomicBool},
    time::Duration,
};

use tokio::{net::TcpListener, sync::watch};

pub use self::{
    secrets::{NoSecret, SECRET_FILE, keep_secret, known_secrets, secrets},
    tables::{connect, database_in, make_folder, open_own_table, open_table, require_table},
};
use crate::{
    app::App,
    auth::{
        BuiltIn, Issuer, MintError, Verifier,
        password::{Hasher, Work},
        provider::Providers,
    },
    clock::Clock,
    config::{Faults, Settings},
    contract,
    cookie::CookieRules,
    dispatch,
    facade::Facades,
    http::Http,
    mail::{
        courier::Courier, relay::RelaySettings, templates::Templates, transport::Transport,
        trial::Trials, tries::Tries, trouble::Trouble,
    },
    metrics::Metrics,
    proxy::Strangers,
    random::Random,
    secret::{Secret, Secrets},
    security::Notes,
    server,
    store::Store,
    sweeper::Sweeper,
    table::{self, Table, absent::Absent},
    task_notes::{self, TaskNotes},
    tasks::Tasks,
    web::Web,
};

/// How long letters under way may take when the service stops; the outbox still has them.
const LAST_LETTERS: Duration = Duration::from_secs(5);

/// How many passwords may wait to be checked; each takes about 20 ms of a core, so that nobody waits
/// for much longer than a second.
const MAX_WAITING_PASSWORDS: usize = 64;

/// What the service takes from outside itself; tests bring their own.
pub struct World {
    /// Where everything is kept.
    pub table: Arc<dyn Table>,
    /// The time.
    pub clock: Clock,
    /// Randomness.
    pub random: Random,
    /// How much work passwords are made to take.
    pub work: Work,
    /// How other services are called.
    pub web: Web,
}

/// The service, ready to run.
pub struct Service {
    /// What calls need.
    pub app: Arc<App>,
    /// What serves them over HTTP.
    pub http: Arc<Http>,
    /// What takes letters out of the house.
    pub courier: Arc<Courier>,
    /// What does the service's own chores.
    pub sweeper: Sweeper,
    /// What tells other processes of tasks that do not go well.
    pub task_notes: TaskNotes,
    /// What is known of how they go on.
    pub tasks: Tasks,
}

/// Why the service cannot be put together.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The table's folder cannot be made.
    #[error("cannot create the folder {path}: {error}")]
    Folder {
        /// The folder.
        path: String,
        /// Why not.
        error: io::Error,
    },
    /// The secret cannot be kept.
    #[error(
        "cannot read or create the secret in {path}: {error}; if it is damaged, restore it from the backup"
    )]
    Secret {
        /// The file.
        path: String,
        /// Why not.
        error: io::Error,
    },
    /// There is a table, and its secret is gone.
    #[error(
        "there is a table in {folder}, but not its secret: restore the file secret there from the backup, or set it \
         with the setting secret. If it is lost for good, run guestlist table accept-secret, which lists the \
         consequences"
    )]
    SecretGone {
        /// The table's folder.
        folder: String,
    },
    /// There is no SQLite table where one is needed.
    #[error(
        "there is no table in {folder}; check --table and --config. The service creates a table when it first starts, \
         and guestlist table create does, too"
    )]
    NoTable {
        /// The folder where it would be.
        folder: String,
    },
    /// The table cannot be opened.
    #[error(transparent)]
    Table(#[from] table::Error),
    /// The built-in issuer has no keys.
    #[error(transparent)]
    Mint(#[from] MintError),
    /// Issuers or the mail server cannot be used as they are set.
    #[error(transparent)]
    Settings(#[from] Faults),
}

impl Service {
    /// Opens the table that the settings name and puts the service on it.
    ///
    /// # Errors
    /// Whatever cannot be opened, read or made.
    pub async fn open(settings: &Settings) -> Result<Self, OpenError> {
        Self::open_with(settings, &secrets(settings, NoSecret::Refused)?).await
    }

    /// The same, but makes nothing: neither a table nor its secret.
    ///
    /// # Errors
    /// `NoTable`, and whatever cannot be opened or read.
    pub async fn open_existing(settings: &Settings) -> Result<Self, OpenError> {
        require_table(&settings.table)?;
        Self::open(settings).await
    }

    /// As it would be on its table, which is not there; makes nothing either. For what is not about the table.
    ///
    /// # Errors
    /// Whatever cannot be read.
    pub fn without_table(settings: &Settings) -> Result<Self, OpenError> {
        let secrets = known_secrets(settings)?.unwrap_or_else(|| Secrets {
            current: Secret::new(Random::System.bytes()),
            previous: settings.previous_secrets.clone(),
        });
        let (table, clock, web) =
            (Arc::new(Absent), Clock::System, Web::new(&settings.web_proxies));
        let world = World { table, clock, random: Random::System, work: Work::Full, web };
        Self::assemble(settings, &secrets, world)
    }

    /// As [`Service::open`], with these secrets.
    ///
    /// # Errors
    /// Whatever cannot be opened, read or made.
    pub async fn open_with(settings: &Settings, secrets: &Secrets) -> Result<Self, OpenError> {
        let clock = Clock::System;
        let table = open_own_table(settings, &clock).await?;
        Self::assemble(
            settings,
            secrets,
            World {
                table,
                clock,
                random: Random::System,
                work: Work::Full,
                web: Web::new(&settings.web_proxies),
            },
        )
    }

    /// Puts the service together from its parts.
    ///
    /// # Errors
    /// What is wrong with the issuers, the templates of letters or the mail server's URL.
    pub fn assemble(
        settings: &Settings,
        secrets: &Secrets,
        world: World,
    ) -> Result<Self, OpenError> {
        let World { table, clock, random, work, web } = world;
        let (now, dice) = (clock.clone(), random.clone());
        let public_url = settings.public_url();
        let built_in = BuiltIn::new(&public_url, secrets, &settings.token_keys, (now, dice))?;
        let built_in = built_in.for_audiences(settings.audiences.clone());
        let (verifier, templates, transport) = parts(settings, built_in, &web, &clock)?;
        let (tasks, all_tasks) = Tasks::with(table.tasks(), &clock);
        let metrics = Arc::new(Metrics::new(clock.now(), dispatch::counted(), all_tasks.clone()));
        let hasher = Hasher::new(cores(), MAX_WAITING_PASSWORDS, random.clone());
        let hasher = hasher.counting(metrics.passwords().clone()).with(work);
        let store =
            Store::new(table, clock.clone(), random.clone(), secrets, hasher, settings.rules);
        let notes = Arc::new(Notes::new(secrets, clock.clone(), metrics.refusals().clone()));
        let store = Arc::new(store.counting(metrics.refreshes().clone(), Arc::clone(&notes)));
        let courier = Arc::new(Courier {
            store: Arc::clone(&store),
            templates,
            transport,
            connections: settings.mail.connections,
            app_url: settings.app_url(),
            metrics: Arc::clone(&metrics),
            clock: clock.clone(),
            trouble: Trouble::default(),
            tries: Tries::default(),
            trials: Trials::within(Duration::from_secs(settings.limits.request_seconds)),
            task: Arc::clone(&tasks.courier),
        });
        let providers = Arc::new(providers(settings, (&web, &clock), &metrics)?);
        let sweeper = Sweeper::new(&store, &clock, &metrics, &tasks.sweeper);
        let task_notes = TaskNotes::new(&store, &all_tasks, &clock, &random);
        let facades = settings.facades.clone();
        let (quota, site) = (settings.panel_requests_per_minute, settings.meiro_account);
        let cookies = CookieRules::new(&public_url, &settings.cors_origins);
        let offer = offer::of(settings, &verifier, (&public_url, &cookies), &courier);
        let (offer, carrier) = (Arc::new(offer), Arc::clone(&courier));
        let app = Arc::new(App { store, verifier, offer, providers, courier: carrier, notes });
        let http = Arc::new(Http {
            app: Arc::clone(&app),
            base_path: settings.base_path.clone(),
            public_url,
            app_url: settings.app_url(),
            cors_origins: settings.cors_origins.clone(),
            cookies,
            facades: Facades::new(facades, quota, site, clock.clone()),
            proxies: settings.proxies.clone(),
            strangers: Strangers::default(),
            limits: settings.limits,
            metrics,
            tasks: all_tasks,
            shows_metrics: settings.metrics,
            shows_console: settings.console,
            logs_access: settings.log.access,
            openapi: OnceLock::new(),
            clock,
            random,
            leaving: AtomicBool::new(false),
        });
        Ok(Self { app, http, courier, sweeper, task_notes, tasks })
    }

    /// Serves until `stop` turns true, then finishes what is under way.
    pub async fn run(self, listener: TcpListener, stop: watch::Receiver<bool>) {
        let Self { app, http, courier, sweeper, task_notes, tasks } = self;
        let stopped = stop.clone();
        let courier = tokio::spawn(async move {
            tasks.courier.keep_up(stopped.clone(), || courier.run(stopped.clone())).await;
        });
        let stopped = stop.clone();
        let sweeper = tokio::spawn(async move {
            tasks.sweeper.keep_up(stopped.clone(), || sweeper.run(stopped.clone())).await;
        });
        let noting = task_notes.start(tasks.task_notes, stop.clone());
        server::run(http, listener, stop).await;
        app.notes.end();
        // It leaves off where it is, so there is nothing to wait for.
        sweeper.abort();
        if tokio::time::timeout(LAST_LETTERS, courier).await.is_err() {
            tracing::info!("letters under way were left behind; they will be sent again");
        }
        task_notes::end(noting).await;
    }
}

/// How many passwords are checked at once: as many as there are cores, since each keeps one busy.
fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, NonZero::get)
}

/// What the settings are at fault for where it cannot be made; all faults are told at once.
fn parts(
    settings: &Settings,
    built_in: BuiltIn,
    web: &Web,
    clock: &Clock,
) -> Result<(Verifier, Templates, Transport), Faults> {
    let mail = &settings.mail;
    let templates = Templates::load(mail.templates.as_deref(), &mail.language).map_err(Faults);
    match (verifier(settings, built_in, web, clock), templates, transport(settings)) {
        (Ok(verifier), Ok(templates), Ok(transport)) => Ok((verifier, templates, transport)),
        (verifier, templates, transport) => {
            let found = [verifier.err(), templates.err(), transport.err()];
            let faults = found.into_iter().flatten().flat_map(|faults| faults.0);
            Err(Faults(faults.collect()))
        }
    }
}

fn verifier(
    settings: &Settings,
    built_in: BuiltIn,
    web: &Web,
    clock: &Clock,
) -> Result<Verifier, Faults> {
    let mut issuers = Vec::new();
    let mut faults = Vec::new();
    for one in settings.issuers.iter().cloned() {
        if let Some(why) = one.never_matches() {
            let issuer = one.name();
            tracing::warn!(issuer, why, "an issuer in the settings issues no tokens");
        }
        match Issuer::new(one, web.clone(), clock.clone()) {
            Ok(issuer) => issuers.push(issuer),
            Err(found) => faults.extend(found),
        }
    }
    let verifier = if faults.is_empty() {
        let bytes = settings.limits.head_bytes;
        Verifier::new(built_in, issuers, clock.clone()).map(|verifier| verifier.up_to(bytes))
    } else {
        Err(faults)
    };
    verifier.map_err(|faults| Faults(faults.iter().map(ToString::to_string).collect()))
}

fn providers(
    settings: &Settings,
    calling: (&Web, &Clock),
    metrics: &Metrics,
) -> Result<Providers, Faults> {
    let (public_url, outcomes) = (settings.public_url(), metrics.providers().clone());
    let issuers: Vec<_> =
        settings.issuers.iter().flat_map(|it| it.names.iter().map(String::as_str)).collect();
    // What it posts would be taken for a call, or a call for that.
    let is_call = |name: &str| contract::endpoint(&format!("provider/{name}")).is_ok();
    if let Some(it) = settings.providers.iter().find(|it| is_call(&it.name)) {
        let why = "name is that of the call provider/";
        return Err(Faults(vec![format!("provider {0}: {why}{0}; choose another", it.name)]));
    }
    let providers =
        Providers::new(settings.providers.clone(), (&public_url, &issuers), calling, outcomes);
    providers.map_err(|faults| Faults(faults.iter().map(ToString::to_string).collect()))
}

fn transport(settings: &Settings) -> Result<Transport, Faults> {
    let mail = &settings.mail;
    if let Some(url) = &mail.smtp_url {
        let hello = mail.hello.clone();
        let relay = RelaySettings {
            url: url.clone(),
            hello: hello.unwrap_or_else(|| settings.public_url().host().to_owned()),
            authorities: mail.authorities.clone(),
            patience: mail.timeout,
        };
        return Transport::smtp(relay, mail.from.clone()).map_err(|why| Faults(vec![why]));
    }
    let shows_links = settings.shows_codes(io::stderr().is_terminal());
    Ok(Transport::folder(&mail.folder, mail.from.clone(), shows_links))
}
