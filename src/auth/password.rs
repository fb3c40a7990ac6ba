//! Hashing passwords, as many at once as the machine bears and no more.
//!
//! A hash takes one core for some 20 ms and 19 MiB, on purpose. Without a bound, a burst of sign-ins
//! would take gigabytes and slow down every other call; so a few workers hash, each in a buffer that
//! is used again, some callers wait their turn, and the others are told at once to come later.

use std::{
    mem,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use argon2::{Algorithm, Argon2, Block, Params, Version};
use aws_lc_rs::pbkdf2;
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use crate::{
    model::{
        password::Password,
        password_hash::{Method, PasswordHash, Sha},
    },
    random::Random,
    secret::same,
};

/// Argon2id's memory, passes and lanes, as the OWASP Password Storage Cheat Sheet recommends them.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// RFC 9106, section 3.1, recommends this much for a salt.
const SALT_BYTES: usize = 16;
const DIGEST_BYTES: usize = 32;
/// What one hash takes, measured; only for telling callers when to come again.
const TYPICAL: Duration = Duration::from_millis(20);

/// A bounded pool of workers that hash and verify.
pub struct Hasher {
    /// One permit for each worker; callers get them in the order in which they came.
    workers: Arc<Semaphore>,
    /// One permit for each worker and each place in the queue before them.
    places: Arc<Semaphore>,
    buffers: Buffers,
    /// What all workers need for all places, roughly.
    full_round: Duration,
    random: Random,
    today: Params,
}

/// The buffers that no worker has at the moment; there are never more than workers.
type Buffers = Arc<Mutex<Vec<Vec<Block>>>>;

/// What verifying found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is another password.
    Wrong,
    /// It is the password.
    Right,
    /// It is the password, but its hash is weaker than those made today: make a new one.
    Outdated,
}

/// Too many callers wait already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many passwords wait to be hashed or verified")]
pub struct Busy {
    /// When there will be room again, roughly; at least one second.
    pub retry_after: Duration,
}

impl Hasher {
    /// `workers` hash at once, each with a buffer of 19 MiB that is made when first needed; at most
    /// `waiting` more callers wait for them.
    pub fn new(workers: usize, waiting: usize, random: Random) -> Self {
        let workers = workers.max(1);
        let places = workers.saturating_add(waiting).min(Semaphore::MAX_PERMITS);
        let rounds = u32::try_from(places.div_ceil(workers)).unwrap_or(u32::MAX);
        Self {
            workers: Arc::new(Semaphore::new(workers)),
            places: Arc::new(Semaphore::new(places)),
            buffers: Buffers::default(),
            full_round: TYPICAL.saturating_mul(rounds),
            random,
            today: Params::new(MEMORY_KIB, PASSES, LANES, None).unwrap_or(Params::DEFAULT),
        }
    }

    /// A fresh hash of the password, as they are made today.
    ///
    /// # Errors
    /// If too many wait already.
    pub async fn hash(&self, password: &Password) -> Result<PasswordHash, Busy> {
        let password = password.clone();
        let salt = self.random.bytes::<SALT_BYTES>();
        let unfilled = PasswordHash::argon2id(self.today.clone(), &salt, &[0; DIGEST_BYTES]);
        self.run(move |buffer| {
            let digest = digest(&password, &unfilled, buffer)?;
            let Method::Argon2(_, _, params) = unfilled.method() else { return None };
            Some(PasswordHash::argon2id(params.clone(), &salt, &digest))
        })
        .await
    }

    /// Whether the hash is one of this password.
    ///
    /// # Errors
    /// If too many wait already.
    pub async fn verify(&self, password: &Password, hash: &PasswordHash) -> Result<Verdict, Busy> {
        let (password, hash) = (password.clone(), hash.clone());
        self.run(move |buffer| {
            let right = same(&digest(&password, &hash, buffer)?, hash.digest());
            Some(match (right, is_weak(&hash)) {
                (false, _) => Verdict::Wrong,
                (true, false) => Verdict::Right,
                (true, true) => Verdict::Outdated,
            })
        })
        .await
    }

    /// Takes as long as verifying a hash of today and finds nothing: for e-mails that nobody has, so
    /// that the time does not tell which these are.
    ///
    /// # Errors
    /// If too many wait already.
    pub async fn decoy(&self, password: &Password) -> Result<(), Busy> {
        let nobody = [0; DIGEST_BYTES];
        let hash = PasswordHash::argon2id(self.today.clone(), &[0; SALT_BYTES], &nobody);
        self.verify(password, &hash).await.map(drop)
    }

    /// Does `work` when it is this caller's turn. A caller that goes away while waiting gives its
    /// place free; once work has begun it is done to the end, and keeps its place until then.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Vec<Block>) -> Option<T> + Send + 'static,
    ) -> Result<T, Busy> {
        let busy = || Busy { retry_after: self.full_round.max(Duration::from_secs(1)) };
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(|_| busy())?;
        let worker = Arc::clone(&self.workers).acquire_owned().await.map_err(|_| busy())?;
        let mut buffer = Lent::take(&self.buffers);
        let done = tokio::task::spawn_blocking(move || {
            // Dropped in this order however the work ends: the buffer is back before the next one
            // can look for it.
            let _held = (place, worker);
            let done = work(&mut buffer.blocks);
            drop(buffer);
            done
        });
        // Neither happens: parameters are checked before, and nothing in here panics.
        done.await.ok().flatten().ok_or_else(|| {
            tracing::error!("a password could not be hashed");
            busy()
        })
    }
}

/// A buffer that goes back to the others when dropped, also by a panic.
struct Lent {
    blocks: Vec<Block>,
    home: Buffers,
}

impl Lent {
    fn take(home: &Buffers) -> Self {
        let blocks = home.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default();
        Self { blocks, home: Arc::clone(home) }
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let blocks = mem::take(&mut self.blocks);
        self.home.lock().unwrap_or_else(PoisonError::into_inner).push(blocks);
    }
}

/// What the password gives under the hash's method and salt.
fn digest(
    password: &Password,
    hash: &PasswordHash,
    buffer: &mut Vec<Block>,
) -> Option<Zeroizing<Vec<u8>>> {
    let mut out = Zeroizing::new(vec![0; hash.digest().len()]);
    let (password, salt) = (password.expose().as_bytes(), hash.salt());
    match hash.method() {
        Method::Argon2(algorithm, version, params) => {
            let argon2 = Argon2::new(*algorithm, *version, params.clone());
            argon2_into(&argon2, password, salt, &mut out, buffer)?;
        }
        Method::Bcrypt { cost } => {
            // A NUL ends the password, of which 72 bytes count: so everybody's bcrypt does.
            let mut key: Zeroizing<Vec<u8>> =
                password.iter().copied().chain([0]).collect::<Vec<_>>().into();
            key.truncate(72);
            let made = bcrypt::bcrypt(*cost, salt.try_into().ok()?, &key);
            let length = out.len();
            out.copy_from_slice(made.get(..length)?);
        }
        Method::Scrypt(params) => scrypt::scrypt(password, salt, params, &mut out).ok()?,
        Method::Pbkdf2 { sha, iterations } => {
            let algorithm = match sha {
                Sha::Sha256 => pbkdf2::PBKDF2_HMAC_SHA256,
                Sha::Sha512 => pbkdf2::PBKDF2_HMAC_SHA512,
            };
            pbkdf2::derive(algorithm, *iterations, salt, password, &mut out);
        }
    }
    Some(out)
}

/// Hashes in the worker's buffer, or in one of its own if an imported hash wants more.
fn argon2_into(
    argon2: &Argon2<'_>,
    password: &[u8],
    salt: &[u8],
    out: &mut [u8],
    buffer: &mut Vec<Block>,
) -> Option<()> {
    let blocks = argon2.params().block_count();
    let usual = MEMORY_KIB as usize;
    if blocks > usual {
        let mut own = vec![Block::new(); blocks];
        return argon2.hash_password_into_with_memory(password, salt, out, &mut own).ok();
    }
    // Not wiped in between: every block has gone through the whole calculation, so that it tells no
    // more about the password than the hash does.
    buffer.resize(usual, Block::new());
    argon2.hash_password_into_with_memory(password, salt, out, buffer).ok()
}

fn is_weak(hash: &PasswordHash) -> bool {
    let Method::Argon2(Algorithm::Argon2id, Version::V0x13, params) = hash.method() else {
        return true;
    };
    params.m_cost() < MEMORY_KIB
        || params.t_cost() < PASSES
        || hash.salt().len() < SALT_BYTES
        || hash.digest().len() < DIGEST_BYTES
}
