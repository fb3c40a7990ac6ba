//! What DynamoDB charges for each kind of call, at several sizes of items: what the meter says, by which
//! `docs/costs.md` is made, is what DynamoDB Local answers.

use guestlist::table::{
    Condition::{Absent, Any, Version},
    Index, Item, Key, Op, Query, Range, Table as _, Written,
};
use serde_json::json;

use super::{clock, item, listed};
use crate::support::{self, charges::Charges, item_size::item_size, meter::Metered};

/// Of one step and of several, and at the edge of one, where a byte makes the difference.
const SIZES: [usize; 7] = [200, 1024, 1025, 3000, 4096, 4097, 40_000];

/// A metered table, and the proxy that hears what DynamoDB Local charges.
struct Charged {
    table: Metered,
    charges: Charges,
}

impl Charged {
    async fn new() -> Option<Self> {
        let charges = Charges::before(support::dynamodb()?).await;
        let table = charges.table(&clock()).await;
        charges.clear();
        Some(Self { table, charges })
    }

    /// Compares what has been charged since the last time; whether there was anything to compare.
    fn check(&self, what: &str) {
        let metered = self.table.take();
        assert!(!metered.is_empty(), "{what} is not charged");
        self.charges.check(&metered, what);
    }

    async fn write(&self, what: &str, ops: Vec<Op>) {
        assert_eq!(self.table.write(ops).await.unwrap(), Written::Done, "{what}");
        self.check(what);
    }

    async fn put(&self, what: &str, item: Item) {
        self.write(what, vec![Op::Put(item, Any)]).await;
    }
}

/// An item of so many bytes, with values of all kinds.
fn sized(name: &str, bytes: usize) -> Item {
    let body = |text: String| {
        let body = json!({
            "a": text, "n": -12.5, "t": true, "l": ["é", null], "m": {"z": 10_000},
        });
        Item { body: body.to_string(), ..item(name, "sort") }
    };
    let without = item_size(&body(String::new()));
    body("x".repeat(bytes - without))
}

fn in_list(item: Item, list: &str) -> Item {
    Item { gs1: Some(Key::new(list, item.key.partition.clone())), ..item }
}

fn key(name: &str) -> Key {
    Key::new(name, "sort")
}

#[tokio::test]
async fn reads() {
    let Some(charged) = Charged::new().await else { return };
    for bytes in SIZES {
        let name = format!("i-{bytes:05}");
        charged.put("put", in_list(sized(&name, bytes), "list")).await;
        charged.table.get(&key(&name)).await.unwrap();
        charged.check(&format!("get of {bytes}"));
        charged.table.get(&key("nothing")).await.unwrap();
        charged.check("get of nothing");
        let checked = vec![Op::Check(key(&name), Version(1))];
        charged.write("a check alone", checked).await;
    }
    let there = SIZES.map(|bytes| key(&format!("i-{bytes:05}")));
    let nothing = ["nothing", "none"].map(key);
    let keys = [&there[..], &nothing, &there[..2]].concat();
    for several in [&keys[..1], &nothing, &keys] {
        charged.table.get_many(several).await.unwrap();
        charged.check(&format!("get of {} keys", several.len()));
    }
    for (index, partition) in [(Index::Gs1, "list"), (Index::Primary, "i-03000")] {
        for limit in 1..=SIZES.len() {
            let query = Query::first(index, partition, Range::All, limit);
            charged.table.query(&query).await.unwrap();
            charged.check(&format!("query of {limit}"));
            charged.table.skip(&query).await.unwrap();
            charged.check(&format!("skip of {limit}"));
        }
        let query = Query::first(index, "nothing", Range::All, 1);
        charged.table.query(&query).await.unwrap();
        charged.check("query of nothing");
    }
}

#[tokio::test]
async fn single_writes() {
    let Some(charged) = Charged::new().await else { return };
    for bytes in SIZES {
        let name = format!("i-{bytes}");
        let plain = || sized(&name, bytes);
        let raised = || Item { version: 2, ..plain() };
        let small = || sized(&name, SIZES[0]);
        charged.write("a new one", vec![Op::Put(plain(), Absent)]).await;
        charged.put("once more", raised()).await;
        charged.put("smaller", small()).await;
        charged.write("larger", vec![Op::Put(raised(), Version(1))]).await;
        charged.put("into gs1", in_list(plain(), "a")).await;
        charged.put("the very same", in_list(plain(), "a")).await;
        charged.put("changed in gs1", in_list(raised(), "a")).await;
        charged.put("smaller in gs1", in_list(small(), "a")).await;
        charged.put("elsewhere in gs1, and larger", in_list(plain(), "b")).await;
        charged.put("elsewhere in gs1, and smaller", in_list(small(), "c")).await;
        charged.put("out of gs1", plain()).await;
        charged.write("removed", vec![Op::Delete(key(&name), Version(1))]).await;
        charged.write("removed, not there", vec![Op::Delete(key(&name), Any)]).await;
        charged.put("put into gs1", in_list(plain(), "a")).await;
        charged.write("removed from gs1", vec![Op::Delete(key(&name), Any)]).await;
    }
    for what in ["a new counter", "a counter"] {
        charged.table.add(&key("counter"), 5).await.unwrap();
        charged.check(what);
    }
    charged.write("numbers", vec![Op::Add(key("numbers"), vec![("n".to_owned(), 1)])]).await;
}

#[tokio::test]
async fn transactions() {
    let Some(charged) = Charged::new().await else { return };
    for bytes in SIZES {
        let sized = |name: &str| sized(&format!("{name}-{bytes}"), bytes);
        let key = |name: &str| key(&format!("{name}-{bytes}"));
        let numbers = Op::Add(key("numbers"), vec![("n".to_owned(), 1)]);
        let put = |item| Op::Put(item, Any);
        let ops = vec![put(sized("a")), put(in_list(sized("b"), "list")), put(item("c", "sort"))];
        charged.write("three new ones", ops).await;
        let ops = vec![put(Item { version: 2, ..sized("a") }), numbers.clone()];
        charged.write("a change, and numbers", ops).await;
        let ops = vec![put(in_list(sized("b"), "another")), Op::Check(key("a"), Version(2))];
        charged.write("elsewhere in gs1, and a check", ops).await;
        let ops = vec![put(in_list(sized("a"), "list")), Op::Check(key("nothing"), Any)];
        charged.write("into gs1, and a check that is not sent", ops).await;
        let small = listed(&key("b").partition, "sort", "another", &key("b").partition);
        let ops = vec![put(small), Op::Delete(key("nothing"), Absent), numbers];
        charged.write("smaller in gs1, and a deletion of nothing", ops).await;
        let ops = vec![Op::Delete(key("a"), Version(1)), Op::Delete(key("b"), Version(1))];
        charged.write("removed from gs1", ops).await;
    }
}

/// DynamoDB charges for them, and does not say how much.
#[tokio::test]
async fn refusals_are_charged_in_silence() {
    let Some(charged) = Charged::new().await else { return };
    charged.put("put", item("a", "sort")).await;
    let single = vec![Op::Put(item("a", "sort"), Absent)];
    let several = vec![Op::Put(item("b", "sort"), Absent), Op::Delete(key("a"), Absent)];
    for ops in [single, several] {
        let refused = charged.table.write(ops).await.unwrap();
        assert!(matches!(refused, Written::Refused(_)), "{refused:?}");
        let metered = charged.table.take();
        assert!(metered.iter().all(|charge| charge.refused && !charge.parts.is_empty()));
        charged.charges.check(&metered, "a refusal");
    }
}
