//! The records of the audit trail.

use super::{Admin, Kind, Public, Shape, always, list, record, see};

const ENTRY: Shape = Shape {
    name: "AuditEntry",
    fields: &[
        always("id", Admin),
        always("at", Admin),
        always("actor", Admin),
        always("action", Admin).is(Kind::Text),
        see("target", Admin),
        see("userId", Admin),
        always("changed", Admin),
        record("before", STANDING).sometimes(),
        record("after", STANDING).sometimes(),
        see("address", Admin),
    ],
};

/// Of what has another role or state now, or is new: which ones it had, and has.
pub(super) const STANDING: Shape = Shape {
    name: "Standing",
    fields: &[see("role", Public).is(Kind::Text), see("state", Public).is(Kind::Text)],
};

/// What the ids in entries stand for.
const NAMED: Shape = Shape {
    name: "Named",
    fields: &[always("id", Admin), always("name", Admin).is(Kind::Text), see("email", Admin)],
};

pub(in crate::contract) const AUDIT: Shape = Shape {
    name: "AuditPage",
    fields: &[
        list("data", ENTRY),
        see("next", Admin),
        see("prev", Admin),
        list("names", NAMED).sometimes(),
    ],
};
