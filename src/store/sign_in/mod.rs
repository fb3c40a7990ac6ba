//! Signing in with an e-mail, a password and perhaps a second factor.
//!
//! A stranger learns nothing here: for an e-mail that nobody has the same work is done, and the
//! answer is the same, as for a wrong password.

pub mod callers;
pub mod password;
pub mod session;
pub mod totp;

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::{
    auth::password::Verdict,
    clock::Timestamp,
    model::{
        audit::Target,
        email::Email,
        id::SignInId,
        letter::Content,
        password::Password,
        password_hash::PasswordHash,
        sign_in::{SignIn, sign_in_of},
        totp::SecondFactor,
        user::{IdentityKey, User},
    },
    store::{
        By, Conflict, Error, Result, Store,
        counts::limits::{Bucket, WRONG_AT_ADDRESS, WRONG_FOR_EMAIL},
        ledger::layout,
        ledger::record::Stored,
        ledger::step::{Committed, Step},
        sign_in::callers::standing_of,
        sign_in::session::Grant,
    },
    table::Item,
};

/// What somebody shows to sign in.
pub struct Shown {
    /// The address.
    pub email: Email,
    /// The password.
    pub password: Password,
    /// A code of the second factor.
    pub second: Option<SecondFactor>,
}

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
    /// Begins a session for whoever shows the right password, and code where one is asked for.
    ///
    /// # Errors
    /// `Credentials`, `WrongCode`, `SecondFactor` if only a code is missing, `Limited`, `Overloaded`,
    /// `Login`.
    pub async fn sign_in(&self, by: &By, shown: &Shown) -> Result<Grant> {
        let found = self.sign_in_by_email(&shown.email).await?;
        let place = self.place(by);
        let of_address = Bucket::caller(&WRONG_AT_ADDRESS, by);
        let of_email = [Self::guesses_at(&shown.email, found.as_ref(), place.as_deref())];
        self.admit(&of_address).await?;
        self.admit(&of_email).await?;
        let done = match &found {
            Some(found) => self.admit_holder(by, shown, found, place).await,
            None => Err(self.refuse_stranger(&shown.password).await),
        };
        if missed(&done) {
            self.miss(&of_address).await;
            self.miss(&of_email).await;
        } else if done.is_ok() {
            self.forgive(&of_email).await;
        }
        done
    }

    /// Does the work of a wrong password.
    async fn refuse_stranger(&self, password: &Password) -> Error {
        match self.hasher.decoy(password).await {
            Ok(()) => Error::Credentials,
            Err(busy) => busy.into(),
        }
    }

    /// Where guesses at a password are counted. For the places that its owner has come from there
    /// are counts of their own, so that nobody else can lock the owner out.
    fn guesses_at(email: &Email, sign_in: Option<&SignIn>, place: Option<&str>) -> Bucket {
        let known = place.filter(|place| sign_in.is_some_and(|it| it.knows_place(place)));
        match known {
            Some(place) => Bucket::of(&WRONG_FOR_EMAIL, &format!("{email} {place}")),
            None => Bucket::email(&WRONG_FOR_EMAIL, email),
        }
    }

    /// Lets somebody in who shows the password of `seen`.
    async fn admit_holder(
        &self,
        by: &By,
        shown: &Shown,
        seen: &SignIn,
        place: Option<String>,
    ) -> Result<Grant> {
        let stronger = match self.hasher.verify(&shown.password, &seen.password).await? {
            Verdict::Wrong => return Err(Error::Credentials),
            Verdict::Right => None,
            Verdict::Outdated => Some(self.hasher.hash(&shown.password).await?),
        };
        let mut tries = self.tries();
        loop {
            tries.next().await?;
            let before = self.sign_in_record(seen.id).await?.ok_or(Error::Credentials)?;
            if before.password_set != seen.password_set {
                // Changed at this very moment: what was shown is of yesterday.
                return Err(Error::Credentials);
            }
            let user = self.holder_may_enter(&before).await?;
            let mut after = before.clone();
            self.use_second_factor(&mut after, shown.second.as_ref())?;
            if let Some(stronger) = &stronger {
                after.password = stronger.clone();
            }
            let mut step = Step::default();
            if let Some(place) = &place {
                after.remember_place(place.clone());
                if !before.knows_place(place) && !before.places.is_empty() {
                    self.tell_of_new_place(&mut step, by, &before, user.as_ref())?;
                }
            }
            Self::keep_sign_in(&mut step, &before, &after)?;
            let grant = self.begin_session(&mut step, by, &after).await?;
            self.mark(&mut step, by)?;
            if let Some(user) = &user {
                let target = Target::Session(grant.session, user.id);
                self.audit(&mut step, by, user.account_id, target, &[])?;
            }
            if self.commit(step).await? == Committed::Done {
                return Ok(grant);
            }
        }
    }

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

    /// The network that a call comes from, as sign-ins remember it.
    pub(in crate::store) fn place(&self, by: &By) -> Option<String> {
        by.address.map(|address| self.limits.veil(&network(address)))
    }

    fn tell_of_new_place(
        &self,
        step: &mut Step,
        by: &By,
        sign_in: &SignIn,
        user: Option<&User>,
    ) -> Result<()> {
        let content = Content::NewSignIn {
            at: self.now(),
            address: by.address.map(|address| address.to_string()),
            agent: by.agent.clone(),
        };
        let language = user.and_then(|user| user.language.clone());
        let letter = self.new_letter(&sign_in.email, language, user.map(|user| user.id), content);
        Self::post(step, &letter)
    }

    /// The sign-in of that id.
    pub(in crate::store) async fn sign_in_record(&self, id: SignInId) -> Result<Option<SignIn>> {
        self.load(layout::sign_in(id)).await
    }

    /// The sign-in of an address. Takes as long where there is none.
    pub(in crate::store) async fn sign_in_by_email(&self, email: &Email) -> Result<Option<SignIn>> {
        let claim: Option<SignInClaim> = self.load(layout::sign_in_claim(email)).await?;
        let nobody = || SignInId::new(self.now(), &self.random);
        let id = claim.map_or_else(nobody, |claim| claim.sign_in_id);
        self.sign_in_record(id).await
    }

    /// A sign-in of which nothing is stored yet, for somebody who has proved the address.
    pub(in crate::store) fn new_sign_in(&self, email: &Email, password: PasswordHash) -> SignIn {
        let now = self.now();
        SignIn {
            id: SignInId::new(now, &self.random),
            email: email.clone(),
            verified: true,
            first: None,
            last: None,
            password,
            password_set: now,
            totp: None,
            places: Vec::new(),
            unbound_until: None,
            created: now,
            version: 0,
        }
    }

    /// Adds to `step` a new sign-in; refused if the address has one.
    pub(in crate::store) fn add_sign_in(step: &mut Step, sign_in: &SignIn) -> Result<()> {
        step.insert(sign_in_item(sign_in, 1)?);
        step.claim(claim_item(sign_in)?, Some(Conflict::SignedUp));
        Ok(())
    }

    /// Adds to `step` that the sign-in behind an identity, if it is one of ours, has a user now.
    pub(in crate::store) async fn settle_sign_in(
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

    /// Adds to `step` that a user goes on signing in, with the new e-mail.
    pub(in crate::store) async fn move_sign_in(
        &self,
        step: &mut Step,
        before: &User,
        after: &User,
    ) -> Result<()> {
        let Some(id) = before.sign_in_id() else { return Ok(()) };
        if let Some(sign_in) = self.sign_in_record(id).await? {
            Self::keep_sign_in(step, &sign_in, &sign_in.moved_to(&after.email))?;
        }
        Ok(())
    }

    /// Adds to `step` that a user's sign-in goes, and its sessions end.
    pub(in crate::store) async fn delete_sign_in(
        &self,
        step: &mut Step,
        user: &User,
    ) -> Result<()> {
        let Some(id) = user.sign_in_id() else { return Ok(()) };
        if let Some(sign_in) = self.sign_in_record(id).await? {
            step.remove(layout::sign_in(id), sign_in.version);
            step.clear(layout::sign_in_claim(&sign_in.email));
            self.end_sessions(step, &sign_in, None).await?;
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

fn claim_item(sign_in: &SignIn) -> Result<Item> {
    let claim = SignInClaim { sign_in_id: sign_in.id };
    let item = layout::item(layout::sign_in_claim(&sign_in.email), 1, &claim)?;
    Ok(Item { expires: sign_in.unbound_until.map(Timestamp::seconds), ..item })
}

/// Whether somebody has guessed, and wrongly.
pub(in crate::store) fn missed<T>(done: &Result<T>) -> bool {
    matches!(done, Err(Error::Credentials | Error::WrongCode))
}

/// What one provider or household has of the address space: /24 of IPv4, /48 of IPv6.
fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            let [a, b, c, _] = address.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        IpAddr::V6(address) => {
            let [a, b, c, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}::/48")
        }
    }
}
