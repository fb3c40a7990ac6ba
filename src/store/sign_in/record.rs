//! A person's own sign-in, as a record: reading it, making it, changing it along with the claim of its
//! address.

use crate::{
    auth::identity::Identity,
    clock::Timestamp,
    model::{
        email::Email,
        id::{SignInId, UserId},
        session::Session,
        sign_in::{SignIn, sign_in_of},
        user::{IdentityKey, Member, State, User},
        user_text::UserText,
    },
    store::{
        Conflict, Error, Result, Store,
        ledger::{
            layout,
            record::{self, Stored, first_version},
            step::Step,
        },
        sign_in::claim::{SignInClaim, address_item, claim_providers},
    },
    table::{Item, Key},
};

impl Stored for SignIn {
    fn adopt(&mut self, item: &Item) {
        self.version = item.version;
    }
}

impl Store {
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
        // One that has just moved to another address is not this one's any more.
        let sign_in = self.sign_in_record(id).await?;
        Ok(sign_in.filter(|sign_in| sign_in.email == *email && !sign_in.trashed))
    }

    /// The sign-in that an identity at a provider opens.
    pub(in crate::store) async fn sign_in_by_provider(
        &self,
        identity: &IdentityKey,
    ) -> Result<Option<SignIn>> {
        let claim: Option<SignInClaim> = self.load(layout::provider_claim(identity)).await?;
        let Some(claim) = claim else { return Ok(None) };
        let sign_in = self.sign_in_record(claim.sign_in_id).await?;
        let lists = |sign_in: &SignIn| !sign_in.trashed && sign_in.provider(identity).is_some();
        Ok(sign_in.filter(lists))
    }

    /// A sign-in of which nothing is stored yet, for somebody who has proved the address; still
    /// without anything to sign in with.
    pub(in crate::store) fn new_sign_in(&self, email: &Email) -> SignIn {
        let now = self.now();
        SignIn::new(SignInId::new(now, &self.random), email.clone(), now)
    }

    /// Adds to `step` a new sign-in; refused as `taken` if the address has one.
    pub(in crate::store) fn add_sign_in(
        step: &mut Step,
        sign_in: &SignIn,
        taken: Conflict,
    ) -> Result<()> {
        step.insert(sign_in_item(sign_in, 1)?);
        step.claim(address_item(sign_in, first_version(sign_in.created))?, Some(taken));
        claim_providers(step, sign_in)
    }

    /// Adds to `step` that the sign-in is as it was read, or becomes what it is `after`, with the claim of
    /// its address.
    pub(in crate::store) async fn change_sign_in_record(
        &self,
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
        self.change_provider_claims(step, before, after).await?;
        let held = (!before.trashed).then_some(&before.email);
        let wanted = (!after.trashed).then_some(&after.email);
        if held == wanted && before.unbound_until == after.unbound_until {
            return Ok(());
        }
        let claim: Option<SignInClaim> = match held {
            Some(email) => self.load(layout::sign_in_claim(email)).await?,
            None => None,
        };
        // One that has run out may be somebody else's by now.
        let claim = claim.filter(|claim| claim.sign_in_id == before.id);
        match (claim, held, wanted) {
            (Some(claim), Some(held), Some(wanted)) if held == wanted => {
                step.replace(address_item(after, claim.version + 1)?, claim.version);
            }
            (claim, held, wanted) => {
                if let (Some(claim), Some(held)) = (claim, held) {
                    step.remove(layout::sign_in_claim(held), claim.version);
                }
                if let Some(wanted) = wanted {
                    self.claim_address(step, after, wanted).await?;
                }
            }
        }
        Ok(())
    }

    /// Adds to `step` that the sign-in has an address which nobody has, or only one that gives way.
    async fn claim_address(&self, step: &mut Step, after: &SignIn, address: &Email) -> Result<()> {
        let Some(gone) = step.gives_way else {
            step.claim(
                address_item(after, first_version(after.created))?,
                Some(Conflict::OwnSignIn),
            );
            return Ok(());
        };
        let claim: Option<SignInClaim> = self.load(layout::sign_in_claim(address)).await?;
        match claim.filter(|claim| claim.sign_in_id == gone) {
            Some(claim) => step.replace(address_item(after, claim.version + 1)?, claim.version),
            None => {
                step.claim(
                    address_item(after, first_version(after.created))?,
                    Some(Conflict::OwnSignIn),
                );
            }
        }
        Ok(())
    }

    /// Adds to `step` that another sign-in has the address of one from now on.
    pub(super) async fn pass_claim(
        &self,
        step: &mut Step,
        from: &SignIn,
        to: &SignIn,
    ) -> Result<()> {
        let claim: Option<SignInClaim> = self.load(layout::sign_in_claim(&from.email)).await?;
        match claim.filter(|claim| claim.sign_in_id == from.id) {
            Some(claim) => step.replace(address_item(to, claim.version + 1)?, claim.version),
            // Either has run out, or moves at this very moment: then the record is another version.
            None => {
                step.claim(address_item(to, first_version(to.created))?, Some(Conflict::SignedUp));
            }
        }
        Ok(())
    }

    /// What an identity proves at this moment: of a sign-in of ours what its record says, and not what an
    /// earlier token says.
    ///
    /// # Errors
    /// `SessionEnded` if the session of the token is over.
    pub(in crate::store) async fn current_identity(&self, known: &Identity) -> Result<Identity> {
        let Some(id) = sign_in_of(&known.key) else { return Ok(known.clone()) };
        let Some(session) = known.session else { return Ok(known.clone()) };
        let keys = [layout::sign_in(id), layout::session(id, session)];
        let items = self.table.get_many(&keys).await?;
        let [Some(sign_in), Some(session)] = items.as_slice() else {
            return Err(Error::SessionEnded);
        };
        let (sign_in, session): (SignIn, Session) =
            (record::decode(sign_in)?, record::decode(session)?);
        if sign_in.trashed || sign_in.epoch != session.epoch {
            return Err(Error::SessionEnded);
        }
        let email = Some(sign_in.email);
        Ok(Identity { email, email_verified: sign_in.verified, ..known.clone() })
    }

    /// The sign-in of a user, if it has one of ours that is still there.
    pub(in crate::store) async fn sign_in_of_user(&self, user: &User) -> Result<Option<SignIn>> {
        match user.sign_in_id() {
            Some(id) => self.sign_in_record(id).await,
            None => Ok(None),
        }
    }

    /// Those of users whose sign-in asks for a second factor.
    pub(crate) async fn second_factors<'a>(
        &self,
        users: impl IntoIterator<Item = &'a UserText>,
    ) -> Result<Vec<UserId>> {
        let sign_in = |user: &UserText| {
            if user.state == State::Trashed {
                // What becomes of a sign-in is nobody's business who has removed its user.
                return None;
            }
            let identity: IdentityKey = user.member(Member::Identity)?;
            Some((user.id, sign_in_of(&identity)?))
        };
        let (users, ids): (Vec<UserId>, Vec<SignInId>) =
            users.into_iter().filter_map(sign_in).unzip();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let keys: Vec<Key> = ids.into_iter().map(layout::sign_in).collect();
        let items = self.table.get_many(&keys).await?;
        let mut secured = Vec::new();
        for (user, item) in users.into_iter().zip(items) {
            let Some(item) = item else { continue };
            if record::decode::<SignIn>(&item)?.second_factor().is_some() {
                secured.push(user);
            }
        }
        Ok(secured)
    }
}

pub(super) fn sign_in_item(sign_in: &SignIn, version: u64) -> Result<Item> {
    let item = layout::item(layout::sign_in(sign_in.id), version, sign_in)?;
    Ok(Item { expires: sign_in.unbound_until.map(Timestamp::seconds), ..item })
}
