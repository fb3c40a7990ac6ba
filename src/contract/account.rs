//! `account/*`: the tenant that users belong to.

use super::{
    Call, Endpoint, change,
    kind::Kind,
    read,
    records::{ACCOUNT, ACCOUNTS, OVERVIEW},
    send,
};
use crate::{
    error::Code,
    role::Role::{Admin, Root, User},
};

pub(super) const ENDPOINTS: &[Endpoint] = &[
    change("account/create", Call::AccountCreate, Root)
        .does("Make an account, which nobody is in yet")
        .takes(&[send("name", Root).required(), send("settings", Root)])
        .replies(ACCOUNT),
    read("account/find", Call::AccountFind, Root)
        .does("A page of all accounts, the oldest first")
        .pages_in_order()
        .replies(ACCOUNTS),
    read("account/get", Call::AccountGet, User)
        .does("One's own account")
        .takes(&[send("accountId", Root)])
        .replies(ACCOUNT),
    read("account/overview", Call::AccountOverview, Admin)
        .does("How many users an account has, and what has happened on each of the last 30 days")
        .takes(&[send("accountId", Root)])
        .replies(OVERVIEW),
    change("account/remove", Call::AccountRemove, Root)
        .does("Put an account aside, to be deleted with all that is in it")
        .takes(&[send("accountId", Root).required(), send("version", Root)])
        .replies(ACCOUNT)
        .fails(&[Code::AccountRemoved, Code::HomeAccount]),
    change("account/update", Call::AccountUpdate, Admin)
        .does("Change an account's name, settings or state")
        .takes(&[
            send("accountId", Root),
            send("name", Admin),
            send("settings", Admin).clears(),
            send("state", Root).is(Kind::SettableState),
            send("version", Admin),
        ])
        .replies(ACCOUNT)
        .fails(&[Code::AccountRemoved, Code::HomeAccount]),
];
