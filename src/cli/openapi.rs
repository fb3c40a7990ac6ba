//! `guestlist openapi`: the interface as an OpenAPI document.

use std::process::ExitCode;

use clap::Command;

use super::{Failure, listing};
use crate::{config::Settings, openapi::document};

pub(super) fn command() -> Command {
    Command::new("openapi")
        .after_help("Example:\n  guestlist openapi > openapi.json")
        .about("Print the interface as an OpenAPI 3.1 document, in JSON")
}

pub(super) fn print(settings: &Settings) -> Result<ExitCode, Failure> {
    let text = serde_json::to_string_pretty(&document(&settings.base_path))?;
    listing::print(&format!("{text}\n"))?;
    Ok(ExitCode::SUCCESS)
}
