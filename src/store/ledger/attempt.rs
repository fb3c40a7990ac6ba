//! Attempts: a step that loses a race starts anew, a bounded number of times.

use std::time::Duration;

use crate::{
    random::Random,
    store::{Error, Result, Store},
};

/// How often a step that loses races starts anew before it gives up.
const MAX_TRIES: u32 = 12;

/// The tries of one step.
pub(in crate::store) struct Tries<'a> {
    pub(in crate::store) random: &'a Random,
    pub(in crate::store) made: u32,
}

impl Tries<'_> {
    /// Begins one more; waits a little before all but the first two.
    ///
    /// # Errors
    /// `Busy` when they are used up.
    pub(in crate::store) async fn next(&mut self) -> Result<()> {
        if self.made >= MAX_TRIES {
            return Err(Error::Busy);
        }
        if self.made > 1 {
            let longest = f64::from(1_u32 << self.made.min(7));
            let pause = Duration::from_secs_f64(self.random.fraction() * longest / 1000.0);
            tokio::time::sleep(pause).await;
        }
        self.made += 1;
        Ok(())
    }
}

impl Store {
    /// Counts a step's tries, with a growing pause of random length between them.
    pub(in crate::store) fn tries(&self) -> Tries<'_> {
        Tries { random: &self.random, made: 0 }
    }
}
