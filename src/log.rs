//! The log: lines that leave for stderr on a thread of their own.
//!
//! Writing to stderr can block, as on a pipe that nobody empties, and fail, as on a full disk. Neither is a
//! reason to hold up a request or to end anything: a line that cannot leave is dropped and counted.

use std::{
    any::Any,
    io::{self, IsTerminal as _, Write},
    panic::PanicHookInfo,
    sync::{
        atomic::{AtomicU64, Ordering},
        mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel},
    },
    thread,
    time::{Duration, Instant},
};

use tracing_subscriber::{EnvFilter, fmt::MakeWriter};

use crate::config::LogSettings;

/// Keeps security events out of what commands print.
const NO_EVENTS: &str = "guestlist::security=off";
/// How many lines may wait to be written.
const QUEUE: usize = 1024;
/// How long the end of the program waits for lines that have not left.
const LAST_LINES: Duration = Duration::from_secs(1);
/// The pause before a full queue is tried again at the end.
const PAUSE: Duration = Duration::from_millis(10);

/// How many lines could not be written; of the process, since its stderr is, too.
static LOST: AtomicU64 = AtomicU64::new(0);

/// Why there is no log.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LogError {
    /// The filter cannot be read.
    #[error(transparent)]
    Filter(#[from] tracing_subscriber::filter::ParseError),
    /// The thread cannot be started.
    #[error("cannot write the log: {0}")]
    Thread(#[from] io::Error),
    /// There is one already.
    #[error(transparent)]
    Taken(#[from] Box<dyn std::error::Error + Send + Sync>),
}

/// The log's end. Dropping it waits a moment for the lines that have not left.
pub struct Log(SyncSender<Message>);

/// What the thread is sent.
enum Message {
    /// A line to write.
    Line(Vec<u8>),
    /// All lines before it are to be out.
    Flush(SyncSender<()>),
}

/// How many lines have been lost so far: stderr could not be written, or could not keep up.
pub fn lost() -> u64 {
    LOST.load(Ordering::Relaxed)
}

/// Starts the log of the process; panics are written there, too. Security events are, if it `serves`: what is
/// done on the command line stands in the audit trail, and the person who types it knows it.
///
/// # Errors
/// If the filter is none, or there is a log already.
pub fn start(settings: &LogSettings, serves: bool) -> Result<Log, LogError> {
    let filter = EnvFilter::try_new(&settings.filter)?;
    let filter = if serves { filter } else { filter.add_directive(NO_EVENTS.parse()?) };
    let (sender, messages) = sync_channel(QUEUE);
    thread::Builder::new().name("log".to_owned()).spawn(move || run(&messages, io::stderr))?;
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(io::stderr().is_terminal())
        .with_writer(Lines(sender.clone()));
    if settings.json {
        log.json().with_current_span(true).with_span_list(false).try_init()?;
    } else {
        log.try_init()?;
    }
    std::panic::set_hook(Box::new(note_panic));
    Ok(Log(sender))
}

/// What a panic was raised with, if that is a text.
pub(crate) fn panic_text(payload: &(dyn Any + Send)) -> &str {
    let text = payload.downcast_ref::<&str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no reason given")
}

fn note_panic(panic: &PanicHookInfo<'_>) {
    let thread = thread::current();
    let thread = thread.name().unwrap_or("unnamed");
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    let why = panic.payload_as_str().unwrap_or("no reason given");
    tracing::error!(thread, place, why, "panic: this is a bug of Guestlist, please report it");
}

/// Writes lines until no end of the log is left.
fn run<W: Write>(messages: &Receiver<Message>, to: impl Fn() -> W) {
    while let Ok(message) = messages.recv() {
        match message {
            Message::Line(line) => {
                if to().write_all(&line).is_err() {
                    LOST.fetch_add(1, Ordering::Relaxed);
                }
            }
            // Who waited no longer does not want to know.
            Message::Flush(done) => drop(done.try_send(())),
        }
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        let until = Instant::now() + LAST_LINES;
        let (done, flushed) = sync_channel(1);
        let mut message = Message::Flush(done);
        while let Err(TrySendError::Full(back)) = self.0.try_send(message) {
            if Instant::now() >= until {
                return;
            }
            message = back;
            thread::sleep(PAUSE);
        }
        match flushed.recv_timeout(until.saturating_duration_since(Instant::now())) {
            // Whatever has not left by now is not waited for.
            Ok(()) | Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {}
        }
    }
}

/// Where the subscriber writes: to the thread.
struct Lines(SyncSender<Message>);

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Line<'a>;

    fn make_writer(&'a self) -> Self::Writer {
        Line(&self.0)
    }
}

/// Takes one line; never fails and never waits.
struct Line<'a>(&'a SyncSender<Message>);

impl Write for Line<'_> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.0.try_send(Message::Line(line.to_owned())).is_err() {
            LOST.fetch_add(1, Ordering::Relaxed);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
