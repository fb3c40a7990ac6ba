//! Passwords: asking for a new one by letter, setting it, changing it.

use std::time::Duration;

use super::{
    By, Conflict, Error, Reach, Result, Store,
    callers::standing_of,
    layout::{self, Stored},
    limit::{Bucket, UNKNOWN_CODE, WRONG_FOR_EMAIL},
    select::Selector,
    step::{Committed, Step},
    user::may_change,
};
use crate::{
    auth::password::Verdict,
    error::Fault,
    model::{
        audit::Target,
        code::{Code, OpenCode, Purpose},
        email::Email,
        id::{SessionId, SignInId},
        letter::Content,
        password::{NewPassword, Password},
        password_hash::PasswordHash,
        sign_in::{Reset, SignIn, sign_in_of},
        text::Name,
        user::{State, User},
    },
    table::Item,
};

/// How long a new password can be set with the code of a letter.
const RESET_LIFETIME: Duration = Duration::from_hours(1);

/// A change of a password.
pub struct PasswordChange {
    /// The one in use, which changing one's own takes.
    pub current: Option<Password>,
    /// The one to be.
    pub new: NewPassword,
    /// The version of the user that the caller has seen.
    pub version: Option<u64>,
}

/// Whose password may be set by letter.
struct Holder {
    sign_in: Option<SignIn>,
    user: Option<User>,
}

impl Stored for Reset {
    fn adopt(&mut self, item: &Item) {
        self.version = item.version;
    }
}

impl Store {
    /// Sends a code for a new password, if somebody has the address; nobody learns whether.
    ///
    /// # Errors
    /// `Limited`.
    pub async fn forgot_password(&self, by: &By, email: &Email) -> Result<()> {
        self.ask_for_letter(by, email).await?;
        let holder = self.holder(email).await?;
        let now = self.now();
        let known = holder.as_ref().and_then(|holder| holder.sign_in.as_ref());
        let reset = Reset {
            sign_in_id: known.map_or_else(|| SignInId::new(now, &self.random), |known| known.id),
            email: email.clone(),
            password_set: known.map(|known| known.password_set),
            version: 0,
        };
        let purpose = Purpose::Reset(reset.sign_in_id);
        let code = OpenCode::new(purpose, &self.codes, &self.random, now.plus(RESET_LIFETIME));
        let mut step = Step::default();
        // Where nobody has the address nobody gets the code: it is kept so that both cases are alike.
        let item = layout::item(layout::reset(&code.digest), 1, &reset)?;
        step.insert(Item { expires: Some(code.expires.seconds()), ..item });
        if let Some(Holder { user, .. }) = holder {
            let content = Content::Reset { sign_in: reset.sign_in_id, code };
            let language = user.as_ref().and_then(|user| user.language.clone());
            let user = user.map(|user| user.id);
            Self::post(&mut step, &self.new_letter(email, language, user, content))?;
        }
        self.mark(&mut step, by)?;
        let (Committed::Done | Committed::Stale) = self.commit(step).await?;
        Ok(())
    }

    /// Sets a new password with the code of a letter; ends all sessions. Returns the address.
    ///
    /// # Errors
    /// `NotFound` if the code opens nothing (any more), `Field`, `Limited`, `Overloaded`.
    pub async fn reset_password(&self, by: &By, code: &Code, new: &NewPassword) -> Result<Email> {
        let guesses = Vec::from_iter(by.address.map(|it| Bucket::address(&UNKNOWN_CODE, it)));
        self.admit(&guesses).await?;
        let done = self.try_reset(by, code, new).await;
        match &done {
            Ok(email) => self.forgive(&[Bucket::email(&WRONG_FOR_EMAIL, email)]).await,
            Err(Error::NotFound(_)) => self.miss(&guesses).await,
            Err(_) => {}
        }
        done
    }

    async fn try_reset(&self, by: &By, code: &Code, new: &NewPassword) -> Result<Email> {
        let unknown = || Error::NotFound("code");
        let key = layout::reset(&code.digest());
        let reset: Reset = self.load(key.clone()).await?.ok_or_else(unknown)?;
        refuse_common("newPassword", new, &reset.email, [&None, &None])?;
        let hash = self.hasher.hash(new.password()).await?;
        let mut tries = self.tries();
        loop {
            tries.next().await?;
            let reset: Reset = self.load(key.clone()).await?.ok_or_else(unknown)?;
            let Holder { sign_in, user } = self.holder(&reset.email).await?.ok_or_else(unknown)?;
            if sign_in.as_ref().map(|sign_in| sign_in.password_set) != reset.password_set {
                return Err(unknown());
            }
            let mut step = Step::default();
            step.remove(key.clone(), reset.version);
            let changed =
                self.set_password(step, by, sign_in.as_ref(), user.as_ref(), &hash, None).await?;
            if changed.is_some() {
                return Ok(reset.email);
            }
        }
    }

    /// Changes a user's password; ends the user's other sessions.
    ///
    /// # Errors
    /// `Field`, also if the own current password is wrong, `Conflict`, `Limited`.
    pub async fn change_password(
        &self,
        by: &By,
        reach: Reach,
        who: &Selector,
        change: &PasswordChange,
    ) -> Result<User> {
        let seen = self.user(reach, who).await?;
        may_change(by, &seen, change.version)?;
        refuse_common("newPassword", &change.new, &seen.email, [&seen.first, &seen.last])?;
        let own = by.caller.user() == Some(seen.id);
        if own {
            self.check_own_password(&seen, change.current.as_ref()).await?;
        }
        let hash = self.hasher.hash(change.new.password()).await?;
        let session = by.caller.session().filter(|_| own);
        let mut tries = self.tries();
        loop {
            tries.next().await?;
            let user = self.user(reach, &Selector::by_id(seen.id)).await?;
            may_change(by, &user, change.version)?;
            let sign_in = self.own_sign_in(&user).await?;
            let step = Step::default();
            let done =
                self.set_password(step, by, sign_in.as_ref(), Some(&user), &hash, session).await?;
            if let Some(user) = done {
                return user.ok_or(Error::NotFound("user"));
            }
        }
    }

    /// Checks the password that a user types again before something that matters.
    ///
    /// # Errors
    /// `Field` if it is missing or wrong, `Conflict` if the user has none.
    pub(super) async fn check_own_password(
        &self,
        user: &User,
        shown: Option<&Password>,
    ) -> Result<SignIn> {
        let sign_in = self.own_sign_in(user).await?;
        let sign_in = sign_in.ok_or(Error::Conflict(Conflict::NoPassword))?;
        let shown = shown.ok_or_else(|| {
            let why = "currentPassword is required: it shows that it is you who asks";
            Error::Field(Fault::new("currentPassword", "required", why))
        })?;
        let guesses = [Bucket::of(&WRONG_FOR_EMAIL, &format!("own {}", sign_in.id))];
        self.admit(&guesses).await?;
        if self.hasher.verify(shown, &sign_in.password).await? == Verdict::Wrong {
            self.miss(&guesses).await;
            let why = "currentPassword is wrong";
            return Err(Error::Field(Fault::new("currentPassword", "wrong", why)));
        }
        self.forgive(&guesses).await;
        Ok(sign_in)
    }

    /// The sign-in of a user; none if the user has no identity yet.
    ///
    /// # Errors
    /// `Conflict` if the user comes in by an outside issuer.
    pub(super) async fn own_sign_in(&self, user: &User) -> Result<Option<SignIn>> {
        let Some(identity) = &user.identity else { return Ok(None) };
        let sign_in = match sign_in_of(identity) {
            Some(id) => self.sign_in_record(id).await?,
            None => None,
        };
        sign_in.map(Some).ok_or(Error::Conflict(Conflict::OutsideIdentity))
    }

    /// Commits `step` with a new password of a sign-in, or of a user who gets one by it. Returns the
    /// user, if there is one; the outer `None` is a lost race.
    async fn set_password(
        &self,
        mut step: Step,
        by: &By,
        sign_in: Option<&SignIn>,
        user: Option<&User>,
        hash: &PasswordHash,
        keep: Option<SessionId>,
    ) -> Result<Option<Option<User>>> {
        let now = self.now();
        let Some(before) = sign_in else {
            let Some(user) = user else { return Err(Error::NotFound("code")) };
            let after = self.give_sign_in(&mut step, user, hash.clone())?;
            return Ok(self.commit_user(step, by, Some(user), after).await?.map(Some));
        };
        let after = SignIn { password: hash.clone(), password_set: now, ..before.clone() };
        Self::keep_sign_in(&mut step, before, &after)?;
        self.end_sessions(&mut step, &after, keep).await?;
        let content = Content::PasswordChanged {
            at: now,
            address: by.address.map(|address| address.to_string()),
        };
        let language = user.and_then(|user| user.language.clone());
        let about = user.map(|user| user.id);
        Self::post(&mut step, &self.new_letter(&after.email, language, about, content))?;
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
    pub(super) fn give_sign_in(
        &self,
        step: &mut Step,
        user: &User,
        password: PasswordHash,
    ) -> Result<User> {
        let sign_in = SignIn {
            first: user.first.clone(),
            last: user.last.clone(),
            ..self.new_sign_in(&user.email, password)
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

    /// Adds to `step` that a user signs in with this password from now on; returns the user.
    pub(super) async fn with_password(
        &self,
        step: &mut Step,
        user: &User,
        password: &PasswordHash,
    ) -> Result<User> {
        let Some(before) = self.own_sign_in(user).await? else {
            return self.give_sign_in(step, user, password.clone());
        };
        let password_set = self.now();
        let after = SignIn { password: password.clone(), password_set, ..before.clone() };
        Self::keep_sign_in(step, &before, &after)?;
        self.end_sessions(step, &after, None).await?;
        Ok(user.clone())
    }

    /// Whether a user, or the whole account, is kept out.
    async fn is_out(&self, user: &User) -> Result<bool> {
        match self.open_account(user.account_id).await {
            Ok(_) => Ok(standing_of(user).is_err()),
            Err(Error::Login(_)) => Ok(true),
            Err(error) => Err(error),
        }
    }

    /// Who may set a password for an address by letter: whoever has one, and users who have no
    /// identity yet. Not those who are out, and not those of outside issuers.
    async fn holder(&self, email: &Email) -> Result<Option<Holder>> {
        if let Some(sign_in) = self.sign_in_by_email(email).await? {
            let user = self.bound_user(&sign_in.identity()).await?;
            let out = match &user {
                Some(user) => self.is_out(user).await?,
                None => false,
            };
            return Ok((!out).then_some(Holder { sign_in: Some(sign_in), user }));
        }
        let who = Selector { email: Some(email.clone()), ..Selector::default() };
        match self.user(Reach::Everywhere, &who).await {
            Ok(user) if user.identity.is_none() && !self.is_out(&user).await? => {
                Ok(Some(Holder { sign_in: None, user: Some(user) }))
            }
            Ok(_) | Err(Error::NotFound(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// Refuses a password that is easily guessed, for a request's field of that name.
pub(super) fn refuse_common<'a>(
    field: &str,
    new: &NewPassword,
    email: &'a Email,
    names: [&'a Option<Name>; 2],
) -> Result<()> {
    let names = names.into_iter().flatten().map(Name::as_str);
    let about: Vec<&str> = std::iter::once(email.as_str()).chain(names).collect();
    new.check_uncommon(field, &about).map_err(Error::Field)
}
