//! Chores: what the service does by itself when the time comes. They are written with the change that
//! makes them necessary, and wait in a queue of their own, as letters do in the outbox.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    clock::Timestamp,
    model::id::{AccountId, UserId},
    store::{
        Result, Store,
        erase::scrub::Scrub,
        ledger::{
            commit::Committed,
            layout,
            record::{self, Stored},
            step::Step,
        },
    },
    table::Item,
};

/// Something to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub(in crate::store) enum Chore {
    /// To delete a user for good, if it is still in the trash and its time is up.
    PurgeUser { account_id: AccountId, user_id: UserId },
    /// To take what is left of a deleted user out of other records.
    ScrubUser(Scrub),
    /// To delete an account for good, with all that is in it.
    PurgeAccount {
        account_id: AccountId,
        /// The last entry of its trail that has been scrubbed.
        #[serde(skip_serializing_if = "Option::is_none")]
        scrubbed: Option<String>,
    },
}

impl Stored for Chore {}

/// A chore that this node has the right to do until its lease runs out.
#[derive(Clone, Debug)]
pub struct TakenChore(Item);

/// Its place in the queue, for logs.
impl fmt::Display for TakenChore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0.key, f)
    }
}

impl Store {
    /// Takes up to `limit` chores that are due; other nodes leave them alone until `until`. If they
    /// are not done by then, for whatever reason, they come up again.
    pub async fn take_chores(&self, limit: usize, until: Timestamp) -> Result<Vec<TakenChore>> {
        let mut taken = Vec::new();
        for shard in 0..layout::CHORE_SHARDS {
            // Of each as many, so that one that is full keeps no other waiting.
            let share = limit.div_ceil(usize::from(layout::CHORE_SHARDS));
            for item in self.due(layout::chore_partition(shard), share).await? {
                taken.extend(self.take_chore(item, until).await?);
            }
        }
        Ok(taken)
    }

    /// Does a chore, or a part of one that is long; the rest of it is due at once.
    pub async fn do_chore(&self, taken: &TakenChore) -> Result<()> {
        let TakenChore(item) = taken;
        let rest = match record::decode(item)? {
            Chore::PurgeUser { account_id, user_id } => {
                self.purge_due_user(account_id, user_id).await?;
                None
            }
            Chore::ScrubUser(scrub) => self.scrub_user(scrub).await?.map(Chore::ScrubUser),
            Chore::PurgeAccount { account_id, scrubbed } => {
                self.purge_account(account_id, scrubbed).await?
            }
        };
        let mut step = Step::default();
        step.remove(item.key.clone(), item.version);
        if let Some(rest) = rest {
            let key = layout::chore_due(&item.key, self.now());
            step.insert(layout::item(key, item.version + 1, &rest)?);
        }
        self.settle(step).await
    }

    /// Makes the chore due later, whatever it is: also one that cannot be read is out of the way.
    async fn take_chore(&self, item: Item, until: Timestamp) -> Result<Option<TakenChore>> {
        let mut step = Step::default();
        step.remove(item.key.clone(), item.version);
        let key = layout::chore_due(&item.key, until);
        let item = Item { key, version: item.version + 1, ..item };
        step.insert(item.clone());
        Ok((self.commit(step).await? == Committed::Done).then_some(TakenChore(item)))
    }
}
