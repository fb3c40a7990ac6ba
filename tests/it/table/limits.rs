//! The limits of the interface: what is within works, what is beyond is refused, on both engines.

use guestlist::table::{
    Condition::Any, Error, Index, Item, Key, MAX_BODY_BYTES, MAX_KEYS, Op, Position, Query, Range,
};

use super::{World, all, each_checking, item};

fn put(item: Item) -> Op {
    Op::Put(item, Any)
}

fn body(body: &str) -> Op {
    put(Item { body: body.to_owned(), ..item("p", "s") })
}

/// A body of so many bytes.
fn filled(bytes: usize) -> String {
    format!(r#"{{"x":"{}"}}"#, "x".repeat(bytes - 8))
}

async fn invalid(world: &World, ops: Vec<Op>) {
    let text = format!("{ops:.100?}");
    let outcome = world.table.write(ops).await;
    assert!(matches!(outcome, Err(Error::Invalid(_))), "{outcome:?} {text:.300}");
}

#[tokio::test]
async fn writes_beyond_the_limits() {
    each_checking(async |world| {
        let beyond = i64::MAX.unsigned_abs() + 1;
        invalid(world, (0..101).map(|n| put(item("p", &n.to_string()))).collect()).await;
        invalid(world, vec![put(item("p", "s")), Op::Check(Key::new("p", "s"), Any)]).await;
        invalid(world, vec![put(item("", "s"))]).await;
        invalid(world, vec![put(item("p", ""))]).await;
        invalid(world, vec![put(item(&"p".repeat(2049), "s"))]).await;
        invalid(world, vec![put(item("p", &"s".repeat(1025)))]).await;
        invalid(world, vec![put(Item { gs1: Some(Key::new("g", "")), ..item("p", "s") })]).await;
        invalid(world, vec![put(Item { version: beyond, ..item("p", "s") })]).await;
        invalid(world, vec![put(Item { expires: Some(beyond), ..item("p", "s") })]).await;
        for text in ["", "[]", "7", "{", r#"{"pk":1}"#, r#"{"expires":1}"#, r#"{"":1}"#] {
            invalid(world, vec![body(text)]).await;
        }
        invalid(world, vec![body(&filled(MAX_BODY_BYTES + 1))]).await;
        let many =
            (0..11).map(|n| Item { body: filled(MAX_BODY_BYTES), ..item("p", &n.to_string()) });
        invalid(world, many.map(put).collect()).await;
        let add = |names: &[&str]| {
            Op::Add(Key::new("c", "c"), names.iter().map(|name| ((*name).to_owned(), 1)).collect())
        };
        for names in [&["version"][..], &[""], &["a", "a"]] {
            invalid(world, vec![add(names)]).await;
        }
        assert!(world.query(&all(Index::Primary, "p")).await.items.is_empty());
    })
    .await;
}

#[tokio::test]
async fn adding_to_what_is_no_number() {
    each_checking(async |world| {
        world.store([item("p", "s")]).await;
        let add = Op::Add(Key::new("p", "s"), vec![("name".to_owned(), 1)]);
        invalid(world, vec![add]).await;
        assert_eq!(world.get(&Key::new("p", "s")).await, Some(item("p", "s")));
    })
    .await;
}

#[tokio::test]
async fn writes_just_within_the_limits() {
    each_checking(async |world| {
        let long = Item {
            gs1: Some(Key::new("g".repeat(2048), "s".repeat(1024))),
            body: filled(MAX_BODY_BYTES),
            ..item(&"p".repeat(2048), &"s".repeat(1024))
        };
        world.store([long.clone()]).await;
        assert_eq!(world.get(&long.key).await, Some(long));
        let nine =
            (0..9).map(|n| Item { body: filled(MAX_BODY_BYTES), ..item("p", &n.to_string()) });
        world.store(nine).await;
        assert_eq!(world.query(&all(Index::Primary, "p")).await.items.len(), 9);
    })
    .await;
}

#[tokio::test]
async fn reads_beyond_the_limits() {
    each_checking(async |world| {
        let refused = world.table.get(&Key::new("p", "")).await;
        assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
        let key = Key::new("p", "s");
        for keys in [vec![key.clone(), Key::new("", "s")], vec![key; MAX_KEYS + 1]] {
            let refused = world.table.get_many(&keys).await;
            assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
        }
        let at = |pk: &str, sk: &str, sort: &str| {
            Some(Position { key: Key::new(pk, sk), sort: sort.to_owned() })
        };
        let good = all(Index::Primary, "p");
        for query in [
            Query { limit: 0, ..good.clone() },
            Query { limit: 1001, ..good.clone() },
            Query { partition: String::new(), ..good.clone() },
            Query { range: Range::Prefix("s".repeat(1025)), ..good.clone() },
            Query { after: at("p", "", ""), ..good.clone() },
            Query { after: at("other", "s", "s"), ..good.clone() },
            Query { after: at("p", "s", "t"), ..good.clone() },
        ] {
            let refused = world.table.query(&query).await;
            assert!(matches!(refused, Err(Error::Invalid(_))), "{query:?}");
            let refused = world.table.skip(&query).await;
            assert!(matches!(refused, Err(Error::Invalid(_))), "{query:?}");
        }
    })
    .await;
}
