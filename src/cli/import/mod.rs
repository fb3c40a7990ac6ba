//! `guestlist user import`: accounts, sign-ins and users from lines of JSON, many at a time, going on from
//! where it stopped.

mod bookmark;
mod kind;
mod lines;
mod make;
mod rejects;
mod run;
mod show;

use std::{
    fmt,
    fs::{File, TryLockError},
    io::{self, BufRead as _, BufReader, Cursor, Read, Seek as _, SeekFrom},
    mem,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use indicatif::HumanCount;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use self::{
    bookmark::{Bookmark, Fingerprint, beside},
    kind::home_of,
    lines::{MAX_LINE_BYTES, follow},
    make::Maker,
    rejects::Rejects,
    run::{Queue, Run},
    show::Show,
};
use super::{
    Failure,
    ending::Ending,
    operator::{Operator, account_flag},
};
use crate::{config::Settings, contract};

/// What has become of the lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Counts {
    made: u64,
    there: u64,
    bad: u64,
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { made, there, bad } = *self;
        write!(f, "{} imported", HumanCount(made))?;
        if there > 0 {
            write!(f, ", {} already existed", HumanCount(there))?;
        }
        write!(f, ", {} rejected", HumanCount(bad))
    }
}

pub(super) fn command() -> Command {
    Command::new("import").after_help("Example:\n  guestlist user import users.ndjson --rejects bad.ndjson")
        .about("Import users and accounts from a file")
        .long_about(
            "Import users from a file in NDJSON: each line is a JSON object with the fields of user/create. \
             Lines of other types, as user export writes them, are accounts and sign-ins. See docs/cli.md.\n\n\
             The progress is kept in FILE.import: if the import is interrupted, run the same command again to \
             resume it. Nobody is imported twice. An import from stdin cannot be resumed.",
        )
        .args([
            Arg::new("file")
                .value_name("FILE")
                .required(true)
                .value_parser(value_parser!(PathBuf))
                .help("File to import, or - for stdin"),
            account_flag("Account for lines without accountId [default: the home account]"),
            Arg::new("one-account")
                .long("one-account")
                .action(ArgAction::SetTrue)
                .help(
                    "Import all users into that account, whatever their accountId, and skip the lines of \
                     accounts",
                ),
            Arg::new("trust-sign-ins")
                .long("trust-sign-ins")
                .action(ArgAction::SetTrue)
                .requires("one-account")
                .help(
                    "With --one-account, also import sign-ins, which open every account that the person is in; only \
                     if you trust the source of the file",
                ),
            Arg::new("rejects")
                .long("rejects")
                .value_name("FILE")
                .value_parser(value_parser!(PathBuf))
                .help("File to write rejected lines to; only its owner can read it"),
            Arg::new("restart")
                .long("restart")
                .action(ArgAction::SetTrue)
                .help("Start from the first line instead of resuming"),
        ])
}

pub(super) async fn import(settings: &Settings, flags: &ArgMatches) -> Result<ExitCode, Failure> {
    let path = flags.get_one::<PathBuf>("file").map_or(Path::new("-"), PathBuf::as_path);
    let mut source = Source::open(path)?;
    let operator = Operator::to_add(settings).await?;
    let all = flags.get_flag("one-account");
    let account = match source.home(&operator, flags).await? {
        Some(to_be) if !all => to_be,
        Some(_) | None => operator.account_to_add_to(flags).await?,
    };
    let here = account.as_str().unwrap_or_default().to_owned();
    let (lines, bookmark, kept_at) = match source {
        Source::File(mut file) => {
            let kept_at = beside(path, ".import");
            let first = Bookmark::new(Fingerprint::of(&mut file)?, here);
            // An older bookmark stays until the first of this run takes its place.
            let restart = flags.get_flag("restart");
            let bookmark = if restart { first } else { first.resume(&kept_at)? };
            file.seek(SeekFrom::Start(bookmark.offset))?;
            (follow(file, bookmark.place()), bookmark, Some(kept_at))
        }
        Source::Stream(stream) => {
            let bookmark = Bookmark::new(Fingerprint::default(), here);
            (follow(stream, bookmark.place()), bookmark, None)
        }
    };
    let rejects = flags.get_one::<PathBuf>("rejects");
    let bookmark = bookmark.with_rejects(rejects)?;
    let rejects = rejects.map(|path| Rejects::open(path, bookmark.rejects)).transpose()?;
    let bytes = kept_at.is_some().then(|| bookmark.file.bytes());
    let show = Show::new(bytes, bookmark.place());
    if bookmark.line > 0 {
        show.say(&format!("resuming after line {}", HumanCount(bookmark.line)));
    }
    let read_only = contract::endpoint("user/create")?.only_replied().collect();
    let trusts_sign_ins = !all || flags.get_flag("trust-sign-ins");
    let maker = Maker { operator, account, all, trusts_sign_ins, read_only };
    let run = Run {
        maker: Arc::new(maker),
        lines,
        begun_before: bookmark.begun,
        bookmark,
        kept_at,
        rejects,
        show,
        queue: Queue::default(),
        held: None,
    };
    run.run(Ending::watch()?).await
}

/// What is read.
enum Source {
    /// A file, which can be read from any place.
    File(File),
    /// Something that can be read once.
    Stream(Box<dyn Read + Send>),
}

impl Source {
    /// The account that the first line makes the home account, if there is none yet and no other one is
    /// named.
    async fn home(
        &mut self,
        operator: &Operator,
        flags: &ArgMatches,
    ) -> Result<Option<Value>, Failure> {
        if flags.contains_id("account") || operator.store().home_account().await?.is_some() {
            return Ok(None);
        }
        Ok(home_of(&self.first_line()?))
    }

    /// The first line, which is then read as if for the first time.
    fn first_line(&mut self) -> io::Result<Vec<u8>> {
        let mut line = Vec::new();
        match self {
            Self::File(file) => {
                BufReader::new(&*file).take(MAX_LINE_BYTES).read_until(b'\n', &mut line)?;
                file.seek(SeekFrom::Start(0))?;
            }
            Self::Stream(stream) => {
                let rest = mem::replace(stream, Box::new(io::empty()));
                let mut rest = BufReader::new(rest);
                rest.by_ref().take(MAX_LINE_BYTES).read_until(b'\n', &mut line)?;
                *stream = Box::new(Cursor::new(line.clone()).chain(rest));
            }
        }
        Ok(line)
    }

    /// Opens a file, which nobody else may import meanwhile; or stdin, a pipe or the like.
    fn open(path: &Path) -> Result<Self, Failure> {
        if path == Path::new("-") {
            return Ok(Self::Stream(Box::new(io::stdin())));
        }
        let shown = path.display();
        let unreadable = |error: io::Error| format!("{shown} cannot be read: {error}");
        let file = File::open(path).map_err(unreadable)?;
        let kind = file.metadata().map_err(unreadable)?.file_type();
        if kind.is_dir() {
            return Err(format!("{shown} is a folder; name a file with one user per line").into());
        }
        if !kind.is_file() {
            return Ok(Self::Stream(Box::new(file)));
        }
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => {
                Err(format!("{shown} is already being imported; wait until that is done").into())
            }
            // Where files cannot be locked there is just no such guard.
            Ok(()) | Err(TryLockError::Error(_)) => Ok(Self::File(file)),
        }
    }
}
