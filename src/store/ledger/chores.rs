//! The chores that a change of a user or an account makes necessary; they wait in a queue of their own.

use std::time::Duration;

use crate::{
    clock::Timestamp,
    model::{
        account::{Account, AccountState},
        chore::Chore,
        user::User,
    },
    store::{
        Result,
        ledger::{
            queue::{self, Job, Queue},
            record::Stored,
            step::Step,
        },
    },
};

impl Stored for Chore {}

impl Job for Chore {
    const QUEUE: Queue = Queue {
        name: "purge",
        shards: 4,
        first_pause: Duration::from_mins(10),
        longest_pause: Duration::from_hours(1),
        // What is to be deleted for good is deleted in the end.
        most_attempts: None,
    };

    fn name(&self) -> String {
        match self {
            Self::PurgeUser { user_id, .. } => user_id.to_string(),
            Self::ScrubUser(scrub) => format!("{}#scrub", scrub.user_id),
            Self::ForgetSignIn { sign_in_id } => sign_in_id.to_string(),
            Self::PurgeAccount { account_id, .. } => account_id.to_string(),
        }
    }
}

/// Adds to `step` that the user is to be deleted for good later, or is not any more; none before is a
/// user of whom nothing is noted.
pub(in crate::store) fn move_user_purge(
    step: &mut Step,
    before: Option<&User>,
    after: Option<&User>,
) -> Result<()> {
    move_purge(step, before.and_then(user_purge), after.and_then(user_purge))
}

/// As [`move_user_purge`], of an account.
pub(in crate::store) fn move_account_purge(
    step: &mut Step,
    before: Option<&Account>,
    after: &Account,
) -> Result<()> {
    move_purge(step, before.and_then(account_purge), account_purge(after))
}

/// A chore, and when it is due.
type Purge = (Chore, Timestamp);

fn move_purge(step: &mut Step, old: Option<Purge>, new: Option<Purge>) -> Result<()> {
    if old == new {
        return Ok(());
    }
    if let Some((chore, due)) = old {
        step.clear(queue::waiting(&chore, due));
    }
    if let Some((chore, due)) = new {
        step.overwrite(queue::new_item(&chore, due)?);
    }
    Ok(())
}

/// What deletes the user for good, if the user is in the trash.
fn user_purge(user: &User) -> Option<Purge> {
    let chore = Chore::PurgeUser { account_id: user.account_id, user_id: user.id };
    user.trashed.map(|trashed| (chore, trashed.purge_after))
}

/// What deletes the account for good, if the account is removed.
fn account_purge(account: &Account) -> Option<Purge> {
    match account.state {
        AccountState::Active | AccountState::Suspended => None,
        AccountState::Removed { purge_after } => {
            let chore = Chore::PurgeAccount { account_id: account.id, scrubbed: None };
            Some((chore, purge_after))
        }
    }
}
