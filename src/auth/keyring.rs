//! The keys of one issuer, and when they are fetched: at first need, when a token's signature does not fit the known
//! ones, and in the background once they are old. Two fetches never run at once or follow each other closely, so
//! nobody can use this service to hammer an issuer.
//!
//! What was fetched counts, also if it is fewer keys than before, or none. A fetch that fails is no answer: the keys of
//! before stay good for a day, so that an issuer that is down for a while does not take its users with it.

use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use tokio::{sync::watch, time::timeout};

use crate::{
    auth::{
        discovery::{Discovery, MetadataFault},
        jwk::KeySet,
        jws::Jws,
        rejected::VerifyError,
    },
    clock::{Clock, Moment, Timestamp},
    web::{FetchError, MAX_BYTES, Reply, TIMEOUT, Web, WebUrl},
};

/// The least time between the beginnings of two fetches, whatever came of the first.
const INTERVAL: Duration = Duration::from_secs(30);
/// The age at which keys are fetched again on use.
const MAX_AGE: Duration = Duration::from_mins(15);
/// The age at which keys are no longer good, because nobody knows whether they still are the issuer's.
pub(crate) const GOOD_FOR: Duration = Duration::from_hours(24);
/// What key sets are (RFC 7517, section 8.5.2), and what most say that they are.
const KEYS: &str = "application/jwk-set+json, application/json";

/// Where the keys come from.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    Url(WebUrl),
    File(PathBuf),
    /// From where the issuer's metadata says.
    Discovery(Discovery),
}

/// Why an issuer's keys cannot be had from their source.
#[derive(Debug, thiserror::Error)]
pub enum KeysFault {
    /// They could not be fetched.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// The issuer's metadata does not lead to them.
    #[error(transparent)]
    Metadata(#[from] MetadataFault),
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

/// What has come from the source.
pub(crate) struct Published {
    pub(crate) keys: KeySet,
    /// How far the clock of the source and the own one differ, if that is known.
    pub(crate) clock_offset: Option<Duration>,
    /// Where the keys are, if the metadata said so.
    pub(crate) found_at: Option<String>,
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
    fetched: Moment,
    attempted: Option<Moment>,
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
        let now = clock.moment();
        let attempted = keys.is_some().then_some(now);
        let state = State { keys: keys.map(Arc::new), fetched: now, attempted, fetching: false };
        let state = watch::Sender::new(state);
        Self(Arc::new(Inner { issuer: issuer.to_owned(), source, web, clock, state }))
    }

    /// Gets the keys from the source and hands them out, without keeping them.
    pub(crate) async fn fetch(&self) -> Result<Published, KeysFault> {
        let fetched = timeout(TIMEOUT, Box::pin(self.fetch_at_leisure())).await;
        fetched.map_err(|_| KeysFault::Fetch(FetchError::Timeout))?
    }

    async fn fetch_at_leisure(&self) -> Result<Published, KeysFault> {
        match &self.0.source {
            Source::Url(url) => self.fetch_from(url).await,
            Source::File(path) => {
                let path = path.clone();
                let read = tokio::task::spawn_blocking(move || read(&path)).await;
                let keys = read.unwrap_or(Err(KeysFault::Interrupted))?;
                Ok(Published { keys, clock_offset: None, found_at: None })
            }
            Source::Discovery(discovery) => {
                let url = discovery.jwks_url(&self.0.web).await?;
                let published = self.fetch_from(&url).await?;
                Ok(Published { found_at: Some(url.to_string()), ..published })
            }
        }
    }

    async fn fetch_from(&self, url: &WebUrl) -> Result<Published, KeysFault> {
        let reply = self.0.web.get(url, KEYS, None).await?;
        let Reply { body, date, .. } = reply.ok()?;
        let now = self.0.clock.now();
        let offset = |date: Timestamp| date.since(now).max(now.since(date));
        let clock_offset = date.map(offset);
        Ok(Published { keys: parse(&body)?, clock_offset, found_at: None })
    }

    /// Checks a token's signature; the keys by which it is good. Keys that a token does not fit are fetched anew, if
    /// they may be: the issuer may have changed one under the same name.
    pub(crate) async fn check(&self, jws: &Jws<'_>) -> Result<Arc<KeySet>, VerifyError> {
        let keys = self.keys().await?;
        let Err(fault) = keys.check(jws) else { return Ok(keys) };
        if !fault.is_about_keys() {
            return Err(fault.into());
        }
        self.start_fetch();
        let latest = self.latest().await?;
        if Arc::ptr_eq(&keys, &latest) {
            return Err(fault.into());
        }
        latest.check(jws)?;
        Ok(latest)
    }

    /// Whether these are the issuer's keys, as far as is known.
    pub(crate) fn has(&self, keys: &Arc<KeySet>) -> bool {
        self.known().is_some_and(|known| Arc::ptr_eq(&known, keys))
    }

    /// The keys, fetched if there are none.
    async fn keys(&self) -> Result<Arc<KeySet>, VerifyError> {
        if let Some(keys) = self.known() {
            return Ok(keys);
        }
        self.start_fetch();
        self.latest().await
    }

    /// The keys, if any are known and good; old ones are used while newer ones are fetched.
    fn known(&self) -> Option<Arc<KeySet>> {
        let now = self.0.clock.moment();
        let (keys, age) = {
            let state = self.0.state.borrow();
            (state.good(now), now.since(state.fetched))
        };
        if keys.is_some() && age >= MAX_AGE {
            self.start_fetch();
        }
        keys
    }

    /// Starts a fetch, unless one is under way or the last one is too recent. It runs on its own, so
    /// that a caller who goes away does not break it off for the others.
    fn start_fetch(&self) {
        let now = self.0.clock.moment();
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
        let now = self.0.clock.moment();
        let (keys, attempted) = match latest {
            Ok(state) => (state.good(now), state.attempted),
            // Cannot be: this keyring holds the sender.
            Err(_) => (None, None),
        };
        keys.ok_or_else(|| {
            let retry_after = wait(attempted, now).max(Duration::from_secs(1));
            VerifyError::Unavailable { retry_after }
        })
    }
}

impl State {
    fn good(&self, now: Moment) -> Option<Arc<KeySet>> {
        self.keys.clone().filter(|_| now.since(self.fetched) < GOOD_FOR)
    }

    fn note(&mut self, keys: KeySet, now: Moment) {
        self.fetched = now;
        // Tokens that were verified with the same keys need not be verified again.
        if self.keys.as_deref() != Some(&keys) {
            self.keys = Some(Arc::new(keys));
        }
    }
}

impl Flight {
    async fn run(mut self) {
        self.outcome = self.keyring.fetch().await.map(|published| published.keys);
    }

    /// Says why keys did not come, and what that means for tokens.
    fn report(&self, error: &KeysFault) {
        let Inner { issuer, clock, state, .. } = &*self.keyring.0;
        let (now, state) = (clock.moment(), state.borrow());
        let issuer = issuer.as_str();
        match &state.keys {
            None => tracing::warn!(
                issuer, %error, "the keys of an issuer could not be fetched; its tokens are answered with 503 until then"
            ),
            Some(_) if state.good(now).is_none() => tracing::error!(
                issuer, %error, "no keys of an issuer could be fetched for 24 hours; its tokens are answered with 503 until \
                 they can"
            ),
            Some(_) => {
                let good_for_seconds = GOOD_FOR.saturating_sub(now.since(state.fetched)).as_secs();
                tracing::warn!(
                    issuer, %error, good_for_seconds, "the keys of an issuer could not be fetched; those of before are used"
                );
            }
        }
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        let outcome = std::mem::replace(&mut self.outcome, Err(KeysFault::Interrupted));
        if let Err(error) = &outcome {
            self.report(error);
        }
        let inner = &self.keyring.0;
        if matches!(&outcome, Ok(keys) if keys.is_empty()) {
            let issuer = inner.issuer.as_str();
            tracing::warn!(
                issuer,
                "an issuer publishes no key that can be used; its tokens are refused"
            );
        }
        inner.state.send_modify(|state| {
            state.fetching = false;
            if let Ok(keys) = outcome {
                state.note(keys, inner.clock.moment());
            }
        });
    }
}

/// How long until the next fetch may begin.
fn wait(attempted: Option<Moment>, now: Moment) -> Duration {
    attempted.map_or(Duration::ZERO, |attempted| INTERVAL.saturating_sub(now.since(attempted)))
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
