//! Errors on the wire: problem details (RFC 9457).

use http_body_util::Full;
use hyper::{
    Method, Response, StatusCode,
    body::Bytes,
    header::{self, HeaderValue},
};
use serde::Serialize;

use super::with_type;
use crate::{
    error::{Code, Error, Existing, Fault},
    model::id::RequestId,
};

const PROBLEM: HeaderValue = HeaderValue::from_static("application/problem+json");

/// RFC 9457, with the extension members `code`, `requestId` and `errors`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Problem<'a> {
    r#type: String,
    title: &'static str,
    status: u16,
    detail: &'a str,
    code: &'static str,
    request_id: String,
    /// In seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    max_age: Option<u64>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    confirm_by: &'a [&'a str],
    /// What `provider/link` takes.
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<&'a str>,
    /// Until when.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    existing: Option<Existing>,
    #[serde(skip_serializing_if = "<[Fault]>::is_empty")]
    errors: &'a [Fault],
}

pub(super) fn problem(error: &Error, id: RequestId, had_token: bool) -> Response<Full<Bytes>> {
    let code = error.code();
    let problem = Problem {
        r#type: format!("urn:guestlist:error:{}", code.name()),
        title: code.title(),
        status: code.status(),
        detail: error.detail(),
        code: code.name(),
        request_id: id.to_string(),
        max_age: error.reauthentication().map(|it| it.max_age.as_secs()),
        confirm_by: error.reauthentication().map_or(&[], |it| it.confirm_by),
        link: error.ticket().map(|ticket| ticket.link.as_str()),
        expires: error.ticket().map(|ticket| ticket.expires.to_string()),
        existing: error.existing(),
        errors: error.fields(),
    };
    let bytes = serde_json::to_vec(&problem).unwrap_or_default();
    let mut response = with_type(Response::new(Full::from(bytes)), PROBLEM);
    *response.status_mut() =
        StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    if let Some(seconds) = error.retry_after_seconds() {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    if code.status() == 401 {
        headers.insert(header::WWW_AUTHENTICATE, challenge(error, had_token));
    }
    response
}

/// What is wrong with the token, if one was shown: it proves nothing (RFC 6750, section 3), or no more than
/// that its person has to sign in again (RFC 9470, section 3).
pub(super) fn challenge(error: &Error, had_token: bool) -> HeaderValue {
    let plain = HeaderValue::from_static("Bearer realm=\"guestlist\"");
    let kind = if error.code() == Code::ReauthenticationRequired {
        "insufficient_user_authentication"
    } else if had_token && error.code() == Code::Unauthenticated {
        "invalid_token"
    } else {
        return plain;
    };
    let detail = error.detail().replace(['"', '\\'], "'");
    let max_age = error.reauthentication().map(|it| it.max_age.as_secs());
    let max_age = max_age.map_or(String::new(), |seconds| format!(", max_age=\"{seconds}\""));
    let text = format!(
        "Bearer realm=\"guestlist\", error=\"{kind}\", error_description=\"{detail}\"{max_age}"
    );
    HeaderValue::from_str(&text).unwrap_or(plain)
}

/// What is answered to a method that would do more than read, where there is nothing else to do.
pub(super) fn unless_read(id: RequestId, method: &Method) -> Option<Response<Full<Bytes>>> {
    let reads = method == Method::GET || method == Method::HEAD;
    (!reads).then(|| method_not_allowed(id, "GET, HEAD"))
}

pub(super) fn method_not_allowed(id: RequestId, allow: &'static str) -> Response<Full<Bytes>> {
    let why = format!("This path takes only {allow}.");
    let mut response = problem(&Error::new(Code::MethodNotAllowed, why), id, false);
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(allow));
    response
}
