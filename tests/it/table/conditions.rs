//! Conditions, for each kind of operation, alone and in a transaction.

use guestlist::table::{
    Condition::{self, Absent, Any, Version},
    Item, Op, Refused, Written,
};

use super::{START, each, item, refusal};

/// What is stored before the write.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Before {
    Nothing,
    Third,
    Expired,
}

const STATES: [Before; 3] = [Before::Nothing, Before::Third, Before::Expired];
const CONDITIONS: [Condition; 4] = [Absent, Version(3), Version(4), Any];

fn holds(condition: Condition, before: Before) -> bool {
    let exists = before == Before::Third;
    match condition {
        Absent => !exists,
        Version(3) => exists,
        Version(_) => false,
        Any => true,
    }
}

fn stored(sort: &str, before: Before) -> Option<Item> {
    let third = Item { version: 3, ..item("p", sort) };
    match before {
        Before::Nothing => None,
        Before::Third => Some(third),
        Before::Expired => Some(Item { expires: Some(START), ..third }),
    }
}

/// Tries all combinations of what was there and what is demanded. `alone` or behind another write.
async fn check(kind: &str, alone: bool, make: impl Fn(Item, Condition) -> Op) {
    each(async |world| {
        for before in STATES {
            for condition in CONDITIONS {
                let sort = format!("{before:?} {condition:?}");
                world.store(stored(&sort, before)).await;
                let there = world.get(&item("p", &sort).key).await;
                assert_eq!(there.is_some(), before == Before::Third, "{kind} {sort}");
                let new = Item { version: 4, body: r#"{"new":1}"#.to_owned(), ..item("p", &sort) };
                let op = make(new.clone(), condition);
                let other = item("other", &sort);
                let ops = if alone { vec![op] } else { vec![Op::Put(other.clone(), Any), op] };
                let place = ops.len() - 1;
                let written = world.write(ops).await;
                let after = world.get(&new.key).await;
                if holds(condition, before) {
                    assert_eq!(written, Written::Done, "{kind} {sort}");
                    match kind {
                        "put" => assert_eq!(after, Some(new), "{kind} {sort}"),
                        "delete" => assert_eq!(after, None, "{kind} {sort}"),
                        _ => assert_eq!(after, there, "{kind} {sort}"),
                    }
                } else {
                    let refused = Refused { op: place, current: there.clone() };
                    assert_eq!(written, Written::Refused(refused), "{kind} {sort}");
                    assert_eq!(after, there, "{kind} {sort}");
                }
                let others = !alone && holds(condition, before);
                assert_eq!(world.get(&other.key).await, others.then_some(other), "{kind} {sort}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn put_alone() {
    check("put", true, Op::Put).await;
}

#[tokio::test]
async fn put_in_a_transaction() {
    check("put", false, Op::Put).await;
}

#[tokio::test]
async fn delete_alone() {
    check("delete", true, |item, condition| Op::Delete(item.key, condition)).await;
}

#[tokio::test]
async fn delete_in_a_transaction() {
    check("delete", false, |item, condition| Op::Delete(item.key, condition)).await;
}

#[tokio::test]
async fn check_alone() {
    check("check", true, |item, condition| Op::Check(item.key, condition)).await;
}

#[tokio::test]
async fn check_in_a_transaction() {
    check("check", false, |item, condition| Op::Check(item.key, condition)).await;
}

#[tokio::test]
async fn the_first_failed_condition_is_named() {
    each(async |world| {
        world.store([item("p", "b"), item("p", "c")]).await;
        let ops = vec![
            // Checks nothing, but counts.
            Op::Check(item("p", "x").key, Any),
            Op::Put(item("p", "a"), Absent),
            Op::Put(item("p", "b"), Version(1)),
            Op::Delete(item("p", "c").key, Version(7)),
            Op::Put(item("p", "d"), Version(1)),
        ];
        let refused = refusal(world.write(ops).await);
        assert_eq!(refused, Refused { op: 3, current: Some(item("p", "c")) });
        assert_eq!(world.get(&item("p", "a").key).await, None);
        assert_eq!(world.get(&item("p", "c").key).await, Some(item("p", "c")));
    })
    .await;
}

#[tokio::test]
async fn a_hundred_operations_are_one() {
    each(async |world| {
        let ops: Vec<_> =
            (0..100).map(|n| Op::Put(item("p", &format!("{n:03}")), Absent)).collect();
        world.store([item("p", "099")]).await;
        let refused = refusal(world.write(ops.clone()).await);
        assert_eq!(refused, Refused { op: 99, current: Some(item("p", "099")) });
        assert_eq!(world.get(&item("p", "000").key).await, None);
        world.done(vec![Op::Delete(item("p", "099").key, Version(1))]).await;
        world.done(ops).await;
        for n in [0, 50, 99] {
            assert!(world.get(&item("p", &format!("{n:03}")).key).await.is_some());
        }
    })
    .await;
}

#[tokio::test]
async fn a_refused_transaction_adds_nothing() {
    each(async |world| {
        let counter = item("count", "c").key;
        let one = || Op::Add(counter.clone(), vec![("n".to_owned(), 1)]);
        let refused = world.write(vec![one(), Op::Check(item("p", "x").key, Version(1))]).await;
        assert_eq!(refusal(refused).op, 1);
        assert_eq!(world.get(&counter).await, None);
        world.done(vec![one(), Op::Check(item("p", "x").key, Absent)]).await;
        assert_eq!(world.get(&counter).await.unwrap().body, r#"{"n":1}"#);
    })
    .await;
}

#[tokio::test]
async fn nothing_to_write_is_done() {
    each(async |world| {
        world.done(Vec::new()).await;
        world.done(vec![Op::Check(item("p", "x").key, Any)]).await;
        world
            .done(vec![Op::Check(item("p", "x").key, Any), Op::Check(item("p", "y").key, Any)])
            .await;
    })
    .await;
}
