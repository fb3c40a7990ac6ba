//! The second factor: an authenticator app, and recovery codes for the day when it is lost.

use crate::{
    error::Fault,
    model::{
        audit::Target,
        letter::Content,
        password::Password,
        sign_in::{SignIn, TotpCredential},
        totp::{RecoveryCode, SecondFactor, TotpCode, TotpSecret},
        user::User,
    },
    security::Event,
    store::{
        By, Conflict, Error, Reach, Result, Store,
        counts::limits::{Bucket, WRONG_FOR_EMAIL, missed},
        find::select::Selector,
        ledger::{audit::log_event, commit::Committed, guard::may_change, step::Step},
        sign_in::{
            checked_password::require_checked, kept::is_operator, notices::address_of,
            password::nobody_elses, session::NewEpoch,
        },
    },
    table,
};

/// How many recovery codes there are.
const RECOVERY_CODES: usize = 10;
/// What apps call the service: a sign-in is no account's in particular.
const LABEL: &str = "Guestlist";

/// What an authenticator app is given.
pub(crate) struct Enrolment {
    /// The secret, for typing in.
    pub(crate) secret: String,
    /// The same as an `otpauth:` URL, for a QR code.
    pub(crate) url: String,
}

impl Store {
    /// Makes a secret for the user's authenticator app; it counts once a code confirms it.
    ///
    /// # Errors
    /// `Field` for the password, `Conflict` if there is a second factor already.
    pub(crate) async fn enroll_totp(
        &self,
        by: &By,
        user: &User,
        password: Option<&Password>,
    ) -> Result<Enrolment> {
        let checked = self.check_password_if_any(by, user, password).await?;
        let secret = TotpSecret::new(&self.random);
        self.attempt(|| async {
            let before = self.required_sign_in(user).await?;
            require_checked(checked, &before)?;
            if before.second_factor().is_some() {
                return Err(Error::Conflict(Conflict::TotpEnrolled));
            }
            let totp = TotpCredential {
                secret: self.seal_totp(&before, &secret)?,
                confirmed: false,
                last_step: None,
                recovery: Vec::new(),
            };
            let after = before.clone().with_totp(totp);
            let mut step = Step::default();
            self.change_sign_in_record(&mut step, &before, &after).await?;
            self.audit_person(&mut step, by, (before.id, true), &["totp"])?;
            let url = secret.url(LABEL, &before.email);
            Ok(self.commit(step).await?.then(Enrolment { secret: secret.base32(), url }))
        })
        .await
    }

    /// Turns the second factor on, once a code shows that the app has the secret; returns the
    /// recovery codes, which cannot be had again.
    ///
    /// # Errors
    /// `Field` if the code is wrong, `NotFound` if there is nothing to confirm, `SessionEnded` if the
    /// call's session has, `Conflict`, `Limited`.
    pub(crate) async fn confirm_totp(
        &self,
        by: &By,
        user: &User,
        code: &TotpCode,
    ) -> Result<Vec<RecoveryCode>> {
        let guesses = [Bucket::of(&WRONG_FOR_EMAIL, &format!("totp {}", user.id))];
        self.check_limits(&guesses).await?;
        let done = self.try_confirm(by, user, code).await;
        if missed(&done) {
            self.miss(&guesses).await?;
            let why = "code is wrong; enter the code that the app shows now";
            return Err(Error::Field(Fault::new("code", "wrong", why)));
        }
        done
    }

    async fn try_confirm(
        &self,
        by: &By,
        user: &User,
        code: &TotpCode,
    ) -> Result<Vec<RecoveryCode>> {
        let fresh = || RecoveryCode::new(&self.random);
        let recovery: Vec<RecoveryCode> =
            std::iter::repeat_with(fresh).take(RECOVERY_CODES).collect();
        let who = Selector::by_id(user.id);
        self.attempt(|| async {
            let user = self.user(Reach::Account(user.account_id), &who).await?;
            let before = self.required_sign_in(&user).await?;
            let after = self.confirmed(&before, code, &recovery)?;
            let mut step = Step::default();
            // The other sessions have begun without it.
            let session = by.caller.session();
            let NewEpoch { sign_in, kept } =
                self.begin_epoch(&mut step, &before, after, session).await?;
            if kept != session {
                // It may have ended by a new password, and no password is typed again here: somebody
                // who has enrolled with the old one must not lock out the owner.
                return Err(Error::SessionEnded);
            }
            self.audit_person(&mut step, by, (before.id, true), &["twoFactor"])?;
            let notice = self.notice(before.id).await?;
            log_event(&mut step, by, Event::SecondFactorOn, (Target::SignIn(before.id), None));
            let content = Content::SecondFactorOn { at: self.now(), address: address_of(by) };
            self.tell_if_noticed(&mut step, &notice, &before, content)?;
            let done = self.commit(step).await?;
            if done == Committed::Done {
                self.count_notice(&notice).await;
            }
            if done == Committed::Done
                && let Err(error) = self.sweep_sessions(&sign_in).await
            {
                // The second factor is on, and the recovery codes are shown this once: they must not be
                // lost for it. What is left of the other sessions cannot be renewed.
                tracing::warn!(sign_in = %sign_in.id, %error, "ended sessions were not removed");
            }
            Ok(done.then(()))
        })
        .await?;
        Ok(recovery)
    }

    /// The sign-in with its second factor turned on, if the code shows that the app has the secret.
    fn confirmed(
        &self,
        before: &SignIn,
        code: &TotpCode,
        recovery: &[RecoveryCode],
    ) -> Result<SignIn> {
        let totp = before.totp().cloned().ok_or(Error::NotFound("second factor to confirm"))?;
        if totp.confirmed {
            return Err(Error::Conflict(Conflict::TotpEnrolled));
        }
        let secret = self.open_totp(before, &totp)?;
        let last_step = secret.step_of(code, self.now(), None).ok_or(Error::WrongCode)?;
        let recovery = recovery.iter().map(RecoveryCode::digest).collect();
        let last_step = Some(last_step);
        let totp = TotpCredential { confirmed: true, last_step, recovery, ..totp };
        Ok(before.clone().with_totp(totp))
    }

    /// Turns a user's second factor off. For one's own it takes the password, if there is one.
    ///
    /// # Errors
    /// `Field` for the password, `NotFound` if there is none, `Conflict`, `Limited`.
    pub(crate) async fn remove_totp(
        &self,
        by: &By,
        reach: Reach,
        who: &Selector,
        (password, version): (Option<&Password>, Option<u64>),
    ) -> Result<User> {
        let seen = self.user(reach, who).await?;
        may_change(by, &seen, version)?;
        let is_own = by.caller.user() == Some(seen.id);
        let checked =
            if is_own { self.check_password_if_any(by, &seen, password).await? } else { None };
        // The password was asked for, or not, for this one, even if the email has moved by now.
        let who = Selector::by_id(seen.id);
        self.attempt(|| async {
            let user = self.user(reach, &who).await?;
            may_change(by, &user, version)?;
            let before = self.required_sign_in(&user).await;
            let before = if is_own { before? } else { before.map_err(nobody_elses)? };
            if is_own {
                require_checked(checked, &before)?;
            }
            let mut step = Step::default();
            if !is_operator(by) {
                self.require_kept(&mut step, by, &user, &before).await?;
            }
            if before.totp().is_none() {
                return Err(Error::NotFound("second factor"));
            }
            if !is_own {
                let told = self.begin_change(by, &user).await?;
                self.miss(&told).await?;
            }
            let after = before.clone().without_totp();
            log_event(&mut step, by, Event::SecondFactorOff, (Target::SignIn(before.id), None));
            self.audit_person(&mut step, by, (before.id, is_own), &["twoFactor"])?;
            if is_own {
                return self
                    .turn_off_own(step, by, (&before, &after))
                    .await
                    .map(|it| it.then(user));
            }
            // Others who may do this must not be mistaken for the person: the address becomes unproved, and all
            // sessions end.
            let after = if is_operator(by) { after } else { after.without_providers(|_| true) };
            let after = SignIn { verified: false, ..after };
            let ended = self.begin_epoch(&mut step, &before, after, None).await?;
            let content = Content::SecondFactorRemoved { at: self.now() };
            self.tell_person(&mut step, &before, content)?;
            self.audit(&mut step, by, user.account_id, Target::User(user.id), &["twoFactor"])?;
            let done = self.commit(step).await?.then(user);
            if done.is_some() {
                self.sweep_sessions(&ended.sign_in).await?;
            }
            Ok(done)
        })
        .await
    }

    /// Commits a step by which somebody turns off the own second factor, and tells of it.
    async fn turn_off_own(
        &self,
        mut step: Step,
        by: &By,
        (before, after): (&SignIn, &SignIn),
    ) -> Result<Committed> {
        self.change_sign_in_record(&mut step, before, after).await?;
        let notice = self.notice(before.id).await?;
        let content = Content::SecondFactorOff { at: self.now(), address: address_of(by) };
        self.tell_if_noticed(&mut step, &notice, before, content)?;
        let done = self.commit(step).await?;
        if done == Committed::Done {
            self.count_notice(&notice).await;
        }
        Ok(done)
    }

    /// The sign-in when what is shown of a second factor is used up, where one is asked for.
    ///
    /// # Errors
    /// `SecondFactor` if nothing is shown, `WrongCode`.
    pub(in crate::store) fn use_second_factor(
        &self,
        sign_in: SignIn,
        shown: Option<&SecondFactor>,
    ) -> Result<SignIn> {
        let Some(totp) = sign_in.second_factor().cloned() else { return Ok(sign_in) };
        let used = match shown {
            None => return Err(Error::SecondFactor),
            Some(SecondFactor::Totp(code)) => {
                let secret = self.open_totp(&sign_in, &totp)?;
                let used = secret.step_of(code, self.now(), totp.last_step);
                let last_step = Some(used.ok_or(Error::WrongCode)?);
                // Sealed anew, so that it outlives the secret that it was sealed with.
                TotpCredential { last_step, secret: self.seal_totp(&sign_in, &secret)?, ..totp }
            }
            Some(SecondFactor::Recovery(code)) => {
                let digest = code.digest();
                let mut left = totp.recovery.clone();
                left.retain(|known| *known != digest);
                if left.len() == totp.recovery.len() {
                    return Err(Error::WrongCode);
                }
                TotpCredential { recovery: left, ..totp }
            }
        };
        Ok(sign_in.with_totp(used))
    }

    /// Has the person and the log hear of a recovery code that is used up between these two.
    pub(in crate::store) fn tell_of_recovery(
        &self,
        step: &mut Step,
        by: &By,
        (before, after): (&SignIn, &SignIn),
    ) -> Result<()> {
        let codes = |it: &SignIn| it.second_factor().map_or(0, |totp| totp.recovery.len());
        let left = codes(after);
        if left >= codes(before) {
            return Ok(());
        }
        let why = Some(format!("{left} left"));
        log_event(step, by, Event::RecoveryCodeUsed, (Target::SignIn(after.id), why));
        let content = Content::RecoveryCodeUsed { at: self.now(), address: address_of(by), left };
        self.tell_person(step, after, content)
    }

    async fn required_sign_in(&self, user: &User) -> Result<SignIn> {
        self.own_sign_in(user).await?.ok_or(Error::Conflict(Conflict::NoPassword))
    }

    pub(in crate::store) fn seal_totp(
        &self,
        sign_in: &SignIn,
        secret: &TotpSecret,
    ) -> Result<String> {
        let sealed = self.sealed_totp.seal(&sign_in.id.to_string(), secret.bytes().to_vec());
        sealed.ok_or_else(|| Error::Table(table::Error::Invalid("sealing failed".to_owned())))
    }

    pub(in crate::store) fn open_totp(
        &self,
        sign_in: &SignIn,
        totp: &TotpCredential,
    ) -> Result<TotpSecret> {
        let bytes = self.sealed_totp.open(&sign_in.id.to_string(), &totp.secret);
        bytes.as_deref().and_then(TotpSecret::from_bytes).ok_or_else(|| {
            tracing::error!(sign_in = %sign_in.id, "a second factor was sealed with a secret that \
                is not known any more; remove it with totp/remove");
            Error::WrongCode
        })
    }
}
