//! The lists of users that an index keeps in order, live and in the trash.

use std::hash::Hash;

use crate::{
    model::id::{AccountId, UserId},
    store::{counts::totals::Totals, ledger::layout, user::order::Listed},
    table::{Direction, Index, Key, Position, Query, Range},
};

/// Where the listed users are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Section {
    /// In the account.
    Account,
    /// In its trash.
    Trash,
}

/// The part of an index that is a list of users, and which way it is read.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct List {
    pub(in crate::store) index: Index,
    pub(in crate::store) partition: String,
    pub(in crate::store) prefix: &'static str,
    pub(in crate::store) direction: Direction,
}

impl Section {
    pub(super) fn total(self, totals: Totals) -> u64 {
        match self {
            Self::Account => totals.live,
            Self::Trash => totals.trashed,
        }
    }

    pub(in crate::store) fn key(self, account: AccountId, user: UserId) -> Key {
        match self {
            Self::Account => layout::live_user(account, user),
            Self::Trash => layout::trashed_user(account, user),
        }
    }
}

impl List {
    pub(in crate::store) fn new(
        account: AccountId,
        section: Section,
        listed: Listed,
        falling: bool,
    ) -> Self {
        let (index, partition, prefix) = match (listed, section) {
            (Listed::Number, Section::Account) => {
                (Index::Gs1, layout::numbers_partition(account), "")
            }
            (Listed::Number, Section::Trash) => {
                (Index::Gs1, layout::trash_numbers_partition(account), "")
            }
            (Listed::Id, Section::Account) => {
                (Index::Primary, layout::account_partition(account), "user#")
            }
            (Listed::Id, Section::Trash) => {
                (Index::Primary, layout::account_partition(account), "trash#")
            }
            (Listed::Email, Section::Account) => {
                (Index::Gs1, layout::account_partition(account), "email#")
            }
            (Listed::Email, Section::Trash) => {
                (Index::Gs1, layout::trash_partition(account), "email#")
            }
        };
        let direction = if falling { Direction::Backward } else { Direction::Forward };
        Self { index, partition, prefix, direction }
    }

    /// Whether it is a list of claims, which lead to the users.
    pub(super) fn is_of_claims(&self) -> bool {
        self.prefix.is_empty()
    }

    pub(in crate::store) fn query(&self, after: Option<Position>, limit: usize) -> Query {
        Query {
            index: self.index,
            partition: self.partition.clone(),
            range: Range::Prefix(self.prefix.to_owned()),
            after,
            direction: self.direction,
            limit,
        }
    }
}
