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
    see("issuer", Admin),
    see("joined", Admin),
    see("activity", Admin),
    see("preferences", Admin),
    see("twoFactor", Admin),
    see("holds", Admin),
    see("created", Admin),
    see("updated", Admin),
    see("version", Admin),
    see("formerState", Admin),
    see("purgeAfter", Admin),
];

/// Whoever may have an export is the user itself or may act on it, and sees all of it. The code of an
/// invite is not in it: a document that is kept must not let anybody in.
pub(super) const EXPORT: &[ReplyField] = &[
    record("user", EXPORTED_USER),
    record(
        "holds",
        &[
            see("id", User),
            see("kind", User),
            see("ref", User),
            see("data", User),
            see("created", User),
            see("version", User),
        ],
    ),
    record("sessions", SESSION),
    record(
        "audit",
        &[
            see("id", User),
            see("at", User),
            see("actor", User),
            see("action", User),
            see("target", User),
            see("changed", User),
            see("address", User),
        ],
    ),
    see("truncated", User),
    record(
        "letters",
        &[see("kind", User), see("to", User), see("created", User), see("attempts", User)],
    ),
];

const EXPORTED_USER: &[ReplyField] = &[
    see("id", User),
    see("accountId", User),
    see("email", User),
    see("first", User),
    see("last", User),
    see("role", User),
    see("state", User),
    see("username", User),
    see("externalId", User),
    see("number", User),
    see("language", User),
    see("issuer", User),
    see("joined", User),
    see("activity", User),
    see("preferences", User),
    see("twoFactor", User),
    see("holds", User),
    see("created", User),
    see("updated", User),
    see("version", User),
    see("formerState", User),
    see("purgeAfter", User),
];

pub(super) const USERS: &[ReplyField] =
    &[record("data", USER), see("next", User), see("prev", User)];

pub(super) const USERS_BY_NUMBER: &[ReplyField] = &[record("data", USER), see("total", Admin)];

pub(super) const ACCOUNT: &[ReplyField] = &[
    see("id", User),
    see("name", User),
    see("state", User),
    see("settings", Admin),
    see("created", User),
    see("version", User),
    see("purgeAfter", Root),
];

pub(super) const ACCOUNTS: &[ReplyField] =
    &[record("data", ACCOUNT), see("next", Root), see("prev", Root)];

pub(super) const AUDIT: &[ReplyField] = &[
    record(
        "data",
        &[
            see("id", Admin),
            see("at", Admin),
            see("actor", Admin),
            see("action", Admin),
            see("target", Admin),
            see("userId", Admin),
            see("changed", Admin),
            see("address", Admin),
        ],
    ),
    see("next", Admin),
    see("prev", Admin),
];

/// Who has just logged in is at least a user of the account in the reply.
pub(super) const LOGIN: &[ReplyField] = &[record("account", ACCOUNT), record("user", USER)];

pub(super) const HOLD: &[ReplyField] = &[
    see("id", Admin),
    see("userId", Admin),
    see("accountId", Admin),
    see("kind", Admin),
    see("ref", Admin),
    see("data", Admin),
    see("created", Admin),
    see("version", Admin),
];

pub(super) const HOLDS: &[ReplyField] =
    &[record("data", HOLD), see("next", Admin), see("prev", Admin)];

pub(super) const INVITE: &[ReplyField] = &[
    see("email", Public),
    see("accountName", Public),
    see("inviter", Public),
    see("role", Public),
    see("expires", Public),
];

pub(super) const KEY: &[ReplyField] = &[
    see("id", Admin),
    see("accountId", Admin),
    see("name", Admin),
    see("role", Admin),
    see("access", Admin),
    see("created", Admin),
    see("createdBy", Admin),
    see("expires", Admin),
    see("lastUsed", Admin),
    see("version", Admin),
];

pub(super) const KEYS: &[ReplyField] =
    &[record("data", KEY), see("next", Admin), see("prev", Admin)];

/// The only reply that the key itself is in.
pub(super) const NEW_KEY: &[ReplyField] = &[
    see("key", Admin),
    see("id", Admin),
    see("accountId", Admin),
    see("name", Admin),
    see("role", Admin),
    see("access", Admin),
    see("created", Admin),
    see("createdBy", Admin),
    see("expires", Admin),
    see("version", Admin),
];

/// Tokens for whoever has signed in.
pub(super) const SIGNED_IN: &[ReplyField] = &[
    see("accessToken", Public),
    see("expires", Public),
    see("refreshToken", Public),
    see("session", Public),
];

/// As [`SIGNED_IN`] and, for whoever has come in by an invite, as [`LOGIN`]; nothing but the state
/// while the address is to be proved.
pub(super) const SIGNED_UP: &[ReplyField] = &[
    see("state", Public),
    see("accessToken", Public),
    see("expires", Public),
    see("refreshToken", Public),
    see("session", Public),
    record("account", ACCOUNT),
    record("user", USER),
];

pub(super) const SESSIONS: &[ReplyField] =
    &[record("data", SESSION), see("next", User), see("prev", User)];

const SESSION: &[ReplyField] = &[
    see("id", User),
    see("current", User),
    see("created", User),
    see("used", User),
    see("expires", User),
    see("address", User),
    see("agent", User),
];

pub(super) const SESSIONS_ENDED: &[ReplyField] = &[see("ended", User)];

pub(super) const ADDRESS: &[ReplyField] = &[see("email", Public)];

pub(super) const ENROLMENT: &[ReplyField] = &[see("secret", User), see("url", User)];

pub(super) const RECOVERY: &[ReplyField] = &[see("recoveryCodes", User)];
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
