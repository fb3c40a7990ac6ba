//! Deleting users for good: out of the trash by a call, or by the service itself when their time is up.
//!
//! One transaction takes out what is the user's own and notes a chore, which later takes what is left
//! of the user out of other records; see `scrub`.

use std::time::Duration;

use crate::{
    caller::Caller,
    model::{
        audit::Target,
        chore::{Chore, Scrub},
        id::{AccountId, SignInId, UserId},
        user::User,
    },
    store::{
        By, Conflict, Error, Reach, Result, Store,
        change::delete_user,
        erase::scrub::SCRUB_DELAY,
        find::select::Selector,
        ledger::{
            chores::move_user_purge,
            commit::Committed,
            guard::{FreshCheck, may_change},
            layout, queue,
            step::Step,
        },
    },
    table::{Index, Query, Range},
};

/// When somebody is looked at again who is not deleted because of holds.
const HELD_PAUSE: Duration = Duration::from_hours(24);
/// How many items one part deletes.
const PAGE: usize = 50;

impl Store {
    /// Deletes a trashed user for good; returns it as it was.
    pub(crate) async fn purge_user(
        &self,
        by: &By,
        reach: Reach,
        who: &Selector,
        version: Option<u64>,
    ) -> Result<User> {
        self.attempt(|| async {
            self.one_in_trash(reach, who).await?;
            let user = self.trashed_user(reach, who).await?;
            may_change(by, &user, version)?;
            if user.holds > 0 {
                return Err(Error::Conflict(Conflict::Held(user.holds)));
            }
            let done = self.delete_user(Step::default(), by, &user, Scrub::new(&user)).await?;
            Ok(done.then(user))
        })
        .await
    }

    /// Deletes a user whose time in the trash is up. Nothing happens if it was brought back meanwhile.
    pub(super) async fn purge_due_user(&self, account: AccountId, user: UserId) -> Result<()> {
        self.attempt(|| async {
            let key = layout::trashed_user(account, user);
            let Some(user) = self.load::<User>(key).await? else { return Ok(Some(())) };
            if user.trashed.is_some_and(|trashed| self.now() < trashed.purge_after) {
                // The clock was ahead when this came up: it is noted for its time again.
                let mut step = Step::default();
                move_user_purge(&mut step, None, Some(&user))?;
                return self.commit_unless_done(step).await.map(Some);
            }
            if user.holds > 0 {
                // A user who leaves may still own something elsewhere.
                let mut step = Step::default();
                let chore = Chore::PurgeUser { account_id: account, user_id: user.id };
                let due = self.now().plus(HELD_PAUSE);
                step.overwrite(queue::new_item(&chore, due)?);
                return self.commit_unless_done(step).await.map(Some);
            }
            let by = sweeper("trash/purge");
            let done = self.delete_user(Step::default(), &by, &user, Scrub::new(&user)).await?;
            Ok(done.then(()))
        })
        .await
    }

    /// Deletes a user with all that is its own. What else a user comes to have goes here, too, if it
    /// is little and nobody may use it a moment longer; else into the scrubbing.
    pub(super) async fn delete_user(
        &self,
        mut step: Step,
        by: &By,
        user: &User,
        scrub: Scrub,
    ) -> Result<Committed> {
        delete_user(&mut step, user)?;
        self.delete_own_sign_in(&mut step, user).await?;
        let due = self.now().plus(SCRUB_DELAY);
        step.insert(queue::new_item(&Chore::ScrubUser(scrub), due)?);
        self.audit(&mut step, by, user.account_id, Target::User(user.id), &[])?;
        self.commit(step).await
    }

    /// Adds to `step` that a sign-in goes with the user whose account keeps it. Any other is its person's,
    /// and waits to be used again if it has lost its last user.
    async fn delete_own_sign_in(&self, step: &mut Step, user: &User) -> Result<()> {
        let Some(sign_in) = self.sign_in_of_user(user).await? else { return Ok(()) };
        let is_live = user.trashed.is_none();
        if sign_in.trashed || (is_live && self.is_kept(step, user, &sign_in).await?) {
            return self.delete_sign_in(step, &sign_in).await;
        }
        // Of one in the trash this was done when it went there.
        if is_live {
            self.part_with_sign_in(step, user, sign_in).await?;
        }
        Ok(())
    }

    /// Deletes a part of what is left of a deleted sign-in; returns whether there was any.
    pub(super) async fn forget_sign_in(&self, id: SignInId) -> Result<bool> {
        let mut step = Step::default();
        for session in self.some_sessions(id).await?.into_iter().take(PAGE) {
            step.clear(layout::session(id, session.id));
        }
        if step.ops.is_empty() {
            let trail = layout::audit_partition(id);
            let first = Query::first(Index::Primary, trail, Range::All, PAGE);
            for item in self.table.query(&first).await?.items {
                step.clear(item.key);
            }
        }
        if step.ops.is_empty() {
            return Ok(false);
        }
        self.commit_part(step).await?;
        Ok(true)
    }
}

/// The service itself, when it does what would else take that call.
pub(super) fn sweeper(action: &'static str) -> By {
    let caller = Caller::Service("sweeper");
    let (address, agent, fresh) = (None, None, FreshCheck::Done);
    By { caller, action, address, agent, cookie: false, once: None, fresh }
}
