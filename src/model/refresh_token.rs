//! Refresh tokens: what a session is renewed with.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;

use crate::{
    error::Result,
    model::{
        fields::{Flaw, FromField},
        id::{SessionId, SignInId},
    },
    random::Random,
    secret::sha256,
};

/// What every refresh token begins with, so that people and secret scanners recognise one.
const PREFIX: &str = "glr_";
/// The length of a random part: 32 bytes in base64url.
const RANDOM_CHARS: usize = 43;

/// What renews a session once: its place, and two random parts of 256 bits.
#[derive(Clone, PartialEq, Eq)]
pub struct RefreshToken {
    /// Whose session it renews.
    pub sign_in_id: SignInId,
    /// The session.
    pub id: SessionId,
    /// What all tokens of the session have in common.
    pub(super) family: String,
    /// What only this one has.
    pub(super) latest: String,
}

impl RefreshToken {
    /// Reads a token; its form only, not whether it renews something.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.trim().strip_prefix(PREFIX)?.split('.');
        let mut next = || parts.next();
        let sign_in_id = SignInId::parse(next()?)?;
        let id = SessionId::parse(next()?)?;
        let (family, latest) = (random_part(next()?)?, random_part(next()?)?);
        parts.next().is_none().then_some(Self { sign_in_id, id, family, latest })
    }

    /// The token itself, for the one who has signed in.
    pub(crate) fn reveal(&self) -> String {
        let Self { sign_in_id, id, family, latest } = self;
        format!("{PREFIX}{sign_in_id}.{id}.{family}.{latest}")
    }
}

impl FromField for RefreshToken {
    fn from_field(value: Value) -> Result<Self, Flaw> {
        let text = String::from_field(value)?;
        let why = "must be the refreshToken of session/create or of the last session/refresh";
        Self::parse(&text).ok_or_else(|| Flaw::Value("format", why.into()))
    }
}

/// A new random part.
pub(super) fn part(random: &Random) -> String {
    URL_SAFE_NO_PAD.encode(random.bytes::<32>())
}

fn random_part(text: &str) -> Option<String> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (text.len() == RANDOM_CHARS && text.bytes().all(plain)).then(|| text.to_owned())
}

/// What is stored of a part: SHA-256 in base64url.
pub(super) fn digest(part: &str) -> String {
    URL_SAFE_NO_PAD.encode(sha256(part.as_bytes()))
}
