//! Which pages of other origins may call (Fetch standard, CORS).

use http_body_util::Full;
use hyper::{
    HeaderMap, Response, StatusCode,
    body::Bytes,
    header::{self, HeaderValue},
};

use crate::http::Http;

/// How long browsers may remember the answer to a preflight, in seconds.
const PREFLIGHT_MAX_AGE: HeaderValue = HeaderValue::from_static("600");
/// What pages may send to an interface.
pub(super) struct Allowed {
    methods: HeaderValue,
    headers: HeaderValue,
}

/// To the native one.
pub(super) const NATIVE: Allowed = Allowed {
    methods: HeaderValue::from_static("POST, OPTIONS"),
    headers: HeaderValue::from_static("authorization, content-type, idempotency-key, x-account-id"),
};
/// To a façade.
pub(super) const FACADE: Allowed = Allowed {
    methods: HeaderValue::from_static("GET, POST, PATCH, DELETE, OPTIONS"),
    headers: HeaderValue::from_static("authorization, content-type, x-access-token, x-account-id"),
};
pub(super) const EXPOSED_HEADERS: HeaderValue = HeaderValue::from_static(
    "idempotency-replayed, retry-after, x-ratelimit-limit, x-ratelimit-remaining, \
     x-ratelimit-reset, x-request-id",
);

/// The answer to a CORS preflight (Fetch standard); origins that are not configured get nothing.
pub(super) fn preflight(
    http: &Http,
    headers: &HeaderMap,
    allowed: &Allowed,
) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = StatusCode::NO_CONTENT;
    let answer = response.headers_mut();
    answer.insert(header::ALLOW, allowed.methods.clone());
    if allowed_origin(http, headers).is_some() {
        answer.insert(header::ACCESS_CONTROL_ALLOW_METHODS, allowed.methods.clone());
        answer.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, allowed.headers.clone());
        answer.insert(header::ACCESS_CONTROL_MAX_AGE, PREFLIGHT_MAX_AGE);
    }
    response
}

/// Whether pages of an origin that is allowed may send the cookie along, too: only if it is named itself.
pub(super) fn allows_cookies(http: &Http, origin: &HeaderValue) -> bool {
    http.cookies.name.is_some() && origin.to_str().is_ok_and(|origin| http.cookies.trusts(origin))
}

/// The origin to allow, if the request names one that is configured.
pub(super) fn allowed_origin(http: &Http, headers: &HeaderMap) -> Option<HeaderValue> {
    let origin = headers.get(header::ORIGIN)?;
    let text = origin.to_str().ok()?;
    let known = http.cors_origins.iter().any(|allowed| allowed == "*" || allowed == text);
    known.then(|| origin.clone())
}
