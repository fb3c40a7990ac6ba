//! The service's secret, and the keys that are derived from it for one purpose each.

use std::fmt;

use aws_lc_rs::{
    aead::{AES_256_GCM_SIV, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    constant_time, digest,
    hkdf::{HKDF_SHA256, Salt},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// 32 bytes that nobody else may know; never printed, wiped when dropped.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Secret([u8; 32]);

impl Secret {
    /// The secret made of these bytes.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Reads 32 bytes in base64url without padding, as `guestlist` writes them to `secret`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut bytes = URL_SAFE_NO_PAD.decode(text.trim().trim_end_matches('=')).ok()?;
        let secret = <[u8; 32]>::try_from(bytes.as_slice()).ok().map(Self);
        bytes.zeroize();
        secret
    }

    /// The text that [`Secret::parse`] reads, for the file that keeps it.
    pub fn reveal(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// The raw bytes, for the cryptographic library that needs them.
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    /// The key for `purpose` (HKDF-SHA256, RFC 5869); different purposes give unrelated keys.
    #[must_use]
    pub fn derive(&self, purpose: &str) -> Self {
        let mut key = [0; 32];
        let info = [purpose.as_bytes()];
        let salt = Salt::new(HKDF_SHA256, b"guestlist");
        let filled =
            salt.extract(&self.0).expand(&info, HKDF_SHA256).and_then(|okm| okm.fill(&mut key));
        debug_assert!(filled.is_ok(), "32 bytes are within what HKDF-SHA256 can give");
        Self(key)
    }

    /// Identifies this secret for `purpose` without revealing it: the derived key, one-way.
    pub fn mark(&self, purpose: &str) -> String {
        URL_SAFE_NO_PAD.encode(self.derive(purpose).0)
    }

    /// A short public name for the secret, to tell which of several made something.
    pub fn fingerprint(&self) -> String {
        let name = self.derive("fingerprint");
        URL_SAFE_NO_PAD.encode(name.0.first_chunk::<6>().copied().unwrap_or_default())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// The secret in use, and those before it, which still open what they closed.
#[derive(Clone, Debug)]
pub struct Secrets {
    /// What new things are made with.
    pub current: Secret,
    /// Accepted, never used for something new.
    pub previous: Vec<Secret>,
}

impl Secrets {
    /// The current secret, then the previous ones.
    pub fn all(&self) -> impl Iterator<Item = &Secret> {
        std::iter::once(&self.current).chain(&self.previous)
    }
}

/// Closes things for one purpose so that only this service can read or make them.
///
/// AES-256-GCM-SIV (RFC 8452), which stays safe though the nonce is fixed: the same bytes in the same
/// context always give the same text.
pub struct Sealer {
    /// The current secret's key, then those of the previous ones.
    keys: Vec<LessSafeKey>,
}

impl Sealer {
    /// A sealer under these secrets; what one purpose has sealed does not open for another.
    pub fn new(secrets: &Secrets, purpose: &str) -> Self {
        let key = |secret: &Secret| {
            let key = secret.derive(purpose);
            UnboundKey::new(&AES_256_GCM_SIV, key.expose()).ok().map(LessSafeKey::new)
        };
        Self { keys: secrets.all().filter_map(key).collect() }
    }

    /// The sealed bytes in base64url, bound to `context`; `None` only if sealing itself fails.
    pub fn seal(&self, context: &str, mut bytes: Vec<u8>) -> Option<String> {
        let nonce = Nonce::assume_unique_for_key([0; NONCE_LEN]);
        let key = self.keys.first()?;
        key.seal_in_place_append_tag(nonce, Aad::from(context), &mut bytes).ok()?;
        Some(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// The bytes in a sealed text; `None` if it was not sealed here in just this context.
    pub fn open(&self, context: &str, sealed: &str) -> Option<Vec<u8>> {
        let sealed = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        self.keys.iter().find_map(|key| {
            let nonce = Nonce::assume_unique_for_key([0; NONCE_LEN]);
            let mut bytes = sealed.clone();
            let length = key.open_in_place(nonce, Aad::from(context), &mut bytes).ok()?.len();
            bytes.truncate(length);
            Some(bytes)
        })
    }
}

/// SHA-256 (FIPS 180-4).
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut sum = [0; 32];
    sum.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
    sum
}

/// SHA-256 in base64url: what is stored of what somebody else holds.
pub fn digest_of(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(sha256(text.as_bytes()))
}

/// Whether two byte strings are equal, in a time that does not tell where they differ.
pub fn same(a: &[u8], b: &[u8]) -> bool {
    constant_time::verify_slices_are_equal(a, b).is_ok()
}
