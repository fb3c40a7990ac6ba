//! The records of mail: emails in the outbox, and whether they leave it.

use super::{always, list, see};
use crate::{
    contract::kind::{Kind, Shape},
    role::Role::Root,
};

const LETTER: Shape = Shape {
    name: "Letter",
    fields: &[
        always("id", Root),
        see("to", Root),
        see("kind", Root).is(Kind::LetterKind),
        always("state", Root).is(Kind::LetterState),
        see("created", Root),
        see("due", Root),
        see("attempts", Root),
        see("lastError", Root),
    ],
};

pub(in crate::contract) const LETTERS: Shape = Shape {
    name: "LetterPage",
    fields: &[list("data", LETTER), see("next", Root), see("prev", Root)],
};

pub(in crate::contract) const RETRIED: Shape =
    Shape { name: "Retried", fields: &[list("data", LETTER), always("more", Root)] };

/// The mail server of the settings, or the folder that takes emails where there is none, and how it has been.
pub(in crate::contract) const MAIL_STATE: Shape = Shape {
    name: "MailState",
    fields: &[
        see("host", Root),
        see("port", Root),
        see("tls", Root),
        see("folder", Root),
        always("sender", Root),
        see("lastSent", Root),
        see("lastFailed", Root),
        see("lastError", Root),
        see("advice", Root),
        see("adviceCode", Root),
        see("refusedSince", Root),
        always("waiting", Root),
        always("more", Root),
        see("oldest", Root),
    ],
};

pub(in crate::contract) const TEST_EMAIL: Shape = Shape {
    name: "TestEmail",
    fields: &[
        always("to", Root),
        always("accepted", Root),
        see("stage", Root),
        always("reply", Root),
        see("advice", Root),
        see("adviceCode", Root),
    ],
};
