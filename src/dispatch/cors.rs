//! Which pages of other origins may call (Fetch standard, CORS).

use http_body_util::Full;
use hyper::{
    HeaderMap, Response, StatusCode,
    body::Bytes,
    header::{self, HeaderValue},
};

use crate::app::App;

/// How long browsers may remember the answer to a preflight, in seconds.
const PREFLIGHT_MAX_AGE: HeaderValue = HeaderValue::from_static("600");
const ALLOWED_METHODS: HeaderValue = HeaderValue::from_static("POST, OPTIONS");
const ALLOWED_HEADERS: HeaderValue =
    HeaderValue::from_static("authorization, content-type, idempotency-key");
pub(super) const EXPOSED_HEADERS: HeaderValue =
    HeaderValue::from_static("idempotency-replayed, retry-after, x-request-id");

/// The answer to a CORS preflight (Fetch standard); origins that are not configured get nothing.
pub(super) fn preflight(app: &App, headers: &HeaderMap) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = StatusCode::NO_CONTENT;
    let answer = response.headers_mut();
    answer.insert(header::ALLOW, ALLOWED_METHODS);
    if allowed_origin(app, headers).is_some() {
        answer.insert(header::ACCESS_CONTROL_ALLOW_METHODS, ALLOWED_METHODS);
        answer.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, ALLOWED_HEADERS);
        answer.insert(header::ACCESS_CONTROL_MAX_AGE, PREFLIGHT_MAX_AGE);
    }
    response
}

/// The origin to allow, if the request names one that is configured.
pub(super) fn allowed_origin(app: &App, headers: &HeaderMap) -> Option<HeaderValue> {
    let origin = headers.get(header::ORIGIN)?;
    let text = origin.to_str().ok()?;
    let known = app.cors_origins.iter().any(|allowed| allowed == "*" || allowed == text);
    known.then(|| origin.clone())
}
