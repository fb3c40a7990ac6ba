//! An item that has expired reads as absent, from the very second on, swept or not.

use std::time::Duration;

use guestlist::table::{Index, Item, Key, Passed, Query, Range};

use super::{START, all, each, item, listed, names};

#[tokio::test]
async fn an_item_ceases_at_its_second() {
    each(async |world| {
        let brief = Item { expires: Some(START + 10), ..listed("p", "brief", "g", "b") };
        world.store([brief.clone(), listed("p", "lasting", "g", "l")]).await;
        world.clock.advance(Duration::from_millis(9_999));
        assert_eq!(world.get(&brief.key).await, Some(brief.clone()));
        assert_eq!(names(&world.query(&all(Index::Primary, "p")).await), ["brief", "lasting"]);
        world.clock.advance(Duration::from_millis(1));
        assert_eq!(world.get(&brief.key).await, None);
        for index in [(Index::Primary, "p"), (Index::Gs1, "g")] {
            assert_eq!(names(&world.query(&all(index.0, index.1)).await), ["lasting"]);
        }
    })
    .await;
}

#[tokio::test]
async fn pages_are_full_however_many_have_expired() {
    each(async |world| {
        let gone = |n: u32| Item { expires: Some(START - 1), ..item("p", &format!("{n:04}")) };
        world.store((0..400).map(gone)).await;
        world.store([item("p", "0100"), item("p", "0200"), item("p", "0399")]).await;
        let query = Query { limit: 2, ..all(Index::Primary, "p") };
        let pages = world.pages(&query).await;
        assert_eq!(
            pages.iter().map(names).collect::<Vec<_>>(),
            [vec!["0100", "0200"], vec!["0399"]]
        );
        let passed = world.table.skip(&query).await.unwrap();
        assert_eq!(passed, Passed { items: 2, end: pages[0].items[1].position(Index::Primary) });
        let passed = world.table.skip(&Query { limit: 4, ..query.clone() }).await.unwrap();
        assert_eq!(passed, Passed { items: 3, end: None });
        let none = Query { range: Range::Prefix("03".to_owned()), limit: 1, ..query };
        let page = world.query(&none).await;
        assert_eq!((names(&page), page.more), (vec!["0399"], false));
    })
    .await;
}

#[tokio::test]
async fn an_item_can_come_back() {
    each(async |world| {
        let key = Key::new("p", "a");
        world.store([Item { expires: Some(START), ..item("p", "a") }]).await;
        assert_eq!(world.get(&key).await, None);
        world.store([Item { expires: Some(START + 1), ..item("p", "a") }]).await;
        assert!(world.get(&key).await.is_some());
    })
    .await;
}
