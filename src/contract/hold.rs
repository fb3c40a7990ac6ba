//! `hold/*`: what users own elsewhere.

use super::{
    Call, Endpoint, change, read,
    records::{HOLD, HOLDS},
    send,
};
use crate::role::Role::{Admin, Root};

pub(super) const ENDPOINTS: &[Endpoint] = &[
    read("hold/find", Call::HoldFind, Admin)
        .takes(&[
            send("accountId", Root),
            send("email", Admin),
            send("id", Admin),
            send("kind", Admin),
        ])
        .pages_in_order()
        .replies(HOLDS),
    change("hold/place", Call::HoldPlace, Admin)
        .takes(&[
            send("accountId", Root),
            send("email", Admin),
            send("id", Admin),
            send("kind", Admin),
            send("ref", Admin),
            send("data", Admin),
            send("version", Admin),
        ])
        .replies(HOLD),
    change("hold/release", Call::HoldRelease, Admin)
        .takes(&[
            send("accountId", Root),
            send("email", Admin),
            send("id", Admin),
            send("hold", Admin),
            send("kind", Admin),
            send("ref", Admin),
            send("version", Admin),
        ])
        .replies(HOLD),
];
