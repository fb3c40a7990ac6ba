//! One account: reading it, whether it takes something new, and one of which nothing is stored yet.

use crate::{
    model::{
        account::{Account, AccountState},
        id::AccountId,
        text::Name,
    },
    store::{
        By, Conflict, Error, Result, Store,
        ledger::{guard::account_standing, layout},
    },
};

impl Store {
    /// One account.
    pub(crate) async fn account(&self, id: AccountId) -> Result<Account> {
        self.load(layout::account(id)).await?.ok_or(Error::NotFound("account"))
    }

    /// Fails if there is no such account or if it is removed, so that it takes nothing new; the
    /// caller's own is known to be open.
    pub(in crate::store) async fn require_account(&self, by: &By, id: AccountId) -> Result<()> {
        if by.caller.account() == Some(id) {
            return Ok(());
        }
        self.lasting_account(id).await.map(drop)
    }

    /// An account that something new may be put into.
    ///
    /// # Errors
    /// `NotFound`, `Conflict` if it is removed.
    pub(in crate::store) async fn lasting_account(&self, id: AccountId) -> Result<Account> {
        let account = self.account(id).await?;
        match account.state {
            AccountState::Active | AccountState::Suspended => Ok(account),
            AccountState::Removed { .. } => Err(Error::Conflict(Conflict::AccountRemoved)),
        }
    }

    /// An account that its users may come into.
    ///
    /// # Errors
    /// `NotFound`, `Login` if it is not open.
    pub(in crate::store) async fn open_account(&self, id: AccountId) -> Result<Account> {
        let account = self.account(id).await?;
        account_standing(Some(&account)).map_err(Error::Login)?;
        Ok(account)
    }

    /// An account of which nothing is stored yet.
    pub(in crate::store) fn new_account(&self, name: Name) -> Account {
        let now = self.now();
        Account {
            id: AccountId::new(now, &self.random),
            name,
            state: AccountState::Active,
            settings: None,
            logo: None,
            managed: false,
            released: 0,
            signed_out: None,
            admins: 0,
            roots: None,
            created: now,
            version: 0,
        }
    }
}
