//! `trash/*`: users who have been removed.

use super::{
    ALWAYS, Call, Endpoint, ID_OR_EMAIL, ONE_USER, change, read,
    records::{USER, USERS, USERS_BY_NUMBER},
    send,
};
use crate::{
    error::Code,
    role::Role::{Admin, Root},
};

pub(super) const ENDPOINTS: &[Endpoint] = &[
    read("trash/find", Call::TrashFind, Admin)
        .does("A page of removed users")
        .takes(&[
            send("accountId", Root),
            send("email", Admin),
            send("id", Admin),
            send("number", Admin),
        ])
        .pages()
        .replies(USERS),
    read("trash/list", Call::TrashList, Admin)
        .does("A page of removed users by its number")
        .takes(&[send("accountId", Root), send("contains", Admin)])
        .pages_by_number()
        .replies(USERS_BY_NUMBER),
    change("trash/purge", Call::TrashPurge, Admin)
        .does("Delete a removed user for good")
        .fresh(ALWAYS)
        .takes(ONE_USER)
        .rules(&[ID_OR_EMAIL])
        .replies(USER)
        .fails(&[Code::Ambiguous, Code::Held]),
    change("trash/restore", Call::TrashRestore, Admin)
        .does("Restore a removed user")
        .fresh(ALWAYS)
        .takes(&[
            send("accountId", Root),
            send("email", Admin),
            send("id", Admin),
            send("newEmail", Admin),
            send("username", Admin).clears(),
            send("externalId", Admin).clears(),
            send("version", Admin),
        ])
        .rules(&[ID_OR_EMAIL])
        .replies(USER)
        .fails(&[
            Code::EmailTaken,
            Code::UsernameTaken,
            Code::ExternalIdTaken,
            Code::OwnSignIn,
            Code::AccountRemoved,
        ]),
];
