//! Many writers after one item: exactly one wins, and the others learn who.

use std::sync::Arc;

use futures_util::future::join_all;
use guestlist::table::{
    Condition::{Absent, Any, Version},
    Item, Key, Op, Written,
};

use super::{World, each, item};

const RACERS: u64 = 64;

fn entry(racer: u64, version: u64) -> Item {
    let body = format!(r#"{{"racer":{racer}}}"#);
    Item { version, body, ..item("email#ada@example.com", "claim") }
}

/// Lets all racers write at once, and looks at who won.
async fn race(world: &World, ops: impl Fn(u64) -> Vec<Op>, version: u64) {
    let racers = (0..RACERS).map(|racer| {
        let (table, ops) = (Arc::clone(&world.table), ops(racer));
        tokio::spawn(async move { (racer, table.write(ops).await.unwrap()) })
    });
    let ends: Vec<_> = join_all(racers).await.into_iter().map(Result::unwrap).collect();
    let winners: Vec<_> = ends.iter().filter(|(_, end)| *end == Written::Done).collect();
    assert_eq!(winners.len(), 1);
    let winner = entry(winners[0].0, version);
    assert_eq!(world.get(&winner.key).await, Some(winner.clone()));
    for (_, end) in &ends {
        if let Written::Refused(refused) = end {
            assert_eq!(refused.current.as_ref(), Some(&winner));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_claim_wins() {
    each(async |world| {
        race(world, |racer| vec![Op::Put(entry(racer, 1), Absent)], 1).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_transaction_wins() {
    each(async |world| {
        let user = |racer: u64| item("account#a", &format!("user#{racer}"));
        let sign_up = |racer| vec![Op::Put(user(racer), Absent), Op::Put(entry(racer, 1), Absent)];
        race(world, sign_up, 1).await;
        let users = world.query(&super::all(super::Index::Primary, "account#a")).await;
        assert_eq!(users.items.len(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_change_of_a_version_wins() {
    each(async |world| {
        world.store([entry(999, 5)]).await;
        race(world, |racer| vec![Op::Put(entry(racer, 6), Version(5))], 6).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_delete_wins() {
    each(async |world| {
        world.store([entry(0, 1)]).await;
        let writes = (0..RACERS).map(|_| {
            let table = Arc::clone(&world.table);
            let ops = vec![Op::Delete(entry(0, 1).key, Version(1))];
            tokio::spawn(async move { table.write(ops).await.unwrap() })
        });
        let ends = join_all(writes).await;
        let done = ends.iter().filter(|end| *end.as_ref().unwrap() == Written::Done).count();
        assert_eq!(done, 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn read_change_write_loses_nothing() {
    each(async |world| {
        let key = Key::new("p", "tally");
        world.store([Item { version: 0, ..item("p", "tally") }]).await;
        let changes = (0..16).map(|_| {
            let (table, key) = (Arc::clone(&world.table), key.clone());
            tokio::spawn(async move {
                loop {
                    let old = table.get(&key).await.unwrap().unwrap();
                    let version = old.version;
                    let new = Item { version: version + 1, ..old };
                    let ops =
                        vec![Op::Put(new, Version(version)), Op::Check(Key::new("p", "x"), Any)];
                    if table.write(ops).await.unwrap() == Written::Done {
                        return;
                    }
                }
            })
        });
        join_all(changes).await;
        assert_eq!(world.get(&key).await.unwrap().version, 16);
    })
    .await;
}
