//! `key/*`: API keys.

use super::{
    ALWAYS, Call, Endpoint, change, read,
    records::{KEY, KEYS, NEW_KEY},
    send,
};
use crate::{
    error::Code,
    role::Role::{Admin, Root},
};

pub(super) const ENDPOINTS: &[Endpoint] = &[
    change("key/create", Call::KeyCreate, Admin)
        .does("Create an API key, which is shown only once")
        .fresh(ALWAYS)
        .takes(&[
            send("accountId", Root),
            send("name", Admin).required(),
            send("role", Admin).required(),
            send("access", Admin),
            send("expires", Admin),
        ])
        .replies(NEW_KEY)
        .fails(&[Code::AccountRemoved]),
    read("key/find", Call::KeyFind, Admin)
        .does("A page of the account's keys, oldest first")
        .takes(&[send("accountId", Root)])
        .pages_in_order()
        .replies(KEYS),
    change("key/remove", Call::KeyRemove, Admin)
        .does("Remove a key; it stops working immediately")
        .takes(&[send("accountId", Root), send("id", Admin).required(), send("version", Admin)])
        .replies(KEY)
        .fails(&[Code::LastAdmin]),
];
