//! Randomness, and the one place that asks the operating system for it.

use std::{
    cell::RefCell,
    sync::{Arc, Mutex, PoisonError},
};

/// Where the service takes unpredictable bytes from; tests use [`Random::seeded`].
#[derive(Clone, Debug)]
pub enum Random {
    /// The cryptographic generator of the machine.
    System,
    /// A predictable sequence; never for production.
    Seeded(Arc<Mutex<u64>>),
}

impl Random {
    /// The sequence that `seed` gives.
    pub fn seeded(seed: u64) -> Self {
        Self::Seeded(Arc::new(Mutex::new(seed)))
    }

    /// `N` fresh bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        match self {
            Self::System => draw(&mut bytes),
            Self::Seeded(state) => {
                let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
                for chunk in bytes.chunks_mut(8) {
                    let word = split_mix(&mut state).to_le_bytes();
                    chunk.iter_mut().zip(word).for_each(|(byte, random)| *byte = random);
                }
            }
        }
        bytes
    }

    /// A fraction in 0..1, for jitter.
    pub fn fraction(&self) -> f64 {
        f64::from(u32::from_le_bytes(self.bytes())) / f64::from(u32::MAX)
    }
}

/// Random bytes of a thread that nobody has taken yet. The generator takes as long for a few as for many.
struct Pool {
    bytes: [u8; 256],
    left: usize,
}

/// Takes bytes out of this thread's pool; each is given once, and nothing is left of it there.
fn draw(bytes: &mut [u8]) {
    thread_local! {
        static POOL: RefCell<Pool> = const { RefCell::new(Pool { bytes: [0; 256], left: 0 }) };
    }
    POOL.with_borrow_mut(|pool| {
        if pool.left < bytes.len() {
            fill(&mut pool.bytes);
            pool.left = pool.bytes.len();
        }
        let rest = pool.left.checked_sub(bytes.len());
        match rest.and_then(|rest| pool.bytes.get_mut(rest..pool.left)) {
            Some(fresh) => {
                bytes.copy_from_slice(fresh);
                fresh.fill(0);
                pool.left -= bytes.len();
            }
            // More than a pool holds.
            None => fill(bytes),
        }
    });
}

/// Without randomness every secret would be guessable, so there is nothing better than to stop.
fn fill(bytes: &mut [u8]) {
    if aws_lc_rs::rand::fill(bytes).is_err() {
        tracing::error!("the operating system gives no random bytes");
        std::process::abort();
    }
}

/// `SplitMix64` (Steele, Lea, Flood 2014).
fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_bytes_are_given_twice() {
        let random = Random::System;
        let small: HashSet<[u8; 10]> = (0..1000).map(|_| random.bytes()).collect();
        assert_eq!(small.len(), 1000);
        // As much as the pool holds, and more.
        let whole: HashSet<[u8; 256]> = (0..10).map(|_| random.bytes()).collect();
        let large: HashSet<[u8; 300]> = (0..10).map(|_| random.bytes()).collect();
        assert_eq!((whole.len(), large.len()), (10, 10));
        assert!(whole.iter().all(|bytes| !bytes.windows(16).any(|part| part == [0; 16])));
    }
}
