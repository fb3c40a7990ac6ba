//! A password as a credential. A sign-in has one at most, and may have none.

use serde::{Deserialize, Serialize};

use super::{Credential, SignIn};
use crate::model::password_hash::PasswordHash;

/// What is kept of a password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PasswordCredential {
    /// Its hash.
    pub hash: PasswordHash,
}

impl SignIn {
    /// The password's hash, if there is a password.
    pub(crate) fn password(&self) -> Option<&PasswordHash> {
        self.credentials.find(|credential| {
            if let Credential::Password(password) = credential {
                Some(&password.hash)
            } else {
                None
            }
        })
    }

    /// The same with this password, in place of one that it had.
    #[must_use]
    pub(crate) fn with_password(self, hash: PasswordHash) -> Self {
        self.with_credential(Credential::of_password(hash))
    }

    /// The same without a password.
    #[must_use]
    pub(crate) fn without_password(mut self) -> Self {
        self.credentials.remove(|credential| matches!(credential, Credential::Password(_)));
        self
    }
}

#[cfg(test)]
mod tests {
    use crate::model::{password_hash::PasswordHash, sign_in::tests::*};

    #[test]
    fn there_is_one_at_most() {
        let without = ada();
        assert_eq!(without.password(), None);
        let first = without.with_password(hash());
        assert_eq!(first.password(), Some(&hash()));
        let other = PasswordHash::parse(&HASH.replace("$2b$04$", "$2b$05$")).unwrap();
        let second = first.with_totp(totp()).with_password(other.clone());
        assert_eq!(second.password(), Some(&other));
        assert_eq!(second.totp(), Some(&totp()));
        let none = second.without_password();
        assert_eq!((none.password(), none.totp()), (None, Some(&totp())));
    }
}
