//! What both engines refuse before they try: the limits of the interface, as pure functions.
//!
//! They are DynamoDB's, so that nothing works on SQLite that would fail there.

use std::{borrow::Cow, collections::HashSet, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{Error as _, IgnoredAny, MapAccess, Visitor},
};

use super::{
    Error, Index, Item, Key, MAX_BODY_BYTES, MAX_KEYS, MAX_OPS, MAX_PAGE, MAX_PARTITION_BYTES,
    MAX_SORT_BYTES, MAX_WRITE_BYTES, Op, Position, Query, Range, Result,
};

/// The attributes that are an item's own fields, which a body may not name.
const FIELDS: [&str; 6] = ["pk", "sk", "gs1pk", "gs1sk", "version", "expires"];

/// Checks the address of an item.
pub(super) fn key(key: &Key) -> Result<()> {
    length("partition key", &key.partition, MAX_PARTITION_BYTES)?;
    length("sort key", &key.sort, MAX_SORT_BYTES)
}

/// Checks the addresses of several items.
pub(super) fn keys(keys: &[Key]) -> Result<()> {
    if keys.len() > MAX_KEYS {
        return invalid(format!("{} keys, at most {MAX_KEYS} are allowed", keys.len()));
    }
    keys.iter().try_for_each(key)
}

/// Checks the operations of one write.
pub(super) fn write(ops: &[Op]) -> Result<()> {
    if ops.len() > MAX_OPS {
        return invalid(format!("{} operations, at most {MAX_OPS} are allowed", ops.len()));
    }
    let mut seen = HashSet::with_capacity(ops.len());
    let mut bytes = 0;
    for op in ops {
        key(op.key())?;
        if !seen.insert(op.key()) {
            return invalid(format!("two operations on {}", op.key()));
        }
        match op {
            Op::Put(item, _) => {
                put(item)?;
                bytes += item.body.len();
            }
            Op::Add(_, numbers) => add(numbers)?,
            Op::Delete(..) | Op::Check(..) => {}
        }
    }
    if bytes > MAX_WRITE_BYTES {
        return invalid(format!("{bytes} bytes in all, at most {MAX_WRITE_BYTES} are allowed"));
    }
    Ok(())
}

/// Checks what a scan is asked.
pub(super) fn scan(after: Option<&Key>, limit: usize) -> Result<()> {
    page(limit)?;
    after.map_or(Ok(()), key)
}

/// Checks a query.
pub(super) fn query(query: &Query) -> Result<()> {
    length("partition key", &query.partition, MAX_PARTITION_BYTES)?;
    page(query.limit)?;
    match &query.range {
        Range::Prefix(text) | Range::Before(text) if text.len() > MAX_SORT_BYTES => {
            return invalid(format!("a range of {} bytes", text.len()));
        }
        Range::Between(first, last) => {
            length("sort key", first, MAX_SORT_BYTES)?;
            length("sort key", last, MAX_SORT_BYTES)?;
            if first > last {
                return invalid(format!("a range from {first} back to {last}"));
            }
        }
        Range::All | Range::Prefix(_) | Range::Before(_) => {}
    }
    query.after.as_ref().map_or(Ok(()), |after| position(query, after))
}

fn page(limit: usize) -> Result<()> {
    if limit == 0 || limit > MAX_PAGE {
        return invalid(format!("a page of {limit}, it must be 1 to {MAX_PAGE}"));
    }
    Ok(())
}

fn position(query: &Query, after: &Position) -> Result<()> {
    key(&after.key)?;
    length("sort key", &after.sort, MAX_SORT_BYTES)?;
    let foreign = after.key.partition != query.partition || after.key.sort != after.sort;
    if query.index == Index::Primary && foreign {
        return invalid(format!("{} is no position in {}", after.key, query.partition));
    }
    Ok(())
}

fn put(item: &Item) -> Result<()> {
    item.gs1.as_ref().map_or(Ok(()), key)?;
    for (name, number) in [("version", Some(item.version)), ("expires", item.expires)] {
        if number.is_some_and(|number| i64::try_from(number).is_err()) {
            return invalid(format!("the {name} of {} is beyond i64", item.key));
        }
    }
    if item.body.len() > MAX_BODY_BYTES {
        let bytes = item.body.len();
        return invalid(format!("{} of {bytes} bytes, at most {MAX_BODY_BYTES}", item.key));
    }
    serde_json::from_str(&item.body)
        .map_err(|error| Error::Invalid(format!("the body of {}: {error}", item.key)))
        .map(|Attributes| ())
}

/// The text of a JSON object whose names may be attributes'.
struct Attributes;

impl<'de> Deserialize<'de> for Attributes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Self)
    }
}

impl<'de> Visitor<'de> for Attributes {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self, A::Error> {
        while let Some(name) = map.next_key::<Cow<'de, str>>()? {
            attribute(&name).map_err(A::Error::custom)?;
            map.next_value::<IgnoredAny>()?;
        }
        Ok(self)
    }
}

fn add(numbers: &[(String, i64)]) -> Result<()> {
    let mut seen = HashSet::with_capacity(numbers.len());
    for (name, _) in numbers {
        attribute(name)?;
        if !seen.insert(name) {
            return invalid(format!("adds to `{name}` twice"));
        }
    }
    Ok(())
}

fn attribute(name: &str) -> Result<()> {
    if name.is_empty() || FIELDS.contains(&name) {
        return invalid(format!("an attribute may not be called `{name}`"));
    }
    Ok(())
}

fn length(what: &str, text: &str, max: usize) -> Result<()> {
    if text.is_empty() || text.len() > max {
        return invalid(format!("a {what} of {} bytes, it must be 1 to {max}", text.len()));
    }
    Ok(())
}

fn invalid<T>(why: String) -> Result<T> {
    Err(Error::Invalid(why))
}
