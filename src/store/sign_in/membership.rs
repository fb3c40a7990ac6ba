//! What becomes of a sign-in where its person joins accounts and leaves them, and how it ends for good.

use crate::{
    error::Fault,
    model::{
        chore::Chore,
        id::SignInId,
        sign_in::{SignIn, sign_in_of},
        user::{IdentityKey, User},
    },
    store::{
        Error, LoginRefusal, Result, Store,
        ledger::{layout, queue, step::Step},
        sign_in::{
            claim::{SignInClaim, claim_providers},
            record::sign_in_item,
        },
    },
};

impl Store {
    /// Adds to `step` that a person joins an account by an identity: a sign-in of ours waits no longer, and
    /// nobody keeps it any more.
    ///
    /// # Errors
    /// `SessionEnded` if the sign-in is gone, `Login` if its address is not proved: somebody else may have made
    /// it, and is not to get into anything more.
    pub(in crate::store) async fn join_with_sign_in(
        &self,
        step: &mut Step,
        who: &IdentityKey,
    ) -> Result<()> {
        let Some(id) = sign_in_of(who) else { return Ok(()) };
        let before = self.sign_in_record(id).await?.filter(|sign_in| !sign_in.trashed);
        let before = before.ok_or(Error::SessionEnded)?;
        if !before.verified {
            return Err(Error::Login(LoginRefusal::EmailUnverified));
        }
        let after = SignIn { unbound_until: None, kept: None, ..before.clone() };
        self.touch_sign_in(step, &before, &after).await
    }

    /// Adds to `step` that a sign-in becomes what it is `after`, and writes it also where it stays the same:
    /// of those who change at the same moment in which accounts it is, all but one look anew.
    pub(in crate::store) async fn touch_sign_in(
        &self,
        step: &mut Step,
        before: &SignIn,
        after: &SignIn,
    ) -> Result<()> {
        if after == before {
            step.replace(sign_in_item(after, before.version + 1)?, before.version);
            return Ok(());
        }
        self.change_sign_in_record(step, before, after).await
    }

    /// Adds to `step` that a user who comes from another service is bound to a sign-in that was imported earlier:
    /// it waits no longer, and only the account that has kept it keeps it.
    ///
    /// # Errors
    /// `Field` if there is no such sign-in, or one that is not proved has a user already.
    pub(in crate::store) async fn bind_moved(
        &self,
        step: &mut Step,
        user: &User,
        id: SignInId,
    ) -> Result<()> {
        let before = self.sign_in_record(id).await?.filter(|sign_in| !sign_in.trashed);
        let before = before.ok_or_else(|| {
            let why =
                "identity names a sign-in that does not exist; import its line before this one";
            Error::Field(Fault::new("identity", "unknown", why))
        })?;
        if !before.verified && !self.memberships(&before.identity(), 1).await?.is_empty() {
            let why = "identity names a sign-in that already has a user; it can have a second one only once its \
                       address is proved";
            return Err(Error::Field(Fault::new("identity", "unproved", why)));
        }
        let kept = before.kept.filter(|kept| kept.is_by(user.account_id));
        let after = SignIn { unbound_until: None, kept, ..before.clone() };
        self.touch_sign_in(step, &before, &after).await
    }

    /// Adds to `step` what becomes of a user's sign-in when the user goes into the trash: with an account
    /// that keeps it, it goes along; any other that has no user left waits to be used again. Returns one that goes
    /// along: its sessions open nothing any more, and are swept after the step.
    pub(in crate::store) async fn trash_sign_in(
        &self,
        step: &mut Step,
        user: &User,
    ) -> Result<Option<SignIn>> {
        let Some(before) = self.sign_in_of_user(user).await? else { return Ok(None) };
        if self.is_kept(step, user, &before).await? {
            // Who signs in with its address by then may have linked the same ones.
            let kept = before.clone().without_providers(|_| true);
            let after = SignIn { trashed: true, ..kept }.in_next_epoch();
            self.change_sign_in_record(step, &before, &after).await?;
            return Ok(Some(after));
        }
        self.part_with_sign_in(step, user, before).await?;
        Ok(None)
    }

    /// Adds to `step` that a user is its sign-in's no longer; one that has no user left waits to be used
    /// again. From now on it is nobody's but its person's.
    pub(in crate::store) async fn part_with_sign_in(
        &self,
        step: &mut Step,
        user: &User,
        before: SignIn,
    ) -> Result<()> {
        let claims = self.memberships(&before.identity(), 2).await?;
        let is_elsewhere = claims.iter().any(|claim| claim.account_id != user.account_id);
        let waits = self.now().plus(self.rules.trash_lifetime);
        let unbound_until = if is_elsewhere { before.unbound_until } else { Some(waits) };
        let after = SignIn { unbound_until, kept: None, ..before.clone() };
        self.touch_sign_in(step, &before, &after).await
    }

    /// Adds to `step` that a new sign-in takes the place, and the address, of one that is gone for good with its
    /// sessions.
    pub(in crate::store) async fn supplant(
        &self,
        step: &mut Step,
        old: &SignIn,
        new: &SignIn,
    ) -> Result<()> {
        step.insert(sign_in_item(new, 1)?);
        claim_providers(step, new)?;
        self.pass_claim(step, old, new).await?;
        self.give_way(step, old).await
    }

    /// Adds to `step` that a sign-in is gone for good with its sessions, and that another one takes its address.
    pub(in crate::store) async fn give_way(&self, step: &mut Step, old: &SignIn) -> Result<()> {
        step.remove(layout::sign_in(old.id), old.version);
        self.release_providers(step, old).await?;
        step.gives_way = Some(old.id);
        self.leave_to_be_forgotten(step, old.id).await
    }

    /// Adds to `step` that a sign-in is gone for good, with its sessions; what is left of it is deleted by a
    /// chore. One in the trash has no claim on its address.
    pub(in crate::store) async fn delete_sign_in(
        &self,
        step: &mut Step,
        sign_in: &SignIn,
    ) -> Result<()> {
        step.remove(layout::sign_in(sign_in.id), sign_in.version);
        self.release_providers(step, sign_in).await?;
        if !sign_in.trashed {
            let claim = layout::sign_in_claim(&sign_in.email);
            let held: Option<SignInClaim> = self.load(claim.clone()).await?;
            if let Some(held) = held.filter(|held| held.sign_in_id == sign_in.id) {
                step.remove(claim, held.version);
            }
        }
        for made in &sign_in.moves {
            step.clear(layout::way_back(&made.undo));
        }
        self.leave_to_be_forgotten(step, sign_in.id).await
    }

    async fn leave_to_be_forgotten(&self, step: &mut Step, id: SignInId) -> Result<()> {
        self.end_sessions(step, id).await?;
        step.insert(queue::new_item(&Chore::ForgetSignIn { sign_in_id: id }, self.now())?);
        Ok(())
    }
}
