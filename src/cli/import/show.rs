//! What is seen of an import while it goes on: a bar on a terminal, a line now and then elsewhere.

use std::{
    io::{IsTerminal as _, stderr},
    time::Duration,
};

use indicatif::{HumanCount, HumanDuration, ProgressBar, ProgressStyle};
use tokio::time::Instant;

use super::lines::Place;
use crate::cli::complain;

/// How many lines there are between two that tell of the progress.
const EVERY: u64 = 10_000;
/// How often a bar is drawn.
const TICK: Duration = Duration::from_millis(200);

/// The progress of one run.
pub(super) struct Show {
    bar: Option<ProgressBar>,
    /// The size of the file; of stdin nobody knows it.
    bytes: Option<u64>,
    from: Place,
    began: Instant,
}

impl Show {
    pub(super) fn new(bytes: Option<u64>, from: Place) -> Self {
        let bar = stderr().is_terminal().then(|| bar(bytes));
        Self { bar, bytes, from, began: Instant::now() }
    }

    /// All lines up to `place` are settled.
    pub(super) fn reached(&self, place: Place) {
        if let Some(bar) = &self.bar {
            bar.set_position(place.offset);
            bar.set_message(self.pace(place));
        } else if place.line.is_multiple_of(EVERY) {
            let left = self.left(place).map(|left| format!(", {} left", HumanDuration(left)));
            complain(&format!("{}{}", self.pace(place), left.unwrap_or_default()));
        }
    }

    /// Says something in between.
    pub(super) fn say(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| complain(text)),
            None => complain(text),
        }
    }

    pub(super) fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    fn pace(&self, place: Place) -> String {
        let lines = u128::from(place.line - self.from.line);
        let rate = lines * 1000 / self.began.elapsed().as_millis().max(1);
        let rate = HumanCount(u64::try_from(rate).unwrap_or(u64::MAX));
        format!("{} lines, {rate} per second", HumanCount(place.line))
    }

    /// How long the rest will take at the pace of this run.
    fn left(&self, place: Place) -> Option<Duration> {
        let left = self.bytes?.saturating_sub(place.offset);
        let done = (place.offset - self.from.offset).max(1);
        let millis = self.began.elapsed().as_millis() * u128::from(left) / u128::from(done);
        Some(Duration::from_millis(u64::try_from(millis).unwrap_or(u64::MAX)))
    }
}

fn bar(bytes: Option<u64>) -> ProgressBar {
    let (bar, template) = match bytes {
        Some(bytes) => (ProgressBar::new(bytes), "{bar:30} {percent}%  {msg}, {eta} left"),
        None => (ProgressBar::new_spinner(), "{spinner} {msg}"),
    };
    bar.enable_steady_tick(TICK);
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
