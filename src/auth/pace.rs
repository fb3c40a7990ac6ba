//! How long it takes to hear that a password is wrong: as long for an email that nobody has as for one whose hash
//! comes from another program and takes ten times the work.
//!
//! Callers who wait for that keep no worker. A right password is not held up: its owner may know what hash it has.

use std::{
    collections::HashSet,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use crate::model::password_hash::PasswordHash;

/// The longest that anybody is kept waiting: some more than the dearest hash that is taken needs.
const LONGEST: Duration = Duration::from_secs(3);
/// How many kinds of hashes are remembered as known.
const MAX_KINDS: usize = 64;

/// What the dearest hashes in use take.
#[derive(Default)]
pub(super) struct Pace {
    slowest_micros: AtomicU64,
    kinds: Mutex<HashSet<String>>,
}

impl Pace {
    /// Notes what it has taken to verify a hash of another program.
    pub(super) fn note(&self, took: Duration) {
        let micros = u64::try_from(took.min(LONGEST).as_micros()).unwrap_or(u64::MAX);
        self.slowest_micros.fetch_max(micros, Ordering::Relaxed);
    }

    /// How much longer somebody waits who hears that a password is wrong, which that long has shown.
    pub(super) fn rest(&self, took: Duration) -> Duration {
        Duration::from_micros(self.slowest_micros.load(Ordering::Relaxed)).saturating_sub(took)
    }

    /// Whether no hash that takes as much work was asked about before.
    pub(super) fn is_new(&self, hash: &PasswordHash) -> bool {
        let mut kinds = self.kinds.lock().unwrap_or_else(PoisonError::into_inner);
        kinds.len() < MAX_KINDS && kinds.insert(format!("{:?}", hash.method()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_wait_as_long_as_for_the_slowest() {
        let pace = Pace::default();
        let ms = Duration::from_millis;
        assert_eq!(pace.rest(ms(20)), ms(0));
        pace.note(ms(250));
        pace.note(ms(100));
        assert_eq!(
            (pace.rest(ms(20)), pace.rest(ms(250)), pace.rest(ms(300))),
            (ms(230), ms(0), ms(0))
        );
        pace.note(ms(60_000));
        assert_eq!(pace.rest(ms(0)), LONGEST);
    }

    #[test]
    fn a_kind_is_new_once() {
        let pace = Pace::default();
        let is_new = |text: &str| pace.is_new(&PasswordHash::parse(text).unwrap());
        assert!(is_new("$2b$05$LoIvTcxO2Aby0FyqkJ.OgOgMxWWZowkOq.i2mEw3MzfdSuuF9r01m"));
        assert!(!is_new("$2y$05$XVHpismQt5vR3NToGY4.M.nkYxe7R6RYqhEs6qKiosmikDIvUaIyC"));
        assert!(is_new("$2b$04$chGJLthuE1jG/07O8SUwLOFc0xTaAa0ecgI3dciWwQ/DU0.xmPsA6"));
    }
}
