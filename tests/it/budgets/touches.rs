//! Where each call is charged, as `bench/partitions.py` reads it.

use std::collections::{BTreeMap, BTreeSet};

use guestlist::table::Index;
use serde_json::{Value, json};

use crate::support::meter::{Touch, Units};

/// What partitions begin with that are nobody's own.
const SHARED: [&str; 6] = ["accounts", "home", "mail", "outbox#", "passwords", "purge#"];

/// Calls with what they touch, as JSON: a line for each call, which lists index, partition, halves of
/// read units, and write units.
pub(super) fn lines(calls: BTreeMap<&str, Vec<Touch>>) -> String {
    let account = |touch: &Touch| Some(touch.partition.strip_prefix("account#")?.to_owned());
    let accounts: BTreeSet<_> = calls.values().flatten().filter_map(account).collect();
    let line = |(call, touches)| format!("  {}: {}", json!(call), summed(touches, &accounts));
    let lines: Vec<_> = calls.into_iter().map(line).collect();
    format!("{{\n{}\n}}\n", lines.join(",\n"))
}

fn summed(touches: Vec<Touch>, accounts: &BTreeSet<String>) -> Value {
    let mut sums = BTreeMap::<_, Units>::new();
    for touch in touches {
        let index = match touch.index {
            Index::Primary => "table",
            Index::Gs1 => "gs1",
        };
        let sum = sums.entry((index, whose(&touch.partition, accounts))).or_default();
        *sum = *sum + touch.units;
    }
    let listed = sums.into_iter().map(|((index, partition), units)| {
        json!([index, partition, units.half_reads, units.writes])
    });
    listed.collect()
}

/// A partition without its id: that of an account, or of something that each user has its own of.
fn whose(partition: &str, accounts: &BTreeSet<String>) -> String {
    if SHARED.iter().any(|shared| partition.starts_with(shared)) {
        return partition.to_owned();
    }
    let (kind, id) = partition.split_once('#').expect("a partition has a kind");
    let whose = if accounts.contains(id) { "{account}" } else { "{user}" };
    format!("{kind}#{whose}")
}
