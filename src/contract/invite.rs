//! `invite/*`: what the page behind an invite's link needs, and taking invites back.

use super::{
    Admission, Call, Effect, Endpoint, change,
    records::{INVITE, USER},
    row, send,
};
use crate::role::Role::{Admin, Public, Root};

pub(super) const ENDPOINTS: &[Endpoint] = &[
    row("invite/check", Call::InviteCheck, Admission::Anyone, Effect::Read)
        .takes(&[send("invite", Public)])
        .replies(INVITE),
    change("invite/revoke", Call::InviteRevoke, Admin)
        .takes(&[
            send("accountId", Root),
            send("email", Admin),
            send("id", Admin),
            send("version", Admin),
        ])
        .replies(USER),
];
