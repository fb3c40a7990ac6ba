//! `hold/*`: what users own elsewhere.

use super::{
    Call, Endpoint, ID_OR_EMAIL, Rule, change, read,
    records::{HOLD, HOLDS},
    rule::set,
    send,
};
use crate::{
    error::Code,
    role::Role::{Admin, Root},
};

pub(super) const ENDPOINTS: &[Endpoint] = &[
    read("hold/find", Call::HoldFind, Admin)
        .does("A page of the holds on a user, or on all users of the account, oldest first")
        .takes(&[
            send("accountId", Root),
            send("email", Admin),
            send("id", Admin),
            send("kind", Admin),
        ])
        .pages_in_order()
        .replies(HOLDS),
    change("hold/place", Call::HoldPlace, Admin)
        .does("Record that a user owns something in another service and so cannot be removed")
        .takes(&[
            send("accountId", Root),
            send("email", Admin),
            send("id", Admin),
            send("kind", Admin).required(),
            send("ref", Admin).required(),
            send("data", Admin).clears(),
            send("version", Admin),
        ])
        .rules(&[ID_OR_EMAIL])
        .replies(HOLD)
        .fails(&[Code::AccountRemoved]),
    change("hold/release", Call::HoldRelease, Admin)
        .does("Release a hold")
        .takes(&[
            send("accountId", Root),
            send("email", Admin),
            send("id", Admin),
            send("hold", Admin),
            send("kind", Admin),
            send("ref", Admin).selects(),
            send("version", Admin),
        ])
        .rules(&[
            ID_OR_EMAIL,
            Rule::OneOf(&[&["hold"], &["kind", "ref"]]),
            Rule::Needs(set("kind"), &[set("ref")]),
            Rule::Needs(set("ref"), &[set("kind")]),
        ])
        .replies(HOLD),
];
