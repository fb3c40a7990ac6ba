//! `guestlist mail`: whether emails leave.

use std::process::ExitCode;

use clap::{Arg, ArgMatches, Command};
use serde_json::Map;

use super::{
    Failure,
    listing::{json_flag, print_record},
    operator::Operator,
    say,
};
use crate::{config::Settings, model::email::Email, store::By};

const FIELDS: &[&str] = &[
    "host",
    "port",
    "tls",
    "folder",
    "sender",
    "lastSent",
    "lastFailed",
    "lastError",
    "advice",
    "refusedSince",
    "waiting",
    "oldest",
];

pub(super) fn command() -> Command {
    let test = Command::new("test")
        .after_help("Example:\n  guestlist mail test ada@example.com")
        .about("Send a test email and print what the mail server replies")
        .arg(
            Arg::new("email")
                .required(true)
                .value_name("EMAIL")
                .value_parser(Email::parse)
                .help("Address to send the email to"),
        );
    let state = Command::new("state")
        .after_help("Example:\n  guestlist mail state")
        .about(
            "Show the mail server, when it last accepted or refused an email, and how many emails wait",
        )
        .arg(json_flag());
    Command::new("mail")
        .about("Test the mail server, and show how it is doing")
        .subcommands([test, state])
        .subcommand_required(true)
        .arg_required_else_help(true)
}

pub(super) async fn test(settings: &Settings, flags: &ArgMatches) -> Result<ExitCode, Failure> {
    let to = flags.get_one::<Email>("email").ok_or("name an email")?;
    let operator = Operator::to_add(settings).await?;
    let letter = operator.store().begin_test_email_to(&By::operator("mail/test"), to).await?;
    let courier = operator.courier();
    match courier.try_out(&letter, courier.transport.patience()).await {
        Ok(reply) => {
            say(&format!("ok      The mail server has accepted the email: {reply}\n"))?;
            Ok(ExitCode::SUCCESS)
        }
        Err(why) => {
            let (stage, reply, advice) = (why.stage.name(), &why.reply, why.advice.sentence());
            say(&format!("FAILED  {stage}: {reply}\n        {advice}\n"))?;
            Ok(ExitCode::FAILURE)
        }
    }
}

pub(super) async fn state(settings: &Settings, flags: &ArgMatches) -> Result<ExitCode, Failure> {
    let state = Operator::to_read(settings).await?.asked("mail/state", Map::new()).await?;
    print_record(&state, FIELDS, flags)?;
    Ok(ExitCode::SUCCESS)
}
