//! Randomness, and the one place that asks the operating system for it.

use std::sync::{Arc, Mutex, PoisonError};

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
            Self::System => fill(&mut bytes),
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
