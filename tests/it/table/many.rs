//! Several items by their keys: each as `get` gives it.

use std::time::Duration;

use guestlist::table::{Item, Key, MAX_KEYS};

use super::{START, World, each, item};

/// Twice what DynamoDB takes in one call, and some.
const MANY: usize = 250;

fn key(number: usize) -> Key {
    Key::new(format!("p{}", number % 7), format!("{number:04}"))
}

async fn store(world: &World, numbers: impl Iterator<Item = usize>) {
    world.store(numbers.map(|number| Item { key: key(number), ..item("p", "s") })).await;
}

/// Asks for all the keys at once, and then for each.
async fn same_as_one_by_one(world: &World, keys: &[Key]) {
    let mut single = Vec::new();
    for key in keys {
        single.push(world.get(key).await);
    }
    assert_eq!(world.get_many(keys).await, single);
}

#[tokio::test]
async fn answers_come_in_the_order_of_keys() {
    each(async |world| {
        world.store(["a", "b", "c"].map(|sort| item("p", sort))).await;
        world.store([item("q", "a")]).await;
        let keys = [("p", "c"), ("q", "a"), ("p", "none"), ("p", "a"), ("none", "a"), ("p", "b")];
        let keys = keys.map(|(pk, sk)| Key::new(pk, sk));
        let found = world.get_many(&keys).await;
        let found: Vec<_> = found.into_iter().map(|item| item.map(|item| item.key)).collect();
        let [c, q, _, a, _, b] = keys.clone();
        assert_eq!(found, [Some(c), Some(q), None, Some(a), None, Some(b)]);
        same_as_one_by_one(world, &keys).await;
    })
    .await;
}

#[tokio::test]
async fn a_key_may_be_asked_for_twice() {
    each(async |world| {
        let (a, none) = (item("p", "a"), Key::new("p", "none"));
        world.store([a.clone()]).await;
        let keys = [&a.key, &none, &a.key, &a.key, &none].map(Key::clone);
        let found = world.get_many(&keys).await;
        assert_eq!(found, [Some(a.clone()), None, Some(a.clone()), Some(a), None]);
    })
    .await;
}

#[tokio::test]
async fn no_keys() {
    each(async |world| assert_eq!(world.get_many(&[]).await, [])).await;
}

#[tokio::test]
async fn what_has_expired_is_not_among_them() {
    each(async |world| {
        let brief = Item { expires: Some(START + 10), ..item("p", "brief") };
        let gone = Item { expires: Some(START), ..item("p", "gone") };
        let lasting = item("p", "lasting");
        world.store([brief.clone(), gone.clone(), lasting.clone()]).await;
        let keys = [&brief, &gone, &lasting].map(|item| item.key.clone());
        world.clock.advance(Duration::from_millis(9_999));
        let found = world.get_many(&keys).await;
        assert_eq!(found, [Some(brief), None, Some(lasting.clone())]);
        world.clock.advance(Duration::from_millis(1));
        assert_eq!(world.get_many(&keys).await, [None, None, Some(lasting)]);
    })
    .await;
}

#[tokio::test]
async fn more_than_one_call_to_dynamodb_takes() {
    each(async |world| {
        store(world, (0..MANY).filter(|number| number % 3 > 0)).await;
        // Backwards, and some of them once more, at the end and far from where they were.
        let keys: Vec<_> = (0..MANY).rev().chain(0..20).map(key).collect();
        same_as_one_by_one(world, &keys).await;
    })
    .await;
}

#[tokio::test]
async fn as_many_as_one_call_takes() {
    each(async |world| {
        store(world, [3, MAX_KEYS - 1].into_iter()).await;
        let keys: Vec<_> = (0..MAX_KEYS).map(key).collect();
        let found = world.get_many(&keys).await;
        let there = |at: &usize| found[*at].is_some();
        let there: Vec<_> = (0..found.len()).filter(there).collect();
        assert_eq!((found.len(), there), (MAX_KEYS, vec![3, MAX_KEYS - 1]));
    })
    .await;
}

/// 18 MB, of which DynamoDB gives up to 16 in one answer.
#[tokio::test]
async fn more_than_one_answer_of_dynamodb_holds() {
    each(async |world| {
        let body = format!(r#"{{"x":"{}"}}"#, "x".repeat(300_000));
        let large = |number| Item { key: key(number), body: body.clone(), ..item("p", "s") };
        for numbers in (0..60).collect::<Vec<_>>().chunks(10) {
            world.store(numbers.iter().map(|number| large(*number))).await;
        }
        let keys: Vec<_> = (0..60).map(key).collect();
        let found = world.get_many(&keys).await;
        assert!(found.into_iter().eq((0..60).map(|number| Some(large(number)))));
    })
    .await;
}

#[tokio::test]
async fn every_acknowledged_write_is_seen() {
    each(async |world| {
        let first = item("p", "a");
        let keys = [first.key.clone(), Key::new("p", "b")];
        assert_eq!(world.get_many(&keys).await, [None, None]);
        for version in 1..20 {
            let item = Item { version, ..first.clone() };
            world.store([item.clone()]).await;
            assert_eq!(world.get_many(&keys).await, [Some(item.clone()), None]);
            assert_eq!(world.get(&item.key).await, Some(item));
        }
    })
    .await;
}
