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
        logo::LogoDigest,
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

/// The picture of an account's logo.
pub(in crate::store) fn logo(digest: &LogoDigest) -> Key {
    Key::new(format!("logo#{}", digest.as_str()), "logo")
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

fn claim(partition: String) -> Key {
    Key::new(partition, "claim")
}

/// What the sort keys of claims by accounts begin with, in the partition of the value that they claim.
pub(in crate::store) const CLAIMS: &str = "account#";

/// The claim of a value that is unique within an account. Its partition is the value's own, and so lists
/// the accounts in which somebody has it.
fn claim_in(account: AccountId, partition: String) -> Key {
    Key::new(partition, format!("{CLAIMS}{account}"))
}

/// The partition of all claims of an email, and of the traces of removed users who had it.
pub(in crate::store) fn email_partition(email: &Email) -> String {
    format!("email#{email}")
}

pub(in crate::store) fn email_claim(account: AccountId, email: &Email) -> Key {
    claim_in(account, email_partition(email))
}

/// What the sort keys of an account's traces begin with, in the partition of an email.
pub(in crate::store) fn traces(account: AccountId) -> String {
    format!("trash#{account}#")
}

/// The trace of a removed user, by which the trash is searched for its email: it holds nothing. Text order
/// is the order of removal.
pub(in crate::store) fn trace(user: &User, removed: Timestamp) -> Key {
    let User { id, account_id, email, .. } = user;
    let sort = format!("{}{:015}#{id}", traces(*account_id), removed.millis());
    Key::new(email_partition(email), sort)
}

pub(in crate::store) fn username_claim(account: AccountId, name: &Username) -> Key {
    claim_in(account, format!("username#{name}"))
}

pub(in crate::store) fn external_id_claim(account: AccountId, id: &ExternalId) -> Key {
    claim_in(account, format!("external#{id}"))
}

/// The partition that lists an account's users by number.
pub(in crate::store) fn numbers_partition(account: AccountId) -> String {
    format!("numbers#{account}")
}

/// What the sort keys of live users' numbers begin with.
pub(in crate::store) const LIVE_NUMBERS: &str = "live#";
/// The same of those in the trash.
pub(in crate::store) const TRASHED_NUMBERS: &str = "trash#";

/// The number of a live user; leads to the user and lists it. Fixed in width, so that text order is the
/// numbers' order.
pub(in crate::store) fn live_number(account: AccountId, number: u64) -> Key {
    Key::new(numbers_partition(account), format!("{LIVE_NUMBERS}{number:020}"))
}

/// The number of a user in the trash, which nobody else gets meanwhile.
pub(in crate::store) fn trashed_number(account: AccountId, number: u64) -> Key {
    Key::new(numbers_partition(account), format!("{TRASHED_NUMBERS}{number:020}"))
}

pub(in crate::store) fn number_counter(account: AccountId) -> Key {
    Key::new(numbers_partition(account), "counter")
}

pub(in crate::store) fn user_claim(user: UserId) -> Key {
    claim(format!("user#{user}"))
}

/// The partition that lists the accounts which an identity is in.
pub(in crate::store) fn identity_partition(identity: &IdentityKey) -> String {
    format!("identity#{}", of_identity(identity))
}

fn of_identity(IdentityKey { issuer, subject }: &IdentityKey) -> String {
    // The issuer's length keeps apart what a `#` in either part could make look alike.
    format!("{}#{issuer}#{subject}", issuer.len())
}

pub(in crate::store) fn identity_claim(account: AccountId, identity: &IdentityKey) -> Key {
    claim_in(account, identity_partition(identity))
}

/// One of the few places for accounts that an identity has made.
pub(in crate::store) fn registered_account(identity: &IdentityKey, slot: usize) -> Key {
    Key::new(identity_partition(identity), format!("registered#{slot}"))
}

/// The claim of an address for signing in with it, whether or not there is a user.
pub(in crate::store) fn sign_in_claim(email: &Email) -> Key {
    claim(format!("signin#{email}"))
}

/// The claim of an identity at a provider, which leads to the sign-in that it opens.
pub(in crate::store) fn provider_claim(identity: &IdentityKey) -> Key {
    claim(format!("provider#{}", of_identity(identity)))
}

/// That a state or a ticket of a sign-in with a provider was used.
pub(in crate::store) fn provider_used(digest: &str) -> Key {
    Key::new(format!("used#{digest}"), "used")
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

/// An address that waits for the code that was sent there.
pub(in crate::store) fn new_email(digest: &str) -> Key {
    Key::new(format!("newemail#{digest}"), "newemail")
}

/// The way back to an address from which its sign-in has moved.
pub(in crate::store) fn way_back(digest: &str) -> Key {
    Key::new(format!("wayback#{digest}"), "wayback")
}

/// A code that somebody is to read in the own mailbox.
pub(in crate::store) fn confirmation(digest: &str) -> Key {
    Key::new(format!("code#{digest}"), "code")
}

/// That a token of another issuer is fresh.
pub(in crate::store) fn fresh_token(digest: &str) -> Key {
    Key::new(format!("fresh#{digest}"), "fresh")
}

pub(super) fn idempotency(digest: &str) -> Key {
    Key::new(format!("idempotency#{digest}"), "idempotency")
}

/// Whether letters leave.
const MAIL: &str = "mail";

/// Why no letters leave.
pub(in crate::store) fn mail_trouble() -> Key {
    Key::new(MAIL, "trouble")
}

/// What lists the tasks that do not go well, of all nodes.
pub(in crate::store) const TASKS: &str = "tasks";

/// A task of a node that does not go well.
pub(in crate::store) fn task(node: &str, task: &str) -> Key {
    Key::new(TASKS, format!("{node}#{task}"))
}

/// When an email last left.
pub(in crate::store) fn email_sent() -> Key {
    Key::new(MAIL, "sent")
}

/// When and why an email last did not leave.
pub(in crate::store) fn email_failed() -> Key {
    Key::new(MAIL, "failed")
}

pub(in crate::store) fn invite(digest: &str) -> Key {
    Key::new(format!("invite#{digest}"), "invite")
}

/// The partition of `gs1` that lists the invites of an account that are out.
pub(in crate::store) fn open_invites(account: AccountId) -> String {
    format!("invites#{account}")
}

/// Where an invite for the user is listed: text order is the order in which they were sent.
pub(in crate::store) fn open_invite(user: &User, sent: Timestamp) -> Key {
    let User { id, account_id, .. } = user;
    Key::new(open_invites(*account_id), format!("{:015}#{id}", sent.millis()))
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

/// What the table says of itself.
pub(super) fn format() -> Key {
    Key::new("table", "format")
}

/// How far a copy of another table into this one has come.
pub(super) fn copy() -> Key {
    Key::new("table", "copy")
}

/// Which table is used in place of this one.
pub(super) fn moved() -> Key {
    Key::new("table", "moved")
}

/// What the dearest imported hash of a password takes.
pub(in crate::store) fn slowest_password() -> Key {
    Key::new("passwords", "slowest")
}

pub(in crate::store) fn home() -> Key {
    Key::new("home", "home")
}

/// The setup code that is open.
pub(in crate::store) fn setup() -> Key {
    Key::new("home", "setup")
}

/// The partition of `gs1` that lists the letters about a user.
pub(in crate::store) fn letters_of_user(user: UserId) -> String {
    format!("letters#{user}")
}
