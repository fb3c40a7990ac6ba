//! A hold: something that a user owns elsewhere, which keeps the user from being removed.

use serde::{Deserialize, Serialize};

use crate::{
    clock::Timestamp,
    model::{
        id::{AccountId, HoldId, UserId},
        text::{Document, HoldKind, HoldRef},
    },
};

/// A hold as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Hold {
    /// The hold's id.
    pub id: HoldId,
    /// Whose it is.
    pub user_id: UserId,
    /// The user's account.
    pub account_id: AccountId,
    /// What is owned; one of a user's holds has it.
    #[serde(flatten)]
    pub name: HoldName,
    /// What the other system keeps about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Document>,
    /// When it was made.
    pub created: Timestamp,
    /// The stored item's version.
    #[serde(skip)]
    pub version: u64,
}

/// What a hold is on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct HoldName {
    /// What kind of thing it is.
    pub kind: HoldKind,
    /// What the other system calls it.
    #[serde(rename = "ref")]
    pub reference: HoldRef,
}
