//! What stands in the way of a step, and what the caller hears of it.

use std::{borrow::Cow, time::Duration};

use crate::{
    error::{Code, Error, Existing, Fault},
    model::{id::AccountId, user::State},
};

/// What stands in the way of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conflict {
    /// Another user has the email.
    EmailTaken,
    /// This one has it, whom the caller may see.
    EmailOf(Existing),
    /// Another user has the user name.
    UsernameTaken,
    /// Another user of the account has the external id.
    ExternalIdTaken,
    /// Another user of the account has the number, or had it.
    NumberTaken,
    /// The identity is bound to a user, or the user to an identity.
    AlreadyRegistered,
    /// The identity is in as many accounts as one may be.
    TooManyAccounts,
    /// The identity has made as many accounts as one may.
    TooManyRegistered,
    /// More API keys are to be kept than can be in one step.
    TooManyKeys,
    /// Several removed users had the email.
    Ambiguous,
    /// How the person signs in is nobody else's business.
    OwnSignIn,
    /// Somebody else signs in by the address that a sign-in is to have.
    AddressTaken,
    /// A sign-in with a provider was finished before.
    StateUsed,
    /// The identity at a provider opens another sign-in.
    ProviderTaken,
    /// The sign-in has as many identities at providers as one may.
    TooManyProviders,
    /// Without it nothing would open the sign-in.
    LastCredential,
    /// Nobody has proved the sign-in's address.
    Unproved,
    /// The email comes from an outside issuer.
    OutsideEmail,
    /// It takes a session of the person's own.
    NoSession,
    /// The account is removed, and takes nothing new.
    AccountRemoved,
    /// The account is the operator's own.
    HomeAccount,
    /// The operator's role is given in the home account only.
    HomeOnly,
    /// The account would lose its last admin.
    LastAdmin,
    /// The operator's account would lose its last root user.
    LastRoot,
    /// The record has another version than the caller expects.
    VersionMismatch,
    /// So many holds stand on the user.
    Held(u32),
    /// The invite has been accepted.
    InviteUsed,
    /// Somebody has signed up with the email.
    SignedUp,
    /// The user has no password.
    NoPassword,
    /// The user comes in by an outside issuer.
    OutsideIdentity,
    /// There is a second factor already.
    TotpEnrolled,
    /// The Idempotency-Key has come with another request.
    IdempotencyMismatch,
    /// The call was carried out before, and its reply is not known.
    ReplyLost,
    /// The same call is being carried out.
    UnderWay,
}

const IN_TOO_MANY: &str =
    "You are in 100 accounts, the most there can be; leave one first: user/leave.";
const MADE_TOO_MANY: &str =
    "You have made 10 accounts, the most that one person can; ask the operator for more.";
const TOO_MANY_KEYS: &str = "More than 50 API keys of this user would have to be kept, or the account has too \
                             many to look through; remove some first: key/find, key/remove.";
const OWN_SIGN_IN: &str = "How people sign in is their own; an admin of a managed account may change \
                           it only for users whose sign-in the account keeps. They set a new password \
                           themselves by password/forgot.";

const LAST_ADMIN: &str =
    "The account would be left without an active admin; make somebody else one first.";
const LAST_ROOT: &str =
    "The service would be left without an active root user; make somebody else one first.";
const ADDRESS_TAKEN: &str = "Somebody signs in with that address by now. If it is yours, too, sign in with it; to have it \
                             here, move that other sign-in to another address first.";
/// One answer for all that keeps a sign-in with a provider from being finished.
pub(super) const INVALID_STATE: &str = "This sign-in with a provider cannot be finished: it is older than ten minutes, was \
                                        finished before, or was begun in another browser. Begin again.";
const PROVIDER_TAKEN: &str = "You sign in to something else here by that identity already. To have it here, sign in by it, and \
                              remove it there first: provider/remove.";
const NO_PASSWORD: &str = "This sign-in has no password. Leave currentPassword out, where something else will do; to have a password, \
                           set one by password/forgot.";
const UNPROVED: &str = "Your own address is not proved yet: choose a password by password/forgot first, whose email \
                        proves it; then change the address.";

const OUTSIDE_EMAIL: &str =
    "Your email comes from the service that you sign in with; change it there, or ask an admin.";
const NO_SESSION: &str =
    "Your own email can be changed only in a session that you have begun here: session/create.";

impl Conflict {
    fn code(self) -> Code {
        match self {
            Self::EmailTaken | Self::EmailOf(_) | Self::AddressTaken => Code::EmailTaken,
            Self::StateUsed => Code::InvalidState,
            Self::ProviderTaken => Code::ProviderTaken,
            Self::TooManyProviders => Code::TooManyProviders,
            Self::LastCredential => Code::LastCredential,
            Self::Unproved => Code::EmailUnverified,
            Self::UsernameTaken => Code::UsernameTaken,
            Self::ExternalIdTaken => Code::ExternalIdTaken,
            Self::NumberTaken => Code::NumberTaken,
            Self::TooManyAccounts | Self::TooManyRegistered => Code::TooManyAccounts,
            Self::TooManyKeys => Code::TooManyKeys,
            Self::Ambiguous => Code::Ambiguous,
            Self::OwnSignIn => Code::OwnSignIn,
            Self::AlreadyRegistered | Self::SignedUp => Code::AlreadyRegistered,
            Self::AccountRemoved => Code::AccountRemoved,
            Self::HomeAccount => Code::HomeAccount,
            Self::HomeOnly | Self::OutsideEmail | Self::NoSession => Code::Forbidden,
            Self::LastAdmin => Code::LastAdmin,
            Self::LastRoot => Code::LastRoot,
            Self::VersionMismatch => Code::VersionMismatch,
            Self::InviteUsed => Code::InviteUsed,
            Self::Held(_) => Code::Held,
            Self::NoPassword | Self::OutsideIdentity => Code::NoPassword,
            Self::TotpEnrolled => Code::TotpEnrolled,
            Self::IdempotencyMismatch => Code::IdempotencyMismatch,
            Self::ReplyLost => Code::ReplyLost,
            Self::UnderWay => Code::Unavailable,
        }
    }

    /// The request field whose value somebody else has.
    fn field(self) -> Option<&'static str> {
        match self {
            Self::EmailTaken | Self::EmailOf(_) => Some("email"),
            Self::UsernameTaken => Some("username"),
            Self::ExternalIdTaken => Some("externalId"),
            Self::NumberTaken => Some("number"),
            Self::AlreadyRegistered
            | Self::TooManyAccounts
            | Self::TooManyRegistered
            | Self::TooManyKeys
            | Self::Ambiguous
            | Self::OwnSignIn
            | Self::AddressTaken
            | Self::StateUsed
            | Self::ProviderTaken
            | Self::TooManyProviders
            | Self::LastCredential
            | Self::Unproved
            | Self::OutsideEmail
            | Self::NoSession
            | Self::SignedUp
            | Self::AccountRemoved
            | Self::HomeAccount
            | Self::HomeOnly
            | Self::LastAdmin
            | Self::LastRoot
            | Self::VersionMismatch
            | Self::InviteUsed
            | Self::Held(_)
            | Self::NoPassword
            | Self::OutsideIdentity
            | Self::TotpEnrolled
            | Self::IdempotencyMismatch
            | Self::ReplyLost
            | Self::UnderWay => None,
        }
    }

    #[expect(clippy::too_many_lines, reason = "a line for each conflict")]
    fn text(self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::EmailTaken => "Another user of the account has this email.",
            Self::EmailOf(Existing { role, state, invite_sent, .. }) => {
                let state = match (state, invite_sent) {
                    (State::Invited, None) => "added, not invited",
                    (state, _) => state.name(),
                };
                return Cow::Owned(format!(
                    "A user of the account has this email already: {state}, with role {role}."
                ));
            }
            Self::UsernameTaken => "Another user of the account has this user name.",
            Self::NumberTaken => "Another user of the account has this number, or had it.",
            Self::TooManyAccounts => IN_TOO_MANY,
            Self::TooManyRegistered => MADE_TOO_MANY,
            Self::TooManyKeys => TOO_MANY_KEYS,
            Self::Ambiguous => {
                "Several removed users had this email; see trash/find, and send the id."
            }
            Self::OwnSignIn => OWN_SIGN_IN,
            Self::AddressTaken => ADDRESS_TAKEN,
            Self::StateUsed => INVALID_STATE,
            Self::ProviderTaken => PROVIDER_TAKEN,
            Self::TooManyProviders => {
                "You can link five identities at providers at most; remove one first: provider/remove."
            }
            Self::LastCredential => {
                "You could not sign in any more without it; set a password first, by password/forgot, or link another \
                 provider."
            }
            Self::Unproved => UNPROVED,
            Self::OutsideEmail => OUTSIDE_EMAIL,
            Self::NoSession => NO_SESSION,
            Self::ExternalIdTaken => "Another user of the account has this external id.",
            Self::AlreadyRegistered => "This user or identity has joined already.",
            Self::AccountRemoved => {
                "The account is removed; bring it back first: account/update with state active."
            }
            Self::HomeAccount => {
                "This is the home account, which the operator lives in; it can neither be \
                 suspended nor removed."
            }
            Self::HomeOnly => "Role root is given in the home account only.",
            Self::LastAdmin => LAST_ADMIN,
            Self::LastRoot => LAST_ROOT,
            Self::VersionMismatch => {
                "The record has changed since you read it; read it again and repeat your change."
            }
            Self::InviteUsed => "This invite has been accepted; log in without it.",
            Self::Held(holds) => {
                let stand = if holds == 1 { "hold stands" } else { "holds stand" };
                return Cow::Owned(format!(
                    "{holds} {stand} on this user, who owns something elsewhere; see hold/find, \
                     and release first what is no longer owned: hold/release."
                ));
            }
            Self::SignedUp => {
                "This email has a sign-in already: sign in and send the invite to user/login, or set a \
                 new password by password/forgot."
            }
            Self::NoPassword => NO_PASSWORD,
            Self::OutsideIdentity => {
                "The user signs in with another service, which has the password and the second factor."
            }
            Self::TotpEnrolled => "There is a second factor already; remove it first.",
            Self::IdempotencyMismatch => {
                "This Idempotency-Key came with another request before; make a new key for each \
                 request."
            }
            Self::ReplyLost => {
                "The call with this Idempotency-Key was carried out, but its reply is not known \
                 any more; look at what has become of it."
            }
            Self::UnderWay => {
                "The call with this Idempotency-Key is still under way; try again shortly."
            }
        })
    }
}

/// The answer that lists all values which others have.
pub(super) fn taken(conflicts: &[Conflict]) -> Error {
    let code = conflicts.first().map_or(Code::VersionMismatch, |first| first.code());
    let fault = |conflict: &Conflict| {
        let field = conflict.field().unwrap_or_default();
        Fault::new(field, conflict.code().name(), conflict.text())
    };
    Error::faults(code, conflicts.iter().map(fault).collect())
}

/// The answer that lists all accounts which would be left without an admin.
pub(super) fn last_admin_of(accounts: &[(AccountId, String)]) -> Error {
    let fault = |(id, name): &(AccountId, String)| {
        let why = format!(
            "You are the last active admin of {name} ({id}): make somebody else an admin there first, or ask the \
             operator to remove the account"
        );
        Fault::new("accountId", Code::LastAdmin.name(), why)
    };
    Error::faults(Code::LastAdmin, accounts.iter().map(fault).collect())
}

impl From<Conflict> for Error {
    fn from(conflict: Conflict) -> Self {
        let (code, text) = (conflict.code(), conflict.text());
        match (conflict, conflict.field()) {
            (Conflict::EmailOf(existing), _) => {
                let fault = Fault::new("email", code.name(), text);
                Self::faults(code, vec![fault]).with_existing(existing)
            }
            (Conflict::UnderWay, _) => Self::new(code, text).retry_after(Duration::from_secs(1)),
            (_, Some(field)) => Self::faults(code, vec![Fault::new(field, code.name(), text)]),
            (_, None) => Self::new(code, text),
        }
    }
}
