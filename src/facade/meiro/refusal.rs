//! Errors as Meiro's clients expect them.

use serde_json::json;

use super::Response;
use crate::error::{Code, Error, Fault};

/// Native fields, and what they are here.
const FIELDS: &[(&str, &str)] = &[
    ("first", "name (its first word)"),
    ("last", "name (after its first word)"),
    ("newEmail", "email"),
    ("role", "role_id"),
    ("state", "disabled"),
    ("preferences", "frontend_settings"),
    ("newPassword", "password"),
    ("currentPassword", "old_password"),
    ("number", "id"),
    ("?limit", "limit"),
    ("?offset", "offset"),
    ("?order", "order_by"),
];

/// The error as clients of Meiro expect it.
pub(in crate::facade) fn refusal(error: &Error) -> Response {
    let response = Response::json(status(error.code()), &json!({"message": message(error)}));
    match error.retry_after_seconds() {
        Some(seconds) => response.with("retry-after", seconds.to_string()),
        None => response,
    }
}

const fn status(code: Code) -> u16 {
    match code {
        // Clients send neither cursors nor keys of idempotency, nor fields that pass unknown.
        Code::UnknownField
        | Code::InvalidCursor
        | Code::UnsupportedMediaType
        | Code::ValidationFailed
        | Code::TooManyUsers
        | Code::IdempotencyMismatch => 422,
        Code::Unauthenticated
        | Code::InvalidCredentials
        | Code::TotpRequired
        | Code::ReauthenticationRequired
        | Code::ProviderDenied
        | Code::ProviderRefused
        | Code::LinkRequired => 401,
        Code::Forbidden
        | Code::ForbiddenField
        | Code::NotRegistered
        | Code::Suspended
        | Code::InviteEmail
        | Code::OwnSignIn
        | Code::EmailUnverified
        | Code::EmailRequired => 403,
        Code::NotFound => 404,
        Code::EmailTaken
        | Code::UsernameTaken
        | Code::ExternalIdTaken
        | Code::NumberTaken
        | Code::AccountRequired
        | Code::AccountMismatch
        | Code::SessionReplaced
        | Code::TooManyAccounts
        | Code::TooManyKeys
        | Code::Ambiguous
        | Code::AccountRemoved
        | Code::HomeAccount
        | Code::LastAdmin
        | Code::LastRoot
        | Code::VersionMismatch
        | Code::Held
        | Code::InviteUsed
        | Code::AlreadyRegistered
        | Code::NoPassword
        | Code::ProviderTaken
        | Code::TooManyProviders
        | Code::LastCredential
        | Code::TotpEnrolled
        | Code::ReplyLost => 409,
        Code::MalformedJson
        | Code::InvalidState
        | Code::ProviderUnavailable
        | Code::OffsetTooLarge
        | Code::MethodNotAllowed
        | Code::RequestTimeout
        | Code::TooLarge
        | Code::TooManyRequests
        | Code::Internal
        | Code::Unavailable => code.status(),
    }
}

/// What native errors say, but for those that name what this interface does not have.
fn message(error: &Error) -> String {
    const OTHER_TEXTS: &[(Code, &str)] = &[
        (Code::InvalidCredentials, "Invalid credentials have been provided"),
        (Code::NotRegistered, "You are no user here; ask an admin for an invitation."),
        (
            Code::Internal,
            "Something went wrong here. Quote the header X-Request-Id when you report it.",
        ),
    ];
    if let Some((_, text)) = OTHER_TEXTS.iter().find(|(code, _)| *code == error.code()) {
        return (*text).to_owned();
    }
    match error.fields() {
        [] => error.detail().to_owned(),
        faults => faults.iter().map(told).collect::<Vec<_>>().join("; "),
    }
}

/// A fault in the words of this interface.
fn told(fault: &Fault) -> String {
    let Fault { field, detail, .. } = fault;
    let here = FIELDS.iter().find(|(native, _)| native == field);
    match here.and_then(|(native, here)| Some((here, detail.strip_prefix(native)?))) {
        Some((here, rest)) => format!("{here}{rest}"),
        None => detail.clone(),
    }
}
