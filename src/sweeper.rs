//! The sweeper: does the service's own chores when they are due, for ever. Several nodes may run one.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures_util::FutureExt;
use tokio::sync::watch;

use crate::{
    clock::Clock,
    log,
    store::{Result, Store, erase::sweep::TakenChore},
};

/// How many chores are taken at once.
const BATCH: usize = 16;
/// How often the queue is looked at.
const POLL: Duration = Duration::from_mins(1);
/// How long a node may take over its chores before others try; also when a chore that failed is tried
/// again.
const LEASE: Duration = Duration::from_mins(10);

/// Does chores.
pub struct Sweeper {
    /// Where the chores are.
    pub store: Arc<Store>,
    /// When.
    pub clock: Clock,
}

impl Sweeper {
    /// Works until `stop` turns true. A chore under way may be left: it comes up again.
    pub async fn run(&self, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            let pause = tokio::select! {
                round = self.round() => pause_after(round),
                _ = stop.changed() => return,
            };
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                _ = stop.changed() => return,
            }
        }
    }

    /// Does one batch of chores; returns how many there were, done or not.
    ///
    /// # Errors
    /// Those of the table; every chore is then still in the queue.
    pub async fn round(&self) -> Result<usize> {
        let until = self.clock.now().plus(LEASE);
        self.store.sum_up_events();
        let taken = self.store.take_chores(BATCH, until).await?;
        for chore in &taken {
            // One chore's trouble must not hold up the others.
            if let Err(why) = self.try_to_do(chore).await {
                tracing::error!(%chore, why, "chore not done; it will be tried again");
                // If that fails, too, it comes up again when the lease ends.
                if let Err(error) = self.store.postpone_chore(chore, why).await {
                    tracing::warn!(%chore, %error, "the chore is not postponed");
                }
            }
        }
        Ok(taken.len())
    }

    /// Does a chore. A panic over it is this chore's trouble, and not that of all that wait behind it.
    async fn try_to_do(&self, chore: &TakenChore) -> Result<(), String> {
        match AssertUnwindSafe(self.store.do_chore(chore)).catch_unwind().await {
            Ok(done) => done.map_err(|error| error.to_string()),
            Err(panic) => Err(format!("Guestlist panicked over it: {}", log::panic_text(&*panic))),
        }
    }
}

fn pause_after(round: Result<usize>) -> Duration {
    match round {
        Ok(0) => POLL,
        Ok(_) => Duration::ZERO,
        Err(error) => {
            tracing::warn!(%error, "the chores cannot be read; trying again");
            POLL
        }
    }
}
