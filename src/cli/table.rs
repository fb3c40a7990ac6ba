//! `guestlist table`: the table that everything is kept in.

use std::process::ExitCode;

use clap::{Arg, ArgAction, ArgMatches, Command};

use super::{Failure, copy, restore, say};
use crate::{
    clock::Clock,
    config::{Settings, TableSettings},
    service::{self, NoSecret, Service},
    table::dynamo::Creation,
};

pub(super) fn command() -> Command {
    let create = Command::new("create")
        .after_help("Example:\n  guestlist table create --table dynamodb:guestlist")
        .about("Create the DynamoDB table (an SQLite table is created at the first start)");
    let lost = Arg::new("lost")
        .long("lost")
        .action(ArgAction::SetTrue)
        .help("Confirm that the previous secret is lost, and everything that depends on it");
    let accept = Command::new("accept-secret")
        .after_help("Example:\n  guestlist table accept-secret --lost")
        .about("Use the table with another secret, if the previous one is lost for good")
        .arg(lost);
    let restored = Command::new("restored").after_help("Example:\n  guestlist table restored")
        .about("Prepare a table for use that was restored by other means than guestlist restore")
        .long_about(
            "Prepare a table for use that was restored by other means than guestlist restore, such as \
             point-in-time recovery, a disk snapshot, or Litestream. Stop the service first. Everyone is signed \
             out, open codes and invites become void, waiting emails are dropped and API keys are removed, as \
             with guestlist restore.",
        )
        .args(restore::terms_flags());
    Command::new("table")
        .about("Manage the table")
        .subcommands([create, accept, restored, copy::command(), copy::reopen_command()])
        .subcommand_required(true)
}

/// What is lost with a secret.
const COST: &str = "\
    What was made with the lost secret is lost with it:
      - Emails that wait and carry a code are not sent; codes that were sent stay good.
      - Access tokens are refused; apps get new ones by their refresh tokens, which stay good.
      - Codes of authenticator apps are refused, and no sign-in goes past them: people use a recovery code, or an
        admin or you turn the second factor off (totp/remove).
      - Admins do not see the codes of open invites any more: invite again.
      - Calls are not recognised as repeated by their Idempotency-Key, cursors have to start again.
      - Wrong guesses are counted anew, and everybody's next sign-in is told of as one from a new network.
    Passwords, refresh tokens, API keys and recovery codes stay good.
    ";

pub(super) async fn accept_secret(
    settings: &Settings,
    flags: &ArgMatches,
) -> Result<ExitCode, Failure> {
    if !flags.get_flag("lost") {
        return Err(format!("{COST}To go on: guestlist table accept-secret --lost").into());
    }
    let secrets = service::secrets(settings, NoSecret::Made)?;
    let store = Service::open_with(settings, &secrets).await?.app;
    let accepted = store.store.accept_secret().await?;
    say(if accepted {
        "From now on the table is used with this secret.\n"
    } else {
        "The table was used with this secret already.\n"
    })?;
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn create(settings: &Settings) -> Result<ExitCode, Failure> {
    match &settings.table {
        TableSettings::Sqlite { folder, .. } => {
            // It comes first, here as everywhere: a table without one looks as if it were lost.
            service::secrets(settings, NoSecret::Refused)?;
            service::open_table(&settings.table, &Clock::System).await?;
            say(&format!("The SQLite table in {} is there.\n", folder.display()))?;
        }
        TableSettings::Dynamo { name, .. } => {
            let table = service::connect(&settings.table, &Clock::System).await?;
            let done = match table.create_table().await? {
                Creation::Created => "is made",
                Creation::Existed => "was there already, in the right shape",
            };
            say(&format!("The DynamoDB table {name} {done}.\n"))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
