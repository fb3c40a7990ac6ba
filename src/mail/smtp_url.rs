//! Where the mail server is, and how safe the way there is.

use std::{borrow::Cow, fmt, net::IpAddr};

use url::{Host, Url};

/// What protects a connection to the mail server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protection {
    /// TLS from the start.
    Tls,
    /// TLS after STARTTLS, without which nothing is sent.
    StartTls,
    /// Nothing.
    None,
}

impl Protection {
    /// Its name on the wire.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Tls => "implicit",
            Self::StartTls => "starttls",
            Self::None => "none",
        }
    }
}

/// A mail server's URL: `smtp://…` or `smtps://…`.
///
/// Emails carry codes that open accounts, so the way to a server on another machine is by TLS unless the
/// URL says otherwise, with `?tls=none`.
#[derive(Clone, PartialEq, Eq)]
pub struct SmtpUrl {
    /// Without the brackets of an IPv6 address.
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) protection: Protection,
    pub(super) credentials: Option<(String, String)>,
}

impl SmtpUrl {
    /// Reads the URL.
    ///
    /// # Errors
    /// What is wrong with it, without quoting it: there may be a password in it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let url = Url::parse(text).map_err(|error| format!("is not a URL: {error}"))?;
        let implicit = match url.scheme() {
            "smtp" => false,
            "smtps" => true,
            _ => return Err("must begin with smtp:// or smtps://".to_owned()),
        };
        let host = url.host_str().and_then(host_name).ok_or("names no host")?;
        if url.path().len() > 1 || url.fragment().is_some() {
            return Err(
                "must end with the port or with ?tls=…; set the name for greeting the server with smtp_hello"
                    .to_owned(),
            );
        }
        let protection = protection(&url, implicit, is_local(&host))?;
        let usual_port = match protection {
            Protection::Tls => 465,
            Protection::StartTls => 587,
            Protection::None => 25,
        };
        let port = url.port().unwrap_or(usual_port);
        let credentials = credentials(&url)?;
        Ok(Self { host, port, protection, credentials })
    }

    /// Whether emails go over a network without TLS.
    pub(crate) fn is_in_the_clear(&self) -> bool {
        matches!(self.protection, Protection::None) && !is_local(&self.host)
    }

    /// What to connect to; `localhost` is this machine whatever a name server says.
    pub(super) fn addresses(&self) -> Vec<(String, u16)> {
        if self.host == "localhost" {
            return ["127.0.0.1", "::1"].map(|ip| (ip.to_owned(), self.port)).to_vec();
        }
        vec![(self.host.clone(), self.port)]
    }
}

/// Whether nobody outside this machine sees what goes there.
fn is_local(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn protection(url: &Url, implicit: bool, local: bool) -> Result<Protection, String> {
    let mut said = None;
    for (name, value) in url.query_pairs() {
        if name != "tls" {
            return Err("takes no parameter except tls".to_owned());
        }
        said = Some(value.into_owned());
    }
    match (implicit, said.as_deref()) {
        (true, None) => Ok(Protection::Tls),
        (true, Some(_)) => Err("must not have a parameter tls: smtps:// is TLS already".to_owned()),
        (false, Some("required")) => Ok(Protection::StartTls),
        (false, Some("none")) => Ok(Protection::None),
        (false, Some(_)) => {
            let why =
                "must have tls=required, or tls=none to send passwords and codes in the clear";
            Err(why.to_owned())
        }
        (false, None) if local => Ok(Protection::None),
        (false, None) => Ok(Protection::StartTls),
    }
}

fn credentials(url: &Url) -> Result<Option<(String, String)>, String> {
    let decode = |text: &str| {
        let text = percent_encoding::percent_decode_str(text).decode_utf8();
        text.map(Cow::into_owned).map_err(|_| "has a user or password not in UTF-8")
    };
    match (url.username(), url.password()) {
        ("", None) => Ok(None),
        (_, None) => Err("has a user but no password".to_owned()),
        (user, Some(password)) => Ok(Some((decode(user)?, decode(password)?))),
    }
}

/// Without the user and password.
impl fmt::Display for SmtpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port, protection, .. } = self;
        let scheme = if *protection == Protection::Tls { "smtps" } else { "smtp" };
        if host.contains(':') {
            return write!(f, "{scheme}://[{host}]:{port}");
        }
        write!(f, "{scheme}://{host}:{port}")
    }
}

impl fmt::Debug for SmtpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SmtpUrl({self})")
    }
}

/// A host's name in ASCII, or its IP address without brackets.
pub(crate) fn host_name(text: &str) -> Option<String> {
    let text = percent_encoding::percent_decode_str(text).decode_utf8().ok()?;
    let text = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(&text);
    if text.parse::<IpAddr>().is_ok() {
        return Some(text.to_owned());
    }
    match Host::parse(text) {
        Ok(Host::Domain(name)) => Some(name),
        Ok(Host::Ipv4(_) | Host::Ipv6(_)) | Err(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leaves_this_machine_is_protected() {
        for (text, protection, port) in [
            ("smtp://mail.example.com", Protection::StartTls, 587),
            ("smtp://user:pass@mail.example.com:2525", Protection::StartTls, 2525),
            ("smtp://10.0.0.7", Protection::StartTls, 587),
            ("smtp://localhost.example.com", Protection::StartTls, 587),
            ("smtp://127.example.com", Protection::StartTls, 587),
            ("smtp://mail.example.com?tls=required", Protection::StartTls, 587),
            ("smtp://mail.example.com?tls=none", Protection::None, 25),
            ("smtps://mail.example.com", Protection::Tls, 465),
            ("smtp://localhost", Protection::None, 25),
            ("smtp://user:pass@127.0.0.1:1025", Protection::None, 1025),
            ("smtp://[::1]", Protection::None, 25),
            ("smtp://127.0.0.1?tls=required", Protection::StartTls, 587),
        ] {
            let url = SmtpUrl::parse(text).unwrap();
            assert_eq!((url.protection, url.port), (protection, port), "{text}");
        }
    }

    #[test]
    fn what_is_wrong_with_a_url_is_said_without_its_password() {
        for (text, why) in [
            ("http://example.com", "smtp://"),
            ("smtp://a:hidden@example.com?tls=maybe", "tls=none"),
            ("smtp://a:hidden@example.com?tls=opportunistic", "tls=none"),
            ("smtps://a:hidden@example.com?tls=none", "already"),
            ("smtp://a:hidden@example.com/me.example.com", "smtp_hello"),
            ("smtp://a@example.com", "no password"),
            ("smtp://a:hidden@example.com:port", "port"),
            ("smtp://a:hidden@example.com?auth=plain", "no parameter except tls"),
            ("mail.example.com:25", "smtp://"),
        ] {
            let said = SmtpUrl::parse(text).unwrap_err();
            assert!(said.contains(why) && !said.contains("hidden"), "{text}: {said}");
        }
        let url = SmtpUrl::parse("smtp://a%40b:hidden%21@example.com").unwrap();
        assert_eq!(url.credentials, Some(("a@b".to_owned(), "hidden!".to_owned())));
        assert_eq!(
            format!("{url} {url:?}"),
            "smtp://example.com:587 SmtpUrl(smtp://example.com:587)"
        );
    }

    #[test]
    fn a_host_is_a_domain_or_an_address() {
        let name = |text| host_name(text);
        assert_eq!(name("auth.example.com").as_deref(), Some("auth.example.com"));
        assert_eq!(name("bücher.example").as_deref(), Some("xn--bcher-kva.example"));
        assert_eq!(name("[::1]").as_deref(), Some("::1"));
        assert_eq!(name("10.0.0.7").as_deref(), Some("10.0.0.7"));
        for wrong in ["", "a b", "a\r\nMAIL FROM:<x>", "https://example.com", "a@b"] {
            assert_eq!(name(wrong), None, "{wrong:?}");
        }
    }
}
