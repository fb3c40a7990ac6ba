//! Settings of what stands at the network: which interfaces are served, limits of the listener, proxies
//! before it, what it tells of itself.

use ipnet::IpNet;

use super::{Reader, parsed, sized, within};
use crate::{
    model::id::AccountId,
    proxy::{self, Proxies},
    web::WebProxies,
};

/// An interface besides the native one: another service's, for its clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Facade {
    /// The users of a game panel's application interface (Pterodactyl), below `api/application`.
    Panel,
    /// The users of Meiro, below `users`.
    Meiro,
}

/// What one process takes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The largest request body, in bytes.
    pub body_bytes: usize,
    /// The largest request head, in bytes.
    pub head_bytes: usize,
    /// How long a request's head may take to arrive, and how long a connection may idle.
    pub head_seconds: u64,
    /// How long a request may take as a whole, and how long an answer may wait to be read.
    pub request_seconds: u64,
    /// The most connections at once; a few further ones are there for probes, and all others wait to be accepted.
    pub connections: usize,
    /// The most connections from one address while more than half of all are in use.
    pub connections_per_address: usize,
    /// How long a stop waits, in seconds, before connections are refused.
    pub shutdown_delay_seconds: u64,
}

impl Facade {
    /// All that there are.
    pub const ALL: [Self; 2] = [Self::Panel, Self::Meiro];

    /// The façade's name in settings and metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Panel => "panel",
            Self::Meiro => "meiro",
        }
    }

    /// The façade of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|facade| facade.name() == name)
    }
}

impl Reader {
    pub(super) fn proxies(&mut self) -> Option<Proxies> {
        let form = "an address or a range such as 10.0.0.0/8";
        let trusted = self.list("trusted_proxies", form, ranges).concat();
        let form = "the name of a header that lists addresses, such as x-forwarded-for";
        let header = self.value("proxy_header", form, header);
        Some(Proxies { trusted, header: header? })
    }

    /// The proxies that the environment names, under the names that most programs go by.
    pub(super) fn web_proxies(&mut self) -> WebProxies {
        let mut proxy = |name: &str| {
            let given = self.sources.take_proxy(name)?;
            if !WebProxies::is_proxy(&given) {
                let why = "must be a URL such as http://proxy.example.com:3128";
                self.faults.push(format!("{name}: {why}"));
                return None;
            }
            Some(given)
        };
        let (https, http, all) = (proxy("HTTPS_PROXY"), proxy("HTTP_PROXY"), proxy("ALL_PROXY"));
        let none = self.sources.take_proxy("NO_PROXY");
        WebProxies { https: https.or_else(|| all.clone()), http: http.or(all), none }
    }

    pub(super) fn facades(&mut self) -> Vec<Facade> {
        let listed = |text: &str| {
            let names = text.split(',').map(|name| Facade::parse(name.trim()));
            names.collect::<Option<Vec<Facade>>>()
        };
        let mut facades = self.list("facades", "panel, meiro or panel,meiro", listed).concat();
        facades.sort_unstable();
        facades.dedup();
        facades
    }

    pub(super) fn panel_requests_per_minute(&mut self) -> Option<u32> {
        let form = "a whole number from 0 to 4294967295";
        self.value("panel_requests_per_minute", form, parsed)
    }

    pub(super) fn meiro_account(&mut self) -> Option<AccountId> {
        let form = "empty, or the id of an account, as account/find replies it";
        let text = self.value("meiro_account", form, |text| {
            let text = text.trim();
            (text.is_empty() || AccountId::parse(text).is_some()).then(|| text.to_owned())
        });
        text.and_then(|text| AccountId::parse(&text))
    }

    pub(super) fn on_or_off(&mut self, name: &'static str) -> Option<bool> {
        self.value(name, "on or off", |text| match text {
            "on" => Some(true),
            "off" => Some(false),
            _ => None,
        })
    }

    pub(super) fn limits(&mut self) -> Option<Limits> {
        let bytes = "a number of bytes from 8192 to 16777216";
        let seconds = "a whole number of seconds from 1 to 600";
        let body_bytes = self.value(
            "max_body_bytes",
            "a number of bytes from 1024 to 16777216",
            sized(1024..=16_777_216),
        );
        let head_bytes = self.value("max_head_bytes", bytes, sized(8192..=16_777_216));
        let connections =
            self.value("max_connections", "a number from 1 to 1000000", sized(1..=1_000_000));
        let connections_per_address = self.value(
            "max_connections_per_address",
            "a number from 1 to 1000000",
            sized(1..=1_000_000),
        );
        let seconds_or_none = "a whole number of seconds from 0 to 300";
        let shutdown_delay_seconds =
            self.value("shutdown_delay_seconds", seconds_or_none, within(0..=300));
        let head_seconds = self.value("head_seconds", seconds, within(1..=600));
        let request_seconds = self.value("request_seconds", seconds, within(1..=600));
        Some(Limits {
            body_bytes: body_bytes?,
            head_bytes: head_bytes?,
            head_seconds: head_seconds?,
            request_seconds: request_seconds?,
            connections: connections?,
            connections_per_address: connections_per_address?,
            shutdown_delay_seconds: shutdown_delay_seconds?,
        })
    }
}

/// Ranges with commas or blanks between them, as a template of CloudFormation joins them.
fn ranges(text: &str) -> Option<Vec<IpNet>> {
    let is_between = |c: char| c == ',' || c.is_whitespace();
    let each = text.split(is_between).filter(|part| !part.is_empty());
    let found = each.map(proxy::range).collect::<Option<Vec<IpNet>>>()?;
    (!found.is_empty() || text.contains(',')).then_some(found)
}

/// A header's name (RFC 9110, section 5.6.2). `Forwarded` has a syntax of its own.
fn header(text: &str) -> Option<String> {
    let name = text.trim().to_ascii_lowercase();
    let part = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    (!name.is_empty() && name.bytes().all(part) && name != "forwarded").then_some(name)
}
