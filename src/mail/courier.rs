//! The courier: takes letters that are due from the outbox and hands them over, for ever.
//!
//! A letter leaves the outbox only after it has been handed over, so one may arrive twice if the
//! process dies in between (its `Message-ID` is the same), but none is lost.

use std::{sync::Arc, time::Duration};

use futures_util::future::join_all;
use tokio::sync::watch;

use super::{
    letter,
    templates::Templates,
    transport::{Error as SendError, Transport},
};
use crate::{
    clock::Clock,
    metrics::Metrics,
    store::{
        Result, Store,
        ledger::queue::Failed,
        outbox::{Enclosed, Leased},
    },
};

/// How many letters are on their way at once.
const BATCH: usize = 8;
/// How long a node may take over a letter before others try; more than a send can take.
const LEASE: Duration = Duration::from_mins(1);
/// How often the outbox is looked at when nothing is heard.
const POLL: Duration = Duration::from_secs(2);

/// Takes letters to the transport.
pub struct Courier {
    /// Where the letters are.
    pub store: Arc<Store>,
    /// What they are written with.
    pub templates: Templates,
    /// How they leave.
    pub transport: Transport,
    /// Where their links lead.
    pub app_url: String,
    /// What has become of letters.
    pub metrics: Arc<Metrics>,
    /// When.
    pub clock: Clock,
}

impl Courier {
    /// Works until `stop` turns true; the letters under way are finished first.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            match self.round().await {
                Ok(0) => {
                    tokio::select! {
                        () = self.store.letter_posted() => {}
                        () = tokio::time::sleep(POLL) => {}
                        _ = stop.changed() => return,
                    }
                }
                Ok(_) => {}
                Err(error) => {
                    tracing::warn!(%error, "the outbox cannot be read; trying again");
                    tokio::select! {
                        () = tokio::time::sleep(POLL) => {}
                        _ = stop.changed() => return,
                    }
                }
            }
        }
    }

    /// Takes one batch of letters; returns how many there were.
    ///
    /// # Errors
    /// Those of the table; every letter is then still in the outbox.
    pub async fn round(&self) -> Result<usize> {
        let until = self.clock.now().plus(LEASE);
        let leased = self.store.lease_letters(BATCH, until).await?;
        let taken = join_all(leased.iter().map(|leased| self.take(leased))).await;
        taken.into_iter().collect::<Result<Vec<()>>>()?;
        Ok(leased.len())
    }

    async fn take(&self, leased: &Leased) -> Result<()> {
        let id = leased.letter.id;
        let code = match self.store.letter_code(&leased.letter).await? {
            Enclosed::Nothing => None,
            Enclosed::Code(code) => Some(code),
            Enclosed::Void => {
                tracing::info!(letter = %id, "its code is void by now; the letter is dropped");
                return self.store.finish_letter(leased).await;
            }
        };
        if let Some(due) = self.store.hold_letter(leased).await? {
            tracing::info!(letter = %id, %due, "its mailbox has had many invites; the letter waits");
            self.metrics.letters().held.inc();
            return Ok(());
        }
        let (letter, code) = (&leased.letter, code.as_ref());
        let written = match letter::write(&self.templates, letter, code, &self.app_url) {
            Ok(written) => written,
            Err(why) => return self.park(leased, why).await,
        };
        match self.transport.send(&written).await {
            Ok(()) => {
                tracing::info!(letter = %id, "letter handed over");
                self.metrics.letters().sent.inc();
                self.store.finish_letter(leased).await
            }
            Err(SendError::Permanent(why)) => self.park(leased, why).await,
            Err(SendError::Transient(why)) => self.fail(leased, why).await,
        }
    }

    /// Has a letter tried again, unless it was tried often enough.
    async fn fail(&self, leased: &Leased, why: String) -> Result<()> {
        match self.store.fail_letter(leased, why.clone()).await? {
            Failed::Postponed(pause) => {
                self.metrics.letters().postponed.inc();
                tracing::warn!(letter = %leased.letter.id, why, pause_ms = pause.as_millis(),
                    "letter not handed over; it will be tried again");
            }
            Failed::Parked => self.note_parked(leased, &why),
        }
        Ok(())
    }

    async fn park(&self, leased: &Leased, why: String) -> Result<()> {
        self.store.park_letter(leased, why.clone()).await?;
        self.note_parked(leased, &why);
        Ok(())
    }

    fn note_parked(&self, leased: &Leased, why: &str) {
        self.metrics.letters().parked.inc();
        tracing::error!(letter = %leased.letter.id, why, "letter undeliverable; put aside");
    }
}
