//! `guestlist key`: API keys.

use std::process::ExitCode;

use clap::{Arg, ArgMatches, Command, builder::PossibleValuesParser};
use serde_json::Value;

use super::{
    Failure,
    listing::{Listing, json_flag, json_lines, print_record},
    operator::{Operator, account_flag, fields},
    say,
};
use crate::{config::Settings, model::id::KeyId};

const COLUMNS: &[&str] =
    &["id", "name", "role", "access", "start", "good", "created", "lastUsed", "expires"];

pub(super) fn command() -> Command {
    let create = Command::new("create")
        .after_help("Example:\n  guestlist key create --role admin --name nightly")
        .about("Create an API key and print it; it is shown only once")
        .args([
            Arg::new("role")
                .long("role")
                .required(true)
                .value_name("ROLE")
                .value_parser(PossibleValuesParser::new(["root", "admin"]))
                .help("Role of the key"),
            account_flag("Account in which the key acts [default: the home account]"),
            Arg::new("access")
                .long("access")
                .value_name("ACCESS")
                .default_value("write")
                .value_parser(PossibleValuesParser::new(["read", "write"]))
                .help("Access: read only, or read and write"),
            Arg::new("name")
                .long("name")
                .required(true)
                .value_name("NAME")
                .help("Label that tells keys apart, such as the program that uses it"),
            json_flag(),
        ]);
    let find = Command::new("find")
        .visible_alias("list")
        .after_help("Example:\n  guestlist key find --account 01890000-0000-7000-8000-000000000000")
        .about("List the API keys of an account, oldest first")
        .args([
            account_flag("Account whose keys to list [default: the home account]"),
            json_flag(),
        ]);
    let remove = Command::new("remove")
        .after_help("Example:\n  guestlist key remove 01890000-0000-7000-8000-000000000001")
        .about("Remove an API key; it stops working immediately")
        .args([
            Arg::new("id")
                .required(true)
                .value_name("ID")
                .value_parser(key_id)
                .help("ID of the key, as shown by key find"),
            account_flag("Account to which the key must belong [default: any]"),
            json_flag(),
        ]);
    Command::new("key")
        .about("Manage API keys")
        .subcommands([create, find, remove])
        .subcommand_required(true)
        .arg_required_else_help(true)
}

/// Reads a key's ID, as text, since that is what the calls take.
fn key_id(text: &str) -> Result<String, &'static str> {
    KeyId::parse(text)
        .map(|id| id.to_string())
        .ok_or("the ID of a key is a UUID; guestlist key find lists keys")
}

pub(super) async fn create(settings: &Settings, flags: &ArgMatches) -> Result<ExitCode, Failure> {
    let names =
        [("role", "role"), ("access", "access"), ("name", "name"), ("accountId", "account")];
    let reply =
        Operator::to_add(settings).await?.asked("key/create", fields(flags, &names)).await?;
    let key = reply.get("key").and_then(Value::as_str).ok_or("the reply has no key")?;
    // Alone, so that scripts can take it as it is.
    let alone = format!("{key}\n");
    say(&if flags.get_flag("json") { json_lines(&[reply]) } else { alone })?;
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn find(settings: &Settings, flags: &ArgMatches) -> Result<ExitCode, Failure> {
    let operator = Operator::to_read(settings).await?;
    let body = operator.account_of(flags).await?;
    operator.list("key/find", body, Listing::new(COLUMNS, flags)).await
}

pub(super) async fn remove(settings: &Settings, flags: &ArgMatches) -> Result<ExitCode, Failure> {
    let names = [("id", "id"), ("accountId", "account")];
    let operator = Operator::to_change(settings).await?;
    let key = operator.asked("key/remove", fields(flags, &names)).await?;
    print_record(&key, COLUMNS, flags)?;
    Ok(ExitCode::SUCCESS)
}
