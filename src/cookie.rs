//! The cookie that holds the refresh token of a session in a browser: which one it is, whose pages may work with
//! it, and what a reply does to it.
//!
//! Browsers send it along with whatever any page asks for; so each call that sets, reads or clears it must
//! come from a page that is known (`Origin`), of the same site (`Sec-Fetch-Site`).

use crate::{
    error::{Code, Error, Fault, Result},
    model::refresh_token::RefreshToken,
    public_url::PublicUrl,
    secret::sha256,
};

/// Which cookie it is, and whose pages may work with it.
pub struct CookieRules {
    /// What it is called, if browsers would keep it.
    pub name: Option<String>,
    /// Whether browsers send it by https alone.
    pub is_secure: bool,
    /// Below which path they send it.
    pub path: String,
    /// The origins whose pages may work with it, each as browsers write it.
    origins: Vec<String>,
}

/// What a browser says along with a call.
#[derive(Clone)]
pub struct Browser {
    /// The refresh token in the cookie, if there is one.
    pub token: Option<Box<RefreshToken>>,
    /// Whether the page that calls may work with the cookie.
    pub page: Result<(), Untrusted>,
}

/// A cookie that a call may work with.
#[derive(Clone)]
pub struct Cookie {
    /// The refresh token in it, if it is there yet.
    pub token: Option<Box<RefreshToken>>,
}

/// Why a page may not work with the cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Untrusted {
    /// No browser keeps such a cookie there.
    PlainHttp,
    /// It is no page of a browser.
    NoOrigin,
    /// It is of an origin that nobody has named.
    OtherOrigin,
    /// It is of another site.
    OtherSite,
}

/// What a reply does to the cookie.
#[derive(Clone, PartialEq, Eq)]
pub enum CookieChange {
    /// It holds this refresh token from now on.
    Set {
        /// The token.
        token: Box<RefreshToken>,
        /// For how long, in seconds.
        seconds: u64,
    },
    /// It is gone.
    Clear,
}

impl CookieRules {
    /// The rules of a service at that URL, which pages of these origins call; `*` does not count.
    pub fn new(url: &PublicUrl, cors_origins: &[String]) -> Self {
        let (is_secure, is_kept) = (url.is_https(), url.is_https() || url.is_loopback());
        let digest = sha256(url.as_str().as_bytes());
        let start = digest.first_chunk().copied().unwrap_or_default();
        let digits = format!("{:08x}", u32::from_be_bytes(start));
        // Services on one host share its cookies, whatever their ports and paths are. The prefix: no other host and no plain http sets a cookie of that name (RFC 6265bis, section 4.1.3.2).
        let prefix = if is_secure { "__Host-" } else { "" };
        // An attacker who changes plain http pages on the way must not get access by them.
        let fits =
            |origin: &&String| *origin != "*" && (!is_secure || origin.starts_with("https:"));
        let listed = cors_origins.iter().filter(fits);
        let path = if is_secure || url.path().is_empty() { "/" } else { url.path() };
        Self {
            name: is_kept.then(|| format!("{prefix}guestlist-{digits}")),
            is_secure,
            path: path.to_owned(),
            origins: std::iter::once(url.origin()).chain(listed.cloned()).collect(),
        }
    }

    /// Whether pages of that origin may work with the cookie.
    pub fn trusts(&self, origin: &str) -> bool {
        self.origins.iter().any(|known| known == origin)
    }

    /// Whether a page of that `Origin`, whose request is said to be of that `Sec-Fetch-Site`, may work with the
    /// cookie.
    ///
    /// # Errors
    /// Why not.
    pub fn page(&self, origin: Option<&str>, site: Option<&str>) -> Result<(), Untrusted> {
        if self.name.is_none() {
            return Err(Untrusted::PlainHttp);
        }
        let origin = origin.ok_or(Untrusted::NoOrigin)?;
        if !self.trusts(origin) {
            return Err(Untrusted::OtherOrigin);
        }
        if site == Some("cross-site") { Err(Untrusted::OtherSite) } else { Ok(()) }
    }
}

impl Browser {
    /// The cookie, for a call that is to work with it.
    ///
    /// # Errors
    /// `forbidden` for a page that may not; `validation_failed` where browsers keep none.
    pub fn cookie(self) -> Result<Cookie> {
        self.page.map_err(Error::from)?;
        Ok(Cookie { token: self.token })
    }
}

impl Default for Browser {
    fn default() -> Self {
        Self { token: None, page: Err(Untrusted::NoOrigin) }
    }
}

impl From<Untrusted> for Error {
    fn from(untrusted: Untrusted) -> Self {
        let why = match untrusted {
            Untrusted::PlainHttp => {
                let why = "cookie needs a public_url with https, or with http on localhost: otherwise browsers do \
                           not keep it. Leave it out, and keep the refreshToken";
                return Self::faults(
                    Code::ValidationFailed,
                    vec![Fault::new("cookie", "unavailable", why)],
                );
            }
            Untrusted::NoOrigin => {
                "The cookie is for pages in browsers, which send Origin. Leave it out, and send the refreshToken."
            }
            Untrusted::OtherOrigin => {
                "Pages of this Origin cannot use the cookie: it must be the origin of public_url, or be listed in \
                 cors_origins (* does not count)."
            }
            Untrusted::OtherSite => {
                "Browsers do not send the cookie from pages of other sites. Leave it out, and keep the refreshToken."
            }
        };
        Self::new(Code::Forbidden, why)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(url: &str, origins: &[&str]) -> CookieRules {
        let origins: Vec<String> = origins.iter().map(ToString::to_string).collect();
        CookieRules::new(&PublicUrl::parse(url).unwrap(), &origins)
    }

    #[test]
    fn each_service_has_a_cookie_of_its_own() {
        let name = |url| rules(url, &[]).name;
        let https = name("https://example.com/auth").unwrap();
        assert!(https.starts_with("__Host-guestlist-") && https.len() == 25, "{https}");
        assert_ne!(name("https://example.com/other"), Some(https));
        let (one, other) = (name("http://localhost:8080"), name("http://localhost:8081"));
        assert!(one != other && one.unwrap().starts_with("guestlist-"));
        assert_eq!(name("http://192.168.0.7:8080"), None);
        assert_eq!(name("http://nas.lan"), None);
    }

    #[test]
    fn pages_are_known_by_their_exact_origin() {
        let listed = ["https://app.example.com", "http://old.example.com", "*"];
        let rules = rules("https://example.com:443/auth", &listed);
        let page = |origin, site| rules.page(origin, site);
        assert_eq!(page(Some("https://example.com"), Some("same-origin")), Ok(()));
        assert_eq!(page(Some("https://app.example.com"), Some("same-site")), Ok(()));
        assert_eq!(page(Some("https://app.example.com"), None), Ok(()));
        for other in [
            "null",
            "http://old.example.com",
            "*",
            "",
            "http://example.com",
            "https://example.com:443",
            "https://evil.example.com",
        ] {
            assert_eq!(
                page(Some(other), Some("same-origin")),
                Err(Untrusted::OtherOrigin),
                "{other}"
            );
        }
        assert_eq!(page(None, None), Err(Untrusted::NoOrigin));
        assert_eq!(
            page(Some("https://example.com"), Some("cross-site")),
            Err(Untrusted::OtherSite)
        );
    }

    #[test]
    fn plain_http_has_no_cookie_but_on_this_machine() {
        let page = |url, origin| rules(url, &[]).page(Some(origin), None);
        assert_eq!(page("http://nas.lan:8080", "http://nas.lan:8080"), Err(Untrusted::PlainHttp));
        assert_eq!(page("http://[::1]:8080", "http://[::1]:8080"), Ok(()));
        assert_eq!(
            page("http://localhost:8080", "http://127.0.0.1:8080"),
            Err(Untrusted::OtherOrigin)
        );
    }
}
