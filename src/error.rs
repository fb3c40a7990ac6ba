//! What a call can fail with: a code and a public text for the wire, a cause for the log.

use std::{borrow::Cow, fmt, panic::Location, time::Duration};

use serde::Serialize;

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
    reauthentication: Option<Box<Reauthentication>>,
    cause: Option<Cause>,
}

/// What it takes to show once more who one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reauthentication {
    /// How long ago the person may have shown a credential.
    pub max_age: Duration,
    /// The fields of `session/confirm` that would do.
    pub confirm_by: &'static [&'static str],
}

/// What went wrong inside, and where it became an [`Error`].
#[derive(Debug)]
struct Cause {
    error: Box<dyn std::error::Error + Send + Sync>,
    place: &'static Location<'static>,
}

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
            reauthentication: None,
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

    /// The person has shown no credential for too long.
    pub fn not_fresh(reauthentication: Reauthentication) -> Self {
        let minutes = reauthentication.max_age.as_secs() / 60;
        let why = format!(
            "That takes a sign-in within the last {minutes} minutes: show once more who you are by session/confirm, \
             with {}.",
            reauthentication.confirm_by.join(" or ")
        );
        let reauthentication = Some(Box::new(reauthentication));
        Self { reauthentication, ..Self::new(Code::ReauthenticationRequired, why) }
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
            "Something went wrong here. Quote the requestId when you report it.",
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
        self.reauthentication.as_deref().copied()
    }

    /// When to try again, in whole seconds, at least one.
    pub fn retry_after_seconds(&self) -> Option<u64> {
        self.retry_after
            .map(|delay| delay.as_millis().div_ceil(1000).max(1))
            .map(|seconds| u64::try_from(seconds).unwrap_or(u64::MAX))
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

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident $status:literal $name:literal $title:literal;)*) => {
        /// The error codes of the wire.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Code { $($(#[$doc])* $variant,)* }

        impl Code {
            /// Every code, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The code as clients see it.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// The HTTP status that goes with it.
            pub const fn status(self) -> u16 {
                match self { $(Self::$variant => $status),* }
            }

            /// A short text that is the same for every error of this code.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title),* }
            }
        }
    };
}

codes! {
    /// The body is not a JSON object.
    MalformedJson 400 "malformed_json" "The body is not a JSON object";
    /// A field or query parameter that the call does not have.
    UnknownField 400 "unknown_field" "Unknown field";
    /// A cursor that was not issued for this query.
    InvalidCursor 400 "invalid_cursor" "Invalid cursor";
    /// A page begins too far from where its list begins.
    OffsetTooLarge 400 "offset_too_large" "Offset too large";
    /// No token, or one that proves nothing.
    Unauthenticated 401 "unauthenticated" "Authentication required";
    /// The e-mail or the password is wrong.
    InvalidCredentials 401 "invalid_credentials" "Invalid credentials";
    /// The password is right, and the second factor is needed, too.
    TotpRequired 401 "totp_required" "Second factor required";
    /// Who the caller is is known, but it has to sign in anew.
    ReauthenticationRequired 401 "reauthentication_required" "Sign in again";
    /// The caller's role does not reach that far.
    Forbidden 403 "forbidden" "Forbidden";
    /// The caller's role may not send a field.
    ForbiddenField 403 "forbidden_field" "Field not allowed for this role";
    /// The identity is no user here.
    NotRegistered 403 "not_registered" "Not registered";
    /// The user is suspended or removed.
    Suspended 403 "suspended" "Suspended";
    /// The invite was sent to another e-mail.
    InviteEmail 403 "invite_email" "The invite is for another e-mail";
    /// How the person signs in is nobody else's business.
    OwnSignIn 403 "own_sign_in" "The person's own sign-in";
    /// The identity's e-mail is not verified.
    EmailUnverified 403 "email_unverified" "E-mail not verified";
    /// There is no such thing within the caller's reach.
    NotFound 404 "not_found" "Not found";
    /// The path takes another method.
    MethodNotAllowed 405 "method_not_allowed" "Method not allowed";
    /// The request did not arrive in time.
    RequestTimeout 408 "request_timeout" "Request timed out";
    /// Another user has the e-mail.
    EmailTaken 409 "email_taken" "E-mail already taken";
    /// Another user has the user name.
    UsernameTaken 409 "username_taken" "User name already taken";
    /// Another user has the external id.
    ExternalIdTaken 409 "external_id_taken" "External id already taken";
    /// Another user of the account has the number, or had it.
    NumberTaken 409 "number_taken" "Number already taken";
    /// The identity is in several accounts, and the call does not say which one it is about.
    AccountRequired 409 "account_required" "Account required";
    /// The call names another account than its key belongs to.
    AccountMismatch 409 "account_mismatch" "Account mismatch";
    /// The cookie is of another session than the call names.
    SessionReplaced 409 "session_replaced" "Session replaced";
    /// The identity is in, or has made, as many accounts as one may.
    TooManyAccounts 409 "too_many_accounts" "Too many accounts";
    /// The user has more API keys than can be kept at once.
    TooManyKeys 409 "too_many_keys" "Too many keys";
    /// Several users fit.
    Ambiguous 409 "ambiguous" "Several users fit";
    /// The account is removed, and takes nothing new.
    AccountRemoved 409 "account_removed" "Account removed";
    /// The operator's own account stays open.
    HomeAccount 409 "home_account" "Home account";
    /// The account would lose its last admin.
    LastAdmin 409 "last_admin" "Last admin";
    /// The service would lose its last root user.
    LastRoot 409 "last_root" "Last root user";
    /// The record has changed since it was read.
    VersionMismatch 409 "version_mismatch" "Version mismatch";
    /// The user owns something elsewhere.
    Held 409 "held" "Held";
    /// The invite has been used.
    InviteUsed 409 "invite_used" "Invite already used";
    /// The identity or the user is bound already.
    AlreadyRegistered 409 "already_registered" "Already registered";
    /// The user has no password here.
    NoPassword 409 "no_password" "No password";
    /// There is a second factor already.
    TotpEnrolled 409 "totp_enrolled" "Second factor already set up";
    /// The call with this Idempotency-Key was carried out, but its reply is not known any more.
    ReplyLost 409 "reply_lost" "Reply lost";
    /// The body is too large.
    TooLarge 413 "too_large" "Body too large";
    /// The body is not declared as JSON.
    UnsupportedMediaType 415 "unsupported_media_type" "Unsupported media type";
    /// Fields have values that cannot be accepted.
    ValidationFailed 422 "validation_failed" "Validation failed";
    /// There are more users than are looked at for one page.
    TooManyUsers 422 "too_many_users" "Too many users";
    /// The Idempotency-Key was used with another request.
    IdempotencyMismatch 422 "idempotency_mismatch" "Idempotency-Key used for another request";
    /// The caller must slow down.
    TooManyRequests 429 "too_many_requests" "Too many requests";
    /// The service failed.
    Internal 500 "internal" "Internal error";
    /// The service cannot answer right now.
    Unavailable 503 "unavailable" "Unavailable";
}
