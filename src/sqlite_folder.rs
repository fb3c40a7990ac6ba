//! The folder of an SQLite table: its file, and the one that keeps the secret beside it.

use std::{
    fs::File,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use crate::{private_file, random::Random, secret::Secret};

/// The file of the table.
const DATABASE: &str = "guestlist.db";
/// The file that keeps the secret.
pub const SECRET_FILE: &str = "secret";

/// The file of the SQLite table in a folder.
pub fn database_in(folder: &Path) -> PathBuf {
    folder.join(DATABASE)
}

/// Reads the secret, or makes one that only the owner may read. It appears under its name whole,
/// and if two processes make one at the same moment both go on with the first.
///
/// # Errors
/// If it can be neither read nor made.
pub(crate) fn kept_secret(path: &Path) -> io::Result<Secret> {
    if !path.exists() {
        write(path, &Secret::new(Random::System.bytes()))?;
    }
    let text = std::fs::read_to_string(path)?;
    Secret::parse(&text).ok_or_else(|| io::Error::other("it does not hold 32 bytes in base64url"))
}

/// Keeps the secret there, unless one is kept there already.
///
/// # Errors
/// If it cannot be written.
pub(crate) fn keep_secret(path: &Path, secret: &Secret) -> io::Result<()> {
    if path.exists() { Ok(()) } else { write(path, secret) }
}

fn write(path: &Path, secret: &Secret) -> io::Result<()> {
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
