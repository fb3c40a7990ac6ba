//! What is said of providers, and of the identities at them that somebody signs in with.

use super::{SIGNED_UP, always, list, see};
use crate::{
    contract::{
        ReplyField,
        kind::{Kind, Shape},
    },
    role::Role::Public,
};

/// A provider that people can sign in with.
pub(super) const PROVIDER: Shape = Shape {
    name: "OfferedProvider",
    fields: &[always("name", Public).is(Kind::Text), always("label", Public)],
};

/// Where to send the browser, and what the page keeps meanwhile.
pub(in crate::contract) const PROVIDER_BEGUN: Shape = Shape {
    name: "ProviderBegun",
    fields: &[always("url", Public), always("key", Public), always("expires", Public)],
};

/// Until when a code can be used.
pub(in crate::contract) const PROVIDER_CODE_SENT: Shape =
    Shape { name: "ProviderCodeSent", fields: &[always("expires", Public)] };

/// How far somebody has come who signs in with a provider.
pub(in crate::contract) const PROVIDER_FINISHED: Shape = Shape {
    name: "ProviderFinished",
    fields: &with_link::<{ SIGNED_UP.fields.len() + 1 }>(SIGNED_UP.fields),
};

/// What somebody reads who signs up; and, where there is more to show, the ticket that goes with it.
#[expect(clippy::indexing_slicing, reason = "only the compiler runs it")]
const fn with_link<const COUNT: usize>(fields: &[ReplyField]) -> [ReplyField; COUNT] {
    let mut all = [see("link", Public); COUNT];
    let mut at = 0;
    while at < fields.len() {
        all[at + 1] = fields[at];
        at += 1;
    }
    all
}

/// An identity at a provider that opens a sign-in.
pub(super) const LINKED: Shape = Shape {
    name: "LinkedIdentity",
    fields: &[
        always("provider", Public),
        always("label", Public),
        always("issuer", Public),
        always("subject", Public),
        see("email", Public),
        always("since", Public),
    ],
};

/// What somebody can sign in with.
pub(in crate::contract) const WAYS_IN: Shape =
    Shape { name: "OwnWaysIn", fields: &[always("hasPassword", Public), list("linked", LINKED)] };
