//! `guestlist table`: the table that everything is kept in.

use std::process::ExitCode;

use clap::Command;

use super::{Failure, copy, restore, say};
use crate::{
    clock::Clock,
    config::{Settings, TableSettings},
    service,
    table::dynamo::Creation,
};

pub(super) fn command() -> Command {
    let create =
        Command::new("create").about("Make the DynamoDB table (an SQLite one makes itself)");
    let restored = Command::new("restored")
        .about("Make a table fit for use that was put back by other means than guestlist restore")
        .long_about(
            "Make a table fit for use that was put back by other means than guestlist restore: by \
             point-in-time recovery, from a snapshot of a disk, or by Litestream. Stop the service first. \
             Everybody is signed out, open codes and invites are void, waiting emails are dropped and API keys \
             are removed, as guestlist restore does it.",
        )
        .args(restore::terms_flags());
    Command::new("table")
        .about("The table")
        .subcommands([create, restored, copy::command(), copy::reopen_command()])
        .subcommand_required(true)
}

pub(super) async fn create(settings: &Settings) -> Result<ExitCode, Failure> {
    match &settings.table {
        TableSettings::Sqlite(folder) => {
            service::open_table(&settings.table, &Clock::System).await?;
            say(&format!("The SQLite table in {} is there.\n", folder.display()));
        }
        TableSettings::Dynamo { name, .. } => {
            let table = service::connect(&settings.table, &Clock::System).await?;
            let done = match table.create_table().await? {
                Creation::Created => "is made",
                Creation::Existed => "was there already, in the right shape",
            };
            say(&format!("The DynamoDB table {name} {done}.\n"));
        }
    }
    Ok(ExitCode::SUCCESS)
}
