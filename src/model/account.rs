//! An account: the tenant that users belong to.

use serde::{Deserialize, Serialize};

use crate::{
    clock::Timestamp,
    model::{
        id::AccountId,
        logo::LogoMark,
        text::{Document, Name},
    },
};

/// An account as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Account {
    /// The account's id.
    pub id: AccountId,
    /// What people call it.
    pub name: Name,
    /// Whether its users may come in.
    pub state: AccountState,
    /// What the single-page app keeps about the account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settings: Option<Document>,
    /// Which logo it has; the picture is an item of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logo: Option<LogoMark>,
    /// Whether the operator vouches for its admins: they may choose passwords for users whose sign-ins it
    /// keeps, and whom they add is expected without an invite.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub managed: bool,
    /// How often it has ceased to be `managed`; sign-ins that it has kept before are not kept any more.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub released: u64,
    /// When everyone was last signed out: earlier sign-ins are no longer admitted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed_out: Option<Timestamp>,
    /// How many active users of role `admin` or above it has; never falls back to none, unless it is removed.
    pub admins: u64,
    /// How many of them are root users, once one has come or gone; until then the totals say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roots: Option<u64>,
    /// When it was made.
    pub created: Timestamp,
    /// The stored item's version.
    #[serde(skip)]
    pub version: u64,
}

impl Account {
    /// Signs everybody out. The moment is never taken back, however clocks go.
    pub(crate) fn sign_out(&mut self, at: Timestamp) {
        self.signed_out = self.signed_out.max(Some(at));
    }

    /// Whether it can do without one of its admins: it has another, or is going to be deleted.
    pub(crate) fn spares_an_admin(&self) -> bool {
        match self.state {
            AccountState::Active | AccountState::Suspended => self.admins > 1,
            AccountState::Removed { .. } => true,
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// Whether an account is open: `active ⇄ suspended`, and `removed` on the way out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", rename_all_fields = "camelCase")]
pub(crate) enum AccountState {
    /// Its users and keys may come in.
    Active,
    /// The operator keeps them out.
    Suspended,
    /// They are kept out, and the account is kept for a while.
    Removed {
        /// When it is deleted for good, with all that is in it.
        purge_after: Timestamp,
    },
}

impl AccountState {
    /// The state's name on the wire.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Removed { .. } => "removed",
        }
    }
}
