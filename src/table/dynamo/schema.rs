//! The table itself: its keys, its index, its expiry and its backups.

use std::time::Duration;

use aws_sdk_dynamodb::{
    error::{BuildError, ProvideErrorMetadata},
    types::{
        AttributeDefinition, BillingMode, GlobalSecondaryIndex, IndexStatus, KeySchemaElement,
        KeyType, PointInTimeRecoverySpecification, Projection, ProjectionType, ScalarAttributeType,
        TableDescription, TableStatus, TimeToLiveSpecification, TimeToLiveStatus,
    },
};
use tokio::time::sleep;

use super::{Dynamo, Error, Failure, Repeat, Result, retry};

/// How often, and how many times, to look whether the table can be used: five minutes.
const POLL: Duration = Duration::from_millis(500);
const POLLS: usize = 600;

/// How [`Dynamo::create_table`] found the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Creation {
    /// There was none; now there is.
    Created,
    /// It was there already, in the right shape.
    Existed,
}

/// Makes the table unless it is there, and waits until it can be used.
pub(super) async fn create(dynamo: &Dynamo) -> Result<Creation> {
    let creation = make(dynamo).await?;
    let table = active(dynamo).await?;
    compare(&dynamo.table, &table)?;
    expire(dynamo).await?;
    back_up(dynamo).await?;
    Ok(creation)
}

async fn make(dynamo: &Dynamo) -> Result<Creation> {
    let invalid = |error: BuildError| Error::Invalid(error.to_string());
    let attributes: Result<Vec<_>, _> =
        ["pk", "sk", "gs1pk", "gs1sk"].map(text).into_iter().collect();
    let index = GlobalSecondaryIndex::builder()
        .index_name("gs1")
        .set_key_schema(Some(keys("gs1pk", "gs1sk").map_err(invalid)?))
        .projection(Projection::builder().projection_type(ProjectionType::All).build())
        .build()
        .map_err(invalid)?;
    let request = dynamo
        .client
        .create_table()
        .table_name(&dynamo.table)
        .billing_mode(BillingMode::PayPerRequest)
        .set_attribute_definitions(Some(attributes.map_err(invalid)?))
        .set_key_schema(Some(keys("pk", "sk").map_err(invalid)?))
        .global_secondary_indexes(index);
    let send = || async {
        match request.clone().send().await {
            Ok(_) => Ok(Creation::Created),
            Err(error) if error.code() == Some("ResourceInUseException") => Ok(Creation::Existed),
            Err(error) => Err(Failure::from(error)),
        }
    };
    Ok(retry(Repeat::Always, send).await?)
}

fn text(name: &str) -> Result<AttributeDefinition, BuildError> {
    let kind = ScalarAttributeType::S;
    AttributeDefinition::builder().attribute_name(name).attribute_type(kind).build()
}

fn keys(hash: &str, range: &str) -> Result<Vec<KeySchemaElement>, BuildError> {
    let key = |name, kind| KeySchemaElement::builder().attribute_name(name).key_type(kind).build();
    [key(hash, KeyType::Hash), key(range, KeyType::Range)].into_iter().collect()
}

/// The table's description, as soon as it and its index can be used.
async fn active(dynamo: &Dynamo) -> Result<TableDescription> {
    for _ in 0..POLLS {
        let request = dynamo.client.describe_table().table_name(&dynamo.table);
        let send = || async { request.clone().send().await.map_err(Failure::from) };
        let table = retry(Repeat::Always, send).await?.table;
        if let Some(table) = table.filter(is_active) {
            return Ok(table);
        }
        sleep(POLL).await;
    }
    Err(Error::Busy(format!("the table {} is still being made", dynamo.table)))
}

/// Which table it is; unknown to whom it may not be described.
pub(super) async fn id(dynamo: &Dynamo) -> Result<Option<String>> {
    let request = dynamo.client.describe_table().table_name(&dynamo.table);
    let send = || async { request.clone().send().await.map_err(Failure::from) };
    match retry(Repeat::Always, send).await.map_err(Error::from) {
        Ok(described) => Ok(described.table.as_ref().and_then(id_of)),
        Err(Error::Denied(why)) => {
            tracing::warn!(
                why,
                "whether this is the table of before is not known: allow dynamodb:DescribeTable"
            );
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// DynamoDB Local gives none: there, what was made at another moment is another table.
fn id_of(table: &TableDescription) -> Option<String> {
    let made = || {
        let at = table.creation_date_time()?.to_millis().ok()?;
        Some(format!("{}@{at}", table.table_arn()?))
    };
    table.table_id().map(ToOwned::to_owned).or_else(made)
}

fn is_active(table: &TableDescription) -> bool {
    let indexes = table.global_secondary_indexes();
    table.table_status() == Some(&TableStatus::Active)
        && indexes.iter().all(|index| index.index_status() == Some(&IndexStatus::Active))
}

/// Refuses a table that is not shaped as ours are.
fn compare(name: &str, table: &TableDescription) -> Result<()> {
    let mismatch = |why: &str| Err(Error::Mismatch(format!("the DynamoDB table {name} {why}")));
    if !has_keys(table.key_schema(), "pk", "sk") {
        return mismatch("does not have the keys `pk` and `sk`");
    }
    let mut indexes = table.global_secondary_indexes().iter();
    let Some(gs1) = indexes.find(|index| index.index_name() == Some("gs1")) else {
        return mismatch("has no index `gs1`");
    };
    if !has_keys(gs1.key_schema(), "gs1pk", "gs1sk") {
        return mismatch("has an index `gs1` without the keys `gs1pk` and `gs1sk`");
    }
    let projection = gs1.projection().and_then(Projection::projection_type);
    if projection != Some(&ProjectionType::All) {
        return mismatch("has an index `gs1` that leaves attributes out");
    }
    let mut attributes = table.attribute_definitions().iter();
    let is_text = |attribute: &AttributeDefinition| {
        let named = ["pk", "sk", "gs1pk", "gs1sk"].contains(&attribute.attribute_name());
        !named || *attribute.attribute_type() == ScalarAttributeType::S
    };
    if !attributes.all(is_text) {
        return mismatch("has keys that are no strings");
    }
    Ok(())
}

fn has_keys(schema: &[KeySchemaElement], hash: &str, range: &str) -> bool {
    let mut keys: Vec<_> =
        schema.iter().map(|key| (key.attribute_name(), key.key_type())).collect();
    keys.sort_by_key(|(_, kind)| kind.as_str());
    keys == [(hash, &KeyType::Hash), (range, &KeyType::Range)]
}

/// Lets DynamoDB remove items by their `expires`; it refuses to be told so twice.
async fn expire(dynamo: &Dynamo) -> Result<()> {
    let request = dynamo.client.describe_time_to_live().table_name(&dynamo.table);
    let send = || async { request.clone().send().await.map_err(Failure::from) };
    let described = retry(Repeat::Always, send).await?.time_to_live_description;
    if let Some(described) = described {
        let status = described.time_to_live_status();
        if matches!(status, Some(TimeToLiveStatus::Enabled | TimeToLiveStatus::Enabling)) {
            return match described.attribute_name() {
                Some("expires") => Ok(()),
                other => Err(Error::Mismatch(format!(
                    "the DynamoDB table {} expires items by {other:?}, not `expires`",
                    dynamo.table
                ))),
            };
        }
    }
    let settings = TimeToLiveSpecification::builder()
        .enabled(true)
        .attribute_name("expires")
        .build()
        .map_err(|error| Error::Invalid(error.to_string()))?;
    let request = dynamo.client.update_time_to_live().table_name(&dynamo.table);
    request.time_to_live_specification(settings).send().await.map_err(Failure::from)?;
    Ok(())
}

/// Switches point-in-time recovery on, where there is such a thing: emulators have none.
async fn back_up(dynamo: &Dynamo) -> Result<()> {
    let settings = PointInTimeRecoverySpecification::builder()
        .point_in_time_recovery_enabled(true)
        .build()
        .map_err(|error| Error::Invalid(error.to_string()))?;
    let request = dynamo.client.update_continuous_backups().table_name(&dynamo.table);
    match request.point_in_time_recovery_specification(settings).send().await {
        Ok(_) => Ok(()),
        Err(error) if error.code() == Some("UnknownOperationException") => {
            tracing::info!("this DynamoDB has no point-in-time recovery");
            Ok(())
        }
        Err(error) => Err(Failure::from(error).into()),
    }
}
