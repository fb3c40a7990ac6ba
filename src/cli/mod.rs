//! The command line: what people type, and what they read in answer.

mod account;
mod audit;
mod backup;
mod check;
mod copy;
mod ending;
mod export;
mod import;
mod insecure;
mod key;
mod listing;
mod mail;
mod manifest;
mod new_file;
mod openapi;
mod operator;
mod restore;
mod serve;
mod settings;
mod setup;
mod table;
mod token;
mod usage;
mod user;
mod who;

use std::{
    io::{self, Write as _},
    process::ExitCode,
    time::Duration,
};

use clap::{ArgMatches, Command};
use tokio::signal::unix::{SignalKind, signal};

use self::usage::Misuse;
use crate::{
    config::{Faults, Settings, sources},
    error::Error,
    log, store,
};

/// The file that is written has reached the size that is allowed (`ulimit -f`); the same number on all that we build for.
const TOO_LARGE: SignalKind = SignalKind::from_raw(25);

/// Why a command failed, for the person who typed it.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Runs the command that the arguments name; `serve` if they name none.
pub fn run() -> ExitCode {
    let matches = match usage::parse(command()) {
        Ok(matches) => matches,
        Err(code) => return code,
    };
    match execute(&matches) {
        Ok(code) => code,
        // Nobody reads on: that is no error.
        Err(failure) if is_broken_pipe(&failure) => ExitCode::SUCCESS,
        Err(failure) => {
            let is_misuse = failure.is::<Misuse>() || failure.is::<Faults>();
            complain(&format!("guestlist: {}", said(failure)));
            if is_misuse { ExitCode::from(usage::STATUS) } else { ExitCode::FAILURE }
        }
    }
}

/// A failure as people read it. What the store says of its own is for the log.
fn said(failure: Failure) -> String {
    match failure.downcast::<store::Error>() {
        Ok(error) => operator::told(&Error::from(*error)),
        Err(failure) => failure.to_string(),
    }
}

fn is_broken_pipe(failure: &Failure) -> bool {
    let error = failure.downcast_ref::<io::Error>();
    error.is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

fn command() -> Command {
    Command::new("guestlist")
        .about("The user and account service behind single-page apps")
        .version(env!("CARGO_PKG_VERSION"))
        .after_help(
            "Without a command, guestlist serves. You can give settings to every command: guestlist settings lists \
             them, guestlist serve --help explains each.\n\n\
             Exit status: 0 if all went well, 1 if something failed, 2 if arguments or settings are wrong.\n\n\
             Example:\n  guestlist serve --listen 0.0.0.0:8080 --public-url https://auth.example.com",
        )
        .args(sources::flags())
        .subcommands([
            serve::command(),
            settings::command(),
            setup::command(),
            user::command(),
            account::command(),
            key::command(),
            audit::command(),
            token::command(),
            mail::command(),
            table::command(),
            backup::command(),
            restore::command(),
            check::command(),
            openapi::command(),
        ])
}

fn execute(matches: &ArgMatches) -> Result<ExitCode, Failure> {
    let (path, flags) = leaf(matches);
    if path == ["settings"] {
        return settings::print(flags);
    }
    let settings = Settings::read(flags)?;
    let serves = matches!(path.as_slice(), [] | ["serve"]);
    let _log = log::start(&settings.log, serves)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let done = runtime.block_on(async {
        // A process that handles it is not ended by it: a file that must not grow is then like a full disk.
        let _listening = signal(TOO_LARGE)?;
        match path.as_slice() {
            [] | ["serve"] => serve::serve(settings).await,
            ["setup-code"] => setup::print(&settings).await,
            ["user", "create"] => user::create(&settings, flags).await,
            ["user", "find"] => user::find(&settings, flags).await,
            ["user", "update"] => user::update(&settings, flags).await,
            ["user", "remove"] => user::remove(&settings, flags).await,
            ["user", "restore"] => user::restore(&settings, flags).await,
            ["user", "unbind"] => user::unbind(&settings, flags).await,
            ["user", "remove-second-factor"] => user::remove_second_factor(&settings, flags).await,
            ["user", "export"] => export::export(&settings, flags).await,
            ["user", "import"] => import::import(&settings, flags).await,
            ["account", "create"] => account::create(&settings, flags).await,
            ["account", "find"] => account::find(&settings, flags).await,
            ["account", "update"] => account::update(&settings, flags).await,
            ["account", "remove"] => account::remove(&settings, flags).await,
            ["key", "create"] => key::create(&settings, flags).await,
            ["key", "find"] => key::find(&settings, flags).await,
            ["key", "remove"] => key::remove(&settings, flags).await,
            ["audit", "export"] => audit::export(&settings, flags).await,
            ["mail", "test"] => mail::test(&settings, flags).await,
            ["mail", "state"] => mail::state(&settings, flags).await,
            ["token"] => token::print(&settings, flags),
            ["table", "create"] => table::create(&settings).await,
            ["table", "accept-secret"] => table::accept_secret(&settings, flags).await,
            ["table", "copy"] => copy::copy(&settings, flags).await,
            ["table", "reopen"] => copy::reopen(&settings).await,
            ["table", "restored"] => restore::restored(&settings, flags).await,
            ["backup"] => backup::backup(&settings, flags),
            ["restore"] => restore::restore(&settings, flags).await,
            ["check"] => check::check(&settings, flags).await,
            ["openapi"] => openapi::print(&settings),
            _ => Err("there is no such command; see guestlist --help".into()),
        }
    });
    runtime.shutdown_timeout(Duration::from_secs(1));
    done
}

/// The names of the commands given, and the arguments of the last one.
fn leaf(matches: &ArgMatches) -> (Vec<&str>, &ArgMatches) {
    let mut path = Vec::new();
    let mut last = matches;
    while let Some((name, inner)) = last.subcommand() {
        path.push(name);
        last = inner;
    }
    (path, last)
}

/// Prints to stdout, which may be a file on a full disk; if nobody reads it any more, that is no error.
fn say(text: &str) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    let written = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(format!("cannot write to stdout: {error}").into())
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Prints a line to stderr. If that cannot be written there is nowhere left to say so.
fn complain(text: &str) {
    let _nowhere_else = writeln!(io::stderr().lock(), "{text}");
}
