//! `guestlist setup-code`: the code that makes the first root user.

use std::process::ExitCode;

use clap::Command;

use super::{Failure, listing, operator::Operator};
use crate::{config::Settings, model::code::Code, public_url::PublicUrl};

/// What to do where the code is not printed, since all readers of the log would have it.
pub(super) const HOW_TO: &str = "There is no root user yet. To become the first one, print the one-time setup code on this machine, with the \
     settings of the service:\n\n    guestlist setup-code\n";

pub(super) fn command() -> Command {
    Command::new("setup-code")
        .after_help("Example:\n  guestlist setup-code")
        .about("Print the one-time code for creating the first root user")
}

pub(super) async fn print(settings: &Settings) -> Result<ExitCode, Failure> {
    let operator = Operator::to_add(settings).await?;
    let Some(code) = operator.store().setup_code().await? else {
        let why = "the setup code ended with the first root user; if no root user is left, run \
                   guestlist user update EMAIL --role root, or guestlist user create EMAIL --role root --invite";
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
        format!("Open this link in a browser:\n\n    {url}/#setup={code}\n")
    } else {
        format!(
            "In another terminal, call\n\
             identity/create with your own email and password:\n\
             \n\
             \x20   curl -s {url}/identity/create -H 'Content-Type: application/json' \\\n\
             \x20       -d '{{\"invite\":\"{code}\",\"email\":\"you@example.com\",\"password\":\"...\"}}'\n"
        )
    };
    format!(
        "There is no root user yet. The one-time setup code is\n\
         \n    {code}\n\
         \n\
         The person who uses it becomes the first root user. {way_in}\
         \n\
         The README explains the next steps.\n"
    )
}
