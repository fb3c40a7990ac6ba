//! `guestlist key`: API keys.

use std::process::ExitCode;

use clap::{Arg, ArgMatches, Command, builder::PossibleValuesParser};
use serde_json::{Map, Value};

use super::{Failure, account_id, say};
use crate::{api, auth::Credentials, config::Settings, service::Service};

pub(super) fn command() -> Command {
    let create = Command::new("create")
        .about("Make an API key and print it, alone, on stdout; it cannot be shown again")
        .args([
            Arg::new("role")
                .long("role")
                .required(true)
                .value_parser(PossibleValuesParser::new(["root", "admin"]))
                .help("What the key may do"),
            Arg::new("account")
                .long("account")
                .value_name("ID")
                .value_parser(account_id)
                .help("The account that it acts in [default: the home account]"),
            Arg::new("access")
                .long("access")
                .default_value("write")
                .value_parser(PossibleValuesParser::new(["read", "write"]))
                .help("Whether it may change things"),
            Arg::new("name").long("name").required(true).value_name("NAME").help("What it is for"),
        ]);
    Command::new("key").about("API keys").subcommand(create).subcommand_required(true)
}

pub(super) async fn create(settings: &Settings, flags: &ArgMatches) -> Result<ExitCode, Failure> {
    let service = Service::open(settings).await?;
    let text = |name: &str| flags.get_one::<String>(name).cloned().map(Value::String);
    let body = [("role", "role"), ("access", "access"), ("name", "name"), ("accountId", "account")];
    let body: Map<String, Value> = body
        .into_iter()
        .filter_map(|(field, flag)| Some((field.to_owned(), text(flag)?)))
        .collect();
    let request = api::Request { body, ..api::Request::default() };
    let reply = api::call(&service.app, &Credentials::Operator, "key/create", request);
    let reply = reply.await.map_err(|error| match error.cause() {
        Some(cause) => cause,
        None => error.detail().to_owned(),
    })?;
    let reply = serde_json::to_value(&reply)?;
    let key = reply.get("key").and_then(Value::as_str).ok_or("the reply has no key")?;
    say(&format!("{key}\n"));
    Ok(ExitCode::SUCCESS)
}
