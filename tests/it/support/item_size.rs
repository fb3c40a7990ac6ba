//! How large DynamoDB takes an item to be, by "DynamoDB item sizes and formats" in its Developer
//! Guide: the names of its attributes and their values.

use guestlist::table::Item;
use serde_json::{Map, Value};

/// In bytes.
pub(crate) fn item_size(item: &Item) -> usize {
    let body: Map<String, Value> = serde_json::from_str(&item.body).unwrap();
    let [pk, sk] = [&item.key.partition, &item.key.sort].map(String::len);
    let key = "pk".len() + pk + "sk".len() + sk;
    let gs1 = item
        .gs1
        .as_ref()
        .map_or(0, |gs1| "gs1pk".len() + gs1.partition.len() + "gs1sk".len() + gs1.sort.len());
    let version = "version".len() + number(&item.version.to_string());
    let expires = item.expires.map_or(0, |at| "expires".len() + number(&at.to_string()));
    key + gs1 + version + expires + body.iter().map(named).sum::<usize>()
}

fn named((name, of): (&String, &Value)) -> usize {
    name.len() + value(of)
}

/// Lists and maps take three bytes, and one for each of their elements.
fn value(of: &Value) -> usize {
    match of {
        Value::Null | Value::Bool(_) => 1,
        Value::Number(of) => number(&of.to_string()),
        Value::String(text) => text.len(),
        Value::Array(values) => 3 + values.iter().map(|of| 1 + value(of)).sum::<usize>(),
        Value::Object(values) => 3 + values.iter().map(|of| 1 + named(of)).sum::<usize>(),
    }
}

/// A byte, one more for each two digits between the first and the last that count, and one for a
/// minus; pairs begin at the point.
fn number(text: &str) -> usize {
    assert!(!text.contains('e'), "{text} is not written out");
    let digits = text.trim_start_matches('-');
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let left = "0".repeat(whole.len() % 2);
    let right = "0".repeat(fraction.len() % 2);
    let digits = [left.as_str(), whole, fraction, right.as_str()].concat();
    let counts = |pair: &&[u8]| *pair != b"00";
    let pairs: Vec<_> = digits.as_bytes().chunks(2).collect();
    let first = pairs.iter().position(counts);
    let last = pairs.iter().rposition(counts);
    let count = first.zip(last).map_or(0, |(first, last)| last - first + 1);
    1 + count + usize::from(text.starts_with('-'))
}
