//! Invites that wait because their mailbox has had many: they are counted as they leave, so that the last one of
//! several, which alone opens anything, arrives in the end.
//!
//! The inviter learns nothing of it: who else writes to a mailbox is not their business. Hence no call that
//! an account can make tells that a letter is held, and no header does.

use std::time::Duration;

use crate::{
    clock::Timestamp,
    model::{email::Email, letter::Letter},
    store::{
        Error, Result, Store,
        counts::limits::{
            Bucket, FIRST_INVITES_TO_MAILBOX, INVITES_OF_ACCOUNT_TO_MAILBOX,
            MORE_INVITES_TO_MAILBOX,
        },
        ledger::queue::Queued,
        outbox::Leased,
    },
};

/// The longest time until a letter that is held is looked at again.
const LONGEST_HOLD: Duration = Duration::from_hours(12);
/// What an operator reads of such a letter.
const WHY: &str = "held back: too many invites were sent to this mailbox";

/// Whether a letter waits because its mailbox has had many.
pub(crate) enum Held {
    /// Until then.
    Until(Timestamp),
    /// It may leave, and is to be counted then.
    No(Uncounted),
}

/// A letter on its way, which is one of those that its mailbox may have at once.
pub(crate) struct Uncounted(Vec<Bucket>);

/// For how long a letter may have been held back.
pub(super) fn longest_hold(queued: &Queued<Letter>) -> Duration {
    if queued.last_error.as_deref() == Some(WHY) { LONGEST_HOLD } else { Duration::ZERO }
}

impl Store {
    /// Looks whether a letter may leave. One whose mailbox has had too many goes back; it has not failed by that.
    pub(crate) async fn hold_letter(&self, leased: &Leased) -> Result<Held> {
        let letter = &leased.letter;
        // What was tried before was counted then.
        if leased.attempts > 0 {
            return Ok(Held::No(Uncounted(Vec::new())));
        }
        let buckets = self.letters_to(letter).await?;
        match self.check_limits(&buckets).await {
            Ok(()) => Ok(Held::No(Uncounted(buckets))),
            Err(Error::Limited { retry_after, .. }) => {
                // The longer one waits, the less often it is looked at: many that wait cost little.
                let age = self.now().since(letter.created);
                let pause = retry_after.max((age / 2).min(LONGEST_HOLD));
                let due = self.now().plus(pause);
                self.return_job::<Letter>(&leased.taken, due, Some(WHY.to_owned())).await?;
                Ok(Held::Until(due))
            }
            Err(error) => Err(error),
        }
    }

    /// Counts a letter that was tried. One that goes back untried is counted when its turn comes again.
    pub(crate) async fn count_letter(&self, letter: Uncounted) -> Result<()> {
        self.miss(&letter.0).await
    }

    /// Where a letter is counted, if it is.
    async fn letters_to(&self, letter: &Letter) -> Result<Vec<Bucket>> {
        let Some(account) = letter.content.counts_for() else { return Ok(Vec::new()) };
        let mailbox = mailbox(&letter.to);
        let whose = format!("{mailbox} {account}");
        let of_account = Bucket::of(&INVITES_OF_ACCOUNT_TO_MAILBOX, &whose);
        let has_written = self.has_counted(&of_account).await?;
        let rule = if has_written { &MORE_INVITES_TO_MAILBOX } else { &FIRST_INVITES_TO_MAILBOX };
        Ok(vec![of_account, Bucket::of(rule, &mailbox)])
    }
}

/// The mailbox of an address, for counting alone: what stands behind a `+` leads to the same one in most places.
pub(in crate::store) fn mailbox(email: &Email) -> String {
    let text = email.as_str().to_lowercase();
    match text.rsplit_once('@') {
        Some((local, domain)) => {
            let local = local.split_once('+').map_or(local, |(local, _)| local);
            format!("{local}@{domain}")
        }
        None => text,
    }
}
