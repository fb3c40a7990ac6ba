//! The time of day as deleting for good goes by it.
//!
//! A clock that somebody sets ahead by mistake makes everything look expired that was to be kept for days, and what
//! is deleted then does not come back when the clock does. So a leap ahead counts for nothing until the clock has
//! kept to its new time for an hour; up to then, time goes on from where it was.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use super::{Clock, Look, Moment, Timestamp};

/// How far ahead of the time that has gone by the time of day may be without any doubt: more than a clock that is
/// kept right by others is ever corrected by.
const DOUBTLESS: Duration = Duration::from_mins(10);
/// For how long a clock has to keep to a time that it was set ahead to.
const PROBATION: Duration = Duration::from_hours(1);

/// Follows a clock, and doubts its leaps.
#[derive(Debug)]
pub(crate) struct ConfirmedClock {
    clock: Clock,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// The last time of day that was beyond doubt.
    good: Look,
    /// What the clock shows since it was set ahead, and since when it does.
    doubted: Option<(Look, Moment)>,
}

/// What the time is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Confirmed {
    /// The time that may be gone by.
    pub(crate) now: Timestamp,
    /// What has come to light with this look.
    pub(crate) news: Option<News>,
}

/// What has become of the time of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum News {
    /// It was set ahead, by so much.
    Ahead(Duration),
    /// It has stayed there for so long that it is right.
    Confirmed,
    /// It was set back to what it was.
    Withdrawn,
}

impl ConfirmedClock {
    /// What `clock` shows now is beyond doubt: there is nothing to compare it with.
    pub(crate) fn new(clock: Clock) -> Self {
        let state = Mutex::new(State { good: Look::at(&clock), doubted: None });
        Self { clock, state }
    }

    /// The time. A leap is noticed only by asking.
    pub(crate) fn look(&self) -> Confirmed {
        let look = Look::at(&self.clock);
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let expected = state.good.expects(look.moment);
        let ahead = look.wall.since(expected);
        if ahead <= DOUBTLESS {
            let news = state.doubted.take().map(|_| News::Withdrawn);
            state.good = look;
            return Confirmed { now: look.wall, news };
        }
        let since = match state.doubted {
            Some((before, since)) if agree(before, look) => since,
            Some(_) | None => {
                state.doubted = Some((look, look.moment));
                return Confirmed { now: expected, news: Some(News::Ahead(ahead)) };
            }
        };
        if look.moment.since(since) < PROBATION {
            state.doubted = Some((look, since));
            return Confirmed { now: expected, news: None };
        }
        *state = State { good: look, doubted: None };
        Confirmed { now: look.wall, news: Some(News::Confirmed) }
    }
}

/// Whether the clock was not set between these looks.
fn agree(earlier: Look, later: Look) -> bool {
    let expected = earlier.expects(later.moment);
    later.wall.since(expected).max(expected.since(later.wall)) <= DOUBTLESS
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Duration = Duration::from_hours(24);

    fn set(clock: &Clock, ahead: Duration) {
        clock.set(clock.now().plus(ahead));
    }

    #[test]
    fn time_that_goes_by_is_beyond_doubt() {
        let clock = Clock::manual(Timestamp::from_millis(1_800_000_000_000));
        let confirmed = ConfirmedClock::new(clock.clone());
        for by in [Duration::ZERO, DAY, 40 * DAY] {
            clock.advance(by);
            set(&clock, DOUBTLESS);
            assert_eq!(confirmed.look(), Confirmed { now: clock.now(), news: None });
        }
    }

    #[test]
    fn a_leap_counts_after_an_hour_without_another() {
        let clock = Clock::manual(Timestamp::from_millis(1_800_000_000_000));
        let confirmed = ConfirmedClock::new(clock.clone());
        let start = clock.now();
        set(&clock, 30 * DAY);
        assert_eq!(confirmed.look().news, Some(News::Ahead(30 * DAY)));
        clock.advance(PROBATION / 2);
        assert_eq!(confirmed.look(), Confirmed { now: start.plus(PROBATION / 2), news: None });
        // Another leap is another hour.
        set(&clock, 30 * DAY);
        assert_eq!(confirmed.look().news, Some(News::Ahead(60 * DAY)));
        clock.advance(PROBATION.saturating_sub(Duration::from_millis(1)));
        assert_eq!(confirmed.look().news, None);
        clock.advance(Duration::from_millis(1));
        let told = Confirmed { now: clock.now(), news: Some(News::Confirmed) };
        assert_eq!(confirmed.look(), told);
        assert_eq!(confirmed.look(), Confirmed { now: clock.now(), news: None });
    }

    #[test]
    fn a_clock_that_is_set_back_is_believed_at_once() {
        let clock = Clock::manual(Timestamp::from_millis(1_800_000_000_000));
        let confirmed = ConfirmedClock::new(clock.clone());
        let start = clock.now();
        set(&clock, DAY);
        assert_eq!(confirmed.look().news, Some(News::Ahead(DAY)));
        clock.set(start);
        assert_eq!(confirmed.look(), Confirmed { now: start, news: Some(News::Withdrawn) });
        let earlier = Timestamp::from_millis(1_700_000_000_000);
        clock.set(earlier);
        assert_eq!(confirmed.look(), Confirmed { now: earlier, news: None });
    }
}
