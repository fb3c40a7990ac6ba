//! Making users: new ones, invited ones who are invited again, and trashed ones who come back.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::{
    caller::Caller,
    clock::Timestamp,
    model::{
        email::Email,
        id::{AccountId, UserId},
        password::NewPassword,
        password_hash::PasswordHash,
        sign_in::sign_in_of,
        user::{IdentityKey, SettableState, State, User},
    },
    role::Role,
    store::{
        By, Conflict, Error, Result, Store,
        counts::turns::turn_of_account,
        invite::InviteTerms,
        ledger::{
            claim::{Claim, claims_of},
            guard::reaches,
            layout,
            step::Step,
        },
        sign_in::password::{NewHash, Proof, SignInChange, known_about},
        user::{profile::Profile, update::UserChanges},
    },
    table::Key,
};

/// What a new user is to be.
#[derive(Clone, Debug)]
pub(crate) struct NewUser {
    /// Unique within the account.
    pub(crate) email: Email,
    /// What it clears, a user who is there already loses.
    pub(crate) profile: Profile,
    /// If nothing is said, that of a user.
    pub(crate) role: Option<Role>,
    /// If nothing is said, the next one.
    pub(crate) number: Option<u64>,
    /// What the user signs in with at once, if the admin chooses that.
    pub(crate) password: Option<InitialPassword>,
    /// If nothing is said, active with a password and invited without.
    pub(crate) state: Option<SettableState>,
    /// The invite that is to go out, if one is.
    pub(crate) send_invite: Option<InviteTerms>,
    /// What the operator knows of somebody who comes from another service.
    pub(crate) vouched: Vouched,
}

/// What the operator vouches for on the command line; no call says it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Vouched {
    /// Who the user is to an issuer.
    pub(crate) identity: Option<IdentityKey>,
    /// When the user has joined there.
    pub(crate) joined: Option<Timestamp>,
    /// Whether it takes another invite to join.
    pub(crate) revoked: bool,
    /// Whether the person who knows the password can read the mailbox.
    pub(crate) email_verified: bool,
}

/// A password that somebody else sets.
#[derive(Clone, Debug)]
pub(crate) enum InitialPassword {
    /// The password itself.
    Plain(NewPassword),
    /// What another service has kept of it.
    Hash(PasswordHash),
}

/// What becomes of a user in the trash who has the email of a new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IfTrashed {
    /// It stays there, and keeps its email.
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
        self.require_home(by, account, new.role()).await?;
        if new.send_invite.is_some() {
            self.count_invite(by).await?;
        }
        // The operator need not guess, and imports thousands.
        let may_guess = !matches!(by.caller, Caller::Operator);
        let guesses = if new.password.is_some() && may_guess {
            self.check_in_turn(|| Self::guesses_in(account)).await?
        } else {
            Self::guesses_in(account)
        };
        let password = match self.initial_password(by, account, (new, if_trashed)).await {
            Ok(password) => password,
            Err(error) if may_guess => return self.count_guess(guesses, Err(error)).await,
            Err(error) => return Err(error),
        };
        let password = password.as_ref();
        let making = Making { by, account, new, password, if_trashed, began: self.now() };
        let raced = AtomicBool::new(false);
        let done = self
            .attempt(|| async {
                let done = self.try_make(making, raced.load(Ordering::SeqCst)).await?;
                raced.store(true, Ordering::SeqCst);
                Ok(done)
            })
            .await;
        if may_guess { self.count_guess(guesses, done).await } else { done }
    }

    /// One try. Only claims decide, but a look before spares most of those who would lose a transaction
    /// that gets in the way of the others'.
    async fn try_make(&self, making: Making<'_>, raced: bool) -> Result<Option<User>> {
        let Making { account, new, if_trashed, .. } = making;
        if let Some(claim) = self.load::<Claim>(layout::email_claim(account, &new.email)).await? {
            return self.try_again(making, claim, raced).await;
        }
        if if_trashed == IfTrashed::Restore
            && let Some(trace) = self.traces(account, &new.email, 1).await?.first()
            && let Some(before) = self.load(layout::trashed_user(account, trace.user_id)).await?
        {
            return self.try_restore(making, &before).await;
        }
        self.try_create(making).await
    }

    /// One try to make a user of whom there is nothing yet; `None` if a race was lost.
    async fn try_create(&self, making: Making<'_>) -> Result<Option<User>> {
        let Making { by, account, new, password, .. } = making;
        let mut user = self.new_user(account, new)?;
        let mut step = Step::default();
        if let Some(password) = password {
            user = self.give_sign_in(&mut step, by, &user, password).await?;
        }
        if let Some(identity) = &new.vouched.identity {
            if let Some(id) = sign_in_of(identity) {
                self.bind_moved(&mut step, &user, id).await?;
            }
            user.identity = Some(identity.clone());
            if user.state == State::Invited {
                user.state = State::Active;
            }
        }
        if let Some(terms) = new.send_invite {
            self.send_invite(&mut step, by, &mut user, terms).await?;
        }
        // The last of it, so that a user who is refused takes no number.
        let number = match new.number {
            Some(number) => {
                self.choose_number(&mut step, account, number).await?;
                number
            }
            None => self.next_number(account).await?,
        };
        user.number = number;
        let done = self.commit_user(step, by, None, user).await;
        if new.number.is_some() {
            return done;
        }
        self.reuse_number(account, number, &done);
        match done {
            // Somebody else has just made the user, whom this may invite again; or has chosen the number.
            Err(Error::Conflict(Conflict::EmailTaken | Conflict::NumberTaken)) => Ok(None),
            done => done,
        }
    }

    /// One try where somebody has the email: with an invite, to invite the user again, with the role that it
    /// has. If a concurrent call has just made the same change, its result is the reply.
    async fn try_again(
        &self,
        making: Making<'_>,
        claim: Claim,
        raced: bool,
    ) -> Result<Option<User>> {
        let Making { by, account, new, began, .. } = making;
        let key = layout::live_user(account, claim.user_id);
        let Some(before) = self.load::<User>(key).await? else { return Ok(None) };
        let is_other = new.role.is_some_and(|role| role != before.role);
        let may_invite = reaches(by.role(), before.role).is_ok() && !is_other;
        if new.send_invite.is_none() || !may_invite || before.state != State::Invited {
            return Err(Error::Conflict(Conflict::EmailOf((&before).into())));
        }
        if raced && before.updated >= began && new.is_met_by(by, &before)? {
            return Ok(Some(before));
        }
        let sign_in = SignInChange::Follow(None);
        Box::pin(self.try_change(by, [&before, &before], &new.changes(), &sign_in)).await
    }

    /// One try to bring a removed user back, with what is said of it.
    async fn try_restore(&self, making: Making<'_>, before: &User) -> Result<Option<User>> {
        let Making { by, new, password, .. } = making;
        if reaches(by.role(), before.role).is_err() {
            return Err(Error::Conflict(Conflict::EmailTaken));
        }
        // As of `trash/restore`, which the contract asks it of.
        self.require_fresh(by).await?;
        let mut step = Step::default();
        let returning = self.returning(before).await?;
        let base = match password {
            Some(password) => {
                step.changed.push("password");
                self.return_with_password(&mut step, by, returning, password).await?
            }
            None => self.return_sign_in(&mut step, returning).await?,
        };
        // Who has joined before, and is bound again, needs no invite.
        let invites = new.send_invite.filter(|_| base.state == State::Invited);
        let changes = UserChanges { send_invite: invites, ..new.changes() };
        let mut after = Self::changed(by, &base, &changes)?;
        self.require_home_for_root(by, &after, before.role).await?;
        if let Some(terms) = invites {
            self.send_invite(&mut step, by, &mut after, terms).await?;
        }
        after.updated = self.now();
        match self.commit_user(step, by, Some(before), after).await {
            // Somebody has just signed up with the address, or the person has joined anew: look again.
            Err(Error::Conflict(Conflict::OwnSignIn | Conflict::AlreadyRegistered))
                if password.is_none() =>
            {
                Ok(None)
            }
            done => done,
        }
    }

    /// The password that the user is to have from the beginning; only where admins may choose it. It is worked at
    /// only if nobody seems to have what the user claims; the step itself decides.
    async fn initial_password(
        &self,
        by: &By,
        account: AccountId,
        (new, if_trashed): (&NewUser, IfTrashed),
    ) -> Result<Option<NewHash>> {
        if new.password.is_some() && !self.account(account).await?.managed {
            return Err(Error::Conflict(Conflict::OwnSignIn));
        }
        let hash = match &new.password {
            None => return Ok(None),
            Some(InitialPassword::Hash(hash)) => {
                self.measure_hash(by, hash).await?;
                hash.clone()
            }
            Some(InitialPassword::Plain(password)) => {
                let Profile { first, last, .. } = new.profile.clone();
                self.expect_free_user(account, new, if_trashed).await?;
                let about = known_about(&new.email, [&first.value(), &last.value()]);
                let turn = turn_of_account(by);
                self.refuse_common(turn.clone(), "password", password, about).await?;
                self.hasher.hash(turn, password.password()).await?
            }
        };
        let proof = if new.vouched.email_verified { Proof::Letter } else { Proof::None };
        Ok(Some(NewHash { hash, proof, keep: None }))
    }

    /// Fails, as the step would, if somebody has what the user is to claim. Who is invited may be there already.
    async fn expect_free_user(
        &self,
        account: AccountId,
        new: &NewUser,
        if_trashed: IfTrashed,
    ) -> Result<()> {
        if new.send_invite.is_none() {
            for (key, taken) in claims_of(&self.new_user(account, new)?) {
                match taken {
                    Some(Conflict::EmailTaken) => self.expect_free_email(account, key).await?,
                    Some(taken) if taken != Conflict::NumberTaken => {
                        self.expect_free(key, taken).await?;
                    }
                    Some(_) | None => {}
                }
            }
        }
        let may_return = match if_trashed {
            IfTrashed::Keep => false,
            IfTrashed::Restore => true,
        };
        if !may_return && self.sign_in_by_email(&new.email).await?.is_some() {
            return Err(Error::Conflict(Conflict::OwnSignIn));
        }
        Ok(())
    }

    /// Fails if a user of the account has the email, and says who.
    async fn expect_free_email(&self, account: AccountId, claim: Key) -> Result<()> {
        let Some(claim) = self.load::<Claim>(claim).await? else { return Ok(()) };
        let user = self.load::<User>(layout::live_user(account, claim.user_id)).await?;
        let conflict =
            user.as_ref().map_or(Conflict::EmailTaken, |user| Conflict::EmailOf(user.into()));
        Err(Error::Conflict(conflict))
    }

    /// A user of whom nothing is stored yet, and who has no number.
    pub(in crate::store) fn new_user(&self, account: AccountId, new: &NewUser) -> Result<User> {
        let NewUser {
            email,
            profile,
            role,
            state,
            vouched,
            number: _,
            password: _,
            send_invite: _,
        } = new;
        let now = self.now();
        let mut user = User::new(UserId::new(now, &self.random), account, email.clone(), now);
        profile.apply(&mut user)?;
        user.role = role.unwrap_or(user.role);
        if *state == Some(SettableState::Suspended) {
            user.state = State::Suspended;
        }
        user.revoked = vouched.revoked;
        user.joined = vouched.joined;
        Ok(user)
    }
}

impl NewUser {
    fn role(&self) -> Role {
        self.role.unwrap_or(Role::User)
    }

    /// What becomes of a user who is there already: what is said, and no more.
    fn changes(&self) -> UserChanges {
        // The email is what the user was found by, and the password is hashed apart from this.
        let Self {
            email: _,
            profile,
            role,
            number: _,
            password: _,
            state,
            send_invite,
            vouched: _,
        } = self;
        UserChanges {
            profile: profile.clone(),
            email: None,
            password: None,
            current_password: None,
            state: *state,
            role: *role,
            unbind: false,
            keep_keys: false,
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
