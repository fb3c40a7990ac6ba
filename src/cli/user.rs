//! `guestlist user`: users one by one.

mod find;

use std::{
    io::{self, BufRead as _, Read as _},
    process::ExitCode,
};

use clap::{Arg, ArgAction, ArgGroup, ArgMatches, Command, builder::PossibleValuesParser};
use serde_json::{Map, Value};

pub(super) use self::find::find;
use super::{
    Failure, complain, export, import,
    listing::{json_flag, print_record},
    operator::{Operator, account_flag, failed, fields, told},
    usage::Misuse,
    who::{Absent, Who, given, named, named_in_account, only_removed, user_arg},
};
use crate::{
    config::Settings,
    error::{Error, TRANSITION},
    mail::letter::link_to,
    model::email::Email,
};

/// What is printed of one user, in this order.
const FIELDS: &[&str] = &[
    "id",
    "accountId",
    "email",
    "first",
    "last",
    "role",
    "state",
    "number",
    "twoFactor",
    "purgeAfter",
    "invite",
    "link",
];
/// The field with the code of an open invite. Anyone who has the code can join with the user's role, if the email or
/// the settings allow it, so it is printed only where it was asked for.
const INVITE: &str = "invite";
/// The fields that a user is created with and that can be changed, and their flags.
const NAMES_AND_ROLE: &[(&str, &str)] = &[("first", "first"), ("last", "last"), ("role", "role")];
/// More than any password has, in bytes.
const MAX_PASSWORD_BYTES: u64 = 16 * 1024;

pub(super) fn command() -> Command {
    Command::new("user")
        .about("Manage users")
        .subcommands([
            create_command(),
            find::command(),
            update_command(),
            remove_command(),
            restore_command(),
            unbind_command(),
            second_factor_command(),
            export::command(),
            import::command(),
        ])
        .subcommand_required(true)
        .arg_required_else_help(true)
}

fn create_command() -> Command {
    Command::new("create")
        .after_help("Example:\n  guestlist user create ada@example.com --role admin --invite")
        .about("Create a user, and print it")
        .args([
            Arg::new("email")
                .required(true)
                .value_name("EMAIL")
                .value_parser(Email::parse)
                .help("Email of the user"),
            text("first", "First name"),
            text("last", "Last name"),
            role("Role of the user [default: user]"),
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

fn update_command() -> Command {
    Command::new("update")
        .after_help("Example:\n  guestlist user update ada@example.com --role admin")
        .about("Change a user, and print it")
        .args([
            user_arg(),
            text("first", "New first name"),
            text("last", "New last name"),
            role("New role; a lower one ends the API keys of the user"),
            state(
                ["active", "suspended"],
                "New state: suspended users, and their API keys, have no access",
            ),
            Arg::new("keep-keys")
                .long("keep-keys")
                .action(ArgAction::SetTrue)
                .requires("role")
                .help("With a lower role, keep the API keys that the new role allows"),
            account_of_user(),
            json_flag(),
        ])
        .group(
            ArgGroup::new("changes")
                .args(["first", "last", "role", "state"])
                .required(true)
                .multiple(true),
        )
}

fn remove_command() -> Command {
    Command::new("remove")
        .after_help("Example:\n  guestlist user remove ada@example.com")
        .about("Remove a user; after trash_days days, the user is deleted for good")
        .args([user_arg(), account_of_user(), json_flag()])
}

fn restore_command() -> Command {
    Command::new("restore")
        .after_help("Example:\n  guestlist user restore 01890000-0000-7000-8000-000000000002")
        .about("Restore a removed user")
        .long_about(
            "Restore a removed user, in the state of before. If the user's identity is of another user by now, or is \
             gone, the user is invited instead. No invite is sent: for an invited user, the command prints the one \
             that sends it.",
        )
        .args([user_arg(), account_flag("Account of the user; needed with an email"), json_flag()])
}

fn unbind_command() -> Command {
    Command::new("unbind")
        .after_help("Example:\n  guestlist user unbind ada@example.com")
        .about("Disconnect a user from the identity of an outside issuer")
        .long_about(
            "Disconnect a user from the identity of an outside issuer, so that nobody can act as the user with it. The \
             user keeps the email and the role, and is told by email. An active user becomes invited, a suspended one \
             stays suspended.\n\n\
             No invite is sent: the command prints the one that sends it, guestlist user create EMAIL --invite. With \
             the invite, the owner of the email joins as the same user, with any identity that has the email, after \
             signing in again.",
        )
        .args([user_arg(), account_of_user(), json_flag()])
}

fn second_factor_command() -> Command {
    Command::new("remove-second-factor")
        .after_help("Example:\n  guestlist user remove-second-factor ada@example.com")
        .about("Turn off the second factor of a user who has lost it")
        .long_about(
            "Turn off the second factor of a user who has lost it and has no recovery codes. The person is told by \
             email and signed out everywhere, and proves the email again.",
        )
        .args([user_arg(), account_of_user(), json_flag()])
}

fn text(name: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).value_name("NAME").help(help)
}

fn role(help: &'static str) -> Arg {
    let roles = PossibleValuesParser::new(["user", "admin", "root"]);
    Arg::new("role").long("role").value_name("ROLE").value_parser(roles).help(help)
}

fn state<const COUNT: usize>(states: [&'static str; COUNT], help: &'static str) -> Arg {
    let states = PossibleValuesParser::new(states);
    Arg::new("state").long("state").value_name("STATE").value_parser(states).help(help)
}

fn account_of_user() -> Arg {
    account_flag("Account of the user; needed if the email is in several")
}

pub(super) async fn create(settings: &Settings, flags: &ArgMatches) -> Result<ExitCode, Failure> {
    if flags.get_flag("invite") && settings.lacks_app_url() {
        let why = "with port 0, the invite's link is not known; set --public-url or --app-url";
        return Err(Misuse(why.to_owned()).into());
    }
    let operator = Operator::to_add(settings).await?;
    let mut body = fields(flags, NAMES_AND_ROLE);
    let email = flags.get_one::<Email>("email").ok_or("name an email")?;
    body.insert("email".to_owned(), Value::String(email.to_string()));
    if flags.get_flag("invite") {
        body.insert("sendInvite".to_owned(), Value::Bool(true));
    }
    if flags.get_flag("password-stdin") {
        body.insert("password".to_owned(), Value::String(password()?));
    }
    body.insert("accountId".to_owned(), operator.account_to_add_to(flags).await?);
    let user = operator.call("user/create", body).await;
    let user = user.map_err(|error| not_created(&error, email, flags))?;
    print_invited(settings, user, flags)
}

fn not_created(error: &Error, email: &Email, flags: &ArgMatches) -> Failure {
    if error.existing().is_none() {
        return failed(error);
    }
    let flag = |name| flags.get_one::<String>(name);
    let account = flag("account").map(|id| format!(" --account {id}")).unwrap_or_default();
    let role = flag("role").map_or("ROLE", String::as_str);
    let why = told(error);
    format!("{why} To change the user, run guestlist user update {email}{account} --role {role}")
        .into()
}

/// The first line of stdin.
fn password() -> Result<String, Failure> {
    let mut line = String::new();
    io::stdin().lock().take(MAX_PASSWORD_BYTES).read_line(&mut line)?;
    let line = line.strip_suffix('\n').unwrap_or(&line);
    Ok(line.strip_suffix('\r').unwrap_or(line).to_owned())
}

pub(super) async fn update(settings: &Settings, flags: &ArgMatches) -> Result<ExitCode, Failure> {
    let operator = Operator::to_change(settings).await?;
    let mut body = fields(flags, NAMES_AND_ROLE);
    body.extend(fields(flags, &[("state", "state")]));
    if flags.get_flag("keep-keys") {
        body.insert("keepKeys".to_owned(), Value::Bool(true));
    }
    let who = named(&operator, flags, Absent::Create).await?;
    body.extend(who.clone());
    match operator.call("user/update", body).await {
        Ok(user) => print_user(user, flags),
        Err(error) if error.fields().iter().any(|fault| fault.code == TRANSITION) => {
            Err(invite_again(&operator, who).await)
        }
        Err(error) => Err(failed(&error)),
    }
}

/// The advice for an invited user, who can be made neither active nor suspended. It names the account of the user, which
/// need not be the home account.
async fn invite_again(operator: &Operator, who: Map<String, Value>) -> Failure {
    let user = match operator.asked("user/get", who).await {
        Ok(user) => user,
        Err(failure) => return failure,
    };
    let who = named_in_account(&user);
    format!(
        "An invited user becomes active by joining; to send another invite, run guestlist user create {who} --invite; \
         to withdraw it, guestlist user remove {who}"
    )
    .into()
}

pub(super) async fn remove(settings: &Settings, flags: &ArgMatches) -> Result<ExitCode, Failure> {
    let operator = Operator::to_change(settings).await?;
    let who = named(&operator, flags, Absent::Restore).await?;
    print_user(operator.asked("user/remove", who).await?, flags)
}

pub(super) async fn restore(settings: &Settings, flags: &ArgMatches) -> Result<ExitCode, Failure> {
    let mut body = fields(flags, &[("accountId", "account")]);
    let account = body.get("accountId").and_then(Value::as_str);
    let (who, operator) = match (given(flags), account) {
        (Some(Who::Email(email)), Some(account)) => {
            let operator = Operator::to_change(settings).await?;
            (only_removed(&operator, email, account).await?, operator)
        }
        (Some(Who::Email(_)), None) => {
            let why = "an email may be of removed users in several accounts: add --account, or give the user's ID; \
                       guestlist user find --removed lists removed users";
            return Err(Misuse(why.to_owned()).into());
        }
        (Some(who @ Who::Id(_)), _) => (who.field(), Operator::to_change(settings).await?),
        (None, _) => return Err("name a user".into()),
    };
    body.extend([who]);
    print_not_invited(operator.asked("trash/restore", body).await?, flags)
}

pub(super) async fn unbind(settings: &Settings, flags: &ArgMatches) -> Result<ExitCode, Failure> {
    let operator = Operator::to_change(settings).await?;
    let mut body = named(&operator, flags, Absent::Restore).await?;
    body.insert("identity".to_owned(), Value::Null);
    print_not_invited(operator.asked("user/update", body).await?, flags)
}

/// Prints a user, and how to invite the user who has no way in. That goes to stderr, since programs read the record.
fn print_not_invited(user: Value, flags: &ArgMatches) -> Result<ExitCode, Failure> {
    let who = named_in_account(&user);
    let invite = format!("run guestlist user create {who} --invite");
    let advice = match user.get("state").and_then(Value::as_str) {
        Some("invited") if user.get("invite").is_none() => {
            Some(format!("no invite was sent; to invite the user, {invite}"))
        }
        Some("suspended") if user.get("issuer").is_none() => Some(format!(
            "the user stays suspended; to let the person back in, run guestlist user update {who} --state active, and \
             then {invite}"
        )),
        Some(_) | None => None,
    };
    let printed = print_user(user, flags)?;
    if let Some(advice) = advice {
        complain(&format!("guestlist: {advice}"));
    }
    Ok(printed)
}

pub(super) async fn remove_second_factor(
    settings: &Settings,
    flags: &ArgMatches,
) -> Result<ExitCode, Failure> {
    let operator = Operator::to_change(settings).await?;
    let who = named(&operator, flags, Absent::Restore).await?;
    print_user(operator.asked("totp/remove", who).await?, flags)
}

/// Prints a user with the code of the invite that was asked for, if it was, and with its link.
fn print_invited(
    settings: &Settings,
    mut user: Value,
    flags: &ArgMatches,
) -> Result<ExitCode, Failure> {
    let code = user.get("invite").and_then(Value::as_str).filter(|_| !settings.lacks_app_url());
    let link = code.map(|code| link_to(&settings.app_url(), "invite", code));
    if let (Some(link), Some(user)) = (link, user.as_object_mut()) {
        user.insert("link".to_owned(), Value::String(link));
    }
    print_record(&user, FIELDS, flags)?;
    Ok(ExitCode::SUCCESS)
}

/// Prints a user without the code of an open invite: nobody has asked for it, and who has it can join.
fn print_user(mut user: Value, flags: &ArgMatches) -> Result<ExitCode, Failure> {
    if let Some(user) = user.as_object_mut() {
        user.remove(INVITE);
    }
    print_record(&user, FIELDS, flags)?;
    Ok(ExitCode::SUCCESS)
}
