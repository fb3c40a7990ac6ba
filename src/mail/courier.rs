//! The courier: takes letters that are due from the outbox and hands them over, for ever.
//!
//! A letter leaves the outbox only after it has been handed over, so one may arrive twice if the
//! process dies in between (its `Message-ID` is the same), but none is lost. Each goes its own way: one over
//! which the mail server takes its time keeps only its own place.

use std::{
    collections::{BTreeMap, VecDeque},
    panic::AssertUnwindSafe,
    sync::Arc,
    time::Duration,
};

use futures_util::{FutureExt as _, StreamExt as _, future::join_all, stream::FuturesUnordered};
use tokio::{sync::watch, time::Instant};

use super::{
    letter,
    refusal::Fault,
    templates::Templates,
    transport::{Refused, Transport},
    trial::Trials,
    tries::Tries,
    trouble::{Known, Over, Trouble, domain},
};
use crate::{
    clock::Clock,
    log,
    metrics::Metrics,
    store::{
        Result, Store,
        ledger::queue::Failed,
        outbox::{
            Enclosed, Leased,
            held::{Held, Uncounted},
            trouble::MailTrouble,
        },
    },
    tasks::Task,
};

/// How long a letter waits at hand for its turn, before those to other domains get theirs.
const TURN: Duration = Duration::from_secs(2);
/// How long a letter that did not get its turn is put back for.
const NEXT_TURN: Duration = Duration::from_secs(10);
/// How long a node may do with a letter before others try, beside what waiting and sending may take.
const MARGIN: Duration = Duration::from_secs(30);
/// How often the outbox is looked at when nothing is heard.
const POLL: Duration = Duration::from_secs(2);
/// How long a note that no letters leave is good for beyond the next try.
const NOTE: Duration = Duration::from_mins(5);
/// How many tries a letter has that the program panics over.
const MOST_PANICS: u32 = 3;

/// Takes letters to the transport.
pub struct Courier {
    /// Where the letters are.
    pub store: Arc<Store>,
    /// What they are written with.
    pub templates: Templates,
    /// How they leave.
    pub transport: Transport,
    /// How many are on their way at once.
    pub connections: usize,
    /// Where their links lead.
    pub app_url: String,
    /// What has become of letters.
    pub metrics: Arc<Metrics>,
    /// When.
    pub clock: Clock,
    /// Whether the mail server takes any.
    pub trouble: Trouble,
    /// When one was last taken, or refused.
    pub tries: Tries,
    /// How many test emails may set out.
    pub trials: Trials,
    /// What is known of how it goes on.
    pub task: Arc<Task>,
}

/// The letters that this node has taken from the outbox.
#[derive(Default)]
struct Desk {
    /// Those that wait for their turn, and since when.
    waiting: VecDeque<(Leased, Instant)>,
    /// How many are on their way to each domain.
    under_way: BTreeMap<String, usize>,
}

impl Desk {
    fn count(&self) -> usize {
        self.under_way.values().sum()
    }

    /// The next letter, unless all are for domains that have `most` under way.
    fn next(&mut self, most: usize) -> Option<Leased> {
        let under_way = &self.under_way;
        let place = self.waiting.iter().position(|(leased, _)| {
            under_way.get(domain(&leased.letter.to)).is_none_or(|count| *count < most)
        })?;
        let (leased, _) = self.waiting.remove(place)?;
        *self.under_way.entry(domain(&leased.letter.to).to_owned()).or_default() += 1;
        Some(leased)
    }

    fn done(&mut self, domain: &str) {
        if let Some(count) = self.under_way.get_mut(domain) {
            *count = count.saturating_sub(1);
        }
        self.under_way.retain(|_, count| *count > 0);
    }

    /// The letters that have waited for so long that others may have their turn.
    fn stale(&mut self) -> Vec<Leased> {
        let (stale, waiting) =
            self.waiting.drain(..).partition(|(_, since)| since.elapsed() >= TURN);
        self.waiting = waiting;
        let stale: VecDeque<(Leased, Instant)> = stale;
        stale.into_iter().map(|(leased, _)| leased).collect()
    }
}

impl Courier {
    /// Works until `stop` turns true; the letters under way are finished first.
    pub async fn run(&self, mut stop: watch::Receiver<bool>) {
        let mut desk = Desk::default();
        let mut under_way = FuturesUnordered::new();
        let mut expects_more = true;
        while !*stop.borrow() {
            if expects_more && desk.waiting.is_empty() {
                expects_more = self.fetch(&mut desk).await;
            }
            // One recipient's server that is slow must leave room for others.
            while desk.count() < self.connections
                && let Some(leased) = desk.next(self.connections.div_ceil(2))
            {
                under_way.push(self.carry(leased));
            }
            tokio::select! {
                Some(domain) = under_way.next() => desk.done(&domain),
                () = self.store.letter_posted() => expects_more = true,
                () = tokio::time::sleep(self.poll()) => expects_more = true,
                _ = stop.changed() => {}
            }
            if self.trouble.pause().is_some() {
                for (leased, _) in std::mem::take(&mut desk.waiting) {
                    self.put_back(&leased).await;
                }
            }
            for leased in desk.stale() {
                self.hold(&leased).await;
            }
        }
        for (leased, _) in desk.waiting {
            self.put_back(&leased).await;
        }
        while under_way.next().await.is_some() {}
    }

    /// How long to wait before looking at the outbox again.
    fn poll(&self) -> Duration {
        self.trouble.pause().map_or(POLL, |pause| pause.clamp(Duration::from_millis(100), POLL))
    }

    /// Takes letters from the outbox; whether there may be more.
    async fn fetch(&self, desk: &mut Desk) -> bool {
        match self.lease(desk.count()).await {
            Ok(leased) => {
                self.task.is_well();
                let now = Instant::now();
                let found = !leased.is_empty();
                desk.waiting.extend(leased.into_iter().map(|leased| (leased, now)));
                found
            }
            Err(error) => {
                tracing::warn!(%error, "the outbox cannot be read; trying again");
                self.task.fails(&error.to_string());
                false
            }
        }
    }

    async fn lease(&self, under_way: usize) -> Result<Vec<Leased>> {
        let room = self.connections.saturating_sub(under_way);
        let limit = match self.trouble.admits(room, under_way) {
            0 => return Ok(Vec::new()),
            // While some are on their way, others wait at hand.
            1 if self.trouble.pause().is_some() => 1,
            _ => self.connections,
        };
        let until = self.clock.now().plus(TURN + self.transport.patience() + MARGIN);
        self.store.lease_letters(limit, until).await
    }

    /// Takes one batch of letters; returns how many there were.
    ///
    /// # Errors
    /// Those of the table; every letter is then still in the outbox.
    pub async fn round(&self) -> Result<usize> {
        let leased = self.lease(0).await?;
        let taken = join_all(leased.iter().map(|leased| self.try_to_take(leased))).await;
        taken.into_iter().collect::<Result<Vec<()>>>()?;
        Ok(leased.len())
    }

    /// Takes one letter; returns the domain that it went to.
    async fn carry(&self, leased: Leased) -> String {
        if let Err(error) = self.try_to_take(&leased).await {
            tracing::warn!(letter = %leased.letter.id, %error,
                "what has become of a letter cannot be written down; it will be tried again");
        }
        domain(&leased.letter.to).to_owned()
    }

    /// Puts a letter back for which there is no room while its domain is slow.
    async fn hold(&self, leased: &Leased) {
        let due = self.clock.now().plus(NEXT_TURN);
        let why = "other emails to this domain are still on their way".to_owned();
        if let Err(error) = self.store.return_letter(leased, due, Some(why)).await {
            tracing::warn!(letter = %leased.letter.id, %error, "a letter is not put back");
        }
    }

    /// Puts a letter back that this node does not come to any more.
    async fn put_back(&self, leased: &Leased) {
        if let Err(error) = self.store.return_letter(leased, self.clock.now(), None).await {
            tracing::warn!(letter = %leased.letter.id, %error, "a letter is not put back");
        }
    }

    /// Takes a letter. A panic over it is this letter's trouble, and not that of all that wait behind it.
    async fn try_to_take(&self, leased: &Leased) -> Result<()> {
        let why = match AssertUnwindSafe(self.take(leased)).catch_unwind().await {
            Ok(taken) => return taken,
            Err(panic) => {
                let panic = log::panic_text(&*panic);
                format!("Guestlist panicked, which is a bug: {panic}")
            }
        };
        if leased.attempts + 1 >= MOST_PANICS {
            self.park(leased, why).await
        } else {
            self.fail(leased, why).await
        }
    }

    async fn take(&self, leased: &Leased) -> Result<()> {
        let id = leased.letter.id;
        let code = match self.store.letter_code(&leased.letter).await? {
            Enclosed::Nothing => None,
            Enclosed::Code(code) => Some(code),
            Enclosed::Void => {
                tracing::info!(letter = %id, "its code is void by now; the letter is dropped");
                self.metrics.letters().void.inc();
                return self.store.finish_letter(leased).await;
            }
        };
        let uncounted = match self.store.hold_letter(leased).await? {
            Held::No(uncounted) => uncounted,
            Held::Until(due) => {
                tracing::info!(letter = %id, %due, "its mailbox has had many invites; the letter waits");
                self.metrics.letters().held.inc();
                return Ok(());
            }
        };
        let (letter, code) = (&leased.letter, code.as_ref());
        let logo = match letter.account_id {
            Some(account) => self.store.logo_for_emails(account).await?,
            None => None,
        };
        let written = match letter::write(&self.templates, letter, code, logo, &self.app_url) {
            Ok(written) => written,
            Err(why) => return self.park(leased, why).await,
        };
        match self.transport.send(&written).await {
            Ok(()) => {
                tracing::info!(letter = %id, "letter handed over");
                let counted = self.store.count_letter(uncounted).await;
                self.store.finish_letter(leased).await?;
                self.taken().await?;
                counted
            }
            Err(refused) => self.refused(leased, uncounted, refused).await,
        }
    }

    async fn refused(
        &self,
        leased: &Leased,
        uncounted: Uncounted,
        Refused { fault, why, advice }: Refused,
    ) -> Result<()> {
        self.not_taken(&why, advice).await;
        let known = self.trouble.refused(&leased.letter.to, fault, self.clock.now());
        if let Some(known) = known {
            return self.unwell(leased, known, why).await;
        }
        let counted = self.store.count_letter(uncounted).await;
        self.put_off(leased, fault, why).await?;
        counted
    }

    /// Has a letter tried again that was refused, or puts it aside.
    async fn put_off(&self, leased: &Leased, fault: Fault, why: String) -> Result<()> {
        match fault {
            Fault::Email => self.park(leased, why).await,
            Fault::Unclear { .. } => {
                let failed = self.store.fail_unclear_letter(leased, why.clone()).await?;
                self.note_failed(leased, &why, &failed);
                Ok(())
            }
            Fault::Passing | Fault::Sender => self.fail(leased, why).await,
        }
    }

    /// Has a letter tried again, unless it was tried often enough.
    async fn fail(&self, leased: &Leased, why: String) -> Result<()> {
        let failed = self.store.fail_letter(leased, why.clone()).await?;
        self.note_failed(leased, &why, &failed);
        Ok(())
    }

    fn note_failed(&self, leased: &Leased, why: &str, failed: &Failed) {
        match failed {
            Failed::Postponed(pause) => self.note_postponed(leased, why, *pause),
            Failed::Parked => self.note_parked(leased, why),
        }
    }

    /// Puts a letter back that was refused through no fault of its own. Others have the next turn.
    async fn unwell(&self, leased: &Leased, known: Known, why: String) -> Result<()> {
        let Known { begun, since, pause } = known;
        let now = self.clock.now();
        // What the log says can be read in the table by then; without the note, the email still waits for its turn.
        let note = MailTrouble { since, why: why.clone() };
        let noted = self.store.note_mail_trouble(&note, now.plus(pause + NOTE)).await;
        if begun {
            self.metrics.letters().refused.set(1);
            tracing::error!(why, "the mail server takes no emails; one at a time is tried");
        }
        self.store.return_letter(leased, now.plus(pause), Some(why.clone())).await?;
        self.note_postponed(leased, &why, pause);
        noted
    }

    /// Notes that the mail server takes emails.
    pub(super) async fn well(&self) -> Result<()> {
        match self.trouble.over() {
            Over::Nothing => Ok(()),
            Over::BeforeThisProcess => self.store.forget_mail_trouble().await,
            Over::Now => {
                self.metrics.letters().refused.set(0);
                tracing::info!("the mail server takes emails again");
                self.store.forget_mail_trouble().await
            }
        }
    }

    fn note_postponed(&self, leased: &Leased, why: &str, pause: Duration) {
        self.metrics.letters().postponed.inc();
        tracing::warn!(letter = %leased.letter.id, why, pause_ms = pause.as_millis(),
            "letter not handed over; it will be tried again");
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
