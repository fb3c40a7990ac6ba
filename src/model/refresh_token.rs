//! Refresh tokens: what a session is renewed with.

use serde_json::Value;

use crate::{
    error::Result,
    model::{
        fields::{Flaw, FromField},
        id::{SessionId, SignInId},
        random_part,
    },
};

/// What every refresh token begins with, so that people and secret scanners recognise one.
const PREFIX: &str = "glr_";

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
        let (family, latest) = (random_part::read(next()?)?, random_part::read(next()?)?);
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
