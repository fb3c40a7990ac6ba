//! `account/*`: the tenant that users belong to.

use super::{Call, Endpoint, change, read, records::ACCOUNT, send};
use crate::role::Role::{Admin, Root, User};

pub(super) const ENDPOINTS: &[Endpoint] = &[
    read("account/get", Call::AccountGet, User).takes(&[send("accountId", Root)]).replies(ACCOUNT),
    change("account/update", Call::AccountUpdate, Admin)
        .takes(&[
            send("accountId", Root),
            send("name", Admin),
            send("settings", Admin),
            send("version", Admin),
        ])
        .replies(ACCOUNT),
];
