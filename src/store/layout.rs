//! Where each kind of record lies in the table, and how it is written there.

use serde::{Serialize, de::DeserializeOwned};

use super::{Error, Result};
use crate::{
    clock::Timestamp,
    model::{
        account::Account,
        email::Email,
        id::{AccountId, AuditId, KeyId, LetterId, UserId},
        invite::Invite,
        key::Key as ApiKey,
        letter::Letter,
        text::{ExternalId, Username},
        user::{IdentityKey, State, User},
    },
    table::{self, Item, Key},
};

/// How many items share an account's totals.
pub(super) const TOTAL_SHARDS: u8 = 16;
/// How many partitions the outbox is spread over.
pub(super) const OUTBOX_SHARDS: u8 = 4;

/// The partition of `gs1` that lists all accounts.
pub(super) const ACCOUNTS: &str = "accounts";

/// A record that is stored as an item's body.
pub(super) trait Stored: Serialize + DeserializeOwned {
    /// Takes over what the item keeps outside its body.
    fn adopt(&mut self, item: &Item) {
        let _ = item;
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

impl Stored for ApiKey {}
impl Stored for Letter {}

/// The record in an item.
pub(super) fn decode<T: Stored>(item: &Item) -> Result<T> {
    let mut record: T = serde_json::from_str(&item.body).map_err(|error| {
        Error::Table(table::Error::Corrupt { key: item.key.clone(), why: error.to_string() })
    })?;
    record.adopt(item);
    Ok(record)
}

/// The text of a record, for an item's body.
pub(super) fn encode<T: Serialize>(key: &Key, record: &T) -> Result<String> {
    serde_json::to_string(record).map_err(|error| {
        Error::Table(table::Error::Corrupt { key: key.clone(), why: error.to_string() })
    })
}

/// An item that is not listed in `gs1` and does not expire.
pub(super) fn item<T: Serialize>(key: Key, version: u64, record: &T) -> Result<Item> {
    let body = encode(&key, record)?;
    Ok(Item { key, gs1: None, version, expires: None, body })
}

pub(super) fn account_partition(account: AccountId) -> String {
    format!("account#{account}")
}

pub(super) fn trash_partition(account: AccountId) -> String {
    format!("trash#{account}")
}

pub(super) fn account(account: AccountId) -> Key {
    Key::new(account_partition(account), "account")
}

pub(super) fn live_user(account: AccountId, user: UserId) -> Key {
    Key::new(account_partition(account), format!("user#{user}"))
}

pub(super) fn trashed_user(account: AccountId, user: UserId) -> Key {
    Key::new(account_partition(account), format!("trash#{user}"))
}

/// Where the user lies, which its state decides.
pub(super) fn user(user: &User) -> Key {
    match user.state {
        State::Invited | State::Active | State::Suspended => live_user(user.account_id, user.id),
        State::Trashed => trashed_user(user.account_id, user.id),
    }
}

pub(super) fn user_item(record: &User, version: u64) -> Result<Item> {
    let partition = match record.state {
        State::Invited | State::Active | State::Suspended => account_partition(record.account_id),
        State::Trashed => trash_partition(record.account_id),
    };
    let listed = Key::new(partition, format!("email#{}", record.email));
    Ok(Item { gs1: Some(listed), ..item(user(record), version, record)? })
}

pub(super) fn account_item(record: &Account, version: u64) -> Result<Item> {
    let listed = Key::new(ACCOUNTS, account_partition(record.id));
    Ok(Item { gs1: Some(listed), ..item(account(record.id), version, record)? })
}

fn claim(partition: String) -> Key {
    Key::new(partition, "claim")
}

pub(super) fn email_claim(email: &Email) -> Key {
    claim(format!("email#{email}"))
}

pub(super) fn username_claim(name: &Username) -> Key {
    claim(format!("username#{name}"))
}

/// External ids are unique within an account: other systems number their users from 1, too.
pub(super) fn external_id_claim(account: AccountId, id: &ExternalId) -> Key {
    claim(format!("external#{account}#{id}"))
}

pub(super) fn number_claim(number: u64) -> Key {
    claim(format!("number#{number}"))
}

pub(super) fn user_claim(user: UserId) -> Key {
    claim(format!("user#{user}"))
}

pub(super) fn identity_claim(identity: &IdentityKey) -> Key {
    // The issuer's length keeps apart what a `#` in either part could make look alike.
    let IdentityKey { issuer, subject } = identity;
    claim(format!("identity#{}#{issuer}#{subject}", issuer.len()))
}

pub(super) fn invite(digest: &str) -> Key {
    Key::new(format!("invite#{digest}"), "invite")
}

pub(super) fn api_key(id: KeyId) -> Key {
    Key::new(format!("key#{id}"), format!("key#{id}"))
}

pub(super) fn names_partition(account: AccountId) -> String {
    format!("names#{account}")
}

pub(super) fn totals(account: AccountId, user: UserId) -> Key {
    Key::new(format!("count#{account}"), format!("shard#{}", user.low_byte() % TOTAL_SHARDS))
}

pub(super) fn audit(account: AccountId, entry: AuditId) -> Key {
    Key::new(format!("audit#{account}"), entry.to_string())
}

pub(super) fn audit_of_user(user: UserId, entry: AuditId) -> Key {
    Key::new(format!("audit#{user}"), entry.to_string())
}

pub(super) fn number_counter() -> Key {
    Key::new("counter#number", "counter")
}

pub(super) fn home() -> Key {
    Key::new("home", "home")
}

pub(super) fn outbox_partition(shard: u8) -> String {
    format!("outbox#{shard}")
}

/// The part of the outbox where undeliverable letters are kept for an operator.
pub(super) const PARKED_PARTITION: &str = "outbox#parked";

/// The sort key of a letter that is due then; fixed in width, so that text order is time order.
pub(super) fn due(at: Timestamp) -> String {
    format!("{:015}", at.millis().max(0))
}

pub(super) fn waiting_letter(letter: LetterId, at: Timestamp) -> Key {
    let shard = letter.low_byte() % OUTBOX_SHARDS;
    Key::new(outbox_partition(shard), format!("{}#{letter}", due(at)))
}

pub(super) fn parked_letter(letter: LetterId) -> Key {
    Key::new(PARKED_PARTITION, letter.to_string())
}

/// The id of the letter at a key of the outbox, and when it is due, if it waits.
pub(super) fn letter_place(key: &Key) -> (String, Option<Timestamp>) {
    match key.sort.split_once('#') {
        Some((due, id)) if key.partition != PARKED_PARTITION => {
            (id.to_owned(), due.parse().ok().map(Timestamp::from_millis))
        }
        Some(_) | None => (key.sort.clone(), None),
    }
}

/// A letter wherever it lies in the outbox, listed under the user whom it is about.
pub(super) fn letter_item(key: Key, version: u64, letter: &Letter) -> Result<Item> {
    let listed = |user| Key::new(format!("letters#{user}"), format!("letter#{}", letter.id));
    Ok(Item { gs1: letter.user_id.map(listed), ..item(key, version, letter)? })
}
