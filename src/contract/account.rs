//! `account/*`: the tenant that users belong to.

use super::{
    Call, Endpoint, change, read,
    records::{ACCOUNT, ACCOUNTS},
    send,
};
use crate::role::Role::{Admin, Root, User};

pub(super) const ENDPOINTS: &[Endpoint] = &[
    change("account/create", Call::AccountCreate, Root)
        .takes(&[send("name", Root), send("settings", Root)])
        .replies(ACCOUNT),
    read("account/find", Call::AccountFind, Root).pages_in_order().replies(ACCOUNTS),
    read("account/get", Call::AccountGet, User).takes(&[send("accountId", Root)]).replies(ACCOUNT),
    change("account/remove", Call::AccountRemove, Root)
        .takes(&[send("accountId", Root), send("version", Root)])
        .replies(ACCOUNT),
    change("account/update", Call::AccountUpdate, Admin)
        .takes(&[
            send("accountId", Root),
            send("name", Admin),
            send("settings", Admin),
            send("state", Root),
            send("version", Admin),
        ])
        .replies(ACCOUNT),
];
