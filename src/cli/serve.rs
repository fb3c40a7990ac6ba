//! `guestlist serve`: the service itself, until it is asked to end.

use std::{io::IsTerminal as _, process::ExitCode};

use clap::Command;
use tokio::{net::TcpListener, sync::watch};

use super::{Failure, ending::Ending, say, setup};
use crate::{config::Settings, service::Service};

pub(super) fn command() -> Command {
    Command::new("serve").about("Run the service (the default)")
}

pub(super) async fn serve(settings: Settings) -> Result<ExitCode, Failure> {
    let listener = TcpListener::bind(settings.listen).await.map_err(|error| {
        format!("cannot listen on {}: {error}; choose another with --listen", settings.listen)
    })?;
    // The port may have been chosen only now, and tokens name it.
    let settings = Settings { listen: listener.local_addr()?, ..settings };
    let service = Service::open(&settings).await?;
    service.app.store.ensure_format().await?;
    let setup = service.app.store.setup_code().await?;
    let place = place(&settings);
    // Before the address is out: whoever reads it may also ask the service to end.
    let mut ending = Ending::watch()?;
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
        // No reason not to serve; the set-up code is printed again at the next start.
        tracing::warn!(%error, "where the service is could not be said");
    }
    let (stop, stopped) = watch::channel(false);
    let mut running = tokio::spawn(service.run(listener, stopped));
    tokio::select! {
        () = ending.asked() => {}
        ended = &mut running => {
            ended?;
            return Err("the service has ended by itself, which is a bug of Guestlist".into());
        }
    }
    tracing::info!("stopping; requests under way are finished first");
    stop.send(true)?;
    running.await?;
    Ok(ExitCode::SUCCESS)
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
            "\nIt listens on all addresses, but its links and tokens say localhost: set public_url to the URL that \
             others reach it by.",
        );
    }
    place
}
