//! A person's own sign-in: an email, and what its person can sign in with.
//!
//! It is an identity of the built-in issuer, whether or not there is a user for it yet.

mod credential;
mod moves;
mod password;
mod pending;
mod provider;
mod totp;

use serde::{Deserialize, Serialize};

pub(crate) use self::{
    credential::{Credential, Credentials},
    moves::{MAX_MOVES, Move, NewEmail, UNDO_LIFETIME, WayBack},
    pending::{Reset, SignUp},
    provider::{MAX_PROVIDERS, ProviderCredential},
    totp::TotpCredential,
};
use crate::{
    clock::Timestamp,
    model::{
        account::Account,
        email::Email,
        id::{AccountId, SignInId},
        text::{Language, Name},
        user::IdentityKey,
    },
};

/// What the built-in issuer calls itself: `iss` and `aud` of its tokens.
pub const ISSUER: &str = "guestlist";
/// The epoch that a sign-in begins with.
const FIRST_EPOCH: u64 = 1;
/// How many networks a sign-in remembers to have been used from.
const MAX_NETWORKS: usize = 16;

/// A sign-in as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SignIn {
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
    /// The language of emails about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// What its person can sign in with.
    pub credentials: Credentials,
    /// Raised by whatever ends its sessions, and never lowered: a session, or a code for a new
    /// password, is good only while its own epoch is this one.
    pub epoch: u64,
    /// Digests of the networks that it was used from lately, the latest last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub networks: Vec<String>,
    /// The account whose admins have made it, or whose invite its person has signed up with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept: Option<Kept>,
    /// Whether it is in the trash, with the one user that it has: nobody signs in with it, and its address
    /// is free.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub trashed: bool,
    /// Until when it waits for its person to join an account; then it is forgotten.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unbound_until: Option<Timestamp>,
    /// What its person has moved to another address lately, the latest last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub moves: Vec<Move>,
    /// When it was made.
    pub created: Timestamp,
    /// The stored item's version.
    #[serde(skip)]
    pub version: u64,
}

impl SignIn {
    /// A sign-in of which nothing is stored yet, for somebody who has proved the address; still
    /// without anything to sign in with.
    pub(crate) fn new(id: SignInId, email: Email, created: Timestamp) -> Self {
        Self {
            id,
            email,
            verified: true,
            first: None,
            last: None,
            language: None,
            credentials: Credentials::default(),
            epoch: FIRST_EPOCH,
            networks: Vec::new(),
            kept: None,
            trashed: false,
            unbound_until: None,
            moves: Vec::new(),
            created,
            version: 0,
        }
    }

    /// Whether it is kept by that account.
    pub(crate) fn is_kept_by(&self, account: &Account) -> bool {
        account.managed && self.kept == Some(Kept::by(account))
    }

    /// The same in the epoch after: what was good until now is not any more.
    #[must_use]
    pub(crate) fn in_next_epoch(self) -> Self {
        Self { epoch: self.epoch + 1, ..self }
    }

    /// Who its tokens say that the person is.
    pub(crate) fn identity(&self) -> IdentityKey {
        IdentityKey { issuer: ISSUER.to_owned(), subject: self.id.to_string() }
    }

    /// The same at another address, which nobody has proved yet.
    #[must_use]
    pub(crate) fn moved_to(&self, email: &Email) -> Self {
        let verified = self.verified && self.email == *email;
        Self { email: email.clone(), verified, ..self.clone() }
    }

    /// Whether it was used from there lately.
    pub(crate) fn knows_network(&self, network: &str) -> bool {
        self.networks.iter().any(|known| known == network)
    }

    /// Remembers a network; the one that was not used for the longest time is forgotten.
    pub(crate) fn remember_network(&mut self, network: String) {
        self.networks.retain(|known| *known != network);
        self.networks.push(network);
        let surplus = self.networks.len().saturating_sub(MAX_NETWORKS);
        self.networks.drain(..surplus);
    }
}

/// That an account keeps a sign-in: its admins may choose the password and the address, and take the second
/// factor off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Kept {
    /// The account.
    account_id: AccountId,
    /// How often the account had ceased to be managed then.
    released: u64,
}

impl Kept {
    /// By this account, as it is now.
    pub(crate) const fn by(account: &Account) -> Self {
        Self { account_id: account.id, released: account.released }
    }

    /// The account.
    pub(crate) const fn account(self) -> AccountId {
        self.account_id
    }

    /// Whether it is that account which keeps the sign-in, or has kept it.
    pub(crate) fn is_by(self, account: AccountId) -> bool {
        self.account_id == account
    }
}

/// The sign-in behind an identity, if it is one of ours.
pub(crate) fn sign_in_of(identity: &IdentityKey) -> Option<SignInId> {
    if identity.issuer == ISSUER { SignInId::parse(&identity.subject) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{model::password_hash::PasswordHash, random::Random};

    /// Of some password, as another service has kept it.
    pub(super) const HASH: &str = "$2b$04$ch6HpDqs0c8JfcY5pTw52eO24cqIihSiorFUakHRGWoqM9xSJYks2";

    pub(super) fn hash() -> PasswordHash {
        PasswordHash::parse(HASH).unwrap()
    }

    pub(super) fn totp() -> TotpCredential {
        let recovery = vec!["digest".to_owned()];
        TotpCredential {
            secret: "sealed".to_owned(),
            confirmed: true,
            last_step: Some(7),
            recovery,
        }
    }

    /// Somebody who has nothing to sign in with yet.
    pub(super) fn ada() -> SignIn {
        let at = Timestamp::from_millis(1_700_000_000_000);
        let id = SignInId::new(at, &Random::seeded(1));
        SignIn::new(id, Email::parse("ada@example.com").unwrap(), at)
    }

    #[test]
    fn epochs_only_rise() {
        let first = ada();
        let moved = first.moved_to(&Email::parse("ada@example.org").unwrap());
        assert_eq!(moved.epoch, first.epoch, "a new address alone ends nothing");
        let second = moved.in_next_epoch();
        assert_eq!(second.epoch, first.epoch + 1);
        assert_eq!(second.in_next_epoch().epoch, first.epoch + 2);
    }

    #[test]
    fn a_record_is_read_as_it_was_stored() {
        for sign_in in [ada(), ada().with_password(hash()).with_totp(totp()).in_next_epoch()] {
            let stored = serde_json::to_string(&sign_in).unwrap();
            assert_eq!(serde_json::from_str::<SignIn>(&stored).unwrap(), sign_in, "{stored}");
        }
    }
}
