//! `guestlist settings`: which settings there are, and who has set them.

use std::process::ExitCode;

use clap::{ArgMatches, Command};
use serde_json::{Value, json};

use super::{
    Failure, complain,
    listing::{Listing, json_flag},
};
use crate::config::{Settings, Shown};

const COLUMNS: &[&str] = &["setting", "value", "from"];

pub(super) fn command() -> Command {
    Command::new("settings")
        .about("List the settings, their values and sources; secrets are not shown")
        .after_help(
            "Example:\n  GUESTLIST_INVITE_DAYS=14 guestlist settings --table sqlite:/var/lib/guestlist\n\n\
             See guestlist serve --help for what each setting does; guestlist check tests the values.",
        )
        .arg(json_flag())
}

/// Also where they are wrong: here people look for what is.
pub(super) fn print(flags: &ArgMatches) -> Result<ExitCode, Failure> {
    let (settings, faults) = Settings::shown(flags);
    let records: Vec<_> = settings.into_iter().map(record).collect();
    Listing::new(COLUMNS, flags).print(&records)?;
    for fault in &faults {
        complain(&format!("guestlist: {fault}"));
    }
    Ok(if faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Nobody gives what has no value.
fn record(Shown { name, value, source }: Shown) -> Value {
    match value {
        Some(value) => json!({"setting": name, "value": value, "from": source}),
        None => json!({"setting": name}),
    }
}
