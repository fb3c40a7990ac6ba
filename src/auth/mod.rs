//! Who is calling: identity tokens, from those who issue them to what they prove.
//!
//! `verifier` is the way in. It reads a token (`jws`, `claims`), picks the issuer that the token names
//! (`token` is the built-in one, which signs with a key of `signing`; `issuer` an outside one, as `issuer_settings` and
//! `claim_names` have it; what stands nowhere is in `known`), checks the signature by that issuer's key (`jwk`; `keyring` says where keys come from, `kept` when they are fetched, `discovery` what else an issuer says of itself) and returns what is proved (`identity`), or why
//! nothing is (`rejected`). Which user or key that is, others find out.
//!
//! `password` hashes and verifies what people sign in with; whose turn it is, `places` says, and
//! `pace` how long it takes to hear that one is wrong.

mod algorithm;
mod claim_names;
mod claims;
mod discovery;
pub(crate) mod identity;
pub(crate) mod issuer;
mod issuer_settings;
pub(crate) mod jwk;
pub(crate) mod jws;
mod kept;
mod keyring;
mod known;
mod pace;
pub(crate) mod password;
pub(crate) mod places;
pub mod provider;
pub(crate) mod rejected;
mod signing;
pub(crate) mod token;
pub(crate) mod verifier;

pub use algorithm::{Algorithm, UnknownAlgorithm};
pub use claim_names::{ClaimFault, ClaimNames, EmailVerified, TrustEmail, claim, subject_claim};
pub use discovery::MetadataFault;
pub use identity::{Identity, Presence};
pub use issuer::{Issuer, KeyReport};
pub use issuer_settings::{IssuerFault, IssuerSettings, KeySource, SharedSecret};
pub use jwk::{Jwk, JwkSet};
pub use keyring::KeysFault;
pub use password::{Busy, Hasher, Verdict, Work};
pub use places::{Line, Turn};
pub use rejected::{Rejected, VerifyError};
pub use signing::SigningFault;
pub(crate) use token::CLAIMS;
pub use token::{BuiltIn, MintError, NewToken, TokenKeys, TokenMember};
pub use verifier::Verifier;
