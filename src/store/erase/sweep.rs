//! Doing chores: what the service does by itself when the time comes.

use std::fmt;

use crate::{
    clock::Timestamp,
    model::chore::Chore,
    store::{
        Result, Store,
        ledger::queue::{Job as _, Queued, Taken},
    },
};

/// A chore that this node has the right to do until its lease runs out.
#[derive(Clone, Debug)]
pub(crate) struct TakenChore(Taken);

/// Its place in the queue, for logs.
impl fmt::Display for TakenChore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.0.key(), f)
    }
}

impl Store {
    /// Takes up to `limit` chores that are due at `now`; other nodes leave them alone until `until`. If
    /// they are not done by then, for whatever reason, they come up again.
    pub(crate) async fn take_chores(
        &self,
        limit: usize,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<TakenChore>> {
        let taken = self.take_jobs(&Chore::QUEUE, limit, now, until).await?;
        Ok(taken.into_iter().map(TakenChore).collect())
    }

    /// Does a chore, or a part of one that is long; the rest of it is due at once.
    pub(crate) async fn do_chore(&self, taken: &TakenChore) -> Result<()> {
        let Queued { job, .. } = taken.0.read()?;
        let rest = match job {
            Chore::PurgeUser { account_id, user_id } => {
                self.purge_due_user(account_id, user_id).await?;
                None
            }
            Chore::ScrubUser(scrub) => self.scrub_user(scrub).await?.map(Chore::ScrubUser),
            Chore::ForgetSignIn { sign_in_id } => {
                let more = self.forget_sign_in(sign_in_id).await?;
                more.then_some(Chore::ForgetSignIn { sign_in_id })
            }
            Chore::PurgeAccount { account_id, scrubbed } => {
                self.purge_account(account_id, scrubbed).await?
            }
        };
        match rest {
            Some(rest) => self.go_on(&taken.0, &rest).await,
            None => self.finish_job(&taken.0).await,
        }
    }

    /// Puts a chore back that could not be done.
    pub(crate) async fn postpone_chore(&self, taken: &TakenChore, why: String) -> Result<()> {
        self.fail_job::<Chore>(&taken.0, why, None).await.map(drop)
    }
}
