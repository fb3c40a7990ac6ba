//! What is said of providers, and of the identities at them that somebody signs in with.

use super::{ACCOUNT, USER, always, list, record, see};
use crate::{
    contract::kind::{Kind, Shape},
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
    fields: &[
        always("state", Public).is(Kind::SignUpState),
        see("link", Public),
        see("accessToken", Public),
        see("expires", Public),
        see("refreshToken", Public),
        see("session", Public),
        see("accountId", Public),
        record("account", ACCOUNT).sometimes(),
        record("user", USER).sometimes(),
    ],
};

/// An identity at a provider that opens a sign-in.
const LINKED: Shape = Shape {
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
