//! The trash: removing users and bringing them back.

use crate::{
    model::{
        email::Email,
        fields::Change,
        id::AccountId,
        sign_in::SignIn,
        text::{ExternalId, Username},
        user::{State, Trashed, User},
        user_text::UserText,
    },
    store::{
        By, Conflict, Error, Reach, Result, Store,
        find::{
            memberships::MAX_ACCOUNTS,
            select::{Section, Selectable as _, Selector},
        },
        ledger::{
            claim::Claim,
            guard::may_change,
            layout,
            page::{MAX_EXAMINED, Order, Page, PageRequest, Span, Walk},
            record,
            step::Step,
        },
        sign_in::password::NewHash,
        user::find::FoundUsers,
    },
    table::{Index, Item},
};

/// What a restored user is to have in place of what others have by now.
#[derive(Clone, Debug, Default)]
pub(crate) struct RestoreChanges {
    pub(crate) email: Option<Email>,
    pub(crate) username: Change<Username>,
    pub(crate) external_id: Change<ExternalId>,
    /// The version that the caller has seen.
    pub(crate) version: Option<u64>,
}

/// A user on the way back from the trash, and what becomes of its sign-in.
pub(super) struct Returning {
    /// As it was before, but unbound if its identity cannot be bound again.
    pub(super) user: User,
    sign_in: Option<ReturningSignIn>,
}

enum ReturningSignIn {
    /// It is bound again: as it was, and as it will be.
    Bound(Box<[SignIn; 2]>),
    /// It lay in the trash with the user, and somebody else has its address by now.
    Dropped(Box<SignIn>),
}

impl Store {
    /// Puts a user into the trash, which holds nothing: all that is unique is free at once. Its API keys end, or
    /// become those of the user who removes it.
    pub(crate) async fn remove_user(
        &self,
        by: &By,
        reach: Reach,
        who: &Selector,
        (version, keep_keys): (Option<u64>, bool),
    ) -> Result<User> {
        self.attempt(|| async {
            let before = self.user(reach, who).await?;
            may_change(by, &before, version)?;
            if before.holds > 0 {
                return Err(Error::Conflict(Conflict::Held(before.holds)));
            }
            let mut step = Step::default();
            let after = self.trashed(&mut step, &before, before.state);
            if keep_keys {
                self.take_over_keys(&mut step, by, &before).await?;
            }
            let sign_in = self.trash_sign_in(&mut step, &before).await?;
            let done = self.commit_user(step, by, Some(&before), after).await?;
            if let Some(sign_in) = sign_in.filter(|_| done.is_some()) {
                self.sweep_sessions(&sign_in).await?;
            }
            Ok(done)
        })
        .await
    }

    /// The user in the trash, to go back to a state; adds to `step` that its invite is void.
    pub(super) fn trashed(&self, step: &mut Step, before: &User, from: State) -> User {
        let at = self.now();
        let mut after = before.clone();
        Self::void_invite(step, &mut after);
        let purge_after = at.plus(self.rules.trash_lifetime);
        after.trashed = Some(Trashed { from, at, purge_after });
        after.state = State::Trashed;
        after.updated = at;
        after
    }

    /// Brings a user back as it was, without the invite that was out, and with other values where it is
    /// said.
    ///
    /// # Errors
    /// `Taken` with all that others have by now.
    pub(crate) async fn restore_user(
        &self,
        by: &By,
        reach: Reach,
        who: &Selector,
        changes: &RestoreChanges,
    ) -> Result<User> {
        self.attempt(|| async {
            let before = self.trashed_user(reach, who).await?;
            may_change(by, &before, changes.version)?;
            self.require_account(by, before.account_id).await?;
            let mut returning = self.returning(&before).await?;
            let user = &mut returning.user;
            if let Some(email) = &changes.email {
                let was_here = before.joined.is_some() || before.identity.is_some();
                if was_here && *email != before.email {
                    // A person who joins with another email would take over an existing user.
                    return Err(Error::Conflict(Conflict::OwnSignIn));
                }
                user.email = email.clone();
            }
            changes.username.clone().apply(&mut user.username);
            changes.external_id.clone().apply(&mut user.external_id);
            self.check_untaken(user).await?;
            let mut step = Step::default();
            let user = self.return_sign_in(&mut step, returning).await?;
            match self.commit_user(step, by, Some(&before), user).await {
                // Somebody has just signed up with the address, or the person has joined anew: look again.
                Err(Error::Conflict(Conflict::OwnSignIn | Conflict::AlreadyRegistered)) => Ok(None),
                done => done,
            }
        })
        .await
    }

    /// A trashed user as it was before, as far as its identity can be bound again.
    pub(super) async fn returning(&self, before: &User) -> Result<Returning> {
        let mut user = User {
            state: before.trashed.map_or(State::Suspended, |trashed| trashed.from),
            trashed: None,
            updated: self.now(),
            ..before.clone()
        };
        let Some(identity) = &before.identity else { return Ok(Returning { user, sign_in: None }) };
        let claim = layout::identity_claim(before.account_id, identity);
        let sign_in = self.sign_in_of_user(before).await?;
        let others = self.memberships(identity, MAX_ACCOUNTS).await?.len();
        // One that is not proved is in no second account.
        let is_unproved = sign_in.as_ref().is_some_and(|sign_in| !sign_in.verified);
        let has_room = others < if is_unproved { 1 } else { MAX_ACCOUNTS };
        let is_free = has_room && self.read_claim(claim).await?.is_none();
        let is_ours = before.sign_in_id().is_some();
        let bound = match sign_in {
            Some(sign_in) if sign_in.trashed => {
                let holder = self.sign_in_by_email(&sign_in.email).await?;
                if is_free && holder.is_none() {
                    let after = SignIn { trashed: false, ..sign_in.clone() };
                    Some(ReturningSignIn::Bound(Box::new([sign_in, after])))
                } else {
                    Some(ReturningSignIn::Dropped(Box::new(sign_in)))
                }
            }
            Some(sign_in) if is_free => {
                let after = SignIn { unbound_until: None, kept: None, ..sign_in.clone() };
                Some(ReturningSignIn::Bound(Box::new([sign_in, after])))
            }
            Some(_) | None => None,
        };
        let is_bound = match &bound {
            Some(ReturningSignIn::Bound(_)) => true,
            Some(ReturningSignIn::Dropped(_)) => false,
            None => is_free && !is_ours,
        };
        if !is_bound {
            unbind(&mut user);
        }
        Ok(Returning { user, sign_in: bound })
    }

    /// Adds to `step` what becomes of the sign-in of a user who comes back; returns the user.
    pub(super) async fn return_sign_in(
        &self,
        step: &mut Step,
        Returning { user, sign_in }: Returning,
    ) -> Result<User> {
        match sign_in {
            None => {}
            Some(ReturningSignIn::Bound(bound)) => {
                let [before, after] = bound.as_ref();
                self.touch_sign_in(step, before, after).await?;
            }
            Some(ReturningSignIn::Dropped(sign_in)) => {
                self.delete_sign_in(step, &sign_in).await?;
            }
        }
        Ok(user)
    }

    /// The same, where the user gets a password by it, which somebody else chooses: the account keeps the
    /// sign-in.
    pub(super) async fn return_with_password(
        &self,
        step: &mut Step,
        by: &By,
        returning: Returning,
        new: &NewHash,
    ) -> Result<User> {
        let Returning { user, sign_in: Some(ReturningSignIn::Bound(bound)) } = returning else {
            let user = self.return_sign_in(step, returning).await?;
            return self.give_sign_in(step, by, &user, new).await;
        };
        let [before, after] = *bound;
        self.require_kept(step, by, &user, &before).await?;
        let told = self.begin_change(by, &user).await?;
        self.miss(&told).await?;
        let after = new.of(after)?.in_next_epoch();
        self.touch_sign_in(step, &before, &after).await?;
        self.tell_of_password(step, by, &after, new)?;
        let state = if user.state == State::Invited { State::Active } else { user.state };
        Ok(User { state, ..user })
    }

    /// Requires that nobody has what the user, who is not live yet, is about to take.
    ///
    /// # Errors
    /// `Taken`
    async fn check_untaken(&self, user: &User) -> Result<()> {
        let account = user.account_id;
        let username = user.username.as_ref();
        let external_id = user.external_id.as_ref();
        let wanted = [
            (Some(layout::email_claim(account, &user.email)), Conflict::EmailTaken),
            (username.map(|name| layout::username_claim(account, name)), Conflict::UsernameTaken),
            (
                external_id.map(|id| layout::external_id_claim(account, id)),
                Conflict::ExternalIdTaken,
            ),
        ];
        let wanted = wanted.into_iter().filter_map(|(key, taken)| Some((key?, taken)));
        let (keys, conflicts): (Vec<_>, Vec<_>) = wanted.unzip();
        let items = self.table.get_many(&keys).await?;
        let taken = items.iter().zip(conflicts).filter(|(item, _)| item.is_some());
        let taken: Vec<Conflict> = taken.map(|(_, conflict)| conflict).collect();
        if taken.is_empty() { Ok(()) } else { Err(Error::Taken(taken)) }
    }

    /// A page of an account's trash, or the one user that a selector names.
    pub(crate) async fn trash(
        &self,
        account: AccountId,
        who: &Selector,
        page: &PageRequest,
        total: bool,
    ) -> Result<FoundUsers> {
        if !who.is_empty() {
            page.is_first()?;
            let reach = Reach::Account(account);
            if let (None, Some(email)) = (who.id, &who.email) {
                let traces = self.traces(account, email, page.limit).await?;
                let key = |trace: &Claim| layout::trashed_user(account, trace.user_id);
                let mut users: Vec<UserText> = self.load_all(traces.iter().map(key)).await?;
                users.retain(|user| user.fits(who));
                return Ok(Page::whole(users).into());
            }
            let user = self.selected(reach, who, Section::Trash).await?;
            return Ok(Page::whole(Vec::from_iter(user)).into());
        }
        let (partition, prefix) = match page.index {
            Index::Primary => (layout::account_partition(account), "trash#"),
            Index::Gs1 => (layout::trash_partition(account), "email#"),
        };
        let pick = |item: &Item| record::decode(item).map(Some);
        let walk = Walk {
            index: page.index,
            partitions: &[partition],
            order: Order::Rising,
            span: Span::Prefix(prefix),
            filters: "",
            examines: MAX_EXAMINED,
            pick: &pick,
        };
        let (page, total) = tokio::try_join!(
            self.page(page, &walk),
            self.total_if(total, account, Section::Trash, (None, None)),
        )?;
        Ok(FoundUsers { total, ..page.into() })
    }
}

/// Takes the identity off a user, who then joins anew, by another invite.
pub(in crate::store) fn unbind(user: &mut User) {
    user.identity = None;
    user.revoked = true;
    if user.state == State::Active {
        user.state = State::Invited;
    }
}
