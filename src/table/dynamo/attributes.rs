//! Items as DynamoDB attributes: the fields and the body's top-level names side by side, each of
//! its native type, so that they can be read in the AWS console.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Serialize, Serializer, ser::Error as _};
use serde_json::{Map, Number, Value};

use super::{Error, Item, Key, Result};
use crate::table::{Index, Position};

pub(super) type Attributes = HashMap<String, AttributeValue>;

/// The primary key of an item.
pub(super) fn key(key: &Key) -> Attributes {
    HashMap::from([("pk".to_owned(), text(&key.partition)), ("sk".to_owned(), text(&key.sort))])
}

/// The key to start a query of a partition of `index` behind.
pub(super) fn start(index: Index, partition: &str, after: &Position) -> Attributes {
    let mut start = key(&after.key);
    if index == Index::Gs1 {
        start.insert("gs1pk".to_owned(), text(partition));
        start.insert("gs1sk".to_owned(), text(&after.sort));
    }
    start
}

/// Where an item stands in `index`, of which there are at least the keys.
pub(super) fn position(index: Index, mut attributes: Attributes) -> Position {
    let mut text = |name| take_text(&mut attributes, name).unwrap_or_default();
    let key = Key { partition: text("pk"), sort: text("sk") };
    let sort = match index {
        Index::Primary => key.sort.clone(),
        Index::Gs1 => text("gs1sk"),
    };
    Position { sort, key }
}

/// A string attribute.
pub(super) fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

/// A number attribute.
pub(super) fn number(number: &impl ToString) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

/// The item as it is stored.
pub(super) fn encode(item: &Item) -> Result<Attributes> {
    let body: Map<String, Value> = serde_json::from_str(&item.body)
        .map_err(|error| Error::Invalid(format!("the body of {}: {error}", item.key)))?;
    let mut attributes = key(&item.key);
    attributes.extend(body.into_iter().map(|(name, value)| (name, to_attribute(value))));
    attributes.insert("version".to_owned(), number(&item.version));
    if let Some(expires) = item.expires {
        attributes.insert("expires".to_owned(), number(&expires));
    }
    if let Some(gs1) = &item.gs1 {
        attributes.insert("gs1pk".to_owned(), text(&gs1.partition));
        attributes.insert("gs1sk".to_owned(), text(&gs1.sort));
    }
    Ok(attributes)
}

/// The item that was stored.
pub(super) fn decode(mut attributes: Attributes) -> Result<Item> {
    let key = Key {
        partition: take_text(&mut attributes, "pk").unwrap_or_default(),
        sort: take_text(&mut attributes, "sk").unwrap_or_default(),
    };
    let corrupt = |why: String| Error::Corrupt { key: key.clone(), why };
    let gs1 = take_text(&mut attributes, "gs1pk").zip(take_text(&mut attributes, "gs1sk"));
    let gs1 = gs1.map(|(partition, sort)| Key { partition, sort });
    let version = take_number(&mut attributes, "version")
        .map_err(corrupt)?
        .ok_or_else(|| corrupt("it has no version".to_owned()))?;
    let expires = take_number(&mut attributes, "expires").map_err(corrupt)?;
    let body = serde_json::to_string(&Object(&attributes));
    let body = body.map_err(|error| corrupt(error.to_string()))?;
    Ok(Item { key, gs1, version, expires, body })
}

fn take_text(attributes: &mut Attributes, name: &str) -> Option<String> {
    match attributes.remove(name) {
        Some(AttributeValue::S(text)) => Some(text),
        _ => None,
    }
}

fn take_number(attributes: &mut Attributes, name: &str) -> Result<Option<u64>, String> {
    let Some(value) = attributes.remove(name) else { return Ok(None) };
    let number = value.as_n().ok().and_then(|text| text.parse().ok());
    number.map(Some).ok_or_else(|| format!("`{name}` is no natural number"))
}

fn to_attribute(value: Value) -> AttributeValue {
    match value {
        Value::Null => AttributeValue::Null(true),
        Value::Bool(yes) => AttributeValue::Bool(yes),
        Value::Number(value) => AttributeValue::N(canonical(&value)),
        Value::String(text) => AttributeValue::S(text),
        Value::Array(values) => AttributeValue::L(values.into_iter().map(to_attribute).collect()),
        Value::Object(values) => AttributeValue::M(
            values.into_iter().map(|(name, value)| (name, to_attribute(value))).collect(),
        ),
    }
}

/// A whole float without its fraction, as DynamoDB gives it back.
fn canonical(number: &Number) -> String {
    let text = number.to_string();
    text.strip_suffix(".0").map_or_else(|| text.clone(), str::to_owned)
}

/// Attributes as a JSON object, in the order of their names.
struct Object<'a>(&'a Attributes);

impl Serialize for Object<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut named: Vec<_> = self.0.iter().map(|(name, value)| (name, Json(value))).collect();
        named.sort_unstable_by_key(|(name, _)| *name);
        serializer.collect_map(named)
    }
}

/// An attribute as JSON.
struct Json<'a>(&'a AttributeValue);

impl Serialize for Json<'_> {
    #[expect(clippy::wildcard_enum_match_arm, reason = "the SDK's enum is not exhaustive")]
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            AttributeValue::Null(_) => serializer.serialize_unit(),
            AttributeValue::Bool(yes) => serializer.serialize_bool(*yes),
            AttributeValue::N(text) => parse(text)
                .ok_or_else(|| S::Error::custom(format!("{text} is no JSON number")))?
                .serialize(serializer),
            AttributeValue::S(text) => serializer.serialize_str(text),
            AttributeValue::L(values) => serializer.collect_seq(values.iter().map(Json)),
            AttributeValue::M(values) => Object(values).serialize(serializer),
            other => Err(S::Error::custom(format!("{other:?} is of a type that JSON lacks"))),
        }
    }
}

/// Integers exactly, everything else as the nearest float.
fn parse(text: &str) -> Option<Number> {
    let signed = text.parse::<i64>().ok().map(Number::from);
    signed
        .or_else(|| text.parse::<u64>().ok().map(Number::from))
        .or_else(|| text.parse().ok().and_then(Number::from_f64))
}
