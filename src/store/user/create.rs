//! Making users: new ones, invited ones who are invited again, and trashed ones who come back.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::{
    clock::Timestamp,
    model::{
        email::Email,
        id::{AccountId, UserId},
        password::NewPassword,
        password_hash::PasswordHash,
        user::{SettableState, State, User},
    },
    role::Role,
    store::{
        By, Conflict, Error, Result, Store,
        invite::InviteTerms,
        ledger::{
            claim::{ANYWHERE, Claim},
            guard::reaches,
            layout,
            step::Step,
        },
        sign_in::password::{NewHash, Proof, SignInChange, refuse_common},
        user::{profile::Profile, update::UserChanges},
    },
};

/// What a new user is to be.
#[derive(Clone, Debug)]
pub(crate) struct NewUser {
    /// Unique among all users.
    pub(crate) email: Email,
    /// What it clears, a user who is there already loses.
    pub(crate) profile: Profile,
    /// If nothing is said, that of a user.
    pub(crate) role: Option<Role>,
    /// What the user signs in with at once, if the admin chooses that.
    pub(crate) password: Option<InitialPassword>,
    /// If nothing is said, active with a password and invited without.
    pub(crate) state: Option<SettableState>,
    /// The invite that is to go out, if one is.
    pub(crate) send_invite: Option<InviteTerms>,
}

/// A password that somebody else sets.
#[derive(Clone, Debug)]
pub(crate) enum InitialPassword {
    /// The password itself.
    Plain(NewPassword),
    /// What another service has kept of it.
    Hash(PasswordHash),
}

/// What becomes of a user in the trash who has the e-mail of a new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IfTrashed {
    /// It stays there, and keeps its e-mail.
    Keep,
    /// It comes back and is changed.
    Restore,
}

/// Somebody to be made, and since when.
#[derive(Clone, Copy)]
struct Making<'a> {
    by: &'a By,
    account: AccountId,
    new: &'a NewUser,
    password: Option<&'a NewHash>,
    if_trashed: IfTrashed,
    began: Timestamp,
}

impl Store {
    /// Makes a user that has not logged in yet. A user who is invited already is changed and invited
    /// again, if an invite is to go out.
    pub(crate) async fn create_user(
        &self,
        by: &By,
        account: AccountId,
        new: &NewUser,
        if_trashed: IfTrashed,
    ) -> Result<User> {
        reaches(by.role(), new.role())?;
        self.require_account(by, account).await?;
        if new.send_invite.is_some() {
            self.count_invite(by).await?;
        }
        let password = self.initial_password(new).await?;
        let password = password.as_ref();
        let making = Making { by, account, new, password, if_trashed, began: self.now() };
        let raced = AtomicBool::new(false);
        self.attempt(|| async {
            // Only the claim decides, but a look before spares most of those who would lose a
            // transaction that gets in the way of the others'.
            let done = match self.load::<Claim>(layout::email_claim(&new.email)).await? {
                Some(claim) => self.try_again(making, claim, raced.load(Ordering::SeqCst)).await?,
                None => self.try_create(making).await?,
            };
            raced.store(true, Ordering::SeqCst);
            Ok(done)
        })
        .await
    }

    /// One try to make a user of whom there is nothing yet; `None` if a race was lost.
    async fn try_create(&self, making: Making<'_>) -> Result<Option<User>> {
        let Making { by, account, new, password, .. } = making;
        let mut user = self.new_user(account, new).await?;
        let mut step = Step::default();
        if let Some(password) = password {
            user = self.give_sign_in(&mut step, &user, password)?;
        }
        if let Some(terms) = new.send_invite {
            self.send_invite(&mut step, by, &mut user, terms).await?;
        }
        match self.commit_user(step, by, None, user).await {
            // Somebody else has just made the user, whom this may invite again.
            Err(Error::Conflict(Conflict::EmailTaken)) if new.send_invite.is_some() => Ok(None),
            done => done,
        }
    }

    /// One try where somebody has the e-mail: with an invite, to invite the user again, or to bring it
    /// back. Who has lost a race against somebody with the same wish shares the other's success.
    async fn try_again(
        &self,
        making: Making<'_>,
        claim: Claim,
        raced: bool,
    ) -> Result<Option<User>> {
        let Making { by, account, new, password, if_trashed, began } = making;
        let taken = Error::Conflict(Conflict::EmailTaken);
        let may_restore = if_trashed == IfTrashed::Restore;
        if claim.account_id != account || (new.send_invite.is_none() && !may_restore) {
            return Err(taken);
        }
        let Some(before) = self.claimed_user::<User>(claim, ANYWHERE).await? else {
            return Ok(None);
        };
        if reaches(by.role(), before.role).is_err() {
            return Err(taken);
        }
        let changes = new.changes();
        match before.state {
            State::Invited if new.send_invite.is_some() => {
                if raced && before.updated >= began && new.is_met_by(by, &before)? {
                    return Ok(Some(before));
                }
                let sign_in = SignInChange::Follow(None);
                self.try_change(by, [&before, &before], &changes, &sign_in).await
            }
            State::Trashed if may_restore => {
                let restored = self.restored(&before);
                // Who has joined before needs no invite.
                let invites = changes.send_invite.filter(|_| restored.state == State::Invited);
                let changes = UserChanges { send_invite: invites, ..changes };
                let follow = SignInChange::Follow(None);
                let sign_in = password.cloned().map_or(follow, SignInChange::Password);
                self.try_change(by, [&before, &restored], &changes, &sign_in).await
            }
            State::Invited | State::Active | State::Suspended | State::Trashed => Err(taken),
        }
    }

    async fn initial_password(&self, new: &NewUser) -> Result<Option<NewHash>> {
        let hash = match &new.password {
            None => return Ok(None),
            Some(InitialPassword::Hash(hash)) => hash.clone(),
            Some(InitialPassword::Plain(password)) => {
                let Profile { first, last, .. } = new.profile.clone();
                let names = [&first.value(), &last.value()];
                refuse_common("password", password, &new.email, names)?;
                self.hasher.hash(password.password()).await?
            }
        };
        Ok(Some(NewHash { hash, proof: Proof::None, keep: None }))
    }

    /// A user of whom nothing is stored yet.
    pub(in crate::store) async fn new_user(
        &self,
        account: AccountId,
        new: &NewUser,
    ) -> Result<User> {
        let NewUser { email, profile, role, state, password: _, send_invite: _ } = new;
        let now = self.now();
        let mut user = User::new(UserId::new(now, &self.random), account, email.clone(), now);
        profile.apply(&mut user)?;
        user.role = role.unwrap_or(user.role);
        if *state == Some(SettableState::Suspended) {
            user.state = State::Suspended;
        }
        // The last of it, so that a user who is refused takes no number.
        user.number = self.next_number().await?;
        Ok(user)
    }
}

impl NewUser {
    fn role(&self) -> Role {
        self.role.unwrap_or(Role::User)
    }

    /// What becomes of a user who is there already: what is said, and no more.
    fn changes(&self) -> UserChanges {
        // The e-mail is what the user was found by, and the password is hashed apart from this.
        let Self { email: _, profile, role, password: _, state, send_invite } = self;
        UserChanges {
            profile: profile.clone(),
            email: None,
            password: None,
            current_password: None,
            state: *state,
            role: *role,
            send_invite: *send_invite,
            version: None,
        }
    }

    /// Whether the invited user is as it is to be.
    fn is_met_by(&self, by: &By, user: &User) -> Result<bool> {
        let asked = self.send_invite.and_then(|terms| terms.expires);
        let invited = |open: Timestamp| asked.is_none_or(|asked| asked == open);
        let is_out = user.invite.as_ref().is_some_and(|open| invited(open.expires));
        Ok(is_out && Store::changed(by, user, &self.changes())? == *user)
    }
}
