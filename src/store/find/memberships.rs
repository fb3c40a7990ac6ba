//! In which accounts a person is: an identity's own users, and those that are made for its email.

use crate::{
    model::{
        account::Account,
        email::Email,
        user::{IdentityKey, User},
    },
    store::{
        Conflict, Error, Result, Store,
        ledger::{
            claim::Claim,
            layout,
            record::{self, Kept},
        },
    },
    table::{Index, Key, Query, Range},
};

/// In how many accounts a person may be. Many who join at the same moment can get a little further.
pub(in crate::store) const MAX_ACCOUNTS: usize = 100;
/// How many users who are made for an email are looked at where it matters whether there is just one.
pub(in crate::store) const MAX_EXPECTED: usize = 100;

impl Store {
    /// The users that an identity is bound to, the oldest account first, at most `limit`.
    pub(in crate::store) async fn memberships(
        &self,
        identity: &IdentityKey,
        limit: usize,
    ) -> Result<Vec<Claim>> {
        self.claims(layout::identity_partition(identity), limit).await
    }

    /// The live users who have an email, bound or not, the oldest account first, at most `limit`.
    pub(in crate::store) async fn users_of_email(
        &self,
        email: &Email,
        limit: usize,
    ) -> Result<Vec<Claim>> {
        self.claims(layout::email_partition(email), limit).await
    }

    async fn claims(&self, partition: String, limit: usize) -> Result<Vec<Claim>> {
        let range = Range::Prefix(layout::CLAIMS.to_owned());
        let query = Query::first(Index::Primary, partition, range, limit);
        self.table.query(&query).await?.items.iter().map(record::decode).collect()
    }

    /// The live users that claims lead to, in their order. Where there is none any more, it is left out.
    pub(in crate::store) async fn claimed_users(&self, claims: &[Claim]) -> Result<Vec<User>> {
        let key = |claim: &Claim| layout::live_user(claim.account_id, claim.user_id);
        self.load_all(claims.iter().map(key)).await
    }

    /// The live users that claims lead to, as [`Store::claimed_users`] has them, each with its account, if that
    /// is still there.
    pub(in crate::store) async fn claimed_users_with_accounts(
        &self,
        claims: &[Claim],
    ) -> Result<Vec<(User, Option<Account>)>> {
        let users = self.claimed_users(claims).await?;
        let accounts = users.iter().map(|user| layout::account(user.account_id));
        let accounts: Vec<Account> = self.load_all(accounts).await?;
        let with_account = |user: User| {
            let account = accounts.iter().find(|account| account.id == user.account_id);
            (user, account.cloned())
        };
        Ok(users.into_iter().map(with_account).collect())
    }

    /// The records at keys, in their order. Where there is none, it is left out.
    pub(in crate::store) async fn load_all<T: Kept>(
        &self,
        keys: impl IntoIterator<Item = Key>,
    ) -> Result<Vec<T>> {
        let keys: Vec<Key> = keys.into_iter().collect();
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        self.table.get_many(&keys).await?.iter().flatten().map(record::decode).collect()
    }

    /// Requires that an identity may join one more account.
    ///
    /// # Errors
    /// `Conflict` if it is in too many.
    pub(in crate::store) async fn room_for_account(&self, identity: &IdentityKey) -> Result<()> {
        if self.memberships(identity, MAX_ACCOUNTS).await?.len() < MAX_ACCOUNTS {
            return Ok(());
        }
        Err(Error::Conflict(Conflict::TooManyAccounts))
    }
}
