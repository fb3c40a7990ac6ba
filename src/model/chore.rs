//! Chores: what the service does by itself when the time comes.

use serde::{Deserialize, Serialize};

use crate::{
    admit::reaches_everywhere,
    model::{
        id::{AccountId, SignInId, UserId},
        user::User,
    },
};

/// Something to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub(crate) enum Chore {
    /// To delete a user for good, if it is still in the trash and its time is up.
    PurgeUser {
        /// The account that it is in.
        account_id: AccountId,
        /// Its id.
        user_id: UserId,
    },
    /// To take what is left of a deleted user out of other records.
    ScrubUser(Scrub),
    /// To delete what is left of a deleted sign-in: its person's own trail.
    ForgetSignIn {
        /// Its id.
        sign_in_id: SignInId,
    },
    /// To delete an account for good, with all that is in it.
    PurgeAccount {
        /// Its id.
        account_id: AccountId,
        /// The last entry of its trail that has been scrubbed.
        #[serde(skip_serializing_if = "Option::is_none")]
        scrubbed: Option<String>,
    },
}

/// What is still to be scrubbed of a deleted user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Scrub {
    /// The account that it was in.
    pub account_id: AccountId,
    /// Its id.
    pub user_id: UserId,
    /// Whether it had a say about others, when it was deleted.
    pub admin: bool,
    /// Whether it had it in every account.
    pub operator: bool,
    /// Where the walk through accounts' trails goes on; it comes last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub walk: Option<TrailWalk>,
}

/// A walk through the trail of an account, or of one account after the other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TrailWalk {
    /// The account that the walk has come to.
    pub account_id: AccountId,
    /// Whether the others follow.
    pub everywhere: bool,
    /// The last entry that has been looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

impl Scrub {
    /// Of a user who is deleted.
    pub(crate) fn new(user: &User) -> Self {
        Self {
            account_id: user.account_id,
            user_id: user.id,
            admin: user.is_admin(),
            operator: reaches_everywhere(user.role),
            walk: None,
        }
    }

    /// Of a user whose account goes, too, whose trail then loses everybody's addresses.
    pub(crate) fn with_account(user: &User) -> Self {
        Self { admin: false, ..Self::new(user) }
    }
}
