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
        .does("A page of the letters in the outbox")
        .takes(&[send("state", Root).is(Kind::LetterState)])
        .pages_in_order()
        .replies(LETTERS),
    change("mail/retry", Call::MailRetry, Root)
        .does("Send undeliverable letters again")
        .takes(&[send("after", Root), send("id", Root)])
        .rules(&[Rule::Apart(set("after"), set("id"))])
        .replies(RETRIED),
    read("mail/state", Call::MailState, Root)
        .does("By which server emails leave, when one last did, and how many wait")
        .replies(MAIL_STATE),
    change("mail/test", Call::MailTest, Root)
        .does("Send a test email to one's own address, and say what the mail server made of it")
        .replies(TEST_EMAIL)
        .fails(&[Code::TooManyRequests]),
];
