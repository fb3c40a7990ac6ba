//! The lists of users that an index keeps in order, live and in the trash.

use std::hash::Hash;

use crate::{
    model::id::AccountId,
    store::{
        find::select::Section,
        ledger::layout::{self, LIVE_NUMBERS, TRASHED_NUMBERS},
        user::order::Listed,
    },
    table::{Direction, Index, Position, Query, Range},
};

/// The part of an index that is a list of users, and which way it is read.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct List {
    pub(in crate::store) index: Index,
    pub(in crate::store) partition: String,
    pub(in crate::store) prefix: &'static str,
    /// Whether it is a list of claims, which lead to the users.
    pub(super) of_claims: bool,
    pub(in crate::store) direction: Direction,
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
                (Index::Primary, layout::numbers_partition(account), LIVE_NUMBERS)
            }
            (Listed::Number, Section::Trash) => {
                (Index::Primary, layout::numbers_partition(account), TRASHED_NUMBERS)
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
        let of_claims = listed == Listed::Number;
        Self { index, partition, prefix, of_claims, direction }
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
