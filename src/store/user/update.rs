//! Changing users.

use crate::{
    error::{Fault, TRANSITION},
    model::{
        account::Account,
        email::Email,
        letter::{Content, Letter},
        password::{NewPassword, Password},
        sign_in::SignIn,
        user::{SettableState, State, User},
    },
    role::Role,
    store::{
        By, Conflict, Error, Reach, Result, Store,
        change::lets_in_admin,
        counts::limits::{Bucket, LETTERS_OF_CHANGES},
        find::select::Selector,
        invite::InviteTerms,
        ledger::{
            claim::Claim,
            guard::{may_change, reaches},
            layout,
            step::Step,
        },
        sign_in::{
            checked_password::require_checked,
            password::{SignInChange, known_about},
        },
        user::{profile::Profile, trash},
    },
};

/// What is to become of a user.
#[derive(Clone, Debug)]
pub(crate) struct UserChanges {
    pub(crate) profile: Profile,
    pub(crate) email: Option<Email>,
    /// What the user is to sign in with.
    pub(crate) password: Option<NewPassword>,
    /// What changing one's own password takes, and one's own email, which leads to the password, if there is one.
    pub(crate) current_password: Option<Password>,
    pub(crate) state: Option<SettableState>,
    pub(crate) role: Option<Role>,
    /// Whether the identity is taken off, so that the person joins anew by another one.
    pub(crate) unbind: bool,
    /// The fresh invite that is to go out, if one is.
    pub(crate) send_invite: Option<InviteTerms>,
    /// Whether the user's API keys go on that a lower role may have.
    pub(crate) keep_keys: bool,
    /// The version that the caller has seen.
    pub(crate) version: Option<u64>,
}

impl UserChanges {
    /// The user under the names and the email to be.
    fn renamed(&self, user: &User) -> User {
        let mut user = user.clone();
        self.profile.first.clone().apply(&mut user.first);
        self.profile.last.clone().apply(&mut user.last);
        if let Some(email) = &self.email {
            user.email = email.clone();
        }
        user
    }
}

impl Store {
    /// Prepares changes to how a user signs in: people who change their own email or password send the
    /// password in use, or, of the email, what there is instead.
    ///
    /// # Errors
    /// As [`Store::change_password`]; `NotFresh`.
    async fn prepare_sign_in(
        &self,
        by: &By,
        user: &User,
        changes: &UserChanges,
    ) -> Result<SignInChange> {
        may_change(by, user, changes.version)?;
        let current = changes.current_password.as_ref();
        let Some(new) = &changes.password else {
            let is_own_here = by.caller.user() == Some(user.id) && user.sign_in_id().is_some();
            let checked = if is_own_here {
                self.check_password_if_any(by, user, current).await?
            } else {
                None
            };
            return Ok(SignInChange::Follow(checked));
        };
        if let Some(email) = changes.email.as_ref().filter(|email| **email != user.email) {
            let claim = layout::email_claim(user.account_id, email);
            self.expect_free(claim, Conflict::EmailTaken).await?;
        }
        let both = [user, &changes.renamed(user)];
        let about = both.map(|known| known_about(&known.email, [&known.first, &known.last]));
        self.chosen(by, user, current, (new, about.concat())).await.map(SignInChange::Password)
    }

    /// Changes a user, in all that the changes say or in nothing.
    pub(crate) async fn update_user(
        &self,
        by: &By,
        reach: Reach,
        who: &Selector,
        changes: &UserChanges,
    ) -> Result<User> {
        if changes.send_invite.is_some() {
            self.count_invite(by).await?;
        }
        let mut who = who.clone();
        let mut sign_in = SignInChange::Follow(None);
        let mut guesses = None;
        if changes.email.is_some() || changes.password.is_some() {
            let seen = self.user(reach, &who).await?;
            let begun = self.begin_guess(by, &seen).await?;
            let to = changes.email.as_ref();
            let moved = self.own_move(by, &seen, to).await?;
            let is_told = changes.password.is_some()
                || to.is_some_and(|to| moved.is_none() && *to != seen.email);
            let told = if is_told { self.begin_change(by, &seen).await? } else { Vec::new() };
            sign_in = match self.prepare_sign_in(by, &seen, changes).await {
                Ok(sign_in) => sign_in,
                Err(error) => return self.count_guess(begun, Err(error)).await,
            };
            guesses = Some(begun);
            self.miss(&told).await?;
            if let (Some(moved), Some(to)) = (&moved, to) {
                self.count_new_email(by, moved, to).await?;
            }
            // The credential was shown for this one, even if the email has moved by now.
            who = Selector::by_id(seen.id);
        }
        let done = self.attempt(|| async {
            let before = self.user(reach, &who).await?;
            may_change(by, &before, changes.version)?;
            let both = [&before, &before];
            // It is large, and would be part of whatever calls this.
            Box::pin(self.try_change(by, both, changes, &sign_in)).await
        });
        match guesses {
            Some(guesses) => self.count_guess(guesses, done.await).await,
            None => done.await,
        }
    }

    /// One try to make of the user `before`, who is brought back as `base` or is `base` already, and of
    /// how the user signs in what the changes say; `None` if a race was lost.
    pub(super) async fn try_change(
        &self,
        by: &By,
        [before, base]: [&User; 2],
        changes: &UserChanges,
        sign_in: &SignInChange,
    ) -> Result<Option<User>> {
        let mut step = Step::default();
        let mut base = base.clone();
        let sets_password = matches!(sign_in, SignInChange::Password(_));
        if sets_password && base.state == State::Invited {
            // A user who is given a password has joined.
            base.state = State::Active;
        }
        let mut after = Self::changed(by, &base, changes)?;
        // The own one is not changed before a code has proved it.
        let own = self.own_move(by, before, changes.email.as_ref()).await?;
        if own.is_some() {
            after.email = base.email.clone();
        }
        if before.email != after.email || changes.send_invite.is_some() {
            Self::void_invite(&mut step, &mut after);
        }
        self.require_home_for_root(by, &after, before.role).await?;
        if before.email != after.email {
            // Before all else, so that what stands in the way elsewhere is not told in its place.
            let claim = layout::email_claim(after.account_id, &after.email);
            if self.load::<Claim>(claim).await?.is_some() {
                return Err(Error::Conflict(Conflict::EmailTaken));
            }
        }
        if let Some(terms) = changes.send_invite {
            self.send_invite(&mut step, by, &mut after, terms).await?;
        }
        self.tell_of_email(&mut step, by, before, &after)?;
        self.tell_of_role(&mut step, &base, &after).await?;
        if changes.keep_keys && after.role < before.role {
            self.leave_keys(&mut step, by, before, after.role).await?;
        }
        if changes.unbind && before.identity.is_some() {
            self.unbind(&mut step, by, (before, &mut after)).await?;
        }
        let with_epoch = self.change_sign_in(&mut step, by, before, &mut after, sign_in).await?;
        let stays = *before == after && !sets_password && own.is_none();
        if let (Some(own), Some(to)) = (own, &changes.email) {
            self.unless_changed(&mut step, &own, sign_in).await?;
            let own = with_epoch.as_ref().unwrap_or(&own);
            self.send_new_email(&mut step, by, before, (own, to)).await?;
        }
        if stays {
            return Ok(Some(after));
        }
        if lets_in_admin(Some(before), &after) {
            self.require_fresh(by).await?;
        }
        self.commit_sign_in(step, by, before, (after, with_epoch)).await
    }

    /// Adds to `step` that a sign-in is as it was read, unless it has another password by that.
    ///
    /// # Errors
    /// `Field` if the password that was typed is not in use any more, or if there is one by now and none was typed.
    async fn unless_changed(
        &self,
        step: &mut Step,
        own: &SignIn,
        change: &SignInChange,
    ) -> Result<()> {
        match change {
            SignInChange::Password(_) => return Ok(()),
            SignInChange::Follow(checked) => require_checked(*checked, own)?,
        }
        self.change_sign_in_record(step, own, own).await
    }

    /// Adds to `step` that somebody who signs in elsewhere hears of another email, at the one of before. Of the
    /// address of a sign-in its person hears apart from that.
    fn tell_of_email(&self, step: &mut Step, by: &By, before: &User, after: &User) -> Result<()> {
        let is_elsewhere = before.identity.is_some() && before.sign_in_id().is_none();
        if before.email == after.email || !is_elsewhere {
            return Ok(());
        }
        let is_own = by.caller.user() == Some(before.id);
        let address = by.address.filter(|_| is_own).map(|address| address.to_string());
        self.tell(step, before, None, Content::EmailChanged { at: self.now(), address, undo: None })
    }

    /// Adds to `step` that a person hears of a role that gives power over others. Nobody fills a mailbox by giving and taking
    /// one: beyond the limit it is given and not told.
    async fn tell_of_role(&self, step: &mut Step, before: &User, after: &User) -> Result<()> {
        let is_raised = after.role > before.role && after.role > Role::User;
        if !is_raised || before.identity.is_none() {
            return Ok(());
        }
        let letters = [Bucket::of(&LETTERS_OF_CHANGES, &format!("role {}", before.id))];
        match self.check_limits(&letters).await {
            Ok(()) => self.miss(&letters).await?,
            Err(Error::Limited { .. }) => return Ok(()),
            Err(error) => return Err(error),
        }
        let account = self.account(before.account_id).await?;
        let account_name = account.name.to_string();
        let content = Content::RoleGranted { at: self.now(), account_name, role: after.role };
        self.tell(step, before, Some(&account), content)
    }

    /// Takes the identity off a user; adds to `step` that its person is told.
    ///
    /// # Errors
    /// `Conflict` for a sign-in of ours: it is its person's.
    async fn unbind(
        &self,
        step: &mut Step,
        by: &By,
        (before, after): (&User, &mut User),
    ) -> Result<()> {
        if before.sign_in_id().is_some() {
            return Err(Error::Conflict(Conflict::OwnSignIn));
        }
        let told = self.begin_change(by, before).await?;
        self.miss(&told).await?;
        trash::unbind(after);
        let account = self.account(before.account_id).await?;
        let account_name = account.name.to_string();
        self.tell(step, before, Some(&account), Content::Unbound { at: self.now(), account_name })
    }

    /// Adds to `step` a letter to a user as it was before, which may name the account.
    fn tell(
        &self,
        step: &mut Step,
        user: &User,
        account: Option<&Account>,
        content: Content,
    ) -> Result<()> {
        let (language, about) = (user.language.clone(), Some(user.id));
        let letter = self.new_letter(&user.email, language, about, content);
        let account_id = account.map(|account| account.id);
        Self::post(step, &Letter { account_id, ..letter })
    }

    /// Requires that the operator's role is given in the home account only.
    pub(super) async fn require_home_for_root(
        &self,
        by: &By,
        user: &User,
        before: Role,
    ) -> Result<()> {
        if user.role == before {
            return Ok(());
        }
        self.require_home(by, user.account_id, user.role).await
    }

    /// The user after the changes, but for an invite.
    pub(super) fn changed(by: &By, before: &User, changes: &UserChanges) -> Result<User> {
        // The password and the invite are the step's, the version was looked at before.
        let UserChanges {
            profile,
            email,
            state,
            role,
            send_invite,
            unbind: _,
            keep_keys: _,
            password: _,
            current_password: _,
            version: _,
        } = changes;
        let mut user = before.clone();
        profile.apply(&mut user)?;
        if let Some(email) = email {
            user.email = email.clone();
        }
        if let Some(role) = *role {
            reaches(by.role(), role)?;
            user.role = role;
        }
        if let Some(state) = *state {
            user.state = next_state(&user, state)?;
        }
        if send_invite.is_some() && user.state != State::Invited {
            return Err(Error::Conflict(Conflict::AlreadyRegistered));
        }
        Ok(user)
    }
}

fn next_state(user: &User, to: SettableState) -> Result<State> {
    match (user.state, to) {
        // Made suspended, and still to come in for the first time.
        (State::Suspended, SettableState::Active) if user.identity.is_none() => Ok(State::Invited),
        (State::Active | State::Suspended, SettableState::Active) => Ok(State::Active),
        (State::Active | State::Suspended, SettableState::Suspended) => Ok(State::Suspended),
        (State::Invited | State::Trashed, _) => {
            let why = "An invited user becomes active by joining; to withdraw the invite, call invite/revoke, or \
                       remove the user.";
            Err(Error::Field(Fault::new("state", TRANSITION, why)))
        }
    }
}
