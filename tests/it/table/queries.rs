//! Queries: ranges, directions, limits and positions, against a model that filters a sorted list.

use guestlist::table::{
    Condition::Any, Direction, Index, Item, Key, Op, Page, Passed, Position, Query, Range,
};

use super::{World, all, each, item, listed, names};

const SORTS: [&str; 10] =
    ["a", "ab", "ab\u{10FFFF}", "abc", "ac", "b", "ba", "é", "\u{FFFF}", "😀"];

fn ranges() -> Vec<Range> {
    let prefixes = ["", "a", "ab", "ab\u{10FFFF}", "é", "zz", "\u{10FFFF}"];
    let ends = ["", "a", "ab", "abb", "b", "\u{FFFF}", "😀", "😀😀"];
    let prefixes = prefixes.iter().map(|text| Range::Prefix((*text).to_owned()));
    let ends = ends.iter().map(|text| Range::Before((*text).to_owned()));
    let between =
        [("a", "b"), ("ab", "ab"), ("0", "~"), ("aa", "é"), ("c", "d"), ("\u{FFFF}", "😀")];
    let between = between.map(|(first, last)| Range::Between(first.to_owned(), last.to_owned()));
    [Range::All].into_iter().chain(prefixes).chain(ends).chain(between).collect()
}

/// What a query must find among `SORTS`: the names, and whether there are more.
fn model(query: &Query) -> (Vec<&'static str>, bool) {
    let mut sorts = SORTS.to_vec();
    sorts.sort_unstable();
    sorts.retain(|sort| match &query.range {
        Range::All => true,
        Range::Prefix(prefix) => sort.starts_with(prefix.as_str()),
        Range::Before(end) => *sort < end.as_str(),
        Range::Between(first, last) => (first.as_str()..=last.as_str()).contains(sort),
    });
    if query.direction == Direction::Backward {
        sorts.reverse();
    }
    if let Some(after) = &query.after {
        sorts.retain(|sort| match query.direction {
            Direction::Forward => *sort > after.sort.as_str(),
            Direction::Backward => *sort < after.sort.as_str(),
        });
    }
    let more = sorts.len() > query.limit;
    sorts.truncate(query.limit);
    (sorts, more)
}

/// What is passed is what would be read, and the place behind it leads to what follows.
async fn passes(world: &World, query: &Query, page: &Page) {
    let passed = world.table.skip(query).await.unwrap();
    let last = page.items.last().and_then(|item| item.position(query.index));
    let end = last.filter(|_| page.items.len() == query.limit);
    assert_eq!(passed, Passed { items: page.items.len(), end }, "{query:?}");
}

/// Tries every range from every position, both ways, in pages of several lengths.
async fn compare(world: &World, index: Index, place: impl Fn(&str) -> Position) {
    let starts = SORTS.iter().chain(&["0", "aa", "abd", "c", "😀😀"]);
    let starts: Vec<_> = [None].into_iter().chain(starts.map(|sort| Some(place(sort)))).collect();
    for range in ranges() {
        for after in &starts {
            for direction in [Direction::Forward, Direction::Backward] {
                for limit in [1, 4, 50] {
                    let (range, after) = (range.clone(), after.clone());
                    let query = Query { range, after, direction, limit, ..all(index, "p") };
                    let page = world.query(&query).await;
                    let found = page.items.iter().map(|item| item.position(index).unwrap().sort);
                    let (wanted, more) = model(&query);
                    assert_eq!(found.collect::<Vec<_>>(), wanted, "{query:?}");
                    assert_eq!(page.more, more, "{query:?}");
                    passes(world, &query, &page).await;
                }
            }
        }
    }
}

#[tokio::test]
async fn primary_follows_the_model() {
    each(async |world| {
        world.store(SORTS.map(|sort| item("p", sort))).await;
        world.store(SORTS.map(|sort| item("neighbour", sort))).await;
        let place = |sort: &str| Position { sort: sort.to_owned(), key: Key::new("p", sort) };
        compare(world, Index::Primary, place).await;
    })
    .await;
}

#[tokio::test]
async fn gs1_follows_the_model() {
    each(async |world| {
        // The primary order runs against the index's, so that none is taken for the other.
        let key = |sort: &str| {
            let at = SORTS.iter().position(|known| *known == sort).unwrap_or(50);
            (format!("account#{}", at % 3), format!("user#{}", 99 - at))
        };
        world.store(SORTS.map(|sort| listed(&key(sort).0, &key(sort).1, "p", sort))).await;
        world.store(SORTS.map(|sort| listed("other", sort, "neighbour", sort))).await;
        world.store(SORTS.map(|sort| item("p", sort))).await;
        let place = |sort: &str| {
            let (pk, sk) = key(sort);
            Position { sort: sort.to_owned(), key: Key::new(pk, sk) }
        };
        compare(world, Index::Gs1, place).await;
    })
    .await;
}

#[tokio::test]
async fn an_empty_partition() {
    each(async |world| {
        for index in [Index::Primary, Index::Gs1] {
            let page = world.query(&all(index, "nobody")).await;
            assert!(page.items.is_empty() && !page.more);
            passes(world, &all(index, "nobody"), &page).await;
        }
    })
    .await;
}

#[tokio::test]
async fn equal_sort_keys_are_told_apart() {
    each(async |world| {
        let pair = |n: u32| (format!("account#{}", n % 4), format!("user#{n:02}"));
        let items: Vec<_> = (0..13).map(|n| listed(&pair(n).0, &pair(n).1, "g", "same")).collect();
        world.store(items.iter().cloned()).await;
        world.store([listed("p", "first", "g", "less"), listed("p", "last", "g", "top")]).await;
        let mut walks = Vec::new();
        for direction in [Direction::Forward, Direction::Backward] {
            let query = Query { direction, limit: 4, ..all(Index::Gs1, "g") };
            let pages = world.pages(&query).await;
            let mut query = query;
            for page in &pages {
                passes(world, &query, page).await;
                query.after = page.items.last().and_then(|item| item.position(Index::Gs1));
            }
            assert_eq!(pages.iter().map(|page| page.items.len()).collect::<Vec<_>>(), [4, 4, 4, 3]);
            let walk: Vec<Item> = pages.into_iter().flat_map(|page| page.items).collect();
            walks.push(walk);
        }
        walks[1].reverse();
        assert_eq!(walks[0], walks[1]);
        let mut middle = walks[0][1..14].to_vec();
        middle.sort_by(|a, b| a.key.sort.cmp(&b.key.sort));
        assert_eq!(middle, items);
    })
    .await;
}

/// Between two pages the last item seen goes, one comes before it and one behind it: the walk goes
/// on where it was.
async fn walk_across_changes(world: &World, index: Index, direction: Direction, names: [&str; 6]) {
    let [early, first, second, late, third, fourth] = names;
    let make = |sort: &str| listed("p", sort, "g", sort);
    world.store([first, second, third, fourth].map(make)).await;
    let partition = if index == Index::Primary { "p" } else { "g" };
    let mut query = Query { direction, limit: 2, ..all(index, partition) };
    let page = world.query(&query).await;
    assert_eq!((super::names(&page), page.more), (vec![first, second], true));
    query.after = page.items[1].position(index);
    let gone = Op::Delete(make(second).key, Any);
    world.done(vec![gone, Op::Put(make(early), Any), Op::Put(make(late), Any)]).await;
    let page = world.query(&query).await;
    assert_eq!((super::names(&page), page.more), (vec![late, third], true));
    query.after = page.items[1].position(index);
    let page = world.query(&query).await;
    assert_eq!((super::names(&page), page.more), (vec![fourth], false));
}

#[tokio::test]
async fn changes_between_pages_forward() {
    each(async |world| {
        let names = ["a", "b", "c", "d", "e", "f"];
        walk_across_changes(world, Index::Primary, Direction::Forward, names).await;
    })
    .await;
    each(async |world| {
        let names = ["a", "b", "c", "d", "e", "f"];
        walk_across_changes(world, Index::Gs1, Direction::Forward, names).await;
    })
    .await;
}

#[tokio::test]
async fn changes_between_pages_backward() {
    each(async |world| {
        let names = ["f", "e", "d", "c", "b", "a"];
        walk_across_changes(world, Index::Primary, Direction::Backward, names).await;
    })
    .await;
    each(async |world| {
        let names = ["f", "e", "d", "c", "b", "a"];
        walk_across_changes(world, Index::Gs1, Direction::Backward, names).await;
    })
    .await;
}

#[tokio::test]
async fn pages_of_more_than_a_megabyte() {
    each(async |world| {
        let body = format!(r#"{{"x":"{}"}}"#, "x".repeat(100_000));
        let large = |n: u32| Item { body: body.clone(), ..item("p", &format!("{n:02}")) };
        for n in 0..25 {
            world.store([large(n)]).await;
        }
        let query = Query { limit: 24, ..all(Index::Primary, "p") };
        let page = world.query(&query).await;
        assert_eq!((page.items.len(), page.more), (24, true));
        passes(world, &query, &page).await;
        let page = world.query(&Query { limit: 25, ..query }).await;
        assert_eq!((page.items.len(), page.more), (25, false));
        passes(world, &Query { limit: 25, ..all(Index::Primary, "p") }, &page).await;
        assert_eq!(names(&page)[24], "24");
    })
    .await;
}
