//! The records that replies consist of: which fields they have, and who sees each.

use super::ReplyField;
use crate::role::Role::{self, Admin, Public, Root, User};

const fn see(name: &'static str, role: Role) -> ReplyField {
    ReplyField { name, role, within_reach: false, inner: &[] }
}

const fn see_within_reach(name: &'static str, role: Role) -> ReplyField {
    ReplyField { name, role, within_reach: true, inner: &[] }
}

const fn record(name: &'static str, inner: &'static [ReplyField]) -> ReplyField {
    ReplyField { name, role: Public, within_reach: false, inner }
}

pub(super) const USER: &[ReplyField] = &[
    see("id", User),
    see("accountId", User),
    see("email", Admin),
    see("first", User),
    see("last", User),
    see("role", User),
    see("state", User),
    see("username", Admin),
    see("externalId", Admin),
    see("number", Admin),
    see("language", Admin),
    // Whoever knows the code can come in with the role that it gives.
    see_within_reach("invite", Admin),
    see("activity", Admin),
    see("preferences", Admin),
    see("twoFactor", Admin),
    see("created", Admin),
    see("updated", Admin),
    see("version", Admin),
    see("purgeAfter", Admin),
];

pub(super) const USERS: &[ReplyField] =
    &[record("data", USER), see("next", User), see("prev", User)];

pub(super) const ACCOUNT: &[ReplyField] = &[
    see("id", User),
    see("name", User),
    see("state", User),
    see("settings", Admin),
    see("created", User),
    see("version", User),
];

/// Who has just logged in is at least a user of the account in the reply.
pub(super) const LOGIN: &[ReplyField] = &[record("account", ACCOUNT), record("user", USER)];

pub(super) const INVITE: &[ReplyField] = &[
    see("email", Public),
    see("accountName", Public),
    see("role", Public),
    see("expires", Public),
];

pub(super) const NEW_KEY: &[ReplyField] = &[
    see("key", Admin),
    see("id", Admin),
    see("accountId", Admin),
    see("name", Admin),
    see("role", Admin),
    see("access", Admin),
    see("created", Admin),
    see("expires", Admin),
];

const LETTER: &[ReplyField] = &[
    see("id", Root),
    see("to", Root),
    see("kind", Root),
    see("state", Root),
    see("created", Root),
    see("due", Root),
    see("attempts", Root),
    see("lastError", Root),
];

pub(super) const LETTERS: &[ReplyField] =
    &[record("data", LETTER), see("next", Root), see("prev", Root)];

pub(super) const RETRIED: &[ReplyField] = &[record("data", LETTER), see("more", Root)];
