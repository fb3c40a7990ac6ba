//! What a call can fail with: a code and a public text for the wire, a cause for the log.

mod code;

use std::{borrow::Cow, fmt, panic::Location, time::Duration};

use serde::Serialize;

pub use self::code::Code;
use crate::{
    clock::Timestamp,
    model::{
        id::UserId,
        user::{State, User},
    },
    role::Role,
};

/// The result of a call.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A failed call.
///
/// Clients see the code, the detail and the faults; the cause and the place are for the log.
#[derive(Debug)]
pub struct Error {
    code: Code,
    detail: Cow<'static, str>,
    faults: Vec<Fault>,
    retry_after: Option<Duration>,
    more: Option<Box<More>>,
    rule: Option<&'static str>,
    cause: Option<Cause>,
}

/// What helps somebody who can show nothing.
const NOT_FRESH: &str = "This call needs a sign-in within the last ten minutes. This token's issuer does not say \
                         when that was (auth_time), and is not trusted with emails (trust_email), so no code can be \
                         sent. Use an API key, the command line or a sign-in of this service, or ask the operator to \
                         set trust_email for the issuer.";

/// What it takes to show once more who one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reauthentication {
    /// How long ago the person may have shown a credential.
    pub max_age: Duration,
    /// The fields of `session/confirm` that would do; none where there is no way.
    pub confirm_by: &'static [&'static str],
}

/// What the caller can go on with.
#[derive(Debug)]
enum More {
    Reauthentication(Reauthentication),
    Ticket(Ticket),
    Existing(Existing),
}

/// The user who is there already; for callers alone who may see all users of the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Existing {
    /// Which one.
    pub id: UserId,
    /// With which role.
    pub role: Role,
    /// In which state.
    pub state: State,
    /// When the user's last invite was sent; none for a user who was only added.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invite_sent: Option<Timestamp>,
}

impl From<&User> for Existing {
    fn from(user: &User) -> Self {
        Self { id: user.id, role: user.role, state: user.state, invite_sent: user.invite_sent }
    }
}

/// What goes along with what a sign-in with a provider asks for.
#[derive(Clone, PartialEq, Eq)]
pub struct Ticket {
    /// The field `link` of `provider/link`.
    pub link: String,
    /// Until when it can be used.
    pub expires: Timestamp,
}

impl fmt::Debug for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ticket(…)")
    }
}

/// What went wrong inside, and where it became an [`Error`].
#[derive(Debug)]
struct Cause {
    error: Box<dyn std::error::Error + Send + Sync>,
    place: &'static Location<'static>,
}

/// The code of a field whose value is not the secret that it should be.
pub const WRONG: &str = "wrong";
/// The code of a state that a user cannot get into from the present one.
pub(crate) const TRANSITION: &str = "transition";
/// How the text ends of what is not there, for callers who may not see everything.
pub(crate) const OR_HIDDEN: &str = ", or you may not see it.";

/// One request field that is at fault (RFC 9457's `errors` extension).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// The field's name; `a.b` is field `b` of the object in field `a`, `?a` a query parameter; a
    /// header has its own name.
    pub field: String,
    /// What kind of fault it is, for programs.
    pub code: &'static str,
    /// What is wrong and what would be right, for people.
    pub detail: String,
}

impl Fault {
    /// A fault of `field`.
    pub fn new(field: impl Into<String>, code: &'static str, detail: impl Into<String>) -> Self {
        Self { field: field.into(), code, detail: detail.into() }
    }
}

impl Error {
    /// An error with a text for the caller.
    pub fn new(code: Code, detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            code,
            detail: detail.into(),
            faults: Vec::new(),
            retry_after: None,
            more: None,
            rule: None,
            cause: None,
        }
    }

    /// An error that lies in the named fields; its detail repeats the first of them.
    pub fn faults(code: Code, faults: Vec<Fault>) -> Self {
        let detail = match faults.as_slice() {
            [one] => Cow::Owned(one.detail.clone()),
            [first, rest @ ..] => {
                Cow::Owned(format!("{} (and {} more, see errors)", first.detail, rest.len()))
            }
            [] => Cow::Borrowed(code.title()),
        };
        Self { faults, ..Self::new(code, detail) }
    }

    /// The caller may try again after `delay`.
    #[must_use]
    pub fn retry_after(mut self, delay: Duration) -> Self {
        self.retry_after = Some(delay);
        self
    }

    /// Names the limit that stands in the way, for the log: callers are not told which one it is.
    #[must_use]
    pub fn under(mut self, rule: &'static str) -> Self {
        self.rule = Some(rule);
        self
    }

    /// The person has shown no credential for too long, or has none that could be shown.
    pub fn not_fresh(reauthentication: Reauthentication) -> Self {
        if reauthentication.confirm_by.is_empty() {
            return Self::new(Code::Forbidden, NOT_FRESH);
        }
        let minutes = reauthentication.max_age.as_secs() / 60;
        let why = format!(
            "This call needs a sign-in within the last {minutes} minutes: confirm who you are with session/confirm, \
             sending {}.",
            reauthentication.confirm_by.join(" or ")
        );
        let more = Some(Box::new(More::Reauthentication(reauthentication)));
        Self { more, ..Self::new(Code::ReauthenticationRequired, why) }
    }

    /// Goes with a ticket, which `provider/link` takes.
    #[must_use]
    pub fn with_ticket(self, link: String, expires: Timestamp) -> Self {
        Self { more: Some(Box::new(More::Ticket(Ticket { link, expires }))), ..self }
    }

    /// Tells who is there already.
    #[must_use]
    pub fn with_existing(self, existing: Existing) -> Self {
        Self { more: Some(Box::new(More::Existing(existing))), ..self }
    }

    /// Names a field at fault as the request does, where that differs from the record.
    #[must_use]
    pub fn field_as(mut self, record: &str, request: &str) -> Self {
        for fault in self.faults.iter_mut().filter(|fault| fault.field == record) {
            request.clone_into(&mut fault.field);
        }
        self
    }

    /// Keeps what went wrong inside, for the log.
    #[must_use]
    #[track_caller]
    pub fn because(mut self, error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.cause = Some(Cause { error: error.into(), place: Location::caller() });
        self
    }

    /// A fault of the service itself: the caller learns nothing but the request's id.
    #[track_caller]
    pub fn internal(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::new(
            Code::Internal,
            "Something went wrong in the service. Quote the requestId when you report it.",
        )
        .because(error)
    }

    /// A moment's trouble of the service: the same call may succeed later.
    #[track_caller]
    pub fn unavailable(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::new(Code::Unavailable, "The service cannot answer right now; try again shortly.")
            .retry_after(Duration::from_secs(1))
            .because(error)
    }

    /// What kind of error it is.
    pub const fn code(&self) -> Code {
        self.code
    }

    /// The text for the caller.
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// The fields at fault.
    pub fn fields(&self) -> &[Fault] {
        &self.faults
    }

    /// What it takes to show once more who one is, where that would help.
    pub fn reauthentication(&self) -> Option<Reauthentication> {
        match self.more.as_deref()? {
            More::Reauthentication(how) => Some(*how),
            More::Ticket(_) | More::Existing(_) => None,
        }
    }

    /// The ticket that goes with it.
    pub fn ticket(&self) -> Option<&Ticket> {
        match self.more.as_deref()? {
            More::Ticket(ticket) => Some(ticket),
            More::Reauthentication(_) | More::Existing(_) => None,
        }
    }

    /// Who is there already.
    pub fn existing(&self) -> Option<Existing> {
        match self.more.as_deref()? {
            More::Existing(existing) => Some(*existing),
            More::Reauthentication(_) | More::Ticket(_) => None,
        }
    }

    /// When to try again, in whole seconds, at least one.
    pub fn retry_after_seconds(&self) -> Option<u64> {
        self.retry_after
            .map(|delay| delay.as_millis().div_ceil(1000).max(1))
            .map(|seconds| u64::try_from(seconds).unwrap_or(u64::MAX))
    }

    /// The limit that stands in the way, for the log.
    pub const fn rule(&self) -> Option<&'static str> {
        self.rule
    }

    /// Whether something secret that the caller sent is wrong, in a field at fault.
    pub fn is_wrong_guess(&self) -> bool {
        self.faults.iter().any(|fault| fault.code == WRONG)
    }

    /// Tells the log of it: what failed here, and, for who wants to know, what was refused.
    pub fn log(&self) {
        let code = self.code;
        match self.cause() {
            Some(cause) if code.status() >= 500 => {
                tracing::error!(code = code.name(), cause, "failed");
            }
            Some(cause) => tracing::debug!(code = code.name(), cause, "refused"),
            None => tracing::debug!(code = code.name(), "refused"),
        }
    }

    /// What went wrong inside, for the operator.
    pub fn reason(&self) -> Option<String> {
        self.cause.as_ref().map(|cause| with_causes(&*cause.error))
    }

    /// What went wrong inside and where, for the log.
    pub fn cause(&self) -> Option<String> {
        self.cause.as_ref().map(|cause| format!("{} (at {})", cause.error, cause.place))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.name(), self.detail)
    }
}

impl std::error::Error for Error {}

/// An error with all its causes, in one line; causes that it has already told of are left out.
pub(crate) fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let next = error.to_string();
        if !text.contains(&next) {
            text = format!("{text}: {next}");
        }
        cause = error.source();
    }
    text
}
