//! Where a call comes from when proxies stand in between. Only what a trusted one says is believed.

use std::{
    collections::HashMap,
    net::{IpAddr, SocketAddr},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use ipnet::IpNet;

use crate::clock::Timestamp;

/// How long nothing more is said of a network.
const SILENCE: Duration = Duration::from_hours(1);
/// Of how many networks it is remembered when something was said.
const MAX_NETWORKS: usize = 16;

/// The proxies that are trusted, and the header in which they say whom they speak for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proxies {
    /// Their addresses.
    pub(crate) trusted: Vec<IpNet>,
    /// The header, in lower case.
    pub(crate) header: String,
}

impl Proxies {
    /// The address that a call comes from, given the socket's peer and the values of the header's lines.
    ///
    /// Each proxy appends whom it has the call from, so the list is read from its end: the first
    /// address that is no trusted proxy's is the one, since nothing before it need be true. What is no
    /// address ends the list.
    pub(crate) fn client<'a>(
        &self,
        peer: IpAddr,
        lines: impl DoubleEndedIterator<Item = &'a [u8]>,
    ) -> IpAddr {
        let mut client = peer.to_canonical();
        let mut named = lines.rev().flat_map(|line| line.rsplit(|byte| *byte == b','));
        while self.trusts(client) {
            let Some(before) = named.next().and_then(address) else { break };
            client = before;
        }
        client
    }

    /// Whether what comes from there is believed.
    pub(crate) fn trusts(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.trusted.iter().any(|net| net.contains(&address))
    }
}

/// What speaks for others without being trusted: most likely a proxy that the settings have forgotten.
#[derive(Debug, Default)]
pub(crate) struct Strangers(Mutex<HashMap<IpNet, Timestamp>>);

impl Strangers {
    /// The network of a peer that is to be warned of now: of each one once an hour, and of few at all.
    pub(crate) fn warns_of(&self, peer: IpAddr, now: Timestamp) -> Option<IpNet> {
        let network = network_of(peer)?;
        let mut warned = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_recent = |at: &Timestamp| now.since(*at) < SILENCE;
        if warned.get(&network).is_some_and(is_recent) {
            return None;
        }
        warned.retain(|_, at| is_recent(at));
        if warned.len() >= MAX_NETWORKS {
            return None;
        }
        warned.insert(network, now);
        Some(network)
    }
}

/// Whether an address is of a private network or of this machine, where proxies are; others may send any header.
pub(crate) fn is_private(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            // 100.64.0.0/10 is shared address space (RFC 6598).
            let [a, b, ..] = address.octets();
            let is_shared = a == 100 && (64..128).contains(&b);
            address.is_private() || address.is_loopback() || address.is_link_local() || is_shared
        }
        IpAddr::V6(address) => {
            address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local()
        }
    }
}

/// The /24 or /64 that an address is in.
fn network_of(address: IpAddr) -> Option<IpNet> {
    let address = address.to_canonical();
    let bits = if address.is_ipv4() { 24 } else { 64 };
    IpNet::new(address, bits).ok().map(|net| net.trunc())
}

/// One address or range of them.
pub(crate) fn range(text: &str) -> Option<IpNet> {
    let text = text.trim();
    let one = || text.parse().ok().map(|address: IpAddr| IpNet::from(address.to_canonical()));
    text.parse().ok().or_else(one)
}

/// An address as proxies write it: plain, in brackets, with a port.
fn address(text: &[u8]) -> Option<IpAddr> {
    let text = str::from_utf8(text).ok()?.trim();
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let with_port = || text.parse().ok().map(|socket: SocketAddr| socket.ip());
    let address = bare.parse().ok().or_else(with_port)?;
    Some(address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROXY: &str = "10.0.0.1";

    #[track_caller]
    fn check(peer: &str, lines: &[&str], client: &str) {
        let trusted = ["10.0.0.0/8", "192.0.2.7", "fd00::/8"].map(|text| range(text).unwrap());
        let proxies = Proxies { trusted: trusted.to_vec(), header: "x-forwarded-for".to_owned() };
        let lines = lines.iter().map(|line| line.as_bytes());
        let found = proxies.client(peer.parse().unwrap(), lines);
        assert_eq!(found, client.parse::<IpAddr>().unwrap());
    }

    #[test]
    fn only_a_trusted_proxy_is_believed() {
        check("203.0.113.5", &["198.51.100.1"], "203.0.113.5");
        check("192.0.2.8", &["198.51.100.1"], "192.0.2.8");
        check(PROXY, &["198.51.100.1"], "198.51.100.1");
        check("192.0.2.7", &["198.51.100.1"], "198.51.100.1");
        check("::ffff:10.0.0.1", &["198.51.100.1"], "198.51.100.1");
        check("fd00::1", &["2001:db8::1"], "2001:db8::1");
    }

    #[test]
    fn the_last_address_that_is_no_proxy_counts() {
        check(PROXY, &[], PROXY);
        check(PROXY, &["1.1.1.1, 198.51.100.1"], "198.51.100.1");
        check(PROXY, &["1.1.1.1, 198.51.100.1, 10.0.0.2"], "198.51.100.1");
        check(PROXY, &["1.1.1.1,198.51.100.1", "10.0.0.2", "192.0.2.7"], "198.51.100.1");
        check(PROXY, &["198.51.100.1", "198.51.100.2"], "198.51.100.2");
        // The call was made by one of them.
        check(PROXY, &["10.0.0.3, 10.0.0.2"], "10.0.0.3");
    }

    #[test]
    fn ports_and_brackets_are_no_part_of_it() {
        check(PROXY, &["198.51.100.1:4711"], "198.51.100.1");
        check(PROXY, &["[2001:db8::1]"], "2001:db8::1");
        check(PROXY, &["[2001:db8::1]:4711, [fd00::2]:80"], "2001:db8::1");
        check(PROXY, &["::ffff:198.51.100.1"], "198.51.100.1");
        check(PROXY, &[" \t198.51.100.1\t "], "198.51.100.1");
    }

    #[test]
    fn what_is_no_address_ends_the_list() {
        check(PROXY, &["198.51.100.1, unknown, 10.0.0.2"], "10.0.0.2");
        for garbage in ["", ",", "unknown", "_hidden", "198.51.100", "[2001:db8::1", "1.1.1.1:x"] {
            check(PROXY, &["198.51.100.1", garbage], PROXY);
        }
        check(PROXY, &["198.51.100.1,"], PROXY);
        let proxies = Proxies { trusted: vec![range(PROXY).unwrap()], header: String::new() };
        let peer = PROXY.parse().unwrap();
        assert_eq!(proxies.client(peer, std::iter::once(&b"\xff\xfe"[..])), peer);
    }

    #[test]
    fn each_private_network_is_warned_of_once_an_hour_and_few_are() {
        let (strangers, start) = (Strangers::default(), Timestamp::from_millis(1_800_000_000_000));
        let warned = |peer: &str, at| strangers.warns_of(peer.parse().unwrap(), at).is_some();
        assert!(warned("10.0.0.1", start));
        assert!(!warned("10.0.0.2", start.plus(Duration::from_mins(59))));
        assert!(warned("::ffff:10.0.1.1", start));
        assert!(warned("10.0.0.2", start.plus(Duration::from_hours(1))));
        let later = start.plus(Duration::from_hours(3));
        let many = (0..100).filter(|n| warned(&format!("10.1.{n}.1"), later)).count();
        assert_eq!(many, MAX_NETWORKS);
        for (address, private) in [
            ("10.0.0.1", true),
            ("172.31.0.1", true),
            ("192.168.0.1", true),
            ("100.64.0.1", true),
            ("127.0.0.1", true),
            ("::1", true),
            ("fd00::1", true),
            ("::ffff:10.0.0.1", true),
            ("172.32.0.1", false),
            ("100.128.0.1", false),
            ("192.0.2.1", false),
            ("2001:db8::1", false),
        ] {
            assert_eq!(is_private(address.parse().unwrap()), private, "{address}");
        }
    }

    #[test]
    fn ranges_are_read() {
        for text in ["10.0.0.0/8", "10.1.2.3", " ::1 ", "2001:db8::/32", "0.0.0.0/0"] {
            assert!(range(text).is_some(), "{text}");
        }
        for text in ["", "10.0.0.0/33", "10.0.0", "proxy.example.com", "10.0.0.1:80", "::/129"] {
            assert!(range(text).is_none(), "{text}");
        }
        assert_eq!(range("::ffff:10.0.0.1"), range("10.0.0.1"));
    }
}
