//! What every answer says to browsers, so that none of it is taken for a page, framed, or guessed at.

use hyper::{
    HeaderMap,
    header::{self, HeaderName, HeaderValue},
};

use super::Target;
use crate::http::Http;

/// Nothing but the console is a page.
const NO_PAGE: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'",
);
/// A year, for this host alone: of others below it the service cannot know whether they have TLS.
const STRICT_TRANSPORT: HeaderValue = HeaderValue::from_static("max-age=31536000");
const SAME_ORIGIN: HeaderValue = HeaderValue::from_static("same-origin");
const CROSS_ORIGIN: HeaderValue = HeaderValue::from_static("cross-origin");
/// For all answers.
const ALWAYS: [(HeaderName, HeaderValue); 3] = [
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
];
const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// Adds what is missing. Policies that an answer has of its own stay.
pub(super) fn secure(http: &Http, target: Target<'_>, headers: &mut HeaderMap) {
    headers.entry(header::CACHE_CONTROL).or_insert(super::NO_STORE);
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(NO_PAGE);
    for (name, value) in ALWAYS {
        headers.insert(name, value);
    }
    // Pages of origins that may call read replies by CORS, which this does not touch; what all may read is public.
    let policy = match target {
        Target::Page(_) | Target::Logo(_) => CROSS_ORIGIN,
        Target::Console(_)
        | Target::WayBack(_)
        | Target::Facade(_)
        | Target::Call(_)
        | Target::Nothing => SAME_ORIGIN,
    };
    headers.insert(RESOURCE_POLICY, policy);
    // Browsers heed these in answers over TLS alone, so they are said only where the service is called so.
    if http.public_url.is_https() {
        headers.insert(OPENER_POLICY, SAME_ORIGIN);
        headers.insert(header::STRICT_TRANSPORT_SECURITY, STRICT_TRANSPORT);
    }
}
