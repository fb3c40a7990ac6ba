//! What a business step can fail with, by meaning.

use std::time::Duration;

use crate::{
    auth::password::Busy,
    error::{Code, Error as CallError, Fault, OR_HIDDEN, Reauthentication},
    model::{id::AccountId, provider::Show, sign_in::MAX_MOVES},
    role::Role,
    store::{
        Conflict,
        ledger::{
            conflict,
            error_texts::{
                CALLER_CHANGED, ENTRY_ENDED, LINK_REQUIRED, NO_ADDRESS, NO_EMAIL, NO_MAILBOX,
                OWN_MAKER, SECOND_FACTOR, SECOND_FACTOR_OF_LINKED, UNTRUSTED,
            },
        },
    },
    table::{self},
};

/// The result of a step.
pub(crate) type Result<T, E = Error> = std::result::Result<T, E>;

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
    /// Others have several values.
    #[error("conflicts: {0:?}")]
    Taken(Vec<Conflict>),
    /// Accounts would lose their last admin; each by its id and its name.
    #[error("last admin of {} accounts", .0.len())]
    LastAdminOf(Vec<(AccountId, String)>),
    /// The caller's role does not reach the other one.
    #[error("role {role} does not reach role {other}")]
    OutOfReach {
        /// The caller's.
        role: Role,
        /// The user's, or the one to be granted.
        other: Role,
    },
    /// What the call was admitted for has been taken from its caller since.
    #[error("the caller is not who it was when the call came in")]
    CallerChanged,
    /// A key is not to change how the user signs in whose it is, nor the user's role.
    #[error("the user is the key's own maker")]
    OwnMaker,
    /// A cursor that was not issued for this query.
    #[error("the cursor does not belong to this query")]
    Cursor,
    /// The identity cannot log in as it is.
    #[error("login refused: {0:?}")]
    Login(LoginRefusal),
    /// The email or the password is wrong.
    #[error("wrong email or password")]
    Credentials,
    /// A code of the second factor is wrong, or was used before.
    #[error("wrong code")]
    WrongCode,
    /// The password is right; a code of the second factor is needed, too.
    #[error("a second factor is needed")]
    SecondFactor,
    /// A state or a ticket of a sign-in with a provider is good for nothing.
    #[error("the state is not valid")]
    InvalidState,
    /// Something is to be shown before a sign-in with a provider goes on.
    #[error("something is to be shown first: {0:?}")]
    Show(Box<Show>),
    /// A provider tells no address.
    #[error("the provider tells no address")]
    NoAddress,
    /// The person is to show once more who it is.
    #[error("no credential was shown just now")]
    NotFresh(Reauthentication),
    /// A refresh token renews nothing.
    #[error("the session has ended")]
    SessionEnded,
    /// A token is for an account that its session is not in any more.
    #[error("the session is not in the account any more")]
    EntryEnded,
    /// No address of the person is known for sure.
    #[error("no trusted address")]
    NoMailbox,
    /// Too many passwords are being checked right now.
    #[error(transparent)]
    Overloaded(#[from] Busy),
    /// A request field that the stored record makes unacceptable.
    #[error("{}", .0.detail)]
    Field(Fault),
    /// There are more users than may be looked at for one page.
    #[error("{users} users, at most {most} are looked at")]
    TooManyUsers {
        /// How many there are.
        users: u64,
        /// How many may be looked at.
        most: u64,
    },
    /// A page begins too far from where its list begins.
    #[error("a page after more than {most} users")]
    OffsetTooLarge {
        /// How many users may be passed.
        most: u64,
    },
    /// It was tried too often.
    #[error("too many tries ({rule}); the next one is in {} ms", .retry_after.as_millis())]
    Limited {
        /// When it may be tried again.
        retry_after: Duration,
        /// The name of the rule, for the log.
        rule: &'static str,
    },
    /// The own address was moved too often.
    #[error("too many moves; the next one is in {} ms", .retry_after.as_millis())]
    Moved {
        /// When it may be moved again.
        retry_after: Duration,
    },
    /// Races were lost too often.
    #[error("too many concurrent changes of the same records")]
    Busy,
    /// The table holds records of another format.
    #[error("{}", other_format(*.found, *.known))]
    Format {
        /// The format of its records, if it says so.
        found: Option<u64>,
        /// This program's.
        known: u64,
    },
    /// The table is for another secret.
    #[error("{}", other_secret(*.is_marked))]
    Secret {
        /// Whether it says for which.
        is_marked: bool,
    },
    /// The table is not the one that is used: it is not finished, or another one has taken its place.
    #[error("{0}")]
    NotInUse(String),
    /// The table failed.
    #[error(transparent)]
    Table(#[from] table::Error),
}

/// Why an identity cannot log in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoginRefusal {
    /// It is nobody here.
    NotRegistered,
    /// Its user is suspended.
    Suspended,
    /// It is in several accounts, and does not say which one it means.
    SeveralAccounts,
    /// The operator keeps the whole account out.
    AccountSuspended,
    /// The account is removed.
    AccountRemoved,
    /// The invite was sent to another email.
    InviteEmail,
    /// Its email is not verified.
    EmailUnverified,
    /// The word of its issuer on email is not trusted.
    EmailUntrusted,
    /// Its token says no email.
    EmailMissing,
    /// Accounts are made by invitation only.
    InviteOnly,
    /// It has been signed out of the account since it signed in.
    SignedOut,
}

impl From<Error> for CallError {
    #[expect(clippy::too_many_lines, reason = "a line for each error")]
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound(what) => {
                // A code is nobody's in particular.
                let why = if matches!(what, "code" | "invite") {
                    format!(
                        "The {what} was not found: it may have expired, or a newer one has replaced it."
                    )
                } else {
                    format!("The {what} was not found{OR_HIDDEN}")
                };
                Self::new(Code::NotFound, why)
            }
            Error::Conflict(conflict) => conflict.into(),
            Error::Taken(conflicts) => conflict::taken(&conflicts),
            Error::LastAdminOf(accounts) => conflict::last_admin_of(&accounts),
            Error::OutOfReach { role, other } => {
                let why = format!(
                    "The role {role} can neither grant the role {other} nor act on users who have it."
                );
                Self::new(Code::Forbidden, why)
            }
            Error::CallerChanged => Self::new(Code::Forbidden, CALLER_CHANGED),
            Error::OwnMaker => Self::new(Code::Forbidden, OWN_MAKER),
            Error::Cursor => {
                let why = "The cursor does not belong to this query; \
                           start again without next and prev.";
                Self::new(Code::InvalidCursor, why)
            }
            Error::Login(refusal) => refusal.into(),
            Error::Credentials => {
                Self::new(Code::InvalidCredentials, "The email or the password is wrong.")
            }
            Error::WrongCode => {
                Self::new(Code::InvalidCredentials, "The code is wrong or was used before.")
            }
            Error::SecondFactor => Self::new(Code::TotpRequired, SECOND_FACTOR),
            Error::InvalidState => Self::new(Code::InvalidState, conflict::INVALID_STATE),
            Error::NoAddress => Self::new(Code::EmailRequired, NO_ADDRESS),
            Error::Show(show) => {
                let (code, why) = if show.second_factor {
                    (Code::TotpRequired, SECOND_FACTOR_OF_LINKED)
                } else {
                    (Code::LinkRequired, LINK_REQUIRED)
                };
                Self::new(code, why).with_ticket(show.ticket, show.expires)
            }
            Error::NotFresh(how) => Self::not_fresh(how),
            Error::SessionEnded => {
                Self::new(Code::Unauthenticated, "The session has ended; sign in again.")
            }
            Error::EntryEnded => Self::new(Code::Unauthenticated, ENTRY_ENDED),
            Error::NoMailbox => Self::new(Code::Forbidden, NO_MAILBOX),
            Error::Overloaded(busy) => {
                let why = "Too many people are signing in right now; try again shortly.";
                Self::new(Code::Unavailable, why).retry_after(busy.retry_after)
            }
            Error::Field(fault) => Self::faults(Code::ValidationFailed, vec![fault]),
            Error::TooManyUsers { users, most } => too_many_users(users, most),
            Error::OffsetTooLarge { most } => offset_too_large(most),
            Error::Limited { retry_after, rule } => {
                let why = format!("Too many attempts; try again in {}.", words(retry_after));
                Self::new(Code::TooManyRequests, why).retry_after(retry_after).under(rule)
            }
            Error::Moved { retry_after } => moved_too_often(retry_after),
            Error::Busy => Self::unavailable(error),
            Error::Table(error) => of_table(error),
            Error::Format { .. } | Error::Secret { .. } | Error::NotInUse(_) => {
                Self::internal(error)
            }
        }
    }
}

/// What a failure of the table means to a caller: whether the same call may succeed later.
fn of_table(error: table::Error) -> CallError {
    match error {
        table::Error::Busy(_)
        | table::Error::Unavailable(_)
        | table::Error::Full(_)
        | table::Error::Denied(_)
        | table::Error::Missing(_)
        | table::Error::Broken(_) => CallError::unavailable(error),
        table::Error::Invalid(_) | table::Error::Mismatch(_) | table::Error::Corrupt { .. } => {
            CallError::internal(error)
        }
    }
}

/// What the operator of a table of another format can do.
fn other_format(found: Option<u64>, known: u64) -> String {
    match found {
        Some(found) if found > known => format!(
            "the table has format {found}, from a newer version of Guestlist; this version reads format {known}: \
             start the newer version"
        ),
        Some(_) | None => format!(
            "the table was created by an earlier version of Guestlist, and this version reads format {known}: export \
             its users with the earlier version, and import them into a new table; passwords are not exported, so \
             people set new ones with password/forgot"
        ),
    }
}

/// What the operator can do whose secret is not the table's.
fn other_secret(is_marked: bool) -> &'static str {
    if is_marked {
        "the table is used with another secret. Set the right one with the setting secret, or restore the file \
         secret from the backup; to change the secret, list the previous one in previous_secrets. If that one is \
         lost for good, run guestlist table accept-secret, which lists the consequences"
    } else {
        "the table does not record which secret it is used with. If you are sure that this one is right, run \
         guestlist table accept-secret --lost"
    }
}

fn too_many_users(users: u64, most: u64) -> CallError {
    let why = format!(
        "There are {users} users, and at most {most} can be filtered or sorted like this. Leave out contains, role \
         and state, and order by number, id, email or created; or call user/find or trash/find, which page with \
         cursors."
    );
    CallError::new(Code::TooManyUsers, why)
}

fn offset_too_large(most: u64) -> CallError {
    let why = format!(
        "offset can be at most {most} here. To get further, reverse the order, or call user/find or trash/find, \
         which page with cursors."
    );
    CallError::faults(Code::OffsetTooLarge, vec![Fault::new("?offset", "range", why)])
}

fn moved_too_often(retry_after: Duration) -> CallError {
    let why = format!(
        "You have changed your email {MAX_MOVES} times within seven days, which is the maximum; you can change it \
         again in {}.",
        words(retry_after)
    );
    CallError::new(Code::TooManyRequests, why).retry_after(retry_after).under("moved_emails")
}

/// A time to wait, rounded up.
pub(in crate::store) fn words(wait: Duration) -> String {
    let seconds = wait.as_millis().div_ceil(1000).max(1);
    match seconds {
        1 => "a second".to_owned(),
        2..120 => format!("{seconds} seconds"),
        120..=7200 => format!("{} minutes", seconds.div_ceil(60)),
        _ => format!("{} hours", seconds.div_ceil(3600)),
    }
}

impl From<LoginRefusal> for CallError {
    fn from(refusal: LoginRefusal) -> Self {
        let (code, why) = match refusal {
            LoginRefusal::NotRegistered => (
                Code::NotRegistered,
                "You are not a user of this account; account/mine lists your accounts.",
            ),
            LoginRefusal::Suspended => (
                Code::Suspended,
                "An admin has suspended this user; ask an admin to \
                reactivate it.",
            ),
            LoginRefusal::SeveralAccounts => {
                let why = "You are in several accounts; name one in the header X-Account-Id. \
                           account/mine lists them.";
                (Code::AccountRequired, why)
            }
            LoginRefusal::AccountSuspended => (
                Code::Suspended,
                "The account is suspended; ask the operator to \
                reactivate it.",
            ),
            LoginRefusal::AccountRemoved => (
                Code::Suspended,
                "The account has been removed; the operator can \
                restore it for a while.",
            ),
            LoginRefusal::InviteEmail => {
                let why = "The invite was sent to another email; sign in with that one.";
                (Code::InviteEmail, why)
            }
            LoginRefusal::EmailUnverified => {
                let why = "Your identity's email is not verified; verify it with your issuer.";
                (Code::EmailUnverified, why)
            }
            LoginRefusal::EmailUntrusted => (Code::EmailUnverified, UNTRUSTED),
            LoginRefusal::EmailMissing => (Code::EmailUnverified, NO_EMAIL),
            LoginRefusal::InviteOnly => {
                (Code::Forbidden, "Registration is by invitation only; ask an admin for one.")
            }
            LoginRefusal::SignedOut => {
                let why = "You have been signed out of this account; sign in again.";
                (Code::ReauthenticationRequired, why)
            }
        };
        Self::new(code, why)
    }
}
