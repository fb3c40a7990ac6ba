//! `invite/*`: what the page behind an invite's link needs.

use super::{Admission, Call, Effect, Endpoint, records::INVITE, row, send};
use crate::role::Role::Public;

pub(super) const ENDPOINTS: &[Endpoint] =
    &[row("invite/check", Call::InviteCheck, Admission::Anyone, Effect::Read)
        .takes(&[send("invite", Public)])
        .replies(INVITE)];
