//! `guestlist user`: making users one by one, and taking them all out.

use std::{
    io::{self, BufRead as _, Read as _},
    process::ExitCode,
};

use clap::{Arg, ArgAction, ArgMatches, Command, builder::PossibleValuesParser};
use serde_json::{Map, Value};

use super::{
    Failure, import,
    listing::{json_flag, json_lines, print, print_record},
    operator::{Operator, account_flag, fields, told},
};
use crate::{config::Settings, mail::letter::link_to};

/// What is printed of a new user, in this order.
const FIELDS: &[&str] =
    &["id", "accountId", "email", "first", "last", "role", "state", "number", "invite", "link"];
/// More than any password has, in bytes.
const MAX_PASSWORD_BYTES: u64 = 16 * 1024;

pub(super) fn command() -> Command {
    Command::new("user")
        .about("Users")
        .subcommands([create_command(), export_command(), import::command()])
        .subcommand_required(true)
}

fn create_command() -> Command {
    let text = |name: &'static str, value: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name(value).help(help)
    };
    Command::new("create").about("Make a user and print it").args([
        text("email", "EMAIL", "Whose").required(true),
        text("first", "NAME", "First name"),
        text("last", "NAME", "Last name"),
        Arg::new("role")
            .long("role")
            .value_parser(PossibleValuesParser::new(["user", "admin", "root"]))
            .help("What the user may do [default: user]"),
        account_flag("The account to be in [default: the home account]"),
        Arg::new("invite")
            .long("invite")
            .action(ArgAction::SetTrue)
            .help("Invite the user: print the code and the link, and put a letter into the outbox"),
        Arg::new("password-stdin")
            .long("password-stdin")
            .action(ArgAction::SetTrue)
            .conflicts_with("invite")
            .help("Give the user a password: the first line of stdin"),
        json_flag(),
    ])
}

fn export_command() -> Command {
    Command::new("export")
        .about("Print users as JSON, one a line, as user import reads them")
        .long_about(
            "Print users as JSON, one a line, as user import reads them. Passwords, second factors \
             and codes of invites are not in it, nor are removed users.",
        )
        .args([
            account_flag("Whose users [default: the home account's]"),
            Arg::new("all")
                .long("all")
                .action(ArgAction::SetTrue)
                .conflicts_with("account")
                .help("The users of all accounts"),
        ])
}

pub(super) async fn create(settings: &Settings, flags: &ArgMatches) -> Result<ExitCode, Failure> {
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
        let link = link_to(&settings.app_url, "invite", code);
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

pub(super) async fn export(settings: &Settings, flags: &ArgMatches) -> Result<ExitCode, Failure> {
    let operator = Operator::open(settings).await?;
    if flags.get_flag("all") {
        let each = async |accounts: Vec<Value>| {
            for account in &accounts {
                export_account(&operator, account.get("id").cloned().unwrap_or_default()).await?;
            }
            Ok(())
        };
        operator.pages("account/find", Map::new(), each).await?;
    } else {
        export_account(&operator, operator.account(flags).await?).await?;
    }
    Ok(ExitCode::SUCCESS)
}

async fn export_account(operator: &Operator, account: Value) -> Result<(), Failure> {
    let body = Map::from_iter([("accountId".to_owned(), account)]);
    let each = async |mut users: Vec<Value>| {
        // Whoever reads a file that is kept must not come in by it.
        for user in users.iter_mut().filter_map(Value::as_object_mut) {
            user.remove("invite");
        }
        print(&json_lines(&users))
    };
    operator.pages("user/find", body, each).await
}
