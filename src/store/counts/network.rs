//! The network that a call comes from, as sign-ins remember it.

use std::net::IpAddr;

use crate::{
    auth::Turn,
    caller::Caller,
    network::network_of,
    store::{By, Store},
};

impl Store {
    /// The network that a call comes from, as sign-ins remember it.
    pub(in crate::store) fn network(&self, by: &By) -> Option<String> {
        by.address.map(|address| self.limits.keyed_digest(&network_of(address)))
    }
}

/// Whose work a password is that a call sets or shows: the person's own.
pub(in crate::store) fn own_turn(by: &By) -> Turn {
    let network = by.address.map(network_of).unwrap_or_default();
    let member = match (by.caller.user(), by.address) {
        (Some(user), _) => user.to_string(),
        (None, Some(address)) => household_of(address),
        (None, None) => String::new(),
    };
    Turn::of_people(network, member)
}

/// Whose work a password is that a call sets for somebody else.
pub(in crate::store) fn turn_of_account(by: &By) -> Turn {
    match &by.caller {
        Caller::Anonymous | Caller::Identity(_) => own_turn(by),
        Caller::User(_) | Caller::Key(_) | Caller::Operator | Caller::Service(_) => {
            let account = by.caller.account().map(|account| account.to_string());
            Turn::of_admins(account.unwrap_or_default(), by.caller.to_string())
        }
    }
}

/// An address; of IPv6 the network of 64 bits, which is what one household gets.
pub(super) fn household_of(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}
