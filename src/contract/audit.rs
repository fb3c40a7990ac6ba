//! `audit/*`: who changed what, when and from where.

use super::{Call, Endpoint, kind::Kind, read, records::AUDIT, send};
use crate::role::Role::{Admin, Root};

pub(super) const ENDPOINTS: &[Endpoint] = &[read("audit/find", Call::AuditFind, Admin)
    .does("A page of the account's audit trail, newest entry first")
    .takes(&[
        send("accountId", Root),
        send("userId", Admin),
        send("actor", Admin).is(Kind::ActorFilter),
        send("action", Admin),
        send("from", Admin),
        send("to", Admin).is(Kind::Time),
    ])
    .pages_with_names()
    .replies(AUDIT)];
