//! The table that the settings name, or another one: where it is, and opening it.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::OpenError;
use crate::{
    clock::Clock,
    config::{Settings, TableSettings},
    private_file,
    table::{
        self, Table,
        dynamo::{Dynamo, DynamoSettings},
        sqlite::Sqlite,
    },
};

/// The file of an SQLite table in its folder.
pub(super) const DATABASE: &str = "guestlist.db";

/// Opens the table of the settings; an SQLite one is made if there is none.
///
/// # Errors
/// Why it cannot be opened.
pub async fn open_own_table(
    settings: &Settings,
    clock: &Clock,
) -> Result<Arc<dyn Table>, OpenError> {
    open_table(&settings.table, settings.sqlite_cache_mib, clock).await
}

/// Opens a table, of which so many MiB are kept in memory if it is an SQLite one, which is made if there is none.
///
/// # Errors
/// Why it cannot be opened.
pub async fn open_table(
    settings: &TableSettings,
    sqlite_cache_mib: usize,
    clock: &Clock,
) -> Result<Arc<dyn Table>, OpenError> {
    Ok(match settings {
        TableSettings::Sqlite(folder) => {
            make_folder(folder)?;
            Arc::new(Sqlite::open_with(&folder.join(DATABASE), clock.clone(), sqlite_cache_mib)?)
        }
        TableSettings::Dynamo { .. } => Arc::new(connect(settings, clock).await?),
    })
}

/// Requires that there is a table, if it is an SQLite one: opening makes it, and a DynamoDB one is never made by that.
///
/// # Errors
/// `NoTable`, or why that cannot be told.
pub fn require_table(settings: &TableSettings) -> Result<(), OpenError> {
    let TableSettings::Sqlite(folder) = settings else { return Ok(()) };
    let path = database_in(folder);
    match fs::metadata(&path) {
        // An empty file is what is left of a table whose making was cut off.
        Ok(found) if found.len() > 0 => Ok(()),
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(table::Error::Unavailable(format!("cannot open {}: {error}", path.display()))
                .into())
        }
        Ok(_) | Err(_) => Err(OpenError::NoTable { folder: folder.display().to_string() }),
    }
}

/// The file of the SQLite table in a folder.
pub fn database_in(folder: &Path) -> PathBuf {
    folder.join(DATABASE)
}

/// Makes the folder of an SQLite table, which only its owner can enter.
///
/// # Errors
/// Why it cannot be made.
pub fn make_folder(folder: &Path) -> Result<(), OpenError> {
    private_file::folder(folder)
        .map_err(|error| OpenError::Folder { path: folder.display().to_string(), error })
}

/// A DynamoDB table, which need not exist yet.
///
/// # Errors
/// If the settings name no such table, or AWS settings cannot be read.
pub async fn connect(settings: &TableSettings, clock: &Clock) -> table::Result<Dynamo> {
    match settings {
        TableSettings::Dynamo { name, endpoint } => {
            let settings = DynamoSettings { table: name.clone(), endpoint: endpoint.clone() };
            Dynamo::connect(settings, clock.clone()).await
        }
        TableSettings::Sqlite(_) => {
            Err(table::Error::Invalid("an SQLite table is no DynamoDB table".to_owned()))
        }
    }
}
