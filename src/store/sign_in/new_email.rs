//! Another address to sign in by, which its person asks for: nothing changes until a code shows that the
//! person reads what is sent there.
//!
//! Who asks learns nothing of the address: where it has a sign-in, another email goes there, and the rest is
//! alike.

use std::time::Duration;

use crate::{
    model::{
        code::{OpenCode, Purpose},
        email::Email,
        letter::Content,
        sign_in::{NewEmail, SignIn, WayBack},
        user::User,
    },
    store::{
        By, Conflict, Error, Result, Store,
        counts::limits::{Bucket, LETTERS_FOR_EMAIL, LETTERS_FROM_ADDRESS, LETTERS_TO_CONFIRM},
        ledger::{layout, record::Stored, step::Step},
    },
    table::Item,
};

/// How long the code is good.
const NEW_EMAIL_LIFETIME: Duration = Duration::from_hours(1);

impl Stored for NewEmail {
    fn adopt(&mut self, item: &Item) {
        self.version = item.version;
    }
}

impl Stored for WayBack {
    fn adopt(&mut self, item: &Item) {
        self.version = item.version;
    }
}

impl Store {
    /// The sign-in of somebody who wants another address for it, if that is what the change of a user's email
    /// comes to. Not so where the sign-in has moved there already: then the user's email merely follows.
    ///
    /// # Errors
    /// `Conflict` if the person may not ask, or not in this way; `Moved` if it was done too often; `SessionEnded`.
    pub(in crate::store) async fn own_move(
        &self,
        by: &By,
        user: &User,
        to: Option<&Email>,
    ) -> Result<Option<SignIn>> {
        let is_own = by.caller.user() == Some(user.id);
        let Some(to) = to.filter(|to| is_own && **to != user.email) else { return Ok(None) };
        let Some(id) = user.sign_in_id() else {
            // Who looks after the account's users looks after that one, too.
            return if user.is_admin() {
                Ok(None)
            } else {
                Err(Error::Conflict(Conflict::OutsideEmail))
            };
        };
        let sign_in = self.sign_in_record(id).await?.ok_or(Error::SessionEnded)?;
        if sign_in.email == *to {
            return Ok(None);
        }
        if by.caller.session().is_none() {
            return Err(Error::Conflict(Conflict::NoSession));
        }
        if !sign_in.verified {
            return Err(Error::Conflict(Conflict::Unproved));
        }
        match sign_in.stays_until(self.now()) {
            Some(until) => Err(Error::Moved { retry_after: until.since(self.now()) }),
            None => Ok(Some(sign_in)),
        }
    }

    /// Counts an email that somebody asks for to a new address, before anything is known of that; apart from those
    /// that strangers ask for to the person's own one.
    ///
    /// # Errors
    /// `Limited`.
    pub(in crate::store) async fn count_new_email(
        &self,
        by: &By,
        sign_in: &SignIn,
        to: &Email,
    ) -> Result<()> {
        let mut letters = vec![
            Bucket::of(&LETTERS_TO_CONFIRM, &format!("new email {}", sign_in.id)),
            Bucket::email(&LETTERS_FOR_EMAIL, to),
        ];
        letters.extend(Bucket::caller(&LETTERS_FROM_ADDRESS, by));
        self.check_limits(&letters).await?;
        self.miss(&letters).await?;
        Ok(())
    }

    /// Adds to `step`, by which the sign-in is as it is here, that a code goes to its address to be.
    pub(in crate::store) async fn send_new_email(
        &self,
        step: &mut Step,
        by: &By,
        user: &User,
        (sign_in, to): (&SignIn, &Email),
    ) -> Result<()> {
        let session_id = by.caller.session().ok_or(Error::Conflict(Conflict::NoSession))?;
        let is_taken = self.sign_in_by_email(to).await?.is_some_and(|holder| holder.verified);
        let expires = self.now().plus(NEW_EMAIL_LIFETIME);
        let purpose = Purpose::NewEmail(sign_in.id);
        let code = OpenCode::new(purpose, &self.codes, &self.random, expires);
        let asked = NewEmail {
            sign_in_id: sign_in.id,
            epoch: sign_in.epoch,
            session_id,
            account_id: user.account_id,
            user_id: user.id,
            email: to.clone(),
            version: 0,
        };
        // Where the address is taken nobody gets the code: it is kept so that both cases are alike.
        let item = layout::item(layout::new_email(&code.digest), 1, &asked)?;
        step.insert(Item { expires: Some(expires.seconds()), ..item });
        let content = if is_taken {
            Content::EmailInUse
        } else {
            Content::ConfirmEmail { sign_in: sign_in.id, code }
        };
        Self::post(step, &self.new_letter(to, sign_in.language.clone(), None, content))
    }
}
