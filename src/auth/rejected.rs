//! Why a token is not accepted, in words that may be shown to its sender.

use std::time::Duration;

/// Why a token was not verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// The token is at fault; the same one will not be accepted later, unless it is not yet valid.
    #[error(transparent)]
    Rejected(#[from] Rejected),
    /// The issuer's keys could never be fetched, so nobody can say; worth another try later.
    #[error("the keys of the token's issuer cannot be fetched right now")]
    Unavailable {
        /// When the keys are fetched again; at least a second.
        retry_after: Duration,
    },
}

/// What is wrong with a token.
///
/// The texts are for a public `detail` and for `error_description` in `WWW-Authenticate`: they repeat
/// nothing of the token, and have neither quotes nor backslashes (RFC 6750, section 3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejected {
    /// Longer than the head of a request may be.
    #[error("the token is longer than max_head_bytes allows")]
    TooLong,
    /// Not three base64url parts of JSON, JSON and signature, or a claim of the wrong type.
    #[error("the token is not a well-formed signed JWT")]
    Malformed,
    /// `alg` is `none`.
    #[error("the token is not signed")]
    Unsigned,
    /// `crit` names an extension that has to be understood (RFC 7515, section 4.1.11).
    #[error("the token requires an extension that is not supported")]
    CriticalExtension,
    /// No `iss`.
    #[error("the token has no issuer")]
    MissingIssuer,
    /// `iss` is not among the settings.
    #[error("the issuer of the token is not in the settings")]
    UnknownIssuer,
    /// One of this service's own, whose `typ` is not `at+jwt`.
    #[error("the token is not an access token")]
    NoAccessToken,
    /// Its `typ` is that of another kind of token, or it tells of `events`.
    #[error(
        "the token is of a kind that does not stand for a person; send an ID token or an access token"
    )]
    WrongType,
    /// `alg` is not on the issuer's list.
    #[error("the signature algorithm of the token is not allowed for its issuer")]
    AlgorithmNotAllowed,
    /// `kid` is not among the issuer's keys; without `kid`, none of them fits `alg`.
    #[error("the token is signed with a key that its issuer does not publish")]
    UnknownKey,
    /// No `kid`, and several of the issuer's keys fit.
    #[error("the token does not say which of its issuer's keys has signed it")]
    AmbiguousKey,
    /// The key that `kid` names is of another type than `alg` says.
    #[error("the signature algorithm of the token does not match the key that it names")]
    KeyMismatch,
    /// The signature is not that of the issuer's key.
    #[error("the signature of the token is not valid")]
    WrongSignature,
    /// `aud` names nobody that is expected, or is missing.
    #[error("the token is for another service (aud)")]
    WrongAudience,
    /// No `exp`.
    #[error("the token has no expiry (exp)")]
    MissingExpiry,
    /// `exp` is past.
    #[error("the token has expired")]
    Expired,
    /// `nbf` is still to come.
    #[error("the token is not valid yet")]
    NotYetValid,
    /// `auth_time`, or `iat` where there is none, is still to come.
    #[error("the token was issued in the future; check the clocks")]
    IssuedAhead,
    /// No `sub`, or no claim that the settings have for it.
    #[error("the token has no subject")]
    MissingSubject,
    /// One of this service's own for somebody who signs in here, without `sid`.
    #[error("the token names a sign-in of this service, but no session")]
    MissingSession,
    /// `sub` is empty, too long or has control characters.
    #[error("the subject of the token must have 1 to 255 printable characters")]
    InvalidSubject,
}

impl Rejected {
    /// Whether other keys than those that are known could make the token good.
    pub(crate) const fn is_about_keys(self) -> bool {
        matches!(
            self,
            Self::UnknownKey | Self::AmbiguousKey | Self::KeyMismatch | Self::WrongSignature
        )
    }
}
