//! `mail/*`: the outbox.

use super::{
    Call, Endpoint, change, read,
    records::{LETTERS, RETRIED},
    send,
};
use crate::role::Role::Root;

pub(super) const ENDPOINTS: &[Endpoint] = &[
    read("mail/find", Call::MailFind, Root)
        .takes(&[send("state", Root)])
        .pages_in_order()
        .replies(LETTERS),
    change("mail/retry", Call::MailRetry, Root).takes(&[send("id", Root)]).replies(RETRIED),
];
