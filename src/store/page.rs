//! Pages: walking an index by cursor, forward to the end and back again.

use std::fmt::Write as _;

use super::{Error, Result, Store};
use crate::table::{Direction, Index, Item, Position, Query, Range, cursor::Scope};

/// How many items one call looks at before it returns a page that is not full.
const MAX_EXAMINED: usize = 5_000;
/// The fewest items that are read at once where a filter throws some away.
const MIN_FILTERED_CHUNK: usize = 50;

/// Which page is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageRequest {
    /// The index to walk.
    pub index: Index,
    /// The most records on the page.
    pub limit: usize,
    /// Where the page before this one ended.
    pub next: Option<String>,
    /// Where the page after this one begins; not looked at if `next` is there.
    pub prev: Option<String>,
}

/// One page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The records, in the index's order.
    pub data: Vec<T>,
    /// The cursor to the page after; none on the last page.
    pub next: Option<String>,
    /// The cursor to the page before; none on the first page.
    pub prev: Option<String>,
}

impl PageRequest {
    /// For a query that fits on one page, so that no cursor was ever issued for it.
    ///
    /// # Errors
    /// `Cursor` if the request has one.
    pub(super) fn is_first(&self) -> Result<()> {
        match (&self.next, &self.prev) {
            (None, None) => Ok(()),
            (Some(_), _) | (None, Some(_)) => Err(Error::Cursor),
        }
    }
}

impl<T> Page<T> {
    /// A page that is all there is.
    pub(super) fn whole(data: Vec<T>) -> Self {
        Self { data, next: None, prev: None }
    }
}

/// What is walked: a part of an index, and which of its items count.
pub(super) struct Walk<'a, T> {
    pub(super) index: Index,
    pub(super) partition: String,
    pub(super) prefix: &'a str,
    /// The filters in words, so that a cursor of other filters is refused.
    pub(super) filters: &'a str,
    /// Turns an item into a record; `None` if a filter throws it away.
    pub(super) pick: &'a (dyn Fn(&Item) -> Result<Option<T>> + Sync),
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
}

impl Store {
    /// Reads one page of a walk.
    pub(super) async fn page<T: Send>(
        &self,
        request: &PageRequest,
        walk: &Walk<'_, T>,
    ) -> Result<Page<T>> {
        let query = walk.words();
        let start = self.start(request, walk.index, &query)?;
        let found = self.walk(&start, request.limit, walk).await?;
        let nothing = found.records.is_empty() && found.more.is_none();
        if nothing && start.direction == Direction::Backward {
            // All that was before is gone, so what is asked for is the first page.
            let first = Start { direction: Direction::Forward, after: None };
            let found = self.walk(&first, request.limit, walk).await?;
            return Ok(self.bind(found, &first, walk.index, &query));
        }
        Ok(self.bind(found, &start, walk.index, &query))
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
        let mut found = Found { records: Vec::new(), first: None, more: None };
        let mut last: Option<Item> = None;
        let mut after = start.after.clone();
        let mut examined = 0;
        let filtered = !walk.filters.is_empty();
        while examined < MAX_EXAMINED {
            let query = Query {
                index: walk.index,
                partition: walk.partition.clone(),
                range: Range::Prefix(walk.prefix.to_owned()),
                after: after.take(),
                direction: start.direction,
                limit: if filtered { (2 * limit).max(MIN_FILTERED_CHUNK) } else { limit },
            };
            let page = self.table.query(&query).await?;
            examined += page.items.len();
            after = page.items.last().and_then(|item| item.position(walk.index));
            for item in page.items {
                let Some(record) = (walk.pick)(&item)? else { continue };
                if found.records.len() == limit {
                    found.more = last.and_then(|item| item.position(walk.index));
                    return Ok(found);
                }
                if found.first.is_none() {
                    found.first = item.position(walk.index);
                }
                found.records.push(record);
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

    /// Puts the records in the index's order and makes the page's cursors.
    fn bind<T>(&self, found: Found<T>, start: &Start, index: Index, query: &str) -> Page<T> {
        let Found { mut records, first, more: far } = found;
        // An empty page lies between two places and shows none, so the way back from it begins where
        // the walk set out, that place's own item included, or, backwards, where it stopped.
        let near = start.after.as_ref().and_then(|after| {
            first.or_else(|| match start.direction {
                Direction::Forward => Some(successor(after)),
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
            position.and_then(|at| self.cursors.seal(&at, Scope { index, direction, query }))
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
        let mut words = String::new();
        // Lengths keep apart what the parts' own characters could make look alike.
        for part in [&*self.partition, self.prefix, self.filters] {
            let _ = write!(words, "{}:{part} ", part.len());
        }
        words
    }
}

/// The place right behind the one given, whatever items there are.
fn successor(position: &Position) -> Position {
    let mut next = position.clone();
    next.sort.push('\0');
    next.key.sort.push('\0');
    next
}
