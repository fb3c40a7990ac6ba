//! Claims: items that make a value unique and lead from it to its user.

use quick_cache::sync::Cache;
use serde::{Deserialize, Serialize};

use crate::{
    model::{
        id::{AccountId, UserId},
        user::User,
    },
    store::{
        Conflict, Error, Result, Store,
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

/// Where the user of a claim lies: in the account, or in its trash.
pub(in crate::store) type UserKey = fn(AccountId, UserId) -> Key;

impl Store {
    /// The user, at the key that `at` makes, whose claim lies at `key`; `None` unless its record says that
    /// the claim is about it.
    pub(in crate::store) async fn claimed_by<T: Kept>(
        &self,
        key: Key,
        at: UserKey,
        is_meant: impl Fn(&T) -> bool,
    ) -> Result<Option<T>> {
        if let Some(cached) = self.cached_claim(&key)
            && let Some(user) = self.load(at(cached.account_id, cached.user_id)).await?
            && is_meant(&user)
        {
            return Ok(Some(user));
        }
        let Some(claim) = self.read_claim(key).await? else { return Ok(None) };
        Ok(self.load(at(claim.account_id, claim.user_id)).await?.filter(is_meant))
    }

    /// Fails if somebody has claimed the value. Only a look that spares work: the claim itself decides.
    pub(in crate::store) async fn expect_free(&self, claim: Key, taken: Conflict) -> Result<()> {
        match self.table.get(&claim).await? {
            Some(_) => Err(Error::Conflict(taken)),
            None => Ok(()),
        }
    }

    /// Where the claim at `key` has led lately, which may be out of date.
    pub(in crate::store) fn cached_claim(&self, key: &Key) -> Option<Claim> {
        self.claim_cache.0.get(key)
    }

    /// The claim at `key`, as it is.
    pub(in crate::store) async fn read_claim(&self, key: Key) -> Result<Option<Claim>> {
        let claim: Option<Claim> = self.load(key.clone()).await?;
        if let Some(claim) = claim {
            self.claim_cache.0.insert(key, claim);
        }
        Ok(claim)
    }
}

/// All that a user claims in its state, each with the conflict if somebody else has it. For values that
/// the service itself chooses there is none: a collision is tried again with another value.
///
/// A user in the trash has its number and its id, and a trace at its email that keeps it from nobody.
pub(in crate::store) fn claims_of(user: &User) -> Vec<(Key, Option<Conflict>)> {
    let account = user.account_id;
    let mut claims = vec![(layout::user_claim(user.id), None)];
    if let Some(trashed) = user.trashed {
        claims.push((layout::trashed_number(account, user.number), None));
        claims.push((layout::trace(user, trashed.at), None));
        return claims;
    }
    claims.push((layout::live_number(account, user.number), Some(Conflict::NumberTaken)));
    claims.push((layout::email_claim(account, &user.email), Some(Conflict::EmailTaken)));
    if let Some(name) = &user.username {
        claims.push((layout::username_claim(account, name), Some(Conflict::UsernameTaken)));
    }
    if let Some(id) = &user.external_id {
        claims.push((layout::external_id_claim(account, id), Some(Conflict::ExternalIdTaken)));
    }
    if let Some(identity) = &user.identity {
        let key = layout::identity_claim(account, identity);
        claims.push((key, Some(Conflict::AlreadyRegistered)));
    }
    claims
}

/// The item that claims `key` for the user.
pub(in crate::store) fn claim_item(key: Key, user: &User) -> Result<Item> {
    let claim = Claim { account_id: user.account_id, user_id: user.id };
    layout::item(key, 1, &claim)
}
