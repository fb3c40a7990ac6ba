//! Days: how much has happened in an account on each of them (UTC), counted in the same transactions.
//!
//! The counts of a month are the numbers of a few items, by user id; each is named after what it counts
//! and the day of the month.

use std::collections::{BTreeMap, HashMap};

use time::{Date, Duration};

use crate::{
    clock::Timestamp,
    model::{id::AccountId, user::User},
    store::{
        Result, Store,
        ledger::{
            layout::{self},
            record::{self, Stored},
            step::Step,
        },
    },
    table::{Direction, Index, Key, Query, Range},
};

/// Users who have logged in, each counted once.
const SIGN_INS: &str = "signIns";
/// Invites that were made.
const INVITES: &str = "invites";

/// How many days are told.
const DAYS: u16 = 30;
/// In how many months they may lie.
const MONTHS: usize = 3;

/// What has happened on one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Day {
    /// Which.
    pub(crate) date: Date,
    /// How many users have logged in, each counted once.
    pub(crate) sign_ins: u64,
    /// How many invites were made.
    pub(crate) invites: u64,
}

/// The numbers of one of the items.
type Month = HashMap<String, u64>;

impl Stored for Month {}

impl Store {
    /// What has happened on each of the last days, the oldest first and today last.
    pub(in crate::store) async fn days(&self, account: AccountId) -> Result<Vec<Day>> {
        let newest = Query {
            index: Index::Primary,
            partition: layout::days_partition(account),
            range: Range::All,
            after: None,
            direction: Direction::Backward,
            limit: MONTHS * usize::from(layout::DAY_SHARDS),
        };
        let mut sums = HashMap::<(String, String), u64>::new();
        for item in self.table.query(&newest).await?.items {
            let month = layout::month_at(&item.key);
            for (name, number) in record::decode::<Month>(&item)? {
                *sums.entry((month.to_owned(), name)).or_default() += number;
            }
        }
        let sum = |what, date| sums.get(&(layout::month(date), name(what, date))).copied();
        let day = |date| Day {
            date,
            sign_ins: sum(SIGN_INS, date).unwrap_or(0),
            invites: sum(INVITES, date).unwrap_or(0),
        };
        let today = self.now().date();
        let ago = |days: u16| today.saturating_sub(Duration::days(days.into()));
        Ok((0..DAYS).rev().map(|days| day(ago(days))).collect())
    }
}

/// Counts in `step` what has happened where `before` becomes `after`; none before is a new user.
pub(in crate::store) fn count(step: &mut Step, before: Option<&User>, after: &User) {
    let login = |user: &User| user.activity.map(Timestamp::date);
    let invite = |user: &User| user.invite.as_ref().map(|open| open.digest.clone());
    let signed_in = login(after).filter(|date| before.and_then(login) != Some(*date));
    let invited = invite(after).is_some_and(|digest| before.and_then(invite) != Some(digest));
    let invited = invited.then(|| after.updated.date());
    let mut amounts = BTreeMap::<Key, Vec<_>>::new();
    for (what, date) in [(SIGN_INS, signed_in), (INVITES, invited)] {
        let Some(date) = date else { continue };
        let key = layout::days(after.account_id, date, after.id);
        amounts.entry(key).or_default().push((name(what, date), 1));
    }
    for (key, amounts) in amounts {
        step.count(key, amounts);
    }
}

/// What a day's number is called in its month.
pub(in crate::store) fn name(what: &str, date: Date) -> String {
    format!("{what}_{:02}", date.day())
}
