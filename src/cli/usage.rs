//! Arguments that are wrong: what is said of them, and the exit status that tells them from other failures.

use std::{io, process::ExitCode};

use clap::{
    ArgMatches, Command,
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
    command.try_get_matches().map_err(|error| {
        let is_wrong = error.use_stderr();
        match without_far_tips(error).print() {
            // Help that does not fit on a full disk.
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => ExitCode::FAILURE,
            Ok(()) | Err(_) if is_wrong => ExitCode::from(STATUS),
            Ok(()) | Err(_) => ExitCode::SUCCESS,
        }
    })
}

/// Leaves out tips that lead astray: names that have little in common with the one given, and how a value could
/// begin with a hyphen, since none of ours does.
fn without_far_tips(mut error: clap::Error) -> clap::Error {
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
    if let Some(ContextValue::StyledStrs(mut tips)) = error.remove(ContextKind::Suggested) {
        tips.retain(|tip| !tip.to_string().contains("as a value"));
        if !tips.is_empty() {
            error.insert(ContextKind::Suggested, ContextValue::StyledStrs(tips));
        }
    }
    error
}
