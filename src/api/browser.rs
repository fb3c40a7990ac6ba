//! Which calls work with the cookie of a browser, and which of them may.

use serde_json::Value;

use super::call::Request;
use crate::{
    contract::{Call, CookieUse, Endpoint},
    cookie::{Cookie, Untrusted},
    error::{Code, Error, Result},
};

/// The cookie that a call works with, if it does.
///
/// # Errors
/// Why it may not; `unauthenticated` for a refresh that brings no token at all.
pub(super) fn cookie_of(endpoint: &Endpoint, request: &mut Request) -> Result<Option<Cookie>> {
    let browser = std::mem::take(&mut request.browser);
    let is_given = |name: &str| request.body.get(name).is_some_and(|value| !value.is_null());
    match endpoint.cookie {
        CookieUse::Gives => {
            let is_asked = request.body.get("cookie") == Some(&Value::Bool(true));
            if is_asked { browser.cookie().map(Some) } else { Ok(None) }
        }
        CookieUse::Takes if !is_given("refreshToken") => {
            let is_page = !matches!(browser.page, Err(Untrusted::NoOrigin | Untrusted::PlainHttp));
            let held =
                if is_page || browser.token.is_some() { browser.cookie()?.token } else { None };
            let token = held.ok_or_else(|| {
                let why = "Send refreshToken or, from a web page, the cookie of a sign-in with cookie: true.";
                Error::new(Code::Unauthenticated, why)
            })?;
            Ok(Some(Cookie { token: Some(token) }))
        }
        // A caller with an access token needs no cookie.
        CookieUse::Clears => Ok(browser.cookie().ok()),
        CookieUse::Takes | CookieUse::None => Ok(None),
    }
}

/// Whether a call's reply may be kept for repetitions of it: one with tokens is for this caller, only once.
pub(super) fn is_repeatable(endpoint: &Endpoint, request: &Request) -> bool {
    let brings_tokens =
        endpoint.call == Call::IdentityCreate && request.body.contains_key("invite");
    endpoint.repeatable && !brings_tokens
}
