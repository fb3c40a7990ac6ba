//! `guestlist key`: API keys.

use std::process::ExitCode;

use clap::{Arg, ArgMatches, Command, builder::PossibleValuesParser};
use serde_json::{Map, Value};

use super::{
    Failure,
    listing::{Listing, json_flag, print_record},
    operator::{Operator, account_flag, fields, told},
    say,
};
use crate::config::Settings;

const COLUMNS: &[&str] =
    &["id", "name", "role", "access", "start", "good", "created", "lastUsed", "expires"];

pub(super) fn command() -> Command {
    let create = Command::new("create")
        .after_help("Example:\n  guestlist key create --role admin --name nightly")
        .about("Make an API key and print it, alone, on stdout; it cannot be shown again")
        .args([
            Arg::new("role")
                .long("role")
                .required(true)
                .value_parser(PossibleValuesParser::new(["root", "admin"]))
                .help("What the key may do"),
            account_flag("The account that it acts in [default: the home account]"),
            Arg::new("access")
                .long("access")
                .default_value("write")
                .value_parser(PossibleValuesParser::new(["read", "write"]))
                .help("Whether it may change things"),
            Arg::new("name").long("name").required(true).value_name("NAME").help("What it is for"),
        ]);
    let find = Command::new("find")
        .after_help("Example:\n  guestlist key find --account 01890000-0000-7000-8000-000000000000")
        .about("List an account's keys, the oldest first")
        .args([account_flag("Whose [default: the home account]"), json_flag()]);
    let remove = Command::new("remove")
        .after_help("Example:\n  guestlist key remove 01890000-0000-7000-8000-000000000001")
        .about("Remove a key, which opens nothing from then on")
        .args([
            Arg::new("id").required(true).value_name("ID").help("Which, as key find shows it"),
            account_flag("The account that it must belong to [default: any]"),
            json_flag(),
        ]);
    Command::new("key")
        .about("API keys")
        .subcommands([create, find, remove])
        .subcommand_required(true)
}

pub(super) async fn create(settings: &Settings, flags: &ArgMatches) -> Result<ExitCode, Failure> {
    let names =
        [("role", "role"), ("access", "access"), ("name", "name"), ("accountId", "account")];
    let reply = Operator::open(settings).await?.call("key/create", fields(flags, &names)).await;
    let reply = reply.map_err(|error| told(&error))?;
    let key = reply.get("key").and_then(Value::as_str).ok_or("the reply has no key")?;
    say(&format!("{key}\n"))?;
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn find(settings: &Settings, flags: &ArgMatches) -> Result<ExitCode, Failure> {
    let operator = Operator::open(settings).await?;
    let body = Map::from_iter([("accountId".to_owned(), operator.account(flags).await?)]);
    operator.list("key/find", body, Listing::new(COLUMNS, flags)).await
}

pub(super) async fn remove(settings: &Settings, flags: &ArgMatches) -> Result<ExitCode, Failure> {
    let names = [("id", "id"), ("accountId", "account")];
    let key = Operator::open(settings).await?.call("key/remove", fields(flags, &names)).await;
    print_record(&key.map_err(|error| told(&error))?, COLUMNS, flags)?;
    Ok(ExitCode::SUCCESS)
}
