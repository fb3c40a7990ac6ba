//! Invites: what the holder of a code can join.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    clock::Timestamp,
    model::{
        email::Email,
        fields::{Flaw, FromField},
        id::{AccountId, UserId},
    },
    role::Role,
};

/// An invite as it is stored, under its code's digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Invite {
    /// Who is invited; nobody in particular for the setup code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invitee: Option<Invitee>,
    /// Who invites, if it is a user. Not by name: that is the user's own and goes with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inviter: Option<Inviter>,
    /// The role that it gives.
    pub role: Role,
    /// The digest of what proves that the email was read; none for the setup code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<String>,
    /// Whether it has been accepted.
    pub used: bool,
    /// The stored item's expiry; none for the setup code.
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

/// How the last invite stands of a user who has not joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum InviteState {
    /// The user was added, and never invited.
    None,
    /// It can be accepted.
    Open,
    /// Its time is over.
    Expired,
    /// It was declined or taken back.
    Ended,
}

impl InviteState {
    /// All of them.
    pub(crate) const ALL: [Self; 4] = [Self::None, Self::Open, Self::Expired, Self::Ended];

    /// Its name on the wire.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Open => "open",
            Self::Expired => "expired",
            Self::Ended => "ended",
        }
    }

    /// How an invite stands at a time, by when it was sent and until when it could be accepted.
    pub(crate) fn at(now: Timestamp, sent: Option<Timestamp>, expires: Option<Timestamp>) -> Self {
        match (sent, expires) {
            (None, None) => Self::None,
            (_, Some(expires)) if now < expires => Self::Open,
            (_, Some(_)) => Self::Expired,
            (Some(_), None) => Self::Ended,
        }
    }
}

impl FromField for InviteState {
    fn from_field(value: Value) -> Result<Self, Flaw> {
        let name = String::from_field(value)?;
        let state = Self::ALL.into_iter().find(|state| state.name() == name);
        state
            .ok_or_else(|| Flaw::Value("in", "must be one of none, open, expired and ended".into()))
    }
}
