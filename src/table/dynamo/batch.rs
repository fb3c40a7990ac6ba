//! Reads by several keys: batches side by side, each asked until it is whole.

use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, MutexGuard, PoisonError},
};

use aws_sdk_dynamodb::{operation::batch_get_item::BatchGetItemOutput, types::KeysAndAttributes};
use futures_util::{StreamExt, TryStreamExt, stream};

use super::{
    Attributes, Dynamo, Error, Failure, Item, Key, Repeat, Result,
    attributes::{self, decode},
    retry,
};

/// The most keys that one `BatchGetItem` takes.
const BATCH: usize = 100;
/// How many batches of one call are under way at once.
const AT_ONCE: usize = 4;

/// The live items at the keys, in their order.
pub(super) async fn get_many(dynamo: &Dynamo, keys: &[Key]) -> Result<Vec<Option<Item>>> {
    let distinct = distinct(keys);
    let batches = distinct.chunks(BATCH).map(|keys| read(dynamo, keys)).collect::<Vec<_>>();
    let batches = stream::iter(batches).buffer_unordered(AT_ONCE);
    let found: Vec<Vec<Attributes>> = batches.try_collect().await?;
    let now = dynamo.now();
    let mut items = HashMap::with_capacity(distinct.len());
    for attributes in found.into_iter().flatten() {
        let item = decode(attributes)?;
        if item.lives(now) {
            items.insert(item.key.clone(), item);
        }
    }
    Ok(keys.iter().map(|key| items.get(key).cloned()).collect())
}

/// Each key once, for DynamoDB refuses a batch that has one twice.
fn distinct(keys: &[Key]) -> Vec<&Key> {
    let mut seen = HashSet::with_capacity(keys.len());
    keys.iter().filter(|key| seen.insert(*key)).collect()
}

/// A batch that is being read.
struct Batch {
    left: Vec<Attributes>,
    found: Vec<Attributes>,
}

/// What there is at the keys of one batch.
///
/// DynamoDB leaves keys over where an answer would have more than 16 MB, and where it throttles
/// their partition alone. They are asked for again, as calls are that it throttles as a whole.
async fn read(dynamo: &Dynamo, keys: &[&Key]) -> Result<Vec<Attributes>> {
    let left = keys.iter().map(|key| attributes::key(key)).collect();
    let batch = Mutex::new(Batch { left, found: Vec::new() });
    let send = || async {
        let left = lock(&batch).left.clone();
        let request = dynamo.client.batch_get_item().request_items(&dynamo.table, asked(left)?);
        let answer = request.send().await?;
        lock(&batch).take(answer)
    };
    retry(Repeat::Always, send).await?;
    Ok(batch.into_inner().unwrap_or_else(PoisonError::into_inner).found)
}

fn lock(batch: &Mutex<Batch>) -> MutexGuard<'_, Batch> {
    batch.lock().unwrap_or_else(PoisonError::into_inner)
}

fn asked(keys: Vec<Attributes>) -> Result<KeysAndAttributes, Failure> {
    let asked = KeysAndAttributes::builder().set_keys(Some(keys)).consistent_read(true).build();
    asked.map_err(|error| Failure::Final(Error::Invalid(error.to_string())))
}

impl Batch {
    /// Takes what an answer has over; busy if it left any keys.
    fn take(&mut self, answer: BatchGetItemOutput) -> Result<(), Failure> {
        self.found.extend(answer.responses.unwrap_or_default().into_values().flatten());
        let left = answer.unprocessed_keys.unwrap_or_default();
        self.left = left.into_values().flat_map(|left| left.keys).collect();
        if self.left.is_empty() {
            return Ok(());
        }
        Err(Failure::Busy(format!("DynamoDB left {} keys of a batch over", self.left.len())))
    }
}
