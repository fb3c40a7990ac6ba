//! `audit/*`: who changed what, when and from where.

use super::{Call, Endpoint, read, records::AUDIT, send};
use crate::role::Role::{Admin, Root};

pub(super) const ENDPOINTS: &[Endpoint] = &[read("audit/find", Call::AuditFind, Admin)
    .takes(&[
        send("accountId", Root),
        send("userId", Admin),
        send("actor", Admin),
        send("action", Admin),
    ])
    .pages_in_order()
    .replies(AUDIT)];
