//! The URL that the service has for those outside: what its tokens call their issuer, and where links lead.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
};

/// An `http` or `https` URL without query, fragment, user or trailing slash, such as
/// `https://example.com/auth`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl(String);

impl PublicUrl {
    /// Reads a URL; a slash at its end does not count.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim_end_matches('/');
        let (scheme, rest) = text.split_once("://")?;
        let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let host_fits =
            |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_.:[]".contains(c);
        let path_fits = |c: char| c.is_ascii_alphanumeric() || "/-_.~".contains(c);
        // One spelling for each URL: tokens are compared by it, letter by letter.
        let fits = (scheme == "http" || scheme == "https")
            && !host.is_empty()
            && host.chars().all(host_fits)
            && port_fits(host)
            && path.chars().all(path_fits)
            && !path.contains("//")
            && !path.split('/').any(|part| part == "." || part == "..");
        fits.then(|| Self(text.to_owned()))
    }

    /// The URL of a service that listens there, seen from the same machine where it could be that. The port 0
    /// stands for one that is known later.
    pub fn of_listener(address: SocketAddr, base_path: &str) -> Self {
        let ip = address.ip();
        let port = address.port();
        if ip.is_loopback() || ip.is_unspecified() {
            Self(format!("http://localhost:{port}{base_path}"))
        } else {
            Self(format!("http://{address}{base_path}"))
        }
    }

    /// The URL itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its path: empty, or begins with a slash.
    pub fn path(&self) -> &str {
        self.parts().2
    }

    /// Whether it is one of https.
    pub fn is_https(&self) -> bool {
        self.parts().0 == "https"
    }

    /// Its host: a domain, or an IP address without brackets.
    pub fn host(&self) -> &str {
        let (_, host, _) = self.parts();
        let host = match host.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
            _ => host,
        };
        host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host)
    }

    /// Whether it leads to the machine that asks for it, and nowhere else.
    pub fn is_loopback(&self) -> bool {
        let host = self.host();
        host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
    }

    /// The origin of its pages, as browsers write it.
    pub fn origin(&self) -> String {
        let (scheme, host, _) = self.parts();
        let usual_port = if scheme == "https" { ":443" } else { ":80" };
        format!("{scheme}://{}", host.strip_suffix(usual_port).unwrap_or(host))
    }

    /// The scheme, the host with its port, and the path.
    fn parts(&self) -> (&str, &str, &str) {
        let (scheme, rest) = self.0.split_once("://").unwrap_or_default();
        let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        (scheme, host, path)
    }
}

/// Whether the port of a host, if it has one, is written as browsers write it.
fn port_fits(host: &str) -> bool {
    match host.rsplit_once(':') {
        Some((_, port)) if !port.ends_with(']') => {
            !port.starts_with('0') && port.parse::<u16>().is_ok()
        }
        Some(_) | None => true,
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_url_has_one_spelling() {
        let read = |text| PublicUrl::parse(text).map(|url| url.to_string());
        for (text, url) in [
            ("https://auth.example.com", "https://auth.example.com"),
            ("https://example.com/auth/", "https://example.com/auth"),
            ("http://localhost:8080", "http://localhost:8080"),
            ("http://[::1]:8080/a", "http://[::1]:8080/a"),
            ("http://[::1]", "http://[::1]"),
            ("http://my_app:3000", "http://my_app:3000"),
        ] {
            assert_eq!(read(text).as_deref(), Some(url));
        }
        for wrong in [
            "example.com",
            "ftp://example.com",
            "https://",
            "https:///auth",
            "https://Example.com",
            "https://example.com:",
            "https://example.com:0443",
            "https://example.com:65536",
            "https://u:p@example.com",
            "https://example.com?a",
            "https://example.com/#a",
            "https://example.com/a//b",
            "https://example.com/a/../b",
            "https://example.com/a b",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_listener_has_a_url_of_its_own() {
        let of =
            |address: &str| PublicUrl::of_listener(address.parse().unwrap(), "/api").to_string();
        assert_eq!(of("127.0.0.1:8080"), "http://localhost:8080/api");
        assert_eq!(of("[::1]:8080"), "http://localhost:8080/api");
        assert_eq!(of("0.0.0.0:80"), "http://localhost:80/api");
        assert_eq!(of("10.0.0.7:8080"), "http://10.0.0.7:8080/api");
        assert_eq!(of("[2001:db8::1]:8080"), "http://[2001:db8::1]:8080/api");
    }

    #[test]
    fn its_origin_is_written_as_browsers_write_it() {
        let origin = |text| PublicUrl::parse(text).unwrap().origin();
        assert_eq!(origin("https://example.com/auth"), "https://example.com");
        assert_eq!(origin("https://example.com:443/auth"), "https://example.com");
        assert_eq!(origin("https://example.com:80"), "https://example.com:80");
        assert_eq!(origin("http://localhost:80"), "http://localhost");
        assert_eq!(origin("http://[::1]:8080/a"), "http://[::1]:8080");
    }

    #[test]
    fn a_loopback_url_leads_to_the_own_machine() {
        let is_loopback = |text| PublicUrl::parse(text).unwrap().is_loopback();
        for text in [
            "http://localhost",
            "http://localhost:8080/a",
            "http://127.0.0.1:1",
            "http://[::1]:8080",
        ] {
            assert!(is_loopback(text), "{text}");
        }
        for text in [
            "http://localhost.example.com",
            "http://10.0.0.7:80",
            "http://[fe80::1]:80",
            "http://nas.lan",
        ] {
            assert!(!is_loopback(text), "{text}");
        }
    }

    #[test]
    fn the_path_begins_with_a_slash_or_is_empty() {
        let path = |text| PublicUrl::parse(text).unwrap().path().to_owned();
        assert_eq!(path("https://example.com/auth/a"), "/auth/a");
        assert_eq!(path("https://example.com"), "");
    }
}
