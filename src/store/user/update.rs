//! Changing users.

use crate::{
    error::Fault,
    model::{
        email::Email,
        letter::Content,
        password::{NewPassword, Password},
        user::{SettableState, State, User},
    },
    role::Role,
    store::{
        By, Conflict, Error, Reach, Result, Store,
        find::select::Selector,
        invite::InviteTerms,
        ledger::{
            guard::{may_change, reaches},
            step::Step,
        },
        sign_in::password::{SignInChange, own_address, refuse_common},
        user::profile::Profile,
    },
};

/// What is to become of a user.
#[derive(Clone, Debug)]
pub(crate) struct UserChanges {
    pub(crate) profile: Profile,
    pub(crate) email: Option<Email>,
    /// What the user is to sign in with.
    pub(crate) password: Option<NewPassword>,
    /// What changing one's own password takes, and one's own e-mail, which leads to the password.
    pub(crate) current_password: Option<Password>,
    pub(crate) state: Option<SettableState>,
    pub(crate) role: Option<Role>,
    /// The fresh invite that is to go out, if one is.
    pub(crate) send_invite: Option<InviteTerms>,
    /// The version that the caller has seen.
    pub(crate) version: Option<u64>,
}

impl UserChanges {
    /// The user under the names and the e-mail to be.
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
    /// Makes ready what is to change of how a user signs in: whoever changes the own e-mail or password
    /// shows the one in use.
    ///
    /// # Errors
    /// As [`Store::change_password`].
    async fn prepare_sign_in(
        &self,
        by: &By,
        user: &User,
        changes: &UserChanges,
    ) -> Result<SignInChange> {
        may_change(by, user, changes.version)?;
        let current = changes.current_password.as_ref();
        let Some(new) = &changes.password else {
            let signs_in_here = user.sign_in_id().is_some();
            let checked =
                if signs_in_here { self.check_if_own(by, user, current).await? } else { None };
            return Ok(SignInChange::Follow(checked));
        };
        for known in [user, &changes.renamed(user)] {
            refuse_common("newPassword", new, &known.email, [&known.first, &known.last])?;
        }
        self.chosen(by, user, current, new).await.map(SignInChange::Password)
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
        if changes.email.is_some() || changes.password.is_some() {
            let seen = self.user(reach, &who).await?;
            sign_in = self.prepare_sign_in(by, &seen, changes).await?;
            // What was shown was shown for this one, whoever has the e-mail by now.
            who = Selector::by_id(seen.id);
        }
        self.attempt(|| async {
            let before = self.user(reach, &who).await?;
            may_change(by, &before, changes.version)?;
            let both = [&before, &before];
            self.try_change(by, both, changes, &sign_in).await
        })
        .await
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
            // Whoever is given a password is in by that.
            base.state = State::Active;
        }
        let mut after = Self::changed(by, &base, changes)?;
        if before.email != after.email || changes.send_invite.is_some() {
            Self::void_invite(&mut step, &mut after);
        }
        if let Some(terms) = changes.send_invite {
            self.send_invite(&mut step, by, &mut after, terms).await?;
        }
        if before.email != after.email && before.identity.is_some() {
            let content =
                Content::EmailChanged { at: self.now(), address: own_address(by, Some(before.id)) };
            let (language, about) = (before.language.clone(), Some(before.id));
            Self::post(&mut step, &self.new_letter(&before.email, language, about, content))?;
        }
        let with_epoch = self.change_sign_in(&mut step, by, before, &mut after, sign_in).await?;
        if *before == after && !sets_password {
            return Ok(Some(after));
        }
        after.updated = self.now();
        let done = self.commit_user(step, by, Some(before), after).await?;
        if let Some(current) = with_epoch.filter(|_| done.is_some()) {
            self.sweep_sessions(&current).await?;
        }
        Ok(done)
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
            let why = "An invited user becomes active by logging in; to withdraw the invitation, \
                       call invite/revoke or remove the user.";
            Err(Error::Field(Fault::new("state", "transition", why)))
        }
    }
}
