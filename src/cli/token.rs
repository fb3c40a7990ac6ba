//! `guestlist token`: identity tokens of the built-in issuer.

use std::{process::ExitCode, time::Duration};

use clap::{Arg, ArgAction, ArgMatches, Command};

use super::{Failure, say, usage::Misuse};
use crate::{
    auth::{BuiltIn, MintError, NewToken},
    clock::Clock,
    config::Settings,
    model::email::Email,
    random::Random,
    service::{self, NoSecret},
};

pub(super) fn command() -> Command {
    Command::new("token")
        .after_help("Example:\n  guestlist token ada@example.com --verified")
        .about("Print an identity token of the built-in issuer, for development")
        .args([
            Arg::new("email")
                .required(true)
                .value_name("EMAIL")
                .value_parser(Email::parse)
                .help("Email in the token"),
            Arg::new("verified")
                .long("verified")
                .action(ArgAction::SetTrue)
                .help("Mark the email as verified"),
            Arg::new("sub")
                .long("sub")
                .value_name("SUBJECT")
                .help("Subject (sub) of the token [default: the email]"),
            Arg::new("minutes")
                .long("minutes")
                .value_name("MINUTES")
                .default_value("60")
                .value_parser(clap::value_parser!(u64).range(1..=525_600))
                .help("Lifetime, in minutes"),
        ])
}

pub(super) fn print(settings: &Settings, flags: &ArgMatches) -> Result<ExitCode, Failure> {
    let email = flags.get_one::<Email>("email").ok_or("name an email")?;
    let subject = flags.get_one::<String>("sub").cloned();
    let minutes = flags.get_one::<u64>("minutes").copied().unwrap_or(60);
    if settings.lacks_public_url() {
        let why = "a token contains the service's public URL, which is not known with port 0; set it with --public-url";
        return Err(Misuse(why.to_owned()).into());
    }
    let secrets = service::secrets(settings, NoSecret::Refused)?;
    let (url, outside) = (settings.public_url(), (Clock::System, Random::System));
    let built_in = BuiltIn::new(&url, &secrets, &settings.token_keys, outside)?;
    let token = built_in.mint(&NewToken {
        subject: subject.unwrap_or_else(|| email.to_string()),
        email: Some(email.clone()),
        email_verified: flags.get_flag("verified"),
        // The operator vouches for the person.
        auth_time: Some(Clock::System.now()),
        lifetime: Duration::from_secs(minutes * 60),
        ..NewToken::default()
    });
    let token = token.map_err(|error| match error {
        MintError::Subject => Failure::from(Misuse(format!("--sub: {error}"))),
        MintError::Key(_) | MintError::Sign => error.into(),
    })?;
    say(&format!("{token}\n"))?;
    Ok(ExitCode::SUCCESS)
}
