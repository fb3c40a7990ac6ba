//! The records of batches: what has become of each call.

use super::{Admin, Kind, Shape, USER, always, list, record, see};

const OUTCOME: Shape = Shape {
    name: "Outcome",
    fields: &[record("user", USER).sometimes(), record("error", FAILURE).sometimes()],
};

/// Why a call of a batch has failed, as its own answer would say it.
const FAILURE: Shape = Shape {
    name: "Failure",
    fields: &[
        always("status", Admin),
        always("code", Admin).is(Kind::Text),
        always("detail", Admin),
        list("errors", FAULT).sometimes(),
        record("existing", EXISTING).sometimes(),
        see("retryAfter", Admin),
    ],
};

const FAULT: Shape = Shape {
    name: "FieldFault",
    fields: &[
        always("field", Admin),
        always("code", Admin).is(Kind::Text),
        always("detail", Admin),
    ],
};

const EXISTING: Shape = Shape {
    name: "Existing",
    fields: &[
        always("id", Admin),
        always("role", Admin),
        always("state", Admin).is(Kind::UsualState),
        see("inviteSent", Admin),
    ],
};

pub(in crate::contract) const OUTCOMES: Shape =
    Shape { name: "Outcomes", fields: &[list("data", OUTCOME)] };
