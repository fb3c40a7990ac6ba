//! Finding one user: by what is unique, or by the identity that it is bound to.

use crate::{
    model::{
        user::{IdentityKey, User},
        user_text::UserText,
    },
    store::{
        Error, Reach, Result, Store,
        find::select::{Selectable, Selector},
        ledger::{
            claim::{ANYWHERE, UserKey},
            layout::{self},
            record::Kept,
        },
    },
};

impl Store {
    /// One live user.
    ///
    /// # Errors
    /// `NotFound` where there is none that fits the whole selector within reach.
    pub(crate) async fn user(&self, reach: Reach, who: &Selector) -> Result<User> {
        let user = self.selected(reach, who, layout::live_user).await?;
        user.ok_or(Error::NotFound("user"))
    }

    /// One live user who is only to be shown.
    ///
    /// # Errors
    /// `NotFound` where there is none that fits the whole selector within reach.
    pub(crate) async fn shown_user(&self, reach: Reach, who: &Selector) -> Result<UserText> {
        let user = self.selected(reach, who, layout::live_user).await?;
        user.ok_or(Error::NotFound("user"))
    }

    /// The user that fits the whole selector within reach, if it lies `at` the key that is made of
    /// its account and id.
    pub(in crate::store) async fn selected<T: Kept + Selectable>(
        &self,
        reach: Reach,
        who: &Selector,
        at: UserKey,
    ) -> Result<Option<T>> {
        let is_meant = |user: &T| user.is_within(reach) && user.fits(who);
        if let (Reach::Account(account), Some(id)) = (reach, who.id) {
            return Ok(self.load(at(account, id)).await?.filter(is_meant));
        }
        match who.claim_key(reach) {
            Some(claim) => self.claimed_by(claim, &[at], is_meant).await,
            None => Ok(None),
        }
    }

    /// The user that an identity is bound to, wherever it lies.
    pub(in crate::store) async fn bound_user<T: Kept + Selectable>(
        &self,
        identity: &IdentityKey,
    ) -> Result<Option<T>> {
        let claim = layout::identity_claim(identity);
        self.claimed_by(claim, ANYWHERE, |user: &T| user.is_bound_to(identity)).await
    }

    pub(in crate::store) async fn trashed_user(
        &self,
        reach: Reach,
        who: &Selector,
    ) -> Result<User> {
        let user = self.selected(reach, who, layout::trashed_user).await?;
        user.ok_or(Error::NotFound("user in the trash"))
    }
}
