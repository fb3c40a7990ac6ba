//! `guestlist user`: making users one by one, finding and unbinding them.

use std::{
    io::{self, BufRead as _, Read as _},
    process::ExitCode,
};

use clap::{Arg, ArgAction, ArgMatches, Command, builder::PossibleValuesParser};
use serde_json::Value;

use super::{
    Failure, export, import,
    listing::{Listing, json_flag, print_record},
    operator::{Operator, account_flag, fields, told},
};
use crate::{config::Settings, mail::letter::link_to};

/// What is printed of a new user, in this order.
const FIELDS: &[&str] =
    &["id", "accountId", "email", "first", "last", "role", "state", "number", "invite", "link"];
const COLUMNS: &[&str] = &["id", "accountId", "email", "role", "state", "issuer"];
/// More than any password has, in bytes.
const MAX_PASSWORD_BYTES: u64 = 16 * 1024;

pub(super) fn command() -> Command {
    Command::new("user")
        .about("Manage users")
        .subcommands([
            create_command(),
            find_command(),
            unbind_command(),
            export::command(),
            import::command(),
        ])
        .subcommand_required(true)
}

fn create_command() -> Command {
    Command::new("create")
        .after_help(
            "Example:\n  guestlist user create --email ada@example.com --role admin --invite",
        )
        .about("Create a user, and print it")
        .args([
            text("email", "EMAIL", "Email of the user").required(true),
            text("first", "NAME", "First name"),
            text("last", "NAME", "Last name"),
            Arg::new("role")
                .long("role")
                .value_parser(PossibleValuesParser::new(["user", "admin", "root"]))
                .help("Role of the user [default: user]"),
            account_flag("Account to add the user to [default: the home account]"),
            Arg::new("invite")
                .long("invite")
                .action(ArgAction::SetTrue)
                .help("Invite the user: send an email, and print the code and the link"),
            Arg::new("password-stdin")
                .long("password-stdin")
                .action(ArgAction::SetTrue)
                .conflicts_with("invite")
                .help("Read a password for the user from the first line of stdin"),
            json_flag(),
        ])
}

fn find_command() -> Command {
    Command::new("find")
        .visible_alias("list")
        .after_help("Example:\n  guestlist user find --email ada@example.com")
        .about("List the users with an email, in all accounts")
        .args([
            text("email", "EMAIL", "Email to look for").required(true),
            account_flag("Account to search [default: all accounts]"),
            json_flag(),
        ])
}

fn unbind_command() -> Command {
    Command::new("unbind").after_help("Example:\n  guestlist user unbind --id 01890000-0000-7000-8000-000000000002")
        .about("Disconnect a user from the identity of an outside issuer")
        .long_about(
            "Disconnect a user from the identity of an outside issuer. The user keeps the role, is invited again, \
             and is told by email; the owner of the email joins again with another identity.",
        )
        .args([
            text("id", "ID", "ID of the user, as shown by user find").required(true),
            account_flag("Account to which the user must belong [default: any]"),
            json_flag(),
        ])
}

fn text(name: &'static str, value: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).value_name(value).help(help)
}

pub(super) async fn create(settings: &Settings, flags: &ArgMatches) -> Result<ExitCode, Failure> {
    if flags.get_flag("invite") && settings.lacks_app_url() {
        return Err(
            "with port 0, the invite's link is not known; set --public-url or --app-url".into()
        );
    }
    let operator = Operator::open(settings).await?;
    let names = [("email", "email"), ("first", "first"), ("last", "last"), ("role", "role")];
    let mut body = fields(flags, &names);
    if flags.get_flag("invite") {
        body.insert("sendInvite".to_owned(), Value::Bool(true));
    }
    if flags.get_flag("password-stdin") {
        body.insert("password".to_owned(), Value::String(password()?));
    }
    body.insert("accountId".to_owned(), operator.account(flags).await?);
    let user = operator.call("user/create", body).await;
    let mut user = user.map_err(|error| told(&error))?;
    if let Some(code) = user.get("invite").and_then(Value::as_str) {
        let link = link_to(&settings.app_url(), "invite", code);
        if let Some(user) = user.as_object_mut() {
            user.insert("link".to_owned(), Value::String(link));
        }
    }
    print_record(&user, FIELDS, flags)?;
    Ok(ExitCode::SUCCESS)
}

/// The first line of stdin.
fn password() -> Result<String, Failure> {
    let mut line = String::new();
    io::stdin().lock().take(MAX_PASSWORD_BYTES).read_line(&mut line)?;
    let line = line.strip_suffix('\n').unwrap_or(&line);
    Ok(line.strip_suffix('\r').unwrap_or(line).to_owned())
}

pub(super) async fn find(settings: &Settings, flags: &ArgMatches) -> Result<ExitCode, Failure> {
    let operator = Operator::open(settings).await?;
    let mut body = fields(flags, &[("email", "email"), ("accountId", "account")]);
    if !body.contains_key("accountId") {
        body.insert("everywhere".to_owned(), Value::Bool(true));
    }
    operator.list("user/find", body, Listing::new(COLUMNS, flags)).await
}

pub(super) async fn unbind(settings: &Settings, flags: &ArgMatches) -> Result<ExitCode, Failure> {
    let mut body = fields(flags, &[("id", "id"), ("accountId", "account")]);
    body.insert("identity".to_owned(), Value::Null);
    let user = Operator::open(settings).await?.call("user/update", body).await;
    print_record(&user.map_err(|error| told(&error))?, FIELDS, flags)?;
    Ok(ExitCode::SUCCESS)
}
