//! Whose a sign-in is: its person's, and in an account that keeps it, its admins' to look after.

use crate::{
    caller::Caller,
    model::{
        account::Account,
        id::AccountId,
        sign_in::{Kept, SignIn},
        user::User,
    },
    store::{
        By, Conflict, Error, Result, Store,
        counts::limits::{Bucket, UNKNOWN_CODE},
        ledger::{guard::spare_maker, step::Step},
    },
};

impl Store {
    /// Whether the user's account keeps the sign-in. If so, `step` requires that it stays so.
    pub(in crate::store) async fn is_kept(
        &self,
        step: &mut Step,
        user: &User,
        sign_in: &SignIn,
    ) -> Result<bool> {
        if sign_in.kept.is_none() {
            return Ok(false);
        }
        let account = self.account_of_step(step, user).await?;
        let kept = sign_in.is_kept_by(&account);
        if kept {
            step.account = Some(account);
        }
        Ok(kept)
    }

    /// Requires that the caller may change how the user signs in: it is the user, or the account keeps the
    /// sign-in, which `step` then requires to stay so.
    ///
    /// # Errors
    /// `Conflict`, whatever the reason.
    pub(in crate::store) async fn require_kept(
        &self,
        step: &mut Step,
        by: &By,
        user: &User,
        sign_in: &SignIn,
    ) -> Result<()> {
        if by.caller.user() == Some(user.id) {
            return Ok(());
        }
        spare_maker(by, user)?;
        if !self.is_kept(step, user, sign_in).await? {
            return Err(Error::Conflict(Conflict::OwnSignIn));
        }
        self.require_caller(step, by, Some(user)).await
    }

    /// The mark of a sign-in that the user's account makes, which must be managed and stay so.
    ///
    /// # Errors
    /// `Conflict` if it is not managed.
    pub(in crate::store) async fn keeping(&self, step: &mut Step, user: &User) -> Result<Kept> {
        let account = self.account_of_step(step, user).await?;
        if !account.managed {
            return Err(Error::Conflict(Conflict::OwnSignIn));
        }
        let kept = Kept::by(&account);
        step.account = Some(account);
        Ok(kept)
    }

    /// Where it is counted that an account's admins meet sign-ins which are not theirs to change: that
    /// somebody signs in with an email is not to be found out by trying.
    pub(in crate::store) fn guesses_in(account: AccountId) -> Bucket {
        Bucket::of(&UNKNOWN_CODE, &format!("own sign-in {account}"))
    }

    /// Where it is counted what a caller finds out by changing how a user signs in; of one's own sign-in that
    /// is counted for oneself, so that nobody else is held up.
    ///
    /// # Errors
    /// `Limited`
    pub(in crate::store) async fn begin_guess(&self, by: &By, user: &User) -> Result<Bucket> {
        let is_own = by.caller.user() == Some(user.id);
        self.check_in_turn(|| {
            if is_own {
                Bucket::of(&UNKNOWN_CODE, &format!("own sign-in of {}", user.id))
            } else {
                Self::guesses_in(user.account_id)
            }
        })
        .await
    }

    /// Counts what has come of a try, if it was one.
    pub(in crate::store) async fn count_guess<T>(
        &self,
        guesses: Bucket,
        done: Result<T>,
    ) -> Result<T> {
        if matches!(done, Err(Error::Conflict(Conflict::OwnSignIn))) {
            self.miss(&[guesses]).await?;
        }
        done
    }

    async fn account_of_step(&self, step: &Step, user: &User) -> Result<Account> {
        match &step.account {
            Some(account) if account.id == user.account_id => Ok(account.clone()),
            Some(_) | None => self.account(user.account_id).await,
        }
    }
}

/// Whether it is an operator in person who calls: they may take off a second factor that somebody has lost.
pub(super) fn is_operator(by: &By) -> bool {
    match &by.caller {
        Caller::Operator => true,
        Caller::User(user) => crate::admit::reaches_everywhere(user.role),
        Caller::Anonymous | Caller::Identity(_) | Caller::Key(_) | Caller::Service(_) => false,
    }
}
