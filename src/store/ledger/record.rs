//! Records as the bodies of items: how they are read and written.

use serde::{Serialize, de::DeserializeOwned};

use crate::{
    clock::Timestamp,
    model::{
        account::Account, hold::Hold, invite::Invite, key::Key as ApiKey, letter::Letter,
        user::User, user_text::UserText,
    },
    store::{Error, Result, Store, ledger},
    table::{self, Item, Key},
};

/// A record that is stored as an item's body.
pub(in crate::store) trait Stored: Serialize + DeserializeOwned {
    /// Takes over what the item keeps outside its body.
    fn adopt(&mut self, item: &Item) {
        let _ = item;
    }
}

/// What an item is read as.
pub(in crate::store) trait Kept: Sized {
    /// Reads the item.
    ///
    /// # Errors
    /// Why it is something else.
    fn of(item: &Item) -> serde_json::Result<Self>;
}

impl<T: Stored> Kept for T {
    fn of(item: &Item) -> serde_json::Result<Self> {
        let mut record: T = serde_json::from_str(&item.body)?;
        record.adopt(item);
        Ok(record)
    }
}

impl Kept for UserText {
    fn of(item: &Item) -> serde_json::Result<Self> {
        Self::new(item.body.clone(), item.version)
    }
}

impl Stored for User {
    fn adopt(&mut self, item: &Item) {
        self.version = item.version;
    }
}

impl Stored for Account {
    fn adopt(&mut self, item: &Item) {
        self.version = item.version;
    }
}

impl Stored for Invite {
    fn adopt(&mut self, item: &Item) {
        self.version = item.version;
        self.expires = item.expires;
    }
}

impl Stored for ApiKey {
    fn adopt(&mut self, item: &Item) {
        self.version = item.version;
    }
}

impl Stored for Hold {
    fn adopt(&mut self, item: &Item) {
        self.version = item.version;
    }
}

impl Stored for Letter {}

/// The record in an item.
pub(in crate::store) fn decode<T: Kept>(item: &Item) -> Result<T> {
    T::of(item).map_err(corrupt(&item.key))
}

/// The first version of a record that can be removed and made again: its time, so that the versions of two records with the
/// same key differ.
pub(in crate::store) fn first_version(made: Timestamp) -> u64 {
    u64::try_from(made.millis()).unwrap_or(1)
}

/// The text of a record, for an item's body.
pub(in crate::store) fn encode<T: Serialize>(key: &Key, record: &T) -> Result<String> {
    serde_json::to_string(record).map_err(corrupt(key))
}

/// Says of the item at `key` why it cannot be read or written.
pub(in crate::store) fn corrupt(key: &Key) -> impl FnOnce(serde_json::Error) -> Error {
    |error| Error::Table(table::Error::Corrupt { key: key.clone(), why: error.to_string() })
}

impl Store {
    /// One record, decoded; `None` if it is absent.
    pub(in crate::store) async fn load<T: ledger::record::Kept>(
        &self,
        key: Key,
    ) -> Result<Option<T>> {
        match self.table.get(&key).await? {
            Some(item) => Ok(Some(ledger::record::decode(&item)?)),
            None => Ok(None),
        }
    }
}
