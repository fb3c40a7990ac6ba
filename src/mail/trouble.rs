//! Times in which the mail server takes no emails at all: none is to blame, one at a time tries whether they
//! are over.

use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use super::refusal::Fault;
use crate::{clock::Timestamp, model::email::Email};

/// The pause after the first try in vain; each further one doubles it.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_mins(5);
/// The longest pause where it is not certain that the sender is at fault: somebody may have had emails sent
/// that are refused, and others must not wait for long.
const LONGEST_PAUSE_IF_UNCLEAR: Duration = Duration::from_secs(15);
/// How many recipients in a row, of how many domains, make it the sender's fault.
const UNCLEAR: (usize, usize) = (3, 2);

/// What one process knows of it.
#[derive(Default)]
pub struct Trouble(Box<Mutex<State>>);

#[derive(Default)]
struct State {
    now: Option<Now>,
    /// Recipients refused for an unclear reason since an email was last taken.
    unclear: BTreeSet<Email>,
    /// Whether an email was taken yet.
    taken: bool,
}

struct Now {
    since: Timestamp,
    unclear: bool,
    tries: u32,
    next: Instant,
}

/// What has become known.
pub(super) struct Known {
    /// Whether it has only begun.
    pub(super) begun: bool,
    /// Since when.
    pub(super) since: Timestamp,
    /// How long until the next try.
    pub(super) pause: Duration,
}

impl Trouble {
    /// How many emails may be taken up, where there is room for so many and so many are under way.
    pub(super) fn admits(&self, room: usize, under_way: usize) -> usize {
        match &self.state().now {
            None => room,
            Some(now) if under_way == 0 && now.next <= Instant::now() => room.min(1),
            Some(_) => 0,
        }
    }

    /// How long until the next try; `None` where nothing is wrong.
    pub(super) fn pause(&self) -> Option<Duration> {
        let state = self.state();
        state.now.as_ref().map(|now| now.next.saturating_duration_since(Instant::now()))
    }

    /// Notes that an email was taken; whether a note of trouble may be left to be struck off.
    pub(super) fn over(&self) -> Over {
        let mut state = self.state();
        state.unclear.clear();
        let first = !std::mem::replace(&mut state.taken, true);
        match state.now.take() {
            Some(_) => Over::Now,
            None if first => Over::BeforeThisProcess,
            None => Over::Nothing,
        }
    }

    /// Notes that an email was refused; what that says of the server, if it does.
    pub(super) fn refused(&self, to: &Email, fault: Fault, at: Timestamp) -> Option<Known> {
        let mut state = self.state();
        let unclear = match fault {
            Fault::Email | Fault::Passing | Fault::Unclear { counts: false } => return None,
            Fault::Sender => false,
            Fault::Unclear { counts: true } => {
                if state.unclear.len() < 100 {
                    state.unclear.insert(to.clone());
                }
                let domains: BTreeSet<_> = state.unclear.iter().map(domain).collect();
                let enough = state.unclear.len() >= UNCLEAR.0 && domains.len() >= UNCLEAR.1;
                if state.now.is_none() && !enough {
                    return None;
                }
                true
            }
        };
        let begun = state.now.is_none();
        let now =
            state.now.get_or_insert(Now { since: at, unclear, tries: 0, next: Instant::now() });
        // Emails that were under way together are one try.
        if begun || now.next <= Instant::now() {
            now.unclear = unclear;
            let doublings = 1_u32.checked_shl(now.tries).unwrap_or(u32::MAX);
            let longest = if unclear { LONGEST_PAUSE_IF_UNCLEAR } else { LONGEST_PAUSE };
            now.tries += 1;
            now.next = Instant::now() + FIRST_PAUSE.saturating_mul(doublings).min(longest);
        }
        let pause = now.next.saturating_duration_since(Instant::now());
        Some(Known { begun, since: now.since, pause })
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What an email that was taken means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Over {
    /// Nothing: all was well before.
    Nothing,
    /// It is the first of this process; an earlier one may have left a note of trouble.
    BeforeThisProcess,
    /// The trouble is over.
    Now,
}

/// Where an email goes to.
pub(super) fn domain(to: &Email) -> &str {
    to.as_str().rsplit_once('@').map_or("", |(_, domain)| domain)
}
