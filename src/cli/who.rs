//! The user that a command is about: an email, or an ID.

use clap::{Arg, ArgMatches};
use serde_json::{Map, Value};

use super::{
    Failure,
    operator::{Operator, fields},
};
use crate::model::{email::Email, id::UserId};

/// The name of the argument.
const USER: &str = "user";

/// The user, as people name it.
#[derive(Clone, Debug)]
pub(super) enum Who {
    /// By what is the user's alone.
    Id(UserId),
    /// By what may be in several accounts.
    Email(Email),
}

/// The argument that names the user.
pub(super) fn user_arg() -> Arg {
    Arg::new(USER)
        .required(true)
        .value_name("USER")
        .value_parser(parse)
        .help("Email or ID of the user")
}

fn parse(text: &str) -> Result<Who, &'static str> {
    match (UserId::parse(text), Email::parse(text)) {
        (Some(id), _) => Ok(Who::Id(id)),
        (None, Ok(email)) => Ok(Who::Email(email)),
        (None, Err(_)) => {
            Err("must be the email of a user, such as ada@example.com, or the ID, a UUID")
        }
    }
}

/// The user of the argument, if it is given.
pub(super) fn given(flags: &ArgMatches) -> Option<&Who> {
    flags.get_one(USER)
}

impl Who {
    /// The field of a request that names the user within an account.
    pub(super) fn field(&self) -> (String, Value) {
        match self {
            Self::Id(id) => ("id".to_owned(), Value::String(id.to_string())),
            Self::Email(email) => ("email".to_owned(), Value::String(email.to_string())),
        }
    }
}

/// A user as an argument, with the account, which need not be the home account.
pub(super) fn named_in_account(user: &Value) -> String {
    let text = |name: &str| user.get(name).and_then(Value::as_str).unwrap_or_default();
    format!("{} --account {}", text("email"), text("accountId"))
}

/// What else there is to do about a user whom a command did not find.
#[derive(Clone, Copy, Debug)]
pub(super) enum Absent {
    /// To create or to restore one.
    Create,
    /// To restore one: a new user would have nothing that the command could take away.
    Restore,
}

/// The fields by which a request names the user of the argument: in the account of the flag, if it is given.
///
/// # Errors
/// That the email is in no account, or in several of which none is named.
pub(super) async fn named(
    operator: &Operator,
    flags: &ArgMatches,
    absent: Absent,
) -> Result<Map<String, Value>, Failure> {
    let mut body = fields(flags, &[("accountId", "account")]);
    let who = match given(flags) {
        Some(Who::Email(email)) if body.is_empty() => only_one(operator, email, absent).await?,
        Some(who @ (Who::Id(_) | Who::Email(_))) => who.field(),
        None => return Err("name a user".into()),
    };
    body.extend([who]);
    Ok(body)
}

/// The request to look for an email in all accounts.
pub(super) fn everywhere(email: &Email) -> Map<String, Value> {
    Map::from_iter([
        ("email".to_owned(), Value::String(email.to_string())),
        ("everywhere".to_owned(), Value::Bool(true)),
    ])
}

/// The one user who has the email; which one is meant of several is never guessed.
async fn only_one(
    operator: &Operator,
    email: &Email,
    absent: Absent,
) -> Result<(String, Value), Failure> {
    let found = operator.all("user/find", everywhere(email)).await?;
    match found.as_slice() {
        [user] => Ok(id_of(user)),
        [] => {
            let create = match absent {
                Absent::Create => format!(", or create one with guestlist user create {email}"),
                Absent::Restore => String::new(),
            };
            Err(format!(
                "no user has the email {email} in {}; check --table and --config{create}; guestlist user find \
                 --removed lists removed users, and guestlist user restore brings them back",
                operator.table()
            )
            .into())
        }
        users => {
            let accounts = users.iter().filter_map(|user| user.get("accountId")?.as_str());
            let accounts = accounts.collect::<Vec<_>>().join(" or ");
            let count = users.len();
            Err(format!("{email} is in {count} accounts; add one of them: --account {accounts}")
                .into())
        }
    }
}

/// The one user of an account who had the email and was removed; which one is meant of several is never guessed.
pub(super) async fn only_removed(
    operator: &Operator,
    email: &Email,
    account: &str,
) -> Result<(String, Value), Failure> {
    let text = |text: &str| Value::String(text.to_owned());
    let body = [("accountId", text(account)), ("email", text(email.as_str()))];
    let body = body.map(|(name, value)| (name.to_owned(), value));
    let found = operator.all("trash/find", Map::from_iter(body)).await?;
    match found.as_slice() {
        [user] => Ok(id_of(user)),
        [] => Err(format!(
            "no removed user of account {account} in {} had the email {email}; guestlist user find --removed \
             --account {account} lists them",
            operator.table()
        )
        .into()),
        users => {
            let ids: Vec<_> = users.iter().filter_map(|user| user.get("id")?.as_str()).collect();
            let count = users.len();
            Err(format!(
                "{count} removed users of the account had the email {email}; give the ID of one of them, last removed \
                 first: {}",
                ids.join(", ")
            )
            .into())
        }
    }
}

/// The field of a request that names a user whom a call has found.
fn id_of(user: &Value) -> (String, Value) {
    ("id".to_owned(), user.get("id").cloned().unwrap_or_default())
}
