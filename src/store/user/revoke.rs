//! Taking back the invite that is out for a user.

use crate::{
    model::user::{State, User},
    store::{
        By, Conflict, Error, Reach, Result, Store,
        find::select::Selector,
        ledger::{guard::may_change, step::Step},
    },
};

impl Store {
    /// Takes back the invite that is out for a user, who stays invited. Nothing happens if none is out.
    pub(crate) async fn revoke_invite(
        &self,
        by: &By,
        reach: Reach,
        who: &Selector,
        version: Option<u64>,
    ) -> Result<User> {
        self.attempt(|| async {
            let before = self.user(reach, who).await?;
            may_change(by, &before, version)?;
            if before.state != State::Invited {
                return Err(Error::Conflict(Conflict::AlreadyRegistered));
            }
            if before.revoked {
                return Ok(Some(before));
            }
            let mut after = User { revoked: true, updated: self.now(), ..before.clone() };
            let mut step = Step::default();
            Self::void_invite(&mut step, &mut after);
            self.commit_user(step, by, Some(&before), after).await
        })
        .await
    }
}
