//! `key/*`: API keys.

use super::{
    Call, Endpoint, change, read,
    records::{KEY, KEYS, NEW_KEY},
    send,
};
use crate::role::Role::{Admin, Root};

pub(super) const ENDPOINTS: &[Endpoint] = &[
    change("key/create", Call::KeyCreate, Admin)
        .takes(&[
            send("accountId", Root),
            send("name", Admin),
            send("role", Admin),
            send("access", Admin),
            send("expires", Admin),
        ])
        .replies(NEW_KEY),
    read("key/find", Call::KeyFind, Admin)
        .takes(&[send("accountId", Root)])
        .pages_in_order()
        .replies(KEYS),
    change("key/remove", Call::KeyRemove, Admin)
        .takes(&[send("accountId", Root), send("id", Admin), send("version", Admin)])
        .replies(KEY),
];
