//! Passwords: changing one's own, setting another's.

use crate::{
    auth::Turn,
    model::{
        audit::Target,
        email::Email,
        id::SessionId,
        letter::Content,
        password::{NewPassword, Password},
        password_hash::PasswordHash,
        sign_in::SignIn,
        text::Name,
        user::{State, User},
    },
    security::Event,
    store::{
        By, Conflict, Error, Reach, Result, Store,
        counts::turns::{own_turn, turn_of_account},
        find::select::Selector,
        ledger::{
            audit::log_event,
            guard::{may_change, spare_maker},
            step::Step,
        },
        sign_in::checked_password::{CheckedPassword, require_checked},
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
    /// The person who sets it can read the mailbox.
    Letter,
    /// Nothing new: it is the person's own change, who has typed the one in use.
    Same(CheckedPassword),
    /// Nothing any more: somebody else knows the password.
    None,
}

/// What becomes of how a user signs in when the user changes.
pub(in crate::store) enum SignInChange {
    /// It follows the email; who changes the own one has typed the password, if there is one.
    Follow(Option<CheckedPassword>),
    /// It follows the email, and has this password from now on.
    Password(NewHash),
}

impl NewHash {
    /// Whether it is the person who sets it.
    pub(in crate::store) fn is_own(&self) -> bool {
        match self.proof {
            Proof::Letter | Proof::Same(_) => true,
            Proof::None => false,
        }
    }

    /// The sign-in with the new password.
    ///
    /// # Errors
    /// `Field` if it takes the one in use, and what was typed is not that any more.
    pub(in crate::store) fn of(&self, sign_in: SignIn) -> Result<SignIn> {
        let verified = match self.proof {
            Proof::Letter => true,
            Proof::Same(checked) => {
                checked.require(&sign_in)?;
                sign_in.verified
            }
            Proof::None => false,
        };
        // An admin who sets another's password should know everything that opens the sign-in.
        let sign_in = if self.is_own() { sign_in } else { sign_in.without_providers(|_| true) };
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
        let guesses = self.begin_guess(by, &seen).await?;
        let told = self.begin_change(by, &seen).await?;
        let about = known_about(&seen.email, [&seen.first, &seen.last]);
        let chosen = self.chosen(by, &seen, change.current.as_ref(), (&change.new, about)).await;
        let new = match chosen {
            Ok(new) => new,
            Err(error) => return self.count_guess(guesses, Err(error)).await,
        };
        self.miss(&told).await?;
        let done = self.attempt(|| async {
            let user = self.user(reach, &Selector::by_id(seen.id)).await?;
            may_change(by, &user, change.version)?;
            let mut step = Step::default();
            let mut after = user.clone();
            let change = SignInChange::Password(new.clone());
            let ended = self.change_sign_in(&mut step, by, &user, &mut after, &change).await?;
            self.commit_sign_in(step, by, &user, (after, ended)).await
        });
        self.count_guess(guesses, done.await).await
    }

    /// Commits a step that changes how a user signs in, and of the user itself what is different `after`.
    /// What people do with their own sign-in alone changes no user.
    pub(in crate::store) async fn commit_sign_in(
        &self,
        mut step: Step,
        by: &By,
        before: &User,
        (after, ended): (User, Option<SignIn>),
    ) -> Result<Option<User>> {
        let done = if after == *before {
            if by.caller.user() == Some(before.id) {
                self.mark(&mut step, by)?;
            } else {
                let changed = std::mem::take(&mut step.changed);
                let target = Target::User(before.id);
                self.audit(&mut step, by, before.account_id, target, &changed)?;
            }
            self.commit(step).await?.then(after)
        } else {
            let after = User { updated: self.now(), ..after };
            self.commit_user(step, by, Some(before), after).await?
        };
        if let Some(ended) = ended.filter(|_| done.is_some()) {
            self.sweep_sessions(&ended).await?;
        }
        Ok(done)
    }

    /// Checks and hashes a password that a call sets for a user. People who set their own must send the current
    /// one. The caller's right to set it is checked before the costly hashing.
    pub(in crate::store) async fn chosen(
        &self,
        by: &By,
        user: &User,
        current: Option<&Password>,
        (new, about): (&NewPassword, Vec<String>),
    ) -> Result<NewHash> {
        let is_own = by.caller.user() == Some(user.id);
        let turn = if is_own { own_turn(by) } else { turn_of_account(by) };
        if !is_own {
            self.expect_to_choose(by, user).await?;
        }
        let checked = self.check_if_own(by, user, current).await?;
        self.refuse_common(turn.clone(), "newPassword", new, about).await?;
        let proof = checked.map_or(Proof::None, Proof::Same);
        let keep = by.caller.session().filter(|_| checked.is_some());
        Ok(NewHash { hash: self.hasher.hash(turn, new.password()).await?, proof, keep })
    }

    /// Whether the caller may choose somebody else's password, as it looks: the step itself decides.
    async fn expect_to_choose(&self, by: &By, user: &User) -> Result<()> {
        let mut step = Step::default();
        match self.own_sign_in(user).await.map_err(nobody_elses)? {
            Some(sign_in) => self.require_kept(&mut step, by, user, &sign_in).await,
            None if user.identity.is_some() || user.joined.is_some() => {
                Err(Error::Conflict(Conflict::OwnSignIn))
            }
            None => {
                spare_maker(by, user)?;
                self.keeping(&mut step, user).await.map(drop)
            }
        }
    }

    /// Refuses a password that is easily guessed, for a request's field of that name.
    ///
    /// # Errors
    /// `Field`, `Overloaded`.
    pub(in crate::store) async fn refuse_common(
        &self,
        turn: Turn,
        field: &'static str,
        new: &NewPassword,
        about: Vec<String>,
    ) -> Result<()> {
        self.hasher.judge(turn, field, new, about).await?.map_err(Error::Field)
    }

    /// The hash of a password that somebody sets for the own sign-in, unless it is easily guessed.
    ///
    /// # Errors
    /// `Field`, `Overloaded`.
    pub(in crate::store) async fn own_new_hash(
        &self,
        by: &By,
        field: &'static str,
        new: &NewPassword,
        about: Vec<String>,
    ) -> Result<PasswordHash> {
        let turn = own_turn(by);
        self.refuse_common(turn.clone(), field, new, about).await?;
        Ok(self.hasher.hash(turn, new.password()).await?)
    }

    /// Adds to `step` a sign-in for a user who has none and never had, and so joins; the account keeps it.
    /// Returns the user.
    ///
    /// # Errors
    /// `Conflict` unless the account is managed, and nobody signs in with the email.
    pub(in crate::store) async fn give_sign_in(
        &self,
        step: &mut Step,
        by: &By,
        user: &User,
        new: &NewHash,
    ) -> Result<User> {
        if user.identity.is_some() || user.joined.is_some() {
            // A person who knows the password would take over an existing user.
            return Err(Error::Conflict(Conflict::OwnSignIn));
        }
        spare_maker(by, user)?;
        let kept = Some(self.keeping(step, user).await?);
        self.require_caller(step, by, Some(user)).await?;
        let sign_in = SignIn {
            first: user.first.clone(),
            last: user.last.clone(),
            language: user.language.clone(),
            kept,
            ..new.of(self.new_sign_in(&user.email))?
        };
        Self::add_sign_in(step, &sign_in, Conflict::OwnSignIn)?;
        self.audit_person(step, by, (sign_in.id, false), &["password"])?;
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
                    return self.move_sign_in(step, by, before, after, *checked).await;
                }
                return Ok(None);
            }
        };
        if !new.is_own() {
            // How people change their own sign-in is not in the account's trail.
            step.changed.push("password");
        }
        let Some(sign_in) = self.own_sign_in(before).await.map_err(nobody_elses)? else {
            *after = self.give_sign_in(step, by, after, new).await?;
            return Ok(None);
        };
        self.require_kept(step, by, before, &sign_in).await?;
        let moved = if elsewhere { sign_in.moved_to(&after.email) } else { sign_in.clone() };
        if elsewhere && !new.is_own() {
            self.tell_of_address(step, by, &sign_in)?;
        }
        self.replace_password(step, by, (&sign_in, moved), new).await.map(Some)
    }

    /// Adds to `step` that a user has another email. One's own is that of the sign-in already, and the password was
    /// checked; somebody else's is changed only while nobody has joined by it, or where the account keeps the
    /// sign-in, whose sessions end. Returns that sign-in.
    ///
    /// # Errors
    /// `Field` if what was typed is not that any more, `Conflict`.
    async fn move_sign_in(
        &self,
        step: &mut Step,
        by: &By,
        before: &User,
        after: &User,
        checked: Option<CheckedPassword>,
    ) -> Result<Option<SignIn>> {
        let is_own = by.caller.user() == Some(before.id);
        let Some(sign_in) = self.sign_in_of_user(before).await? else {
            if is_own || (before.identity.is_none() && before.joined.is_none()) {
                return Ok(None);
            }
            return Err(Error::Conflict(Conflict::OwnSignIn));
        };
        self.require_kept(step, by, before, &sign_in).await?;
        if is_own {
            require_checked(checked, &sign_in)?;
            self.change_sign_in_record(step, &sign_in, &sign_in).await?;
            return Ok(None);
        }
        self.tell_of_address(step, by, &sign_in)?;
        // Somebody else's word proves nothing.
        let moved = sign_in.moved_to(&after.email).without_providers(|_| true);
        let moved = SignIn { verified: false, ..moved };
        Ok(Some(self.begin_epoch(step, &sign_in, moved, None).await?.sign_in))
    }

    /// Adds to `step` that the person hears of another address that somebody else has chosen, at the one of before,
    /// and that the own trail tells of it.
    fn tell_of_address(&self, step: &mut Step, by: &By, sign_in: &SignIn) -> Result<()> {
        let content = Content::EmailChanged { at: self.now(), address: None, undo: None };
        self.tell_person(step, sign_in, content)?;
        log_event(step, by, Event::EmailChanged, (Target::SignIn(sign_in.id), None));
        self.audit_person(step, by, (sign_in.id, false), &["email"])
    }

    /// Adds to `step` that a sign-in, which may have `moved` to another address, has another password:
    /// all sessions end but the one to keep, and a letter to the address of before tells of it.
    /// Returns the sign-in.
    pub(in crate::store) async fn replace_password(
        &self,
        step: &mut Step,
        by: &By,
        (before, moved): (&SignIn, SignIn),
        new: &NewHash,
    ) -> Result<SignIn> {
        let epoch = self.begin_epoch(step, before, new.of(moved)?, new.keep).await?;
        self.tell_of_password(step, by, before, new)?;
        Ok(epoch.sign_in)
    }

    /// Adds to `step` that the person hears of a new password, at the address of before, and that the own
    /// trail tells of it.
    pub(in crate::store) fn tell_of_password(
        &self,
        step: &mut Step,
        by: &By,
        sign_in: &SignIn,
        new: &NewHash,
    ) -> Result<()> {
        let content = Content::PasswordChanged { at: self.now(), address: own_address(by, new) };
        self.tell_person(step, sign_in, content)?;
        log_event(step, by, Event::PasswordChanged, (Target::SignIn(sign_in.id), None));
        self.audit_person(step, by, (sign_in.id, new.is_own()), &["password"])
    }
}

/// What others know of somebody, and would try first.
pub(in crate::store) fn known_about(email: &Email, names: [&Option<Name>; 2]) -> Vec<String> {
    let names = names.into_iter().flatten().map(Name::to_string);
    std::iter::once(email.to_string()).chain(names).collect()
}

/// Where a new password comes from, for a letter to the person: nothing that is somebody else's.
fn own_address(by: &By, new: &NewHash) -> Option<String> {
    by.address.filter(|_| new.is_own()).map(|address| address.to_string())
}

/// Of how somebody signs in who is not found here, no more is said than of others.
pub(super) fn nobody_elses(error: Error) -> Error {
    let is_outside =
        matches!(error, Error::Conflict(Conflict::OutsideIdentity | Conflict::NoPassword));
    if is_outside { Error::Conflict(Conflict::OwnSignIn) } else { error }
}
