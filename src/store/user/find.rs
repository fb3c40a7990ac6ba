//! A page of an account's users, by cursor: all of them, those that pass a filter, or those found by name.

use crate::{
    model::{email::Email, fold::fold, id::AccountId, text::Search, user_text::UserText},
    store::{
        Reach, Result, Store,
        find::{
            search::Pointer,
            select::{self, Filter, Section, Selector},
        },
        ledger::{
            claim::Claim,
            layout,
            page::{Order, Page, PageRequest, Walk},
            record,
        },
    },
    table::{Index, Item},
};

impl Store {
    /// A page of an account's live users.
    pub(crate) async fn users(
        &self,
        account: AccountId,
        filter: &Filter,
        page: &PageRequest,
    ) -> Result<Page<UserText>> {
        if filter.id.is_some() || filter.email.is_some() {
            page.is_first()?;
            let who =
                Selector { id: filter.id, email: filter.email.clone(), ..Selector::default() };
            let user = self.selected(Reach::Account(account), &who, Section::Account).await?;
            let user = user.filter(|user| filter.fits(user));
            let shown = user.as_ref().map(select::shown).transpose()?;
            return Ok(Page::whole(Vec::from_iter(shown)));
        }
        match &filter.search {
            Some(search) => self.search(account, filter, search, page).await,
            None => self.list(account, filter, page).await,
        }
    }

    async fn list(
        &self,
        account: AccountId,
        filter: &Filter,
        page: &PageRequest,
    ) -> Result<Page<UserText>> {
        let prefix = match page.index {
            Index::Primary => "user#",
            Index::Gs1 => "email#",
        };
        let walk = Walk {
            index: page.index,
            partitions: &[layout::account_partition(account)],
            order: Order::Rising,
            prefix,
            filters: &filter.words(),
            pick: &|item: &Item| {
                let user: UserText = record::decode(item)?;
                let passes = filter.passes(user.role, user.state);
                Ok(passes.then_some(user))
            },
        };
        self.page(page, &walk).await
    }

    async fn search(
        &self,
        account: AccountId,
        filter: &Filter,
        search: &Search,
        page: &PageRequest,
    ) -> Result<Page<UserText>> {
        let prefix = fold(search.as_str());
        let walk = Walk {
            index: Index::Primary,
            partitions: &[layout::names_partition(account)],
            order: Order::Rising,
            prefix: &prefix,
            filters: &format!("search {}", filter.words()),
            pick: &|item: &Item| {
                let pointer: Pointer = record::decode(item)?;
                let shows = pointer.speaks_for_user(&item.key.sort, &prefix)
                    && filter.passes(pointer.role, pointer.state);
                Ok(shows.then_some(pointer.user_id))
            },
        };
        let Page { data, next, prev } = self.page(page, &walk).await?;
        let keys = data.into_iter().map(|id| layout::live_user(account, id));
        Ok(Page { data: self.load_all(keys).await?, next, prev })
    }

    /// A page of the live users of that e-mail in all accounts, in order of their accounts.
    pub(crate) async fn users_everywhere(
        &self,
        email: &Email,
        page: &PageRequest,
    ) -> Result<Page<UserText>> {
        let walk = Walk {
            index: Index::Primary,
            partitions: &[layout::email_partition(email)],
            order: Order::Rising,
            prefix: layout::CLAIMS,
            filters: "",
            pick: &|item: &Item| record::decode::<Claim>(item).map(Some),
        };
        let Page { data, next, prev } = self.page(page, &walk).await?;
        let key = |claim: &Claim| layout::live_user(claim.account_id, claim.user_id);
        Ok(Page { data: self.load_all(data.iter().map(key)).await?, next, prev })
    }
}
