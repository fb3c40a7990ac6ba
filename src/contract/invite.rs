//! `invite/*`: what the page behind an invite's link needs, and taking invites back.

use super::{
    Admission, Call, Effect, Endpoint, ONE_USER, change,
    records::{INVITE, USER},
    row, send,
};
use crate::role::Role::{Admin, Public};

pub(super) const ENDPOINTS: &[Endpoint] = &[
    row("invite/check", Call::InviteCheck, Admission::Anyone, Effect::Read)
        .takes(&[send("invite", Public)])
        .replies(INVITE),
    change("invite/revoke", Call::InviteRevoke, Admin).takes(ONE_USER).replies(USER),
];
