//! Invites: what waits for whoever has the code.

use serde::{Deserialize, Serialize};

use crate::{
    model::{
        email::Email,
        id::{AccountId, UserId},
    },
    role::Role,
};

/// An invite as it is stored, under its code's digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Invite {
    /// Who is invited; nobody in particular for the set-up code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invitee: Option<Invitee>,
    /// Who invites, if it is a user. Not by name: that is the user's own and goes with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inviter: Option<Inviter>,
    /// The role that it gives.
    pub role: Role,
    /// The digest of what proves that the e-mail was read; none for the set-up code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<String>,
    /// Whether it has been accepted.
    pub used: bool,
    /// The stored item's expiry; none for the set-up code.
    #[serde(skip)]
    pub expires: Option<u64>,
    /// The stored item's version.
    #[serde(skip)]
    pub version: u64,
}

/// Whom an invite is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Invitee {
    /// The account that it leads to.
    pub account_id: AccountId,
    /// The user that it makes active.
    pub user_id: UserId,
    /// The address that it was sent to.
    pub email: Email,
}

/// Who invites.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Inviter {
    /// The user's account, which need not be the one that the invite leads to.
    pub account_id: AccountId,
    /// The user.
    pub user_id: UserId,
}
