//! Passwords: changing one's own, setting another's.

use crate::{
    caller::Caller,
    model::{
        audit::Target,
        email::Email,
        id::{SessionId, UserId},
        letter::Content,
        password::{NewPassword, Password},
        password_hash::PasswordHash,
        sign_in::SignIn,
        text::Name,
        user::{State, User},
    },
    store::{
        By, Error, Reach, Result, Store,
        find::select::Selector,
        ledger::{commit::Committed, guard::may_change, step::Step},
        sign_in::checked_password::CheckedPassword,
    },
};

/// A change of a password.
pub(crate) struct PasswordChange {
    /// The one in use, which changing one's own takes.
    pub(crate) current: Option<Password>,
    /// The one to be.
    pub(crate) new: NewPassword,
    /// The version of the user that the caller has seen.
    pub(crate) version: Option<u64>,
}

/// A password that is to be set, and what that says about the address.
#[derive(Clone)]
pub(in crate::store) struct NewHash {
    pub(in crate::store) hash: PasswordHash,
    pub(in crate::store) proof: Proof,
    /// The session that it is set in, which goes on.
    pub(in crate::store) keep: Option<SessionId>,
}

/// What the setting of a password proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) enum Proof {
    /// Whoever sets it reads what is sent to the address.
    Letter,
    /// Nothing new: it is the person's own change, who has typed the one in use.
    Same(CheckedPassword),
    /// Nothing any more: somebody else knows the password.
    None,
}

/// What becomes of how a user signs in when the user changes.
pub(in crate::store) enum SignInChange {
    /// It follows the e-mail; who changes the own one has typed the password.
    Follow(Option<CheckedPassword>),
    /// It follows the e-mail, and has this password from now on.
    Password(NewHash),
}

impl NewHash {
    /// The sign-in with the new password.
    ///
    /// # Errors
    /// `Field` if it takes the one in use, and what was typed is not that any more.
    fn of(&self, sign_in: SignIn) -> Result<SignIn> {
        let verified = match self.proof {
            Proof::Letter => true,
            Proof::Same(checked) => {
                checked.require(&sign_in)?;
                sign_in.verified
            }
            Proof::None => false,
        };
        Ok(SignIn { verified, ..sign_in }.with_password(self.hash.clone()))
    }
}

impl Store {
    /// Changes a user's password; ends the user's other sessions.
    ///
    /// # Errors
    /// `Field`, also if the own current password is wrong, `Conflict`, `Limited`.
    pub(crate) async fn change_password(
        &self,
        by: &By,
        reach: Reach,
        who: &Selector,
        change: &PasswordChange,
    ) -> Result<User> {
        let seen = self.user(reach, who).await?;
        may_change(by, &seen, change.version)?;
        refuse_common("newPassword", &change.new, &seen.email, [&seen.first, &seen.last])?;
        let new = self.chosen(by, &seen, change.current.as_ref(), &change.new).await?;
        self.attempt(|| async {
            let user = self.user(reach, &Selector::by_id(seen.id)).await?;
            may_change(by, &user, change.version)?;
            let sign_in = self.own_sign_in(&user).await?;
            let step = Step::default();
            let done = self.set_password(step, by, sign_in.as_ref(), Some(&user), &new).await?;
            done.map(|user| user.ok_or(Error::NotFound("user"))).transpose()
        })
        .await
    }

    /// A password that is set for a user through a call; whoever sets the own one shows the one in use.
    pub(in crate::store) async fn chosen(
        &self,
        by: &By,
        user: &User,
        current: Option<&Password>,
        new: &NewPassword,
    ) -> Result<NewHash> {
        let checked = self.check_if_own(by, user, current).await?;
        let proof = checked.map_or(Proof::None, Proof::Same);
        let keep = by.caller.session().filter(|_| checked.is_some());
        Ok(NewHash { hash: self.hasher.hash(new.password()).await?, proof, keep })
    }

    /// Commits `step` with a new password of a sign-in, or of a user who gets one by it. Returns the
    /// user, if there is one; the outer `None` is a lost race.
    pub(in crate::store) async fn set_password(
        &self,
        mut step: Step,
        by: &By,
        sign_in: Option<&SignIn>,
        user: Option<&User>,
        new: &NewHash,
    ) -> Result<Option<Option<User>>> {
        let Some(before) = sign_in else {
            let Some(user) = user else { return Err(Error::NotFound("code")) };
            let after = self.give_sign_in(&mut step, user, new)?;
            return Ok(self.commit_user(step, by, Some(user), after).await?.map(Some));
        };
        let after =
            self.replace_password(&mut step, by, (before, before.clone()), user, new).await?;
        self.mark(&mut step, by)?;
        if let Some(user) = user {
            self.audit(&mut step, by, user.account_id, Target::User(user.id), &["password"])?;
        }
        if self.commit(step).await? == Committed::Stale {
            return Ok(None);
        }
        self.sweep_sessions(&after).await?;
        Ok(Some(user.cloned()))
    }

    /// Adds to `step` a sign-in for a user who had none, and so comes in; returns the user.
    pub(in crate::store) fn give_sign_in(
        &self,
        step: &mut Step,
        user: &User,
        new: &NewHash,
    ) -> Result<User> {
        let sign_in = SignIn {
            first: user.first.clone(),
            last: user.last.clone(),
            ..new.of(self.new_sign_in(&user.email))?
        };
        Self::add_sign_in(step, &sign_in)?;
        let mut after = user.clone();
        Self::void_invite(step, &mut after);
        after.identity = Some(sign_in.identity());
        if after.state == State::Invited {
            after.state = State::Active;
        }
        after.updated = self.now();
        Ok(after)
    }

    /// Adds to `step` what becomes of how a user signs in who is changed. Returns the sign-in whose
    /// other sessions this ends.
    pub(in crate::store) async fn change_sign_in(
        &self,
        step: &mut Step,
        by: &By,
        before: &User,
        after: &mut User,
        change: &SignInChange,
    ) -> Result<Option<SignIn>> {
        let elsewhere = before.email != after.email;
        let new = match change {
            SignInChange::Password(new) => new,
            SignInChange::Follow(checked) => {
                if elsewhere {
                    self.move_sign_in(step, before, after, *checked).await?;
                }
                return Ok(None);
            }
        };
        step.changed.push("password");
        let Some(sign_in) = self.own_sign_in(before).await? else {
            *after = self.give_sign_in(step, after, new)?;
            return Ok(None);
        };
        let moved = if elsewhere { sign_in.moved_to(&after.email) } else { sign_in.clone() };
        self.replace_password(step, by, (&sign_in, moved), Some(after), new).await.map(Some)
    }

    /// Adds to `step` that a user goes on signing in, with the new e-mail; for one's own, the password
    /// was checked.
    ///
    /// # Errors
    /// `Field` if what was typed is not that any more.
    async fn move_sign_in(
        &self,
        step: &mut Step,
        before: &User,
        after: &User,
        checked: Option<CheckedPassword>,
    ) -> Result<()> {
        let Some(id) = before.sign_in_id() else { return Ok(()) };
        if let Some(sign_in) = self.sign_in_record(id).await? {
            if let Some(checked) = checked {
                checked.require(&sign_in)?;
            }
            Self::keep_sign_in(step, &sign_in, &sign_in.moved_to(&after.email))?;
        }
        Ok(())
    }

    /// Adds to `step` that a sign-in, which may have `moved` to another address, has another password:
    /// all sessions end but the one to keep, and a letter to the address of before tells of it.
    /// Returns the sign-in.
    async fn replace_password(
        &self,
        step: &mut Step,
        by: &By,
        (before, moved): (&SignIn, SignIn),
        user: Option<&User>,
        new: &NewHash,
    ) -> Result<SignIn> {
        let epoch = self.begin_epoch(step, before, new.of(moved)?, new.keep).await?;
        self.tell_of_new_password(step, by, before, user)?;
        Ok(epoch.sign_in)
    }

    /// Adds to `step` the letter that tells of a new password; where somebody else has set it, it does
    /// not tell from where.
    fn tell_of_new_password(
        &self,
        step: &mut Step,
        by: &By,
        sign_in: &SignIn,
        user: Option<&User>,
    ) -> Result<()> {
        let about = user.map(|user| user.id);
        let address = own_address(by, about);
        let content = Content::PasswordChanged { at: self.now(), address };
        let language = user.and_then(|user| user.language.clone());
        Self::post(step, &self.new_letter(&sign_in.email, language, about, content))
    }
}

/// Where a call comes from, for a letter to the user: nothing that is somebody else's.
pub(in crate::store) fn own_address(by: &By, user: Option<UserId>) -> Option<String> {
    let own =
        matches!(by.caller, Caller::Anonymous) || (user.is_some() && by.caller.user() == user);
    by.address.filter(|_| own).map(|address| address.to_string())
}

/// Refuses a password that is easily guessed, for a request's field of that name.
pub(in crate::store) fn refuse_common<'a>(
    field: &str,
    new: &NewPassword,
    email: &'a Email,
    names: [&'a Option<Name>; 2],
) -> Result<()> {
    let names = names.into_iter().flatten().map(Name::as_str);
    let about: Vec<&str> = std::iter::once(email.as_str()).chain(names).collect();
    new.check_uncommon(field, &about).map_err(Error::Field)
}
