//! `trash/*`: users who have been removed.

use super::{
    Call, Endpoint, ONE_USER, change, read,
    records::{USER, USERS},
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
    change("trash/purge", Call::TrashPurge, Admin).takes(ONE_USER).replies(USER),
    change("trash/restore", Call::TrashRestore, Admin).takes(ONE_USER).replies(USER),
];
