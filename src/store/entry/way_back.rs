//! The way back to an old address, for the reader of its mailbox: it undoes the changes of an attacker who had got
//! hold of the sign-in.

use crate::{
    caller::{Caller, CallingUser},
    model::{
        audit::Target,
        code::Code,
        email::Email,
        letter::Content,
        password::NewPassword,
        sign_in::{SignIn, TotpCredential, WayBack},
        user::User,
    },
    security::Event,
    store::{
        By, Error, Result, Store,
        change::change_user_only,
        counts::limits::{Bucket, UNKNOWN_CODE},
        entry::new_email::{Keys, of_another_sign_in},
        find::memberships::MAX_ACCOUNTS,
        ledger::{audit::log_event, guard::FreshCheck, layout, step::Step},
        sign_in::password::{NewHash, Proof, known_about},
    },
};

/// For how many users the keys end in the step itself.
const USERS_IN_STEP: usize = 10;

impl Store {
    /// Brings a sign-in back to the address that the code was sent to, with a new password and the second factor that it
    /// had then; ends all sessions. Returns the address.
    ///
    /// # Errors
    /// `NotFound` if the code opens nothing (any more), `Field`, `Conflict`, `Limited`, `Overloaded`.
    pub(crate) async fn undo_email(
        &self,
        by: &By,
        code: &Code,
        new: &NewPassword,
    ) -> Result<Email> {
        let guesses = Bucket::caller(&UNKNOWN_CODE, by);
        self.check_limits(&guesses).await?;
        let done = self.try_undo(by, code, new).await.map_err(of_another_sign_in);
        self.count_reset(by, &guesses, done).await
    }

    /// Also returns the second factor that is asked for from now on.
    async fn try_undo(
        &self,
        by: &By,
        code: &Code,
        new: &NewPassword,
    ) -> Result<(Email, Option<TotpCredential>)> {
        let unknown = || Error::NotFound("code");
        let undo = code.digest();
        let place = layout::way_back(&undo);
        let way: WayBack = self.load(place.clone()).await?.ok_or_else(unknown)?;
        let about = known_about(&way.from, [&None, &None]);
        let hash = self.own_new_hash(by, "newPassword", new, about).await?;
        let new = NewHash { hash, proof: Proof::Letter, keep: None };
        self.attempt(|| async {
            let way: WayBack = self.load(place.clone()).await?.ok_or_else(unknown)?;
            let before = self.sign_in_record(way.sign_in_id).await?.ok_or_else(unknown)?;
            let back = before.moved_back(&undo, &way, self.now()).ok_or_else(unknown)?;
            // An attacker with access to the sign-in may have linked their own identity before moving it.
            let back = back.without_providers(|_| true);
            let mut step = Step::default();
            self.clear_address(&mut step, by, (&way.from, before.id)).await?;
            step.remove(place.clone(), way.version);
            for later in before.moves.iter().skip(back.moves.len() + 1) {
                step.clear(layout::way_back(&later.undo));
            }
            let back = new.of(self.with_used_factor(&before, back))?;
            let second = back.second_factor().cloned();
            let epoch = self.begin_epoch(&mut step, &before, back, None).await?;
            self.tell_of_way_back(&mut step, by, (&before, &epoch.sign_in))?;
            let (email, follower) = self.follower_back(&before, &way).await?;
            let others = self.end_all_keys(&mut step, &before, follower.as_ref()).await?;
            let back = (&email, Keys::End);
            let done = self.commit_with_follower(step, by, follower, back).await?;
            if done.is_none() {
                return Ok(None);
            }
            self.sweep_sessions(&epoch.sign_in).await?;
            self.end_keys_of(others).await?;
            Ok(Some((way.from, second)))
        })
        .await
    }

    /// Adds to `step` that the API keys end which somebody has made as one of the sign-in's users, `but` one; returns
    /// the users for whom it has no room.
    async fn end_all_keys(
        &self,
        step: &mut Step,
        sign_in: &SignIn,
        but: Option<&User>,
    ) -> Result<Vec<User>> {
        let claims = self.memberships(&sign_in.identity(), MAX_ACCOUNTS).await?;
        let mut users = self.claimed_users(&claims).await?;
        users.retain(|user| user.is_admin() && but.is_none_or(|but| but.id != user.id));
        let others = users.split_off(users.len().min(USERS_IN_STEP));
        for before in users {
            let after = self.without_keys(&before);
            change_user_only(step, Some(&before), &after)?;
            step.changed.push("keys");
            self.audit_user(step, &own_doing(&before), Some(&before), &after)?;
        }
        Ok(others)
    }

    /// Ends the API keys of users, a step each.
    async fn end_keys_of(&self, users: Vec<User>) -> Result<()> {
        for user in users {
            let key = layout::live_user(user.account_id, user.id);
            self.attempt(|| async {
                let now: Option<User> = self.load(key.clone()).await?;
                let Some(before) = now.filter(|now| now.key_epoch == user.key_epoch) else {
                    return Ok(Some(()));
                };
                let step = Step { changed: vec!["keys"], ..Step::default() };
                let after = self.without_keys(&before);
                let done =
                    self.commit_user(step, &own_doing(&before), Some(&before), after).await?;
                Ok(done.map(|_| ()))
            })
            .await?;
        }
        Ok(())
    }

    fn without_keys(&self, before: &User) -> User {
        let mut after = User { updated: self.now(), ..before.clone() };
        after.end_keys();
        after
    }

    /// The sign-in as it is to be, but for codes of its second factor that were used up in the meantime, if that is still
    /// the same one.
    fn with_used_factor(&self, before: &SignIn, back: SignIn) -> SignIn {
        let secret = |sign_in: &SignIn| {
            let totp = sign_in.second_factor()?.clone();
            let secret = self.open_totp(sign_in, &totp).ok()?;
            Some((totp, secret.bytes().to_vec()))
        };
        match (secret(before), secret(&back)) {
            (Some((now, one)), Some((_, other))) if one == other => back.with_totp(now),
            (_, _) => back,
        }
    }

    /// The user who goes back along with the sign-in, with the email to go back to: one that still has the
    /// address which it moved to.
    async fn follower_back(&self, before: &SignIn, way: &WayBack) -> Result<(Email, Option<User>)> {
        let Some(email) = way.user_email.clone() else { return Ok((way.from.clone(), None)) };
        let follower = self.follower(before, (way.account_id, way.user_id), &email).await?;
        // It may have moved on with the sign-in.
        let has_moved = [&way.to, &before.email];
        let follower = follower.filter(|it| it.email != email && has_moved.contains(&&it.email));
        Ok((email, follower))
    }

    /// Adds to `step` that the person hears of the new password, at the old address; and the reader of the other one
    /// hears that it is no longer the sign-in's, but not from where that was done.
    fn tell_of_way_back(
        &self,
        step: &mut Step,
        by: &By,
        (before, after): (&SignIn, &SignIn),
    ) -> Result<()> {
        let at = self.now();
        let address = by.address.map(|address| address.to_string());
        self.tell_person(step, after, Content::PasswordChanged { at, address })?;
        if before.email != after.email {
            let content = Content::EmailChanged { at, address: None, undo: None };
            self.tell_person(step, before, content)?;
        }
        for event in [Event::EmailChanged, Event::PasswordChanged] {
            log_event(step, by, event, (Target::SignIn(after.id), None));
        }
        self.audit_person(step, by, (after.id, true), &["email", "password"])
    }
}

/// On behalf of a user whose person has come back: its account does not learn from where.
fn own_doing(user: &User) -> By {
    By {
        caller: Caller::User(CallingUser::from(user)),
        action: "user/undoEmail",
        address: None,
        agent: None,
        cookie: false,
        once: None,
        fresh: FreshCheck::Done,
    }
}
