//! `guestlist restore`: a backup put back as the table; and what any table has to forget that comes out of one.

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

use super::{
    Failure,
    backup::{of_file, read},
    manifest::{self, Manifest},
    operator::Operator,
    say,
};
use crate::{
    auth::password::Work,
    clock::Clock,
    config::{Settings, TableSettings},
    private_file,
    random::Random,
    secret::{Secret, Secrets},
    service::{self, Service, World},
    store::{
        Store,
        erase::restored::{Forgotten, Terms},
    },
    table::sqlite::{backup, lock::Lock},
    web::Web,
};

/// How many numbers are passed over unless somebody asks otherwise.
const NUMBER_GAP: &str = "1000000";

pub(super) fn command() -> Command {
    Command::new("restore").after_help("Example:\n  guestlist restore monday.db")
        .about("Restore a backup of the SQLite table")
        .long_about(
            "Restore a backup of the SQLite table, in a folder without one. The backup is checked first, and the \
             table appears only once it is complete.\n\nA backup does not know what was ended after it was made. So \
             everyone is signed out, open codes and invites become void, waiting emails are dropped, API keys are \
             removed (unless you pass --keep-keys), and new users get numbers well above the old ones. Users who \
             were removed, suspended or demoted since then have their old state and role again, and passwords are \
             the old ones: see docs/operations.md for what to check.",
        )
        .args([
            Arg::new("file")
                .required(true)
                .value_name("FILE")
                .value_parser(value_parser!(PathBuf))
                .help("Backup to restore"),
            Arg::new("with-secret")
                .long("with-secret")
                .value_name("FILE")
                .value_parser(value_parser!(PathBuf))
                .help("File with the secret, written by backup --with-secret; it is kept beside the table"),
            Arg::new("other-secret").long("other-secret").action(ArgAction::SetTrue).help(
                "Restore even though the backup was made with another secret: codes of authenticator apps \
                 stop working",
            ),
        ])
        .args(terms_flags())
}

/// How far a restored table is to forget.
pub(super) fn terms_flags() -> [Arg; 3] {
    [
        Arg::new("keep-keys").long("keep-keys").action(ArgAction::SetTrue).help(
            "Keep API keys; keys that were removed after the backup work again",
        ),
        Arg::new("reset-passwords").long("reset-passwords").action(ArgAction::SetTrue).help(
            "Remove all passwords; people set new ones with \"Forgot your password?\"",
        ),
        Arg::new("number-gap")
            .long("number-gap")
            .value_name("COUNT")
            .default_value(NUMBER_GAP)
            .value_parser(value_parser!(u64).range(..=1_000_000_000_000))
            .help("Count of user numbers to skip in each account, since they may have been given after the backup"),
    ]
}

fn terms(flags: &ArgMatches) -> Terms {
    Terms {
        keep_keys: flags.get_flag("keep-keys"),
        reset_passwords: flags.get_flag("reset-passwords"),
        number_gap: flags.get_one::<u64>("number-gap").copied().unwrap_or_default(),
    }
}

pub(super) async fn restore(settings: &Settings, flags: &ArgMatches) -> Result<ExitCode, Failure> {
    let TableSettings::Sqlite(folder) = &settings.table else {
        return Err(
            "a backup is restored to an SQLite table: name its folder with --table sqlite:FOLDER. To move it to \
                    DynamoDB, use guestlist table copy"
                .into(),
        );
    };
    let path = flags.get_one::<PathBuf>("file").ok_or("name a file")?;
    let database = service::database_in(folder);
    require_nothing_at(&database)?;
    let (content, label) = backup::verify(path).map_err(of_file)?;
    let manifest = read(path, &content, &label)?;
    let secrets = secrets(settings, flags)?;
    let is_proved = manifest::is_proved(&label, &secrets);
    if !is_proved && !flags.get_flag("other-secret") {
        return Err(other_secret(path, &manifest, &secrets).into());
    }
    service::make_folder(folder)?;
    let _alone = Lock::alone(&database)?;
    let draft = Draft::begin(folder)?;
    backup::unpack(path, &draft.database()).map_err(of_file)?;
    let forgotten = {
        let store = draft.open(settings, &secrets).await?;
        if is_proved {
            store.ensure_format().await?;
        } else {
            store.accept_secret().await?;
        }
        // Nobody else has the store, so that this closes the table, and all is in the one file.
        forget(&store, terms(flags)).await?
    };
    if settings.secret.is_none() {
        service::keep_secret(folder, &secrets.current)?;
    }
    draft.publish(&database)?;
    let Manifest { created, records, .. } = manifest;
    say(&format!(
        "{}: restored from {}; {records} records of {created}\n{}",
        database.display(),
        path.display(),
        told(forgotten, terms(flags))
    ))?;
    Ok(ExitCode::SUCCESS)
}

/// `guestlist table restored`: the same for a table that was put back in another way.
pub(super) async fn restored(settings: &Settings, flags: &ArgMatches) -> Result<ExitCode, Failure> {
    let operator = Operator::to_change_restored(settings).await?;
    let forgotten = forget(operator.store(), terms(flags)).await?;
    // Only now: what was cut off is to be done again.
    operator.store().accept_restored_table().await?;
    say(&told(forgotten, terms(flags)))?;
    Ok(ExitCode::SUCCESS)
}

async fn forget(store: &Store, terms: Terms) -> Result<Forgotten, Failure> {
    let forgotten = store.forget_after_restore(terms).await;
    Ok(forgotten.map_err(|error| {
        format!("{error}. If the service uses the table, stop it and run this again")
    })?)
}

/// Nothing may lie there that the restored table could be taken together with.
fn require_nothing_at(database: &Path) -> Result<(), Failure> {
    let mut paths = vec![database.to_owned()];
    paths.extend(backup::companions(database));
    match paths.iter().find(|path| path.exists()) {
        Some(path) => Err(format!(
            "{} exists, and a backup is restored only where there is no table. Stop the service, move this file and \
             all files whose names begin with its name elsewhere, and keep them until everything works",
            path.display()
        )
        .into()),
        None => Ok(()),
    }
}

/// The secret that the table will be used with; none is made up.
fn secrets(settings: &Settings, flags: &ArgMatches) -> Result<Secrets, Failure> {
    let known = service::known_secrets(settings)?;
    let Some(path) = flags.get_one::<PathBuf>("with-secret") else {
        return Ok(known.ok_or(
            "there is no secret: pass the file that backup --with-secret wrote with --with-secret, or set secret",
        )?);
    };
    let text = fs::read_to_string(path)
        .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    let current = Secret::parse(&text)
        .ok_or_else(|| format!("{} does not hold a secret (32 bytes in base64url); pass the file that backup --with-secret wrote", path.display()))?;
    match known {
        Some(known) if known.current.fingerprint() != current.fingerprint() => Err(format!(
            "{} is not the secret in the settings or next to the table: keep only one of them",
            path.display()
        )
        .into()),
        Some(known) => Ok(known),
        None => Ok(Secrets { current, previous: settings.previous_secrets.clone() }),
    }
}

/// Why a backup is not taken that was made with another secret, and what to do.
fn other_secret(path: &Path, manifest: &Manifest, secrets: &Secrets) -> String {
    format!(
        "{} was not made with the current secret, {}, or was changed since; according to the file, its secret is {}. \
         Pass that secret with --with-secret or in previous_secrets; if it is lost, restore without it with \
         --other-secret",
        path.display(),
        secrets.current.fingerprint(),
        manifest.secret
    )
}

/// A folder in which the table is made ready before it appears; gone when dropped.
struct Draft(PathBuf);

impl Draft {
    fn begin(folder: &Path) -> Result<Self, Failure> {
        let path = folder.join("restoring");
        private_file::new_folder(&path).map_err(|error| {
            let path = path.display();
            if error.kind() == std::io::ErrorKind::AlreadyExists {
                return format!(
                    "{path} exists: another restore is running, or one was interrupted; if none is running, remove \
                     the folder"
                );
            }
            format!("{path}: {error}")
        })?;
        Ok(Self(path))
    }

    fn database(&self) -> PathBuf {
        service::database_in(&self.0)
    }

    async fn open(&self, settings: &Settings, secrets: &Secrets) -> Result<Arc<Store>, Failure> {
        let clock = Clock::System;
        let table = TableSettings::Sqlite(self.0.clone());
        let table = service::open_table(&table, settings.sqlite_cache_mib, &clock).await?;
        let web = Web::new(&settings.web_proxies);
        let world = World { table, clock, random: Random::System, work: Work::Full, web };
        let service = Service::assemble(settings, secrets, world)?;
        Ok(Arc::clone(&service.app.store))
    }

    fn publish(&self, database: &Path) -> Result<(), Failure> {
        let draft = self.database();
        for beside in backup::companions(&draft) {
            if beside.exists() {
                return Err(
                    format!("{} was left behind; nothing was restored", beside.display()).into()
                );
            }
        }
        let published = backup::publish(&draft, database);
        Ok(published.map_err(|error| format!("{}: {error}", database.display()))?)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            tracing::warn!(folder = %self.0.display(), %error, "not removed");
        }
    }
}

/// What people have to know of what was forgotten.
fn told(forgotten: Forgotten, terms: Terms) -> String {
    let Forgotten { accounts, sessions, codes, emails, keys, passwords } = forgotten;
    let keys = if terms.keep_keys {
        format!(
            "API keys kept: {keys}. Keys that were removed after the backup work again; list them with guestlist key \
             find"
        )
    } else {
        format!("API keys removed: {keys}. Create new ones with guestlist key create")
    };
    let passwords = if terms.reset_passwords {
        format!("Passwords removed: {passwords}")
    } else {
        "Passwords are those of the backup. If one was changed since then because someone else knew it, restore \
         again with --reset-passwords"
            .to_owned()
    };
    format!(
        "Everyone is signed out of {accounts} accounts; sessions ended: {sessions}\nCodes and invites void: {codes}; \
         waiting emails dropped: {emails}. Send invites again\n{keys}\n{passwords}\nUsers who were removed, \
         suspended or demoted after the backup have their old state and role: repeat those changes\n"
    )
}
