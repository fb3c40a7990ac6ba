//! Whether the caller still is who it was when the call was admitted, as the table has it now.
//!
//! Who calls is remembered for a few seconds. What gives lasting power is not to be had with what somebody has lost
//! within them, so it looks again, in its own transaction.

use crate::{
    caller::{Caller, CallingKey, CallingUser},
    model::{
        id::{AccountId, UserId},
        key::{Key, Maker},
        user::{State, User},
    },
    store::{
        By, Error, Result, Store,
        ledger::{layout, step::Step},
    },
};

impl Store {
    /// Adds to `step` that the caller has access and the role that the call was admitted with, and so has the user who
    /// stands behind a calling key. Of the user that the step itself writes, `changed` is the record as it was read.
    ///
    /// # Errors
    /// `CallerChanged`
    pub(in crate::store) async fn require_caller(
        &self,
        step: &mut Step,
        by: &By,
        changed: Option<&User>,
    ) -> Result<()> {
        if std::mem::replace(&mut step.requires_caller, true) {
            return Ok(());
        }
        match &by.caller {
            Caller::User(caller) => {
                let who = (caller.account, caller.id);
                let user = self.standing_user(step, who, changed).await?;
                if is_still(caller, &user) { Ok(()) } else { Err(Error::CallerChanged) }
            }
            Caller::Key(caller) => self.require_key(step, caller, changed).await,
            // Nobody can take anything from these; and who joins is looked at by the step.
            Caller::Anonymous | Caller::Identity(_) | Caller::Operator | Caller::Service(_) => {
                Ok(())
            }
        }
    }

    async fn require_key(
        &self,
        step: &mut Step,
        caller: &CallingKey,
        changed: Option<&User>,
    ) -> Result<()> {
        let key: Option<Key> = self.load(layout::api_key(caller.id)).await?;
        let key = key.filter(|key| key.role == caller.role).ok_or(Error::CallerChanged)?;
        step.check(layout::api_key(key.id), key.version);
        let is_backed = match key.maker {
            Some(Maker::Operator) => true,
            Some(Maker::User { account_id, user_id, .. }) => {
                let user = self.standing_user(step, (account_id, user_id), changed).await?;
                is_backed_by(&key, &user)
            }
            None => false,
        };
        if is_backed { Ok(()) } else { Err(Error::CallerChanged) }
    }

    /// A user who must stay as it is until the step is committed.
    async fn standing_user(
        &self,
        step: &mut Step,
        (account, user): (AccountId, UserId),
        changed: Option<&User>,
    ) -> Result<User> {
        if let Some(changed) = changed.filter(|changed| changed.id == user) {
            // The step writes it, on condition that nobody else has.
            return Ok(changed.clone());
        }
        let key = layout::live_user(account, user);
        let user: User = self.load(key.clone()).await?.ok_or(Error::CallerChanged)?;
        step.check(key, user.version);
        Ok(user)
    }
}

fn is_in(user: &User) -> bool {
    user.identity.is_some() && user.state == State::Active
}

fn is_still(caller: &CallingUser, user: &User) -> bool {
    is_in(user) && user.role >= caller.role && user.key_epoch == caller.epoch
}

/// Whether a key is good as far as that is the matter of the user whose it is.
pub(in crate::store) fn is_backed_by(key: &Key, user: &User) -> bool {
    is_in(user) && key.is_backed_by((user.account_id, user.id), (user.role, user.key_epoch))
}
