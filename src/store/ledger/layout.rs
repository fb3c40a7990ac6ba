//! Where each kind of record lies in the table, and how it is written there.

use std::fmt;

use serde::Serialize;
use time::Date;

use crate::{
    clock::Timestamp,
    model::{
        account::Account,
        email::Email,
        hold::{Hold, HoldName},
        id::{AccountId, AuditId, HoldId, KeyId, SessionId, SignInId, UserId},
        key::Key as ApiKey,
        text::{ExternalId, Username},
        user::{IdentityKey, State, User},
    },
    store::{Result, ledger::record},
    table::{Item, Key},
};

/// How many items share an account's totals.
pub(in crate::store) const TOTAL_SHARDS: u8 = 16;
/// How many items share what an account counts of a month's days.
pub(in crate::store) const DAY_SHARDS: u8 = 4;

/// The partition of `gs1` that lists all accounts.
pub(in crate::store) const ACCOUNTS: &str = "accounts";

/// An item that is not listed in `gs1` and does not expire.
pub(in crate::store) fn item<T: Serialize>(key: Key, version: u64, record: &T) -> Result<Item> {
    let body = record::encode(&key, record)?;
    Ok(Item { key, gs1: None, version, expires: None, body })
}

pub(in crate::store) fn account_partition(account: AccountId) -> String {
    format!("account#{account}")
}

pub(in crate::store) fn trash_partition(account: AccountId) -> String {
    format!("trash#{account}")
}

pub(in crate::store) fn account(account: AccountId) -> Key {
    Key::new(account_partition(account), "account")
}

pub(in crate::store) fn live_user(account: AccountId, user: UserId) -> Key {
    Key::new(account_partition(account), format!("user#{user}"))
}

pub(in crate::store) fn trashed_user(account: AccountId, user: UserId) -> Key {
    Key::new(account_partition(account), format!("trash#{user}"))
}

/// Where the user lies, which its state decides.
pub(in crate::store) fn user(user: &User) -> Key {
    match user.state {
        State::Invited | State::Active | State::Suspended => live_user(user.account_id, user.id),
        State::Trashed => trashed_user(user.account_id, user.id),
    }
}

pub(in crate::store) fn user_item(record: &User, version: u64) -> Result<Item> {
    let partition = match record.state {
        State::Invited | State::Active | State::Suspended => account_partition(record.account_id),
        State::Trashed => trash_partition(record.account_id),
    };
    let listed = Key::new(partition, format!("email#{}", record.email));
    Ok(Item { gs1: Some(listed), ..item(user(record), version, record)? })
}

pub(in crate::store) fn account_item(record: &Account, version: u64) -> Result<Item> {
    let listed = Key::new(ACCOUNTS, account_partition(record.id));
    Ok(Item { gs1: Some(listed), ..item(account(record.id), version, record)? })
}

pub(in crate::store) fn claim(partition: String) -> Key {
    Key::new(partition, "claim")
}

pub(in crate::store) fn email_claim(email: &Email) -> Key {
    claim(format!("email#{email}"))
}

pub(in crate::store) fn username_claim(name: &Username) -> Key {
    claim(format!("username#{name}"))
}

/// External ids are unique within an account: other systems number their users from 1, too.
pub(in crate::store) fn external_id_claim(account: AccountId, id: &ExternalId) -> Key {
    claim(format!("external#{account}#{id}"))
}

pub(in crate::store) fn number_claim(number: u64) -> Key {
    claim(format!("number#{number}"))
}

/// The claim of the user's number, which also lists the user by it: with the live ones of its account,
/// or with those in the trash. Fixed in width, so that text order is the numbers' order.
pub(in crate::store) fn number_claim_of(user: &User) -> (Key, Key) {
    let partition = match user.state {
        State::Invited | State::Active | State::Suspended => numbers_partition(user.account_id),
        State::Trashed => trash_numbers_partition(user.account_id),
    };
    (number_claim(user.number), Key::new(partition, format!("{:020}", user.number)))
}

/// The partition of `gs1` that lists an account's live users by number.
pub(in crate::store) fn numbers_partition(account: AccountId) -> String {
    format!("numbers#{account}")
}

/// The same of those in the trash.
pub(in crate::store) fn trash_numbers_partition(account: AccountId) -> String {
    format!("trash-numbers#{account}")
}

pub(in crate::store) fn user_claim(user: UserId) -> Key {
    claim(format!("user#{user}"))
}

pub(in crate::store) fn identity_claim(identity: &IdentityKey) -> Key {
    // The issuer's length keeps apart what a `#` in either part could make look alike.
    let IdentityKey { issuer, subject } = identity;
    claim(format!("identity#{}#{issuer}#{subject}", issuer.len()))
}

/// The claim of an address for signing in with it, whether or not there is a user.
pub(in crate::store) fn sign_in_claim(email: &Email) -> Key {
    claim(format!("signin#{email}"))
}

pub(in crate::store) fn sign_in(id: SignInId) -> Key {
    Key::new(format!("signin#{id}"), "signin")
}

pub(in crate::store) fn sessions_partition(sign_in: SignInId) -> String {
    format!("sessions#{sign_in}")
}

pub(in crate::store) fn session(sign_in: SignInId, session: SessionId) -> Key {
    Key::new(sessions_partition(sign_in), format!("session#{session}"))
}

pub(in crate::store) fn sign_up(digest: &str) -> Key {
    Key::new(format!("signup#{digest}"), "signup")
}

pub(in crate::store) fn reset(digest: &str) -> Key {
    Key::new(format!("reset#{digest}"), "reset")
}

pub(super) fn idempotency(digest: &str) -> Key {
    Key::new(format!("idempotency#{digest}"), "idempotency")
}

pub(in crate::store) fn invite(digest: &str) -> Key {
    Key::new(format!("invite#{digest}"), "invite")
}

pub(in crate::store) fn api_key(id: KeyId) -> Key {
    Key::new(format!("key#{id}"), format!("key#{id}"))
}

pub(in crate::store) fn api_key_item(record: &ApiKey, version: u64) -> Result<Item> {
    let key = api_key(record.id);
    let listed = Key::new(account_partition(record.account_id), key.sort.clone());
    let expires = record.expires.map(Timestamp::seconds);
    Ok(Item { gs1: Some(listed), expires, ..item(key, version, record)? })
}

/// A count of misses under a rule; the digest stands for what they are counted for.
pub(in crate::store) fn limit(rule: &str, digest: &str) -> Key {
    Key::new(format!("limit#{rule}#{digest}"), "limit")
}

pub(in crate::store) fn names_partition(account: AccountId) -> String {
    format!("names#{account}")
}

pub(in crate::store) fn totals(account: AccountId, user: UserId) -> Key {
    totals_shard(account, user.low_byte() % TOTAL_SHARDS)
}

pub(in crate::store) fn totals_shard(account: AccountId, shard: u8) -> Key {
    Key::new(totals_partition(account), format!("shard#{shard}"))
}

pub(in crate::store) fn totals_partition(account: AccountId) -> String {
    format!("count#{account}")
}

pub(in crate::store) fn days_partition(account: AccountId) -> String {
    format!("days#{account}")
}

/// The counts of the month that the date lies in.
pub(in crate::store) fn days(account: AccountId, date: Date, user: UserId) -> Key {
    let shard = user.low_byte() % DAY_SHARDS;
    Key::new(days_partition(account), format!("{}#{shard}", month(date)))
}

/// A month as it is written in keys; text order is time order.
pub(in crate::store) fn month(date: Date) -> String {
    format!("{:04}-{:02}", date.year(), u8::from(date.month()))
}

/// The month at a key of its counts.
pub(in crate::store) fn month_at(key: &Key) -> &str {
    key.sort.split_once('#').map_or("", |(month, _)| month)
}

/// The trail of an account, or, in `gs1`, of a user.
pub(in crate::store) fn audit_partition(whose: impl fmt::Display) -> String {
    format!("audit#{whose}")
}

pub(in crate::store) fn audit(whose: impl fmt::Display, entry: AuditId) -> Key {
    Key::new(audit_partition(whose), entry.to_string())
}

pub(in crate::store) fn hold_partition(user: UserId) -> String {
    format!("hold#{user}")
}

/// The partition of `gs1` that lists the holds on an account's users.
pub(in crate::store) fn holds_partition(account: AccountId) -> String {
    format!("holds#{account}")
}

pub(in crate::store) fn hold(user: UserId, hold: HoldId) -> Key {
    Key::new(hold_partition(user), format!("hold#{hold}"))
}

pub(in crate::store) fn hold_item(record: &Hold, version: u64) -> Result<Item> {
    let key = hold(record.user_id, record.id);
    let listed = Key::new(holds_partition(record.account_id), key.sort.clone());
    Ok(Item { gs1: Some(listed), ..item(key, version, record)? })
}

/// What makes a name unique among a user's holds; there is no `#` in a kind.
pub(in crate::store) fn hold_claim(user: UserId, name: &HoldName) -> Key {
    let HoldName { kind, reference } = name;
    Key::new(hold_partition(user), format!("ref#{kind}#{reference}"))
}

pub(in crate::store) fn number_counter() -> Key {
    Key::new("counter#number", "counter")
}

/// What the table says of itself.
pub(super) fn format() -> Key {
    Key::new("table", "format")
}

pub(in crate::store) fn home() -> Key {
    Key::new("home", "home")
}

/// The partition of `gs1` that lists the letters about a user.
pub(in crate::store) fn letters_of_user(user: UserId) -> String {
    format!("letters#{user}")
}
