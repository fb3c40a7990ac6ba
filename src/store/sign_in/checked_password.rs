//! Passwords that are shown: what one is to a sign-in, and the own one, typed again before something
//! that matters.
//!
//! The own one is checked once, before the attempts to make the change; so the check is tied to the
//! sign-in as it was then, with which each attempt compares.

use crate::{
    auth::password::Verdict,
    error::Fault,
    model::{id::SignInId, password::Password, sign_in::SignIn, user::User},
    store::{
        By, Conflict, Error, Result, Store,
        counts::{
            limits::{Bucket, WRONG_FOR_EMAIL},
            turns::own_turn,
        },
    },
};

/// That somebody has typed the password of a sign-in, which was in that epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub(in crate::store) struct CheckedPassword {
    sign_in: SignInId,
    epoch: u64,
}

impl CheckedPassword {
    const fn of(sign_in: &SignIn) -> Self {
        Self { sign_in: sign_in.id, epoch: sign_in.epoch }
    }

    /// Requires that it was the password of this sign-in, as it is about to be changed.
    ///
    /// # Errors
    /// `Field` as for a wrong password, if a new one may have been set since. That is not counted as
    /// a guess: it was right when it was typed.
    pub(in crate::store) fn require(self, sign_in: &SignIn) -> Result<()> {
        if self == Self::of(sign_in) { Ok(()) } else { Err(wrong()) }
    }
}

impl Store {
    /// What a password is to a sign-in. Where there is none, or none with a password, it is wrong, after
    /// the same work, so that the time does not tell.
    ///
    /// # Errors
    /// `Overloaded`, `Table`.
    pub(in crate::store) async fn verify_password(
        &self,
        by: &By,
        sign_in: Option<&SignIn>,
        shown: &Password,
    ) -> Result<Verdict> {
        self.know_pace().await?;
        let hash = sign_in.and_then(SignIn::password);
        Ok(self.hasher.verify_evenly(own_turn(by), shown, hash).await?)
    }

    /// Checks the password of a user who changes how that same user signs in; of anybody else, such
    /// as an admin or a key, none is asked for.
    ///
    /// # Errors
    /// As [`Store::check_own_password`].
    pub(in crate::store) async fn check_if_own(
        &self,
        by: &By,
        user: &User,
        shown: Option<&Password>,
    ) -> Result<Option<CheckedPassword>> {
        if by.caller.user() != Some(user.id) {
            return Ok(None);
        }
        self.check_own_password(by, user, shown).await.map(Some)
    }

    /// Checks the password of a user who changes the own email or second factor. Who has none, and signs in by something
    /// else, has shown that, or reads what is sent to the address, just now and in this session.
    ///
    /// # Errors
    /// As [`Store::check_own_password`]; as [`Store::require_confirmed`] of who has none.
    pub(in crate::store) async fn check_password_if_any(
        &self,
        by: &By,
        user: &User,
        shown: Option<&Password>,
    ) -> Result<Option<CheckedPassword>> {
        let sign_in = self.own_sign_in(user).await?;
        if let Some(without) = sign_in.as_ref().filter(|it| it.password().is_none())
            && shown.is_none()
        {
            self.require_confirmed(by, without).await?;
            return Ok(None);
        }
        self.check_password_of(by, sign_in, shown).await.map(Some)
    }

    /// Checks the password that a user types again before something that matters.
    ///
    /// # Errors
    /// `Field` if it is missing or wrong, `Conflict` if the user has none.
    pub(super) async fn check_own_password(
        &self,
        by: &By,
        user: &User,
        shown: Option<&Password>,
    ) -> Result<CheckedPassword> {
        let sign_in = self.own_sign_in(user).await?;
        self.check_password_of(by, sign_in, shown).await
    }

    async fn check_password_of(
        &self,
        by: &By,
        sign_in: Option<SignIn>,
        shown: Option<&Password>,
    ) -> Result<CheckedPassword> {
        let sign_in = sign_in.filter(|sign_in| sign_in.password().is_some());
        let sign_in = sign_in.ok_or(Error::Conflict(Conflict::NoPassword))?;
        let shown = shown.ok_or_else(|| {
            let why = "currentPassword is required, to show that it is you";
            Error::Field(Fault::new("currentPassword", "required", why))
        })?;
        let guesses = [Bucket::of(&WRONG_FOR_EMAIL, &format!("own {}", sign_in.id))];
        self.check_limits(&guesses).await?;
        if self.verify_password(by, Some(&sign_in), shown).await? == Verdict::Wrong {
            self.miss(&guesses).await?;
            return Err(wrong());
        }
        self.forgive(&guesses).await;
        Ok(CheckedPassword::of(&sign_in))
    }
}

/// Requires that what was checked is what the sign-in has, as it is about to be changed: its password, or that it has
/// none.
///
/// # Errors
/// `Field`, as [`CheckedPassword::require`].
pub(in crate::store) fn require_checked(
    checked: Option<CheckedPassword>,
    sign_in: &SignIn,
) -> Result<()> {
    match checked {
        Some(checked) => checked.require(sign_in),
        None if sign_in.password().is_none() => Ok(()),
        None => Err(wrong()),
    }
}

fn wrong() -> Error {
    Error::Field(Fault::new("currentPassword", "wrong", "currentPassword is wrong"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{clock::Timestamp, model::email::Email, random::Random};

    #[test]
    fn a_check_is_good_for_one_epoch_of_one_sign_in() {
        let at = Timestamp::from_millis(1_700_000_000_000);
        let made = |seed| {
            let id = SignInId::new(at, &Random::seeded(seed));
            SignIn::new(id, Email::parse("ada@example.com").unwrap(), at)
        };
        let ada = made(1);
        let checked = CheckedPassword::of(&ada);
        assert!(checked.require(&ada).is_ok());
        let moved = ada.moved_to(&Email::parse("ada@example.org").unwrap());
        assert!(checked.require(&moved).is_ok());
        assert!(checked.require(&ada.in_next_epoch()).is_err());
        // Another sign-in of the same address, as young.
        assert!(checked.require(&made(2)).is_err());
    }
}
