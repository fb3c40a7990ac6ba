//! The rejected lines of an import, so that people can correct them.

use std::{
    fs::File,
    io::{self, BufWriter, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
};

use crate::{cli::Failure, private_file};

/// The file that they go into.
pub(super) struct Rejects {
    path: PathBuf,
    file: BufWriter<File>,
    bytes: u64,
}

impl Rejects {
    /// A new file; or, where an earlier run has kept that many bytes, its file, to be gone on with.
    ///
    /// # Errors
    /// That it cannot be written, or would overwrite something.
    pub(super) fn open(path: &Path, kept: Option<u64>) -> Result<Self, Failure> {
        let open = || {
            // There may be passwords in it, and hashes of them.
            let mut file = private_file::open(path)?;
            let there = file.metadata()?.len();
            if kept.is_none() && there > 0 {
                return Err(io::Error::other("it is not empty"));
            }
            // What came behind is of lines that will be looked at again.
            let bytes = kept.unwrap_or(0).min(there);
            file.set_len(bytes)?;
            file.seek(SeekFrom::Start(bytes))?;
            Ok(Self { path: path.to_owned(), file: BufWriter::new(file), bytes })
        };
        open().map_err(|error| unusable(path, &error))
    }

    pub(super) fn add(&mut self, line: &[u8]) -> Result<(), Failure> {
        let end: &[u8] = if line.ends_with(b"\n") { b"" } else { b"\n" };
        self.bytes += (line.len() + end.len()) as u64;
        let written = self.file.write_all(line).and_then(|()| self.file.write_all(end));
        written.map_err(|error| unusable(&self.path, &error))
    }

    /// Sees that all of it is on disk; how many bytes that are.
    pub(super) fn keep(&mut self) -> Result<u64, Failure> {
        let kept = self.file.flush().and_then(|()| self.file.get_ref().sync_data());
        kept.map_err(|error| unusable(&self.path, &error))?;
        Ok(self.bytes)
    }
}

fn unusable(path: &Path, error: &io::Error) -> Failure {
    let path = path.display();
    format!("cannot write rejected lines to {path}: {error}; name another file with --rejects")
        .into()
}
