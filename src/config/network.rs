//! Settings of what stands at the network: which interfaces are served, limits of the listener, proxies
//! before it, what it tells of itself.

use super::{Reader, parsed, sized, within};
use crate::{
    app::Limits,
    facade::Facade,
    proxy::{self, Proxies},
};

impl Reader {
    pub(super) fn proxies(&mut self) -> Option<Proxies> {
        let form = "an address or a range such as 10.0.0.0/8";
        let trusted = self.list("trusted_proxies", form, proxy::range);
        let form = "the name of a header that lists addresses, such as x-forwarded-for";
        let header = self.value("proxy_header", form, header);
        Some(Proxies { trusted, header: header? })
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
        let head_seconds = self.value("head_seconds", seconds, within(1..=600));
        let request_seconds = self.value("request_seconds", seconds, within(1..=600));
        Some(Limits {
            body_bytes: body_bytes?,
            head_bytes: head_bytes?,
            head_seconds: head_seconds?,
            request_seconds: request_seconds?,
            connections: connections?,
        })
    }
}

/// A header's name (RFC 9110, section 5.6.2). `Forwarded` has a syntax of its own.
fn header(text: &str) -> Option<String> {
    let name = text.trim().to_ascii_lowercase();
    let part = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    (!name.is_empty() && name.bytes().all(part) && name != "forwarded").then_some(name)
}
