//! Where another service can be called.

use std::{fmt, net::IpAddr};

use hyper::Uri;

/// Where another service can be called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebUrl(pub(super) Uri);

/// Where calls may go without TLS, so that others on the way may read and change them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PlainHttp {
    /// To this machine only.
    #[default]
    Loopback,
    /// Anywhere: the settings say that the network is safe.
    Anywhere,
}

/// Why a text is no URL to call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrlFault {
    /// Not an absolute `http` or `https` URL.
    #[error("must be a URL such as https://issuer.example/.well-known/jwks.json")]
    Syntax,
    /// Others on the way could change what is fetched.
    #[error(
        "must begin with https:// (http:// works only for this machine, or with insecure_http = true)"
    )]
    Insecure,
}

impl WebUrl {
    /// Reads a URL.
    pub fn parse(text: &str, plain: PlainHttp) -> Result<Self, UrlFault> {
        let uri: Uri = text.parse().map_err(|_| UrlFault::Syntax)?;
        let host = uri.host().filter(|host| !host.is_empty()).ok_or(UrlFault::Syntax)?;
        match uri.scheme_str() {
            Some("https") => Ok(Self(uri)),
            Some("http") if plain == PlainHttp::Anywhere || is_loopback(host) => Ok(Self(uri)),
            Some("http") => Err(UrlFault::Insecure),
            _ => Err(UrlFault::Syntax),
        }
    }

    pub(super) fn has_tls(&self) -> bool {
        self.0.scheme_str() == Some("https")
    }

    /// Whether what is there is changed on the way no more easily than what is at another place, from which it is named.
    pub(crate) fn is_as_safe_as(&self, other: &Self) -> bool {
        let is_beside = !other.has_tls() && self.0.authority() == other.0.authority();
        self.has_tls() || is_beside
    }

    pub(super) fn is_here(&self) -> bool {
        self.0.host().is_some_and(is_loopback)
    }
}

impl fmt::Display for WebUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(url: &str, expected: Result<(), UrlFault>) {
        assert_eq!(WebUrl::parse(url, PlainHttp::Loopback).map(drop), expected, "{url}");
    }

    #[test]
    fn only_this_machine_may_go_without_tls() {
        check("https://issuer.example/.well-known/jwks.json", Ok(()));
        for host in ["localhost", "LOCALHOST:8080", "127.0.0.1:1", "127.9.9.9", "[::1]:80"] {
            check(&format!("http://{host}/keys"), Ok(()));
        }
        for host in ["issuer.example", "localhost.example", "10.0.0.1", "0.0.0.0", "[::2]"] {
            check(&format!("http://{host}/keys"), Err(UrlFault::Insecure));
            let meant = WebUrl::parse(&format!("http://{host}/keys"), PlainHttp::Anywhere);
            assert!(meant.is_ok(), "{host}");
        }
        for host in ["127.0.0.1.example", "a@issuer.example", "127.0.0.1@issuer.example"] {
            check(&format!("http://{host}/keys"), Err(UrlFault::Insecure));
        }
    }

    #[test]
    fn what_is_no_url_is_refused() {
        for url in
            ["", "/keys", "issuer.example/keys", "ftp://issuer.example", "https://", "https:///a"]
        {
            check(url, Err(UrlFault::Syntax));
        }
    }
}
