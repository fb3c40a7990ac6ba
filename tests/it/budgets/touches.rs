//! Where each call is charged, as `bench/partitions.py` reads it.

use std::collections::{BTreeMap, BTreeSet};

use guestlist::table::Index;
use serde_json::{Value, json};

use crate::support::meter::{Touch, Units};

/// What partitions begin with that are nobody's own.
const SHARED: [&str; 5] = ["accounts", "home", "mail", "outbox#", "purge#"];

/// What lies in partitions of each kind, as people call it.
const CONTENTS: [(&str, &str); 14] = [
    ("account", "user and account"),
    ("audit", "audit entry"),
    ("count", "totals"),
    ("days", "counts of the day"),
    ("email", "users of the email"),
    ("identity", "accounts of the person"),
    ("invite", "invite"),
    ("limit", "limits"),
    ("names", "search index"),
    ("numbers", "number"),
    ("outbox", "email"),
    ("reset", "code"),
    ("sessions", "sessions"),
    ("signin", "sign-in"),
];
/// The same of those that are so called in the index.
const LISTED: [(&str, &str); 5] = [
    ("account", "list of users"),
    ("audit", "history of the user"),
    ("invites", "list of invitations"),
    ("letters", "emails of the user"),
    ("user", "place of the user"),
];

/// Calls with what they read and write of what, as rows of a table.
pub(super) fn parts<const N: usize>(calls: [(&str, Vec<Touch>); N]) -> String {
    let row = |(call, touches): (&str, Vec<Touch>)| {
        let mut sums = BTreeMap::<&str, Units>::new();
        for touch in touches {
            let sum = sums.entry(contents(&touch)).or_default();
            *sum = *sum + touch.units;
        }
        let reads = cell(sums.iter().map(|(what, units)| (*what, halves(units.half_reads))));
        let writes = cell(sums.iter().map(|(what, units)| (*what, units.writes.to_string())));
        format!("| {call} | {reads} | {writes} |\n")
    };
    calls.map(row).concat()
}

fn contents(touch: &Touch) -> &'static str {
    let (kind, _) = touch.partition.split_once('#').expect("a partition has a kind");
    let is_listed = touch.index == Index::Gs1;
    let names = if is_listed || kind == "user" { &LISTED[..] } else { &CONTENTS[..] };
    let found = names.iter().find(|(of, _)| *of == kind);
    found.unwrap_or_else(|| panic!("{kind} has no name")).1
}

/// So many halves, as a number.
fn halves(count: usize) -> String {
    format!("{}{}", count / 2, if count % 2 == 1 { ".5" } else { "" })
}

fn cell<'a>(parts: impl Iterator<Item = (&'a str, String)>) -> String {
    let parts = parts.filter(|(_, units)| units != "0");
    parts.map(|(what, units)| format!("{what} {units}")).collect::<Vec<_>>().join(", ")
}

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
