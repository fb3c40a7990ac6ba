//! `batch/*`: several calls in one request.

use super::{Call, Endpoint, change, records::OUTCOMES, send};
use crate::role::Role::Admin;

/// The calls that a batch takes: those by which admins change one user.
pub const BATCHED: &[&str] = &[
    "invite/revoke",
    "trash/purge",
    "trash/restore",
    "user/create",
    "user/createOrRestore",
    "user/remove",
    "user/update",
    "user/updateRole",
];

/// The most calls in a batch.
pub const MAX_BATCH: usize = 100;

pub(super) const ENDPOINTS: &[Endpoint] = &[change("batch/run", Call::BatchRun, Admin)
    .does("Make several calls; each has its own outcome")
    .takes(&[send("calls", Admin).required()])
    .replies(OUTCOMES)];
