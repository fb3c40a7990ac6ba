//! How an account is doing, in numbers that are kept as it changes.

use crate::{
    model::id::AccountId,
    store::{
        Result, Store,
        counts::{days::Day, totals::HeadCount},
    },
};

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
}
