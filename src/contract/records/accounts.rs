//! The records about accounts, and who is in them.

use super::{USER, always, list, present, record, see};
use crate::{
    contract::kind::{Kind, Shape},
    role::Role::{Admin, Public, Root, User},
};

pub(in crate::contract) const ACCOUNT: Shape = Shape {
    name: "Account",
    fields: &[
        always("id", User),
        always("name", User),
        always("state", User).is(Kind::AccountState),
        see("settings", Admin),
        see("logo", User),
        present("managed", Admin),
        always("created", User),
        always("version", User),
        see("purgeAfter", Root),
    ],
};

pub(in crate::contract) const ACCOUNTS: Shape = Shape {
    name: "AccountPage",
    fields: &[list("data", ACCOUNT), see("next", Root), see("prev", Root)],
};

pub(in crate::contract) const OVERVIEW: Shape =
    Shape { name: "Overview", fields: &[list("users", HEAD_COUNT), list("days", DAY)] };

const HEAD_COUNT: Shape = Shape {
    name: "HeadCount",
    fields: &[always("state", Admin), always("role", Admin), always("count", Admin)],
};

const DAY: Shape = Shape {
    name: "Day",
    fields: &[always("day", Admin), always("signIns", Admin), always("invites", Admin)],
};

/// Who has just logged in is at least a user of the account in the reply.
pub(in crate::contract) const LOGIN: Shape =
    Shape { name: "Login", fields: &[record("account", ACCOUNT), record("user", USER)] };

/// Seen by the person alone, who may be no user of an account yet.
pub(in crate::contract) const MINE: Shape = Shape {
    name: "MyAccounts",
    fields: &[
        list("accounts", MEMBERSHIP),
        list("expected", EXPECTATION),
        see("next", Public),
        see("prev", Public),
    ],
};

const MEMBERSHIP: Shape = Shape {
    name: "Membership",
    fields: &[
        record("account", OWN_ACCOUNT),
        // Not where the person has to sign in again.
        record("user", OWN_USER).sometimes(),
        always("signedOut", Public),
    ],
};

const OWN_ACCOUNT: Shape = Shape {
    name: "OwnAccount",
    fields: &[
        always("id", Public),
        always("name", Public),
        see("logo", Public),
        always("state", Public).is(Kind::AccountState),
    ],
};

const OWN_USER: Shape = Shape {
    name: "OwnUser",
    fields: &[
        always("id", Public),
        always("role", Public),
        always("state", Public).is(Kind::UsualState),
        see("activity", Public),
    ],
};

const EXPECTATION: Shape = Shape {
    name: "Expectation",
    fields: &[
        always("accountId", Public),
        always("accountName", Public),
        see("accountLogo", Public),
        always("role", Public),
        see("inviter", Public),
        see("expires", Public),
    ],
};
