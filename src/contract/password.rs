//! `password/*`: a new password for whoever has forgotten the old one.

use super::{Call, Endpoint, anyone, records::ADDRESS, send};
use crate::role::Role::Public;

pub(super) const ENDPOINTS: &[Endpoint] = &[
    anyone("password/forgot", Call::PasswordForgot).takes(&[send("email", Public)]),
    anyone("password/reset", Call::PasswordReset)
        .takes(&[send("code", Public), send("newPassword", Public)])
        .replies(ADDRESS),
];
