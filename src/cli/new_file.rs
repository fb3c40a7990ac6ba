//! A new file for what nobody else may read: what is there already is never written over.

use std::{fs::File, io, path::Path};

use crate::private_file;

/// A file that is not there yet, which nobody else may read from its first moment on; `flag` is where
/// another one can be named.
///
/// # Errors
/// Why it cannot be made, for the person who named it.
pub(super) fn create(path: &Path, flag: &str) -> Result<File, String> {
    private_file::create(path).map_err(|error| {
        let path = path.display();
        if error.kind() == io::ErrorKind::AlreadyExists {
            return format!("{path} already exists; name a new file with {flag}");
        }
        format!("cannot create {path}: {error}")
    })
}
