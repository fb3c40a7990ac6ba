//! Moving one's own sign-in to the address that the code has come to.

use crate::{
    caller::{Caller, CallingUser},
    model::{
        audit::Target,
        code::{Code, OpenCode, Purpose},
        email::Email,
        id::{AccountId, UserId},
        letter::{Content, Undo},
        session::Session,
        sign_in::{Move, NewEmail, SignIn, UNDO_LIFETIME, WayBack},
        user::User,
    },
    security::Event,
    store::{
        By, Conflict, Error, Result, Store,
        counts::limits::{Bucket, UNKNOWN_CODE},
        ledger::{audit::log_event, claim::Claim, layout, step::Step},
    },
    table::Item,
};

impl Store {
    /// Moves the caller's sign-in to the address that the code was sent to; ends all other sessions. The user
    /// for whom that was asked for follows, if the address is free in its account. Returns the calling user.
    ///
    /// # Errors
    /// `NotFound` if the code opens nothing (any more) for this sign-in, `Conflict`, `SessionEnded`, `Limited`.
    pub(crate) async fn confirm_email(&self, by: &By, code: &Code) -> Result<User> {
        let Caller::User(caller) = &by.caller else {
            return Err(Error::Conflict(Conflict::NoSession));
        };
        if caller.session.is_none() {
            return Err(Error::Conflict(Conflict::NoSession));
        }
        let guesses = Bucket::caller(&UNKNOWN_CODE, by);
        self.check_limits(&guesses).await?;
        let done = self.attempt(|| self.try_confirm_email(by, caller, code)).await;
        if matches!(done, Err(Error::NotFound("code"))) {
            self.miss(&guesses).await?;
        }
        done.map_err(of_another_sign_in)
    }

    async fn try_confirm_email(
        &self,
        by: &By,
        caller: &CallingUser,
        code: &Code,
    ) -> Result<Option<User>> {
        let unknown = || Error::NotFound("code");
        let place = layout::new_email(&code.digest());
        let asked: NewEmail = self.load(place.clone()).await?.ok_or_else(unknown)?;
        let user: User = (self.load(layout::live_user(caller.account, caller.id)).await?)
            .ok_or(Error::SessionEnded)?;
        let before = self.sign_in_of_user(&user).await?.filter(|it| asked.is_good_for(it));
        let before = before.ok_or_else(unknown)?;
        let mut step = Step::default();
        step.remove(place, asked.version);
        let asking = layout::session(before.id, asked.session_id);
        let session: Option<Session> = self.load(asking.clone()).await?;
        let session = session.filter(|it| it.epoch == before.epoch).ok_or_else(unknown)?;
        self.clear_address(&mut step, by, (&asked.email, before.id)).await?;
        let follower = (self.follower(&before, (asked.account_id, asked.user_id), &asked.email))
            .await?
            .filter(|follower| follower.email != asked.email);
        let after = self.move_by_code(&mut step, by, (&before, follower.as_ref()), &asked).await?;
        // It may end at this very moment.
        step.require_version(&asking, session.version);
        let to = (&asked.email, Keys::GoOn);
        let done = self.commit_with_follower(step, by, follower, to).await?;
        let Some(follower) = done else { return Ok(None) };
        self.sweep_sessions(&after).await?;
        let is_caller = |follower: &User| follower.id == caller.id;
        Ok(Some(follower.filter(is_caller).unwrap_or(user)))
    }

    /// Adds to `step` that a sign-in moves to the address that its person has proved, and that the old one hears of it,
    /// with the way back.
    ///
    /// # Errors
    /// `SessionEnded` if the calling session is.
    async fn move_by_code(
        &self,
        step: &mut Step,
        by: &By,
        (before, follower): (&SignIn, Option<&User>),
        asked: &NewEmail,
    ) -> Result<SignIn> {
        let now = self.now();
        let purpose = Purpose::WayBack(before.id);
        let undo = OpenCode::new(purpose, &self.codes, &self.random, now.plus(UNDO_LIFETIME));
        let way = WayBack {
            sign_in_id: before.id,
            account_id: asked.account_id,
            user_id: asked.user_id,
            user_email: follower.map(|follower| follower.email.clone()),
            from: before.email.clone(),
            to: asked.email.clone(),
            totp: before.second_factor().cloned(),
            version: 0,
        };
        let item = layout::item(layout::way_back(&undo.digest), 1, &way)?;
        step.insert(Item { expires: Some(undo.expires.seconds()), ..item });
        let made = Move { undo: undo.digest.clone(), until: undo.expires };
        let moved = before.moved_by_person(&asked.email, made, now);
        let session = by.caller.session();
        let epoch = self.begin_epoch(step, before, moved, session).await?;
        if epoch.kept.is_none() {
            return Err(Error::SessionEnded);
        }
        let content = Content::EmailChanged {
            at: now,
            address: by.address.map(|address| address.to_string()),
            undo: Some(Undo { sign_in: before.id, code: undo }),
        };
        self.tell_person(step, before, content)?;
        log_event(step, by, Event::EmailChanged, (Target::SignIn(before.id), None));
        self.audit_person(step, by, (before.id, true), &["email"])?;
        Ok(epoch.sign_in)
    }

    /// The user whose email goes along with the sign-in's address: one that is still that person's, in whose
    /// account nobody else has the email to be.
    pub(super) async fn follower(
        &self,
        sign_in: &SignIn,
        (account, id): (AccountId, UserId),
        to: &Email,
    ) -> Result<Option<User>> {
        let user: Option<User> = self.load(layout::live_user(account, id)).await?;
        let claim: Option<Claim> = self.load(layout::email_claim(account, to)).await?;
        let is_free = claim.is_none_or(|claim| claim.user_id == id);
        Ok(user.filter(|user| is_free && user.sign_in_id() == Some(sign_in.id)))
    }

    /// Commits `step` with a user who has that email then, as the user's own doing; `None` if a race was lost.
    pub(super) async fn commit_with_follower(
        &self,
        mut step: Step,
        by: &By,
        follower: Option<User>,
        (email, keys): (&Email, Keys),
    ) -> Result<Option<Option<User>>> {
        let Some(before) = follower else {
            self.mark(&mut step, by)?;
            return Ok(self.commit(step).await?.then(None));
        };
        let mut after = User { email: email.clone(), updated: self.now(), ..before.clone() };
        if keys == Keys::End {
            after.end_keys();
            step.changed.push("keys");
        }
        // Its account does not learn in which other one its person was meanwhile.
        let by = By { caller: Caller::User(CallingUser::from(&before)), ..by.clone() };
        match self.commit_user(step, &by, Some(&before), after).await {
            // Somebody has it in the account since it was looked for; then the user's stays.
            Err(Error::Conflict(Conflict::EmailTaken)) => Ok(None),
            done => Ok(done?.map(Some)),
        }
    }
}

/// What becomes of a user's API keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keys {
    /// They go on.
    GoOn,
    /// They end.
    End,
}

/// What it means here that an address is somebody else's.
pub(super) fn of_another_sign_in(error: Error) -> Error {
    if matches!(error, Error::Conflict(Conflict::OwnSignIn)) {
        return Error::Conflict(Conflict::AddressTaken);
    }
    error
}
