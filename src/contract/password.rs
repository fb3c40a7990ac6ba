//! `password/*`: a new password for people who have forgotten the old one.

use super::{
    Admission, Call, Effect, Endpoint, anyone,
    records::{ADDRESS, RESET},
    row, send,
};
use crate::{error::Code, role::Role::Public};

pub(super) const ENDPOINTS: &[Endpoint] = &[
    row("password/check", Call::PasswordCheck, Admission::Anyone, Effect::Read)
        .does("Whose password a code from an email sets")
        .takes(&[send("code", Public).required()])
        .replies(RESET)
        .fails(&[Code::TooManyRequests]),
    anyone("password/forgot", Call::PasswordForgot)
        .does(
            "Email a code for setting a new password, if the address has a sign-in or may get one",
        )
        .takes(&[send("email", Public).required()])
        .fails(&[Code::TooManyRequests]),
    anyone("password/reset", Call::PasswordReset)
        .does("Set a new password with the code from an email")
        .takes(&[
            send("code", Public).required(),
            send("newPassword", Public).required(),
            send("keepProviders", Public),
        ])
        .replies(ADDRESS)
        .fails(&[Code::TooManyRequests]),
];
