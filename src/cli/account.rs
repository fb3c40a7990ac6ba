//! `guestlist account`: the tenants that users belong to.

use std::process::ExitCode;

use clap::{Arg, ArgMatches, Command};

use super::{
    Failure,
    listing::{Listing, json_flag, print_record},
    operator::{Operator, account_id, fields, told},
};
use crate::config::Settings;

const COLUMNS: &[&str] = &["id", "name", "state", "created", "purgeAfter"];

pub(super) fn command() -> Command {
    let create = Command::new("create").about("Make an account, which nobody is in yet").args([
        Arg::new("name").long("name").required(true).value_name("NAME").help("Its name"),
        json_flag(),
    ]);
    let find = Command::new("find").about("List all accounts, the oldest first").arg(json_flag());
    let remove = Command::new("remove")
        .about("Put an account aside; after trash_days it is deleted with all that is in it")
        .args([
            Arg::new("id").required(true).value_name("ID").value_parser(account_id).help("Which"),
            json_flag(),
        ]);
    Command::new("account")
        .about("Accounts")
        .subcommands([create, find, remove])
        .subcommand_required(true)
}

pub(super) async fn create(settings: &Settings, flags: &ArgMatches) -> Result<ExitCode, Failure> {
    change(settings, "account/create", &[("name", "name")], flags).await
}

pub(super) async fn find(settings: &Settings, flags: &ArgMatches) -> Result<ExitCode, Failure> {
    let operator = Operator::open(settings).await?;
    operator.list("account/find", fields(flags, &[]), Listing::new(COLUMNS, flags)).await
}

pub(super) async fn remove(settings: &Settings, flags: &ArgMatches) -> Result<ExitCode, Failure> {
    change(settings, "account/remove", &[("accountId", "id")], flags).await
}

async fn change(
    settings: &Settings,
    call: &str,
    names: &[(&str, &str)],
    flags: &ArgMatches,
) -> Result<ExitCode, Failure> {
    let account = Operator::open(settings).await?.call(call, fields(flags, names)).await;
    print_record(&account.map_err(|error| told(&error))?, COLUMNS, flags)?;
    Ok(ExitCode::SUCCESS)
}
