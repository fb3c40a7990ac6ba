//! Files and folders for the eyes of their owner alone, from their first moment on: there are secrets in them. Nothing
//! else in the program makes a file.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, Permissions},
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

const FILE_MODE: u32 = 0o600;
const FOLDER_MODE: u32 = 0o700;

/// Makes a file that is not there yet; nor may there be a link of its name.
///
/// # Errors
/// `AlreadyExists`, and whatever else keeps it from being made.
pub(crate) fn create(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(FILE_MODE).open(path)
}

/// Opens a file to be written further, or makes it. One that is there is nobody else's from now on.
///
/// # Errors
/// That it can be neither opened nor made.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    let mut new = OpenOptions::new();
    let file = new.write(true).create(true).truncate(false).mode(FILE_MODE).open(path)?;
    let found = file.metadata()?;
    if found.is_file() && found.permissions().mode() & 0o777 != FILE_MODE {
        file.set_permissions(Permissions::from_mode(FILE_MODE))?;
    }
    Ok(file)
}

/// Writes a whole file in place of the one that may be there, in a folder that is created if there is none. A process that
/// reads it finds this one or the one before, whole.
///
/// # Errors
/// That it cannot be written.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        folder(parent)?;
    }
    let mut draft = path.as_os_str().to_owned();
    draft.push(".tmp");
    let draft = PathBuf::from(draft);
    // Of a process that has died, or a link that somebody else has put there.
    if let Err(error) = fs::remove_file(&draft)
        && error.kind() != io::ErrorKind::NotFound
    {
        return Err(error);
    }
    let mut file = create(&draft)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&draft, path)?;
    // The name itself must outlive a power cut: of what it names, nothing else may be left elsewhere.
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    File::open(parent.unwrap_or_else(|| Path::new(".")))?.sync_all()
}

/// Whether others than the owner may read a file, or write it.
///
/// # Errors
/// That it is not there, or cannot be looked at.
pub(crate) fn is_open_to_others(path: &Path) -> io::Result<bool> {
    Ok(fs::metadata(path)?.permissions().mode() & 0o077 != 0)
}

/// Makes a folder that is not there yet.
///
/// # Errors
/// `AlreadyExists`, and whatever else keeps it from being made.
pub(crate) fn new_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().mode(FOLDER_MODE).create(path)
}

/// Makes a folder, and those around it, if it is not there.
///
/// # Errors
/// That it cannot be made.
pub(crate) fn folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(FOLDER_MODE).create(path)
}
