//! The outbox as its operator sees it: which letters are in it, and sending those again that were put aside.

use crate::{
    clock::Timestamp,
    model::{audit::Target, id::LetterId, letter::Letter},
    store::{
        By, Error, Result, Store,
        ledger::{
            commit::Committed,
            page::{MAX_EXAMINED, Order, Page, PageRequest, Span, Walk},
            queue::Job as _,
            queue::{Queued, Spot},
            record,
            step::Step,
        },
        outbox::trouble::MailTrouble,
    },
    table::{Index, Item},
};

/// How many letters are put back in one transaction, which takes 100 operations.
const RETRIED_AT_ONCE: usize = 40;

/// Where a letter stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LetterState {
    /// It will be tried (again).
    Waiting,
    /// It was put aside.
    Undeliverable,
}

impl LetterState {
    /// Its name on the wire.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Undeliverable => "undeliverable",
        }
    }
}

/// A letter in the outbox.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// The letter's id.
    pub(crate) id: String,
    /// Where it stands.
    pub(crate) state: LetterState,
    /// When it will be tried next, if it will.
    pub(crate) due: Option<Timestamp>,
    /// The letter, or why it cannot be read.
    pub(crate) letter: Result<Queued<Letter>, String>,
}

/// The letters that are on their way again.
#[derive(Clone, Debug)]
pub(crate) struct Retried {
    /// They.
    pub(crate) letters: Vec<Entry>,
    /// Whether there are more that could be.
    pub(crate) more: bool,
}

impl Store {
    /// A page of the letters in that state: of those that wait, the next one first; of those that
    /// cannot be delivered, the newest.
    pub(crate) async fn letters(
        &self,
        state: LetterState,
        page: &PageRequest,
    ) -> Result<Page<Entry>> {
        let (partitions, order) = match state {
            LetterState::Waiting => (Letter::QUEUE.partitions(), Order::Rising),
            LetterState::Undeliverable => (vec![Letter::QUEUE.parked_partition()], Order::Falling),
        };
        let walk = Walk {
            index: Index::Primary,
            partitions: &partitions,
            order,
            span: Span::Prefix(""),
            filters: "",
            examines: MAX_EXAMINED,
            pick: &|item: &Item| Ok(Some(entry(item))),
        };
        let mut letters = self.page(page, &walk).await?;
        if state == LetterState::Waiting
            && let Some(MailTrouble { since, why }) = self.mail_trouble().await?
        {
            // Those that were not tried since then wait for the same reason.
            let why = format!("the mail server has refused all emails since {since}: {why}");
            for entry in &mut letters.data {
                if let Ok(letter) = &mut entry.letter {
                    letter.last_error.get_or_insert_with(|| why.clone());
                }
            }
        }
        Ok(letters)
    }

    /// Puts an undeliverable letter back, to be sent at once.
    pub(crate) async fn retry_letter(&self, by: &By, id: LetterId) -> Result<Retried> {
        self.attempt(|| async {
            let item = self.table.get(&Letter::QUEUE.parked(&id.to_string())).await?;
            let item = item.ok_or(Error::NotFound("undeliverable letter"))?;
            let letters = self.put_back(by, &[item]).await?;
            Ok(letters.map(|letters| Retried { letters, more: false }))
        })
        .await
    }

    /// Puts undeliverable letters back, to be sent at once: the oldest of those that are newer than
    /// `after`. Paging this way ends, even if all of them fail again immediately.
    pub(crate) async fn retry_letters(&self, by: &By, after: Option<LetterId>) -> Result<Retried> {
        let after = after.map(|after| after.to_string());
        self.attempt(|| async {
            let page = self.parked_jobs(&Letter::QUEUE, after.as_deref(), RETRIED_AT_ONCE).await?;
            if page.items.is_empty() {
                return Ok(Some(Retried { letters: Vec::new(), more: false }));
            }
            let letters = self.put_back(by, &page.items).await?;
            Ok(letters.map(|letters| Retried { letters, more: page.more }))
        })
        .await
    }

    /// Moves items back among those that wait; `None` if a race was lost.
    async fn put_back(&self, by: &By, items: &[Item]) -> Result<Option<Vec<Entry>>> {
        let mut step = Step { has_letters: true, ..Step::default() };
        let mut entries = Vec::with_capacity(items.len());
        for item in items {
            entries.push(entry(&self.requeue::<Letter>(&mut step, item)?));
        }
        if let Some(home) = self.home().await? {
            self.audit(&mut step, by, home.account_id, Target::Account(home.account_id), &[])?;
        }
        Ok((self.commit(step).await? == Committed::Done).then_some(entries))
    }
}

fn entry(item: &Item) -> Entry {
    let Spot { name: id, due } = Letter::QUEUE.spot(&item.key);
    let state = if due.is_some() { LetterState::Waiting } else { LetterState::Undeliverable };
    let letter = record::decode(item).map_err(|error| error.to_string());
    Entry { id, state, due, letter }
}
