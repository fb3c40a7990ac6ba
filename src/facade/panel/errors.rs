//! Errors as the panel's clients expect them: one entry for each rule that failed, or one for all else.
//!
//! Codes are the names of the exceptions that the panel answers with (Laravel's, Symfony's and its own).

use serde::Serialize;

use super::{
    Method, Response,
    fields::{Failed, Field},
};
use crate::error::{Code, Error, Fault};

const THROTTLED: &str = "ThrottleRequestsException";
const UNSUPPORTED: &str = "UnsupportedMediaTypeHttpException";
const MALFORMED: &str = "The JSON data passed in the request appears to be malformed: Syntax error";
const NOT_FOUND: &str = "The requested resource could not be found on the server.";
const UNEXPECTED: &str =
    "An unexpected error was encountered while processing this request, please try again.";

/// Why a request is not answered as it wishes.
pub(super) struct Refusal {
    status: u16,
    entries: Vec<Entry>,
    headers: Vec<(&'static str, String)>,
}

#[derive(Serialize)]
struct Errors<'a> {
    errors: &'a [Entry],
}

#[derive(Serialize)]
struct Entry {
    code: &'static str,
    /// As text.
    status: String,
    detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    meta: Option<Meta>,
}

#[derive(Serialize)]
struct Meta {
    source_field: String,
    rule: String,
}

/// The error as clients of the panel expect it.
pub(in crate::facade) fn refusal(error: &Error) -> Response {
    Refusal::of(error).response()
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        error.log();
        Self::of(&error)
    }
}

impl Refusal {
    /// Fields that break rules.
    pub(super) fn invalid(failed: Vec<Failed>) -> Self {
        let entry = |failed: Failed| {
            let meta = Meta {
                source_field: failed.field.name().to_owned(),
                rule: failed.rule.name().to_owned(),
            };
            invalid(failed.detail, meta)
        };
        Self { status: 422, entries: failed.into_iter().map(entry).collect(), headers: Vec::new() }
    }

    pub(super) fn not_found() -> Self {
        Self::one(404, "NotFoundHttpException", NOT_FOUND)
    }

    /// Something that stands in the way, in words for people.
    pub(super) fn display(why: &str) -> Self {
        Self::one(400, "DisplayException", why)
    }

    /// A parameter of the query string that cannot be followed.
    pub(super) fn query(code: &'static str, why: &str) -> Self {
        Self::one(400, code, why)
    }

    /// Too many requests; the next one may come in so many seconds.
    pub(super) fn throttled(seconds: u64) -> Self {
        let refusal = Self::one(429, THROTTLED, "Too Many Attempts.");
        refusal.with("retry-after", seconds.to_string())
    }

    pub(super) fn other_method(method: Method, allowed: &'static str) -> Self {
        let subject = match method {
            Method::Get => "The GET method",
            Method::Post => "The POST method",
            Method::Patch => "The PATCH method",
            Method::Delete => "The DELETE method",
            Method::Other => "The method",
        };
        let why =
            format!("{subject} is not supported for this route. Supported methods: {allowed}.");
        Self::one(405, "MethodNotAllowedHttpException", &why).with("allow", allowed)
    }

    pub(super) fn response(self) -> Response {
        let response = Response::json(self.status, &Errors { errors: &self.entries });
        self.headers
            .into_iter()
            .fold(response, |response, (name, value)| response.with(name, value))
    }

    /// What the clients hear of an error of the native interface.
    fn of(error: &Error) -> Self {
        let refusal = match error.reauthentication() {
            // Unlike other refusals, the caller can do something about this one.
            Some(_) => Self::one(401, "AuthenticationException", error.detail()),
            None => Self::plain(error),
        };
        match (refusal.status, error.retry_after_seconds()) {
            (401, _) => refusal.with("www-authenticate", "Bearer"),
            (_, Some(seconds)) => refusal.with("retry-after", seconds.to_string()),
            (429 | 503, None) => refusal.with("retry-after", "1"),
            (_, None) => refusal,
        }
    }

    #[expect(clippy::too_many_lines, reason = "a line for each code")]
    fn plain(error: &Error) -> Self {
        let detail = error.detail();
        match error.code() {
            Code::MalformedJson => Self::one(400, "BadRequestHttpException", MALFORMED),
            Code::UnknownField
            | Code::InvalidCursor
            | Code::InvalidState
            | Code::OffsetTooLarge => Self::one(400, "BadRequestHttpException", detail),
            Code::Unauthenticated
            | Code::InvalidCredentials
            | Code::TotpRequired
            | Code::ReauthenticationRequired
            | Code::ProviderDenied
            | Code::ProviderRefused
            | Code::LinkRequired => Self::one(401, "AuthenticationException", "Unauthenticated."),
            Code::Forbidden
            | Code::ForbiddenField
            | Code::NotRegistered
            | Code::Suspended
            | Code::InviteEmail
            | Code::OwnSignIn
            | Code::EmailUnverified
            | Code::EmailRequired => {
                Self::one(403, "AccessDeniedHttpException", "This action is unauthorized.")
            }
            Code::NotFound => Self::not_found(),
            Code::MethodNotAllowed => Self::one(405, "MethodNotAllowedHttpException", detail),
            Code::RequestTimeout => Self::one(408, "HttpException", detail),
            Code::EmailTaken => Self::invalid(vec![Failed::taken(Field::Email)]),
            Code::UsernameTaken => Self::invalid(vec![Failed::taken(Field::Username)]),
            Code::ExternalIdTaken => Self::invalid(vec![Failed::taken(Field::ExternalId)]),
            Code::NumberTaken
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
            | Code::ReplyLost => Self::display(detail),
            Code::TooLarge => Self::one(413, "PostTooLargeException", detail),
            Code::UnsupportedMediaType => Self::one(415, UNSUPPORTED, detail),
            Code::ValidationFailed | Code::IdempotencyMismatch => Self::native_faults(error),
            Code::TooManyUsers => {
                let meta = Meta { source_field: "filter".to_owned(), rule: "max".to_owned() };
                let entries = vec![invalid(detail.to_owned(), meta)];
                Self { status: 422, entries, headers: Vec::new() }
            }
            Code::TooManyRequests => Self::one(429, THROTTLED, "Too Many Attempts."),
            Code::Internal => Self::one(500, "HttpException", UNEXPECTED),
            Code::Unavailable | Code::ProviderUnavailable => {
                Self::one(503, "ServiceUnavailableHttpException", "Service Unavailable")
            }
        }
    }

    /// Rules of the native interface that the panel does not have.
    fn native_faults(error: &Error) -> Self {
        let mut entries: Vec<Entry> = error.fields().iter().map(native_fault).collect();
        if entries.is_empty() {
            entries.push(plain_entry(422, "ValidationException", error.detail()));
        }
        Self { status: 422, entries, headers: Vec::new() }
    }

    fn one(status: u16, code: &'static str, detail: &str) -> Self {
        Self { status, entries: vec![plain_entry(status, code, detail)], headers: Vec::new() }
    }

    fn with(mut self, header: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((header, value.into()));
        self
    }
}

fn plain_entry(status: u16, code: &'static str, detail: &str) -> Entry {
    Entry { code, status: status.to_string(), detail: detail.to_owned(), meta: None }
}

/// A fault of a native field, told of the panel's.
fn native_fault(fault: &Fault) -> Entry {
    let Fault { field: native, code, detail } = fault;
    let Some(field) = Field::of_native(native) else {
        let meta = Meta { source_field: native.clone(), rule: (*code).to_owned() };
        return invalid(detail.clone(), meta);
    };
    let detail = match detail.strip_prefix(native.as_str()) {
        Some(rest) => format!("The {}{rest}.", field.label()),
        None => detail.clone(),
    };
    let meta =
        Meta { source_field: field.name().to_owned(), rule: field.rule_of_native(code).to_owned() };
    invalid(detail, meta)
}

fn invalid(detail: String, meta: Meta) -> Entry {
    Entry { code: "ValidationException", status: "422".to_owned(), detail, meta: Some(meta) }
}
