//! Users' numbers: dense within an account, and never given twice.
//!
//! An account has a counter, of which each node takes a few numbers at once: one at first, more where an
//! account grows fast. What a node has left when it stops is never used.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex as Lock, PoisonError},
    time::Duration,
};

use quick_cache::sync::Cache;
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

use crate::{
    clock::Timestamp,
    model::id::AccountId,
    store::{
        Conflict, Error, Result, Store,
        ledger::{
            layout,
            record::{self, Stored},
            step::Step,
        },
    },
    table::Item,
};

/// The number of an account's first user.
const FIRST: u64 = 1;
/// The highest that a counter is raised to at once, which leaves as many again.
const HIGHEST: u64 = 1 << 52;
/// The most numbers that a node takes at once.
const MAX_BLOCK: u64 = 64;
/// A block that is used up sooner than this is followed by a larger one.
const SOON: Duration = Duration::from_mins(1);
/// How many accounts' numbers a node keeps.
const CAPACITY: usize = 10_000;

/// The numbers that this node has taken and not given out, for each account.
pub(in crate::store) struct Numbers(Cache<AccountId, Arc<Taken>>);

#[derive(Default)]
struct Taken {
    /// Held while numbers are taken, so that those who wait for one share them.
    taking: Mutex<Block>,
    free: Lock<BTreeSet<u64>>,
}

/// The last numbers that were taken.
#[derive(Default)]
struct Block {
    size: u64,
    at: Option<Timestamp>,
}

impl Default for Numbers {
    fn default() -> Self {
        Self(Cache::new(CAPACITY))
    }
}

impl Numbers {
    fn of(&self, account: AccountId) -> Arc<Taken> {
        let fresh = || Ok::<_, std::convert::Infallible>(Arc::default());
        match self.0.get_or_insert_with(&account, fresh) {
            Ok(taken) => taken,
        }
    }
}

impl Taken {
    fn first(&self) -> Option<u64> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner).pop_first()
    }

    fn drop_all(&self) {
        self.free.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn add(&self, numbers: impl IntoIterator<Item = u64>) {
        self.free.lock().unwrap_or_else(PoisonError::into_inner).extend(numbers);
    }
}

impl Block {
    /// How many numbers to take now.
    fn next_size(&self, now: Timestamp) -> u64 {
        let is_soon = self.at.is_some_and(|at| now.since(at) < SOON);
        if is_soon { (self.size * 2).clamp(1, MAX_BLOCK) } else { 1 }
    }
}

/// An account's counter, as it is stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Counter {
    /// The highest number that is taken; all below are, or were, or are for the operator to give.
    value: u64,
    /// Nodes have taken none that is higher than this and not higher than `to`.
    #[serde(default)]
    from: u64,
    #[serde(default)]
    to: u64,
    #[serde(skip)]
    version: u64,
}

impl Stored for Counter {
    fn adopt(&mut self, item: &Item) {
        self.version = item.version;
    }
}

impl Counter {
    /// The same where the operator gives a number; `None` if a node may have taken it.
    fn giving(self, number: u64) -> Option<Self> {
        if number <= self.value {
            return (self.from < number && number <= self.to).then_some(self);
        }
        let from = if self.to == self.value { self.from } else { self.value };
        Some(Self { value: number, from, to: number, ..self })
    }
}

/// The number of the first user of an account that `step` makes, with its counter.
pub(in crate::store) fn first_number(step: &mut Step, account: AccountId) -> Result<u64> {
    let counter = Counter { value: FIRST, ..Counter::default() };
    step.insert(layout::item(layout::number_counter(account), 1, &counter)?);
    Ok(FIRST)
}

/// The counter in the item after it has passed over so many numbers, which nobody is given any more.
pub(in crate::store) fn passed_over(item: &Item, gap: u64) -> Result<Item> {
    let counter: Counter = record::decode(item)?;
    let value = counter.value.saturating_add(gap).min(HIGHEST.max(counter.value));
    let counter = Counter { value, from: value, to: value, ..counter };
    Ok(Item {
        version: item.version + 1,
        body: record::encode(&item.key, &counter)?,
        ..item.clone()
    })
}

impl Store {
    /// Adds to `step` that a user has a number which the operator has chosen: nobody has it or is in the
    /// trash with it, and no node gives it to anybody else.
    ///
    /// # Errors
    /// `Conflict` if a node may have taken it.
    pub(in crate::store) async fn choose_number(
        &self,
        step: &mut Step,
        account: AccountId,
        number: u64,
    ) -> Result<()> {
        step.require_absent(layout::trashed_number(account, number), Conflict::NumberTaken);
        let key = layout::number_counter(account);
        let counter: Option<Counter> = self.load(key.clone()).await?;
        let before = counter.unwrap_or_default();
        let after = before.giving(number).ok_or(Error::Conflict(Conflict::NumberTaken))?;
        if after == before {
            return Ok(());
        }
        let item = layout::item(key, before.version + 1, &after)?;
        match counter {
            Some(before) => step.replace(item, before.version),
            None => step.insert(item),
        }
        Ok(())
    }

    /// A number that no user of the account has had.
    pub(in crate::store) async fn next_number(&self, account: AccountId) -> Result<u64> {
        let taken = self.numbers.of(account);
        if let Some(number) = taken.first() {
            return Ok(number);
        }
        let mut block = taken.taking.lock().await;
        if let Some(number) = taken.first() {
            return Ok(number);
        }
        let now = self.now();
        let size = block.next_size(now);
        let count = i64::try_from(size).unwrap_or(1);
        let last = self.table.add(&layout::number_counter(account), count).await?;
        let last = u64::try_from(last).unwrap_or(0);
        *block = Block { size, at: Some(now) };
        let first = last.saturating_sub(size) + 1;
        taken.add(first + 1..=last);
        Ok(first)
    }

    /// Takes back the number of a user who has not been made, unless it may have been, or somebody has
    /// the number.
    pub(in crate::store) fn reuse_number<T>(
        &self,
        account: AccountId,
        number: u64,
        made: &Result<Option<T>>,
    ) {
        match made {
            // The operator has chosen one out of those that this node has; others of them may be taken, too.
            Err(Error::Conflict(Conflict::NumberTaken)) => self.numbers.of(account).drop_all(),
            Ok(None) | Err(Error::Conflict(_)) => self.numbers.of(account).add([number]),
            // It was made, or may have been.
            Ok(Some(_)) | Err(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_operator_gives_what_no_node_has_taken() {
        let counter = |value, from, to| Counter { value, from, to, version: 1 };
        // Nodes have taken all up to 4.
        let taken = counter(4, 0, 0);
        assert_eq!((taken.giving(4), taken.giving(1)), (None, None));
        let given = taken.giving(9).unwrap();
        assert_eq!(given, counter(9, 4, 9));
        // What lies between is for the operator, in whatever order.
        assert_eq!((given.giving(5), given.giving(9)), (Some(given), Some(given)));
        assert_eq!(given.giving(4), None);
        assert_eq!(given.giving(20), Some(counter(20, 4, 20)));
        // A node has taken up to 12 since then.
        let taken = Counter { value: 12, ..given };
        assert_eq!((taken.giving(7), taken.giving(11)), (Some(taken), None));
        assert_eq!(taken.giving(15), Some(counter(15, 12, 15)));
    }

    #[test]
    fn blocks_grow_while_they_are_used_up_soon() {
        let start = Timestamp::from_millis(1_700_000_000_000);
        let mut block = Block::default();
        let sizes: Vec<u64> = (0..9)
            .map(|_| {
                block = Block { size: block.next_size(start), at: Some(start) };
                block.size
            })
            .collect();
        assert_eq!(sizes, [1, 2, 4, 8, 16, 32, 64, 64, 64]);
        assert_eq!(block.next_size(start.plus(SOON)), 1);
    }
}
