//! `session/*`: signing in, staying signed in, signing out.

use super::{
    Call, Endpoint, Rule, anyone, change, own_id_or, read,
    records::{SESSIONS, SESSIONS_ENDED, SIGNED_IN},
    rule::set,
    send,
};
use crate::{
    error::Code,
    role::Role::{Admin, Public, Root, User},
};

pub(super) const ENDPOINTS: &[Endpoint] = &[
    anyone("session/create", Call::SessionCreate)
        .does("Sign in")
        .unrepeatable()
        .takes(&[
            send("email", Public).required(),
            send("password", Public).required(),
            send("totp", Public),
        ])
        .replies(SIGNED_IN)
        .fails(&[Code::InvalidCredentials, Code::TotpRequired, Code::TooManyRequests]),
    read("session/find", Call::SessionFind, User)
        .does("A page of a user's sessions, the latest first")
        .takes(&[send("accountId", Root), own_id_or("id", Admin), send("email", Admin)])
        .pages_in_order()
        .replies(SESSIONS)
        .fails(&[Code::OwnSignIn]),
    anyone("session/refresh", Call::SessionRefresh)
        .does("New tokens in place of the old ones")
        .unrepeatable()
        .takes(&[send("refreshToken", Public).required()])
        .replies(SIGNED_IN)
        .fails(&[Code::Unauthenticated]),
    change("session/remove", Call::SessionRemove, User)
        .does("End the session that the call is made in, another one, or all others")
        .takes(&[
            send("accountId", Root),
            own_id_or("id", Admin),
            send("email", Admin),
            send("session", User),
            send("others", User),
        ])
        .rules(&[Rule::Apart(set("session"), set("others"))])
        .replies(SESSIONS_ENDED)
        .fails(&[Code::OwnSignIn]),
];
