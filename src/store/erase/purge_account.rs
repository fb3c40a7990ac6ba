//! Deleting accounts for good, with all that is in them; the audit trail stays, without addresses.

use crate::{
    model::{
        account::{Account, AccountState},
        audit::Target,
        chore::{Chore, Scrub},
        id::AccountId,
        user::User,
    },
    store::{
        Result, Store,
        erase::purge::sweeper,
        ledger::{chores::move_account_purge, commit::Committed, layout, record, step::Step},
    },
    table::{Index, Item, Query, Range},
};

/// How many items one part looks at.
const PAGE: usize = 50;

impl Store {
    /// Deletes a part of an account whose time is up; returns what is left to do. The account itself
    /// goes last, so that the rest is always found.
    pub(super) async fn purge_account(
        &self,
        account: AccountId,
        scrubbed: Option<String>,
    ) -> Result<Option<Chore>> {
        let Some(record) = self.load::<Account>(layout::account(account)).await? else {
            return Ok(None);
        };
        let AccountState::Removed { purge_after } = record.state else { return Ok(None) };
        if self.now() < purge_after {
            // The clock was ahead when this came up: it is noted for its time again.
            let mut step = Step::default();
            move_account_purge(&mut step, None, &record)?;
            self.commit_unless_done(step).await?;
            return Ok(None);
        }
        let left = Chore::PurgeAccount { account_id: account, scrubbed: scrubbed.clone() };
        if self.purge_members(&record).await? || self.purge_things(account).await? {
            return Ok(Some(left));
        }
        if let Some(scrubbed) = self.scrub_trail(account, None, scrubbed).await? {
            let scrubbed = Some(scrubbed);
            return Ok(Some(Chore::PurgeAccount { account_id: account, scrubbed }));
        }
        let mut step = Step::default();
        step.remove(layout::account(account), record.version);
        if let Some(logo) = &record.logo {
            step.clear(layout::logo(&logo.digest));
        }
        for shard in 0..layout::TOTAL_SHARDS {
            step.clear(layout::totals_shard(account, shard));
        }
        let target = Target::Account(account);
        self.audit(&mut step, &sweeper("account/remove"), account, target, &[])?;
        let done = self.commit(step).await? == Committed::Done;
        Ok((!done).then_some(left))
    }

    /// Deletes some of the account's users, live and trashed; returns whether there were any.
    async fn purge_members(&self, record: &Account) -> Result<bool> {
        let account = record.id;
        let partition = layout::account_partition(account);
        let by = sweeper("account/remove");
        for prefix in ["user#", "trash#"] {
            let items = self.some_of(Index::Primary, &partition, prefix).await?;
            for item in &items {
                let user: User = record::decode(item)?;
                // Only while nobody brings the account back.
                let step = Step { account: Some(record.clone()), ..Step::default() };
                // If somebody else has just changed the user, the next part finds it.
                let (Committed::Done | Committed::Stale) =
                    self.delete_user(step, &by, &user, Scrub::with_account(&user)).await?;
            }
            if !items.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Deletes some of the other things of the account; returns whether there were any. Whatever else
    /// is listed under an account is to go here.
    async fn purge_things(&self, account: AccountId) -> Result<bool> {
        let things = [
            (Index::Gs1, layout::account_partition(account), "key#"),
            (Index::Primary, layout::names_partition(account), ""),
            (Index::Primary, layout::numbers_partition(account), ""),
            (Index::Primary, layout::days_partition(account), ""),
        ];
        for (index, partition, prefix) in things {
            let mut step = Step::default();
            for Item { key, .. } in self.some_of(index, &partition, prefix).await? {
                step.clear(key);
            }
            if !step.ops.is_empty() {
                self.commit_part(step).await?;
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The first items of a partition.
    async fn some_of(&self, index: Index, partition: &str, prefix: &str) -> Result<Vec<Item>> {
        let query = Query::first(index, partition, Range::Prefix(prefix.to_owned()), PAGE);
        Ok(self.table.query(&query).await?.items)
    }
}
