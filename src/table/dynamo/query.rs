//! Queries: one page of live items, however many expired ones lie between them.

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;

use super::{
    Dynamo, Error, Page, Passed, Query, Repeat, Result,
    attributes::{self, Attributes, number, text},
    retry,
};
use crate::table::{Direction, Index, Key, Position, Range, Scanned};

/// How many calls one page may take.
const ROUNDS: usize = 100;
/// How many items to read at least once the first call has met expired ones.
const LATER_READ: usize = 100;

/// Leaves out what has expired and is not swept yet.
const LIVE: &str = "attribute_not_exists(#expires) OR #expires > :now";

/// Answers a query; asks for one item more than wanted, to know whether there is one.
pub(super) async fn query(dynamo: &Dynamo, query: &Query) -> Result<Page> {
    let mut items = read(query, query.limit + 1, request(dynamo, query)).await?;
    let more = items.len() > query.limit;
    items.truncate(query.limit);
    let items: Result<_> = items.into_iter().map(attributes::decode).collect();
    Ok(Page { items: items?, more })
}

/// How many items there are up to the page's end, and where it is.
pub(super) async fn skip(dynamo: &Dynamo, query: &Query) -> Result<Passed> {
    // As names, because any may be one of DynamoDB's reserved words.
    let request = request(dynamo, query)
        .projection_expression("#pk, #sk, #gs1sk")
        .expression_attribute_names("#pk", "pk")
        .expression_attribute_names("#sk", "sk")
        .expression_attribute_names("#gs1sk", "gs1sk");
    let mut found = read(query, query.limit, request).await?;
    let items = found.len();
    let end = found.pop().filter(|_| items == query.limit);
    Ok(Passed { items, end: end.map(|end| attributes::position(query.index, end)) })
}

/// One call's share of the whole table.
pub(super) async fn scan(dynamo: &Dynamo, after: Option<&Key>, limit: usize) -> Result<Scanned> {
    let request = dynamo
        .client
        .scan()
        .table_name(&dynamo.table)
        .consistent_read(true)
        .filter_expression(LIVE)
        .expression_attribute_names("#expires", "expires")
        .expression_attribute_values(":now", number(&dynamo.now()))
        .limit(i32::try_from(limit).unwrap_or(i32::MAX))
        .set_exclusive_start_key(after.map(attributes::key));
    let send = || async { Ok(request.clone().send().await?) };
    let found = retry(Repeat::Always, send).await?;
    let items = found.items.unwrap_or_default().into_iter().map(attributes::decode);
    let next = found.last_evaluated_key.map(|last| attributes::position(Index::Primary, last).key);
    Ok(Scanned { items: items.collect::<Result<_>>()?, next })
}

/// The first live items of a query, as many as wanted or all that there are.
async fn read(
    query: &Query,
    wanted: usize,
    request: QueryFluentBuilder,
) -> Result<Vec<Attributes>> {
    let mut items = Vec::new();
    let Some(mut start) = start(query) else { return Ok(items) };
    for round in 0..ROUNDS {
        let missing = wanted - items.len();
        let read = if round == 0 { missing } else { missing.max(LATER_READ) };
        let request = request
            .clone()
            .limit(i32::try_from(read).unwrap_or(i32::MAX))
            .set_exclusive_start_key(start);
        let send = || async { Ok(request.clone().send().await?) };
        let found = retry(Repeat::Always, send).await?;
        items.extend(found.items.unwrap_or_default().into_iter().take(missing));
        start = found.last_evaluated_key;
        if start.is_none() || items.len() == wanted {
            return Ok(items);
        }
    }
    Err(Error::Busy(format!("{} holds too many expired items to list", query.partition)))
}

fn request(dynamo: &Dynamo, query: &Query) -> QueryFluentBuilder {
    let (partition, sort) = match query.index {
        Index::Primary => ("pk", "sk"),
        Index::Gs1 => ("gs1pk", "gs1sk"),
    };
    let request = dynamo
        .client
        .query()
        .table_name(&dynamo.table)
        .scan_index_forward(query.direction == Direction::Forward)
        .filter_expression(LIVE)
        .expression_attribute_names("#expires", "expires")
        .expression_attribute_names("#partition", partition)
        .expression_attribute_values(":now", number(&dynamo.now()))
        .expression_attribute_values(":partition", text(&query.partition));
    let request = match query.index {
        Index::Primary => request.consistent_read(true),
        Index::Gs1 => request.index_name("gs1"),
    };
    let (condition, edge) = match &query.range {
        Range::Prefix(prefix) if !prefix.is_empty() => {
            ("#partition = :partition AND begins_with(#sort, :edge)", prefix)
        }
        Range::Before(end) => ("#partition = :partition AND #sort < :edge", end),
        Range::Between(first, last) => {
            let condition = "#partition = :partition AND #sort BETWEEN :edge AND :last";
            return request
                .key_condition_expression(condition)
                .expression_attribute_names("#sort", sort)
                .expression_attribute_values(":edge", text(first))
                .expression_attribute_values(":last", text(last));
        }
        Range::All | Range::Prefix(_) => {
            return request.key_condition_expression("#partition = :partition");
        }
    };
    request
        .key_condition_expression(condition)
        .expression_attribute_names("#sort", sort)
        .expression_attribute_values(":edge", text(edge))
}

/// Where to start; `None` if nothing can follow there. DynamoDB refuses a start key outside of the range, and
/// DynamoDB Local also the last one that a walk would reach: a start before the range is left out, and one behind
/// which nothing lies ends the walk.
#[expect(clippy::option_option, reason = "the inner one is what the SDK's builder takes")]
fn start(query: &Query) -> Option<Option<Attributes>> {
    let (low, high) = query.range.bounds();
    if high.as_deref() == Some("") {
        return None;
    }
    let Some(after) = &query.after else { return Some(None) };
    let Position { sort, .. } = after;
    let below = sort.as_str() < low;
    let above = high.is_some_and(|high| *sort >= high);
    // Nothing else of the partition has that sort key; in the index others may have it.
    let is_only = query.index == Index::Primary;
    let is_first = is_only && sort == low;
    let is_last = is_only && matches!(&query.range, Range::Between(_, last) if sort == last);
    match query.direction {
        Direction::Forward if above || is_last => None,
        Direction::Backward if below || is_first => None,
        Direction::Forward | Direction::Backward if below || above => Some(None),
        Direction::Forward | Direction::Backward => {
            Some(Some(attributes::start(query.index, &query.partition, after)))
        }
    }
}
