//! How many requests a key may make in a minute, on this node.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use crate::{
    clock::{Clock, Timestamp},
    secret::sha256,
};

/// The length of a window, in seconds; each begins with a minute of the clock.
const WINDOW: u64 = 60;
/// How many keys are counted apart. Only keys that are valid come here.
const MAX_KEYS: usize = 100_000;

/// Counts the requests of each key.
#[derive(Debug)]
pub(in crate::facade) struct Quota {
    /// The most requests in a minute; as many as they like, if it is 0.
    limit: u32,
    window: Mutex<Window>,
    clock: Clock,
}

/// The requests of a minute.
#[derive(Debug, Default)]
struct Window {
    number: u64,
    /// By the digest of what was shown.
    requests: HashMap<[u8; 32], u32>,
}

/// What a key has left.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Standing {
    pub(super) limit: u32,
    pub(super) remaining: u32,
    /// The seconds until the next request, if this one was too many.
    pub(super) wait: Option<u64>,
}

impl Quota {
    /// So many requests in a minute, or as many as they like if it is 0.
    pub(in crate::facade) fn new(limit: u32, clock: Clock) -> Self {
        Self { limit, window: Mutex::default(), clock }
    }

    /// The moment in so many seconds, in seconds since the Unix epoch: clients that steer by it wait until then.
    pub(super) fn reset_in(&self, seconds: u64) -> u64 {
        self.clock.now().seconds().saturating_add(seconds)
    }

    /// Counts a request with the token, which must be valid; nothing if there is no limit.
    pub(super) fn count(&self, token: &str) -> Option<Standing> {
        self.count_at(token, self.clock.now())
    }

    fn count_at(&self, token: &str, now: Timestamp) -> Option<Standing> {
        let limit = self.limit;
        if limit == 0 {
            return None;
        }
        let digest = sha256(token.as_bytes());
        let number = now.seconds() / WINDOW;
        let mut window = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        let is_full = window.requests.len() >= MAX_KEYS && !window.requests.contains_key(&digest);
        if window.number != number || is_full {
            *window = Window { number, requests: HashMap::new() };
        }
        let requests = window.requests.entry(digest).or_default();
        let wait = (*requests >= limit).then(|| WINDOW - now.seconds() % WINDOW);
        *requests = requests.saturating_add(1).min(limit);
        Some(Standing { limit, remaining: limit - *requests, wait })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(limit: u32) -> Quota {
        Quota::new(limit, Clock::manual(Timestamp::from_millis(0)))
    }

    fn check(quota: &Quota, token: &str, second: i64, expected: (u32, Option<u64>)) {
        let standing = quota.count_at(token, Timestamp::from_millis(second * 1000)).unwrap();
        assert_eq!((standing.remaining, standing.wait), expected, "{token} at {second}");
    }

    #[test]
    fn each_key_has_its_own_requests_of_a_minute() {
        let quota = of(2);
        check(&quota, "one", 600, (1, None));
        check(&quota, "one", 610, (0, None));
        check(&quota, "one", 659, (0, Some(1)));
        check(&quota, "other", 659, (1, None));
        check(&quota, "one", 660, (1, None));
        check(&quota, "one", 600, (1, None));
        assert_eq!(of(0).count("one"), None);
    }

    #[test]
    fn only_so_many_keys_are_remembered() {
        let quota = of(1);
        for key in 0..MAX_KEYS + 5 {
            assert_eq!(quota.count(&key.to_string()).unwrap().wait, None);
        }
        assert_eq!(quota.window.lock().unwrap().requests.len(), 5);
    }
}
