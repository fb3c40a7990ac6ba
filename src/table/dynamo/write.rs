//! Writes: a plain conditional call for one operation, a transaction for several.

use std::collections::HashMap;

use aws_sdk_dynamodb::{
    operation::update_item::builders::UpdateItemFluentBuilder,
    types::{
        ConditionCheck, Delete, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update,
    },
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use super::{
    Attributes, Dynamo, Error, Failure, Item, Key, Op, Repeat, Result, Table, Written, attributes,
    condition::expression, number, retry,
};
use crate::{
    random::Random,
    table::{Condition, Refused},
};

const ALL_OLD: ReturnValuesOnConditionCheckFailure = ReturnValuesOnConditionCheckFailure::AllOld;

/// Applies all operations or none.
pub(super) async fn write(dynamo: &Dynamo, ops: &[Op]) -> Result<Written> {
    let now = dynamo.now();
    match ops {
        [] => Ok(Written::Done),
        [Op::Check(key, condition)] => check(dynamo, key, *condition).await,
        [Op::Put(item, condition)] => {
            let sent = put(dynamo, item, *condition, now).await;
            // Encoding and decoding makes numbers look as they do when they come back.
            outcome(sent, Some(&attributes::decode(attributes::encode(item)?)?), now)
        }
        [Op::Delete(key, condition)] => {
            outcome(delete(dynamo, key, *condition, now).await, None, now)
        }
        [Op::Add(key, numbers)] => {
            let request = add(dynamo, key, numbers);
            let send = || async { Ok(request.clone().send().await?) };
            retry(Repeat::UnlessLost, send).await?;
            Ok(Written::Done)
        }
        ops => transact(dynamo, ops, now).await,
    }
}

async fn check(dynamo: &Dynamo, key: &Key, condition: Condition) -> Result<Written> {
    let current = dynamo.get(key).await?;
    if condition.holds(current.as_ref().map(|item| item.version)) {
        return Ok(Written::Done);
    }
    Ok(Written::Refused(Refused { op: 0, current }))
}

async fn put(dynamo: &Dynamo, item: &Item, condition: Condition, now: u64) -> Result<(), Failure> {
    let condition = expression(condition, now);
    let request = dynamo
        .client
        .put_item()
        .table_name(&dynamo.table)
        .set_item(Some(attributes::encode(item).map_err(Failure::Final)?))
        .set_condition_expression(condition.text)
        .set_expression_attribute_names(condition.names)
        .set_expression_attribute_values(condition.values)
        .return_values_on_condition_check_failure(ALL_OLD);
    let send = || async { Ok(request.clone().send().await?) };
    retry(Repeat::Always, send).await.map(drop)
}

async fn delete(dynamo: &Dynamo, key: &Key, condition: Condition, now: u64) -> Result<(), Failure> {
    let condition = expression(condition, now);
    let request = dynamo
        .client
        .delete_item()
        .table_name(&dynamo.table)
        .set_key(Some(attributes::key(key)))
        .set_condition_expression(condition.text)
        .set_expression_attribute_names(condition.names)
        .set_expression_attribute_values(condition.values)
        .return_values_on_condition_check_failure(ALL_OLD);
    let send = || async { Ok(request.clone().send().await?) };
    retry(Repeat::Always, send).await.map(drop)
}

/// The request that adds to the numbers of an item, and one to its version.
pub(super) fn add(
    dynamo: &Dynamo,
    key: &Key,
    numbers: &[(String, i64)],
) -> UpdateItemFluentBuilder {
    let (text, names, values) = addition(numbers);
    dynamo
        .client
        .update_item()
        .table_name(&dynamo.table)
        .set_key(Some(attributes::key(key)))
        .update_expression(text)
        .set_expression_attribute_names(Some(names))
        .set_expression_attribute_values(Some(values))
}

fn addition(numbers: &[(String, i64)]) -> (String, HashMap<String, String>, Attributes) {
    let version = ("version".to_owned(), 1);
    let mut terms = Vec::new();
    let mut names = HashMap::new();
    let mut values = HashMap::new();
    for (at, (name, n)) in [&version].into_iter().chain(numbers).enumerate() {
        terms.push(format!("#name{at} :n{at}"));
        names.insert(format!("#name{at}"), name.clone());
        values.insert(format!(":n{at}"), number(n));
    }
    (format!("ADD {}", terms.join(", ")), names, values)
}

/// What a write of a single operation came to; `wanted` is what was to be there after it.
///
/// If the answer to an earlier attempt was lost and just that is there now, it was that attempt.
fn outcome(sent: Result<(), Failure>, wanted: Option<&Item>, now: u64) -> Result<Written> {
    match sent {
        Ok(()) => Ok(Written::Done),
        Err(Failure::Condition { op, current, in_doubt }) => {
            let current = live(current, now)?;
            if in_doubt && current.as_ref() == wanted {
                return Ok(Written::Done);
            }
            Ok(Written::Refused(Refused { op, current }))
        }
        Err(failure) => Err(failure.into()),
    }
}

fn live(attributes: Option<Attributes>, now: u64) -> Result<Option<Item>> {
    let item = attributes.map(attributes::decode).transpose()?;
    Ok(item.filter(|item| item.lives(now)))
}

/// Several operations at once. Attempts share a token, by which DynamoDB knows the later ones for
/// repetitions, so that lost answers do no harm.
async fn transact(dynamo: &Dynamo, ops: &[Op], now: u64) -> Result<Written> {
    let mut places = Vec::with_capacity(ops.len());
    let mut items = Vec::with_capacity(ops.len());
    for (place, op) in ops.iter().enumerate() {
        if let Some(item) = operation(dynamo, op, now)? {
            places.push(place);
            items.push(item);
        }
    }
    if items.is_empty() {
        return Ok(Written::Done);
    }
    let request = dynamo
        .client
        .transact_write_items()
        .set_transact_items(Some(items))
        .client_request_token(URL_SAFE_NO_PAD.encode(Random::System.bytes::<16>()));
    let send = || async { Ok(request.clone().send().await?) };
    match retry(Repeat::Always, send).await {
        Ok(_) => Ok(Written::Done),
        Err(Failure::Condition { op, current, .. }) => {
            let op = places.get(op).copied().unwrap_or(op);
            Ok(Written::Refused(Refused { op, current: live(current, now)? }))
        }
        Err(failure) => Err(failure.into()),
    }
}

/// One operation of a transaction; `None` for a check of nothing, which DynamoDB does not know.
fn operation(dynamo: &Dynamo, op: &Op, now: u64) -> Result<Option<TransactWriteItem>> {
    let condition = expression(op.condition(), now);
    let table = &dynamo.table;
    let item = TransactWriteItem::builder();
    let item = match op {
        Op::Check(_, Condition::Any) => return Ok(None),
        Op::Put(stored, _) => Put::builder()
            .table_name(table)
            .set_item(Some(attributes::encode(stored)?))
            .set_condition_expression(condition.text)
            .set_expression_attribute_names(condition.names)
            .set_expression_attribute_values(condition.values)
            .return_values_on_condition_check_failure(ALL_OLD)
            .build()
            .map(|put| item.put(put)),
        Op::Delete(key, _) => Delete::builder()
            .table_name(table)
            .set_key(Some(attributes::key(key)))
            .set_condition_expression(condition.text)
            .set_expression_attribute_names(condition.names)
            .set_expression_attribute_values(condition.values)
            .return_values_on_condition_check_failure(ALL_OLD)
            .build()
            .map(|delete| item.delete(delete)),
        Op::Check(key, _) => ConditionCheck::builder()
            .table_name(table)
            .set_key(Some(attributes::key(key)))
            .set_condition_expression(condition.text)
            .set_expression_attribute_names(condition.names)
            .set_expression_attribute_values(condition.values)
            .return_values_on_condition_check_failure(ALL_OLD)
            .build()
            .map(|check| item.condition_check(check)),
        Op::Add(key, numbers) => {
            let (text, names, values) = addition(numbers);
            Update::builder()
                .table_name(table)
                .set_key(Some(attributes::key(key)))
                .update_expression(text)
                .set_expression_attribute_names(Some(names))
                .set_expression_attribute_values(Some(values))
                .build()
                .map(|update| item.update(update))
        }
    };
    item.map(|item| Some(item.build())).map_err(|error| Error::Invalid(error.to_string()))
}
