//! Arguments that are wrong: what is said of them, and the exit status that tells them from other failures.

use std::{env, ffi::OsString, io, process::ExitCode};

use clap::{
    ArgMatches, Command,
    builder::StyledStr,
    error::{ContextKind, ContextValue},
};

use crate::nearest::is_near;

/// The exit status for wrong arguments and settings; clap's own is the same.
pub(super) const STATUS: u8 = 2;

/// What is wrong with the arguments, where only the command itself can tell.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Misuse(pub(super) String);

/// Reads the arguments.
///
/// # Errors
/// The status to exit with, if the help was asked for or an argument is wrong; everything is said then.
pub(super) fn parse(command: Command) -> Result<ArgMatches, ExitCode> {
    let arguments: Vec<OsString> = env::args_os().collect();
    command.try_get_matches_from(&arguments).map_err(|error| {
        let is_wrong = error.use_stderr();
        match without_far_tips(error, &arguments).print() {
            // Help that does not fit on a full disk.
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => ExitCode::FAILURE,
            Ok(()) | Err(_) if is_wrong => ExitCode::from(STATUS),
            Ok(()) | Err(_) => ExitCode::SUCCESS,
        }
    })
}

/// Leaves out tips that lead astray: names that have little in common with the one given, and how a value could
/// begin with a hyphen, since of ours only emails do.
fn without_far_tips(mut error: clap::Error, arguments: &[OsString]) -> clap::Error {
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.trim_start_matches('-').to_owned(),
        Some(_) | None => String::new(),
    };
    let (flag, command) = (text(ContextKind::InvalidArg), text(ContextKind::InvalidSubcommand));
    if !is_near(&flag, &text(ContextKind::SuggestedArg)) {
        error.remove(ContextKind::SuggestedArg);
    }
    if let Some(ContextValue::Strings(mut names)) = error.remove(ContextKind::SuggestedSubcommand) {
        names.retain(|name| is_near(&command, name));
        if !names.is_empty() {
            error.insert(ContextKind::SuggestedSubcommand, ContextValue::Strings(names));
        }
    }
    let email = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(flag)) => email_taken_for(flag, arguments),
        Some(_) | None => None,
    };
    if let Some(ContextValue::StyledStrs(mut tips)) = error.remove(ContextKind::Suggested) {
        let count = tips.len();
        tips.retain(|tip| !tip.to_string().contains("as a value"));
        if let Some(email) = email.filter(|_| tips.len() < count) {
            tips.push(StyledStr::from(format!("to pass '{email}' as a value, use '-- {email}'")));
        }
        if !tips.is_empty() {
            error.insert(ContextKind::Suggested, ContextValue::StyledStrs(tips));
        }
    }
    error
}

/// The argument that was taken for a flag, if it looks like an email: of `-ada@example.com`, the flag is `-a`.
fn email_taken_for<'a>(flag: &str, arguments: &'a [OsString]) -> Option<&'a str> {
    let arguments = arguments.iter().filter_map(|argument| argument.to_str());
    let mut emails = arguments
        .filter(|argument| argument.split_once('@').is_some_and(|(local, _)| !local.contains('=')));
    emails.find(|email| email.starts_with(flag))
}
