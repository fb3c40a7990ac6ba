//! `guestlist backup`: the SQLite table as it is at one moment, in a file of its own; and whether such a file
//! is whole.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

use super::{
    Failure,
    manifest::{self, Manifest},
    new_file, say,
};
use crate::{
    clock::Clock,
    config::{Settings, TableSettings},
    secret::Secrets,
    service::{self, NoSecret},
    table::{
        self,
        sqlite::backup::{self, Content},
    },
};

pub(super) fn command() -> Command {
    Command::new("backup").after_help("Example:\n  guestlist backup monday.db")
        .about("Back up the SQLite table to a new file, while the service runs")
        .long_about(
            "Back up the SQLite table to a new file that only its owner can read, while the service runs. The \
             backup holds the table as of one moment. It is checked before it gets its name, and never overwrites \
             a file. guestlist restore restores it.\n\n\
             You need the secret to use a backup, and it is not part of it: keep a copy of the secret elsewhere.",
        )
        .args([
            Arg::new("file")
                .required(true)
                .value_name("FILE")
                .value_parser(value_parser!(PathBuf))
                .help("File to write; with --verify, backup to check"),
            Arg::new("with-secret")
                .long("with-secret")
                .value_name("FILE")
                .value_parser(value_parser!(PathBuf))
                .conflicts_with("verify")
                .help("File to write the secret to; keep it apart from the backup"),
            Arg::new("verify")
                .long("verify")
                .action(ArgAction::SetTrue)
                .help("Check an existing backup instead of making one"),
        ])
}

pub(super) fn backup(settings: &Settings, flags: &ArgMatches) -> Result<ExitCode, Failure> {
    let path = flags.get_one::<PathBuf>("file").ok_or("name a file")?;
    if flags.get_flag("verify") {
        return verify(settings, path);
    }
    let TableSettings::Sqlite(folder) = &settings.table else {
        return Err("a DynamoDB table is backed up by point-in-time recovery; guestlist table copy copies it to an \
                    SQLite table"
            .into());
    };
    service::require_table(&settings.table)?;
    let database = service::database_in(folder);
    let secrets = service::secrets(settings, NoSecret::Refused)?;
    if let Some(path) = flags.get_one::<PathBuf>("with-secret") {
        write_secret(&secrets, path)?;
    }
    // Before the copy begins, so that it is no later than what the copy holds.
    let created = Clock::System.now();
    let written = backup::write(&database, path, |content| {
        let label = Manifest::new(content, created, &secrets.current).label(&secrets.current);
        label.map_err(|error| table::Error::Unavailable(error.to_string()))
    });
    let content = written.map_err(of_file)?;
    let Content { records, digest } = content;
    say(&format!("{}: {records} records, checked; digest {digest}\n", path.display()))?;
    Ok(ExitCode::SUCCESS)
}

fn write_secret(secrets: &Secrets, path: &Path) -> Result<(), Failure> {
    let mut file = new_file::create(path, "--with-secret")?;
    let written = writeln!(file, "{}", secrets.current.reveal()).and_then(|()| file.sync_all());
    written.map_err(|error| format!("{}: {error}", path.display()).into())
}

fn verify(settings: &Settings, path: &Path) -> Result<ExitCode, Failure> {
    let (content, label) = backup::verify(path).map_err(of_file)?;
    let manifest = read(path, &content, &label)?;
    let Manifest { guestlist, created, records, secret, .. } = &manifest;
    say(&format!(
        "{}: complete; {records} records of {created}, by Guestlist {guestlist}\n",
        path.display()
    ))?;
    // A look at a backup is not to make a secret where there is none.
    let known = service::known_secrets(settings)?;
    say(&match known {
        Some(secrets) if manifest::is_proved(&label, &secrets) => {
            format!("It was made with the current secret ({secret}).\n")
        }
        Some(_) => {
            let why = format!(
                "{} was not made with the current secret, or was changed since; according to the file, its secret is \
                 {secret}",
                path.display()
            );
            return Err(why.into());
        }
        None => format!(
            "No secret is set, so its origin cannot be verified; according to the file, its secret is {secret}.\n"
        ),
    })?;
    Ok(ExitCode::SUCCESS)
}

/// What is wrong with a backup, which is no table in use.
pub(super) fn of_file(error: table::Error) -> Failure {
    match error {
        table::Error::Unavailable(why) | table::Error::Mismatch(why) => why.into(),
        table::Error::Busy(_)
        | table::Error::Full(_)
        | table::Error::Denied(_)
        | table::Error::Missing(_)
        | table::Error::Broken(_)
        | table::Error::Invalid(_)
        | table::Error::Corrupt { .. } => error.into(),
    }
}

/// The manifest of the backup at `path`, which must be true.
pub(super) fn read(
    path: &Path,
    content: &Content,
    label: &backup::Label,
) -> Result<Manifest, Failure> {
    let read = Manifest::read(label, content);
    Ok(read.map_err(|why| format!("{} is damaged: {why}", path.display()))?)
}
