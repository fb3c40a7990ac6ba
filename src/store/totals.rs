//! Totals: how many users an account has, kept in the same transactions that change them.
//!
//! They are spread over items by user id, each of which has a number for every state and role, and one
//! for the turnover.

use std::collections::HashMap;

use super::{Result, Store, layout, layout::Stored};
use crate::{
    model::{
        id::AccountId,
        user::{State, User},
    },
    table::{Index, Query, Range},
};

/// The number that is raised whenever a list of users changes: one comes, goes, or has another e-mail.
const TURNOVER: &str = "turnover";

/// What an account's totals come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Totals {
    /// How many users are not in the trash.
    pub(super) live: u64,
    /// How many are.
    pub(super) trashed: u64,
    /// How often the account's lists have changed; never falls.
    pub(super) turnover: i64,
}

/// The numbers of one of the items.
type Shard = HashMap<String, i64>;

impl Stored for Shard {}

impl Store {
    /// An account's totals, as they are now.
    pub(super) async fn totals(&self, account: AccountId) -> Result<Totals> {
        let shards = usize::from(layout::TOTAL_SHARDS);
        let partition = layout::totals_partition(account);
        let query = Query::first(Index::Primary, partition, Range::All, shards);
        let (mut live, mut trashed, mut turnover) = (0_i64, 0_i64, 0_i64);
        for item in self.table.query(&query).await?.items {
            for (name, number) in layout::decode::<Shard>(&item)? {
                let sum = match name.as_str() {
                    TURNOVER => &mut turnover,
                    name if name.starts_with(State::Trashed.name()) => &mut trashed,
                    _ => &mut live,
                };
                *sum = sum.saturating_add(number);
            }
        }
        let count = |sum| u64::try_from(sum).unwrap_or(0);
        Ok(Totals { live: count(live), trashed: count(trashed), turnover })
    }
}

/// What is added to the totals when `before` becomes `after`; none before is a new user.
pub(super) fn moved(before: Option<&User>, after: &User) -> Vec<(String, i64)> {
    let mut amounts = Vec::new();
    let (old, new) = (before.map(total_of), total_of(after));
    if old.as_ref() != Some(&new) {
        amounts.push((new, 1));
        amounts.extend(old.map(|old| (old, -1)));
    }
    if before.is_none_or(|before| place(before) != place(after)) {
        amounts.push((TURNOVER.to_owned(), 1));
    }
    amounts
}

/// What is added to them when the user is deleted for good.
pub(super) fn without(user: &User) -> Vec<(String, i64)> {
    vec![(total_of(user), -1), (TURNOVER.to_owned(), 1)]
}

/// The total that the user is counted in.
fn total_of(user: &User) -> String {
    format!("{}_{}", user.state, user.role)
}

/// What decides where the user stands in lists.
fn place(user: &User) -> (bool, &str) {
    (user.state == State::Trashed, user.email.as_str())
}
