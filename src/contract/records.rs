//! The records that replies consist of: which fields they have, and who sees each.

mod accounts;
mod audit;
mod batches;
mod invites;
mod keys;
mod mail;
mod providers;

use self::providers::LINKED;
pub(super) use self::{
    accounts::{ACCOUNT, ACCOUNTS, LOGIN, MINE, OVERVIEW},
    audit::AUDIT,
    batches::OUTCOMES,
    invites::{INVITATIONS, INVITE},
    keys::{KEY, KEYS, NEW_KEY},
    mail::{LETTERS, MAIL_STATE, RETRIED, TEST_EMAIL},
    providers::{PROVIDER_BEGUN, PROVIDER_CODE_SENT, PROVIDER_FINISHED, WAYS_IN},
};
use super::{
    Presence, ReplyField,
    kind::{Kind, Shape, named},
};
use crate::role::Role::{self, Admin, Public, User};

const fn see(name: &'static str, role: Role) -> ReplyField {
    let presence = Presence::Sometimes;
    ReplyField { name, role, within_reach: false, opens: false, presence, kind: named(name) }
}

/// One that every such record has, for every reader.
const fn always(name: &'static str, role: Role) -> ReplyField {
    ReplyField { presence: Presence::Always, ..see(name, role) }
}

/// One that no such record is without, but that not every viewer sees.
const fn present(name: &'static str, role: Role) -> ReplyField {
    ReplyField { presence: Presence::Present, ..see(name, role) }
}

const fn see_within_reach(name: &'static str, role: Role) -> ReplyField {
    ReplyField { within_reach: true, ..see(name, role) }
}

const fn record(name: &'static str, shape: Shape) -> ReplyField {
    let (presence, kind) = (Presence::Always, Kind::Record(shape));
    ReplyField { name, role: Public, within_reach: false, opens: false, presence, kind }
}

const fn list(name: &'static str, shape: Shape) -> ReplyField {
    ReplyField { kind: Kind::List(shape), ..record(name, shape) }
}

impl ReplyField {
    /// It is of another kind than its name says.
    const fn is(self, kind: Kind) -> Self {
        Self { kind, ..self }
    }

    /// The same in a record of which every viewer sees all.
    const fn in_full(self) -> Self {
        let presence = match self.presence {
            Presence::Sometimes => Presence::Sometimes,
            Presence::Present | Presence::Always => Presence::Always,
        };
        Self { role: User, within_reach: false, presence, ..self }
    }

    /// Its reader can get access with it, or get at more.
    const fn opens(self) -> Self {
        Self { opens: true, ..self }
    }

    /// Some replies are without it.
    const fn sometimes(self) -> Self {
        Self { presence: Presence::Sometimes, ..self }
    }
}

/// A reply that says nothing.
pub(super) const NOTHING: Shape = Shape { name: "Nothing", fields: &[] };

/// The field of a user's record that is read from the sign-in.
pub const TWO_FACTOR: ReplyField = present("twoFactor", Admin);

/// What the service offers before anyone has signed in.
pub(super) const ABOUT: Shape = Shape {
    name: "About",
    fields: &[
        always("registration", Public),
        always("setUp", Public),
        always("waysIn", Public),
        list("providers", providers::PROVIDER),
        always("languages", Public),
        always("maxBodyBytes", Public),
        always("maxBatchCalls", Public),
        see("cookieOrigin", Public),
    ],
};

pub(super) const USER: Shape = Shape {
    name: "User",
    fields: &[
        always("id", User),
        always("accountId", User),
        present("email", Admin),
        see("first", User),
        see("last", User),
        always("role", User),
        always("state", User),
        see("username", Admin),
        see("externalId", Admin),
        present("number", Admin),
        see("language", Admin),
        // A reader of the code can join with the role that it grants.
        see_within_reach("invite", Admin).opens(),
        see("inviteSent", Admin),
        see("inviteExpires", Admin),
        see("issuer", Admin),
        see("joined", Admin),
        see("activity", Admin),
        see("preferences", Admin),
        TWO_FACTOR,
        present("holds", Admin),
        present("created", Admin),
        present("updated", Admin),
        present("version", Admin),
        see("formerState", Admin),
        see("purgeAfter", Admin),
    ],
};

/// A reader of an export is the user itself or may act on it, and sees all of it. The code of an
/// invite is not in it: a document that is kept must not let anybody in.
pub(super) const EXPORT: Shape = Shape {
    name: "Export",
    fields: &[
        record("user", EXPORTED_USER),
        list("holds", EXPORTED_HOLD),
        record("signIn", EXPORTED_SIGN_IN).sometimes(),
        list("audit", EXPORTED_ENTRY),
        always("truncated", User),
        list("letters", EXPORTED_LETTER),
    ],
};

const EXPORTED_USER: Shape =
    Shape { name: "ExportedUser", fields: &exported::<{ USER.fields.len() - 1 }>(USER.fields) };

/// The fields of a record that is seen whole, but for its one code.
#[expect(clippy::indexing_slicing, reason = "only the compiler runs it")]
const fn exported<const COUNT: usize>(fields: &[ReplyField]) -> [ReplyField; COUNT] {
    let mut exported = [see("id", User); COUNT];
    let (mut at, mut from) = (0, 0);
    while from < fields.len() {
        let field = fields[from];
        if !matches!(field.kind, Kind::Code) {
            exported[at] = field.in_full();
            at += 1;
        }
        from += 1;
    }
    assert!(at == COUNT, "one field of the record is a code");
    exported
}

/// What only the person sees, and operators.
const EXPORTED_SIGN_IN: Shape = Shape {
    name: "ExportedSignIn",
    fields: &[
        always("email", User),
        always("verified", User),
        see("first", User),
        see("last", User),
        see("language", User),
        always("twoFactor", User),
        always("created", User),
        list("linked", LINKED),
        list("sessions", SESSION),
        list("audit", EXPORTED_ENTRY),
    ],
};

const EXPORTED_HOLD: Shape = Shape {
    name: "ExportedHold",
    fields: &[
        always("id", User),
        always("kind", User),
        always("ref", User),
        see("data", User),
        always("created", User),
        always("version", User),
    ],
};

const EXPORTED_ENTRY: Shape = Shape {
    name: "ExportedEntry",
    fields: &[
        always("id", User),
        always("at", User),
        always("actor", User),
        always("action", User).is(Kind::Text),
        see("target", User),
        always("changed", User),
        record("before", audit::STANDING).sometimes(),
        record("after", audit::STANDING).sometimes(),
        see("address", User),
    ],
};

const EXPORTED_LETTER: Shape = Shape {
    name: "ExportedLetter",
    fields: &[
        always("kind", User).is(Kind::LetterKind),
        always("to", User),
        always("created", User),
        always("attempts", User),
    ],
};

pub(super) const USERS: Shape = Shape {
    name: "UserPage",
    fields: &[
        list("data", USER),
        see("next", User),
        see("prev", User),
        see("total", Admin),
        see("scanned", Admin),
    ],
};

pub(super) const USERS_BY_NUMBER: Shape =
    Shape { name: "UserList", fields: &[list("data", USER), always("total", Admin)] };

pub(super) const HOLD: Shape = Shape {
    name: "Hold",
    fields: &[
        always("id", Admin),
        always("userId", Admin),
        always("accountId", Admin),
        always("kind", Admin),
        always("ref", Admin),
        see("data", Admin),
        always("created", Admin),
        always("version", Admin),
    ],
};

pub(super) const HOLDS: Shape = Shape {
    name: "HoldPage",
    fields: &[list("data", HOLD), see("next", Admin), see("prev", Admin)],
};

/// Tokens for the person who has signed in.
pub(super) const SIGNED_IN: Shape = Shape {
    name: "Tokens",
    fields: &[
        always("accessToken", Public),
        always("expires", Public),
        // Not where it is in the cookie.
        see("refreshToken", Public),
        always("session", Public),
        // The account that the access token is for, if it is for one.
        see("accountId", Public),
    ],
};

/// An access token beside the one that was shown.
pub(super) const EXCHANGED: Shape = Shape {
    name: "AccessToken",
    fields: &[
        always("accessToken", Public),
        always("expires", Public),
        always("session", Public),
        see("accountId", Public),
    ],
};

/// What a code counts with that was sent, and until when.
pub(super) const CODE_SENT: Shape =
    Shape { name: "CodeSent", fields: &[always("key", Public), always("expires", Public)] };

/// Until when somebody is fresh; and, of whose own session that is, an access token that says so.
pub(super) const CONFIRMED: Shape = Shape {
    name: "Confirmed",
    fields: &[
        always("freshUntil", Public),
        see("accessToken", Public),
        see("expires", Public),
        see("session", Public),
        see("accountId", Public),
    ],
};

/// As [`SIGNED_IN`] and, for a person who has joined with an invite, as [`LOGIN`]; nothing but the state
/// while the address is to be proved.
pub(super) const SIGNED_UP: Shape = Shape {
    name: "SignedUp",
    fields: &[
        always("state", Public).is(Kind::SignUpState),
        see("accessToken", Public),
        see("expires", Public),
        see("refreshToken", Public),
        see("session", Public),
        see("accountId", Public),
        record("account", ACCOUNT).sometimes(),
        record("user", USER).sometimes(),
    ],
};

pub(super) const SESSIONS: Shape = Shape {
    name: "SessionPage",
    fields: &[list("data", SESSION), see("next", User), see("prev", User)],
};

const SESSION: Shape = Shape {
    name: "Session",
    fields: &[
        always("id", User),
        always("current", User),
        always("created", User),
        always("used", User),
        see("expires", User),
        see("address", User),
        see("agent", User),
    ],
};

pub(super) const SESSIONS_ENDED: Shape =
    Shape { name: "SessionsEnded", fields: &[always("ended", User)] };

/// Whose password a code sets, and until when.
pub(super) const RESET: Shape = Shape {
    name: "Reset",
    fields: &[
        always("email", Public),
        always("expires", Public),
        // Of a sign-in that an account has made and nobody has proved yet; any other is its person's alone.
        see("accountName", Public),
        see("accountLogo", Public),
    ],
};

pub(super) const ADDRESS: Shape = Shape { name: "Address", fields: &[always("email", Public)] };

pub(super) const ENROLMENT: Shape =
    Shape { name: "Enrolment", fields: &[always("secret", User), always("url", User)] };

pub(super) const RECOVERY: Shape =
    Shape { name: "RecoveryCodes", fields: &[always("recoveryCodes", User)] };
