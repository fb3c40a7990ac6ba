//! Deleting users for good: out of the trash by a call, or by the service itself when their time is up.
//!
//! One transaction takes out what is the user's own and notes a chore, which later takes what is left
//! of the user out of other records; see `scrub`.

use crate::{
    caller::Caller,
    model::{
        audit::Target,
        chore::{Chore, Scrub},
        id::{AccountId, UserId},
        user::User,
    },
    store::{
        By, Reach, Result, Store,
        change::delete_user,
        erase::scrub::SCRUB_DELAY,
        find::select::Selector,
        ledger::{
            chores::move_user_purge, commit::Committed, guard::may_change, layout, queue,
            step::Step,
        },
    },
};

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
            let user = self.trashed_user(reach, who).await?;
            may_change(by, &user, version)?;
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
        self.delete_sign_in(&mut step, user).await?;
        let due = self.now().plus(SCRUB_DELAY);
        step.insert(queue::new_item(&Chore::ScrubUser(scrub), due)?);
        self.audit(&mut step, by, user.account_id, Target::User(user.id), &[])?;
        self.commit(step).await
    }

    /// Adds to `step` that a user's sign-in goes, and its sessions end.
    async fn delete_sign_in(&self, step: &mut Step, user: &User) -> Result<()> {
        let Some(id) = user.sign_in_id() else { return Ok(()) };
        if let Some(sign_in) = self.sign_in_record(id).await? {
            step.remove(layout::sign_in(id), sign_in.version);
            step.clear(layout::sign_in_claim(&sign_in.email));
            self.end_sessions(step, id).await?;
        }
        Ok(())
    }
}

/// The service itself, when it does what would else take that call.
pub(super) fn sweeper(action: &'static str) -> By {
    let caller = Caller::Service("sweeper");
    By { caller, action, address: None, agent: None, once: None }
}
