//! Finding one user: by what is unique, or by the identity that it is bound to.

use crate::{
    model::{
        email::Email,
        id::AccountId,
        user::{IdentityKey, User},
        user_text::UserText,
    },
    store::{
        Conflict, Error, Reach, Result, Store,
        find::select::{Section, Selectable, Selector},
        ledger::{
            claim::Claim,
            layout,
            record::{self, Kept},
        },
    },
    table::{Direction, Index, Query, Range},
};

impl Store {
    /// One live user.
    ///
    /// # Errors
    /// `NotFound` where there is none that fits the whole selector within reach.
    pub(crate) async fn user(&self, reach: Reach, who: &Selector) -> Result<User> {
        let user = self.selected(reach, who, Section::Account).await?;
        user.ok_or(Error::NotFound("user"))
    }

    /// One live user who is only to be shown.
    ///
    /// # Errors
    /// `NotFound` where there is none that fits the whole selector within reach.
    pub(crate) async fn shown_user(&self, reach: Reach, who: &Selector) -> Result<UserText> {
        let user = self.selected(reach, who, Section::Account).await?;
        user.ok_or(Error::NotFound("user"))
    }

    /// One user in the trash: of several who had the email, the one removed last.
    ///
    /// # Errors
    /// `NotFound` where there is none that fits the whole selector within reach.
    pub(in crate::store) async fn trashed_user(
        &self,
        reach: Reach,
        who: &Selector,
    ) -> Result<User> {
        let user = self.selected(reach, who, Section::Trash).await?;
        user.ok_or(Error::NotFound("user in the trash"))
    }

    /// The user that fits the whole selector within reach, if there is one in that section.
    pub(in crate::store) async fn selected<T: Kept + Selectable>(
        &self,
        reach: Reach,
        who: &Selector,
        section: Section,
    ) -> Result<Option<T>> {
        let is_meant = |user: &T| user.is_within(reach) && user.fits(who);
        let account = match (reach, who.id) {
            (Reach::Account(account), Some(id)) => {
                return Ok(self.load(section.key(account, id)).await?.filter(is_meant));
            }
            (Reach::Everywhere, Some(id)) => {
                return self.claimed_by(layout::user_claim(id), section.at(), is_meant).await;
            }
            (Reach::Account(account), None) => account,
            // Only an id means the same in every account.
            (Reach::Everywhere, None) => return Ok(None),
        };
        if let (Section::Trash, Some(email)) = (section, &who.email) {
            let traces = self.traces(account, email, 1).await?;
            let Some(trace) = traces.first() else { return Ok(None) };
            let user = self.load(layout::trashed_user(account, trace.user_id)).await?;
            return Ok(user.filter(is_meant));
        }
        match who.claim_key(account, section) {
            Some(claim) => self.claimed_by(claim, section.at(), is_meant).await,
            None => Ok(None),
        }
    }

    /// Requires that a selector names no more than one user in the trash.
    ///
    /// # Errors
    /// `Conflict` if several who had the email were removed.
    pub(in crate::store) async fn one_in_trash(&self, reach: Reach, who: &Selector) -> Result<()> {
        if let (Reach::Account(account), None, Some(email)) = (reach, who.id, &who.email)
            && self.traces(account, email, 2).await?.len() > 1
        {
            return Err(Error::Conflict(Conflict::Ambiguous));
        }
        Ok(())
    }

    /// The traces of an account's removed users who had that email, the latest first.
    pub(in crate::store) async fn traces(
        &self,
        account: AccountId,
        email: &Email,
        limit: usize,
    ) -> Result<Vec<Claim>> {
        let range = Range::Prefix(layout::traces(account));
        let first = Query::first(Index::Primary, layout::email_partition(email), range, limit);
        let query = Query { direction: Direction::Backward, ..first };
        self.table.query(&query).await?.items.iter().map(record::decode).collect()
    }

    /// The live user of an account that an identity is bound to.
    pub(in crate::store) async fn bound_user<T: Kept + Selectable>(
        &self,
        account: AccountId,
        identity: &IdentityKey,
    ) -> Result<Option<T>> {
        let claim = layout::identity_claim(account, identity);
        self.claimed_by(claim, layout::live_user, |user: &T| user.is_bound_to(identity)).await
    }
}
