//! Copying all items of a table into another one, of whatever engine, and comparing the two record by record.
//!
//! What the items mean does not matter here. Items that have expired are not copied.

use std::collections::BTreeSet;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::Value;

use super::{Condition, Error, Item, Key, Op, Result, Table, Written, check};
use crate::clock::Clock;

/// How many items are read at once.
const PAGE: usize = 500;
/// How many of them are written at the same time.
const TOGETHER: usize = 32;

/// Two tables, of which one is to become what the other is.
pub(crate) struct Copy<'a> {
    /// Where the items are.
    pub(crate) from: &'a dyn Table,
    /// Where they are to be.
    pub(crate) to: &'a dyn Table,
    /// Items that are each table's own.
    pub(crate) own: &'a [Key],
    /// The time, for items that expire meanwhile.
    pub(crate) clock: &'a Clock,
}

/// In what two tables differ.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Comparison {
    /// How many items of the first were looked at.
    pub(crate) compared: u64,
    /// The items that are not the same in both.
    pub(crate) different: BTreeSet<Key>,
}

/// Looks whether every item of a table can be stored in either engine; returns how many there are, without the
/// table's `own`.
///
/// # Errors
/// `Invalid`, which names the first that cannot.
pub(crate) async fn count(from: &dyn Table, own: &[Key]) -> Result<u64> {
    let (mut count, mut after) = (0, None);
    loop {
        let page = from.scan(after.as_ref(), PAGE).await?;
        for item in page.items.into_iter().filter(|item| !own.contains(&item.key)) {
            check::write(&[Op::Put(item, Condition::Any)])?;
            count += 1;
        }
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(count),
        }
    }
}

impl Copy<'_> {
    /// Copies the next items; returns how many, and what to go on behind.
    pub(crate) async fn next(&self, after: Option<&Key>) -> Result<(u64, Option<Key>)> {
        let page = self.from.scan(after, PAGE).await?;
        let items: Vec<Item> =
            page.items.into_iter().filter(|item| self.is_copied(&item.key)).collect();
        let count = u64::try_from(items.len()).unwrap_or(u64::MAX);
        self.write(items.into_iter().map(|item| Op::Put(item, Condition::Any))).await?;
        Ok((count, page.next))
    }

    /// Looks at every item of both.
    pub(crate) async fn compare(&self) -> Result<Comparison> {
        let mut found = Comparison::default();
        let mut after = None;
        loop {
            let page = self.from.scan(after.as_ref(), PAGE).await?;
            found.compared +=
                self.compare_items(&page.items, self.to, &mut found.different).await?;
            match page.next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
        // The other way round, for what is there and should not be.
        let mut after = None;
        loop {
            let page = self.to.scan(after.as_ref(), PAGE).await?;
            self.compare_items(&page.items, self.from, &mut found.different).await?;
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(found),
            }
        }
    }

    /// Copies single items anew, also that they are not there.
    pub(crate) async fn mend(&self, keys: &BTreeSet<Key>) -> Result<()> {
        let keys: Vec<Key> = keys.iter().cloned().collect();
        for keys in keys.chunks(PAGE) {
            let items = self.from.get_many(keys).await?;
            let op = |(key, item): (&Key, Option<Item>)| match item {
                Some(item) => Op::Put(item, Condition::Any),
                None => Op::Delete(key.clone(), Condition::Any),
            };
            self.write(keys.iter().zip(items).map(op)).await?;
        }
        Ok(())
    }

    /// Notes the items that are not the same in the other table; returns how many were looked at.
    async fn compare_items(
        &self,
        items: &[Item],
        other: &dyn Table,
        different: &mut BTreeSet<Key>,
    ) -> Result<u64> {
        let items: Vec<&Item> = items.iter().filter(|item| self.is_copied(&item.key)).collect();
        let keys: Vec<Key> = items.iter().map(|item| item.key.clone()).collect();
        let others = other.get_many(&keys).await?;
        for (item, other) in items.iter().zip(others) {
            let is_same = match &other {
                Some(other) => is_same(item, other)?,
                None => !item.lives(self.clock.now().seconds()),
            };
            if !is_same {
                different.insert(item.key.clone());
            }
        }
        Ok(u64::try_from(items.len()).unwrap_or(u64::MAX))
    }

    async fn write(&self, ops: impl Iterator<Item = Op>) -> Result<()> {
        let writes = stream::iter(ops).map(async |op| match self.to.write(vec![op]).await? {
            Written::Done => Ok(()),
            Written::Refused(_) => {
                Err(Error::Busy("a write without a condition was refused".into()))
            }
        });
        writes.buffer_unordered(TOGETHER).try_collect().await
    }

    fn is_copied(&self, key: &Key) -> bool {
        !self.own.contains(key)
    }
}

/// Whether two items mean the same; engines may write bodies differently.
fn is_same(one: &Item, other: &Item) -> Result<bool> {
    let heads = |item: &Item| (item.key.clone(), item.gs1.clone(), item.version, item.expires);
    if heads(one) != heads(other) {
        return Ok(false);
    }
    if one.body == other.body {
        return Ok(true);
    }
    let body = |item: &Item| {
        serde_json::from_str::<Value>(&item.body)
            .map_err(|error| Error::Corrupt { key: item.key.clone(), why: error.to_string() })
    };
    Ok(means_same(&body(one)?, &body(other)?))
}

fn means_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        // A whole float may come back as an integer.
        (Value::Number(one), Value::Number(other)) => {
            one == other || one.as_f64() == other.as_f64()
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(a, b)| means_same(a, b))
        }
        (Value::Object(one), Value::Object(other)) => {
            let same = |(name, value): (&String, &Value)| {
                other.get(name).is_some_and(|other| means_same(value, other))
            };
            one.len() == other.len() && one.iter().all(same)
        }
        (one, other) => one == other,
    }
}
