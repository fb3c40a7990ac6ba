//! The secret: from the settings, or kept in a file beside an SQLite table.

use std::{
    fs::File,
    io::{self, Write as _},
    path::Path,
};

use super::{
    OpenError,
    tables::{DATABASE, make_folder},
};
use crate::{
    config::{Settings, TableSettings},
    private_file,
    random::Random,
    secret::{Secret, Secrets},
};

/// The file that keeps the secret beside an SQLite table.
pub const SECRET_FILE: &str = "secret";

/// What becomes of a table whose secret is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoSecret {
    /// It is not used.
    Refused,
    /// Another secret is made.
    Made,
}

/// The secret and those before it, if there is one; makes none.
///
/// # Errors
/// If it cannot be read.
pub fn known_secrets(settings: &Settings) -> Result<Option<Secrets>, OpenError> {
    let is_there = match (&settings.secret, &settings.table) {
        (Some(_), _) => true,
        (None, TableSettings::Sqlite(folder)) => folder.join(SECRET_FILE).exists(),
        (None, TableSettings::Dynamo { .. }) => false,
    };
    if is_there { secrets(settings, NoSecret::Refused).map(Some) } else { Ok(None) }
}

/// The secret and those before it; with SQLite a secret is made where there is none, nor a table yet.
///
/// # Errors
/// If it can be neither read nor made, or is gone.
pub fn secrets(settings: &Settings, gone: NoSecret) -> Result<Secrets, OpenError> {
    let current = match (&settings.secret, &settings.table) {
        (Some(secret), _) => secret.clone(),
        (None, TableSettings::Sqlite(folder)) => {
            make_folder(folder)?;
            // Looked for first: another process that makes both at this moment begins with the secret.
            let has_table = folder.join(DATABASE).exists();
            let path = folder.join(SECRET_FILE);
            if has_table && gone == NoSecret::Refused && !path.exists() {
                return Err(OpenError::SecretGone { folder: folder.display().to_string() });
            }
            kept_secret(&path)
                .map_err(|error| OpenError::Secret { path: path.display().to_string(), error })?
        }
        (None, TableSettings::Dynamo { .. }) => {
            let error = io::Error::other("with DynamoDB it must be set");
            return Err(OpenError::Secret { path: "secret".to_owned(), error });
        }
    };
    Ok(Secrets { current, previous: settings.previous_secrets.clone() })
}

/// Reads the secret, or makes one that only the owner may read. It appears under its name whole,
/// and if two processes make one at the same moment both go on with the first.
fn kept_secret(path: &Path) -> io::Result<Secret> {
    if !path.exists() {
        write_secret(path, &Secret::new(Random::System.bytes()))?;
    }
    let text = std::fs::read_to_string(path)?;
    Secret::parse(&text).ok_or_else(|| io::Error::other("it does not hold 32 bytes in base64url"))
}

/// Keeps the secret beside an SQLite table, unless one is kept there.
///
/// # Errors
/// If it cannot be written.
pub fn keep_secret(folder: &Path, secret: &Secret) -> Result<(), OpenError> {
    let path = folder.join(SECRET_FILE);
    let kept = if path.exists() { Ok(()) } else { write_secret(&path, secret) };
    kept.map_err(|error| OpenError::Secret { path: path.display().to_string(), error })
}

fn write_secret(path: &Path, secret: &Secret) -> io::Result<()> {
    let name = u64::from_le_bytes(Random::System.bytes());
    let draft = path.with_extension(format!("{name:x}.tmp"));
    let mut file = private_file::create(&draft)?;
    writeln!(file, "{}", secret.reveal())?;
    file.sync_all()?;
    let linked = std::fs::hard_link(&draft, path);
    std::fs::remove_file(&draft)?;
    if let Err(error) = linked
        && error.kind() != io::ErrorKind::AlreadyExists
    {
        return Err(error);
    }
    // The name itself must outlive a power cut, as the table does.
    if let Some(folder) = path.parent() {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}
