//! The signature algorithms that a token may use.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A signature algorithm, under its name in `alg` (RFC 7518, section 3.1; RFC 8037, section 3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Algorithm {
    /// RSA, PKCS #1 v1.5, SHA-256; keys of 2048 to 8192 bits.
    RS256,
    /// ECDSA on P-256, SHA-256.
    ES256,
    /// Ed25519.
    EdDSA,
    /// HMAC-SHA-256 with a secret that both sides know.
    HS256,
}

/// A name that is none of [`Algorithm`]'s.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be one of RS256, ES256, EdDSA and HS256")]
pub struct UnknownAlgorithm;

impl Algorithm {
    /// Those with a key pair, which an issuer can publish the public half of.
    pub const PUBLIC: [Self; 3] = [Self::RS256, Self::ES256, Self::EdDSA];

    /// Whether it has a key pair.
    pub fn is_public(self) -> bool {
        Self::PUBLIC.contains(&self)
    }

    /// The name in `alg`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RS256 => "RS256",
            Self::ES256 => "ES256",
            Self::EdDSA => "EdDSA",
            Self::HS256 => "HS256",
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Algorithm {
    type Err = UnknownAlgorithm;

    /// Reads the exact name: `alg` is case-sensitive (RFC 7515, section 4.1.1).
    fn from_str(name: &str) -> Result<Self, UnknownAlgorithm> {
        match name {
            "RS256" => Ok(Self::RS256),
            "ES256" => Ok(Self::ES256),
            // RFC 9864, section 2.2, names the curve.
            "EdDSA" | "Ed25519" => Ok(Self::EdDSA),
            "HS256" => Ok(Self::HS256),
            _ => Err(UnknownAlgorithm),
        }
    }
}

impl From<Algorithm> for jsonwebtoken::Algorithm {
    fn from(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::RS256 => Self::RS256,
            Algorithm::ES256 => Self::ES256,
            Algorithm::EdDSA => Self::EdDSA,
            Algorithm::HS256 => Self::HS256,
        }
    }
}
