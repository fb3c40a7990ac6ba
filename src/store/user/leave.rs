//! Leaving an account, of one's own will.

use crate::{
    model::{
        id::{AccountId, UserId},
        user::{State, User},
    },
    store::{
        By, Reach, Result, Store,
        find::select::Selector,
        ledger::{guard::expect_version, step::Step},
    },
};

impl Store {
    /// Takes a user out of its account at once, whatever holds stand: identity and access end, and the rest
    /// goes into the trash. It takes another invite to come back.
    ///
    /// # Errors
    /// `Conflict` for the last admin.
    pub(crate) async fn leave(
        &self,
        by: &By,
        (account, user): (AccountId, UserId),
        version: Option<u64>,
    ) -> Result<User> {
        self.attempt(|| async {
            let before = self.user(Reach::Account(account), &Selector::by_id(user)).await?;
            expect_version(version, before.version)?;
            self.try_leave(by, &before).await
        })
        .await
    }

    /// One try of a user to leave; `None` if a race was lost.
    pub(super) async fn try_leave(&self, by: &By, before: &User) -> Result<Option<User>> {
        let mut step = Step::default();
        let mut after = self.trashed(&mut step, before, State::Invited);
        after.identity = None;
        after.revoked = true;
        if let Some(sign_in) = self.sign_in_of_user(before).await? {
            self.part_with_sign_in(&mut step, before, sign_in).await?;
        }
        self.commit_user(step, by, Some(before), after).await
    }
}
