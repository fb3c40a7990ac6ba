//! What waits for a code from an e-mail: sign-ups and resets of a password.

use serde::{Deserialize, Serialize};

use crate::{
    clock::Timestamp,
    model::{
        email::Email,
        id::{SignInId, SignUpId},
        password_hash::PasswordHash,
        text::Name,
    },
};

/// A sign-up that waits for its address to be proved, stored under its code's digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SignUp {
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
    /// The password's hash.
    pub password: PasswordHash,
    /// The stored item's version.
    #[serde(skip)]
    pub version: u64,
}

/// A new password that waits for its code, stored under the code's digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Reset {
    /// The sign-in; one that is yet to be made, where the user has none.
    pub sign_in_id: SignInId,
    /// Whose it is.
    pub email: Email,
    /// When the password was set that is to be replaced; void if there is a newer one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_set: Option<Timestamp>,
    /// The stored item's version.
    #[serde(skip)]
    pub version: u64,
}
