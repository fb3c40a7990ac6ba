//! Whether the file is still the one that was opened, and sound.

use std::{
    fs::metadata,
    io,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use super::{Error, Result};

/// What the parts of a table are called: the file itself, its log, and the log's index.
const PARTS: [&str; 3] = ["", "-wal", "-shm"];

/// What is known of the file. Once it is found to be damaged that stays so until the program is started anew.
pub(super) struct Health {
    parts: Vec<Part>,
    broken: OnceLock<String>,
}

/// A file, and which one it was.
struct Part {
    path: PathBuf,
    device: u64,
    inode: u64,
}

impl Health {
    /// Notes which files there are; all of them, as soon as a connection has read.
    pub(super) fn new(path: &Path) -> io::Result<Self> {
        let part = |end: &&str| -> io::Result<Part> {
            let mut path = path.as_os_str().to_owned();
            path.push(end);
            let found = metadata(&path)?;
            Ok(Part { path: path.into(), device: found.dev(), inode: found.ino() })
        };
        let parts = PARTS.iter().map(part).collect::<io::Result<_>>()?;
        Ok(Self { parts, broken: OnceLock::new() })
    }

    /// Checks that opening the table now would open the same file.
    ///
    /// # Errors
    /// `Unavailable` if it is not; `Broken` if the file is damaged.
    pub(super) fn check(&self) -> Result<()> {
        if let Some(why) = self.broken.get() {
            return Err(Error::Broken(why.clone()));
        }
        self.parts.iter().try_for_each(Part::check)
    }

    /// Takes note of a file that is damaged, if that is what an error says.
    pub(super) fn note<T>(&self, result: Result<T>) -> Result<T> {
        if let Err(Error::Broken(why)) = &result
            && self.broken.set(why.clone()).is_ok()
        {
            tracing::error!(
                why,
                "the table is damaged, so nothing more is written; restore it from a backup"
            );
        }
        result
    }
}

impl Part {
    fn check(&self) -> Result<()> {
        let trouble = match metadata(&self.path) {
            Ok(found) if (found.dev(), found.ino()) == (self.device, self.inode) => return Ok(()),
            Ok(_) => "is not the file that was opened".to_owned(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => "was deleted".to_owned(),
            Err(error) => format!("cannot be looked at: {error}"),
        };
        Err(Error::Unavailable(format!(
            "{} {trouble}; put the file back, or restart the program",
            self.path.display()
        )))
    }
}
