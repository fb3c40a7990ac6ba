//! `identity/*`: signing up with an e-mail and a password.

use super::{Call, Endpoint, anyone, records::SIGNED_UP, send};
use crate::role::Role::Public;

pub(super) const ENDPOINTS: &[Endpoint] = &[
    anyone("identity/create", Call::IdentityCreate)
        .takes(&[
            send("email", Public),
            send("password", Public),
            send("invite", Public),
            send("first", Public),
            send("last", Public),
            send("language", Public),
            send("account", Public),
        ])
        .replies(SIGNED_UP),
    anyone("identity/verify", Call::IdentityVerify)
        .unrepeatable()
        .takes(&[send("code", Public), send("password", Public)])
        .replies(SIGNED_UP),
];
