//! `guestlist account`: the tenants that users belong to.

use std::process::ExitCode;

use clap::{Arg, ArgAction, ArgMatches, Command, builder::PossibleValuesParser, value_parser};
use serde_json::{Map, Value};

use super::{
    Failure,
    listing::{Listing, json_flag, print_record},
    operator::{Operator, account_id, fields, told},
};
use crate::config::Settings;

const COLUMNS: &[&str] = &["id", "name", "state", "managed", "created", "purgeAfter"];
/// What is said of a `managed` account.
const MANAGED: &str = "The operator vouches for its admins: they may choose passwords, and whom they \
                       add is expected without an invite";

pub(super) fn command() -> Command {
    let create = Command::new("create")
        .after_help("Example:\n  guestlist account create --name Acme")
        .about("Make an account, which nobody is in yet")
        .args([
            Arg::new("name").long("name").required(true).value_name("NAME").help("Its name"),
            Arg::new("managed").long("managed").action(ArgAction::SetTrue).help(MANAGED),
            json_flag(),
        ]);
    let update = Command::new("update").after_help("Example:\n  guestlist account update 01890000-0000-7000-8000-000000000000 --state suspended").about("Change an account and print it").args([
        id(),
        Arg::new("name").long("name").value_name("NAME").help("Its new name"),
        Arg::new("managed")
            .long("managed")
            .value_name("true|false")
            .value_parser(value_parser!(bool))
            .hide_possible_values(true)
            .help(MANAGED),
        Arg::new("state")
            .long("state")
            .value_name("STATE")
            .value_parser(PossibleValuesParser::new(["active", "suspended"]))
            .help("Whether its users and keys have access; active also restores a removed account"),
        Arg::new("end-sessions").long("end-sessions").action(ArgAction::SetTrue).help(
            "Sign everyone out: all users of the account must sign in again; keys stay valid",
        ),
        json_flag(),
    ]);
    let find = Command::new("find")
        .after_help("Example:\n  guestlist account find")
        .about("List all accounts, the oldest first")
        .arg(json_flag());
    let remove = Command::new("remove")
        .after_help("Example:\n  guestlist account remove 01890000-0000-7000-8000-000000000000")
        .about("Put an account aside; after trash_days it is deleted with all that is in it")
        .args([id(), json_flag()]);
    Command::new("account")
        .about("Accounts")
        .subcommands([create, find, update, remove])
        .subcommand_required(true)
}

/// Which account is changed.
fn id() -> Arg {
    Arg::new("id").required(true).value_name("ID").value_parser(account_id).help("Which")
}

pub(super) async fn create(settings: &Settings, flags: &ArgMatches) -> Result<ExitCode, Failure> {
    let mut body = fields(flags, &[("name", "name")]);
    if flags.get_flag("managed") {
        body.insert("managed".to_owned(), Value::Bool(true));
    }
    change(settings, "account/create", body, flags).await
}

pub(super) async fn update(settings: &Settings, flags: &ArgMatches) -> Result<ExitCode, Failure> {
    let mut body = fields(flags, &[("accountId", "id"), ("name", "name"), ("state", "state")]);
    if let Some(managed) = flags.get_one::<bool>("managed") {
        body.insert("managed".to_owned(), Value::Bool(*managed));
    }
    if flags.get_flag("end-sessions") {
        body.insert("endSessions".to_owned(), Value::Bool(true));
    }
    change(settings, "account/update", body, flags).await
}

pub(super) async fn find(settings: &Settings, flags: &ArgMatches) -> Result<ExitCode, Failure> {
    let operator = Operator::open(settings).await?;
    operator.list("account/find", fields(flags, &[]), Listing::new(COLUMNS, flags)).await
}

pub(super) async fn remove(settings: &Settings, flags: &ArgMatches) -> Result<ExitCode, Failure> {
    change(settings, "account/remove", fields(flags, &[("accountId", "id")]), flags).await
}

async fn change(
    settings: &Settings,
    call: &str,
    body: Map<String, Value>,
    flags: &ArgMatches,
) -> Result<ExitCode, Failure> {
    let account = Operator::open(settings).await?.call(call, body).await;
    print_record(&account.map_err(|error| told(&error))?, COLUMNS, flags)?;
    Ok(ExitCode::SUCCESS)
}
