//! The network that a call comes from, as sign-ins remember it.

use crate::{
    network::network_of,
    store::{By, Store},
};

impl Store {
    /// The network that a call comes from, as sign-ins remember it.
    pub(in crate::store) fn network(&self, by: &By) -> Option<String> {
        by.address.map(|address| self.limits.keyed_digest(&network_of(address)))
    }
}
