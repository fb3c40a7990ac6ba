//! Tries that begin one after the other: a batch of honest calls is not to be refused because its calls come at once.

use std::time::Duration;

use crate::store::{
    Error, Result, Store,
    counts::limits::{Bucket, Rule},
};

/// How long to wait where only tries under way are in the way.
const SHORT_PAUSE: Duration = Duration::from_secs(1);
/// How long one of several calls that come together waits for the others before it looks again, at first and at most.
const PAUSES: [Duration; 2] = [Duration::from_millis(25), Duration::from_millis(400)];
/// How often it looks: each time is a read.
const MAX_LOOKS: usize = 40;

/// What a try sees that is about to begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// Nothing is in its way.
    Free,
    /// For so long it would have to wait.
    Locked(Duration),
    /// As many tries are under way as may still miss.
    Crowded,
}

impl Look {
    pub(super) fn or_limited(self, rule: &Rule) -> Result<()> {
        let retry_after = match self {
            Self::Free => return Ok(()),
            Self::Locked(pause) => pause,
            Self::Crowded => SHORT_PAUSE,
        };
        Err(Error::Limited { retry_after, rule: rule.name })
    }
}

impl Store {
    /// As [`Store::check_limits`] for one bucket. Where only other tries under way are in the way, it waits until they are
    /// done: honest calls come together, too.
    ///
    /// # Errors
    /// `Limited`
    pub(in crate::store) async fn check_in_turn(
        &self,
        bucket: impl Fn() -> Bucket,
    ) -> Result<Bucket> {
        let [mut pause, longest] = PAUSES;
        let mut looks = 0;
        loop {
            // Each look takes a place of its own, behind those who have come since.
            let bucket = bucket();
            match self.limits.look(&bucket).await? {
                Look::Free => return Ok(bucket),
                Look::Crowded if looks < MAX_LOOKS => looks += 1,
                refused @ (Look::Locked(_) | Look::Crowded) => {
                    return refused.or_limited(bucket.rule).map(|()| bucket);
                }
            }
            drop(bucket);
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(longest);
        }
    }
}
