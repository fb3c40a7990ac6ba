//! The keys of one issuer, which are kept as `kept` says, and fetched anew also when a token's signature does not fit
//! the known ones. What was fetched counts, also if it is fewer keys than before, or none.

use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use tokio::time::timeout;

use crate::{
    auth::{
        discovery::{Discovery, MetadataFault},
        jwk::KeySet,
        jws::Jws,
        kept::{Kept, Missing},
        rejected::VerifyError,
    },
    clock::{Clock, Timestamp},
    web::{FetchError, MAX_BYTES, Reply, TIMEOUT, Web, WebUrl},
};

/// The age at which keys are fetched again on use.
const MAX_AGE: Duration = Duration::from_mins(15);
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
    #[error("the content is not usable: {0}")]
    Content(&'static str),
    /// The service is being stopped.
    #[error("the fetch was interrupted")]
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
    kept: Kept<Arc<KeySet>>,
}

impl Keyring {
    /// A keyring for `source`, with the keys that are already known from it.
    pub(crate) fn new(
        issuer: &str,
        source: Source,
        keys: Option<KeySet>,
        (web, clock): (Web, Clock),
    ) -> Self {
        let kept = Kept::new(keys.map(Arc::new), MAX_AGE, clock.clone());
        Self(Arc::new(Inner { issuer: issuer.to_owned(), source, web, clock, kept }))
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
        self.0.kept.start(|| self.clone().refresh());
        let latest = self.0.kept.landed().await?;
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
        Ok(self.0.kept.get(|| self.clone().refresh()).await?)
    }

    /// The keys, if any are known and good; old ones are used while newer ones are fetched.
    fn known(&self) -> Option<Arc<KeySet>> {
        self.0.kept.known(|| self.clone().refresh())
    }

    /// Fetches the keys; why none have come, the log says.
    async fn refresh(self) -> Option<Arc<KeySet>> {
        let issuer = self.0.issuer.as_str();
        match self.fetch().await {
            Ok(Published { keys, .. }) => {
                if keys.is_empty() {
                    tracing::warn!(
                        issuer,
                        "an issuer publishes no usable key; its tokens are refused"
                    );
                }
                // Tokens that were verified with the same keys need not be verified again.
                let same = self.0.kept.last().filter(|known| **known == keys);
                Some(same.unwrap_or_else(|| Arc::new(keys)))
            }
            Err(error) => {
                self.report(&error);
                None
            }
        }
    }

    /// Says why keys did not come, and what that means for tokens.
    fn report(&self, error: &KeysFault) {
        let Inner { issuer, kept, .. } = &*self.0;
        let issuer = issuer.as_str();
        match kept.last() {
            None => tracing::warn!(
                issuer, %error, "the keys of an issuer could not be fetched; its tokens are answered with 503 until then"
            ),
            Some(_) if kept.good_for().is_zero() => tracing::error!(
                issuer, %error, "no keys of an issuer could be fetched for 24 hours; its tokens are answered with 503 until \
                 they can"
            ),
            Some(_) => {
                let good_for_seconds = kept.good_for().as_secs();
                tracing::warn!(
                    issuer, %error, good_for_seconds, "the keys of an issuer could not be fetched; the previous ones \
                        are used"
                );
            }
        }
    }
}

impl From<Missing> for VerifyError {
    fn from(Missing { retry_after }: Missing) -> Self {
        Self::Unavailable { retry_after }
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
