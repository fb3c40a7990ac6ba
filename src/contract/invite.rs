//! `invite/*`: what the page behind an invite's link needs, and taking invites back.

use super::{
    Admission, Call, Effect, Endpoint, ID_OR_EMAIL, ONE_USER, change,
    kind::Kind,
    read,
    records::{INVITATIONS, INVITE, USER},
    row, send,
};
use crate::{
    error::Code,
    role::Role::{Admin, Public, Root},
};

pub(super) const ENDPOINTS: &[Endpoint] = &[
    row("invite/check", Call::InviteCheck, Admission::Anyone, Effect::Read)
        .does("What an invite offers")
        .takes(&[send("invite", Public).is(Kind::InviteCode).required()])
        .replies(INVITE)
        .fails(&[Code::Suspended, Code::InviteUsed, Code::TooManyRequests]),
    read("invite/find", Call::InviteFind, Admin)
        .does("A page of the account's open invites, last sent first")
        .takes(&[send("accountId", Root)])
        .pages_in_order()
        .replies(INVITATIONS),
    change("invite/revoke", Call::InviteRevoke, Admin)
        .does("Withdraw a user's invite")
        .takes(ONE_USER)
        .rules(&[ID_OR_EMAIL])
        .replies(USER)
        .fails(&[Code::AlreadyRegistered]),
];
