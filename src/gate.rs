//! Who gets in: how many connections there are, and how many of them are one caller's.
//!
//! Beyond the most there can be, a few more are admitted for probes only: monitoring should get an answer even
//! when it is full.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::Notify;

use crate::{config::Limits, proxy::Proxies};

/// How many connections there may be for probes alone.
pub(crate) const RESERVE: usize = 32;
/// How many of those may be one caller's, so that nobody can take them all.
const RESERVE_PER_CALLER: usize = 8;

/// The connections that are open.
pub(crate) struct Gate {
    limits: Limits,
    proxies: Proxies,
    open: Mutex<Open>,
    left: Notify,
}

#[derive(Default)]
struct Open {
    served: Count,
    reserved: Count,
}

/// How many connections there are, and of whom.
#[derive(Default)]
struct Count {
    total: usize,
    of: HashMap<IpAddr, usize>,
}

/// What a connection that has come is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Service {
    /// Everything.
    Full,
    /// Probes: there is no place for more.
    Probes,
}

/// A connection's place, until it is dropped.
pub(crate) struct Place {
    gate: Arc<Gate>,
    service: Service,
    caller: IpAddr,
}

impl Gate {
    pub(crate) fn new(limits: Limits, proxies: Proxies) -> Arc<Self> {
        Arc::new(Self { limits, proxies, open: Mutex::default(), left: Notify::new() })
    }

    /// Waits until there is a place for the next connection.
    pub(crate) async fn opens(&self) {
        loop {
            // Before the look: a connection that ends in between is not to be missed.
            let left = self.left.notified();
            if self.has_place() {
                return;
            }
            left.await;
        }
    }

    /// Lets a connection in; none if there is no place for this caller.
    pub(crate) fn enter(self: &Arc<Self>, peer: IpAddr) -> Option<(Service, Place)> {
        let caller = caller(peer);
        let is_proxy = self.proxies.trusts(peer);
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        // While there are places for all, nobody need be told apart: many may share an address.
        let is_scarce = open.served.total >= self.limits.connections / 2;
        let has_many = open.served.of(caller) >= self.limits.connections_per_address;
        let service = if open.served.total >= self.limits.connections {
            Service::Probes
        } else if is_scarce && has_many && !is_proxy {
            return None;
        } else {
            Service::Full
        };
        let is_over = service == Service::Probes
            && (open.reserved.total >= RESERVE || open.reserved.of(caller) >= RESERVE_PER_CALLER);
        if is_over {
            return None;
        }
        open.count(service).add(caller);
        Some((service, Place { gate: Arc::clone(self), service, caller }))
    }

    fn has_place(&self) -> bool {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.served.total < self.limits.connections || open.reserved.total < RESERVE
    }
}

impl Open {
    fn count(&mut self, service: Service) -> &mut Count {
        match service {
            Service::Full => &mut self.served,
            Service::Probes => &mut self.reserved,
        }
    }
}

impl Count {
    fn of(&self, caller: IpAddr) -> usize {
        self.of.get(&caller).copied().unwrap_or(0)
    }

    fn add(&mut self, caller: IpAddr) {
        self.total += 1;
        *self.of.entry(caller).or_default() += 1;
    }

    fn remove(&mut self, caller: IpAddr) {
        self.total = self.total.saturating_sub(1);
        match self.of.get_mut(&caller) {
            Some(count) if *count > 1 => *count -= 1,
            Some(_) | None => {
                self.of.remove(&caller);
            }
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.gate.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.count(self.service).remove(self.caller);
        drop(open);
        self.gate.left.notify_one();
    }
}

/// Whom an address stands for; of IPv6 the network of 64 bits, which is what one household gets.
fn caller(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::from([a, b, c, d, 0, 0, 0, 0])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proxy;

    fn gate(connections: usize, connections_per_address: usize) -> Arc<Gate> {
        let limits = Limits {
            body_bytes: 1024,
            head_bytes: 8192,
            head_seconds: 1,
            request_seconds: 1,
            connections,
            connections_per_address,
            shutdown_delay_seconds: 0,
        };
        let trusted = vec![proxy::range("10.0.0.0/8").unwrap()];
        Gate::new(limits, Proxies { trusted, header: "x-forwarded-for".to_owned() })
    }

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn one_caller_takes_no_more_than_its_share_where_places_are_scarce() {
        let gate = gate(10, 2);
        let many = || gate.enter(address("2001:db8::1"));
        // Half of them may belong to anyone.
        let held: Vec<_> = (0..5).map(|_| many().unwrap()).collect();
        assert!(many().is_none());
        assert!(gate.enter(address("2001:db8::2")).is_none(), "the same network");
        let other = gate.enter(address("192.0.2.1")).unwrap();
        assert_eq!(other.0, Service::Full);
        // A proxy speaks for many.
        let proxied: Vec<_> = (0..4).map(|_| gate.enter(address("10.1.2.3")).unwrap()).collect();
        drop((held, proxied));
        assert!(many().is_some());
    }

    #[test]
    fn a_few_more_are_let_in_for_probes() {
        let gate = gate(1, 1);
        let held = gate.enter(address("192.0.2.1")).unwrap();
        assert_eq!(held.0, Service::Full);
        let probes = [(); RESERVE_PER_CALLER].map(|()| gate.enter(address("192.0.2.1")).unwrap());
        assert!(probes.iter().all(|(service, _)| *service == Service::Probes));
        assert!(gate.enter(address("192.0.2.1")).is_none());
        let other = gate.enter(address("192.0.2.2")).unwrap();
        assert_eq!(other.0, Service::Probes);
        drop((held, probes, other));
        assert_eq!(gate.enter(address("192.0.2.1")).unwrap().0, Service::Full);
        assert!(gate.open.lock().unwrap().reserved.of.is_empty());
    }
}
