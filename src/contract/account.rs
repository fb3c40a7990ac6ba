//! `account/*`: the tenant that users belong to.

use super::{
    ALWAYS, Admission, Call, Effect, Endpoint, Fresh, change,
    kind::Kind,
    read,
    records::{ACCOUNT, ACCOUNTS, LOGIN, MINE, NOTHING, OVERVIEW},
    row, send,
};
use crate::{
    error::Code,
    role::Role::{Admin, Public, Root, User},
};

pub(super) const ENDPOINTS: &[Endpoint] = &[
    change("account/create", Call::AccountCreate, Root)
        .does("Create an account without users")
        .fresh(&[Fresh::Sent("managed")])
        .takes(&[
            send("name", Root).required(),
            send("settings", Root),
            send("managed", Root),
            send("logo", Root).is(Kind::Logo),
        ])
        .replies(ACCOUNT),
    row("account/decline", Call::AccountDecline, Admission::Identity, Effect::Change)
        .does("Decline an account's invitation")
        .takes(&[send("accountId", Public).required()])
        .replies(NOTHING),
    read("account/find", Call::AccountFind, Root)
        .does("A page of all accounts, oldest first")
        .pages_in_order()
        .replies(ACCOUNTS),
    read("account/get", Call::AccountGet, User)
        .does("The caller's account")
        .takes(&[send("accountId", Root)])
        .replies(ACCOUNT),
    row("account/mine", Call::AccountMine, Admission::Identity, Effect::Read)
        .does(
            "The accounts that the caller is in, and a page of those that have invited the caller",
        )
        .pages_in_order()
        .replies(MINE),
    read("account/overview", Call::AccountOverview, Admin)
        .does("How many users an account has, and its activity on each of the last 30 days")
        .takes(&[send("accountId", Root)])
        .replies(OVERVIEW),
    row("account/register", Call::AccountRegister, Admission::Identity, Effect::Change)
        .does("Create an account and become its admin, even if the caller is in other accounts")
        .takes(&[
            send("name", Public),
            send("first", Public),
            send("last", Public),
            send("language", Public),
        ])
        .replies(LOGIN)
        .fails(&[Code::EmailUnverified, Code::TooManyAccounts]),
    change("account/remove", Call::AccountRemove, Root)
        .does("Remove an account; later it is deleted with everything in it")
        .fresh(ALWAYS)
        .takes(&[send("accountId", Root).required(), send("version", Root)])
        .replies(ACCOUNT)
        .fails(&[Code::AccountRemoved, Code::HomeAccount]),
    change("account/update", Call::AccountUpdate, Admin)
        .does("Change an account's name, logo, settings or state, or sign everyone out of it")
        .fresh(&[
            Fresh::Sent("managed"),
            Fresh::Set("endSessions"),
            Fresh::Is("state", &["active"]),
        ])
        .takes(&[
            send("accountId", Root),
            send("name", Admin).lasts(),
            send("settings", Admin).clears(),
            send("logo", Admin).is(Kind::Logo).clears(),
            send("state", Root).is(Kind::SettableState),
            send("managed", Root),
            send("endSessions", Admin),
            send("version", Admin),
        ])
        .replies(ACCOUNT)
        .fails(&[Code::AccountRemoved, Code::HomeAccount]),
];
