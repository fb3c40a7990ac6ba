//! A person's own sign-in, as a record: reading it, making it, and changing it along with its claim.

use serde::{Deserialize, Serialize};

use crate::{
    clock::Timestamp,
    model::{
        email::Email,
        id::SignInId,
        sign_in::{SignIn, sign_in_of},
        user::{IdentityKey, User},
    },
    store::{
        Conflict, Error, Result, Store,
        ledger::{guard::standing_of, layout, record::Stored, step::Step},
    },
    table::Item,
};

/// Where an address's sign-in is.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SignInClaim {
    sign_in_id: SignInId,
}

impl Stored for SignInClaim {}

impl Stored for SignIn {
    fn adopt(&mut self, item: &Item) {
        self.version = item.version;
    }
}

impl Store {
    /// The user behind a sign-in, if there is one, who may come in.
    ///
    /// # Errors
    /// `Login` if the user, or the whole account, is kept out.
    pub(in crate::store) async fn holder_may_enter(
        &self,
        sign_in: &SignIn,
    ) -> Result<Option<User>> {
        let user = self.bound_user::<User>(&sign_in.identity()).await?;
        if let Some(user) = &user {
            standing_of(user.state).map_err(Error::Login)?;
            self.open_account(user.account_id).await?;
        }
        Ok(user)
    }

    /// The sign-in of that id.
    pub(in crate::store) async fn sign_in_record(&self, id: SignInId) -> Result<Option<SignIn>> {
        self.load(layout::sign_in(id)).await
    }

    /// The sign-in of a user; none if the user has no identity yet.
    ///
    /// # Errors
    /// `Conflict` if the user comes in by an outside issuer.
    pub(super) async fn own_sign_in(&self, user: &User) -> Result<Option<SignIn>> {
        if user.identity.is_none() {
            return Ok(None);
        }
        let sign_in = match user.sign_in_id() {
            Some(id) => self.sign_in_record(id).await?,
            None => None,
        };
        sign_in.map(Some).ok_or(Error::Conflict(Conflict::OutsideIdentity))
    }

    /// The sign-in of an address. Takes as long where there is none.
    pub(in crate::store) async fn sign_in_by_email(&self, email: &Email) -> Result<Option<SignIn>> {
        let claim: Option<SignInClaim> = self.load(layout::sign_in_claim(email)).await?;
        let nobody = || SignInId::new(self.now(), &self.random);
        let id = claim.map_or_else(nobody, |claim| claim.sign_in_id);
        self.sign_in_record(id).await
    }

    /// A sign-in of which nothing is stored yet, for somebody who has proved the address; still
    /// without anything to sign in with.
    pub(in crate::store) fn new_sign_in(&self, email: &Email) -> SignIn {
        let now = self.now();
        SignIn::new(SignInId::new(now, &self.random), email.clone(), now)
    }

    /// Adds to `step` a new sign-in; refused if the address has one.
    pub(in crate::store) fn add_sign_in(step: &mut Step, sign_in: &SignIn) -> Result<()> {
        step.insert(sign_in_item(sign_in, 1)?);
        step.claim(claim_item(sign_in)?, Some(Conflict::SignedUp));
        Ok(())
    }

    /// Adds to `step` that the sign-in behind an identity, if it is one of ours, has a user now.
    pub(in crate::store) async fn bind_sign_in(
        &self,
        step: &mut Step,
        who: &IdentityKey,
    ) -> Result<()> {
        let Some(id) = sign_in_of(who) else { return Ok(()) };
        let waiting = |sign_in: &SignIn| sign_in.unbound_until.is_some();
        if let Some(before) = self.sign_in_record(id).await?.filter(waiting) {
            let after = SignIn { unbound_until: None, ..before.clone() };
            Self::keep_sign_in(step, &before, &after)?;
            step.overwrite(claim_item(&after)?);
        }
        Ok(())
    }

    /// Adds to `step` that the sign-in is as it was read, or becomes what it is `after`.
    pub(in crate::store) fn keep_sign_in(
        step: &mut Step,
        before: &SignIn,
        after: &SignIn,
    ) -> Result<()> {
        let key = layout::sign_in(before.id);
        if before == after {
            step.check(key, before.version);
            return Ok(());
        }
        step.replace(sign_in_item(after, before.version + 1)?, before.version);
        if before.email != after.email {
            step.clear(layout::sign_in_claim(&before.email));
            step.claim(claim_item(after)?, Some(Conflict::EmailTaken));
        }
        Ok(())
    }
}

fn sign_in_item(sign_in: &SignIn, version: u64) -> Result<Item> {
    let item = layout::item(layout::sign_in(sign_in.id), version, sign_in)?;
    Ok(Item { expires: sign_in.unbound_until.map(Timestamp::seconds), ..item })
}

pub(in crate::store) fn claim_item(sign_in: &SignIn) -> Result<Item> {
    let claim = SignInClaim { sign_in_id: sign_in.id };
    let item = layout::item(layout::sign_in_claim(&sign_in.email), 1, &claim)?;
    Ok(Item { expires: sign_in.unbound_until.map(Timestamp::seconds), ..item })
}
