//! Passwords that are shown: what one is to a sign-in, and the own one, typed again before something
//! that matters.

use crate::{
    auth::password::Verdict,
    error::Fault,
    model::{password::Password, sign_in::SignIn, user::User},
    store::{
        Conflict, Error, Result, Store,
        counts::limits::{Bucket, WRONG_FOR_EMAIL},
    },
};

impl Store {
    /// What a password is to a sign-in. Where there is none, or none with a password, it is wrong, after
    /// the same work, so that the time does not tell.
    ///
    /// # Errors
    /// `Overloaded`.
    pub(in crate::store) async fn verify_password(
        &self,
        sign_in: Option<&SignIn>,
        shown: &Password,
    ) -> Result<Verdict> {
        if let Some(hash) = sign_in.and_then(SignIn::password) {
            return Ok(self.hasher.verify(shown, hash).await?);
        }
        self.hasher.decoy(shown).await?;
        Ok(Verdict::Wrong)
    }

    /// Checks the password that a user types again before something that matters.
    ///
    /// # Errors
    /// `Field` if it is missing or wrong, `Conflict` if the user has none.
    pub(in crate::store) async fn check_own_password(
        &self,
        user: &User,
        shown: Option<&Password>,
    ) -> Result<()> {
        let sign_in = self.own_sign_in(user).await?;
        let sign_in = sign_in.filter(|sign_in| sign_in.password().is_some());
        let sign_in = sign_in.ok_or(Error::Conflict(Conflict::NoPassword))?;
        let shown = shown.ok_or_else(|| {
            let why = "currentPassword is required: it shows that it is you who asks";
            Error::Field(Fault::new("currentPassword", "required", why))
        })?;
        let guesses = [Bucket::of(&WRONG_FOR_EMAIL, &format!("own {}", sign_in.id))];
        self.check_limits(&guesses).await?;
        if self.verify_password(Some(&sign_in), shown).await? == Verdict::Wrong {
            self.miss(&guesses).await;
            let why = "currentPassword is wrong";
            return Err(Error::Field(Fault::new("currentPassword", "wrong", why)));
        }
        self.forgive(&guesses).await;
        Ok(())
    }
}
