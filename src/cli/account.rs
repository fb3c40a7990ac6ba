//! `guestlist account`: the tenants that users belong to.

use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{
    Arg, ArgAction, ArgGroup, ArgMatches, Command, builder::PossibleValuesParser, value_parser,
};
use serde_json::{Map, Value};

use super::{
    Failure,
    listing::{Listing, json_flag, print_record},
    operator::{Operator, account_id, fields},
};
use crate::{config::Settings, model::logo};

const COLUMNS: &[&str] = &["id", "name", "state", "managed", "created", "purgeAfter"];
/// What is printed of one account.
const FIELDS: &[&str] = &["id", "name", "logo", "state", "managed", "created", "purgeAfter"];
/// What the help says of a `managed` account.
const MANAGED: &str = "Let its admins set passwords, and the users whom they add join without an \
                       invite; only for admins that you trust with that";

pub(super) fn command() -> Command {
    let create = Command::new("create")
        .after_help("Example:\n  guestlist account create --name Acme")
        .about("Create an account without users")
        .args([
            Arg::new("name")
                .long("name")
                .required(true)
                .value_name("NAME")
                .help("Name of the account"),
            Arg::new("managed").long("managed").action(ArgAction::SetTrue).help(MANAGED),
            logo_flag(),
            json_flag(),
        ]);
    let update = Command::new("update").after_help("Example:\n  guestlist account update 01890000-0000-7000-8000-000000000000 --state suspended").about("Change an account, and print it").args([
        id(),
        Arg::new("name").long("name").value_name("NAME").help("New name of the account"),
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
            .help("State of the account: users and keys of a suspended one have no access; active also restores a removed one"),
        logo_flag(),
        Arg::new("no-logo")
            .long("no-logo")
            .action(ArgAction::SetTrue)
            .conflicts_with("logo")
            .help("Remove the account's logo"),
        Arg::new("end-sessions").long("end-sessions").action(ArgAction::SetTrue).help(
            "Sign out all users of the account; API keys stay valid",
        ),
        json_flag(),
    ])
    .group(
        ArgGroup::new("changes")
            .args(["name", "managed", "state", "logo", "no-logo", "end-sessions"])
            .required(true)
            .multiple(true),
    );
    let find = Command::new("find")
        .visible_alias("list")
        .after_help("Example:\n  guestlist account find")
        .about("List all accounts, oldest first")
        .arg(json_flag());
    let remove = Command::new("remove")
        .after_help("Example:\n  guestlist account remove 01890000-0000-7000-8000-000000000000")
        .about("Remove an account; after trash_days days it is deleted for good, with everything in it")
        .args([id(), json_flag()]);
    Command::new("account")
        .about("Manage accounts")
        .subcommands([create, find, update, remove])
        .subcommand_required(true)
        .arg_required_else_help(true)
}

fn logo_flag() -> Arg {
    Arg::new("logo")
        .long("logo")
        .value_name("FILE")
        .value_parser(value_parser!(PathBuf))
        .help("Logo of the account: a PNG of up to 1024 x 1024 pixels or an SVG made of shapes; 32 KiB at most")
}

/// Which account is changed.
fn id() -> Arg {
    Arg::new("id")
        .required(true)
        .value_name("ID")
        .value_parser(account_id)
        .help("ID of the account, as shown by account find")
}

pub(super) async fn create(settings: &Settings, flags: &ArgMatches) -> Result<ExitCode, Failure> {
    let mut body = fields(flags, &[("name", "name")]);
    if flags.get_flag("managed") {
        body.insert("managed".to_owned(), Value::Bool(true));
    }
    body.extend(logo_in(flags)?);
    print(&Operator::to_add(settings).await?.asked("account/create", body).await?, flags)
}

pub(super) async fn update(settings: &Settings, flags: &ArgMatches) -> Result<ExitCode, Failure> {
    let mut body = fields(flags, &[("accountId", "id"), ("name", "name"), ("state", "state")]);
    if let Some(managed) = flags.get_one::<bool>("managed") {
        body.insert("managed".to_owned(), Value::Bool(*managed));
    }
    if flags.get_flag("end-sessions") {
        body.insert("endSessions".to_owned(), Value::Bool(true));
    }
    body.extend(logo_in(flags)?);
    if flags.get_flag("no-logo") {
        body.insert("logo".to_owned(), Value::Null);
    }
    change(settings, "account/update", body, flags).await
}

/// The logo of the flag, as a call has it.
fn logo_in(flags: &ArgMatches) -> Result<Option<(String, Value)>, Failure> {
    let Some(path) = flags.get_one::<PathBuf>("logo") else { return Ok(None) };
    let bytes =
        logo_at(path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    Ok(Some(("logo".to_owned(), Value::String(logo::sent(&bytes)))))
}

/// No more of a file than it takes to see that it is too large.
fn logo_at(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(logo::TOO_MANY_BYTES).read_to_end(&mut bytes)?;
    Ok(bytes)
}

pub(super) async fn find(settings: &Settings, flags: &ArgMatches) -> Result<ExitCode, Failure> {
    let operator = Operator::to_read(settings).await?;
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
    print(&Operator::to_change(settings).await?.asked(call, body).await?, flags)
}

fn print(account: &Value, flags: &ArgMatches) -> Result<ExitCode, Failure> {
    print_record(account, FIELDS, flags)?;
    Ok(ExitCode::SUCCESS)
}
