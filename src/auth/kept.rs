//! What another service publishes about itself, and when it is fetched: at first need, when somebody finds that it no
//! longer fits, and in the background once it is old. Two fetches never run at once or follow each other closely, so
//! nobody can use this service to hammer another one.
//!
//! A fetch that fails is no answer: what was fetched before stays good for a day, so that a service that is down for a
//! while does not take its users with it.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::sync::Notify;

use crate::clock::{Clock, Moment};

/// The least time between the beginnings of two fetches, whatever came of the first.
const INTERVAL: Duration = Duration::from_secs(30);
/// The age at which nothing is good any longer, because nobody knows whether it still is what the other service says.
pub(crate) const GOOD_FOR: Duration = Duration::from_hours(24);

/// The latest that was fetched, and whether it is being fetched; cheap to clone, all clones share it.
#[derive(Debug)]
pub(super) struct Kept<T>(Arc<Inner<T>>);

#[derive(Debug)]
struct Inner<T> {
    clock: Clock,
    /// The age at which it is fetched again on use.
    max_age: Duration,
    state: Mutex<State<T>>,
    /// Wakes those who wait for a fetch in the order in which they came; `watch` would choose at random, and no run of
    /// the simulation would repeat.
    landed: Notify,
}

#[derive(Debug)]
struct State<T> {
    value: Option<T>,
    fetched: Moment,
    attempted: Option<Moment>,
    fetching: bool,
}

/// A fetch under way. However it ends, even by a panic, those who wait for it learn of it.
struct Flight<T> {
    kept: Kept<T>,
    outcome: Option<T>,
}

/// When another fetch is tried, of what could not be had.
#[derive(Clone, Copy, Debug)]
pub(super) struct Missing {
    pub(super) retry_after: Duration,
}

impl<T> Clone for Kept<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T: Clone + Send + Sync + 'static> Kept<T> {
    /// Something of which this is known so far.
    pub(super) fn new(value: Option<T>, max_age: Duration, clock: Clock) -> Self {
        let now = clock.moment();
        let attempted = value.is_some().then_some(now);
        let state = State { value, fetched: now, attempted, fetching: false };
        let (state, landed) = (Mutex::new(state), Notify::new());
        Self(Arc::new(Inner { clock, max_age, state, landed }))
    }

    /// The latest, if it is good.
    pub(super) fn latest(&self) -> Option<T> {
        self.state().good(self.0.clock.moment())
    }

    /// The latest, good or not.
    pub(super) fn last(&self) -> Option<T> {
        self.state().value.clone()
    }

    /// How much longer the latest is good.
    pub(super) fn good_for(&self) -> Duration {
        GOOD_FOR.saturating_sub(self.age())
    }

    fn age(&self) -> Duration {
        self.0.clock.moment().since(self.state().fetched)
    }

    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The latest, if it is good; while newer is fetched once that is old.
    pub(super) fn known<F>(&self, fetch: impl FnOnce() -> F) -> Option<T>
    where
        F: Future<Output = Option<T>> + Send + 'static,
    {
        let known = self.latest();
        if known.is_some() && self.age() >= self.0.max_age {
            self.start(fetch);
        }
        known
    }

    /// The latest, fetched if there is nothing good.
    pub(super) async fn get<F>(&self, fetch: impl Fn() -> F) -> Result<T, Missing>
    where
        F: Future<Output = Option<T>> + Send + 'static,
    {
        if let Some(known) = self.known(&fetch) {
            return Ok(known);
        }
        self.start(fetch);
        self.landed().await
    }

    /// Starts a fetch, which says itself why nothing has come of it, unless one is under way or the last one is too
    /// recent. It runs on its own, so that a caller who goes away does not break it off for the others.
    pub(super) fn start<F>(&self, fetch: impl FnOnce() -> F)
    where
        F: Future<Output = Option<T>> + Send + 'static,
    {
        if self.state().begins(self.0.clock.moment()) {
            let (flight, fetch) = (Flight { kept: self.clone(), outcome: None }, fetch());
            tokio::spawn(flight.run(fetch));
        }
    }

    /// The latest after the fetch that is under way, if there is one.
    pub(super) async fn landed(&self) -> Result<T, Missing> {
        loop {
            // It hears of what happens from here on.
            let landed = self.0.landed.notified();
            if let Some(found) = self.state().landed(self.0.clock.moment()) {
                return found;
            }
            landed.await;
        }
    }
}

impl<T: Clone> State<T> {
    fn good(&self, now: Moment) -> Option<T> {
        self.value.clone().filter(|_| now.since(self.fetched) < GOOD_FOR)
    }

    /// Notes that a fetch begins, if one may.
    fn begins(&mut self, now: Moment) -> bool {
        let due = !self.fetching && wait(self.attempted, now).is_zero();
        if due {
            (self.fetching, self.attempted) = (true, Some(now));
        }
        due
    }

    /// What there is, unless a fetch is under way.
    fn landed(&self, now: Moment) -> Option<Result<T, Missing>> {
        let retry_after = wait(self.attempted, now).max(Duration::from_secs(1));
        (!self.fetching).then(|| self.good(now).ok_or(Missing { retry_after }))
    }
}

impl<T> Flight<T> {
    async fn run(mut self, fetch: impl Future<Output = Option<T>>) {
        self.outcome = fetch.await;
    }
}

impl<T> Drop for Flight<T> {
    fn drop(&mut self) {
        let outcome = self.outcome.take();
        let Inner { clock, state, landed, .. } = &*self.kept.0;
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        state.fetching = false;
        if outcome.is_some() {
            (state.fetched, state.value) = (clock.moment(), outcome);
        }
        drop(state);
        landed.notify_waiters();
    }
}

/// How long until the next fetch may begin.
fn wait(attempted: Option<Moment>, now: Moment) -> Duration {
    attempted.map_or(Duration::ZERO, |attempted| INTERVAL.saturating_sub(now.since(attempted)))
}
