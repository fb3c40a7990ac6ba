//! The keys of one issuer, and when they are fetched: at first need, when a token names an unknown key,
//! and in the background once they are old. Two fetches never run at once or follow each other closely,
//! so nobody can use this service to hammer an issuer; keys that were fetched once stay good until newer
//! ones arrive, so an issuer that is down does not take its users with it.

use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use tokio::sync::watch;

use crate::{
    auth::{
        algorithm::Algorithm,
        jwk::{KeySet, VerifyingKey},
        rejected::{Rejected, VerifyError},
    },
    clock::{Clock, Timestamp},
    web::{FetchError, MAX_BYTES, Reply, Web, WebUrl},
};

/// The least time between the beginnings of two fetches, whatever came of the first.
const INTERVAL: Duration = Duration::from_secs(30);
/// The age at which keys are fetched again on use.
const MAX_AGE: Duration = Duration::from_hours(1);

/// What key sets are (RFC 7517, section 8.5.2), and what most say that they are.
const KEYS: &str = "application/jwk-set+json, application/json";

/// Where the keys come from.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    Url(WebUrl),
    File(PathBuf),
}

/// Why an issuer's keys cannot be had from their source.
#[derive(Debug, thiserror::Error)]
pub enum KeysFault {
    /// They could not be fetched.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// The file could not be read.
    #[error("the file cannot be read: {0}")]
    Read(#[from] io::Error),
    /// There is something else, or nothing of use.
    #[error("what is there is of no use: {0}")]
    Content(&'static str),
    /// The service is being stopped.
    #[error("the fetch was broken off")]
    Interrupted,
}

/// One issuer's keys; cheap to clone, all clones share them.
#[derive(Clone, Debug)]
pub(crate) struct Keyring(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// For the log.
    issuer: String,
    source: Source,
    web: Web,
    clock: Clock,
    state: watch::Sender<State>,
}

/// `watch` makes a change visible and wakes those who wait for it in one step.
#[derive(Debug)]
struct State {
    keys: Option<Arc<KeySet>>,
    fetched: Timestamp,
    attempted: Option<Timestamp>,
    fetching: bool,
}

/// A fetch under way. However it ends, even by a panic, the keyring learns of it.
struct Flight {
    keyring: Keyring,
    outcome: Result<KeySet, KeysFault>,
}

impl Keyring {
    /// A keyring for `source`, with the keys that are already known from it.
    pub(crate) fn new(
        issuer: &str,
        source: Source,
        keys: Option<KeySet>,
        (web, clock): (Web, Clock),
    ) -> Self {
        let now = clock.now();
        let attempted = keys.is_some().then_some(now);
        let state = State { keys: keys.map(Arc::new), fetched: now, attempted, fetching: false };
        let state = watch::Sender::new(state);
        Self(Arc::new(Inner { issuer: issuer.to_owned(), source, web, clock, state }))
    }

    /// Gets the keys from the source and hands them out, without keeping them.
    pub(crate) async fn fetch(&self) -> Result<KeySet, KeysFault> {
        Ok(self.fetch_dated().await?.0)
    }

    /// The same, with how far the clock of the source and the own one differ, if that is known.
    pub(crate) async fn fetch_dated(&self) -> Result<(KeySet, Option<Duration>), KeysFault> {
        match &self.0.source {
            Source::Url(url) => {
                let reply = self.0.web.get(url, KEYS, None).await?;
                let Reply { body, date, .. } = reply.ok()?;
                let now = self.0.clock.now();
                let offset = date.map(|date| date.since(now).max(now.since(date)));
                Ok((parse(&body)?, offset))
            }
            Source::File(path) => {
                let path = path.clone();
                let read = tokio::task::spawn_blocking(move || read(&path)).await;
                Ok((read.unwrap_or(Err(KeysFault::Interrupted))?, None))
            }
        }
    }

    /// The key that a token is signed with.
    pub(crate) async fn find(
        &self,
        id: Option<&str>,
        algorithm: Algorithm,
    ) -> Result<VerifyingKey, VerifyError> {
        let keys = self.keys().await?;
        match keys.find(id, algorithm) {
            Err(Rejected::UnknownKey) => {
                self.start_fetch();
                Ok(self.latest().await?.find(id, algorithm)?.clone())
            }
            found => Ok(found?.clone()),
        }
    }

    /// The keys, fetched if there are none; old ones are used while newer ones are fetched.
    async fn keys(&self) -> Result<Arc<KeySet>, VerifyError> {
        let (keys, fetched) = {
            let state = self.0.state.borrow();
            (state.keys.clone(), state.fetched)
        };
        let Some(keys) = keys else {
            self.start_fetch();
            return self.latest().await;
        };
        if self.0.clock.now().since(fetched) >= MAX_AGE {
            self.start_fetch();
        }
        Ok(keys)
    }

    /// Starts a fetch, unless one is under way or the last one is too recent. It runs on its own, so
    /// that a caller who goes away does not break it off for the others.
    fn start_fetch(&self) {
        let now = self.0.clock.now();
        let started = self.0.state.send_if_modified(|state| {
            let due = !state.fetching && wait(state.attempted, now).is_zero();
            if due {
                state.fetching = true;
                state.attempted = Some(now);
            }
            due
        });
        if started {
            let outcome = Err(KeysFault::Interrupted);
            let flight = Flight { keyring: self.clone(), outcome };
            tokio::spawn(flight.run());
        }
    }

    /// The keys after the fetch that is under way, if there is one.
    async fn latest(&self) -> Result<Arc<KeySet>, VerifyError> {
        let mut changes = self.0.state.subscribe();
        let latest = changes.wait_for(|state| !state.fetching).await;
        let (keys, attempted) = match latest {
            Ok(state) => (state.keys.clone(), state.attempted),
            // Cannot be: this keyring holds the sender.
            Err(_) => (None, None),
        };
        keys.ok_or_else(|| {
            let retry_after = wait(attempted, self.0.clock.now()).max(Duration::from_secs(1));
            VerifyError::Unavailable { retry_after }
        })
    }
}

impl Flight {
    async fn run(mut self) {
        self.outcome = self.keyring.fetch().await;
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        let inner = &self.keyring.0;
        let outcome = std::mem::replace(&mut self.outcome, Err(KeysFault::Interrupted));
        if let Err(error) = &outcome {
            let issuer = inner.issuer.as_str();
            tracing::warn!(issuer, %error, "the keys of an issuer could not be fetched");
        }
        inner.state.send_modify(|state| {
            state.fetching = false;
            if let Ok(keys) = outcome {
                state.keys = Some(Arc::new(keys));
                state.fetched = inner.clock.now();
            }
        });
    }
}

/// How long until the next fetch may begin. A clock that was set back does not prolong the wait.
fn wait(attempted: Option<Timestamp>, now: Timestamp) -> Duration {
    match attempted {
        Some(attempted) if attempted <= now => INTERVAL.saturating_sub(now.since(attempted)),
        Some(_) | None => Duration::ZERO,
    }
}

/// Reads the keys in a file.
pub(crate) fn read(path: &Path) -> Result<KeySet, KeysFault> {
    let mut json = Vec::new();
    let limit = u64::try_from(MAX_BYTES).unwrap_or(u64::MAX);
    File::open(path)?.take(limit).read_to_end(&mut json)?;
    parse(&json)
}

fn parse(json: &[u8]) -> Result<KeySet, KeysFault> {
    KeySet::parse(json).map_err(KeysFault::Content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fetches_keep_their_distance() {
        let at = Timestamp::from_millis;
        assert_eq!(wait(None, at(0)), Duration::ZERO);
        assert_eq!(wait(Some(at(0)), at(0)), INTERVAL);
        assert_eq!(wait(Some(at(0)), at(29_999)), Duration::from_millis(1));
        assert_eq!(wait(Some(at(0)), at(30_000)), Duration::ZERO);
        assert_eq!(wait(Some(at(1)), at(0)), Duration::ZERO);
    }
}
