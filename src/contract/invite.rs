//! `invite/*`: what the page behind an invite's link needs, and taking invites back.

use super::{
    Admission, Call, Effect, Endpoint, ID_OR_EMAIL, ONE_USER, change,
    kind::Kind,
    records::{INVITE, USER},
    row, send,
};
use crate::{
    error::Code,
    role::Role::{Admin, Public},
};

pub(super) const ENDPOINTS: &[Endpoint] = &[
    row("invite/check", Call::InviteCheck, Admission::Anyone, Effect::Read)
        .does("What an invite offers")
        .takes(&[send("invite", Public).is(Kind::InviteCode).required()])
        .replies(INVITE)
        .fails(&[Code::Suspended, Code::InviteUsed, Code::TooManyRequests]),
    change("invite/revoke", Call::InviteRevoke, Admin)
        .does("Take back a user's invite")
        .takes(ONE_USER)
        .rules(&[ID_OR_EMAIL])
        .replies(USER)
        .fails(&[Code::AlreadyRegistered]),
];
