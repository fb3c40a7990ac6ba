//! `identity/*`: signing up with an email and a password, and taking all that back.

use super::{
    Admission, Call, CookieUse, Effect, Endpoint, Fresh, Rule, anyone, kind::Kind,
    records::SIGNED_UP, row, rule::set, send,
};
use crate::{error::Code, role::Role::Public};

pub(super) const ENDPOINTS: &[Endpoint] = &[
    anyone("identity/create", Call::IdentityCreate)
        .does("Sign up: immediately with the code from an invite's email, otherwise after confirming the code from \
            another email")
        .cookie(CookieUse::Gives)
        .takes(&[
            send("email", Public),
            send("password", Public).is(Kind::NewPassword).required(),
            send("invite", Public).is(Kind::InviteCode),
            send("first", Public),
            send("last", Public),
            send("language", Public),
            send("account", Public),
            send("cookie", Public),
        ])
        .rules(&[
            Rule::OneOf(&[&["email"], &["invite"]]),
            Rule::Needs(set("account"), &[set("invite")]),
        ])
        .replies(SIGNED_UP)
        .fails(&[
            Code::Forbidden,
            Code::Suspended,
            Code::InviteEmail,
            Code::EmailTaken,
            Code::InviteUsed,
            Code::AlreadyRegistered,
            Code::TooManyRequests,
        ]),
    row("identity/remove", Call::IdentityRemove, Admission::Identity, Effect::Change)
        .does("Leave all accounts, and delete the caller's sign-in for good")
        .cookie(CookieUse::Clears)
        .fresh(&[Fresh::Always])
        .unrepeatable()
        .takes(&[send("email", Public)])
        .fails(&[Code::LastAdmin, Code::LastRoot]),
    anyone("identity/verify", Call::IdentityVerify)
        .does("Confirm the address of a sign-up, and sign in")
        .cookie(CookieUse::Gives)
        .unrepeatable()
        .takes(&[
            send("code", Public).required(),
            send("password", Public).required(),
            send("cookie", Public),
        ])
        .replies(SIGNED_UP)
        .fails(&[
            Code::Forbidden,
            Code::InvalidCredentials,
            Code::AlreadyRegistered,
            Code::TooManyRequests,
        ]),
];
