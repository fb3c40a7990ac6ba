//! Pages: walking an index by cursor, forward to the end and back again.

use std::fmt::Write as _;

use futures_util::future::try_join_all;

use crate::{
    store::{Error, Result, Store},
    table::{self, Direction, Index, Item, Position, Query, Range, cursor::Scope},
};

/// How many items one call looks at before it returns a page that is not full.
pub(in crate::store) const MAX_EXAMINED: usize = 5_000;
/// The fewest items that are read at once where a filter throws some away.
const MIN_FILTERED_CHUNK: usize = 50;

/// Which page is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PageRequest {
    /// The index to walk.
    pub(crate) index: Index,
    /// The most records on the page.
    pub(crate) limit: usize,
    /// Where the page before this one ended.
    pub(crate) next: Option<String>,
    /// Where the page after this one begins; not looked at if `next` is there.
    pub(crate) prev: Option<String>,
    /// How the pages follow each other; if nothing is said, as the list does by itself.
    pub(crate) order: Option<Order>,
}

/// One page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Page<T> {
    /// The records, in the index's order.
    pub(crate) data: Vec<T>,
    /// The cursor to the page after; none on the last page.
    pub(crate) next: Option<String>,
    /// The cursor to the page before; none on the first page.
    pub(crate) prev: Option<String>,
}

impl PageRequest {
    /// For a query that fits on one page, so that no cursor was ever issued for it.
    ///
    /// # Errors
    /// `Cursor` if the request has one.
    pub(in crate::store) fn is_first(&self) -> Result<()> {
        match (&self.next, &self.prev) {
            (None, None) => Ok(()),
            (Some(_), _) | (None, Some(_)) => Err(Error::Cursor),
        }
    }
}

impl<T> Page<T> {
    /// A page that is all there is.
    pub(in crate::store) fn whole(data: Vec<T>) -> Self {
        Self { data, next: None, prev: None }
    }
}

/// What is walked: a part of an index, and which of its items count.
pub(in crate::store) struct Walk<'a, T> {
    pub(in crate::store) index: Index,
    /// The partitions, whose items are walked as if they lay in one. Of several (in `primary`), no
    /// two may have items of the same sort key.
    pub(in crate::store) partitions: &'a [String],
    pub(in crate::store) order: Order,
    pub(in crate::store) span: Span<'a>,
    /// The filters in words, so that a cursor of other filters is refused.
    pub(in crate::store) filters: &'a str,
    /// How many items one call looks at before it returns a page that is not full.
    pub(in crate::store) examines: usize,
    /// Turns an item into a record; `None` if a filter throws it away.
    pub(in crate::store) pick: &'a (dyn Fn(&Item) -> Result<Option<T>> + Sync),
}

/// Which sort keys of the partitions count.
#[derive(Clone, Copy, Debug)]
pub(in crate::store) enum Span<'a> {
    /// Those that begin so.
    Prefix(&'a str),
    /// Those from the first to the second, both included.
    Between(&'a str, &'a str),
}

impl Span<'_> {
    fn range(self) -> Range {
        match self {
            Self::Prefix(prefix) => Range::Prefix(prefix.to_owned()),
            Self::Between(first, last) => Range::Between(first.to_owned(), last.to_owned()),
        }
    }
}

/// How the pages of a walk follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// By rising sort key.
    Rising,
    /// By falling sort key: of ids, the newest first.
    Falling,
}

impl Order {
    /// Which way the index is read to go in `direction` through the pages.
    fn reads(self, direction: Direction) -> Direction {
        match (self, direction) {
            (Self::Rising, direction) => direction,
            (Self::Falling, Direction::Forward) => Direction::Backward,
            (Self::Falling, Direction::Backward) => Direction::Forward,
        }
    }
}

/// Where a page starts and which way it is read.
struct Start {
    direction: Direction,
    after: Option<Position>,
}

/// The records found on a walk, in the order walked.
struct Found<T> {
    records: Vec<T>,
    /// The place of the first of them.
    first: Option<Position>,
    /// The place to go on from; none at the end.
    more: Option<Position>,
    /// How many items were looked at.
    examined: usize,
}

impl Store {
    /// Reads one page of a walk.
    pub(in crate::store) async fn page<T: Send>(
        &self,
        request: &PageRequest,
        walk: &Walk<'_, T>,
    ) -> Result<Page<T>> {
        self.page_of(request, walk).await.map(|(page, _)| page)
    }

    /// Reads one page of a walk; also tells how many items were looked at for it.
    pub(in crate::store) async fn page_of<T: Send>(
        &self,
        request: &PageRequest,
        walk: &Walk<'_, T>,
    ) -> Result<(Page<T>, usize)> {
        let walk = &Walk { order: request.order.unwrap_or(walk.order), ..*walk };
        let query = walk.words();
        let start = self.start(request, walk.index, &query)?;
        let found = self.walk(&start, request.limit, walk).await?;
        let examined = found.examined;
        let nothing = found.records.is_empty() && found.more.is_none();
        if nothing && start.direction == Direction::Backward {
            // All that was before is gone, so what is asked for is the first page.
            let first = Start { direction: Direction::Forward, after: None };
            let found = self.walk(&first, request.limit, walk).await?;
            let examined = found.examined;
            return Ok((self.bind(found, &first, walk, &query), examined));
        }
        Ok((self.bind(found, &start, walk, &query), examined))
    }

    fn start(&self, request: &PageRequest, index: Index, query: &str) -> Result<Start> {
        let (cursor, direction) = match (&request.next, &request.prev) {
            (Some(next), _) => (next, Direction::Forward),
            (None, Some(prev)) => (prev, Direction::Backward),
            (None, None) => return Ok(Start { direction: Direction::Forward, after: None }),
        };
        let after = self.cursors.open(cursor, Scope { index, direction, query });
        Ok(Start { direction, after: Some(after.ok_or(Error::Cursor)?) })
    }

    async fn walk<T: Send>(
        &self,
        start: &Start,
        limit: usize,
        walk: &Walk<'_, T>,
    ) -> Result<Found<T>> {
        let mut found = Found { records: Vec::new(), first: None, more: None, examined: 0 };
        let mut last: Option<Item> = None;
        let mut after = start.after.clone();
        let mut passed = 0;
        let filtered = !walk.filters.is_empty();
        while found.examined < walk.examines {
            let query = Query {
                index: walk.index,
                partition: String::new(),
                range: walk.span.range(),
                after: after.take(),
                direction: walk.order.reads(start.direction),
                limit: if filtered { (2 * limit).max(MIN_FILTERED_CHUNK) } else { limit },
            };
            let page = self.merged(query, walk.partitions).await?;
            after = page.items.last().and_then(|item| item.position(walk.index));
            for item in page.items {
                found.examined += 1;
                let Some(record) = (walk.pick)(&item)? else { continue };
                if found.records.len() == limit {
                    // The next page begins behind the last record of this one.
                    found.examined = passed;
                    found.more = last.and_then(|item| item.position(walk.index));
                    return Ok(found);
                }
                if found.first.is_none() {
                    found.first = item.position(walk.index);
                }
                found.records.push(record);
                passed = found.examined;
                last = Some(item);
            }
            if !page.more || !filtered {
                found.more = after.filter(|_| page.more);
                return Ok(found);
            }
            // A long walk gives way to others, and to its own deadline.
            tokio::task::yield_now().await;
        }
        found.more = after;
        Ok(found)
    }

    /// The next items of all the partitions together.
    async fn merged(&self, query: Query, partitions: &[String]) -> Result<table::Page> {
        if let [partition] = partitions {
            return Ok(self.table.query(&Query { partition: partition.clone(), ..query }).await?);
        }
        let each = partitions.iter().map(|partition| {
            let mut query = Query { partition: partition.clone(), ..query.clone() };
            // The item that a position names lies in one of the partitions; the place behind its
            // sort key is meant in each.
            if let Some(after) = &mut query.after {
                after.key.partition.clone_from(partition);
            }
            async move { self.table.query(&query).await }
        });
        let pages = try_join_all(each).await?;
        let mut more = pages.iter().any(|page| page.more);
        let mut items: Vec<Item> = pages.into_iter().flat_map(|page| page.items).collect();
        items.sort_unstable_by(|one, other| match query.direction {
            Direction::Forward => one.key.sort.cmp(&other.key.sort),
            Direction::Backward => other.key.sort.cmp(&one.key.sort),
        });
        more |= items.len() > query.limit;
        items.truncate(query.limit);
        Ok(table::Page { items, more })
    }

    /// Puts the records in the walk's order and makes the page's cursors.
    fn bind<T>(&self, found: Found<T>, start: &Start, walk: &Walk<'_, T>, query: &str) -> Page<T> {
        let Found { mut records, first, more: far, examined: _ } = found;
        // An empty page lies between two places and shows none, so the way back from it begins where
        // the walk set out, that place's own item included, or, backwards, where it stopped.
        let near = start.after.as_ref().and_then(|after| {
            first.or_else(|| match start.direction {
                Direction::Forward => Some(beyond(after, walk.order)),
                Direction::Backward => far.clone(),
            })
        });
        let (first, last) = match start.direction {
            Direction::Forward => (near, far),
            Direction::Backward => {
                records.reverse();
                (far, near)
            }
        };
        let seal = |position: Option<Position>, direction| {
            let scope = Scope { index: walk.index, direction, query };
            position.and_then(|at| self.cursors.seal(&at, scope))
        };
        Page {
            next: seal(last, Direction::Forward),
            prev: seal(first, Direction::Backward),
            data: records,
        }
    }
}

impl<T> Walk<'_, T> {
    fn words(&self) -> String {
        let mut words = match self.order {
            Order::Rising => String::new(),
            Order::Falling => "falling ".to_owned(),
        };
        // Lengths keep apart what the parts' own characters could make look alike.
        let partitions = self.partitions.iter().map(String::as_str);
        let span = match self.span {
            Span::Prefix(prefix) => [prefix, ""],
            Span::Between(first, last) => [first, last],
        };
        for part in partitions.chain(span).chain([self.filters]) {
            let _ = write!(words, "{}:{part} ", part.len());
        }
        words
    }
}

/// The place right behind the one given in that order, whatever items there are.
pub(in crate::store) fn beyond(position: &Position, order: Order) -> Position {
    let mut place = position.clone();
    for sort in [&mut place.sort, &mut place.key.sort] {
        match order {
            Order::Rising => sort.push('\0'),
            Order::Falling => before(sort),
        }
    }
    place
}

/// Makes of a text the nearest lesser one that an item could have: no key has the last character.
pub(in crate::store) fn before(text: &mut String) {
    let last = text.pop();
    if let Some(previous) = last.and_then(|last| ('\0'..last).next_back()) {
        text.push(previous);
        text.push(char::MAX);
    }
}
