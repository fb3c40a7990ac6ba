//! The write-ahead log as it lies on disk, and whether it belongs to the file beside it.
//!
//! SQLite puts back into a file whatever whole log lies beside it, also one that was left by another file of that
//! name: a table and an older copy of it are mixed page by page then. So each table has a stamp in its first page,
//! which starts at random and is one further in each log. A log belongs to a file whose stamp is one of the log's
//! own, or the one before.
//!
//! The format: <https://www.sqlite.org/fileformat2.html#the_write_ahead_log>.

use std::{
    fs::File,
    io::{self, BufReader, ErrorKind},
    os::unix::fs::FileExt as _,
    path::{Path, PathBuf},
};

use crate::random::Random;

/// How many bytes the log's header has, a page's header in it, and the file's header.
const HEADER: usize = 32;
const FRAME: usize = 24;
const FILE_HEADER: usize = 100;
/// What the log begins with, but for the last bit, which tells in which order the bytes of checksums are.
const MAGIC: u32 = 0x377f_0682;
/// Where the number lies in the file's header that SQLite leaves to programs (`user_version`).
const USER_VERSION: usize = 60;

/// The stamps that a log has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamps {
    first: Stamp,
    last: Stamp,
}

/// What makes one log another than the one before in the same file.
pub(super) type Salts = [u8; 8];

/// Whether the log beside the file at `path` can have come from it. One that does not say is believed.
///
/// # Errors
/// That one of them cannot be read.
pub(super) fn belongs(path: &Path) -> io::Result<bool> {
    let Some(log) = existing(&beside(path))? else { return Ok(true) };
    let mut log = BufReader::new(log);
    let mut header = [0; HEADER];
    if !fill(&mut log, &mut header)? {
        return Ok(true);
    }
    let mut file_header = [0; FILE_HEADER];
    let whole = existing(path)?.map_or(Ok(false), |mut file| fill(&mut file, &mut file_header))?;
    let Some(stamps) = stamps(&header, log)? else { return Ok(true) };
    // An empty file is nothing that a log goes on from.
    let found = number(&file_header, USER_VERSION).filter(|_| whole);
    Ok(found.is_some_and(|found| Stamp::of(found).is_within(stamps)))
}

/// The salts of the log that lies there at the moment; none if there is none.
pub(super) fn salts(log: &File) -> io::Result<Option<Salts>> {
    let mut salts = Salts::default();
    match log.read_exact_at(&mut salts, 16) {
        Ok(()) => Ok(Some(salts)),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(None),
        Err(error) => Err(error),
    }
}

/// Where the log of a file lies.
pub(super) fn beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-wal");
    name.into()
}

/// A number that is one further in each log. It shares a field with the version of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp(u32);

impl Stamp {
    const VERSION_BITS: u32 = 8;
    /// How many there are; then they begin anew.
    const COUNT: u32 = 1 << (32 - Self::VERSION_BITS);

    /// One that nobody else is likely to have.
    pub(super) fn random() -> Self {
        Self(u32::from_le_bytes(Random::System.bytes()) % Self::COUNT)
    }

    /// The one in the field.
    pub(super) fn of(field: u32) -> Self {
        Self(field >> Self::VERSION_BITS)
    }

    /// The field with it and that version.
    pub(super) fn with(self, version: u8) -> u32 {
        self.0 << Self::VERSION_BITS | u32::from(version)
    }

    pub(super) fn next(self) -> Self {
        Self((self.0 + 1) % Self::COUNT)
    }

    /// How many steps it is behind another.
    fn behind(self, other: Self) -> u32 {
        (other.0 + Self::COUNT - self.0) % Self::COUNT
    }

    /// Whether it is one of those, or the one before.
    fn is_within(self, stamps: Stamps) -> bool {
        self.behind(stamps.last) <= stamps.first.behind(stamps.last) + 1
    }
}

fn existing(path: &Path) -> io::Result<Option<File>> {
    match File::open(path) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether there was that much to read.
fn fill(from: &mut impl io::Read, bytes: &mut [u8]) -> io::Result<bool> {
    match from.read_exact(bytes) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

/// The stamps in the log, up to the last commit that is whole.
fn stamps(header: &[u8; HEADER], mut log: impl io::Read) -> io::Result<Option<Stamps>> {
    let magic = number(header, 0).unwrap_or_default();
    let size = number(header, 8).and_then(|size| usize::try_from(size).ok());
    let (Some(salts), Some(size)) = (header.get(16..24), size) else { return Ok(None) };
    let mut sum = Checksum { big: magic & 1 == 1, sums: [0, 0] };
    sum.add(header.get(..24).unwrap_or_default());
    if magic & !1 != MAGIC || !(512..=65_536).contains(&size) || !sum.is(header.get(24..)) {
        return Ok(None);
    }
    let (mut committed, mut pending) = (None, None);
    let (mut frame, mut page) = ([0; FRAME], vec![0; size]);
    while fill(&mut log, &mut frame)? && fill(&mut log, &mut page)? {
        sum.add(frame.get(..8).unwrap_or_default());
        sum.add(&page);
        if frame.get(8..16) != Some(salts) || !sum.is(frame.get(16..)) {
            break;
        }
        if number(&frame, 0) == Some(1)
            && let Some(last) = number(&page, USER_VERSION).map(Stamp::of)
        {
            let before: Option<Stamps> = pending.or(committed);
            pending = Some(Stamps { first: before.map_or(last, |it| it.first), last });
        }
        // The last page of a commit says how many pages the file has by then.
        if number(&frame, 4) != Some(0) {
            committed = pending.take().or(committed);
        }
    }
    Ok(committed)
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..at + 4)?.try_into().ok()?;
    Some(u32::from_be_bytes(bytes))
}

/// The checksum that goes through a log.
struct Checksum {
    big: bool,
    sums: [u32; 2],
}

impl Checksum {
    fn add(&mut self, bytes: &[u8]) {
        let (words, _) = bytes.as_chunks::<4>();
        let read = if self.big { u32::from_be_bytes } else { u32::from_le_bytes };
        let [mut one, mut two] = self.sums;
        let (pairs, _) = words.as_chunks::<2>();
        for [first, second] in pairs {
            one = one.wrapping_add(read(*first)).wrapping_add(two);
            two = two.wrapping_add(read(*second)).wrapping_add(one);
        }
        self.sums = [one, two];
    }

    /// Whether it stands there.
    fn is(&self, bytes: Option<&[u8]>) -> bool {
        let [one, two] = self.sums;
        bytes.is_some_and(|bytes| number(bytes, 0) == Some(one) && number(bytes, 4) == Some(two))
    }
}
