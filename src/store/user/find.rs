//! A page of an account's users, by cursor: all of them, those that pass a filter, or those found by name.

use serde_json::Value;

use crate::{
    model::{
        email::Email,
        fields::FromField as _,
        fold::fold,
        id::{AccountId, UserId},
        text::{ExternalId, Search, Username},
        user::{State, User},
        user_text::UserText,
    },
    role::Role,
    store::{
        Reach, Result, Store,
        find::{
            search::{self, Pointer},
            select::{self, Filter, Section, Selector},
        },
        ledger::{
            claim::Claim,
            layout,
            page::{MAX_EXAMINED, Order, Page, PageRequest, Span, Walk},
            record,
        },
    },
    table::{Index, Item},
};

/// How many users one call looks at where no index helps, and says so.
const MAX_SCANNED: usize = 1_000;

/// Users that were found.
pub(crate) struct FoundUsers {
    /// A page of them.
    pub(crate) page: Page<UserText>,
    /// How many are on all pages, if that was asked for and is kept somewhere.
    pub(crate) total: Option<u64>,
    /// How many were looked at one by one, where no index helps.
    pub(crate) scanned: Option<u64>,
}

impl From<Page<UserText>> for FoundUsers {
    fn from(page: Page<UserText>) -> Self {
        Self { page, total: None, scanned: None }
    }
}

impl Store {
    /// A page of an account's live users; with how many there are, if all of a role or a state are listed.
    pub(crate) async fn users(
        &self,
        account: AccountId,
        filter: &Filter,
        page: &PageRequest,
        total: bool,
    ) -> Result<FoundUsers> {
        if filter.id.is_some() || filter.email.is_some() {
            page.is_first()?;
            let who =
                Selector { id: filter.id, email: filter.email.clone(), ..Selector::default() };
            let user = self.selected(Reach::Account(account), &who, Section::Account).await?;
            let user = user.filter(|user| filter.fits(user, self.now()));
            let shown = user.as_ref().map(select::shown).transpose()?;
            return Ok(Page::whole(Vec::from_iter(shown)).into());
        }
        match &filter.search {
            Some(search) if filter.anywhere => self.scan(account, filter, search, page).await,
            Some(search) => self.search(account, filter, search, page).await.map(Into::into),
            None => {
                let counted = (filter.role, filter.state);
                let is_counted = total && filter.invite.is_none();
                let (page, total) = tokio::try_join!(
                    self.list(account, filter, page),
                    self.total_if(is_counted, account, Section::Account, counted),
                )?;
                Ok(FoundUsers { total, ..page.into() })
            }
        }
    }

    /// How many users of an account, or of its trash, have that role and that state, as far as these are asked for.
    pub(in crate::store) async fn total_if(
        &self,
        asked: bool,
        account: AccountId,
        section: Section,
        (role, state): (Option<Role>, Option<State>),
    ) -> Result<Option<u64>> {
        if !asked {
            return Ok(None);
        }
        let counts = self.head_counts(account).await?;
        let counted = counts.iter().filter(|count| {
            let is_trashed = count.state == State::Trashed;
            (section == Section::Trash) == is_trashed
                && role.is_none_or(|role| role == count.role)
                && state.is_none_or(|state| state == count.state)
        });
        Ok(Some(counted.map(|count| count.count).sum()))
    }

    async fn list(
        &self,
        account: AccountId,
        filter: &Filter,
        page: &PageRequest,
    ) -> Result<Page<UserText>> {
        let now = self.now();
        let pick = |item: &Item| {
            let user: UserText = record::decode(item)?;
            let passes = filter.passes_shown(&user, now);
            Ok(passes.then_some(user))
        };
        let partitions = [layout::account_partition(account)];
        let words = filter.words();
        let walk = Walk { filters: &words, pick: &pick, ..all(page.index, &partitions) };
        self.page(page, &walk).await
    }

    /// A page of the users who have the text anywhere, of those that one call looks at.
    async fn scan(
        &self,
        account: AccountId,
        filter: &Filter,
        text: &Search,
        page: &PageRequest,
    ) -> Result<FoundUsers> {
        let (part, now) = (fold(text.as_str()), self.now());
        let pick = |item: &Item| {
            let user: User = record::decode(item)?;
            let found = filter.fits_but_search(&user, now) && search::has(&user, &part);
            found.then(|| select::shown(&user)).transpose()
        };
        let partitions = [layout::account_partition(account)];
        let words = format!("anywhere {}:{part} {}", part.len(), filter.words());
        let walk = Walk { filters: &words, pick: &pick, ..all(page.index, &partitions) };
        let walk = Walk { examines: MAX_SCANNED, ..walk };
        let (page, scanned) = self.page_of(page, &walk).await?;
        Ok(FoundUsers { scanned: Some(scanned as u64), ..page.into() })
    }

    async fn search(
        &self,
        account: AccountId,
        filter: &Filter,
        search: &Search,
        page: &PageRequest,
    ) -> Result<Page<UserText>> {
        let (prefix, now) = (fold(search.as_str()), self.now());
        let walk = Walk {
            index: Index::Primary,
            partitions: &[layout::names_partition(account)],
            order: Order::Rising,
            span: Span::Prefix(&prefix),
            filters: &format!("search {}", filter.words()),
            examines: MAX_EXAMINED,
            pick: &|item: &Item| {
                let pointer: Pointer = record::decode(item)?;
                let shows = pointer.speaks_for_user(&item.key.sort, &prefix)
                    && filter.passes(pointer.role, pointer.state);
                Ok(shows.then_some(pointer.user_id))
            },
        };
        let Page { data, next, prev } = self.page(page, &walk).await?;
        let keys = data.into_iter().map(|id| layout::live_user(account, id));
        let mut users: Vec<UserText> = self.load_all(keys).await?;
        users.retain(|user| filter.passes_shown(user, now));
        if prev.is_none() {
            let meant = self.meant(account, search).await?;
            let others = meant
                .iter()
                .filter(|user| filter.fits_but_search(user, now) && !search::finds(user, &prefix));
            let others: Result<Vec<_>> = others.map(select::shown).collect();
            users.splice(0..0, others?);
        }
        Ok(Page { data: users, next, prev })
    }

    /// The users whose id, user name, external id or number the text is.
    async fn meant(&self, account: AccountId, text: &Search) -> Result<Vec<User>> {
        let text = || Value::from(text.as_str());
        let username = Username::from_field(text()).ok();
        let external_id = ExternalId::from_field(text()).ok();
        let number = text().as_str().and_then(|text| text.parse().ok());
        let claims = [
            username.map(|name| layout::username_claim(account, &name)),
            external_id.map(|id| layout::external_id_claim(account, &id)),
            number.map(|number| layout::live_number(account, number)),
        ];
        let claims: Vec<Claim> = self.load_all(claims.into_iter().flatten()).await?;
        let id = UserId::from_field(text()).ok();
        let mut ids: Vec<UserId> = id.into_iter().collect();
        for claim in claims {
            if !ids.contains(&claim.user_id) {
                ids.push(claim.user_id);
            }
        }
        self.load_all(ids.into_iter().map(|id| layout::live_user(account, id))).await
    }

    /// A page of the live users of that email in all accounts, in order of their accounts.
    pub(crate) async fn users_everywhere(
        &self,
        email: &Email,
        page: &PageRequest,
    ) -> Result<Page<UserText>> {
        let walk = Walk {
            index: Index::Primary,
            partitions: &[layout::email_partition(email)],
            order: Order::Rising,
            span: Span::Prefix(layout::CLAIMS),
            filters: "",
            examines: MAX_EXAMINED,
            pick: &|item: &Item| record::decode::<Claim>(item).map(Some),
        };
        let Page { data, next, prev } = self.page(page, &walk).await?;
        let key = |claim: &Claim| layout::live_user(claim.account_id, claim.user_id);
        Ok(Page { data: self.load_all(data.iter().map(key)).await?, next, prev })
    }
}

/// A walk of all an account's users, which picks nothing yet.
fn all<T>(index: Index, partitions: &[String]) -> Walk<'_, T> {
    let prefix = match index {
        Index::Primary => "user#",
        Index::Gs1 => "email#",
    };
    Walk {
        index,
        partitions,
        order: Order::Rising,
        span: Span::Prefix(prefix),
        filters: "",
        examines: MAX_EXAMINED,
        pick: &|_| Ok(None),
    }
}
