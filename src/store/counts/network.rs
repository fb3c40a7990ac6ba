//! The network that a call comes from, as it is counted and remembered.

use std::net::IpAddr;

use crate::store::{By, Store};

impl Store {
    /// The network that a call comes from, as sign-ins remember it.
    pub(in crate::store) fn network(&self, by: &By) -> Option<String> {
        by.address.map(|address| self.limits.keyed_digest(&network_of(address)))
    }
}

/// What one provider or household has of the address space: /24 of IPv4, /48 of IPv6.
pub(super) fn network_of(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            let [a, b, c, _] = address.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        IpAddr::V6(address) => {
            let [a, b, c, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}::/48")
        }
    }
}
