//! The records of API keys.

use super::{Admin, Shape, always, list, see};

pub(in crate::contract) const KEY: Shape = Shape {
    name: "Key",
    fields: &[
        always("id", Admin),
        always("accountId", Admin),
        always("name", Admin),
        always("role", Admin),
        always("access", Admin),
        always("start", Admin),
        always("good", Admin),
        always("created", Admin),
        see("createdBy", Admin),
        see("maker", Admin),
        see("makerName", Admin),
        see("expires", Admin),
        see("lastUsed", Admin),
        always("version", Admin),
    ],
};

pub(in crate::contract) const KEYS: Shape =
    Shape { name: "KeyPage", fields: &[list("data", KEY), see("next", Admin), see("prev", Admin)] };

/// The only reply that the key itself is in.
pub(in crate::contract) const NEW_KEY: Shape = Shape {
    name: "NewKey",
    fields: &[
        always("key", Admin),
        always("id", Admin),
        always("accountId", Admin),
        always("name", Admin),
        always("role", Admin),
        always("access", Admin),
        always("start", Admin),
        always("good", Admin),
        always("created", Admin),
        see("createdBy", Admin),
        see("maker", Admin),
        see("expires", Admin),
        always("version", Admin),
    ],
};
