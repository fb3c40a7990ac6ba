//! The table in Amazon DynamoDB, for more than one machine; nothing else names the AWS SDK.

mod attributes;
mod batch;
mod call;
mod condition;
mod connect;
mod query;
mod schema;
mod write;

use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_sdk_dynamodb::{Client, types::ReturnValue};

pub use self::schema::Creation;
use self::{
    attributes::{Attributes, number},
    call::{Failure, Repeat, retry},
};
use super::{
    Error, Item, Key, Op, Page, Passed, Query, Result, Scanned, Table, Walks, Written, check,
};
use crate::{clock::Clock, random::Random};

/// What is passed is charged as if it were read: so many users are up to 1,500 read units.
const WALKS: Walks = Walks { passed: 10_000, examined: 10_000 };

/// How long the item lasts that is written to see whether that is possible.
const KEPT_SECONDS: u64 = 24 * 60 * 60;

/// Which DynamoDB table to use.
#[derive(Clone, Debug)]
pub struct DynamoSettings {
    /// The table's name.
    pub table: String,
    /// Where DynamoDB is, if not at its usual address: DynamoDB Local, LocalStack, a VPC endpoint.
    pub endpoint: Option<String>,
}

/// A table in DynamoDB.
#[derive(Clone)]
pub struct Dynamo {
    client: Client,
    table: String,
    clock: Clock,
    /// The name of this process in the table.
    node: String,
}

impl Dynamo {
    /// Prepares to use the table, with credentials and region from the usual AWS chain; makes no
    /// call yet.
    ///
    /// A plain `http` endpoint is taken for an emulator: there, region and credentials that are in
    /// neither environment nor profile are made up.
    pub async fn connect(settings: DynamoSettings, clock: Clock) -> Result<Self> {
        let config = connect::configure(settings.endpoint).await;
        if config.region().is_none() {
            let why = "no AWS region is set: set AWS_REGION, or a region in the AWS profile";
            return Err(Error::Unavailable(why.to_owned()));
        }
        Ok(Self::from_config(&config, settings.table, clock))
    }

    /// Prepares to use the table with a configuration made elsewhere; its HTTP client, time-outs
    /// and retries are replaced by ours.
    pub fn from_config(config: &SdkConfig, table: String, clock: Clock) -> Self {
        let node = u64::from_le_bytes(Random::System.bytes());
        Self { client: connect::client(config), table, clock, node: format!("{node:016x}") }
    }

    /// Makes the table, its index, its expiry and its backups, and waits until it can be used.
    ///
    /// A table that is there already is completed; one of another shape is [`Error::Mismatch`].
    pub async fn create_table(&self) -> Result<Creation> {
        schema::create(self).await
    }

    fn now(&self) -> u64 {
        self.clock.now().seconds()
    }
}

#[async_trait]
impl Table for Dynamo {
    async fn get(&self, key: &Key) -> Result<Option<Item>> {
        check::key(key)?;
        let request = self
            .client
            .get_item()
            .table_name(&self.table)
            .set_key(Some(attributes::key(key)))
            .consistent_read(true);
        let send = || async { Ok(request.clone().send().await?) };
        let found = retry(Repeat::Always, send).await?.item;
        let item = found.map(attributes::decode).transpose()?;
        Ok(item.filter(|item| item.lives(self.now())))
    }

    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Item>>> {
        check::keys(keys)?;
        batch::get_many(self, keys).await
    }

    async fn query(&self, query: &Query) -> Result<Page> {
        check::query(query)?;
        query::query(self, query).await
    }

    async fn skip(&self, query: &Query) -> Result<Passed> {
        check::query(query)?;
        query::skip(self, query).await
    }

    async fn scan(&self, after: Option<&Key>, limit: usize) -> Result<Scanned> {
        check::scan(after, limit)?;
        query::scan(self, after, limit).await
    }

    fn walks(&self) -> Walks {
        WALKS
    }

    async fn write(&self, ops: Vec<Op>) -> Result<Written> {
        check::write(&ops)?;
        write::write(self, &ops).await
    }

    async fn add(&self, key: &Key, n: i64) -> Result<i64> {
        check::key(key)?;
        let corrupt = |why: &str| Error::Corrupt { key: key.clone(), why: why.to_owned() };
        let request = write::add(self, key, &[("value".to_owned(), n)])
            .return_values(ReturnValue::UpdatedNew);
        let send = || async { Ok(request.clone().send().await?) };
        let updated = retry(Repeat::UnlessLost, send).await?.attributes.unwrap_or_default();
        let sum = updated.get("value").and_then(|value| value.as_n().ok());
        let sum = sum.ok_or_else(|| corrupt("an add without a sum"))?;
        sum.parse().map_err(|_| corrupt("the counter has left i64"))
    }

    async fn table_id(&self) -> Result<Option<String>> {
        schema::id(self).await
    }

    async fn ready(&self) -> Result<()> {
        let (key, now) = (Key::new("ready", &self.node), self.now());
        let item = Item {
            key,
            gs1: None,
            version: 1,
            expires: Some(now + KEPT_SECONDS),
            body: "{}".to_owned(),
        };
        // No condition and no other node's item: nothing that could be in conflict.
        let request = self.client.put_item().table_name(&self.table);
        let request = request.set_item(Some(attributes::encode(&item)?));
        request.send().await.map_err(Failure::from)?;
        let key = Some(attributes::key(&item.key));
        let request = self.client.get_item().table_name(&self.table).set_key(key);
        request.send().await.map_err(Failure::from)?;
        Ok(())
    }
}
