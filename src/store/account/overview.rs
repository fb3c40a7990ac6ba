//! How an account is doing, in numbers that are kept as it changes.

use crate::{
    model::{
        account::{Account, AccountState},
        id::AccountId,
        user::State,
    },
    store::{
        Result, Store,
        counts::{days::Day, totals::HeadCount},
        ledger::{layout, record},
    },
    table::{Index, MAX_PAGE, Query, Range},
};

/// How many accounts without an admin are told.
const MOST_TOLD: usize = 20;

/// How an account is doing.
#[derive(Clone, Debug)]
pub(crate) struct Overview {
    /// Its users, for each state and role.
    pub(crate) users: Vec<HeadCount>,
    /// The last 30 days, the oldest first and today last.
    pub(crate) days: Vec<Day>,
}

impl Store {
    /// How an account is doing. Nothing is walked: it costs the same however many users there are.
    pub(crate) async fn overview(&self, account: AccountId) -> Result<Overview> {
        self.account(account).await?;
        let (users, days) = tokio::try_join!(self.head_counts(account), self.days(account))?;
        Ok(Overview { users, days })
    }

    /// Accounts with users who are in, and no admin who is. The oldest accounts are looked at, as many as are on one page,
    /// and a few are told.
    pub(crate) async fn accounts_without_admin(&self) -> Result<Vec<Account>> {
        let first = Query::first(Index::Gs1, layout::ACCOUNTS, Range::All, MAX_PAGE);
        let mut found = Vec::new();
        for item in self.table.query(&first).await?.items {
            let account: Account = record::decode(&item)?;
            if account.admins > 0
                || account.state != AccountState::Active
                || found.len() == MOST_TOLD
            {
                continue;
            }
            let users = self.head_counts(account.id).await?;
            if users.iter().any(|it| it.state == State::Active && it.count > 0) {
                found.push(account);
            }
        }
        Ok(found)
    }
}
