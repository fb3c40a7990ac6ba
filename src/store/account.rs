//! Accounts.

use serde_json::{Map, Value};

use super::{
    By, Error, Result, Store, layout,
    step::{Committed, Step},
    user::{expect_version, merged},
};
use crate::model::{
    account::{Account, AccountState},
    audit::Target,
    fields::Change,
    id::AccountId,
    text::Name,
};

/// What is to become of an account.
#[derive(Clone, Debug, Default)]
pub struct AccountChanges {
    /// A new name.
    pub name: Option<Name>,
    /// A merge patch of the settings.
    pub settings: Change<Map<String, Value>>,
    /// The version that the caller has seen.
    pub version: Option<u64>,
}

impl Store {
    /// One account.
    pub async fn account(&self, id: AccountId) -> Result<Account> {
        self.load(layout::account(id)).await?.ok_or(Error::NotFound("account"))
    }

    /// Changes an account's name or settings.
    pub async fn update_account(
        &self,
        by: &By,
        id: AccountId,
        changes: &AccountChanges,
    ) -> Result<Account> {
        let mut tries = self.tries();
        loop {
            tries.next().await?;
            let before = self.account(id).await?;
            expect_version(changes.version, before.version)?;
            let mut after = before.clone();
            if let Some(name) = &changes.name {
                after.name = name.clone();
            }
            match changes.settings.clone() {
                Change::Keep => {}
                Change::Clear => after.settings = None,
                Change::Set(patch) => {
                    let document = after.settings.unwrap_or_default();
                    after.settings = Some(merged("settings", &document, patch)?);
                }
            }
            if before == after {
                return Ok(before);
            }
            after.version = before.version + 1;
            let mut step = Step::default();
            step.replace(layout::account_item(&after, after.version)?, before.version);
            let fields = changed_fields(&before, &after);
            self.audit(&mut step, by, id, Target::Account(id), &fields)?;
            if self.commit(step).await? == Committed::Done {
                return Ok(after);
            }
        }
    }

    /// Fails if there is no such account; the caller's own is known to be there.
    pub(super) async fn require_account(&self, by: &By, id: AccountId) -> Result<()> {
        if by.caller.account() != Some(id) {
            self.account(id).await?;
        }
        Ok(())
    }

    /// An account of which nothing is stored yet.
    pub(super) fn new_account(&self, name: Name) -> Account {
        let now = self.now();
        Account {
            id: AccountId::new(now, &self.random),
            name,
            state: AccountState::Active,
            settings: None,
            admins: 0,
            created: now,
            version: 0,
        }
    }
}

fn changed_fields(before: &Account, after: &Account) -> Vec<&'static str> {
    let fields =
        [("name", before.name != after.name), ("settings", before.settings != after.settings)];
    fields.into_iter().filter_map(|(name, changed)| changed.then_some(name)).collect()
}
