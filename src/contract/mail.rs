//! `mail/*`: the outbox, and whether emails leave it.

use super::{
    Call, Endpoint, change,
    kind::Kind,
    read,
    records::{LETTERS, MAIL_STATE, RETRIED, TEST_EMAIL},
    rule::{Rule, set},
    send,
};
use crate::{error::Code, role::Role::Root};

pub(super) const ENDPOINTS: &[Endpoint] = &[
    read("mail/find", Call::MailFind, Root)
        .does("A page of the emails in the outbox")
        .takes(&[send("state", Root).is(Kind::LetterState)])
        .pages_in_order()
        .replies(LETTERS),
    change("mail/retry", Call::MailRetry, Root)
        .does("Send undeliverable emails again")
        .takes(&[send("after", Root), send("id", Root)])
        .rules(&[Rule::Apart(set("after"), set("id"))])
        .replies(RETRIED),
    read("mail/state", Call::MailState, Root)
        .does("The mail server, when it last accepted an email, and how many emails wait")
        .replies(MAIL_STATE),
    change("mail/test", Call::MailTest, Root)
        .does("Send a test email to the caller's own address, and report what the mail server replied")
        .replies(TEST_EMAIL)
        .fails(&[Code::TooManyRequests]),
];
