//! Joining an account that is there: by an invite, or as the user that is expected by one's email.

use crate::{
    auth::identity::Identity,
    model::{
        account::Account,
        code::{Code, InviteCode},
        id::AccountId,
        invite::{Invite, Invitee},
        user::{State, User},
        user_text::UserText,
    },
    role::Role,
    store::{
        Conflict, Error, LoginRefusal, Reach, Result, Store,
        change::change_user_only,
        counts::numbers::first_number,
        entry::guest::{Guest, LoggedIn},
        find::{
            memberships::MAX_EXPECTED,
            select::{self, Selector},
        },
        ledger::{
            guard::{signed_in_since, standing_of},
            layout,
            step::Step,
        },
        user::{
            create::{NewUser, Vouched},
            profile::Profile,
        },
    },
    table::Item,
};

/// Where a new user gets the number from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Numbering {
    /// It is the first one of an account that the same step makes.
    First,
    /// The next one of the account.
    Next,
}

impl Store {
    /// Joins by an invite, or sets the service up by the setup code.
    pub(super) async fn accept_invite(
        &self,
        guest: Guest<'_>,
        shown: &InviteCode,
    ) -> Result<Option<LoggedIn>> {
        let code = &shown.code;
        let invite = self.shown_invite(guest.by, shown).await?;
        let Some(invitee) = invite.invitee.clone() else {
            return self.set_up(guest, code, &invite).await;
        };
        let account = invitee.account_id;
        if let Some(user) = self.bound_user::<UserText>(account, &guest.identity.key).await? {
            standing_of(user.state).map_err(Error::Login)?;
            self.open_account(account).await?;
            return Err(Error::Conflict(Conflict::AlreadyRegistered));
        }
        let shown = (code.digest(), shown.proof.is_some());
        self.join(guest, shown, &invite, &invitee).await
    }

    /// Joins by an invite. The emailed code proves that the letter was read; for the one that admins
    /// can copy, the address must be proved in another way.
    pub(super) async fn join(
        &self,
        guest: Guest<'_>,
        (digest, by_letter): (String, bool),
        invite: &Invite,
        invitee: &Invitee,
    ) -> Result<Option<LoggedIn>> {
        let identity = self.identity_of(guest).await?;
        if identity.email.as_ref() != Some(&invitee.email) && !self.rules.invite_any_email {
            let other = identity.email.as_ref().map(|_| LoginRefusal::InviteEmail);
            return Err(Error::Login(other.unwrap_or(LoginRefusal::EmailMissing)));
        }
        if !by_letter && identity.trusted_email().is_none() {
            return Err(unproved(&identity));
        }
        let reach = Reach::Account(invitee.account_id);
        // An invite goes with its user, so there is one, unless it is removed at this very moment.
        let user = self.user(reach, &Selector::by_id(invitee.user_id)).await?;
        if user.invite.as_ref().is_none_or(|open| open.digest != digest) {
            // Somebody has just joined by it, or it was voided: it is not open any more either.
            return Ok(None);
        }
        let mut step = guest.enrolment.clone();
        use_invite(&mut step, &digest, invite)?;
        self.activate(step, guest, user).await
    }

    /// Joins the one managed account that expects the person, where nobody can make an account: what an
    /// operator's admins have prepared takes no further consent. Of several, one has to be named.
    pub(super) async fn join_where_expected(&self, guest: Guest<'_>) -> Result<Option<LoggedIn>> {
        let nowhere = || Err(Error::Login(LoginRefusal::NotRegistered));
        if self.rules.open_registration {
            return nowhere();
        }
        let identity = self.identity_of(guest).await?;
        let Some(email) = identity.trusted_email() else { return nowhere() };
        let claims = self.users_of_email(email, MAX_EXPECTED + 1).await?;
        if claims.len() > MAX_EXPECTED {
            return nowhere();
        }
        let expected = self.expected_users(&claims).await?;
        let mut managed = expected.into_iter().filter(|(account, _)| account.managed);
        match (managed.next(), managed.next()) {
            (Some((account, _)), None) => self.join_expected(guest, account.id).await,
            (_, _) => nowhere(),
        }
    }

    /// Joins an account as the user that is made there for the person's email.
    ///
    /// # Errors
    /// `Login` where there is none, and whatever keeps it from being joined.
    pub(super) async fn join_expected(
        &self,
        guest: Guest<'_>,
        account: AccountId,
    ) -> Result<Option<LoggedIn>> {
        let nobody = || Error::Login(LoginRefusal::NotRegistered);
        let identity = self.identity_of(guest).await?;
        let email = identity.trusted_email().ok_or_else(nobody)?;
        let Some((account, user)) = self.expected_user(account, email).await? else {
            // By the same click, made twice, the person may have joined at this very moment.
            let bound: Option<UserText> = self.bound_user(account, &guest.identity.key).await?;
            return if bound.is_some() { Ok(None) } else { Err(nobody()) };
        };
        let mut step = guest.enrolment.clone();
        // It is joined as it was when it expected the person.
        step.account = Some(account);
        Self::void_invite(&mut step, &mut user.clone());
        self.activate(step, guest, user).await
    }

    /// Binds the identity to a user and makes the user active, in an account that is open.
    async fn activate(
        &self,
        mut step: Step,
        guest: Guest<'_>,
        before: User,
    ) -> Result<Option<LoggedIn>> {
        let account = match step.account.take() {
            Some(account) => account,
            None => self.open_account(before.account_id).await?,
        };
        step.account = Some(account.clone());
        self.room_for_account(&guest.identity.key).await?;
        self.bind_guest(&mut step, guest).await?;
        let now = self.now();
        let mut user = before.clone();
        self.come_back(guest, &account, &mut user).await?;
        user.first = user.first.or_else(|| guest.first_name());
        user.last = user.last.or_else(|| guest.last_name());
        user.language = user.language.or_else(|| guest.login.language.clone());
        user.identity = Some(guest.identity.key.clone());
        user.state = State::Active;
        user.invite = None;
        user.updated = now;
        user.note_login(now);
        let Some(user) = self.commit_user(step, guest.by, Some(&before), user).await? else {
            return Ok(None);
        };
        // An admin is counted in the account.
        let account =
            if user.is_active_admin() { self.account(user.account_id).await? } else { account };
        Ok(Some(LoggedIn { account, user: select::shown(&user)? }))
    }

    /// The operator joins with the setup code.
    async fn set_up(
        &self,
        guest: Guest<'_>,
        code: &Code,
        invite: &Invite,
    ) -> Result<Option<LoggedIn>> {
        let mut step = guest.enrolment.clone();
        use_invite(&mut step, &code.digest(), invite)?;
        let account = self.join_home(&mut step, guest.login.account_name.as_ref()).await?;
        let is_new = account.version == 1;
        if !is_new && self.bound_user::<UserText>(account.id, &guest.identity.key).await?.is_some()
        {
            return Err(Error::Conflict(Conflict::AlreadyRegistered));
        }
        let numbering = if is_new { Numbering::First } else { Numbering::Next };
        self.join_as_new(step, guest, account, (Role::Root, numbering)).await
    }

    /// Makes an active user of the identity in an account that the step has counted it into.
    pub(super) async fn join_as_new(
        &self,
        mut step: Step,
        guest: Guest<'_>,
        account: Account,
        (role, numbering): (Role, Numbering),
    ) -> Result<Option<LoggedIn>> {
        let identity = self.identity_of(guest).await?;
        // One that nobody has verified could be somebody else's.
        let email = identity.trusted_email();
        let email = email.ok_or_else(|| unproved(&identity))?;
        let new = NewUser {
            email: email.clone(),
            profile: Profile {
                first: guest.first_name().into(),
                last: guest.last_name().into(),
                language: guest.login.language.clone().into(),
                ..Profile::default()
            },
            role: Some(role),
            number: None,
            password: None,
            state: None,
            send_invite: None,
            vouched: Vouched::default(),
        };
        self.room_for_account(&guest.identity.key).await?;
        self.bind_guest(&mut step, guest).await?;
        let mut user = self.new_user(account.id, &new)?;
        if numbering == Numbering::Next {
            self.come_back(guest, &account, &mut user).await?;
        }
        let number = match numbering {
            Numbering::First => first_number(&mut step, account.id)?,
            Numbering::Next => self.next_number(account.id).await?,
        };
        let identity = Some(guest.identity.key.clone());
        let mut user = User { identity, state: State::Active, number, ..user };
        user.note_login(user.created);
        change_user_only(&mut step, None, &user)?;
        self.audit_user(&mut step, guest.by, None, &user)?;
        let done = self.commit(step).await.map(|done| done.then(()));
        if numbering == Numbering::Next {
            self.reuse_number(account.id, number, &done);
        }
        let user = User { version: 1, ..user };
        match done? {
            Some(()) => Ok(Some(LoggedIn { account, user: select::shown(&user)? })),
            None => Ok(None),
        }
    }

    /// Adds to `step` that a guest's sign-in, if it is one of ours, has a user more. One that the step
    /// itself makes is not there yet.
    async fn bind_guest(&self, step: &mut Step, guest: Guest<'_>) -> Result<()> {
        if guest.enrolment.ops.is_empty() {
            self.join_with_sign_in(step, &guest.identity.key).await?;
        }
        Ok(())
    }

    /// Lets a person become a user who was signed out when those of the same email were, and requires that the
    /// person has signed in since.
    ///
    /// # Errors
    /// `Login(SignedOut)`.
    async fn come_back(&self, guest: Guest<'_>, account: &Account, user: &mut User) -> Result<()> {
        user.signed_out = self.last_signed_out(user).await?;
        let signed_out = [user.signed_out, account.signed_out];
        signed_in_since(&guest.identity.presence, account.id, signed_out).map_err(Error::Login)
    }

    /// What a guest proves at this moment.
    async fn identity_of(&self, guest: Guest<'_>) -> Result<Identity> {
        if guest.enrolment.ops.is_empty() {
            return self.current_identity(guest.identity).await;
        }
        Ok(guest.identity.clone())
    }
}

/// Why an identity's email proves nothing.
fn unproved(identity: &Identity) -> Error {
    Error::Login(match &identity.email {
        None => LoginRefusal::EmailMissing,
        Some(_) if !identity.email_verified => LoginRefusal::EmailUnverified,
        Some(_) => LoginRefusal::EmailUntrusted,
    })
}

fn use_invite(step: &mut Step, digest: &str, invite: &Invite) -> Result<()> {
    // All that is asked of it from now on is that it was used.
    let used = Invite { used: true, invitee: None, inviter: None, ..invite.clone() };
    let item = layout::item(layout::invite(digest), invite.version + 1, &used)?;
    step.replace(Item { expires: invite.expires, ..item }, invite.version);
    Ok(())
}
