//! Claims: items that make a value unique and lead from it to its user.

use quick_cache::sync::Cache;
use serde::{Deserialize, Serialize};

use crate::{
    model::{
        id::{AccountId, UserId},
        user::User,
    },
    store::{
        Conflict, Result, Store,
        ledger::{
            layout,
            record::{Kept, Stored},
        },
    },
    table::{Item, Key},
};

/// Whose a claimed value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::store) struct Claim {
    pub(in crate::store) account_id: AccountId,
    pub(in crate::store) user_id: UserId,
}

impl Stored for Claim {}

/// What claims led to lately. A cached claim is only a first guess: the user's record says whether the value is still
/// that user's, so nothing that is remembered has to be forgotten when it changes.
pub(in crate::store) struct ClaimCache(Cache<Key, Claim>);

/// How many claims are remembered.
const CAPACITY: usize = 50_000;

impl Default for ClaimCache {
    fn default() -> Self {
        Self(Cache::new(CAPACITY))
    }
}

/// Where the user of a claim may lie.
pub(in crate::store) type UserKey = fn(AccountId, UserId) -> Key;

/// In the account, or in its trash.
pub(in crate::store) const ANYWHERE: &[UserKey] = &[layout::live_user, layout::trashed_user];

impl Store {
    /// The user whose claim lies at `key`, in the first of these keys where there is one; `None`
    /// unless its record says that the claim is about it.
    pub(in crate::store) async fn claimed_by<T: Kept>(
        &self,
        key: Key,
        keys: &[UserKey],
        is_meant: impl Fn(&T) -> bool,
    ) -> Result<Option<T>> {
        if let Some(cached) = self.claim_cache.0.get(&key)
            && let Some(user) = self.claimed_user(cached, keys).await?.filter(&is_meant)
        {
            return Ok(Some(user));
        }
        let Some(claim) = self.load(key.clone()).await? else { return Ok(None) };
        self.claim_cache.0.insert(key, claim);
        Ok(self.claimed_user(claim, keys).await?.filter(is_meant))
    }

    /// The user behind a claim, in the first of these keys where there is one.
    pub(in crate::store) async fn claimed_user<T: Kept>(
        &self,
        claim: Claim,
        keys: &[UserKey],
    ) -> Result<Option<T>> {
        for key_of in keys {
            if let Some(user) = self.load(key_of(claim.account_id, claim.user_id)).await? {
                return Ok(Some(user));
            }
        }
        Ok(None)
    }
}

/// All that a user claims, each with the conflict if somebody else has it. For values that the
/// service itself chooses there is none: a collision is tried again with another value.
pub(in crate::store) fn claims_of(user: &User) -> Vec<(Key, Option<Conflict>)> {
    let mut claims = vec![
        (layout::email_claim(&user.email), Some(Conflict::EmailTaken)),
        (layout::number_claim(user.number), None),
        (layout::user_claim(user.id), None),
    ];
    if let Some(name) = &user.username {
        claims.push((layout::username_claim(name), Some(Conflict::UsernameTaken)));
    }
    if let Some(id) = &user.external_id {
        let key = layout::external_id_claim(user.account_id, id);
        claims.push((key, Some(Conflict::ExternalIdTaken)));
    }
    if let Some(identity) = &user.identity {
        claims.push((layout::identity_claim(identity), Some(Conflict::AlreadyRegistered)));
    }
    claims
}

/// The item that claims `key` for the user. That of the number also lists the user.
pub(in crate::store) fn claim_item(key: Key, user: &User) -> Result<Item> {
    let (number, listed) = layout::number_claim_of(user);
    let gs1 = (key == number).then_some(listed);
    let claim = Claim { account_id: user.account_id, user_id: user.id };
    Ok(Item { gs1, ..layout::item(key, 1, &claim)? })
}
