//! The table of tests whose `gs1` lags: there the old picture, in `primary` the new one.

use std::{future::ready, sync::Arc, time::Duration};

use futures_util::future::join_all;
use guestlist::{
    clock::Clock,
    table::{
        Condition::{Absent, Any},
        Index, Item, Key, Op, Page, Query, Range, Table, Written,
    },
};

use super::{START, all, clock, item, listed, names};
use crate::support::{
    engine::Engine,
    lagging::{Lagging, UNTIL_CAUGHT_UP},
    process::eventually,
};

const LAG: Duration = Duration::from_secs(1);
const MOMENT: Duration = Duration::from_millis(1);

/// An empty table that lags, and the clock that it goes by.
struct World {
    table: Arc<Lagging>,
    clock: Clock,
}

async fn each(lag: Duration, test: impl AsyncFn(World)) {
    for engine in Engine::all() {
        println!("on {engine:?}");
        let clock = clock();
        let table = Arc::new(Lagging::on(engine, &clock, lag).await);
        test(World { table, clock }).await;
    }
}

impl World {
    async fn done(&self, ops: impl IntoIterator<Item = Op>) {
        let written = self.table.write(ops.into_iter().collect()).await.unwrap();
        assert_eq!(written, Written::Done);
    }

    async fn store(&self, items: impl IntoIterator<Item = Item>) {
        self.done(items.into_iter().map(|item| Op::Put(item, Any))).await;
    }

    /// What `gs1` shows of the list `g`; what is passed must be the same.
    async fn gs1(&self) -> Page {
        let query = all(Index::Gs1, "g");
        let page = self.table.query(&query).await.unwrap();
        assert_eq!(self.table.skip(&query).await.unwrap().items, page.items.len());
        page
    }

    /// The same by the engine, which does not lag.
    async fn own_gs1(&self) -> Page {
        self.table.engine().query(&all(Index::Gs1, "g")).await.unwrap()
    }
}

fn changed(item: &Item) -> Item {
    Item { version: item.version + 1, body: r#"{"name":"Grace"}"#.to_owned(), ..item.clone() }
}

#[tokio::test]
async fn gs1_shows_the_old_picture_and_primary_the_new_one() {
    each(LAG, async |world| {
        let old = ["a", "b", "c", "d"].map(|sort| listed("p", sort, "g", sort));
        world.store(old.clone()).await;
        assert_eq!(world.gs1().await, Page::default());
        world.clock.advance(LAG);
        assert_eq!(world.gs1().await.items, old);

        let [a, b, c, d] = &old;
        let moved = listed("p", "b", "g", "z");
        let unlisted = Item { gs1: None, ..changed(c) };
        let new = [changed(a), moved, unlisted, listed("p", "e", "g", "e")];
        let puts = new.clone().map(|item| Op::Put(item, Any));
        world.done(puts.into_iter().chain([Op::Delete(d.key.clone(), Any)])).await;

        let keys = [a, b, c, &new[3], d].map(|item| item.key.clone());
        let many = world.table.get_many(&keys).await.unwrap();
        let (there, gone) = many.split_at(4);
        assert_eq!((there, gone), (&new.clone().map(Some)[..], &[None][..]));
        for (key, item) in keys.iter().zip(&many) {
            assert_eq!(world.table.get(key).await.unwrap(), *item);
        }
        assert_eq!(world.table.query(&all(Index::Primary, "p")).await.unwrap().items, new);

        world.clock.advance(LAG.saturating_sub(MOMENT));
        assert_eq!(world.gs1().await.items, old);
        world.clock.advance(MOMENT);
        assert_eq!(names(&world.gs1().await), ["a", "e", "b"]);
        assert_eq!(world.gs1().await, world.own_gs1().await);
    })
    .await;
}

#[tokio::test]
async fn each_write_is_shown_in_its_own_time() {
    each(LAG, async |world| {
        let first = listed("p", "a", "g", "a");
        world.store([first.clone()]).await;
        world.clock.advance(LAG / 2);
        world.store([changed(&first), listed("p", "b", "g", "b")]).await;
        world.clock.advance(LAG / 2);
        assert_eq!(world.gs1().await.items, [first]);
        world.clock.advance(LAG / 2);
        assert_eq!(names(&world.gs1().await), ["a", "b"]);
        assert_eq!(world.gs1().await, world.own_gs1().await);
    })
    .await;
}

#[tokio::test]
async fn it_catches_up_when_told() {
    each(UNTIL_CAUGHT_UP, async |world| {
        world.store([listed("p", "a", "g", "a")]).await;
        world.clock.advance(Duration::from_hours(24 * 365));
        assert_eq!(world.gs1().await, Page::default());
        world.table.catch_up().await;
        assert_eq!(names(&world.gs1().await), ["a"]);
        world.done([Op::Delete(Key::new("p", "a"), Any)]).await;
        assert_eq!(names(&world.gs1().await), ["a"]);
        world.table.catch_up().await;
        assert_eq!(world.gs1().await, Page::default());
    })
    .await;
}

#[tokio::test]
async fn what_is_refused_never_comes() {
    each(UNTIL_CAUGHT_UP, async |world| {
        let first = listed("p", "a", "g", "a");
        world.store([first.clone()]).await;
        let ops = vec![
            Op::Put(listed("p", "b", "g", "b"), Any),
            Op::Put(changed(&first), Absent),
            Op::Check(Key::new("p", "c"), Absent),
        ];
        assert!(matches!(world.table.write(ops).await.unwrap(), Written::Refused(_)));
        world.table.catch_up().await;
        assert_eq!(world.gs1().await.items, [first]);
    })
    .await;
}

#[tokio::test]
async fn counters_are_not_held_back() {
    each(UNTIL_CAUGHT_UP, async |world| {
        let key = Key::new("counter#number", "counter");
        assert_eq!(world.table.add(&key, 7).await.unwrap(), 7);
        world.done([Op::Add(key.clone(), vec![("value".to_owned(), 1)])]).await;
        assert_eq!(world.table.add(&key, 1).await.unwrap(), 9);
        assert_eq!(world.table.get(&key).await.unwrap().unwrap().version, 3);
    })
    .await;
}

#[tokio::test]
async fn what_has_expired_is_hidden_and_a_longer_life_comes_late() {
    each(LAG, async |world| {
        let brief = Item { expires: Some(START + 3), ..listed("p", "a", "g", "a") };
        let key = brief.key.clone();
        world.store([brief.clone()]).await;
        world.clock.advance(LAG * 2);
        let longer = Item { expires: Some(START + 10), ..changed(&brief) };
        world.store([longer.clone()]).await;
        world.clock.advance(LAG.saturating_sub(MOMENT));
        assert_eq!(world.gs1().await.items, [brief]);
        world.clock.advance(MOMENT);
        assert_eq!(world.gs1().await.items, [longer]);
        world.clock.advance(LAG * 7);
        assert_eq!(world.table.get(&key).await.unwrap(), None);
        assert_eq!(world.gs1().await, Page::default());
    })
    .await;
}

#[tokio::test]
async fn a_walk_goes_on_through_the_old_picture() {
    each(UNTIL_CAUGHT_UP, async |world| {
        let old = ["a", "b", "c", "d", "e"].map(|sort| listed("p", sort, "g", sort));
        world.store(old.clone()).await;
        world.table.catch_up().await;
        let mut query = Query::first(Index::Gs1, "g", Range::All, 2);
        let page = world.table.query(&query).await.unwrap();
        query.after = page.items[1].position(Index::Gs1);
        world.done(old.map(|item| Op::Delete(item.key, Any))).await;
        let page = world.table.query(&query).await.unwrap();
        assert_eq!((names(&page), page.more), (vec!["c", "d"], true));
        let passed = world.table.skip(&query).await.unwrap();
        assert_eq!((passed.items, passed.end), (2, page.items[1].position(Index::Gs1)));
        world.table.catch_up().await;
        assert_eq!(world.table.query(&query).await.unwrap(), Page::default());
    })
    .await;
}

/// What the numbered writer does: to few items, so that many write to the same at once.
fn scribble(number: usize) -> Vec<Op> {
    let (one, other) = (number % 5, (number + 1 + number % 3) % 5);
    let key = Key::new("p", format!("{one}"));
    let body = format!(r#"{{"writer":{number}}}"#);
    let put = Item { body, ..listed("p", &format!("{other}"), "g", &format!("{}", number % 7)) };
    let clear = match number % 4 {
        0 => Op::Delete(key, Any),
        1 => Op::Put(item("p", &key.sort), Any),
        _ => Op::Put(listed("p", &key.sort, "g", "same"), Any),
    };
    vec![clear, Op::Put(put, Any)]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_many_writers_at_once_it_is_as_the_engine_has_it() {
    each(UNTIL_CAUGHT_UP, async |world| {
        for round in 0..8 {
            let writers = (0..16).map(|number| {
                let table = Arc::clone(&world.table);
                let ops = scribble(round * 5 + number);
                tokio::spawn(async move { table.write(ops).await.unwrap() })
            });
            join_all(writers).await;
            world.table.catch_up().await;
            assert_eq!(world.gs1().await, world.own_gs1().await, "{round}");
        }
    })
    .await;
}

#[tokio::test]
async fn what_a_caller_did_not_wait_for_comes_too() {
    each(UNTIL_CAUGHT_UP, async |world| {
        let write = world.table.write(vec![Op::Put(listed("p", "a", "g", "a"), Any)]);
        tokio::select! {
            biased;
            written = write => panic!("it was faster than the test: {written:?}"),
            () = ready(()) => {}
        }
        eventually("the item in gs1", async || {
            world.table.catch_up().await;
            let page = world.gs1().await;
            if page.items.is_empty() { Err(format!("{page:?}")) } else { Ok(()) }
        })
        .await;
    })
    .await;
}
