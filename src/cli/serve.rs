//! `guestlist serve`: the service itself, until it is asked to end.

use std::{io::IsTerminal as _, process::ExitCode, time::Duration};

use clap::Command;
use tokio::{
    net::TcpListener,
    sync::watch,
    time::{Instant, sleep},
};

use super::{Failure, ending::Ending, say, setup};
use crate::{
    config::{Settings, sources},
    files,
    model::code::Code,
    server,
    service::Service,
    store, table,
};

/// The pause before a table that is away is looked for again.
const RETRY: Duration = Duration::from_secs(2);
/// How long a start waits for permissions.
const PERMISSIONS: Duration = Duration::from_mins(1);

pub(super) fn command() -> Command {
    Command::new("serve")
        .about("Run the service (the default)")
        .after_help("Example:\n  guestlist serve --listen 0.0.0.0:8080 --public-url https://auth.example.com")
        .args(sources::all_flags())
}

pub(super) async fn serve(settings: Settings) -> Result<ExitCode, Failure> {
    let listener = TcpListener::bind(settings.listen).await.map_err(|error| {
        format!("cannot listen on {}: {error}; choose another with --listen", settings.listen)
    })?;
    // The port may have been chosen only now, and tokens name it.
    let mut settings = Settings { listen: listener.local_addr()?, ..settings };
    settings.limits.connections = files::allow(settings.limits.connections);
    let service = Service::open(&settings).await?;
    // Before the address is printed: its reader may also ask the service to end.
    let mut ending = Ending::watch()?;
    let setup = tokio::select! {
        setup = server::until(&service.http, &listener, begin(&service)) => setup?,
        () = ending.asked() => return Ok(ExitCode::SUCCESS),
    };
    let place = place(&settings);
    let said = say(&match &setup {
        None => format!("{place}\n"),
        Some(code) if settings.shows_codes(std::io::stdout().is_terminal()) => {
            format!(
                "{place}\n\n{}",
                setup::greeting(&settings.public_url(), code, settings.console)
            )
        }
        Some(_) => format!("{place}\n\n{}", setup::HOW_TO),
    });
    if let Err(error) = said {
        // No reason not to serve; the setup code is printed again at the next start.
        tracing::warn!(%error, "the address of the service could not be printed");
    }
    let (stop, stopped) = watch::channel(false);
    let mut running = tokio::spawn(service.run(listener, stopped));
    tokio::select! {
        () = ending.asked() => {}
        ended = &mut running => {
            ended?;
            return Err("the service stopped unexpectedly, which is a bug in Guestlist; please report it".into());
        }
    }
    tracing::info!("stopping; requests in progress are finished first");
    stop.send(true)?;
    tokio::select! {
        ended = &mut running => ended?,
        // Asked once more, it does not wait for anything.
        () = ending.asked() => return Err("stopped immediately, as requested".into()),
    }
    Ok(ExitCode::SUCCESS)
}

/// Makes the table ready, as soon as it can be reached; returns the setup code.
async fn begin(service: &Service) -> Result<Option<Code>, Failure> {
    let store = &service.app.store;
    let began = Instant::now();
    loop {
        let done = match store.ensure_format().await {
            Ok(()) => store.setup_code().await,
            Err(error) => Err(error),
        };
        let error = match done {
            Ok(code) => return Ok(code),
            Err(error) => error,
        };
        let is_away = matches!(
            &error,
            store::Error::Busy
                | store::Error::Table(table::Error::Busy(_) | table::Error::Unavailable(_))
        );
        // New permissions take a while until all of AWS knows of them.
        let is_denied = matches!(&error, store::Error::Table(table::Error::Denied(_)));
        let may_pass = is_away || (is_denied && began.elapsed() < PERMISSIONS);
        if !may_pass {
            return Err(error.into());
        }
        tracing::warn!(%error, retry_seconds = RETRY.as_secs(),
            "the table cannot be reached; the service starts once it can");
        sleep(RETRY).await;
    }
}

/// Where the service is.
fn place(settings: &Settings) -> String {
    let (url, address) = (settings.public_url(), settings.listen);
    if settings.public_url.is_some() {
        return format!("Guestlist serves on {url} and listens on {address}");
    }
    let mut place = format!("Guestlist serves on {url}");
    if address.ip().is_unspecified() {
        place.push_str(
            "\nIt listens on all addresses, but its links and tokens say localhost: set public_url to the URL at \
             which others reach it.",
        );
    }
    place
}
