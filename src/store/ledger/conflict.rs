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
    "You are in 100 accounts, which is the maximum; leave one first: user/leave.";
const MADE_TOO_MANY: &str =
    "You have created 10 accounts, which is the maximum; ask the operator to create more.";
const TOO_MANY_KEYS: &str = "The user has more than 50 API keys to keep, or the account has too many keys to search; \
                             remove some first: key/find, key/remove.";
const OWN_SIGN_IN: &str = "People manage how they sign in; an admin of a managed account can change it only for \
                           users whose sign-in the account keeps. They can set a new password themselves with \
                           password/forgot.";

const LAST_ADMIN: &str =
    "The account would be left without an active admin; make someone else an admin first.";
const LAST_ROOT: &str =
    "The service would be left without an active root user; give someone else the role root first.";
const ADDRESS_TAKEN: &str = "Another sign-in uses that address now. If it is yours, too, sign in with it; to use the \
                             address here, change the email of the other sign-in first.";
/// One answer for all that keeps a sign-in with a provider from being finished.
pub(super) const INVALID_STATE: &str = "This sign-in with a provider cannot be finished: it is older than ten \
                                        minutes, is already finished, or was started in another browser. Start \
                                        again.";
const PROVIDER_TAKEN: &str = "That identity already opens another sign-in here. To link it to this one, sign in with \
                              it and unlink it there first: provider/remove.";
const NO_PASSWORD: &str = "This sign-in has no password. Leave currentPassword out if another proof is possible, or \
                           set a password first with password/forgot.";
const UNPROVED: &str = "Your current address is not proved yet. Set a new password with password/forgot first, which \
                        proves it; then change the address.";

const OUTSIDE_EMAIL: &str =
    "Your email comes from the service that you sign in with; change it there, or ask an admin.";
const NO_SESSION: &str =
    "Your own email can be changed only in a session of this service; sign in with session/create.";

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
            Self::UsernameTaken => "Another user of the account has this username.",
            Self::NumberTaken => "Another user of the account has or had this number.",
            Self::TooManyAccounts => IN_TOO_MANY,
            Self::TooManyRegistered => MADE_TOO_MANY,
            Self::TooManyKeys => TOO_MANY_KEYS,
            Self::Ambiguous => {
                "Several removed users had this email; list them with trash/find, and send the id."
            }
            Self::OwnSignIn => OWN_SIGN_IN,
            Self::AddressTaken => ADDRESS_TAKEN,
            Self::StateUsed => INVALID_STATE,
            Self::ProviderTaken => PROVIDER_TAKEN,
            Self::TooManyProviders => {
                "You have linked five identities, which is the maximum; unlink one first: provider/remove."
            }
            Self::LastCredential => {
                "Without it, you could no longer sign in; set a password first with password/forgot, or link another \
                 provider."
            }
            Self::Unproved => UNPROVED,
            Self::OutsideEmail => OUTSIDE_EMAIL,
            Self::NoSession => NO_SESSION,
            Self::ExternalIdTaken => "Another user of the account has this external ID.",
            Self::AlreadyRegistered => "This user or identity has joined already.",
            Self::AccountRemoved => {
                "The account has been removed; restore it first: account/update with state active."
            }
            Self::HomeAccount => {
                "This is the home account of the operator; it cannot be suspended or removed."
            }
            Self::HomeOnly => "The role root can be given in the home account only.",
            Self::LastAdmin => LAST_ADMIN,
            Self::LastRoot => LAST_ROOT,
            Self::VersionMismatch => {
                "The record has changed since you read it; read it again and repeat your change."
            }
            Self::InviteUsed => "This invite has already been accepted; sign in without it.",
            Self::Held(holds) => {
                let stand = if holds == 1 { "hold stands" } else { "holds stand" };
                return Cow::Owned(format!(
                    "{holds} {stand} on this user, who owns something in another service; list them with hold/find, \
                     and release those that no longer apply: hold/release."
                ));
            }
            Self::SignedUp => {
                "This email already has a sign-in: sign in and send the invite to user/login, or set a new password \
                 with password/forgot."
            }
            Self::NoPassword => NO_PASSWORD,
            Self::OutsideIdentity => {
                "The user signs in with another service, which manages the password and the second factor."
            }
            Self::TotpEnrolled => {
                "The second factor is already on; turn it off first: totp/remove."
            }
            Self::IdempotencyMismatch => {
                "This Idempotency-Key was used for another request; use a new key for each request."
            }
            Self::ReplyLost => {
                "The call with this Idempotency-Key was carried out, but its reply is no longer known; look at the \
                 record that it changed."
            }
            Self::UnderWay => {
                "The call with this Idempotency-Key is still in progress; try again shortly."
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
            "You are the last active admin of {name} ({id}): make someone else an admin there first, or ask the \
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
