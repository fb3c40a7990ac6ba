//! The cookie of browsers, as requests bring it and replies change it.

use cookie::{Cookie, SameSite};
use hyper::{
    HeaderMap,
    header::{self, HeaderName, HeaderValue},
};
use time::Duration;

use crate::{
    cookie::{Browser, CookieChange, CookieRules, Untrusted},
    model::refresh_token::RefreshToken,
};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// What a browser says along with a request.
pub(super) fn browser(rules: &CookieRules, headers: &HeaderMap) -> Browser {
    let page = match (only(headers, &header::ORIGIN), only(headers, &SEC_FETCH_SITE)) {
        (Ok(origin), Ok(site)) => rules.page(origin, site),
        _ => Err(Untrusted::OtherOrigin),
    };
    let token = rules.name.as_deref().and_then(|name| only_cookie(headers, name));
    let token = token.and_then(RefreshToken::parse).map(Box::new);
    Browser { token, page }
}

/// A header's value, if it is there once.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, ()> {
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else { return Ok(None) };
    match (value.to_str(), values.next()) {
        (Ok(value), None) => Ok(Some(value)),
        _ => Err(()),
    }
}

/// The value of a cookie, if it is there once: of two, one has been set by somebody else. Whatever other cookies
/// there are, and in whatever encoding, does not matter.
fn only_cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(header::COOKIE).iter().map(HeaderValue::as_bytes);
    let pairs = lines.flat_map(|line| line.split(|byte| *byte == b';')).map(trimmed);
    let value = |pair: &'a [u8]| pair.strip_prefix(name.as_bytes())?.strip_prefix(b"=");
    let mut values = pairs.filter_map(value);
    let only = values.next()?;
    if values.next().is_some() {
        return None;
    }
    str::from_utf8(only).ok()
}

/// Without the white space that HTTP knows (RFC 9110, section 5.6.3), and no other.
fn trimmed(bytes: &[u8]) -> &[u8] {
    let is_text = |byte: &u8| *byte != b' ' && *byte != b'\t';
    let begin = bytes.iter().position(is_text).unwrap_or(bytes.len());
    let end = bytes.iter().rposition(is_text).map_or(begin, |at| at + 1);
    bytes.get(begin..end).unwrap_or_default()
}

/// The value of `Set-Cookie` for what a reply does to the cookie.
pub(super) fn set_cookie(rules: &CookieRules, change: CookieChange) -> Option<HeaderValue> {
    let (token, seconds) = match change {
        CookieChange::Set { token, seconds } => (token.reveal(), i64::try_from(seconds).ok()?),
        CookieChange::Clear => (String::new(), 0),
    };
    let cookie = Cookie::build((rules.name.as_deref()?, token))
        .http_only(true)
        .secure(rules.is_secure)
        .same_site(SameSite::Strict)
        .path(rules.path.clone())
        .max_age(Duration::seconds(seconds));
    let mut value = HeaderValue::from_str(&cookie.to_string()).ok()?;
    value.set_sensitive(true);
    Some(value)
}
