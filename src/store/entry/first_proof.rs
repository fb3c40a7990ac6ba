//! The first proof of an address: what somebody has made for it without one does not outlast that.
//!
//! A sign-in whose address is proved for the first time is a new one, with a subject of its own and nothing but
//! the credential of that step: who else has had the old one, has had tokens of it, or has told others about
//! it, has nothing of the new one.

use crate::{
    caller::Caller,
    model::{
        email::Email,
        id::{AccountId, SignInId},
        sign_in::SignIn,
        user::User,
    },
    store::{
        By, Conflict, Error, Result, Store, ledger::step::Step, sign_in::password::NewHash,
        user::trash,
    },
};

impl Store {
    /// Adds to `step` a new sign-in of somebody who has just proved its address, and who is `joining` that account.
    /// One that was made without a proof gives way, and is taken off its user.
    ///
    /// # Errors
    /// `Conflict` if somebody has proved the address before.
    pub(super) async fn add_proved(
        &self,
        step: &mut Step,
        by: &By,
        sign_in: &SignIn,
        joining: Option<AccountId>,
    ) -> Result<()> {
        let Some(old) = self.sign_in_by_email(&sign_in.email).await? else {
            return Self::add_sign_in(step, sign_in, Conflict::SignedUp);
        };
        let users = self.unproved_users(&old).await?.ok_or(Error::Conflict(Conflict::SignedUp))?;
        if users.iter().any(|user| Some(user.account_id) == joining) {
            return Err(Error::Conflict(Conflict::SignedUp));
        }
        self.supplant(step, &old, sign_in).await?;
        self.take_off(step, by, users).await
    }

    /// Adds to `step` that the sign-in which has an address gives way to `to`, whose person has proved it, if nobody
    /// has proved it before.
    ///
    /// # Errors
    /// `Conflict` if somebody has.
    pub(super) async fn clear_address(
        &self,
        step: &mut Step,
        by: &By,
        (address, to): (&Email, SignInId),
    ) -> Result<()> {
        let holder = self.sign_in_by_email(address).await?;
        let Some(old) = holder.filter(|holder| holder.id != to) else { return Ok(()) };
        let users = self.unproved_users(&old).await?;
        let users = users.ok_or(Error::Conflict(Conflict::AddressTaken))?;
        self.give_way(step, &old).await?;
        self.take_off(step, by, users).await
    }

    /// The users of a sign-in that gives way to a proved one at its address; `None` if it does not. A sign-in with
    /// several users, which older versions could make, stays, for its users cannot all change in one step.
    pub(super) async fn unproved_users(&self, sign_in: &SignIn) -> Result<Option<Vec<User>>> {
        if sign_in.verified {
            return Ok(None);
        }
        let users = self.memberships(&sign_in.identity(), 2).await?;
        if users.len() > 1 {
            return Ok(None);
        }
        self.claimed_users(&users).await.map(Some)
    }

    /// Adds to `step` that nobody is these users any more.
    async fn take_off(&self, step: &mut Step, by: &By, users: Vec<User>) -> Result<()> {
        // Its account learns that somebody else has the address, and not who.
        let by = By { caller: Caller::Anonymous, address: None, ..by.clone() };
        for before in users {
            let mut after = User { updated: self.now(), ..before.clone() };
            trash::unbind(&mut after);
            self.change_regardless(step, &by, &before, after).await?;
        }
        Ok(())
    }

    /// Adds to `step` that a sign-in whose address nobody had proved is another one from now on, with this
    /// password alone; its `user`, if it has one, stays where it is. Returns the sign-in, and the user before and
    /// after.
    pub(super) async fn prove_by_reset(
        &self,
        step: &mut Step,
        (old, user): (&SignIn, Option<User>),
        new: &NewHash,
    ) -> Result<(SignIn, Option<[User; 2]>)> {
        let sign_in = SignIn {
            language: old.language.clone(),
            kept: old.kept,
            unbound_until: old.unbound_until,
            ..new.of(self.new_sign_in(&old.email))?
        };
        self.supplant(step, old, &sign_in).await?;
        let rebound = |before: User| {
            let identity = Some(sign_in.identity());
            let after = User { identity, updated: self.now(), ..before.clone() };
            [before, after]
        };
        let rebound = user.map(rebound);
        Ok((sign_in, rebound))
    }
}
