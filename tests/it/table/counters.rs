//! Counters: `add`, and additions in transactions.

use std::sync::Arc;

use futures_util::future::join_all;
use guestlist::table::{Condition::Any, Key, Op};
use serde_json::{Value, json};

use super::{World, each, item};

async fn body(world: &World, key: &Key) -> (u64, Value) {
    let item = world.get(key).await.unwrap();
    (item.version, serde_json::from_str(&item.body).unwrap())
}

fn add(key: &Key, numbers: &[(&str, i64)]) -> Op {
    Op::Add(key.clone(), numbers.iter().map(|(name, n)| ((*name).to_owned(), *n)).collect())
}

#[tokio::test]
async fn a_counter_starts_at_zero() {
    each(async |world| {
        let key = Key::new("counter#number", "counter");
        assert_eq!(world.table.add(&key, 7).await.unwrap(), 7);
        assert_eq!(world.table.add(&key, -10).await.unwrap(), -3);
        assert_eq!(world.table.add(&key, 0).await.unwrap(), -3);
        assert_eq!(body(world, &key).await, (3, json!({"value": -3})));
    })
    .await;
}

#[tokio::test]
async fn several_numbers_of_one_item() {
    each(async |world| {
        let key = Key::new("count#a", "shard#0");
        world.done(vec![add(&key, &[("live", 2), ("trash", 1)])]).await;
        world
            .done(vec![add(&key, &[("live", -1), ("new#role", 5)]), Op::Put(item("p", "a"), Any)])
            .await;
        let wanted = json!({"live": 1, "trash": 1, "new#role": 5});
        assert_eq!(body(world, &key).await, (2, wanted));
    })
    .await;
}

#[tokio::test]
async fn great_numbers_stay_exact() {
    each(async |world| {
        let key = Key::new("counter#great", "counter");
        assert_eq!(world.table.add(&key, i64::MAX - 1).await.unwrap(), i64::MAX - 1);
        assert_eq!(world.table.add(&key, 1).await.unwrap(), i64::MAX);
        assert_eq!(body(world, &key).await.1, json!({"value": i64::MAX}));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_adds_lose_nothing() {
    each(async |world| {
        let key = Key::new("counter#c", "counter");
        let adds = (0..64).map(|_| {
            let (table, key) = (Arc::clone(&world.table), key.clone());
            tokio::spawn(async move { table.add(&key, 1).await.unwrap() })
        });
        let mut seen: Vec<_> = join_all(adds).await.into_iter().map(Result::unwrap).collect();
        seen.sort_unstable();
        assert_eq!(seen, (1..=64).collect::<Vec<_>>());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_transactions_lose_nothing() {
    each(async |world| {
        let key = Key::new("count#a", "shard#0");
        let writes = (0..32).map(|n| {
            let ops = vec![add(&key, &[("live", 1)]), Op::Put(item("p", &n.to_string()), Any)];
            let table = Arc::clone(&world.table);
            tokio::spawn(async move { table.write(ops).await.unwrap() })
        });
        join_all(writes).await;
        assert_eq!(body(world, &key).await, (32, json!({"live": 32})));
    })
    .await;
}
