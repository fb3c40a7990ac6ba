//! Forgotten passwords: asking for a letter, and setting a new one with its code.

use std::time::Duration;

use crate::{
    model::{
        code::{Code, OpenCode, Purpose},
        email::Email,
        id::{AccountId, SignInId, UserId},
        letter::Content,
        password::NewPassword,
        sign_in::{Reset, SignIn, TotpCredential},
        user::User,
    },
    store::{
        By, Error, Reach, Result, Store,
        counts::limits::{Bucket, UNKNOWN_CODE, WRONG_FOR_EMAIL},
        find::select::Selector,
        ledger::{guard::standing_of, layout, record::Stored, step::Step},
        sign_in::password::{NewHash, Proof, refuse_common},
    },
    table::Item,
};

/// How long a new password can be set with the code of a letter.
const RESET_LIFETIME: Duration = Duration::from_hours(1);

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
    pub(crate) async fn forgot_password(&self, by: &By, email: &Email) -> Result<()> {
        self.ask_for_letter(by, email).await?;
        let holder = self.holder(email).await?;
        let now = self.now();
        let known = holder.as_ref().and_then(|holder| holder.sign_in.as_ref());
        let reset = Reset {
            sign_in_id: known.map_or_else(|| SignInId::new(now, &self.random), |known| known.id),
            email: email.clone(),
            epoch: known.map(|known| known.epoch),
            version: 0,
        };
        let purpose = Purpose::Reset(reset.sign_in_id);
        let code = OpenCode::new(purpose, &self.codes, &self.random, now.plus(RESET_LIFETIME));
        let mut step = Step::default();
        // Where nobody has the address nobody gets the code: it is kept so that both cases are alike.
        let expires = Some(code.expires.seconds());
        let item = layout::item(layout::reset(&code.digest), 1, &reset)?;
        step.insert(Item { expires, ..item.clone() });
        if let Some(Holder { user, .. }) = holder {
            let content = Content::Reset { sign_in: reset.sign_in_id, code };
            let language = user.as_ref().and_then(|user| user.language.clone());
            let user = user.map(|user| user.id);
            Self::post(&mut step, &self.new_letter(email, language, user, content))?;
        } else {
            // In place of the letter.
            let another = OpenCode::new(purpose, &self.codes, &self.random, code.expires);
            step.insert(Item { key: layout::reset(&another.digest), expires, ..item });
        }
        self.mark(&mut step, by)?;
        self.commit_unless_done(step).await
    }

    /// Sets a new password with the code of a letter; ends all sessions. Returns the address.
    ///
    /// # Errors
    /// `NotFound` if the code opens nothing (any more), `Field`, `Limited`, `Overloaded`.
    pub(crate) async fn reset_password(
        &self,
        by: &By,
        code: &Code,
        new: &NewPassword,
    ) -> Result<Email> {
        let guesses = Bucket::caller(&UNKNOWN_CODE, by);
        self.check_limits(&guesses).await?;
        let done = self.try_reset(by, code, new).await;
        match &done {
            Ok((email, None)) => self.forgive(&[Bucket::email(&WRONG_FOR_EMAIL, email)]).await,
            Err(Error::NotFound(_)) => self.miss(&guesses).await,
            // Whoever has the mailbox is not to have more tries at the second factor.
            Ok((_, Some(_))) | Err(_) => {}
        }
        done.map(|(email, _)| email)
    }

    /// Also returns the second factor that goes on being asked for.
    async fn try_reset(
        &self,
        by: &By,
        code: &Code,
        new: &NewPassword,
    ) -> Result<(Email, Option<TotpCredential>)> {
        let unknown = || Error::NotFound("code");
        let key = layout::reset(&code.digest());
        let reset: Reset = self.load(key.clone()).await?.ok_or_else(unknown)?;
        refuse_common("newPassword", new, &reset.email, [&None, &None])?;
        let hash = self.hasher.hash(new.password()).await?;
        let new = NewHash { hash, proof: Proof::Letter, keep: None };
        self.attempt(|| async {
            let reset: Reset = self.load(key.clone()).await?.ok_or_else(unknown)?;
            let Holder { sign_in, user } = self.holder(&reset.email).await?.ok_or_else(unknown)?;
            if !reset.is_good_for(sign_in.as_ref()) {
                return Err(unknown());
            }
            let mut step = Step::default();
            step.remove(key.clone(), reset.version);
            let changed =
                self.set_password(step, by, sign_in.as_ref(), user.as_ref(), &new).await?;
            let second = sign_in.and_then(|it| it.second_factor().cloned());
            Ok(changed.map(|_| (reset.email, second)))
        })
        .await
    }

    /// Who may set a password for an address by letter: whoever has one, and users who have no
    /// identity yet. Not those who are out, and not those of outside issuers.
    async fn holder(&self, email: &Email) -> Result<Option<Holder>> {
        if let Some(sign_in) = self.sign_in_by_email(email).await? {
            let user = self.bound_user::<User>(&sign_in.identity()).await?;
            let out = match &user {
                Some(user) => self.is_out(user).await?,
                None => false,
            };
            return Ok((!out).then_some(Holder { sign_in: Some(sign_in), user }));
        }
        let who = Selector { email: Some(email.clone()), ..Selector::default() };
        match self.user(Reach::Everywhere, &who).await {
            Ok(user) if user.may_be_bound() && !self.is_out(&user).await? => {
                Ok(Some(Holder { sign_in: None, user: Some(user) }))
            }
            Ok(_) => Ok(None),
            Err(Error::NotFound(_)) => {
                // As much is read as for somebody who is there.
                let nobody = UserId::new(self.now(), &self.random);
                let account = AccountId::new(self.now(), &self.random);
                self.user(Reach::Account(account), &Selector::by_id(nobody)).await.map(drop).ok();
                self.account(account).await.map(drop).ok();
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Whether a user, or the whole account, is kept out.
    async fn is_out(&self, user: &User) -> Result<bool> {
        match self.open_account(user.account_id).await {
            Ok(_) => Ok(standing_of(user.state).is_err()),
            Err(Error::Login(_)) => Ok(true),
            Err(error) => Err(error),
        }
    }
}
