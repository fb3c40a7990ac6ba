//! `guestlist settings`: which settings there are, and who has set them.

use std::process::ExitCode;

use clap::{ArgMatches, Command};
use serde_json::{Map, Value, json};

use super::{
    Failure,
    listing::{Listing, json_flag},
};
use crate::{
    config::{Settings, Shown, TableSettings},
    service::SECRET_FILE,
};

const COLUMNS: &[&str] = &["setting", "value", "from"];

pub(super) fn command() -> Command {
    Command::new("settings")
        .about("List the settings, their values and sources; secrets are not shown")
        .after_help(
            "Example:\n  GUESTLIST_INVITE_DAYS=14 guestlist settings --table sqlite:/var/lib/guestlist\n\n\
             See guestlist serve --help for what each setting does; guestlist check tests what they name.",
        )
        .arg(json_flag())
}

/// Also where they are wrong: here people look for what is.
pub(super) fn print(flags: &ArgMatches) -> Result<ExitCode, Failure> {
    let settings = with_secret_file(Settings::shown(flags));
    let records: Vec<_> = settings.into_iter().map(record).collect();
    Listing::new(COLUMNS, flags).print(records)?;
    Settings::read(flags)?;
    Ok(ExitCode::SUCCESS)
}

/// The secret of an SQLite table is in a file beside it, unless it is set.
fn with_secret_file(mut settings: Vec<Shown>) -> Vec<Shown> {
    let table = settings.iter().find(|setting| setting.name == "table");
    let table = table.and_then(|table| TableSettings::parse(table.value.as_deref()?));
    let secret = settings.iter_mut().find(|setting| setting.name == "secret");
    if let (Some(TableSettings::Sqlite(folder)), Some(secret)) = (table, secret)
        && secret.value.is_none()
    {
        secret.source = folder.join(SECRET_FILE).display().to_string();
    }
    settings
}

/// What has neither a value nor a place to come from has its name alone.
fn record(Shown { name, value, source }: Shown) -> Value {
    let mut record = Map::from_iter([("setting".to_owned(), json!(name))]);
    record.extend(value.map(|value| ("value".to_owned(), json!(value))));
    if !source.is_empty() {
        record.insert("from".to_owned(), json!(source));
    }
    Value::Object(record)
}
