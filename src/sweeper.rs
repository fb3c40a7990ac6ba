//! The sweeper: does the service's own chores when they are due, for ever. Several nodes may run one.
//!
//! Most of them delete something for good. So they are due by a time of day that is beyond doubt.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures_util::FutureExt;
use tokio::sync::watch;

use crate::{
    clock::{
        Clock, Timestamp,
        confirmed::{Confirmed, ConfirmedClock, News},
    },
    log,
    metrics::Metrics,
    store::{Result, Store, erase::sweep::TakenChore},
    tasks::Task,
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
    store: Arc<Store>,
    clock: Clock,
    confirmed: ConfirmedClock,
    metrics: Arc<Metrics>,
    task: Arc<Task>,
}

impl Sweeper {
    /// One that has not looked yet.
    pub(crate) fn new(
        store: &Arc<Store>,
        clock: &Clock,
        metrics: &Arc<Metrics>,
        task: &Arc<Task>,
    ) -> Self {
        Self {
            store: Arc::clone(store),
            clock: clock.clone(),
            confirmed: ConfirmedClock::new(clock.clone()),
            metrics: Arc::clone(metrics),
            task: Arc::clone(task),
        }
    }

    /// Works until `stop` turns true. A chore under way may be left: it comes up again.
    pub async fn run(&self, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            let pause = tokio::select! {
                round = self.round() => self.pause_after(round),
                _ = stop.changed() => return,
            };
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                _ = stop.changed() => return,
            }
        }
    }

    fn pause_after(&self, round: Result<usize>) -> Duration {
        match round {
            Ok(count) => {
                self.task.is_well();
                if count == 0 { POLL } else { Duration::ZERO }
            }
            Err(error) => {
                tracing::warn!(%error, "the chores cannot be read; trying again");
                self.task.fails(&error.to_string());
                POLL
            }
        }
    }

    /// Does one batch of chores; returns how many there were, done or not.
    ///
    /// # Errors
    /// Those of the table; every chore is then still in the queue.
    pub async fn round(&self) -> Result<usize> {
        self.store.sum_up_events();
        let now = self.confirmed_time();
        // By the clock that other nodes go by as well.
        let until = self.clock.now().plus(LEASE);
        let taken = self.store.take_chores(BATCH, now, until).await?;
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

    /// The time that chores are due by; what is new about it is told.
    fn confirmed_time(&self) -> Timestamp {
        let Confirmed { now, news } = self.confirmed.look();
        let clock_in_doubt = self.metrics.clock_in_doubt();
        match news {
            None => {}
            Some(News::Ahead(ahead)) => {
                clock_in_doubt.set(1);
                tracing::error!(
                    ahead_seconds = ahead.as_secs(),
                    "the clock was set ahead; if it stays there, what is due by it is deleted in an hour"
                );
            }
            Some(News::Confirmed) => {
                clock_in_doubt.set(0);
                tracing::warn!(
                    "the clock has stayed where it was set to; deleting goes by it again"
                );
            }
            Some(News::Withdrawn) => {
                clock_in_doubt.set(0);
                tracing::info!("the clock was set back to where it was; deleting goes by it again");
            }
        }
        now
    }

    /// Does a chore. A panic over it is this chore's trouble, and not that of all that wait behind it.
    async fn try_to_do(&self, chore: &TakenChore) -> Result<(), String> {
        match AssertUnwindSafe(self.store.do_chore(chore)).catch_unwind().await {
            Ok(done) => done.map_err(|error| error.to_string()),
            Err(panic) => Err(format!("Guestlist panicked over it: {}", log::panic_text(&*panic))),
        }
    }
}
