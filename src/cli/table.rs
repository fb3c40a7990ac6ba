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
        .about(
            "Create the DynamoDB table (an SQLite table is created when the service first starts)",
        );
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
        .arg_required_else_help(true)
}

/// What is lost with a secret.
const COST: &str = "\
    Losing the secret has these consequences:
      - Waiting emails that contain a code are not sent; codes that were already sent stay valid.
      - Access tokens are refused; apps get new ones with their refresh tokens, which stay valid.
      - Codes of authenticator apps are refused, and cannot be skipped: people use a recovery code, or you or an
        admin turn the second factor off (totp/remove).
      - Admins no longer see the codes of open invites: send those invites again.
      - Repeated calls are not recognised by their Idempotency-Key, and cursors have to start again.
      - Wrong guesses are counted from zero, and everyone's next sign-in is reported as one from a new network.
    Passwords, refresh tokens, API keys and recovery codes stay valid.
    ";

pub(super) async fn accept_secret(
    settings: &Settings,
    flags: &ArgMatches,
) -> Result<ExitCode, Failure> {
    if !flags.get_flag("lost") {
        return Err(format!("{COST}To continue, run: guestlist table accept-secret --lost").into());
    }
    service::require_table(&settings.table)?;
    let secrets = service::secrets(settings, NoSecret::Made)?;
    let store = Service::open_with(settings, &secrets).await?.app;
    let accepted = store.store.accept_secret().await?;
    say(if accepted {
        "From now on, the table is used with this secret.\n"
    } else {
        "The table is already used with this secret.\n"
    })?;
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn create(settings: &Settings) -> Result<ExitCode, Failure> {
    match &settings.table {
        TableSettings::Sqlite(folder) => {
            // It comes first, here as everywhere: a table without one looks as if it were lost.
            service::secrets(settings, NoSecret::Refused)?;
            service::open_own_table(settings, &Clock::System).await?;
            say(&format!("The SQLite table in {} is ready.\n", folder.display()))?;
        }
        TableSettings::Dynamo { name, .. } => {
            let table = service::connect(&settings.table, &Clock::System).await?;
            let done = match table.create_table().await? {
                Creation::Created => "has been created",
                Creation::Existed => "already exists with the right keys and index",
            };
            say(&format!("The DynamoDB table {name} {done}.\n"))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
