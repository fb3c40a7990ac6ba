//! Totals: how many users an account has, kept in the same transactions that change them.
//!
//! They are spread over items by user id, each of which has a number for every state and role, and one
//! for the list version.

use std::collections::HashMap;

use crate::{
    model::{
        id::AccountId,
        user::{State, User},
    },
    role::Role,
    store::{
        Result, Store,
        ledger::{
            layout::{self},
            record::{self, Stored},
        },
    },
    table::{Index, Query, Range},
};

/// The number that is raised whenever a list of users changes: one comes, goes, or has another email.
const LIST_VERSION: &str = "listVersion";

/// What an account's totals come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::store) struct Totals {
    /// How many users are not in the trash.
    pub(in crate::store) live: u64,
    /// How many are.
    pub(in crate::store) trashed: u64,
    /// How often the account's lists have changed; never falls.
    pub(in crate::store) list_version: i64,
}

/// How many users of an account have a state and a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct HeadCount {
    /// The state.
    pub(crate) state: State,
    /// The role.
    pub(crate) role: Role,
    /// How many there are.
    pub(crate) count: u64,
}

/// The numbers of one of the items.
type Shard = HashMap<String, i64>;

impl Stored for Shard {}

impl Store {
    /// An account's totals, as they are now.
    pub(in crate::store) async fn totals(&self, account: AccountId) -> Result<Totals> {
        let (mut live, mut trashed, mut list_version) = (0_i64, 0_i64, 0_i64);
        for (name, number) in self.numbers(account).await? {
            let sum = match name.as_str() {
                LIST_VERSION => &mut list_version,
                name if name.starts_with(State::Trashed.name()) => &mut trashed,
                _ => &mut live,
            };
            *sum = sum.saturating_add(number);
        }
        Ok(Totals { live: unsigned(live), trashed: unsigned(trashed), list_version })
    }

    /// How many users of each state and role an account has.
    pub(in crate::store) async fn head_counts(&self, account: AccountId) -> Result<Vec<HeadCount>> {
        let numbers = self.numbers(account).await?;
        let each = State::ALL.into_iter().flat_map(|state| Role::GRANTED.map(|role| (state, role)));
        let counted = each.map(|(state, role)| {
            let number = numbers.get(&total_name(state, role)).copied().unwrap_or(0);
            HeadCount { state, role, count: unsigned(number) }
        });
        Ok(counted.collect())
    }

    /// The numbers of all the items together.
    async fn numbers(&self, account: AccountId) -> Result<Shard> {
        let shards = usize::from(layout::TOTAL_SHARDS);
        let partition = layout::totals_partition(account);
        let query = Query::first(Index::Primary, partition, Range::All, shards);
        let mut sums = Shard::new();
        for item in self.table.query(&query).await?.items {
            for (name, number) in record::decode::<Shard>(&item)? {
                let sum = sums.entry(name).or_default();
                *sum = sum.saturating_add(number);
            }
        }
        Ok(sums)
    }
}

/// What a number stands for that never falls below zero.
fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

/// What is added to the totals when `before` becomes `after`; none before is a new user.
pub(in crate::store) fn moved(before: Option<&User>, after: &User) -> Vec<(String, i64)> {
    let mut amounts = Vec::new();
    let (old, new) = (before.map(total_of), total_of(after));
    if old.as_ref() != Some(&new) {
        amounts.push((new, 1));
        amounts.extend(old.map(|old| (old, -1)));
    }
    if before.is_none_or(|before| place(before) != place(after)) {
        amounts.push((LIST_VERSION.to_owned(), 1));
    }
    amounts
}

/// What is added to them when the user is deleted for good.
pub(in crate::store) fn without(user: &User) -> Vec<(String, i64)> {
    vec![(total_of(user), -1), (LIST_VERSION.to_owned(), 1)]
}

/// The total that the user is counted in.
fn total_of(user: &User) -> String {
    total_name(user.state, user.role)
}

fn total_name(state: State, role: Role) -> String {
    format!("{state}_{role}")
}

/// What decides where the user stands in lists.
pub(in crate::store) fn place(user: &User) -> (bool, &str) {
    (user.state == State::Trashed, user.email.as_str())
}
