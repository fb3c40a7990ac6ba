//! One run of an import: many lines under way at once, settled in their order.

use std::{collections::VecDeque, io, path::PathBuf, process::ExitCode, sync::Arc};

use indicatif::HumanCount;
use tokio::{sync::mpsc, task::JoinSet};

use super::{
    bookmark::{self, Bookmark},
    kind::Kind,
    lines::{Line, Place},
    make::{Maker, Outcome},
    rejects::Rejects,
    show::Show,
};
use crate::cli::{Failure, ending::Ending, say};

/// The most calls under way; the table makes one commit of what waits.
const MAX_UNDER_WAY: usize = 64;
/// The most lines behind the last settled one, and the most bytes in them, so that a slow line does
/// not pile up those that overtake it.
const MAX_AHEAD: usize = 1024;
const MAX_AHEAD_BYTES: usize = 16 * 1024 * 1024;
/// How many lines may be begun until the bookmark is kept again.
const KEEP_EVERY: u64 = 1000;

/// An import on its way.
pub(super) struct Run {
    pub(super) maker: Arc<Maker>,
    pub(super) lines: mpsc::Receiver<io::Result<Line>>,
    pub(super) bookmark: Bookmark,
    /// Where the bookmark is kept; what comes from stdin has none.
    pub(super) kept_at: Option<PathBuf>,
    pub(super) rejects: Option<Rejects>,
    pub(super) show: Show,
    /// The last line that an earlier run may have begun.
    pub(super) begun_before: u64,
    pub(super) queue: Queue,
    /// A line that is not begun before all is there that it may name.
    pub(super) held: Option<Line>,
}

/// The lines that are begun and not yet settled with all before them.
#[derive(Default)]
pub(super) struct Queue {
    lines: VecDeque<Begun>,
    bytes: usize,
    under_way: JoinSet<(u64, Kind, Outcome)>,
    /// How many of each kind are under way.
    kinds: [usize; Kind::COUNT],
}

struct Begun {
    end: Place,
    bytes: usize,
    outcome: Option<Outcome>,
}

/// Why a run ends.
enum End {
    /// There are no more lines.
    Reached,
    /// Somebody has asked for it.
    Asked,
    /// It cannot go on.
    Failed(Failure),
}

impl Run {
    /// Runs until the end of the lines, or until it is asked to end or cannot go on; then finishes
    /// what is under way.
    pub(super) async fn run(mut self, mut ending: Ending) -> Result<ExitCode, Failure> {
        let mut end = None;
        loop {
            let begins = end.is_none() && self.held.is_none() && self.queue.has_room();
            if !begins && self.queue.under_way.is_empty() {
                break;
            }
            let step = tokio::select! {
                line = self.lines.recv(), if begins => match line {
                    Some(line) => self.begin(line),
                    None => Err(End::Reached),
                },
                Some(done) = self.queue.under_way.join_next() => match done {
                    Ok((line, kind, outcome)) => self.note_outcome((line, kind), outcome, end.is_none()),
                    Err(error) => Err(End::Failed(error.into())),
                },
                () = ending.asked() => match end {
                    // Asked twice: what is under way is looked at again by the next run.
                    Some(End::Asked) => break,
                    Some(End::Reached | End::Failed(_)) | None => Err(End::Asked),
                },
            };
            // A failure tells more than that there is no more to do.
            if let Err(reason) = step
                && !matches!(end, Some(End::Failed(_)))
            {
                end = Some(reason);
            }
        }
        self.show.end();
        self.finish(end.unwrap_or(End::Reached))
    }

    fn begin(&mut self, line: io::Result<Line>) -> Result<(), End> {
        let line = line.map_err(|error| {
            End::Failed(format!("cannot read the file further: {error}").into())
        })?;
        let kind = Kind::of(line.text.as_ref());
        if self.queue.is_ahead_of(kind) {
            self.held = Some(line);
            return Ok(());
        }
        let number = line.end.line;
        if number > self.bookmark.begun {
            self.bookmark.begun = number + KEEP_EVERY - 1;
            self.keep().map_err(End::Failed)?;
        }
        let bytes = line.text.as_ref().map_or(0, Vec::len);
        self.queue.lines.push_back(Begun { end: line.end, bytes, outcome: None });
        self.queue.bytes += bytes;
        let (maker, begun) = (Arc::clone(&self.maker), number <= self.begun_before);
        self.queue.begin(kind, async move { (number, kind, maker.make(line, begun).await) });
        Ok(())
    }

    /// Notes what has become of a line, and settles all that nothing stands before any more.
    fn note_outcome(
        &mut self,
        (number, kind): (u64, Kind),
        outcome: Outcome,
        goes_on: bool,
    ) -> Result<(), End> {
        self.queue.end(kind);
        if let Outcome::Failed(why) = outcome {
            return Err(End::Failed(why.into()));
        }
        let behind = number - self.bookmark.line - 1;
        let place = usize::try_from(behind).ok();
        if let Some(begun) = place.and_then(|place| self.queue.lines.get_mut(place)) {
            begun.outcome = Some(outcome);
        }
        while let Some(outcome) = self.queue.lines.front_mut().and_then(|it| it.outcome.take()) {
            if let Some(Begun { end, bytes, .. }) = self.queue.lines.pop_front() {
                self.queue.bytes -= bytes;
                self.note(end, outcome).map_err(End::Failed)?;
            }
        }
        match self.held.take() {
            Some(line) if goes_on => self.begin(Ok(line)),
            Some(_) | None => Ok(()),
        }
    }

    fn note(&mut self, end: Place, outcome: Outcome) -> Result<(), Failure> {
        let counts = &mut self.bookmark.counts;
        match outcome {
            Outcome::Made => counts.made += 1,
            Outcome::There(note) => {
                counts.there += 1;
                if let Some(note) = note {
                    self.show.say(&format!("line {}: {note}", end.line));
                }
            }
            Outcome::Bad(why, line) => {
                counts.bad += 1;
                self.show.say(&format!("line {}: {why}", end.line));
                if let (Some(rejects), Some(line)) = (&mut self.rejects, line) {
                    rejects.add(&line)?;
                }
            }
            Outcome::Blank | Outcome::Failed(_) => {}
        }
        self.bookmark.line = end.line;
        self.bookmark.offset = end.offset;
        self.show.reached(end);
        Ok(())
    }

    /// Keeps the bookmark and, before it, the rejected lines that it counts.
    fn keep(&mut self) -> Result<(), Failure> {
        if let Some(rejects) = &mut self.rejects {
            self.bookmark.rejects = Some(rejects.keep()?);
        }
        match &self.kept_at {
            Some(path) => self.bookmark.keep(path),
            None => Ok(()),
        }
    }

    fn finish(mut self, end: End) -> Result<ExitCode, Failure> {
        if self.queue.lines.is_empty() {
            self.bookmark.begun = self.bookmark.line;
        }
        if !matches!(end, End::Reached) {
            self.keep()?;
        } else if let Some(rejects) = &mut self.rejects {
            rejects.keep()?;
        }
        let counts = self.bookmark.counts;
        let said = say(&format!("{counts}\n"));
        let line = HumanCount(self.bookmark.line);
        let go_on = match &self.kept_at {
            Some(_) => "run the same command again to resume",
            None => "an import from stdin cannot be resumed: send only the lines after it",
        };
        match end {
            End::Reached => {
                if let Some(path) = &self.kept_at {
                    bookmark::forget(path)?;
                }
                said?;
                Ok(if counts.bad == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
            }
            End::Asked => Err(format!("stopped after line {line}; {go_on}").into()),
            End::Failed(why) => Err(format!("stopped after line {line}: {why}; {go_on}").into()),
        }
    }
}

impl Queue {
    /// Whether something is under way that a line of this kind may name.
    fn is_ahead_of(&self, kind: Kind) -> bool {
        self.kinds.iter().take(kind as usize).any(|under_way| *under_way > 0)
    }

    fn begin(
        &mut self,
        kind: Kind,
        work: impl Future<Output = (u64, Kind, Outcome)> + Send + 'static,
    ) {
        if let Some(under_way) = self.kinds.get_mut(kind as usize) {
            *under_way += 1;
        }
        self.under_way.spawn(work);
    }

    fn end(&mut self, kind: Kind) {
        if let Some(under_way) = self.kinds.get_mut(kind as usize) {
            *under_way -= 1;
        }
    }

    /// Whether another line may be begun.
    fn has_room(&self) -> bool {
        self.under_way.len() < MAX_UNDER_WAY
            && self.lines.len() < MAX_AHEAD
            && self.bytes < MAX_AHEAD_BYTES
    }
}
