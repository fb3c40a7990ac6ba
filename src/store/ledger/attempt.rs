//! Attempts: a step that loses a race starts anew, a bounded number of times.

use std::time::Duration;

use crate::{
    random::Random,
    store::{Error, Result, Store},
};

/// How often a step is tried before it gives up.
const MAX_ATTEMPTS: u32 = 12;

impl Store {
    /// Takes a step, again and again while it loses races; see [`attempt`].
    ///
    /// # Errors
    /// Those of the step; `Busy` if it has lost too many races.
    pub(in crate::store) async fn attempt<T, F: Future<Output = Result<Option<T>>>>(
        &self,
        step: impl FnMut() -> F,
    ) -> Result<T> {
        attempt(&self.random, step).await
    }
}

/// Takes a step until it leads to something: `None` says that it has lost a race, and that all that it
/// has read may be out of date. All but the first two attempts are preceded by a pause of random length, which
/// grows, so that those who race each other are drawn apart.
///
/// # Errors
/// Those of the step; `Busy` if it has lost too many races.
pub(in crate::store) async fn attempt<T, F: Future<Output = Result<Option<T>>>>(
    random: &Random,
    mut step: impl FnMut() -> F,
) -> Result<T> {
    for made in 0..MAX_ATTEMPTS {
        if made > 1 {
            let longest = f64::from(1_u32 << made.min(7));
            let pause = Duration::from_secs_f64(random.fraction() * longest / 1000.0);
            tokio::time::sleep(pause).await;
        }
        if let Some(done) = step().await? {
            return Ok(done);
        }
    }
    Err(Error::Busy)
}

/// As [`attempt`], for a step that goes by what the table says: at first by what was `seen` there, if anything was, and
/// after a lost race by what is then read.
///
/// # Errors
/// Those of reading, and those of [`attempt`].
pub(in crate::store) async fn attempt_from<S, T, R, F>(
    random: &Random,
    mut seen: Option<S>,
    read: impl Fn() -> R,
    step: impl Fn(S) -> F,
) -> Result<T>
where
    R: Future<Output = Result<S>>,
    F: Future<Output = Result<Option<T>>>,
{
    let (read, step) = (&read, &step);
    let once = || {
        let seen = seen.take();
        async move {
            let before = match seen {
                Some(seen) => seen,
                None => read().await?,
            };
            step(before).await
        }
    };
    attempt(random, once).await
}
