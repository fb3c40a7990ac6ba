//! A table in memory, whose whole content can be taken out and put back at hardly any cost.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, OnceLock},
};

use async_trait::async_trait;
use guestlist::{
    clock::Clock,
    table::{
        Condition, Direction, Error, Index, Item, Key, Op, Page, Passed, Position, Query, Range,
        Refused, Result, Scanned, Table, Walks, Written,
    },
};
use serde_json::{Map, Value};

/// All items of a table. What is shared by several contents is there once.
pub(crate) type Items = Arc<BTreeMap<Arc<Key>, Arc<Stored>>>;

/// An item, and what its body says, which is found out once.
#[derive(Debug)]
pub(crate) struct Stored {
    pub(crate) item: Item,
    body: OnceLock<Value>,
}

impl Stored {
    fn new(item: Item) -> Arc<Self> {
        Arc::new(Self { item, body: OnceLock::new() })
    }

    /// The body.
    pub(crate) fn body(&self) -> &Value {
        self.body.get_or_init(|| serde_json::from_str(&self.item.body).unwrap())
    }
}

/// A table of tests, which trusts its callers with the limits of the interface.
pub(crate) struct Memory {
    clock: Clock,
    items: Mutex<Items>,
    /// What the partitions begin with that nothing is kept of.
    unkept: &'static [&'static str],
}

impl Memory {
    /// An empty one. It forgets at once what is put into partitions that begin like one of these.
    pub(crate) fn new(clock: Clock, unkept: &'static [&'static str]) -> Self {
        Self { clock, items: Mutex::default(), unkept }
    }

    /// All that is in it.
    pub(crate) fn items(&self) -> Items {
        Arc::clone(&self.items.lock().unwrap())
    }

    /// Has it hold just these.
    pub(crate) fn load(&self, items: Items) {
        *self.items.lock().unwrap() = items;
    }

    fn lives(&self, item: &Item) -> bool {
        item.expires.is_none_or(|at| at > self.clock.now().seconds())
    }

    fn find<'a>(&self, items: &'a Items, key: &Key) -> Option<&'a Item> {
        items.get(key).map(|stored| &stored.item).filter(|item| self.lives(item))
    }

    fn is_kept(&self, key: &Key) -> bool {
        !self.unkept.iter().any(|start| key.partition.starts_with(start))
    }

    fn apply(&self, items: &mut Items, op: Op) -> Result<()> {
        if matches!(op, Op::Check(..)) || !self.is_kept(op.key()) {
            return Ok(());
        }
        if matches!(op, Op::Delete(..)) && !items.contains_key(op.key()) {
            return Ok(());
        }
        let item = match op {
            Op::Put(item, _) => item,
            Op::Add(key, numbers) => added(self.find(items, &key), &key, &numbers)?,
            Op::Delete(key, _) => {
                Arc::make_mut(items).remove(&key);
                return Ok(());
            }
            Op::Check(..) => return Ok(()),
        };
        Arc::make_mut(items).insert(Arc::new(item.key.clone()), Stored::new(item));
        Ok(())
    }

    /// What a query finds, also beyond its limit.
    fn matching(&self, query: &Query) -> Vec<(Position, Arc<Stored>)> {
        let items = self.items();
        let mut found: Vec<_> = match query.index {
            Index::Primary => {
                let from = Key { partition: query.partition.clone(), sort: String::new() };
                let rest = items.range(Arc::new(from)..);
                let own = rest.take_while(|(key, _)| key.partition == query.partition);
                own.map(|(_, item)| item).collect()
            }
            Index::Gs1 => {
                let listed = |stored: &&Arc<Stored>| {
                    stored.item.gs1.as_ref().is_some_and(|gs1| gs1.partition == query.partition)
                };
                items.values().filter(listed).collect()
            }
        };
        found.retain(|stored| self.lives(&stored.item));
        let mut placed: Vec<_> = found
            .into_iter()
            .filter_map(|stored| Some((stored.item.position(query.index)?, Arc::clone(stored))))
            .filter(|(position, _)| is_in(&query.range, &position.sort))
            .collect();
        let order = |position: &Position| (position.sort.clone(), position.key.clone());
        placed.sort_by_cached_key(|(position, _)| order(position));
        let after = query.after.as_ref().map(order);
        match query.direction {
            Direction::Forward => {
                placed.retain(|(it, _)| after.as_ref().is_none_or(|after| order(it) > *after));
            }
            Direction::Backward => {
                placed.reverse();
                placed.retain(|(it, _)| after.as_ref().is_none_or(|after| order(it) < *after));
            }
        }
        placed
    }
}

fn is_in(range: &Range, sort: &str) -> bool {
    match range {
        Range::All => true,
        Range::Prefix(prefix) => sort.starts_with(prefix.as_str()),
        Range::Before(end) => sort < end.as_str(),
        Range::Between(first, last) => (first.as_str()..=last.as_str()).contains(&sort),
    }
}

/// The item with these added to its numbers.
fn added(before: Option<&Item>, key: &Key, numbers: &[(String, i64)]) -> Result<Item> {
    let invalid = |why: String| Error::Invalid(format!("{key}: {why}"));
    let mut body: Map<String, Value> = match before {
        Some(item) => serde_json::from_str(&item.body).map_err(|it| invalid(it.to_string()))?,
        None => Map::new(),
    };
    for (name, n) in numbers {
        let number = body.get(name).map_or(Some(0), Value::as_i64);
        let sum = number.and_then(|number| number.checked_add(*n));
        let sum = sum.ok_or_else(|| invalid(format!("`{name}` is no number to add to")))?;
        body.insert(name.clone(), Value::from(sum));
    }
    let version = before.map_or(0, |item| item.version) + 1;
    let body = Value::Object(body).to_string();
    Ok(Item { key: key.clone(), gs1: None, version, expires: None, body })
}

fn condition(op: &Op) -> Condition {
    match op {
        Op::Put(_, condition) | Op::Delete(_, condition) | Op::Check(_, condition) => *condition,
        Op::Add(..) => Condition::Any,
    }
}

fn holds(condition: Condition, version: Option<u64>) -> bool {
    match condition {
        Condition::Absent => version.is_none(),
        Condition::Version(wanted) => version == Some(wanted),
        Condition::Any => true,
    }
}

#[async_trait]
impl Table for Memory {
    async fn get(&self, key: &Key) -> Result<Option<Item>> {
        Ok(self.find(&self.items(), key).cloned())
    }

    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Item>>> {
        let items = self.items();
        Ok(keys.iter().map(|key| self.find(&items, key).cloned()).collect())
    }

    async fn query(&self, query: &Query) -> Result<Page> {
        let found = self.matching(query);
        let more = found.len() > query.limit;
        let items = found.into_iter().take(query.limit);
        Ok(Page { items: items.map(|(_, stored)| stored.item.clone()).collect(), more })
    }

    async fn skip(&self, query: &Query) -> Result<Passed> {
        let mut found = self.matching(query);
        found.truncate(query.limit);
        let end = if found.len() == query.limit { found.pop() } else { None };
        let items = found.len() + usize::from(end.is_some());
        Ok(Passed { items, end: end.map(|(position, _)| position) })
    }

    async fn scan(&self, after: Option<&Key>, limit: usize) -> Result<Scanned> {
        let items = self.items();
        let behind = items.iter().filter(|(key, _)| after.is_none_or(|after| ***key > *after));
        let live = behind.map(|(_, stored)| &stored.item).filter(|item| self.lives(item));
        let items: Vec<Item> = live.take(limit).cloned().collect();
        let next = items.last().filter(|_| items.len() == limit).map(|item| item.key.clone());
        Ok(Scanned { items, next })
    }

    fn walks(&self) -> Walks {
        Walks { passed: 10_000, examined: 10_000 }
    }

    async fn write(&self, ops: Vec<Op>) -> Result<Written> {
        let mut held = self.items.lock().unwrap();
        for (position, op) in ops.iter().enumerate() {
            let current = self.find(&held, op.key());
            if !holds(condition(op), current.map(|item| item.version)) {
                let current = current.cloned();
                return Ok(Written::Refused(Refused { op: position, current }));
            }
        }
        let mut items = Arc::clone(&held);
        ops.into_iter().try_for_each(|op| self.apply(&mut items, op))?;
        *held = items;
        Ok(Written::Done)
    }

    async fn add(&self, key: &Key, n: i64) -> Result<i64> {
        let mut held = self.items.lock().unwrap();
        let before = self.find(&held, key);
        let stored = Stored::new(added(before, key, &[("value".to_owned(), n)])?);
        let sum = stored.body()["value"].as_i64().unwrap();
        if self.is_kept(key) {
            Arc::make_mut(&mut held).insert(Arc::new(key.clone()), stored);
        }
        Ok(sum)
    }

    async fn ready(&self) -> Result<()> {
        Ok(())
    }
}
