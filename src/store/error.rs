//! What a business step can fail with, by meaning.

use crate::{
    error::{Code, Error as CallError, Fault},
    role::Role,
    table,
};

/// The result of a step.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a step did not happen.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no such thing within reach.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// Something else stands in the way.
    #[error("conflict: {0:?}")]
    Conflict(Conflict),
    /// The caller's role does not reach the other one.
    #[error("role {role} does not reach role {other}")]
    OutOfReach {
        /// The caller's.
        role: Role,
        /// The user's, or the one to be granted.
        other: Role,
    },
    /// A cursor that was not issued for this query.
    #[error("the cursor does not belong to this query")]
    Cursor,
    /// The identity cannot log in as it is.
    #[error("login refused: {0:?}")]
    Login(LoginRefusal),
    /// A request field that the stored record makes unacceptable.
    #[error("{}", .0.detail)]
    Field(Fault),
    /// Races were lost too often.
    #[error("too many concurrent changes of the same records")]
    Busy,
    /// The table failed.
    #[error(transparent)]
    Table(#[from] table::Error),
}

/// What stands in the way of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conflict {
    /// Another user has the e-mail.
    EmailTaken,
    /// Another user has the user name.
    UsernameTaken,
    /// Another user of the account has the external id.
    ExternalIdTaken,
    /// The identity is bound to a user, or the user to an identity.
    AlreadyRegistered,
    /// The account is removed, and takes nothing new.
    AccountRemoved,
    /// The account is the operator's own.
    HomeAccount,
    /// The account would lose its last admin.
    LastAdmin,
    /// The record has another version than the caller expects.
    VersionMismatch,
    /// So many holds stand on the user.
    Held(u32),
    /// The invite has been accepted.
    InviteUsed,
}

/// Why an identity cannot log in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoginRefusal {
    /// It is nobody here.
    NotRegistered,
    /// Its user is suspended.
    Suspended,
    /// Its user is in the trash.
    Removed,
    /// The operator keeps the whole account out.
    AccountSuspended,
    /// The account is removed.
    AccountRemoved,
    /// The invite was sent to another e-mail.
    InviteEmail,
    /// Its e-mail is not verified.
    EmailUnverified,
    /// Accounts are made by invitation only.
    InviteOnly,
}

impl From<Error> for CallError {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound(what) => {
                Self::new(Code::NotFound, format!("There is no such {what}, or not for you."))
            }
            Error::Conflict(conflict) => conflict.into(),
            Error::OutOfReach { role, other } => {
                let why = format!(
                    "Role {role} may neither grant role {other} nor act on somebody who has it."
                );
                Self::new(Code::Forbidden, why)
            }
            Error::Cursor => {
                let why = "The cursor does not belong to this query; \
                           start again without next and prev.";
                Self::new(Code::InvalidCursor, why)
            }
            Error::Login(refusal) => refusal.into(),
            Error::Field(fault) => Self::faults(Code::ValidationFailed, vec![fault]),
            Error::Busy | Error::Table(table::Error::Busy(_) | table::Error::Unavailable(_)) => {
                Self::unavailable(error)
            }
            Error::Table(_) => Self::internal(error),
        }
    }
}

impl From<Conflict> for CallError {
    fn from(conflict: Conflict) -> Self {
        let field = |code: Code, name: &str, why: &str| {
            Self::faults(code, vec![Fault::new(name, code.name(), why)])
        };
        match conflict {
            Conflict::EmailTaken => {
                field(Code::EmailTaken, "email", "Another user has this e-mail.")
            }
            Conflict::UsernameTaken => {
                field(Code::UsernameTaken, "username", "Another user has this user name.")
            }
            Conflict::ExternalIdTaken => {
                let why = "Another user of the account has this external id.";
                field(Code::ExternalIdTaken, "externalId", why)
            }
            Conflict::AlreadyRegistered => {
                Self::new(Code::AlreadyRegistered, "This user or identity has joined already.")
            }
            Conflict::AccountRemoved => {
                let why = "The account is removed; bring it back first: account/update with \
                           state active.";
                Self::new(Code::AccountRemoved, why)
            }
            Conflict::HomeAccount => {
                let why = "This is the home account, which the operator lives in; \
                           it can neither be suspended nor removed.";
                Self::new(Code::HomeAccount, why)
            }
            Conflict::LastAdmin => {
                let why = "The account would be left without an active admin; \
                           make somebody else one first.";
                Self::new(Code::LastAdmin, why)
            }
            Conflict::VersionMismatch => {
                let why = "The record has changed since you read it; read it again and repeat \
                           your change.";
                Self::new(Code::VersionMismatch, why)
            }
            Conflict::Held(holds) => {
                let stand =
                    if holds == 1 { "1 hold stands" } else { &format!("{holds} holds stand") };
                let why = format!(
                    "{stand} on this user, who owns something elsewhere; see hold/find, and \
                     release first what is no longer owned: hold/release."
                );
                Self::new(Code::Held, why)
            }
            Conflict::InviteUsed => {
                let why = "This invite has been accepted; log in without it.";
                Self::new(Code::InviteUsed, why)
            }
        }
    }
}

impl From<LoginRefusal> for CallError {
    fn from(refusal: LoginRefusal) -> Self {
        let (code, why) = match refusal {
            LoginRefusal::NotRegistered => {
                (Code::NotRegistered, "You are no user here; send an invite, or register.")
            }
            LoginRefusal::Suspended => (Code::Suspended, "An admin has suspended this user."),
            LoginRefusal::Removed => (Code::Suspended, "An admin has removed this user."),
            LoginRefusal::AccountSuspended => (Code::Suspended, "The account is suspended."),
            LoginRefusal::AccountRemoved => (Code::Suspended, "The account is removed."),
            LoginRefusal::InviteEmail => {
                let why = "The invite was sent to another e-mail; log in with that one.";
                (Code::InviteEmail, why)
            }
            LoginRefusal::EmailUnverified => {
                let why = "Your identity's e-mail is not verified; verify it with your issuer.";
                (Code::EmailUnverified, why)
            }
            LoginRefusal::InviteOnly => {
                (Code::Forbidden, "Registration is by invitation only; ask an admin for one.")
            }
        };
        Self::new(code, why)
    }
}
