//! `guestlist setup-code`: the code that makes the first root user.

use std::process::ExitCode;

use clap::Command;

use super::{Failure, listing, operator::Operator};
use crate::{config::Settings, model::code::Code, public_url::PublicUrl};

/// What to do where the code is not printed, since whoever reads the log would have it.
pub(super) const HOW_TO: &str = "Nobody runs it yet. To become the first root user, print the one-time set-up code on this machine, with \
     the settings of the service:\n\n    guestlist setup-code\n";

pub(super) fn command() -> Command {
    Command::new("setup-code")
        .after_help("Example:\n  guestlist setup-code")
        .about("Print the one-time code for creating the first root user")
}

pub(super) async fn print(settings: &Settings) -> Result<ExitCode, Failure> {
    let operator = Operator::open(settings).await?;
    let Some(code) = operator.store().setup_code().await? else {
        let why = "the service has had a root user, which ends the set-up code; if none is left, make one with: \
                   guestlist user create --role root --invite --email EMAIL";
        return Err(why.into());
    };
    listing::print(&if settings.lacks_public_url() {
        format!("{}\n", code.reveal())
    } else {
        greeting(&settings.public_url(), &code, settings.console)
    })?;
    Ok(ExitCode::SUCCESS)
}

/// The code, and what can be done with it.
pub(super) fn greeting(url: &PublicUrl, code: &Code, has_console: bool) -> String {
    let code = code.reveal();
    let way_in = if has_console {
        format!("In a browser:\n\n    {url}/#setup={code}\n")
    } else {
        format!(
            "In another terminal, with\n\
             an e-mail and a password of your own:\n\
             \n\
             \x20   curl -s {url}/identity/create -H 'Content-Type: application/json' \\\n\
             \x20       -d '{{\"invite\":\"{code}\",\"email\":\"you@example.com\",\"password\":\"...\"}}'\n"
        )
    };
    format!(
        "Nobody runs it yet. The one-time set-up code is\n\
         \n    {code}\n\
         \n\
         and makes whoever comes in with it the first root user. {way_in}\
         \n\
         The README goes on from there.\n"
    )
}
