//! `session/*`: signing in, staying signed in, signing out.

use super::{
    Call, Endpoint, anyone, change, own_id_or, read,
    records::{SESSIONS, SESSIONS_ENDED, SIGNED_IN},
    send,
};
use crate::role::Role::{Admin, Public, Root, User};

pub(super) const ENDPOINTS: &[Endpoint] = &[
    anyone("session/create", Call::SessionCreate)
        .unrepeatable()
        .takes(&[send("email", Public), send("password", Public), send("totp", Public)])
        .replies(SIGNED_IN),
    read("session/find", Call::SessionFind, User)
        .takes(&[send("accountId", Root), own_id_or("id", Admin), send("email", Admin)])
        .pages_in_order()
        .replies(SESSIONS),
    anyone("session/refresh", Call::SessionRefresh)
        .unrepeatable()
        .takes(&[send("refreshToken", Public)])
        .replies(SIGNED_IN),
    change("session/remove", Call::SessionRemove, User)
        .takes(&[
            send("accountId", Root),
            own_id_or("id", Admin),
            send("email", Admin),
            send("session", User),
            send("others", User),
        ])
        .replies(SESSIONS_ENDED),
];
