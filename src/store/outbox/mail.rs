//! The outbox as its operator sees it: which letters are in it, and sending those again that were put aside.

use crate::{
    clock::Timestamp,
    model::{audit::Target, id::LetterId, letter::Letter},
    store::{
        By, Error, Result, Store,
        ledger::{
            commit::Committed,
            layout::{self, PARKED_PARTITION},
            page::{Order, Page, PageRequest, Walk},
            record,
            step::Step,
        },
    },
    table::{Index, Item, Key, Read},
};

/// How many letters are put back in one transaction, which takes 100 operations.
const RETRIED_AT_ONCE: usize = 40;

/// Where a letter stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LetterState {
    /// It will be tried (again).
    Waiting,
    /// It was put aside.
    Undeliverable,
}

impl LetterState {
    /// Its name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Undeliverable => "undeliverable",
        }
    }
}

/// A letter in the outbox.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The letter's id.
    pub id: String,
    /// Where it stands.
    pub state: LetterState,
    /// When it will be tried next, if it will.
    pub due: Option<Timestamp>,
    /// The letter, or why it cannot be read.
    pub letter: Result<Letter, String>,
}

/// The letters that are on their way again.
#[derive(Clone, Debug)]
pub struct Retried {
    /// They.
    pub letters: Vec<Entry>,
    /// Whether there are more that could be.
    pub more: bool,
}

impl Store {
    /// A page of the letters in that state: of those that wait, the next one first; of those that
    /// cannot be delivered, the newest.
    pub async fn letters(&self, state: LetterState, page: &PageRequest) -> Result<Page<Entry>> {
        let (partitions, order) = match state {
            LetterState::Waiting => {
                let shards = 0..layout::OUTBOX_SHARDS;
                (shards.map(layout::outbox_partition).collect(), Order::Rising)
            }
            LetterState::Undeliverable => (vec![PARKED_PARTITION.to_owned()], Order::Falling),
        };
        let walk = Walk {
            index: Index::Primary,
            partitions: &partitions,
            order,
            prefix: "",
            filters: "",
            pick: &|item: &Item| Ok(Some(entry(item))),
        };
        self.page(page, &walk).await
    }

    /// Puts an undeliverable letter back, to be sent at once.
    pub async fn retry_letter(&self, by: &By, id: LetterId) -> Result<Retried> {
        let mut tries = self.tries();
        loop {
            tries.next().await?;
            let item = self.table.get(&layout::parked_letter(id), Read::Consistent).await?;
            let item = item.ok_or(Error::NotFound("undeliverable letter"))?;
            if let Some(letters) = self.put_back(by, &[item]).await? {
                return Ok(Retried { letters, more: false });
            }
        }
    }

    /// Puts undeliverable letters back, to be sent at once: the oldest of those that are newer than
    /// `after`. Whoever goes on so comes to an end, also where all come back at once.
    pub async fn retry_letters(&self, by: &By, after: Option<LetterId>) -> Result<Retried> {
        let mut tries = self.tries();
        loop {
            tries.next().await?;
            let page = self.parked_items(after, RETRIED_AT_ONCE).await?;
            if page.items.is_empty() {
                return Ok(Retried { letters: Vec::new(), more: false });
            }
            if let Some(letters) = self.put_back(by, &page.items).await? {
                return Ok(Retried { letters, more: page.more });
            }
        }
    }

    /// Moves items back among those that wait; `None` if a race was lost.
    async fn put_back(&self, by: &By, items: &[Item]) -> Result<Option<Vec<Entry>>> {
        let mut step = Step { has_letters: true, ..Step::default() };
        let mut entries = Vec::with_capacity(items.len());
        for item in items {
            let waiting = self.waiting_again(item)?;
            step.remove(item.key.clone(), item.version);
            entries.push(entry(&waiting));
            step.insert(waiting);
        }
        if let Some(home) = self.home().await? {
            self.audit(&mut step, by, home.account_id, Target::Account(home.account_id), &[])?;
        }
        Ok((self.commit(step).await? == Committed::Done).then_some(entries))
    }

    /// The item of a letter as it waits again. One that cannot be read goes back as it is: whoever
    /// asks for it may have a newer Guestlist, which can read it.
    fn waiting_again(&self, item: &Item) -> Result<Item> {
        let version = item.version + 1;
        if let Ok(letter) = record::decode::<Letter>(item) {
            let letter = Letter { attempts: 0, last_error: None, ..letter };
            let key = layout::waiting_letter(letter.id, self.now());
            return layout::letter_item(key, version, &letter);
        }
        let key = if let Some(id) = LetterId::parse(&item.key.sort) {
            layout::waiting_letter(id, self.now())
        } else {
            let sort = format!("{}#{}", layout::due(self.now()), item.key.sort);
            Key::new(layout::outbox_partition(0), sort)
        };
        Ok(Item { key, version, expires: None, ..item.clone() })
    }
}

pub(in crate::store) fn entry(item: &Item) -> Entry {
    let (id, due) = layout::letter_place(&item.key);
    let state = match item.key.partition.as_str() {
        PARKED_PARTITION => LetterState::Undeliverable,
        _ => LetterState::Waiting,
    };
    let letter = record::decode(item).map_err(|error| error.to_string());
    Entry { id, state, due, letter }
}
