//! The trash: removing users and bringing them back.

use crate::{
    model::{
        id::AccountId,
        user::{State, Trashed, User},
        user_text::UserText,
    },
    store::{
        By, Conflict, Error, Reach, Result, Store,
        find::select::Selector,
        ledger::{
            guard::may_change,
            layout,
            page::{Order, Page, PageRequest, Walk},
            record,
            step::Step,
        },
    },
    table::{Index, Item},
};

impl Store {
    /// Puts a user into the trash; what it claims stays claimed until it is deleted for good.
    pub(crate) async fn remove_user(
        &self,
        by: &By,
        reach: Reach,
        who: &Selector,
        version: Option<u64>,
    ) -> Result<User> {
        self.attempt(|| async {
            let before = self.user(reach, who).await?;
            may_change(by, &before, version)?;
            if before.holds > 0 {
                return Err(Error::Conflict(Conflict::Held(before.holds)));
            }
            let now = self.now();
            let mut after = before.clone();
            let mut step = Step::default();
            Self::void_invite(&mut step, &mut after);
            let purge_after = now.plus(self.rules.trash_lifetime);
            after.trashed = Some(Trashed { from: before.state, purge_after });
            after.state = State::Trashed;
            after.updated = now;
            self.commit_user(step, by, Some(&before), after).await
        })
        .await
    }

    /// Brings a user back as it was, without the invite that was out.
    pub(crate) async fn restore_user(
        &self,
        by: &By,
        reach: Reach,
        who: &Selector,
        version: Option<u64>,
    ) -> Result<User> {
        self.attempt(|| async {
            let before = self.trashed_user(reach, who).await?;
            may_change(by, &before, version)?;
            self.require_account(by, before.account_id).await?;
            let after = self.restored(&before);
            let step = Step::default();
            self.commit_user(step, by, Some(&before), after).await
        })
        .await
    }

    /// A trashed user as it was before.
    pub(super) fn restored(&self, user: &User) -> User {
        User {
            state: user.trashed.map_or(State::Suspended, |trashed| trashed.from),
            trashed: None,
            updated: self.now(),
            ..user.clone()
        }
    }

    /// A page of an account's trash, or the one user that a selector names.
    pub(crate) async fn trash(
        &self,
        account: AccountId,
        who: &Selector,
        page: &PageRequest,
    ) -> Result<Page<UserText>> {
        if !who.is_empty() {
            page.is_first()?;
            let user = self.selected(Reach::Account(account), who, layout::trashed_user).await?;
            return Ok(Page::whole(Vec::from_iter(user)));
        }
        let (partition, prefix) = match page.index {
            Index::Primary => (layout::account_partition(account), "trash#"),
            Index::Gs1 => (layout::trash_partition(account), "email#"),
        };
        let pick = |item: &Item| record::decode(item).map(Some);
        let walk = Walk {
            index: page.index,
            partitions: &[partition],
            order: Order::Rising,
            prefix,
            filters: "",
            pick: &pick,
        };
        self.page(page, &walk).await
    }
}
