//! `mail/*`: the outbox.

use super::{
    Call, Endpoint, change,
    kind::Kind,
    read,
    records::{LETTERS, RETRIED},
    rule::{Rule, set},
    send,
};
use crate::role::Role::Root;

pub(super) const ENDPOINTS: &[Endpoint] = &[
    read("mail/find", Call::MailFind, Root)
        .does("A page of the letters in the outbox")
        .takes(&[send("state", Root).is(Kind::LetterState)])
        .pages_in_order()
        .replies(LETTERS),
    change("mail/retry", Call::MailRetry, Root)
        .does("Send undeliverable letters again")
        .takes(&[send("after", Root), send("id", Root)])
        .rules(&[Rule::Apart(set("after"), set("id"))])
        .replies(RETRIED),
];
