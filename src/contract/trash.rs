//! `trash/*`: users who have been removed.

use super::{
    Call, Endpoint, ONE_USER, change, read,
    records::{USER, USERS, USERS_BY_NUMBER},
    send,
};
use crate::role::Role::{Admin, Root};

pub(super) const ENDPOINTS: &[Endpoint] = &[
    read("trash/find", Call::TrashFind, Admin)
        .takes(&[
            send("accountId", Root),
            send("email", Admin),
            send("id", Admin),
            send("number", Admin),
        ])
        .pages()
        .replies(USERS),
    read("trash/list", Call::TrashList, Admin)
        .takes(&[send("accountId", Root), send("contains", Admin)])
        .pages_by_number()
        .replies(USERS_BY_NUMBER),
    change("trash/purge", Call::TrashPurge, Admin).takes(ONE_USER).replies(USER),
    change("trash/restore", Call::TrashRestore, Admin).takes(ONE_USER).replies(USER),
];
