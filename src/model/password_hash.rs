//! Hashes of passwords as text: our own, and those that people bring along from elsewhere.
//!
//! A hash from elsewhere may ask for any amount of work and memory. What it asks for is limited
//! here, so that nobody can sign in with one that would keep the machine busy.

use std::{fmt, num::NonZeroU32};

use argon2::{Algorithm, Params, Version};
use base64::{
    Engine as _,
    alphabet::BCRYPT,
    engine::{
        GeneralPurpose,
        general_purpose::{NO_PAD, STANDARD, STANDARD_NO_PAD},
    },
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::Value;

use self::PasswordHashError::{Argon2Cost, BcryptCost, Form, Pbkdf2Cost, ScryptCost};
use crate::{
    error::Result,
    model::fields::{Flaw, FromField},
};

/// The most memory that a hash may take, in KiB: 256 MiB, four times what Argon2's own authors
/// recommend for small machines (RFC 9106, section 4).
const MAX_KIB: u32 = 256 * 1024;
/// Each limit below lets one hash take about two seconds of one core at most.
const MAX_ARGON2_PASSES: u32 = 16;
const MAX_ARGON2_LANES: u32 = 8;
const MAX_BCRYPT_COST: u32 = 15;
/// Memory times parallelism of scrypt, in KiB: the lanes are worked through one after the other.
const MAX_SCRYPT_WORK_KIB: u64 = 1024 * 1024;
const MAX_PBKDF2_ITERATIONS: u32 = 2_000_000;
/// The longest text; the longest salt and digest fit in.
const MAX_BYTES: usize = 512;
/// A shorter digest would let other passwords in, too.
const MIN_DIGEST_BYTES: usize = 16;
const MAX_DIGEST_BYTES: usize = 64;
const MAX_SALT_BYTES: usize = 128;

/// The text of a password's hash, in one of the forms that can be verified; never printed.
#[derive(Clone)]
pub struct PasswordHash {
    text: String,
    method: Method,
    salt: Vec<u8>,
    digest: Vec<u8>,
}

/// How the digest is made of a password and the salt.
#[derive(Clone, Debug)]
pub(crate) enum Method {
    /// RFC 9106.
    Argon2(Algorithm, Version, Params),
    /// Provos and Mazières 1999; the cost is the logarithm of the rounds.
    Bcrypt { of: Whole, cost: u32 },
    /// RFC 7914.
    Scrypt(scrypt::Params),
    /// RFC 8018, with HMAC of this hash.
    Pbkdf2 { sha: Sha, iterations: NonZeroU32 },
}

/// What bcrypt is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whole {
    /// The password, of which 72 bytes count.
    Password,
    /// Its SHA-256 as hexadecimal digits, as Django does it, so that all of it counts.
    Sha256,
}

/// The hash inside PBKDF2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sha {
    Sha256,
    Sha512,
}

/// Why a text is no [`PasswordHash`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordHashError {
    /// It has none of the forms.
    #[error(
        "must be the hash of a password: Argon2 ($argon2id$…), bcrypt ($2b$…), scrypt ($scrypt$… \
         or $7$…) or PBKDF2 ($pbkdf2-sha256$…, $pbkdf2-sha512$… or pbkdf2_sha256$…), with its salt"
    )]
    Form,
    /// Too much memory, too many passes or lanes.
    #[error("would take too long to verify; Argon2 may have at most m=262144, t=16 and p=8")]
    Argon2Cost,
    /// Too many rounds.
    #[error("would take too long to verify; bcrypt may have a cost of at most 15")]
    BcryptCost,
    /// Too much memory, or too much work on it.
    #[error("would take too long to verify; scrypt may use at most 256 MiB, and 1 GiB times p")]
    ScryptCost,
    /// Too many iterations.
    #[error("would take too long to verify; PBKDF2 may have at most 2000000 iterations")]
    Pbkdf2Cost,
}

/// What a text says: the method, the salt and the digest.
type Parts = (Method, Vec<u8>, Vec<u8>);

impl PasswordHash {
    /// Reads a hash in one of these forms:
    ///
    /// - PHC strings of Argon2, scrypt and PBKDF2 (github.com/P-H-C/phc-string-format);
    /// - bcrypt's `$2a$`, `$2b$` and `$2y$`, not `$2x$`, which marks the output of a faulty program;
    /// - scrypt's `$7$`, as libxcrypt and libsodium write it;
    /// - PBKDF2 as Passlib (`$pbkdf2-sha256$29000$…`) and Django (`pbkdf2_sha256$…`) write it;
    /// - Argon2 and bcrypt with Django's name for them before it (`argon2$argon2id$…`, `bcrypt$$2b$…`);
    /// - bcrypt of the password's SHA-256, as Django writes it (`bcrypt_sha256$$2b$…`).
    ///
    /// # Errors
    /// That it has none of the forms, or would take too long or too much memory to verify.
    pub fn parse(text: &str) -> Result<Self, PasswordHashError> {
        if text.len() > MAX_BYTES {
            return Err(Form);
        }
        let fields: Vec<&str> = text.split('$').collect();
        let (method, salt, digest) = match fields.as_slice() {
            ["" | "argon2", id @ ("argon2d" | "argon2i" | "argon2id"), rest @ ..] => {
                argon2(id, rest)?
            }
            ["", "2a" | "2b" | "2y", cost, rest]
            | ["bcrypt", "", "2a" | "2b" | "2y", cost, rest] => {
                bcrypt(Whole::Password, cost, rest)?
            }
            ["bcrypt_sha256", "", "2a" | "2b" | "2y", cost, rest] => {
                bcrypt(Whole::Sha256, cost, rest)?
            }
            ["", "scrypt", costs, salt, digest] => scrypt(costs, salt, digest)?,
            ["", "7", front, digest] => crypt_scrypt(front, digest)?,
            ["", "pbkdf2-sha256", costs, salt, digest] => pbkdf2(Sha::Sha256, costs, salt, digest)?,
            ["", "pbkdf2-sha512", costs, salt, digest] => pbkdf2(Sha::Sha512, costs, salt, digest)?,
            ["pbkdf2_sha256", iterations, salt, digest] => django(iterations, salt, digest)?,
            _ => return Err(Form),
        };
        let sizes = (1..=MAX_SALT_BYTES).contains(&salt.len())
            && (MIN_DIGEST_BYTES..=MAX_DIGEST_BYTES).contains(&digest.len());
        if sizes { Ok(Self { text: text.to_owned(), method, salt, digest }) } else { Err(Form) }
    }

    /// The hash that Argon2id, version 1.3, has made.
    pub(crate) fn argon2id(params: Params, salt: &[u8], digest: &[u8]) -> Self {
        let (m, t, p) = (params.m_cost(), params.t_cost(), params.p_cost());
        let text = |bytes| STANDARD_NO_PAD.encode(bytes);
        Self {
            text: format!("$argon2id$v=19$m={m},t={t},p={p}${}${}", text(salt), text(digest)),
            method: Method::Argon2(Algorithm::Argon2id, Version::V0x13, params),
            salt: salt.to_vec(),
            digest: digest.to_vec(),
        }
    }

    /// The text, for the one who keeps it.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// How the digest was made.
    pub(crate) const fn method(&self) -> &Method {
        &self.method
    }

    /// What was hashed along with the password.
    pub(crate) fn salt(&self) -> &[u8] {
        &self.salt
    }

    /// What the right password gives.
    pub(crate) fn digest(&self) -> &[u8] {
        &self.digest
    }
}

fn argon2(id: &str, fields: &[&str]) -> Result<Parts, PasswordHashError> {
    let (version, fields) = match fields {
        ["v=19", rest @ ..] => (Version::V0x13, rest),
        // Version 1.0 came before the version was written down.
        ["v=16", rest @ ..] | rest => (Version::V0x10, rest),
    };
    let [costs, salt, digest] = fields else { return Err(Form) };
    let [m, t, p] = numbers(costs, ["m=", "t=", "p="]).ok_or(Form)?;
    if m > MAX_KIB || t > MAX_ARGON2_PASSES || p > MAX_ARGON2_LANES {
        return Err(Argon2Cost);
    }
    let algorithm = match id {
        "argon2d" => Algorithm::Argon2d,
        "argon2i" => Algorithm::Argon2i,
        _ => Algorithm::Argon2id,
    };
    let params = Params::new(m, t, p, None).map_err(|_| Form)?;
    let (salt, digest) = (base64(salt)?, base64(digest)?);
    if salt.len() < argon2::MIN_SALT_LEN {
        return Err(Form);
    }
    Ok((Method::Argon2(algorithm, version, params), salt, digest))
}

fn bcrypt(of: Whole, cost: &str, rest: &str) -> Result<Parts, PasswordHashError> {
    // Some programs set the bits that are left over at the end.
    let engine = GeneralPurpose::new(&BCRYPT, NO_PAD.with_decode_allow_trailing_bits(true));
    let read = |text| engine.decode(text).map_err(|_| Form);
    let (salt, digest) = rest.split_at_checked(22).ok_or(Form)?;
    let (salt, digest) = (read(salt)?, read(digest)?);
    let cost = match cost.as_bytes() {
        [tens @ b'0'..=b'3', ones @ b'0'..=b'9'] => {
            u32::from(tens - b'0') * 10 + u32::from(ones - b'0')
        }
        _ => return Err(Form),
    };
    if cost > MAX_BCRYPT_COST {
        return Err(BcryptCost);
    }
    if cost < 4 || salt.len() != 16 || digest.len() != 23 {
        return Err(Form);
    }
    Ok((Method::Bcrypt { of, cost }, salt, digest))
}

fn scrypt(costs: &str, salt: &str, digest: &str) -> Result<Parts, PasswordHashError> {
    let [log_n, r, p] = numbers(costs, ["ln=", "r=", "p="]).ok_or(Form)?;
    Ok((scrypt_method(log_n, r, p)?, base64(salt)?, base64(digest)?))
}

/// `$7$`: a character for the logarithm of N, five each for r and p, the salt as it stands.
fn crypt_scrypt(front: &str, digest: &str) -> Result<Parts, PasswordHashError> {
    let (costs, salt) = front.split_at_checked(11).ok_or(Form)?;
    let values: Vec<u32> = costs.bytes().map(crypt_value).collect::<Option<_>>().ok_or(Form)?;
    let number = |digits: &[u32]| {
        let add = |sum: u32, digit: &u32| (sum << 6) | digit;
        // 30 bits, the lowest first.
        digits.iter().rev().fold(0, add)
    };
    let [log_n, rest @ ..] = values.as_slice() else { return Err(Form) };
    let (r, p) = rest.split_at_checked(5).ok_or(Form)?;
    let digest = crypt_bytes(digest).ok_or(Form)?;
    Ok((scrypt_method(*log_n, number(r), number(p))?, salt.as_bytes().to_vec(), digest))
}

fn scrypt_method(log_n: u32, r: u32, p: u32) -> Result<Method, PasswordHashError> {
    let log_n = u8::try_from(log_n).map_err(|_| ScryptCost)?;
    if log_n == 0 || r == 0 || p == 0 {
        return Err(Form);
    }
    // RFC 7914, section 2: N blocks of 128 * r bytes, worked through p times.
    let n = 1_u64.checked_shl(log_n.into()).ok_or(ScryptCost)?;
    let kib = n.saturating_mul(r.into()).div_ceil(8);
    if kib > MAX_KIB.into() || kib.saturating_mul(p.into()) > MAX_SCRYPT_WORK_KIB {
        return Err(ScryptCost);
    }
    scrypt::Params::new(log_n, r, p).map(Method::Scrypt).map_err(|_| Form)
}

fn pbkdf2(sha: Sha, costs: &str, salt: &str, digest: &str) -> Result<Parts, PasswordHashError> {
    // Passlib writes the bare number, and '.' for '+'.
    if let Some(iterations) = number(costs) {
        let read = |text: &str| base64(&text.replace('.', "+"));
        return Ok((pbkdf2_method(sha, iterations)?, read(salt)?, read(digest)?));
    }
    let (salt, digest) = (base64(salt)?, base64(digest)?);
    let (iterations, length) = match numbers(costs, ["i=", "l="]) {
        Some([iterations, length]) => (iterations, usize::try_from(length).map_err(|_| Form)?),
        None => (numbers(costs, ["i="]).map(|[i]| i).ok_or(Form)?, digest.len()),
    };
    if length != digest.len() {
        return Err(Form);
    }
    Ok((pbkdf2_method(sha, iterations)?, salt, digest))
}

fn django(iterations: &str, salt: &str, digest: &str) -> Result<Parts, PasswordHashError> {
    let method = pbkdf2_method(Sha::Sha256, number(iterations).ok_or(Form)?)?;
    Ok((method, salt.as_bytes().to_vec(), STANDARD.decode(digest).map_err(|_| Form)?))
}

fn pbkdf2_method(sha: Sha, iterations: u32) -> Result<Method, PasswordHashError> {
    let iterations = NonZeroU32::new(iterations).ok_or(Form)?;
    if iterations.get() > MAX_PBKDF2_ITERATIONS {
        return Err(Pbkdf2Cost);
    }
    Ok(Method::Pbkdf2 { sha, iterations })
}

/// The numbers in `m=1,t=2`, with just these names in this order.
fn numbers<const N: usize>(text: &str, names: [&str; N]) -> Option<[u32; N]> {
    let mut parts = text.split(',');
    let mut found = [0; N];
    for (slot, name) in found.iter_mut().zip(names) {
        *slot = number(parts.next()?.strip_prefix(name)?)?;
    }
    parts.next().is_none().then_some(found)
}

/// A decimal number without sign; one that is too large counts as the largest, which no limit lets
/// through.
fn number(text: &str) -> Option<u32> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(u32::MAX))
}

/// As PHC strings have it, without padding, or as some programs write it, with that.
fn base64(text: &str) -> Result<Vec<u8>, PasswordHashError> {
    let engine = if text.ends_with('=') { STANDARD } else { STANDARD_NO_PAD };
    engine.decode(text).map_err(|_| Form)
}

/// The six bits that a character of crypt(5) stands for: `./0-9A-Za-z`.
fn crypt_value(byte: u8) -> Option<u32> {
    let value = match byte {
        b'.' | b'/' => byte - b'.',
        b'0'..=b'9' => byte - b'0' + 2,
        b'A'..=b'Z' => byte - b'A' + 12,
        b'a'..=b'z' => byte - b'a' + 38,
        _ => return None,
    };
    Some(value.into())
}

/// The bytes of crypt(5)'s own base64, in which the lowest bits come first.
fn crypt_bytes(text: &str) -> Option<Vec<u8>> {
    let (mut bytes, mut bits, mut held) = (Vec::new(), 0_u32, 0);
    for byte in text.bytes() {
        bits |= crypt_value(byte)? << held;
        held += 6;
        if held >= 8 {
            bytes.push(bits.to_le_bytes()[0]);
            bits >>= 8;
            held -= 8;
        }
    }
    (bits == 0).then_some(bytes)
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

impl PartialEq for PasswordHash {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for PasswordHash {}

impl Serialize for PasswordHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for PasswordHash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(de::Error::custom)
    }
}

impl FromField for PasswordHash {
    fn from_field(value: Value) -> Result<Self, Flaw> {
        let text = String::from_field(value)?;
        Self::parse(&text).map_err(|error| {
            let code = if error == Form { "format" } else { "range" };
            Flaw::Value(code, error.to_string())
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const SALT: &str = "MDEyMzQ1Njc4OWFiY2RlZg";
    const DIGEST: &str = "CR9Mzj5WpJgkxzfBufos49SPJXgZFcIi";

    fn check(text: &str, expected: Result<(), PasswordHashError>) {
        assert_eq!(PasswordHash::parse(text).map(drop), expected, "{text}");
    }

    #[test]
    fn argon2_is_limited() {
        let with = |costs: &str, expected| {
            check(&format!("$argon2id$v=19${costs}${SALT}${DIGEST}"), expected);
        };
        with("m=262144,t=16,p=8", Ok(()));
        with("m=262145,t=16,p=8", Err(Argon2Cost));
        with("m=262144,t=17,p=8", Err(Argon2Cost));
        with("m=262144,t=16,p=9", Err(Argon2Cost));
        with("m=4294967296,t=1,p=1", Err(Argon2Cost));
        with("m=8,t=1,p=1", Ok(()));
        with("m=7,t=1,p=1", Err(Form));
        with("m=15,t=1,p=2", Err(Form));
        with("m=8,t=0,p=1", Err(Form));
        with("m=8,t=1,p=0", Err(Form));
        with("t=1,m=8,p=1", Err(Form));
        with("m=8,t=1", Err(Form));
        with("m=8,t=1,p=1,keyid=AAAA", Err(Form));
        with("m=+8,t=1,p=1", Err(Form));
        with("m=,t=1,p=1", Err(Form));
        check(&format!("$argon2id$m=8,t=1,p=1${SALT}${DIGEST}"), Ok(()));
        check(&format!("$argon2id$v=18$m=8,t=1,p=1${SALT}${DIGEST}"), Err(Form));
        check(&format!("$argon2x$v=19$m=8,t=1,p=1${SALT}${DIGEST}"), Err(Form));
        check(&format!("$argon2id$v=19$m=8,t=1,p=1${SALT}"), Err(Form));
        check(&format!("$argon2id$v=19$m=8,t=1,p=1${SALT}${DIGEST}$"), Err(Form));
        check(&format!("$argon2id$v=19$m=8,t=1,p=1$AAAA${DIGEST}"), Err(Form));
        check(&format!("$argon2id$v=19$m=8,t=1,p=1${SALT}$AAAA"), Err(Form));
        check(&format!("$argon2id$v=19$m=8,t=1,p=1${SALT}${DIGEST}="), Err(Form));
        check(&format!("argon2$argon2id$v=19$m=8,t=1,p=1${SALT}${DIGEST}"), Ok(()));
        let padded = "MDEyMzQ1Njc4OWFiY2RlZg==";
        check(&format!("$argon2id$v=19$m=8,t=1,p=1${padded}${padded}"), Ok(()));
        check(&format!("$argon2id$v=19$m=8,t=1,p=1${padded}=${padded}"), Err(Form));
    }

    #[test]
    fn bcrypt_is_limited() {
        let with = |front: &str, expected| {
            check(
                &format!("{front}LoIvTcxO2Aby0FyqkJ.OgOgMxWWZowkOq.i2mEw3MzfdSuuF9r01m"),
                expected,
            );
        };
        with("$2b$04$", Ok(()));
        with("$2b$15$", Ok(()));
        with("$2b$16$", Err(BcryptCost));
        with("$2b$31$", Err(BcryptCost));
        with("$2b$03$", Err(Form));
        with("$2b$99$", Err(Form));
        with("$2b$5$", Err(Form));
        with("$2b$+5$", Err(Form));
        with("$2x$05$", Err(Form));
        with("$2$05$", Err(Form));
        with("$2b$05$a", Err(Form));
        with("bcrypt$$2b$05$", Ok(()));
        with("bcrypt$2b$05$", Err(Form));
        // It hashes another hash.
        with("bcrypt_sha256$$2b$05$", Ok(()));
        with("bcrypt_sha256$2b$05$", Err(Form));
        with("bcrypt_sha512$$2b$05$", Err(Form));
        check("$2b$05$LoIvTcxO2Aby0FyqkJ.OgO", Err(Form));
        check("$2b$05$LoIvTcxO2Aby0FyqkJ.Oéééé", Err(Form));
        check("$2b$05$", Err(Form));
    }

    #[test]
    fn scrypt_is_limited() {
        let with = |costs: &str, expected| {
            check(&format!("$scrypt${costs}${SALT}${DIGEST}"), expected);
        };
        with("ln=18,r=8,p=4", Ok(()));
        with("ln=18,r=8,p=5", Err(ScryptCost));
        with("ln=19,r=8,p=1", Err(ScryptCost));
        with("ln=18,r=9,p=1", Err(ScryptCost));
        with("ln=13,r=8,p=10", Ok(()));
        with("ln=1,r=4294967295,p=4294967295", Err(ScryptCost));
        with("ln=255,r=8,p=1", Err(ScryptCost));
        with("ln=256,r=8,p=1", Err(ScryptCost));
        with("ln=1,r=1,p=4294967295", Err(ScryptCost));
        with("ln=0,r=8,p=1", Err(Form));
        with("ln=14,r=0,p=1", Err(Form));
        with("ln=14,r=8,p=0", Err(Form));
        let crypt = |front: &str, expected| {
            check(&format!("$7${front}$9mWpeXw0A6m./jUfen9g.kgUvFNtBU6bCsMaoRil0P7"), expected);
        };
        crypt("G6..../....salt", Ok(()));
        crypt("H6..../....salt", Err(ScryptCost));
        crypt("86..../....", Err(Form));
        crypt("86..../...é", Err(Form));
        crypt("86..../..!.salt", Err(Form));
        check("$7$86..../....salt$9mWp", Err(Form));
        check("$7$86..../....salt$9mWpeXw0A6m./jUfen9g.kgUvFNtBU6bCsMaoRil0Pz", Err(Form));
    }

    #[test]
    fn pbkdf2_is_limited() {
        for front in ["$pbkdf2-sha256$", "$pbkdf2-sha512$", "$pbkdf2-sha256$i=", "pbkdf2_sha256$"] {
            let with = |iterations: &str, expected| {
                check(&format!("{front}{iterations}${SALT}${DIGEST}"), expected);
            };
            with("1", Ok(()));
            with("2000000", Ok(()));
            with("2000001", Err(Pbkdf2Cost));
            with("99999999999999999999", Err(Pbkdf2Cost));
            with("0", Err(Form));
            with("-1", Err(Form));
            with("", Err(Form));
        }
        check(&format!("$pbkdf2-sha256$i=1,l=24${SALT}${DIGEST}"), Ok(()));
        check(&format!("$pbkdf2-sha256$i=1,l=32${SALT}${DIGEST}"), Err(Form));
        check(&format!("$pbkdf2-sha1$i=1${SALT}${DIGEST}"), Err(Form));
        check(&format!("$pbkdf2-sha256$1$${DIGEST}"), Err(Form));
        check(&format!("pbkdf2_sha1$1${SALT}${DIGEST}"), Err(Form));
    }

    #[test]
    fn what_is_no_hash_is_refused() {
        for text in ["", "$", "secret", "$$$$$", "$1$salt$digest", "{SSHA}abcd", "$6$salt$digest"] {
            check(text, Err(Form));
        }
        check(&format!("pbkdf2_sha256$1${}${DIGEST}", "s".repeat(MAX_SALT_BYTES)), Ok(()));
        check(&format!("pbkdf2_sha256$1${}${DIGEST}", "s".repeat(MAX_SALT_BYTES + 1)), Err(Form));
        check(&format!("pbkdf2_sha256$1${}${DIGEST}", "s".repeat(1_000_000)), Err(Form));
    }

    #[test]
    fn a_hash_is_its_text_in_json_and_nothing_in_logs() {
        let text = format!("$argon2id$v=19$m=8,t=1,p=1${SALT}${DIGEST}");
        let hash: PasswordHash = serde_json::from_value(json!(text)).unwrap();
        assert_eq!(serde_json::to_value(&hash).unwrap(), json!(text));
        assert_eq!(format!("{hash:?}"), "PasswordHash(…)");
        assert!(serde_json::from_value::<PasswordHash>(json!("secret")).is_err());
        let Err(Flaw::Value(code, why)) = PasswordHash::from_field(json!("$2b$16$hunter")) else {
            panic!("no hash");
        };
        assert!(code == "format" && !why.contains("hunter"), "{code}: {why}");
    }
}
