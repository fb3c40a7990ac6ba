//! What waits for a code from an email: sign-ups and resets of a password.

use serde::{Deserialize, Serialize};

use crate::model::{
    email::Email,
    id::{SignInId, SignUpId},
    password_hash::PasswordHash,
    sign_in::SignIn,
    text::{Language, Name},
};

/// A sign-up that waits for its address to be proved, stored under its code's digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SignUp {
    /// Its id.
    pub id: SignUpId,
    /// The address.
    pub email: Email,
    /// First name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<Name>,
    /// Last name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Name>,
    /// The language of emails.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// The password's hash.
    pub password: PasswordHash,
    /// The digest of the invite that is accepted as soon as the address is proved, if it is still open then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invite: Option<String>,
    /// The stored item's version.
    #[serde(skip)]
    pub version: u64,
}

/// A new password that waits for its code, stored under the code's digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reset {
    /// The sign-in; one that is yet to be made, where the user has none.
    pub sign_in_id: SignInId,
    /// Whose it is.
    pub email: Email,
    /// The sign-in's epoch when the code was asked for; none where the sign-in is yet to be made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epoch: Option<u64>,
    /// The stored item's version.
    #[serde(skip)]
    pub version: u64,
}

impl Reset {
    /// Whether it is still good for what the address leads to now. Epochs count from the same number
    /// in each sign-in, so the sign-in must be the same one, too.
    pub(crate) fn is_good_for(&self, sign_in: Option<&SignIn>) -> bool {
        match (self.epoch, sign_in) {
            (Some(epoch), Some(now)) => now.id == self.sign_in_id && now.epoch == epoch,
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{model::sign_in::tests::ada, random::Random};

    #[test]
    fn a_reset_is_for_one_epoch_of_one_sign_in() {
        let ada = ada();
        let reset =
            |epoch| Reset { sign_in_id: ada.id, email: ada.email.clone(), epoch, version: 1 };
        let of_ada = reset(Some(ada.epoch));
        assert!(of_ada.is_good_for(Some(&ada)));
        assert!(!of_ada.is_good_for(Some(&ada.clone().in_next_epoch())));
        // Another sign-in of the same address, as young.
        let at = ada.created;
        let successor = SignIn { id: SignInId::new(at, &Random::seeded(2)), ..ada.clone() };
        assert!(!of_ada.is_good_for(Some(&successor)));
        assert!(!of_ada.is_good_for(None));
        // Where there was none, one that was made meanwhile is not to be had by it.
        assert!(reset(None).is_good_for(None));
        assert!(!reset(None).is_good_for(Some(&ada)));
    }
}
