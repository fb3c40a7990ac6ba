//! When an email was last taken, and when and why one was last refused: exact within a process, and noted in the
//! table now and then, so that a note costs next to nothing however many emails leave.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use super::{advice::Advice, courier::Courier};
use crate::{
    clock::Timestamp,
    store::{
        Result,
        outbox::tries::{FailedTry, LastTries},
    },
};

/// How long a note in the table stays as it is.
const PAUSE: Duration = Duration::from_mins(1);

/// What one process knows of it.
#[derive(Default)]
pub struct Tries(Mutex<State>);

#[derive(Clone, Default)]
struct State {
    sent: Option<Timestamp>,
    sent_noted: Option<Timestamp>,
    failed: Option<FailedTry>,
    failed_noted: Option<Timestamp>,
}

impl Tries {
    /// Takes down that an email was taken; whether that is to be noted in the table.
    pub(super) fn sent(&self, at: Timestamp) -> bool {
        let mut state = self.state();
        state.sent = Some(at);
        is_due(&mut state.sent_noted, at)
    }

    /// Takes down that one was not; what is to be noted in the table, if it is time.
    pub(super) fn failed(
        &self,
        at: Timestamp,
        why: &str,
        advice: Option<Advice>,
    ) -> Option<FailedTry> {
        let advice = advice.map(|advice| advice.code().to_owned());
        let failed = FailedTry { at, why: without_addresses(why), advice };
        let mut state = self.state();
        state.failed = Some(failed.clone());
        is_due(&mut state.failed_noted, at).then_some(failed)
    }

    /// The last of each.
    fn last(&self) -> (Option<Timestamp>, Option<FailedTry>) {
        let State { sent, failed, .. } = self.state().clone();
        (sent, failed)
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Courier {
    /// Notes that an email was taken.
    pub(super) async fn taken(&self) -> Result<()> {
        self.metrics.letters().sent.inc();
        let now = self.clock.now();
        if self.tries.sent(now) {
            warn_of(self.store.note_email_sent(now).await);
        }
        self.well().await
    }

    /// Notes that one was not taken, why, and what to do about it.
    pub(super) async fn not_taken(&self, why: &str, advice: Option<Advice>) {
        if let Some(failed) = self.tries.failed(self.clock.now(), why, advice) {
            warn_of(self.store.note_email_failed(&failed).await);
        }
    }

    /// When an email was last taken on any node, and when and why one was last refused.
    ///
    /// # Errors
    /// Those of the table.
    pub(crate) async fn last_tries(&self) -> Result<LastTries> {
        let (sent, failed) = self.tries.last();
        let noted = self.store.last_tries().await?;
        Ok(LastTries {
            sent: noted.sent.max(sent),
            failed: noted.failed.into_iter().chain(failed).max_by_key(|failed| failed.at),
        })
    }
}

/// The email's own lot does not depend on the note.
fn warn_of(noted: Result<()>) {
    if let Err(error) = noted {
        tracing::warn!(%error, "when an email last left is not noted");
    }
}

fn is_due(noted: &mut Option<Timestamp>, at: Timestamp) -> bool {
    let is_due = noted.is_none_or(|noted| at < noted || at.since(noted) >= PAUSE);
    if is_due {
        *noted = Some(at);
    }
    is_due
}

/// A server's words without the addresses of recipients, which it likes to repeat.
fn without_addresses(text: &str) -> String {
    let is_of_address = |c: char| !c.is_whitespace() && !"<>()[]\"',;:".contains(c);
    let mut rest = text;
    let mut kept = String::with_capacity(text.len());
    while let Some(start) = rest.find(is_of_address) {
        let (before, from) = rest.split_at(start);
        let (word, after) = from.split_at(from.find(|c| !is_of_address(c)).unwrap_or(from.len()));
        kept.push_str(before);
        kept.push_str(if word.contains('@') { "…" } else { word });
        rest = after;
    }
    kept + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_kept_and_addresses_are_not() {
        for (said, kept) in [
            ("550 5.1.1 <bob@example.com>: no such user", "550 5.1.1 <…>: no such user"),
            ("bob+x@example.com", "…"),
            ("mailto:bob@example.com, (ann@b.example) gone", "mailto:…, (…) gone"),
            ("connection refused (os error 111)", "connection refused (os error 111)"),
            ("", ""),
        ] {
            assert_eq!(without_addresses(said), kept);
        }
    }

    #[test]
    fn the_table_hears_of_it_once_a_minute() {
        let tries = Tries::default();
        let at = |seconds: i64| Timestamp::from_millis(1_800_000_000_000 + seconds * 1000);
        assert_eq!(
            [0, 1, 59, 60, 61].map(|second| tries.sent(at(second))),
            [true, false, false, true, false]
        );
        assert!(tries.failed(at(61), "no", None).is_some());
        assert!(tries.failed(at(62), "no <a@b.example>", Some(Advice::CheckSender)).is_none());
        let last = tries.last().1.unwrap();
        assert_eq!((last.why.as_str(), last.advice.as_deref()), ("no <…>", Some("check_sender")));
        // Somebody has set the clock back.
        assert!(tries.sent(at(-3600)));
    }
}
