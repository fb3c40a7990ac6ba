//! Forgotten passwords: asking for a letter, and setting a new one with its code.

use std::time::Duration;

use crate::{
    clock::Timestamp,
    model::{
        account::Account,
        audit::Target,
        code::{Code, OpenCode, Purpose},
        email::Email,
        id::{AccountId, SignInId},
        letter::{Content, Letter},
        password::NewPassword,
        sign_in::{Kept, Reset, SignIn, TotpCredential},
        user::User,
    },
    security::Event,
    store::{
        By, Conflict, Error, Result, Store,
        counts::limits::{Bucket, UNKNOWN_CODE, WRONG_FOR_EMAIL},
        entry::sign_in::guesses_from,
        ledger::{
            audit::log_event,
            commit::Committed,
            layout,
            record::{self, Stored},
            step::Step,
        },
        sign_in::password::{NewHash, Proof, known_about},
    },
    table::Item,
};

/// How long a new password can be set with the code of a letter.
const RESET_LIFETIME: Duration = Duration::from_hours(1);

/// A password that is set with the code of a letter.
pub(crate) struct ResetPassword {
    /// The password.
    pub(crate) password: NewPassword,
    /// Whether the identities at providers go on opening the sign-in.
    pub(crate) keep_providers: bool,
}

/// What the code of a letter opens.
pub(crate) struct ResetSummary {
    /// Whose password it sets.
    pub(crate) email: Email,
    /// Until when.
    pub(crate) expires: Timestamp,
    /// The account that has made the sign-in, if nobody has proved the address yet.
    pub(crate) account: Option<Account>,
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
        let known = self.sign_in_by_email(email).await?;
        let is_expected = self.is_expected_anywhere(email).await?;
        let known = known.as_ref();
        // Read in all cases, so that they take as long.
        let maker = known.filter(|known| !known.verified).and_then(|known| known.kept);
        let maker_id =
            maker.map_or_else(|| AccountId::new(self.now(), &self.random), Kept::account);
        let maker: Option<Account> = self.load(layout::account(maker_id)).await?;
        let made_by = maker.as_ref().map(|account| account.name.to_string());
        let now = self.now();
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
        if known.is_some() || is_expected {
            let content = Content::Reset { sign_in: reset.sign_in_id, code, made_by };
            let language = known.and_then(|sign_in| sign_in.language.clone());
            let letter = self.new_letter(email, language, None, content);
            let account_id = maker.map(|account| account.id);
            Self::post(&mut step, &Letter { account_id, ..letter })?;
        } else {
            // In place of the letter.
            let another = OpenCode::new(purpose, &self.codes, &self.random, code.expires);
            step.insert(Item { key: layout::reset(&another.digest), expires, ..item });
        }
        self.mark(&mut step, by)?;
        self.commit_unless_done(step).await
    }

    /// Whose password can be set with the code of a letter, and until when; counts as a guess, as setting one does.
    ///
    /// # Errors
    /// `NotFound` if the code opens nothing (any more), `Limited`.
    pub(crate) async fn check_reset(&self, by: &By, code: &Code) -> Result<ResetSummary> {
        let guesses = Bucket::caller(&UNKNOWN_CODE, by);
        self.check_limits(&guesses).await?;
        if let Some(open) = self.open_reset(code).await? {
            return Ok(open);
        }
        self.miss(&guesses).await?;
        Err(Error::NotFound("code"))
    }

    async fn open_reset(&self, code: &Code) -> Result<Option<ResetSummary>> {
        let Some(item) = self.table.get(&layout::reset(&code.digest())).await? else {
            return Ok(None);
        };
        let reset: Reset = record::decode(&item)?;
        let sign_in = self.sign_in_by_email(&reset.email).await?;
        let is_good = reset.is_good_for(sign_in.as_ref());
        let expires = item.expires.map(Timestamp::of_seconds);
        let Some(expires) = expires.filter(|_| is_good) else { return Ok(None) };
        let maker = sign_in.filter(|known| !known.verified).and_then(|known| known.kept);
        let account = match maker {
            Some(kept) => self.load(layout::account(kept.account())).await?,
            None => None,
        };
        Ok(Some(ResetSummary { email: reset.email, expires, account }))
    }

    /// Sets a new password with the code of a letter; ends all sessions. Returns the address.
    ///
    /// # Errors
    /// `NotFound` if the code opens nothing (any more), `Field`, `Limited`, `Overloaded`.
    pub(crate) async fn reset_password(
        &self,
        by: &By,
        code: &Code,
        new: &ResetPassword,
    ) -> Result<Email> {
        let guesses = Bucket::caller(&UNKNOWN_CODE, by);
        self.check_limits(&guesses).await?;
        let done = self.try_reset(by, code, new).await;
        self.count_reset(by, &guesses, done).await
    }

    /// Counts what has come of a code that sets a password; returns the address. A second factor goes on being asked
    /// for.
    pub(super) async fn count_reset(
        &self,
        by: &By,
        guesses: &[Bucket],
        done: Result<(Email, Option<TotpCredential>)>,
    ) -> Result<Email> {
        match &done {
            Ok((email, None)) => {
                self.forgive(&[Bucket::email(&WRONG_FOR_EMAIL, email)]).await;
                if let Some(network) = self.network(by) {
                    self.forgive(&[guesses_from(email, &network)]).await;
                }
            }
            Err(Error::NotFound(_)) => self.miss(guesses).await?,
            // The reader of the mailbox must not get more tries at the second factor.
            Ok((_, Some(_))) | Err(_) => {}
        }
        done.map(|(email, _)| email)
    }

    /// Also returns the second factor that goes on being asked for.
    async fn try_reset(
        &self,
        by: &By,
        code: &Code,
        new: &ResetPassword,
    ) -> Result<(Email, Option<TotpCredential>)> {
        let unknown = || Error::NotFound("code");
        let key = layout::reset(&code.digest());
        let reset: Reset = self.load(key.clone()).await?.ok_or_else(unknown)?;
        let about = known_about(&reset.email, [&None, &None]);
        let ResetPassword { password, keep_providers } = new;
        let hash = self.own_new_hash(by, "newPassword", password, about).await?;
        let new = NewHash { hash, proof: Proof::Letter, keep: None };
        self.attempt(|| async {
            let reset: Reset = self.load(key.clone()).await?.ok_or_else(unknown)?;
            let sign_in = self.sign_in_by_email(&reset.email).await?;
            if !reset.is_good_for(sign_in.as_ref()) {
                return Err(unknown());
            }
            let mut step = Step::default();
            step.remove(key.clone(), reset.version);
            let Some(before) = sign_in else {
                return self.begin_sign_in(step, by, &reset, &new).await;
            };
            if let Some(mut users) = self.unproved_users(&before).await? {
                let unproved = (&before, users.pop());
                return self.prove_by_code(step, by, (&reset, unproved), &new).await;
            }
            // A maker who has not proved the address must not lock out its owner.
            let reset_to =
                if before.verified { before.clone() } else { before.clone().without_totp() };
            // What somebody else has linked is not to outlast the recovery.
            let reset_to =
                if *keep_providers { reset_to } else { reset_to.without_providers(|_| true) };
            let second = reset_to.second_factor().cloned();
            let after = self.replace_password(&mut step, by, (&before, reset_to), &new).await?;
            self.mark(&mut step, by)?;
            if self.commit(step).await? == Committed::Stale {
                return Ok(None);
            }
            self.sweep_sessions(&after).await?;
            Ok(Some((reset.email, second)))
        })
        .await
    }

    /// Commits `step` with what the first proof of an address makes of a sign-in.
    async fn prove_by_code(
        &self,
        mut step: Step,
        by: &By,
        (reset, unproved): (&Reset, (&SignIn, Option<User>)),
        new: &NewHash,
    ) -> Result<Option<(Email, Option<TotpCredential>)>> {
        let (sign_in, user) = self.prove_by_reset(&mut step, unproved, new).await?;
        self.tell_of_password(&mut step, by, &sign_in, new)?;
        let done = match user {
            Some([before, after]) => {
                self.commit_user(step, by, Some(&before), after).await?.is_some()
            }
            None => self.commit(step).await? == Committed::Done,
        };
        Ok(done.then(|| (reset.email.clone(), None)))
    }

    /// Commits `step` with a sign-in for somebody who has proved the address by a letter, and who joins
    /// nothing by that.
    async fn begin_sign_in(
        &self,
        mut step: Step,
        by: &By,
        reset: &Reset,
        new: &NewHash,
    ) -> Result<Option<(Email, Option<TotpCredential>)>> {
        let sign_in = SignIn {
            unbound_until: Some(self.now().plus(self.rules.trash_lifetime)),
            ..new.of(self.new_sign_in(&reset.email))?
        };
        Self::add_sign_in(&mut step, &sign_in, Conflict::SignedUp)?;
        log_event(&mut step, by, Event::PasswordChanged, (Target::SignIn(sign_in.id), None));
        self.audit_person(&mut step, by, (sign_in.id, true), &["password"])?;
        Ok(self.commit(step).await?.then((reset.email.clone(), None)))
    }
}
