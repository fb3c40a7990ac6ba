//! Sessions: what somebody who has signed in holds on to, and the tokens that renew it.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    clock::Timestamp,
    error::Result,
    model::{
        fields::{Flaw, FromField},
        id::{SessionId, SignInId},
    },
    random::Random,
    secret::{same, sha256},
};

/// What every refresh token begins with, so that people and secret scanners recognise one.
const PREFIX: &str = "glr_";
/// The length of a random part: 32 bytes in base64url.
const RANDOM_CHARS: usize = 43;

/// A session as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Session {
    /// The session's id, which its access tokens name.
    pub id: SessionId,
    /// Whose it is.
    pub sign_in_id: SignInId,
    /// The sign-in's epoch that it belongs to; it is good only while the sign-in is in that one.
    pub epoch: u64,
    /// The digest of what all its refresh tokens have in common.
    family: String,
    /// The digest of what only the latest refresh token has.
    latest: String,
    /// When it began.
    pub created: Timestamp,
    /// When it was last renewed.
    pub used: Timestamp,
    /// Where it began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// The program that it began with, as that calls itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// When it ends unless it is renewed. The name `expires` is the stored item's own.
    #[serde(rename = "expiresAt")]
    pub expires: Timestamp,
    /// The stored item's version.
    #[serde(skip)]
    pub version: u64,
}

/// Where and with what a session begins.
#[derive(Clone, Debug, Default)]
pub(crate) struct Origin {
    /// The caller's address.
    pub address: Option<String>,
    /// The caller's program.
    pub agent: Option<String>,
}

impl Session {
    /// A session that begins now, and its first refresh token.
    pub(crate) fn begin(
        sign_in_id: SignInId,
        epoch: u64,
        origin: Origin,
        [now, expires]: [Timestamp; 2],
        random: &Random,
    ) -> (Self, RefreshToken) {
        let id = SessionId::new(now, random);
        let token = RefreshToken { sign_in_id, id, family: part(random), latest: part(random) };
        let session = Self {
            id,
            sign_in_id,
            epoch,
            family: digest(&token.family),
            latest: digest(&token.latest),
            created: now,
            used: now,
            address: origin.address,
            agent: origin.agent,
            expires,
            version: 0,
        };
        (session, token)
    }

    /// The session as it goes on in that epoch.
    #[must_use]
    pub(crate) fn kept(self, epoch: u64) -> Self {
        Self { epoch, ..self }
    }

    /// What a refresh token is to this session.
    pub(crate) fn recognise(&self, token: &RefreshToken) -> Recognised {
        if !same(digest(&token.family).as_bytes(), self.family.as_bytes()) {
            Recognised::Stranger
        } else if same(digest(&token.latest).as_bytes(), self.latest.as_bytes()) {
            Recognised::Latest
        } else {
            Recognised::Used
        }
    }

    /// The session after a renewal, and the token that takes the place of `token`.
    pub(crate) fn renewed(
        &self,
        token: &RefreshToken,
        [now, expires]: [Timestamp; 2],
        random: &Random,
    ) -> (Self, RefreshToken) {
        let token = RefreshToken { latest: part(random), ..token.clone() };
        let session = Self { latest: digest(&token.latest), used: now, expires, ..self.clone() };
        (session, token)
    }
}

/// What a refresh token is to a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Recognised {
    /// The one that renews it.
    Latest,
    /// One that has renewed it before: two have it, and one of them has no right to.
    Used,
    /// None of its tokens.
    Stranger,
}

/// What renews a session once: its place, and two random parts of 256 bits.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct RefreshToken {
    /// Whose session it renews.
    pub sign_in_id: SignInId,
    /// The session.
    pub id: SessionId,
    family: String,
    latest: String,
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

fn part(random: &Random) -> String {
    URL_SAFE_NO_PAD.encode(random.bytes::<32>())
}

fn random_part(text: &str) -> Option<String> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (text.len() == RANDOM_CHARS && text.bytes().all(plain)).then(|| text.to_owned())
}

fn digest(part: &str) -> String {
    URL_SAFE_NO_PAD.encode(sha256(part.as_bytes()))
}
