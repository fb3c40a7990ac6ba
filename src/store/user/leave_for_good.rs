//! Leaving for good: a person leaves all accounts, and takes the own sign-in along.

use crate::{
    auth::identity::Identity,
    error::Fault,
    model::{
        account::Account,
        audit::Target,
        email::Email,
        letter::Content,
        sign_in::sign_in_of,
        user::{IdentityKey, User},
    },
    security::Event,
    store::{
        By, Conflict, Error, Result, Store,
        change::heads::is_active_root,
        find::memberships::MAX_ACCOUNTS,
        ledger::{audit::log_event, claim::Claim, commit::Committed, layout, step::Step},
    },
};

/// How often it is looked again whether the person is in an account: somebody may join at the same moment.
const MAX_ROUNDS: u32 = 8;
/// What an account's trail calls it when its user goes: what else the person does is nobody's business there.
const LEAVING: &str = "user/leave";

impl Store {
    /// Takes a person out of all accounts, a step each, and deletes the sign-in in the last step. What is done
    /// stays done if it is interrupted; the same again does the rest. Of somebody who signs in elsewhere there is
    /// no sign-in to delete. A named address must be the person's own.
    ///
    /// # Errors
    /// `Field` if it is another one.
    /// `LastAdminOf` with all accounts where the person is the last admin: then nothing is done, unless another
    /// admin has gone at this very moment. `SessionEnded`; `Busy` if the person joins again and again.
    pub(crate) async fn leave_for_good(
        &self,
        by: &By,
        identity: &Identity,
        named: Option<&Email>,
    ) -> Result<()> {
        let own = self.current_identity(identity).await?.email;
        if named.is_some() && named != own.as_ref() {
            let why =
                "email is not the caller's address; someone else may have signed in here since";
            return Err(Error::Field(Fault::new("email", "mismatch", why)));
        }
        let who = &identity.key;
        for _ in 0..MAX_ROUNDS {
            let claims = self.memberships(who, MAX_ACCOUNTS + 1).await?;
            self.require_other_admins(&claims).await?;
            for claim in &claims {
                match self.leave_as(by, who, claim).await {
                    // The other admin has just gone: which accounts that are is said in the next round.
                    Err(Error::Conflict(Conflict::LastAdmin)) => break,
                    done => done?,
                }
            }
            if self.take_sign_in(by, who).await? {
                return Ok(());
            }
        }
        Err(Error::Busy)
    }

    /// Requires that a person is the last admin of none of these accounts.
    async fn require_other_admins(&self, claims: &[Claim]) -> Result<()> {
        let last = |(user, account): (User, Option<Account>)| {
            let account = account?;
            let is_last = user.is_active_admin() && !account.spares_an_admin();
            is_last.then(|| (account.id, account.name.to_string()))
        };
        let users = self.claimed_users_with_accounts(claims).await?;
        for (user, account) in &users {
            if let Some(account) = account.as_ref().filter(|_| is_active_root(user))
                && account.spares_an_admin()
                && self.roots_of(account).await? <= 1
            {
                return Err(Error::Conflict(Conflict::LastRoot));
            }
        }
        let last: Vec<_> = users.into_iter().filter_map(last).collect();
        if last.is_empty() { Ok(()) } else { Err(Error::LastAdminOf(last)) }
    }

    /// Leaves one account, unless somebody else has seen to that.
    async fn leave_as(&self, by: &By, who: &IdentityKey, claim: &Claim) -> Result<()> {
        let by = &By { action: LEAVING, ..by.clone() };
        self.attempt(|| async {
            let key = layout::live_user(claim.account_id, claim.user_id);
            let user: Option<User> = self.load(key).await?;
            match user.filter(|user| user.identity.as_ref() == Some(who)) {
                Some(user) => Ok(self.try_leave(by, &user).await?.map(drop)),
                None => Ok(Some(())),
            }
        })
        .await
    }

    /// Deletes the sign-in of somebody who is in no account; `false` if the person is in one, or has just changed
    /// the sign-in.
    async fn take_sign_in(&self, by: &By, who: &IdentityKey) -> Result<bool> {
        // Read first: joining later raises its version.
        let sign_in = match sign_in_of(who) {
            Some(id) => self.sign_in_record(id).await?,
            None => None,
        };
        if !self.memberships(who, 1).await?.is_empty() {
            return Ok(false);
        }
        let Some(sign_in) = sign_in else { return Ok(true) };
        let mut step = Step::default();
        self.delete_sign_in(&mut step, &sign_in).await?;
        let address = by.address.map(|address| address.to_string());
        let content = Content::SignInRemoved { at: self.now(), address };
        self.tell_person(&mut step, &sign_in, content)?;
        log_event(&mut step, by, Event::SignInRemoved, (Target::SignIn(sign_in.id), None));
        if self.commit(step).await? == Committed::Stale {
            return Ok(false);
        }
        // One may have begun at this very moment.
        self.sweep_sessions(&sign_in.in_next_epoch()).await?;
        Ok(true)
    }
}
