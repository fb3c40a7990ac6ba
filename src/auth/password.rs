//! Hashing passwords, as many at once as the machine bears and no more.
//!
//! A hash takes one core for some 20 ms and 19 MiB, on purpose. Without a bound, a burst of sign-ins
//! would take gigabytes and slow down every other call; so a few workers hash, each in a buffer that
//! is used again, some callers wait their turn, and the others are told at once to come later. Whose turn
//! it is, `places` says. Judging whether a password is easily guessed takes milliseconds, too, and is done by the
//! same workers.

use std::{
    mem,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use argon2::{Algorithm, Argon2, Block, Params, Version};
use aws_lc_rs::{digest, pbkdf2};
use zeroize::Zeroizing;

use super::{
    pace::Pace,
    places::{Permit, Places, Turn},
};
use crate::{
    error::Fault,
    metrics::Passwords,
    model::{
        password::{NewPassword, Password},
        password_hash::{Method, PasswordHash, Sha, Whole},
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

/// How much hashing gives way to other work: half the range there is.
#[cfg(target_os = "linux")]
const NICE: i32 = 10;

/// A bounded pool of workers that hash and verify.
pub struct Hasher {
    places: Arc<Places>,
    buffers: Buffers,
    pace: Pace,
    /// What all workers need for all places, roughly.
    full_round: Duration,
    random: Random,
    today: Params,
}

/// How much work a hash is made to take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Work {
    /// As much as keeps those who have stolen a hash from guessing.
    #[default]
    Full,
    /// Hardly any, for tests that sign in a hundred thousand times. No setting leads here.
    Least,
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
    /// It is the password, but its hash is weaker than those made today, or is of another spelling of it: make a
    /// new one.
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
        let places = Places::new(workers, waiting);
        let rounds = u32::try_from(places.number().div_ceil(workers)).unwrap_or(u32::MAX);
        Self {
            places: Arc::new(places),
            buffers: Buffers::default(),
            pace: Pace::default(),
            full_round: TYPICAL.saturating_mul(rounds),
            random,
            today: Params::new(MEMORY_KIB, PASSES, LANES, None).unwrap_or(Params::DEFAULT),
        }
    }

    /// The same, which counts turns there; before it is used.
    #[must_use]
    pub fn counting(self, counted: Passwords) -> Self {
        match Arc::try_unwrap(self.places) {
            Ok(places) => Self { places: Arc::new(places.counting(counted)), ..self },
            Err(places) => Self { places, ..self },
        }
    }

    /// The same, whose new hashes take so much work.
    #[must_use]
    pub fn with(self, work: Work) -> Self {
        match work {
            Work::Full => self,
            Work::Least => {
                let least = Params::new(Params::MIN_M_COST, Params::MIN_T_COST, LANES, None);
                Self { today: least.unwrap_or(Params::DEFAULT), ..self }
            }
        }
    }

    /// A fresh hash of the password, as they are made today.
    ///
    /// # Errors
    /// If too many wait already.
    pub async fn hash(&self, turn: Turn, password: &Password) -> Result<PasswordHash, Busy> {
        let password = password.clone();
        let salt = self.random.bytes::<SALT_BYTES>();
        let unfilled = PasswordHash::argon2id(self.today.clone(), &salt, &[0; DIGEST_BYTES]);
        self.run(turn, move |buffer| {
            let digest = digest(password.expose(), &unfilled, buffer)?;
            let Method::Argon2(_, _, params) = unfilled.method() else { return None };
            Some(PasswordHash::argon2id(params.clone(), &salt, &digest))
        })
        .await
    }

    /// Whether the hash is one of this password: composed, as we hash it, or as it was typed, as other
    /// programs may have. How long it takes depends on what was typed, and not on which of them it is.
    ///
    /// # Errors
    /// If too many wait already.
    pub async fn verify(
        &self,
        turn: Turn,
        password: &Password,
        hash: &PasswordHash,
    ) -> Result<Verdict, Busy> {
        Ok(self.timed(turn, password, hash).await?.0)
    }

    /// Whether the hash is one of this password, and what it has taken to see that.
    async fn timed(
        &self,
        turn: Turn,
        password: &Password,
        hash: &PasswordHash,
    ) -> Result<(Verdict, Duration), Busy> {
        let (password, hash, today) = (password.clone(), hash.clone(), self.today.clone());
        self.run(turn, move |buffer| {
            let begun = Instant::now();
            let composed = same(&digest(password.expose(), &hash, buffer)?, hash.digest());
            let typed = match password.typed() {
                Some(typed) => same(&digest(typed, &hash, buffer)?, hash.digest()),
                None => false,
            };
            let verdict = match (composed, typed) {
                (false, false) => Verdict::Wrong,
                (true, _) if !is_weak(&hash, &today) => Verdict::Right,
                (true, _) | (_, true) => Verdict::Outdated,
            };
            Some((verdict, begun.elapsed()))
        })
        .await
    }

    /// What a password is to somebody's hash. Where there is none, it is wrong, after the same work. That one is wrong
    /// is heard as late in all cases, so that the time does not tell which they are.
    ///
    /// # Errors
    /// If too many wait already.
    pub(crate) async fn verify_evenly(
        &self,
        turn: Turn,
        password: &Password,
        hash: Option<&PasswordHash>,
    ) -> Result<Verdict, Busy> {
        let (verdict, took) = match hash {
            Some(hash) => self.timed(turn, password, hash).await?,
            None => (Verdict::Wrong, self.timed(turn, password, &self.nobodys()).await?.1),
        };
        if hash.is_some_and(|hash| self.is_foreign(hash)) {
            self.pace.note(took);
        }
        if verdict == Verdict::Wrong {
            tokio::time::sleep(self.pace.rest(took)).await;
        }
        Ok(verdict)
    }

    /// What it takes to verify a hash from elsewhere, if none that takes as much work has come yet.
    ///
    /// # Errors
    /// If too many wait already.
    pub(crate) async fn measure(
        &self,
        turn: Turn,
        hash: &PasswordHash,
    ) -> Result<Option<Duration>, Busy> {
        if !self.is_foreign(hash) || !self.pace.is_new(hash) {
            return Ok(None);
        }
        let Ok(any) = Password::parse("any".to_owned()) else { return Ok(None) };
        let (_, took) = self.timed(turn, &any, hash).await?;
        self.pace.note(took);
        Ok(Some(took))
    }

    /// Notes what hashes from elsewhere take, as it was measured before.
    pub(crate) fn expect(&self, took: Duration) {
        self.pace.note(took);
    }

    /// Whether verifying it takes other work than one of ours.
    fn is_foreign(&self, hash: &PasswordHash) -> bool {
        match hash.method() {
            Method::Argon2(_, _, params) => *params != self.today,
            Method::Bcrypt { .. } | Method::Scrypt(_) | Method::Pbkdf2 { .. } => true,
        }
    }

    /// A hash of today that no password has.
    fn nobodys(&self) -> PasswordHash {
        PasswordHash::argon2id(self.today.clone(), &[0; SALT_BYTES], &[0; DIGEST_BYTES])
    }

    /// Refuses a password that is one of the first that others would guess, who know this `about` the person;
    /// of a request's field of that name.
    ///
    /// # Errors
    /// If too many wait already.
    pub(crate) async fn judge(
        &self,
        turn: Turn,
        field: &'static str,
        new: &NewPassword,
        about: Vec<String>,
    ) -> Result<Result<(), Fault>, Busy> {
        let new = new.clone();
        self.run(turn, move |_| {
            let about: Vec<&str> = about.iter().map(String::as_str).collect();
            Some(new.check_uncommon(field, &about))
        })
        .await
    }

    /// Does `work` when it is this caller's turn. A caller that goes away while waiting gives its
    /// place free; once work has begun it is done to the end, and keeps its place until then.
    async fn run<T: Send + 'static>(
        &self,
        turn: Turn,
        work: impl FnOnce(&mut Vec<Block>) -> Option<T> + Send + 'static,
    ) -> Result<T, Busy> {
        let busy = || Busy { retry_after: self.retry_after() };
        let place: Permit = self.places.wait(turn).await.ok_or_else(busy)?;
        let mut buffer = Lent::take(&self.buffers);
        let done = tokio::task::spawn_blocking(move || {
            // Dropped in this order however the work ends: the buffer is back before the next one
            // can look for it.
            let _held = place;
            give_way();
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

    /// When all who wait now will have had their turn.
    fn retry_after(&self) -> Duration {
        self.full_round.max(Duration::from_secs(1))
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

/// Lets the threads that answer requests go first, which take microseconds each where a hash takes
/// milliseconds. The thread, one of those for blocking work, stays so.
fn give_way() {
    // Elsewhere than on Linux it would be the whole process.
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::setpriority_process(None, NICE) {
        tracing::debug!(%error, "hashing does not give way");
    }
}

/// What the password gives under the hash's method and salt.
fn digest(
    password: &str,
    hash: &PasswordHash,
    buffer: &mut Vec<Block>,
) -> Option<Zeroizing<Vec<u8>>> {
    let mut out = Zeroizing::new(vec![0; hash.digest().len()]);
    let (password, salt) = (password.as_bytes(), hash.salt());
    match hash.method() {
        Method::Argon2(algorithm, version, params) => {
            let argon2 = Argon2::new(*algorithm, *version, params.clone());
            argon2_into(&argon2, password, salt, &mut out, buffer)?;
        }
        Method::Bcrypt { of, cost } => {
            let mut key = Zeroizing::new(match of {
                Whole::Password => password.to_vec(),
                Whole::Sha256 => hexadecimal(digest::digest(&digest::SHA256, password).as_ref()),
            });
            // A NUL ends the password, of which 72 bytes count: so everybody's bcrypt does.
            key.push(0);
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

fn hexadecimal(bytes: &[u8]) -> Vec<u8> {
    let digit = |value: u8| if value < 10 { b'0' + value } else { b'a' + value - 10 };
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
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

fn is_weak(hash: &PasswordHash, today: &Params) -> bool {
    let Method::Argon2(Algorithm::Argon2id, Version::V0x13, params) = hash.method() else {
        return true;
    };
    params.m_cost() < today.m_cost()
        || params.t_cost() < today.t_cost()
        || hash.salt().len() < SALT_BYTES
        || hash.digest().len() < DIGEST_BYTES
}

#[cfg(test)]
mod tests {
    use std::{pin::pin, sync::mpsc};

    use futures_util::FutureExt;

    use super::*;

    /// What the samples are hashes of.
    const PASSWORD: &str = "Crème brûlée 1";

    fn password(text: &str) -> Password {
        Password::parse(text.to_owned()).unwrap()
    }

    impl Hasher {
        /// Takes as long as verifying a hash of today and finds nothing.
        async fn decoy(&self, turn: Turn, password: &Password) -> Result<(), Busy> {
            self.verify(turn, password, &self.nobodys()).await.map(drop)
        }
    }

    fn turn() -> Turn {
        Turn::of_people("192.0.2.0/24".to_owned(), "192.0.2.1".to_owned())
    }

    fn hasher(workers: usize, waiting: usize) -> Hasher {
        Hasher::new(workers, waiting, Random::seeded(7))
    }

    /// Made by argon2-cffi, Passlib and Python's hashlib (OpenSSL).
    const SAMPLES: &[(&str, Verdict)] = &[
        (
            "$argon2id$v=19$m=19456,t=2,p=1$zTiTau21Q9qwQJzyNJgjuQ$dYispB13Fqd2M/Wffy27wAWoNUlHeip1PRooEpjavm0",
            Verdict::Right,
        ),
        (
            "$argon2id$v=19$m=65536,t=3,p=4$u+2o87COyLBqMJL8/dSIlA$a9dGTINijLHzptQo4wVnDmyvzMZgn6hAsvmhtRUJkUo",
            Verdict::Right,
        ),
        (
            "$argon2id$v=19$m=1024,t=1,p=1$h7YW7YH8hpSuwIC/1iJc3Q$VQBWLjdjzd0cb15zT7uPf6K3bNtuWeMw4JMDSvTDago",
            Verdict::Outdated,
        ),
        (
            "$argon2i$v=19$m=256,t=2,p=2$MDEyMzQ1Njc4OWFiY2RlZg$CR9Mzj5WpJgkxzfBufos49SPJXgZFcIi",
            Verdict::Outdated,
        ),
        (
            "$argon2d$v=19$m=256,t=2,p=2$MDEyMzQ1Njc4OWFiY2RlZg$BncVS4iW9OhcxVFoRZfNQSkbbMCN6FGF",
            Verdict::Outdated,
        ),
        (
            "$argon2i$v=16$m=256,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$PH3CQSPDphO5fHLHWRLRaRyzRStXpkdf5JPHGPxEWZI",
            Verdict::Outdated,
        ),
        (
            "$argon2i$m=256,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$PH3CQSPDphO5fHLHWRLRaRyzRStXpkdf5JPHGPxEWZI",
            Verdict::Outdated,
        ),
        ("$2b$05$LoIvTcxO2Aby0FyqkJ.OgOgMxWWZowkOq.i2mEw3MzfdSuuF9r01m", Verdict::Outdated),
        (
            "bcrypt_sha256$$2b$05$abcdefghijklmnopqrstuuQy29e6OahxLsFW0/VDSQ74if10fz6li",
            Verdict::Outdated,
        ),
        ("$2y$05$XVHpismQt5vR3NToGY4.M.nkYxe7R6RYqhEs6qKiosmikDIvUaIyC", Verdict::Outdated),
        ("$2a$05$vzD5hC4iG6mAnvJ.WAEygubcBe2Ipy9cJBA0L2vfncxllbedeo7sS", Verdict::Outdated),
        (
            "$scrypt$ln=10,r=8,p=2$LEUopTSmdK41hrAWolSKkQ$68tVysQWf2fjm7tZLKS3QklTxXvskPodQ9qHdgh6/2s",
            Verdict::Outdated,
        ),
        (
            "$7$86..../....Mq4YHD2syxYT.MsH$9mWpeXw0A6m./jUfen9g.kgUvFNtBU6bCsMaoRil0P7",
            Verdict::Outdated,
        ),
        (
            "$pbkdf2-sha256$29000$l9Iag/Beq5XyHmNMKYUwxg$spfNZuse2PDXgB3ghsMwSNHN/ccNbCMNA4oIEFyycKU",
            Verdict::Outdated,
        ),
        (
            "$pbkdf2-sha512$2500$LgUAIISwNqY0RmgtJaT0ng$0.ZO/T1dtdpWl2e/tJBiN.pvc75Yhd.pz8Y5tuuUxfvMuSIaUTj/SWIgpw2JQ429vO2FsMcPSwJWibsMVK1rTw",
            Verdict::Outdated,
        ),
        (
            "pbkdf2_sha256$2600$UUfFNRwZ5AbM$i02LIVH7vXdF3S22o83TCwnIO/LR0Q/nlrs5Qi1xHSE=",
            Verdict::Outdated,
        ),
        (
            "$pbkdf2-sha256$i=1000,l=32$MDEyMzQ1Njc4OWFiY2RlZg$pzs+sfF4poXEVxHYqzHvFB/7uB1unyyYLXspAUjmY2U",
            Verdict::Outdated,
        ),
        (
            "$pbkdf2-sha512$i=1000$MDEyMzQ1Njc4OWFiY2RlZg$4OKlQxial35E+W2fIXqBX/7HjSh1+/WPw7uU+wGYaLDluUmx3zUaP84guonCcs9DpZU0LfwwQIFts50Z79T7RA",
            Verdict::Outdated,
        ),
    ];

    #[tokio::test]
    async fn hashes_of_other_programs_are_verified() {
        let hasher = hasher(1, 0);
        for (text, expected) in SAMPLES {
            let hash = PasswordHash::parse(text).unwrap();
            let verdict =
                async |typed| hasher.verify(turn(), &password(typed), &hash).await.unwrap();
            assert_eq!(verdict(PASSWORD).await, *expected, "{text}");
            // The same letters in other code points.
            assert_eq!(verdict("Cre\u{300}me bru\u{302}le\u{301}e 1").await, *expected, "{text}");
            assert_eq!(verdict("Creme brulee 1").await, Verdict::Wrong, "{text}");
            assert_eq!(verdict("crème brûlée 1").await, Verdict::Wrong, "{text}");
        }
    }

    /// The samples of the libraries that the forms come from.
    #[tokio::test]
    async fn published_samples_are_verified() {
        let hasher = hasher(1, 0);
        let check = async |typed: &str, text: &str| {
            let hash = PasswordHash::parse(text).unwrap();
            let verdict = hasher.verify(turn(), &password(typed), &hash).await.unwrap();
            assert_eq!(verdict, Verdict::Outdated, "{text}");
        };
        // mkpasswd --method=scrypt
        check(
            "pleaseletmein",
            "$7$CU..../....Mq4YHD2syxYT.MsH1Ek0n1$JyHIxez0DOwm0r6.kAIohc8UFBOLU4xX8a1wGBpLrw7",
        )
        .await;
        // Passlib's manual.
        check(
            "password",
            "$pbkdf2-sha256$8000$XAuBMIYQQogxRg$tRRlz8hYn63B9LYiCd6PRo6FMiunY9ozmMMI3srxeRE",
        )
        .await;
        check(
            "password",
            "$scrypt$ln=16,r=8,p=1$aM15713r3Xsvxbi31lqr1Q$nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD+iCs5E",
        )
        .await;
    }

    #[tokio::test]
    async fn a_hash_of_what_a_keyboard_typed_is_verified_by_that_keyboard() {
        let hasher = hasher(1, 0);
        // Of `ê` and a dot below, as Windows types it in Vietnam: neither composed nor taken apart.
        let hash = "pbkdf2_sha256$1000$UUfFNRwZ5AbM$/YLq1IbsJgTI01rC8UfRzyie2WA91jS+ocb+kzzoO8k=";
        let hash = PasswordHash::parse(hash).unwrap();
        let verdict =
            async |typed: &str| hasher.verify(turn(), &password(typed), &hash).await.unwrap();
        assert_eq!(verdict("Vi\u{ea}\u{323}t Nam 1").await, Verdict::Outdated);
        assert_eq!(verdict("Vi\u{1ec7}t Nam 1").await, Verdict::Wrong);
        assert_eq!(verdict("Vi\u{ea}\u{323}t Nam 2").await, Verdict::Wrong);
        let ours = hasher.hash(turn(), &password("Vi\u{ea}\u{323}t Nam 1")).await.unwrap();
        let verdict =
            async |typed: &str| hasher.verify(turn(), &password(typed), &ours).await.unwrap();
        assert_eq!(verdict("Vi\u{ea}\u{323}t Nam 1").await, Verdict::Right);
        assert_eq!(verdict("Vi\u{1ec7}t Nam 1").await, Verdict::Right);
    }

    #[tokio::test]
    async fn bcrypt_counts_72_bytes_as_it_does_everywhere() {
        let hash = "$2b$04$chGJLthuE1jG/07O8SUwLOFc0xTaAa0ecgI3dciWwQ/DU0.xmPsA6";
        let hash = PasswordHash::parse(hash).unwrap();
        let hasher = hasher(1, 0);
        let verdict =
            async |typed: String| hasher.verify(turn(), &password(&typed), &hash).await.unwrap();
        assert_eq!(verdict("x".repeat(72) + "cut").await, Verdict::Outdated);
        assert_eq!(verdict("x".repeat(72)).await, Verdict::Outdated);
        assert_eq!(verdict("x".repeat(71)).await, Verdict::Wrong);
    }

    #[tokio::test]
    async fn a_new_hash_is_of_today_and_of_one_password() {
        let hasher = hasher(2, 0);
        let hash = hasher.hash(turn(), &password("one")).await.unwrap();
        let expected = "$argon2id$v=19$m=19456,t=2,p=1$";
        assert!(hash.as_str().starts_with(expected), "{}", hash.as_str());
        assert_eq!(PasswordHash::parse(hash.as_str()).unwrap(), hash);
        assert_eq!((hash.salt().len(), hash.digest().len()), (SALT_BYTES, DIGEST_BYTES));
        assert_eq!(hasher.verify(turn(), &password("one"), &hash).await, Ok(Verdict::Right));
        assert_eq!(hasher.verify(turn(), &password("two"), &hash).await, Ok(Verdict::Wrong));
        let other = hasher.hash(turn(), &password("one")).await.unwrap();
        assert_ne!(other, hash, "each hash has its own salt");
        assert_eq!(hasher.decoy(turn(), &password("one")).await, Ok(()));
    }

    /// Work that has begun and goes on until the sender is dropped.
    fn slow() -> (mpsc::Sender<()>, impl FnOnce(&mut Vec<Block>) -> Option<()> + Send + 'static) {
        let (finish, finished) = mpsc::channel::<()>();
        (finish, move |_: &mut Vec<Block>| {
            // An error, too, is the end.
            let _ = finished.recv();
            Some(())
        })
    }

    #[tokio::test]
    async fn a_full_queue_says_so_at_once() {
        let hasher = hasher(1, 1);
        let (finish, work) = slow();
        let mut working = pin!(hasher.run(turn(), work));
        assert!(working.as_mut().now_or_never().is_none());
        let mut waiting = pin!(hasher.run(turn(), |_| Some("done")));
        assert!(waiting.as_mut().now_or_never().is_none());
        let busy = Busy { retry_after: Duration::from_secs(1) };
        assert_eq!(hasher.decoy(turn(), &password("one")).now_or_never(), Some(Err(busy)));
        drop(finish);
        assert_eq!(working.await, Ok(()));
        assert_eq!(waiting.await, Ok("done"));
        assert_eq!(hasher.decoy(turn(), &password("one")).await, Ok(()));
    }

    #[tokio::test]
    async fn who_goes_away_leaves_the_place_to_others() {
        let hasher = hasher(1, 1);
        let (finish, work) = slow();
        let mut working = Box::pin(hasher.run(turn(), work));
        assert!(working.as_mut().now_or_never().is_none());
        {
            let mut gone =
                pin!(hasher.run(turn(), |_| -> Option<()> { unreachable!("nobody waits for it") }));
            assert!(gone.as_mut().now_or_never().is_none());
            assert!(!hasher.places.is_idle());
        }
        let mut waiting = pin!(hasher.run(turn(), |_| Some("done")));
        assert!(waiting.as_mut().now_or_never().is_none());
        // Begun work keeps its worker although nobody waits for it: it takes the core all the same.
        drop(working);
        assert!(waiting.as_mut().now_or_never().is_none());
        drop(finish);
        assert_eq!(waiting.await, Ok("done"));
    }

    #[tokio::test]
    async fn a_panic_costs_neither_worker_nor_buffer() {
        let hasher = hasher(1, 0);
        assert!(hasher.decoy(turn(), &password("one")).await.is_ok());
        let buffers = || hasher.buffers.lock().unwrap().iter().map(Vec::len).collect::<Vec<_>>();
        assert_eq!(buffers(), [MEMORY_KIB as usize]);
        assert!(
            hasher
                .run(turn(), |_| -> Option<()> { panic!("a fault in the library") })
                .await
                .is_err()
        );
        assert_eq!(buffers(), [MEMORY_KIB as usize]);
        assert!(hasher.decoy(turn(), &password("one")).await.is_ok());
        assert_eq!(buffers(), [MEMORY_KIB as usize]);
    }

    #[tokio::test]
    async fn there_are_never_more_buffers_than_workers() {
        let hasher = hasher(2, 6);
        let one = password("one");
        let all = futures_util::future::join_all((0..8).map(|_| hasher.decoy(turn(), &one))).await;
        assert!(all.iter().all(Result::is_ok));
        assert!(hasher.buffers.lock().unwrap().len() <= 2);
        assert!(hasher.places.is_idle());
    }

    #[test]
    fn the_longer_the_queue_the_later_the_next_try() {
        let check = |workers, waiting, millis| {
            let hasher = hasher(workers, waiting);
            assert_eq!(hasher.retry_after(), Duration::from_millis(millis));
        };
        check(2, 10, 1000);
        check(2, 198, 2000);
        check(1, 199, 4000);
    }
}
