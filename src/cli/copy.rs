//! `guestlist table copy`: all that is in one table, copied into another one of whatever engine.

use std::{collections::BTreeSet, process::ExitCode, sync::Arc};

use clap::{Arg, ArgAction, ArgMatches, Command};

use super::{Failure, say, usage::Misuse};
use crate::{
    clock::Clock,
    config::{Settings, TableSettings},
    service::{self, OpenError},
    store::ledger::{
        format::{self, Others},
        place::{self, Moved, UnfinishedCopy},
    },
    table::{
        self, Key, Table,
        copy::{self, Copy},
    },
};

/// How often differences are mended before the source is taken to be in use.
const ROUNDS: usize = 3;
/// How many items are named that differ.
const NAMED: usize = 20;

pub(super) fn command() -> Command {
    let table = |name: &'static str, help: &'static str| {
        let parse = |text: &str| {
            TableSettings::parse(text).ok_or_else(|| format!("a table is {}", TableSettings::FORM))
        };
        Arg::new(name).required(true).value_name(name.to_uppercase()).value_parser(parse).help(help)
    };
    Command::new("copy").after_help("Example:\n  guestlist table copy sqlite:/var/lib/guestlist dynamodb:guestlist")
        .about("Copy a table to an empty one, between SQLite and DynamoDB")
        .long_about(
            "Copy everything in a table to an empty one, between SQLite and DynamoDB, in either direction. Stop the \
             service first: what is written during the copy may be missing, and the command says so.\n\n\
             If a copy is interrupted, run the same command again to resume it. At the end, both tables are \
             compared record by record. Then the first one is closed, so that nobody uses it by mistake; guestlist \
             table reopen opens it again, and --leave-open leaves it open.\n\n\
             The secret is not in the table: set the same secret for the copy.",
        )
        .args([
            table("from", "Table to copy: sqlite:FOLDER or dynamodb:NAME"),
            table("to", "Table to copy to: an empty one, or an unfinished copy; create a DynamoDB table with \
                         table create"),
            Arg::new("leave-open")
                .long("leave-open")
                .action(ArgAction::SetTrue)
                .help("Leave the first table in use, for example when the copy is for trying things out"),
        ])
}

pub(super) fn reopen_command() -> Command {
    Command::new("reopen").after_help("Example:
  guestlist table reopen")
        .about("Use a table again that was copied, or use a copy as it is")
        .long_about(
            "Use a table again that was copied with table copy. It lacks what was changed in the copy: use either \
             this table or the copy, never both.\n\n\
             Or use a DynamoDB table as it is that was made from another one and is up to date, such as a replica of \
             a global table. For one that was restored to an earlier moment, use guestlist table restored instead.",
        )
}

pub(super) async fn copy(settings: &Settings, flags: &ArgMatches) -> Result<ExitCode, Failure> {
    let (clock, cache) = (Clock::System, settings.sqlite_cache_mib);
    let (from, to) = (named(settings, flags, "from")?, named(settings, flags, "to")?);
    if from.name == to.name {
        return Err(Misuse("FROM and TO are the same table".to_owned()).into());
    }
    match service::require_table(&from.settings) {
        Ok(()) => {}
        Err(OpenError::NoTable { folder }) => {
            return Err(format!("there is no table in {folder}; check FROM").into());
        }
        Err(error) => return Err(error.into()),
    }
    let source = service::open_table(&from.settings, cache, &clock).await?;
    place::require_in_use(&*source).await?;
    format::require_this_format(&*source).await?;
    let own = place::own_items();
    // Before the target is made, if it is an SQLite file.
    let all = copy::count(&*source, &own).await?;
    let target = service::open_table(&to.settings, cache, &clock).await?;
    let copy = Copy { from: &*source, to: &*target, own: &own, clock: &clock };
    let progress = begin(&target, &from.name, &to.name).await?;
    copy_all(&copy, &*target, progress, all).await?;
    let compared = compare(&copy).await?;
    place::finish_copy(&*target, format::for_copy(&*source, &*target).await?).await?;
    say(&format!(
        "{} is a copy of {}: {compared} records, compared one by one\n",
        to.name, from.name
    ))?;
    if !flags.get_flag("leave-open") {
        place::note_moved(&*source, &Moved { to: to.name.clone(), at: clock.now() }).await?;
        say(&format!(
            "{} is now closed. Start the service with --table {} and the same secret{}\n",
            from.name,
            to.name,
            from.where_secret_is()
        ))?;
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn reopen(settings: &Settings) -> Result<ExitCode, Failure> {
    service::require_table(&settings.table)?;
    let table = service::open_own_table(settings, &Clock::System).await?;
    let was_closed = place::reopen(&*table).await?;
    let was_another = format::accept_table(&*table, Others::Stay).await?;
    say(match (was_closed, was_another) {
        (true, _) => "The table is in use again. Do not use its copy any more.\n",
        (false, true) => {
            "The table is in use as it is, alongside the table that it was made from.\n"
        }
        (false, false) => "The table is in use; nothing was changed.\n",
    })?;
    Ok(ExitCode::SUCCESS)
}

/// A table, and what people call it.
struct Named {
    name: String,
    settings: TableSettings,
}

impl Named {
    /// Where the secret lies that goes with the table, if it lies anywhere in particular.
    fn where_secret_is(&self) -> String {
        match &self.settings {
            TableSettings::Sqlite(folder) => {
                format!(" (it is in {})", folder.join(service::SECRET_FILE).display())
            }
            TableSettings::Dynamo { .. } => String::new(),
        }
    }
}

fn named(settings: &Settings, flags: &ArgMatches, which: &str) -> Result<Named, Failure> {
    let table = flags.get_one::<TableSettings>(which).ok_or("name a table")?;
    let settings = match table.clone().beside(&settings.table) {
        // The same folder by whatever name, since a copy that was cut off looks for it.
        TableSettings::Sqlite(folder) => TableSettings::Sqlite(std::path::absolute(&folder)?),
        table @ TableSettings::Dynamo { .. } => table,
    };
    Ok(Named { name: settings.to_string(), settings })
}

/// How far the copy is: at the beginning where the target is empty.
async fn begin(to: &Arc<dyn Table>, from: &str, name: &str) -> Result<UnfinishedCopy, Failure> {
    match place::unfinished_copy(&**to).await? {
        Some(copy) if copy.from == from => Ok(copy),
        Some(copy) => Err(format!(
            "{name} is an unfinished copy of {}: finish that one, or copy into another table",
            copy.from
        )
        .into()),
        None if holds_nothing(&**to).await? => {
            let copy = UnfinishedCopy { from: from.to_owned(), after: None, copied: 0 };
            place::note_copy(&**to, &copy).await?;
            Ok(copy)
        }
        None => Err(format!("{name} is not empty: copy into a new table").into()),
    }
}

async fn holds_nothing(table: &dyn Table) -> table::Result<bool> {
    let mut after = None;
    loop {
        let page = table.scan(after.as_ref(), 1).await?;
        match (page.items.is_empty(), page.next) {
            (true, Some(next)) => after = Some(next),
            (is_empty, _) => return Ok(is_empty),
        }
    }
}

/// Copies what is not copied yet, and notes after each part how far it is.
async fn copy_all(
    copy: &Copy<'_>,
    to: &dyn Table,
    mut progress: UnfinishedCopy,
    all: u64,
) -> Result<(), Failure> {
    loop {
        let after = progress.after.clone().map(|(partition, sort)| Key { partition, sort });
        let (copied, next) = copy.next(after.as_ref()).await?;
        progress.copied += copied;
        tracing::info!(copied = progress.copied, of = all, "copying");
        let Some(next) = next else { return Ok(()) };
        progress.after = Some((next.partition, next.sort));
        place::note_copy(to, &progress).await?;
    }
}

/// Compares all, and copies anew what has changed meanwhile; returns how many records there are.
async fn compare(copy: &Copy<'_>) -> Result<u64, Failure> {
    let mut different = BTreeSet::new();
    for _ in 0..ROUNDS {
        let found = copy.compare().await?;
        if found.different.is_empty() {
            return Ok(found.compared);
        }
        tracing::info!(records = found.different.len(), "changed meanwhile; copied again");
        copy.mend(&found.different).await?;
        different = found.different;
    }
    let named: Vec<_> = different.iter().take(NAMED).map(ToString::to_string).collect();
    Err(format!(
        "{} records still differ, because something writes to the first table: stop the service and run this again. \
         The records: {}{}",
        different.len(),
        named.join(", "),
        if different.len() > NAMED { ", …" } else { "" }
    )
    .into())
}
