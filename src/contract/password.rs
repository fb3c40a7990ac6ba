//! `password/*`: a new password for whoever has forgotten the old one.

use super::{
    Admission, Call, Effect, Endpoint, anyone,
    records::{ADDRESS, RESET},
    row, send,
};
use crate::{error::Code, role::Role::Public};

pub(super) const ENDPOINTS: &[Endpoint] = &[
    row("password/check", Call::PasswordCheck, Admission::Anyone, Effect::Read)
        .does("Whose password a letter's code sets")
        .takes(&[send("code", Public).required()])
        .replies(RESET)
        .fails(&[Code::TooManyRequests]),
    anyone("password/forgot", Call::PasswordForgot)
        .does("Send a code for a new password, if somebody may have one")
        .takes(&[send("email", Public).required()])
        .fails(&[Code::TooManyRequests]),
    anyone("password/reset", Call::PasswordReset)
        .does("Set a new password with a letter's code")
        .takes(&[
            send("code", Public).required(),
            send("newPassword", Public).required(),
            send("keepProviders", Public),
        ])
        .replies(ADDRESS)
        .fails(&[Code::TooManyRequests]),
];
