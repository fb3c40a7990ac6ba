//! `key/*`: API keys.

use super::{Call, Endpoint, change, records::NEW_KEY, send};
use crate::role::Role::{Admin, Root};

pub(super) const ENDPOINTS: &[Endpoint] = &[change("key/create", Call::KeyCreate, Admin)
    .takes(&[
        send("accountId", Root),
        send("name", Admin),
        send("role", Admin),
        send("access", Admin),
        send("expires", Admin),
    ])
    .replies(NEW_KEY)];
