//! A person's own sign-in: an e-mail, a password, and perhaps a second factor.
//!
//! It is an identity of the built-in issuer, whether or not there is a user for it yet.

mod pending;

use serde::{Deserialize, Serialize};

pub use self::pending::{Reset, SignUp};
use crate::{
    clock::Timestamp,
    model::{
        email::Email, id::SignInId, password_hash::PasswordHash, text::Name, user::IdentityKey,
    },
};

/// What the built-in issuer calls itself: `iss` and `aud` of its tokens.
pub const ISSUER: &str = "guestlist";
/// How many places a sign-in remembers to have been used from.
const MAX_PLACES: usize = 16;

/// A sign-in as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SignIn {
    /// Its id, and the subject of its tokens.
    pub id: SignInId,
    /// The address, which is the user's where there is one.
    pub email: Email,
    /// Whether the person has proved to read what is sent there. Not so where an admin has chosen
    /// the address and the password; then the tokens say so, too.
    pub verified: bool,
    /// First name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<Name>,
    /// Last name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Name>,
    /// The password's hash.
    pub password: PasswordHash,
    /// When the password was set; sessions of before have ended.
    pub password_set: Timestamp,
    /// The second factor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub totp: Option<Totp>,
    /// Digests of the networks that it was used from lately, the latest last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<String>,
    /// Until when it waits for its person to come in as a user; then it is forgotten.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unbound_until: Option<Timestamp>,
    /// When it was made.
    pub created: Timestamp,
    /// The stored item's version.
    #[serde(skip)]
    pub version: u64,
}

/// A second factor: an authenticator app (RFC 6238) and codes for the day when it is lost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Totp {
    /// The secret that the app shares, sealed.
    pub secret: String,
    /// Whether a code has shown that the app has it; before that, no code is asked for.
    pub confirmed: bool,
    /// The time step of the last code, which does not work again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_step: Option<u64>,
    /// Digests of the recovery codes that have not been used.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub recovery: Vec<String>,
}

impl SignIn {
    /// Who its tokens say that the person is.
    pub fn identity(&self) -> IdentityKey {
        IdentityKey { issuer: ISSUER.to_owned(), subject: self.id.to_string() }
    }

    /// The same at another address, which nobody has proved.
    #[must_use]
    pub fn moved_to(&self, email: &Email) -> Self {
        Self { email: email.clone(), verified: false, ..self.clone() }
    }

    /// The second factor that is asked for, if one is.
    pub fn second_factor(&self) -> Option<&Totp> {
        self.totp.as_ref().filter(|totp| totp.confirmed)
    }

    /// Whether it was used from there lately.
    pub fn knows_place(&self, place: &str) -> bool {
        self.places.iter().any(|known| known == place)
    }

    /// Remembers a place; the one that was not used for the longest time is forgotten.
    pub fn remember_place(&mut self, place: String) {
        self.places.retain(|known| *known != place);
        self.places.push(place);
        let surplus = self.places.len().saturating_sub(MAX_PLACES);
        self.places.drain(..surplus);
    }
}

/// The sign-in behind an identity, if it is one of ours.
pub fn sign_in_of(identity: &IdentityKey) -> Option<SignInId> {
    if identity.issuer == ISSUER { SignInId::parse(&identity.subject) } else { None }
}
