//! How far an import has come: kept in `FILE.import` beside its file, so that the next run goes on from
//! there.

use std::{
    fs::{self, File},
    io::{self, Read as _, Seek as _, SeekFrom},
    path::{Path, PathBuf},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

use super::{Counts, lines::Place};
use crate::{cli::Failure, private_file, secret::sha256};

/// How much of a file its fingerprint is made of, in bytes.
const FINGERPRINT_BYTES: u64 = 64 * 1024;

/// What is known of an import whose end is not reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Bookmark {
    /// Which file it is.
    pub(super) file: Fingerprint,
    /// Where lines go that name no account; another table has another one.
    pub(super) account: String,
    /// All lines up to here are settled.
    pub(super) line: u64,
    /// The bytes before the first line that may not be.
    pub(super) offset: u64,
    /// No line behind this one was begun.
    pub(super) begun: u64,
    /// What has become of the settled lines.
    pub(super) counts: Counts,
    /// How many bytes of rejected lines were kept, if they are.
    pub(super) rejects: Option<u64>,
    /// Where.
    #[serde(default)]
    rejects_file: Option<PathBuf>,
}

/// What tells one file from another, without reading all of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Fingerprint {
    bytes: u64,
    /// SHA-256 of the first 64 KiB, in base64url.
    beginning: String,
}

impl Fingerprint {
    /// The fingerprint of a file, which then stands at its beginning again.
    pub(super) fn of(file: &mut File) -> io::Result<Self> {
        let mut beginning = Vec::new();
        file.take(FINGERPRINT_BYTES).read_to_end(&mut beginning)?;
        file.seek(SeekFrom::Start(0))?;
        let beginning = URL_SAFE_NO_PAD.encode(sha256(&beginning));
        Ok(Self { bytes: file.metadata()?.len(), beginning })
    }

    /// The file's size.
    pub(super) const fn bytes(&self) -> u64 {
        self.bytes
    }
}

impl Bookmark {
    /// The bookmark of an import that has not begun.
    pub(super) fn new(file: Fingerprint, account: String) -> Self {
        let counts = Counts::default();
        Self {
            file,
            account,
            line: 0,
            offset: 0,
            begun: 0,
            counts,
            rejects: None,
            rejects_file: None,
        }
    }

    pub(super) const fn place(&self) -> Place {
        Place { line: self.line, offset: self.offset }
    }

    /// Goes on from the bookmark kept at `path`, if there is one.
    ///
    /// # Errors
    /// That it is of another file or account, and what to do.
    pub(super) fn resume(self, path: &Path) -> Result<Self, Failure> {
        let shown = path.display();
        let kept = match fs::read(path) {
            Ok(kept) => kept,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(self),
            Err(error) => return Err(format!("{shown} cannot be read: {error}").into()),
        };
        let anew = "to start again from the first line, add --restart";
        let kept: Self = serde_json::from_slice(&kept).map_err(|error| {
            format!("{shown} does not say how far the import got ({error}); {anew}")
        })?;
        if kept.file != self.file {
            let why = "belongs to another file with this name, or the file has changed since";
            return Err(format!("{shown} {why}; {anew}").into());
        }
        if kept.account != self.account {
            let (kept, given) = (kept.account, self.account);
            let why = "belongs to an import into account";
            return Err(
                format!("{shown} {why} {kept}, and this one is into {given}; {anew}").into()
            );
        }
        Ok(kept)
    }

    /// The same with the file that rejected lines go to, which must stay the same.
    ///
    /// # Errors
    /// That the run before had another one.
    pub(super) fn with_rejects(self, path: Option<&PathBuf>) -> Result<Self, Failure> {
        match (&self.rejects_file, path) {
            (Some(known), Some(path)) if known != path => {
                let known = known.display();
                Err(format!(
                    "the interrupted import keeps rejected lines in {known}: name that file, or start again with \
                             --restart"
                )
                .into())
            }
            (known, path) => {
                let rejects_file = path.or(known.as_ref()).cloned();
                Ok(Self { rejects_file, ..self })
            }
        }
    }

    /// Keeps the bookmark: a reader finds this one or the previous one, complete.
    ///
    /// # Errors
    /// That it cannot be written, and what to do.
    pub(super) fn keep(&self, path: &Path) -> Result<(), Failure> {
        let write = || private_file::replace(path, serde_json::to_string(self)?.as_bytes());
        write().map_err(|error| {
            format!(
                "cannot write {}: {error}; move the import file to a writable folder",
                path.display()
            )
            .into()
        })
    }
}

/// Forgets how far an earlier run has come.
pub(super) fn forget(path: &Path) -> Result<(), Failure> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(format!("{} cannot be removed: {error}", path.display()).into())
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// The path with something behind its name.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
