//! Settings that are allowed and not safe, each with what to do: the warnings of `guestlist check`.

use std::{net::IpAddr, path::Path};

use crate::config::{Settings, TableSettings};

/// The fewest bits that a range of trusted proxies should have: fewer are a whole provider's network, in which anyone
/// could claim any address.
const MIN_PROXY_BITS: [u8; 2] = [16, 32];

/// What is not safe: the setting, and what to do.
pub(super) fn warnings(settings: &Settings) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    let mut warn = |setting, why: String| found.push((setting, why));
    if let Some(url) = &settings.mail.smtp_url
        && url.is_in_the_clear()
    {
        let why = "emails with codes are sent unencrypted; set smtps://… or smtp://…?tls=required";
        warn("smtp_url", why.to_owned());
    }
    if settings.rules.open_registration {
        let why = "anyone can sign up and create accounts; set registration = \"invite\" unless you want that";
        warn("registration", why.to_owned());
    }
    if settings.rules.invite_any_email {
        let why = "anyone who gets hold of an invite can accept it with another email; set invite_any_email = false";
        warn("invite_any_email", why.to_owned());
    }
    let is_local = settings.listen.ip().is_loopback() && is_local(settings);
    if settings.metrics && !is_local {
        let why = "anyone who can reach the service can read /metrics; set metrics = \"off\", or have the proxy \
            refuse the path";
        warn("metrics", why.to_owned());
    }
    if settings.cors_origins.iter().any(|origin| origin == "*") {
        let why =
            "pages of every origin can call the service; replace * with the origins of your apps";
        warn("cors_origins", why.to_owned());
    }
    for issuer in settings.issuers.iter().filter(|issuer| issuer.insecure_http) {
        let why = format!(
            "the keys of {} may be fetched over http://, so an attacker on the network could replace them and sign \
             in as anyone; use it only in a private network",
            issuer.name()
        );
        warn("insecure_http", why);
    }
    warn_of_urls(settings, &mut warn);
    warn_of_proxies(settings, &mut warn);
    if settings.log.codes {
        let why = "one-time codes are logged, so readers of the log can use them; remove this setting, and run \
                   guestlist setup-code for the setup code";
        warn("log_codes", why.to_owned());
    }
    if let TableSettings::Sqlite(folder) = &settings.table
        && is_open_to_others(&folder.join("secret"))
    {
        let path = folder.join("secret").display().to_string();
        let why = format!("other users of this machine can read {path}; run: chmod 600 {path}");
        warn("secret", why);
    }
    found
}

fn warn_of_urls(settings: &Settings, warn: &mut impl FnMut(&'static str, String)) {
    let url = settings.public_url();
    if !url.is_https() && !url.is_loopback() {
        let why = format!(
            "{url} is without TLS, so passwords and tokens can be intercepted; put a proxy with TLS in front of the \
             service, and set public_url to its https:// URL"
        );
        warn("public_url", why);
    }
    let app_url = settings.app_url();
    let is_clear = app_url.starts_with("http://") && !is_loopback_host(host_of(&app_url));
    if is_clear && settings.app_url.is_some() {
        let why =
            format!("links with codes open {app_url}, which is without TLS; set an https:// URL");
        warn("app_url", why);
    }
}

fn warn_of_proxies(settings: &Settings, warn: &mut impl FnMut(&'static str, String)) {
    let trusted = &settings.proxies.trusted;
    // The service itself speaks no TLS, so there is a proxy that does.
    if settings.public_url().is_https() && trusted.is_empty() {
        let why = "all calls seem to come from the proxy in front of the service, so one attacker who guesses \
                   passwords locks out everyone; set the proxy's address";
        warn("trusted_proxies", why.to_owned());
    }
    let [least_v4, least_v6] = MIN_PROXY_BITS;
    for range in trusted {
        let least = if range.addr().is_ipv4() { least_v4 } else { least_v6 };
        if range.prefix_len() < least {
            let why = format!(
                "every client in {range} can claim any address; list only the addresses of your proxies"
            );
            warn("trusted_proxies", why);
        }
    }
}

fn is_local(settings: &Settings) -> bool {
    settings.public_url.as_ref().is_none_or(crate::public_url::PublicUrl::is_loopback)
}

/// The host of a URL, without its port.
fn host_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    match host.strip_prefix('[').and_then(|host| host.split_once(']')) {
        Some((address, _)) => address,
        None => host.split(':').next().unwrap_or_default(),
    }
}

/// Whether a host is this machine: by its address, or by the one name that always is.
fn is_loopback_host(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Whether others than the owner may read the file, if it is there.
fn is_open_to_others(path: &Path) -> bool {
    crate::private_file::is_open_to_others(path).unwrap_or(false)
}
