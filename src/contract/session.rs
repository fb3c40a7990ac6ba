//! `session/*`: signing in, staying signed in, signing out.

use super::{
    Admission, Call, CookieUse, Effect, Endpoint, Fresh, Rule, anyone, change,
    kind::Kind,
    own_id_or, read,
    records::{CODE_SENT, CONFIRMED, EXCHANGED, SESSIONS, SESSIONS_ENDED, SIGNED_IN},
    row,
    rule::set,
    send,
};
use crate::{
    error::Code,
    role::Role::{Admin, Public, Root, User},
};

pub(super) const ENDPOINTS: &[Endpoint] = &[
    row("session/code", Call::SessionCode, Admission::Identity, Effect::Change)
        .does("Email a code to the caller's address, for session/confirm")
        .unrepeatable()
        .replies(CODE_SENT)
        .fails(&[Code::Forbidden, Code::TooManyRequests]),
    row("session/confirm", Call::SessionConfirm, Admission::Identity, Effect::Change)
        .does("Confirm who the caller is, for calls that need a fresh sign-in")
        .unrepeatable()
        .takes(&[
            send("currentPassword", Public),
            send("totp", Public),
            send("emailCode", Public),
            send("key", Public).is(Kind::PageKey),
        ])
        .rules(&[
            Rule::OneOf(&[&["currentPassword"], &["totp"], &["emailCode"]]),
            Rule::Apart(set("currentPassword"), set("totp")),
            Rule::Apart(set("currentPassword"), set("emailCode")),
            Rule::Apart(set("totp"), set("emailCode")),
            Rule::Needs(set("emailCode"), &[set("key")]),
            Rule::Needs(set("key"), &[set("emailCode")]),
        ])
        .replies(CONFIRMED)
        .fails(&[Code::Forbidden, Code::NoPassword, Code::TooManyRequests]),
    anyone("session/create", Call::SessionCreate)
        .does("Sign in")
        .cookie(CookieUse::Gives)
        .unrepeatable()
        .takes(&[
            send("email", Public).required(),
            send("password", Public).required(),
            send("totp", Public),
            send("accountId", Public),
            send("cookie", Public),
        ])
        .replies(SIGNED_IN)
        .fails(&[
            Code::Forbidden,
            Code::InvalidCredentials,
            Code::TotpRequired,
            Code::NotRegistered,
            Code::Suspended,
            Code::TooManyRequests,
        ]),
    read("session/find", Call::SessionFind, User)
        .does("A page of a user's sessions, latest first; for other users, only their part in the account")
        .takes(&[send("accountId", Root), own_id_or("id", Admin), send("email", Admin)])
        .pages_one_way()
        .replies(SESSIONS),
    anyone("session/refresh", Call::SessionRefresh)
        .does("Exchange a refresh token for new tokens")
        .cookie(CookieUse::Takes)
        .unrepeatable()
        .takes(&[send("refreshToken", Public), send("accountId", Public), send("session", Public)])
        .replies(SIGNED_IN)
        .fails(&[
            Code::Forbidden,
            Code::SessionReplaced,
            Code::Unauthenticated,
            Code::ReauthenticationRequired,
            Code::NotRegistered,
            Code::Suspended,
        ]),
    change("session/remove", Call::SessionRemove, User)
        .does("End the calling session, another one, or all others; for other users, only their part in the account")
        .cookie(CookieUse::Clears)
        .fresh(&[Fresh::Set("others"), Fresh::SetButOwnSession("session")])
        .takes(&[
            send("accountId", Root),
            own_id_or("id", Admin),
            send("email", Admin),
            send("session", User),
            send("others", User),
        ])
        .rules(&[Rule::Apart(set("session"), set("others"))])
        .replies(SESSIONS_ENDED)
        .fails(&[Code::SessionReplaced]),
    row("session/token", Call::SessionToken, Admission::Identity, Effect::Change)
        .does("Get another access token, for another account or another service")
        .unrepeatable()
        .takes(&[send("accountId", Public), send("audience", Public)])
        .replies(EXCHANGED),
];
