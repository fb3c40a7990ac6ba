//! `guestlist user find`: the users with an email, or those of an account.

use std::process::ExitCode;

use clap::{Arg, ArgAction, ArgMatches, Command};

use super::{INVITE, role, state};
use crate::{
    cli::{
        Failure,
        listing::{Listing, json_flag},
        operator::{Operator, account_flag, failed, fields},
        who::{Who, everywhere, given, user_arg},
    },
    config::Settings,
    error::Code,
};

/// The flag by which codes are shown.
const SHOW_INVITES: &str = "show-invites";
const COLUMNS: &[&str] = &["id", "accountId", "email", "role", "state", "issuer"];
/// With the codes of open invites.
const INVITE_COLUMNS: &[&str] = &["id", "accountId", "email", "role", "state", "issuer", INVITE];
/// Of users who have been removed.
const REMOVED_COLUMNS: &[&str] = &["id", "accountId", "email", "role", "purgeAfter"];

pub(super) fn command() -> Command {
    let filters = [
        role("List only users with this role").conflicts_with("user"),
        state(["active", "invited", "suspended"], "List only users in this state")
            .conflicts_with("user"),
        Arg::new("removed")
            .long("removed")
            .action(ArgAction::SetTrue)
            .conflicts_with_all(["role", "state"])
            .help("List the removed users of an account, whom user restore brings back"),
        Arg::new(SHOW_INVITES)
            .long(SHOW_INVITES)
            .action(ArgAction::SetTrue)
            .conflicts_with("removed")
            .help("Also print the codes of open invites, which are secret"),
    ];
    Command::new("find")
        .visible_alias("list")
        .after_help(
            "Examples:\n  guestlist user find ada@example.com\n  guestlist user find --role root",
        )
        .about("List the users with an email, in all accounts, or the users of an account")
        .arg(user_arg().required(false))
        .args(filters)
        .args([
            account_flag(
                "Account to search [default: all accounts; without USER or with --removed, the home account]",
            ),
            json_flag(),
        ])
}

pub(in crate::cli) async fn find(
    settings: &Settings,
    flags: &ArgMatches,
) -> Result<ExitCode, Failure> {
    let operator = Operator::to_read(settings).await?;
    // First of all, so that an unknown account is not taken for an empty one.
    let mut body = operator.account_of(flags).await?;
    if flags.get_flag("removed") {
        body.extend(given(flags).map(Who::field));
        let listing = Listing::new(REMOVED_COLUMNS, flags).without(INVITE);
        return operator.list("trash/find", body, listing).await;
    }
    let mut listing = if flags.get_flag(SHOW_INVITES) {
        Listing::new(INVITE_COLUMNS, flags)
    } else {
        Listing::new(COLUMNS, flags).without(INVITE)
    };
    body.extend(fields(flags, &[("role", "role"), ("state", "state")]));
    match given(flags) {
        Some(Who::Email(email)) if body.is_empty() => body = everywhere(email),
        Some(who @ Who::Email(_)) => body.extend([who.field()]),
        Some(who @ Who::Id(_)) => {
            body.extend([who.field()]);
            let place = operator.place("user/get", &body);
            match operator.call("user/get", body).await {
                Ok(user) => listing.print(vec![user])?,
                Err(error) if error.code() == Code::NotFound => listing.end("user", &place),
                Err(error) => return Err(failed(&error)),
            }
            return Ok(ExitCode::SUCCESS);
        }
        None => {}
    }
    operator.list("user/find", body, listing).await
}
