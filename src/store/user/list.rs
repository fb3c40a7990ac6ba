//! Lists of users by number of page: walks of an index where one has the order, and sorting in memory
//! where none has, or where a filter decides. Both are bounded by what the engine can do.

use tokio::sync::{Semaphore, SemaphorePermit};

use crate::{
    model::{
        id::{AccountId, UserId},
        user::State,
        user_text::UserText,
    },
    role::Role,
    store::{
        Error, Result, Store,
        find::select::Section,
        ledger::{claim::Claim, record},
        user::{
            listed::List,
            order::{Contains, Listed, Orders, Rank, SortFields},
            page_marks::{PageMark, PageMarks, Seen},
        },
    },
    table::{Item, MAX_PAGE},
};

/// How many lists a node sorts at once, each of which has all its users' ranks in memory.
const SORTED_AT_ONCE: usize = 4;

/// Which page of which list is asked for.
#[derive(Clone, Debug)]
pub(crate) struct ListRequest {
    /// Whom to list.
    pub(crate) contains: Contains,
    /// Only those of this role and this state.
    pub(crate) role: Option<Role>,
    /// See `role`.
    pub(crate) state: Option<State>,
    /// In which order.
    pub(crate) orders: Orders,
    /// How many users come before the page.
    pub(crate) offset: u64,
    /// The most users on the page.
    pub(crate) limit: usize,
}

impl ListRequest {
    /// Whether somebody may be left out.
    fn is_filtered(&self) -> bool {
        !self.contains.is_empty() || self.role.is_some() || self.state.is_some()
    }
}

/// One page of a list.
pub(crate) struct Listing {
    /// The users, in the order asked for.
    pub(crate) users: Vec<UserText>,
    /// How many there are on all pages.
    pub(crate) total: u64,
}

/// What a node has for its lists.
pub(in crate::store) struct Lists {
    page_marks: PageMarks,
    /// Each account keeps to one of them, so that one that asks for much holds up few others.
    sorting: [Semaphore; SORTED_AT_ONCE],
}

impl Default for Lists {
    fn default() -> Self {
        Self {
            page_marks: PageMarks::default(),
            sorting: [const { Semaphore::const_new(1) }; SORTED_AT_ONCE],
        }
    }
}

impl Lists {
    /// Waits until the account may have a list sorted.
    async fn turn(&self, account: AccountId) -> Option<SemaphorePermit<'_>> {
        let lane = usize::from(account.low_byte()) % SORTED_AT_ONCE;
        self.sorting.get(lane)?.acquire().await.ok()
    }
}

impl Store {
    /// A page of an account's users, or of those in its trash.
    pub(crate) async fn list_users(
        &self,
        account: AccountId,
        section: Section,
        request: &ListRequest,
    ) -> Result<Listing> {
        let totals = self.totals(account).await?;
        let total = match section {
            Section::Account => totals.live,
            Section::Trash => totals.trashed,
        };
        if request.is_filtered() {
            return self.sorted(account, section, request, total).await;
        }
        if request.offset >= total {
            return Ok(Listing { users: Vec::new(), total });
        }
        match request.orders.listed() {
            Some((listed, falling)) => {
                let list = List::new(account, section, listed, falling);
                let seen = Seen { list_version: totals.list_version, at: self.now(), total };
                let users = self.read_list(account, section, &list, request, seen).await?;
                Ok(Listing { users, total })
            }
            None => Ok(Listing { total, ..self.sorted(account, section, request, total).await? }),
        }
    }

    /// The users of a page of a list that is in order already.
    async fn read_list(
        &self,
        account: AccountId,
        section: Section,
        list: &List,
        request: &ListRequest,
        seen: Seen,
    ) -> Result<Vec<UserText>> {
        let most = self.table.walks().passed;
        if request.offset > most {
            return Err(Error::OffsetTooLarge { most });
        }
        let Some(start) = self.walk_to(list, seen, request.offset).await? else {
            return Ok(Vec::new());
        };
        let items = self.table.query(&list.query(start.position, request.limit)).await?.items;
        if let Some(end) = items.last().and_then(|item| item.position(list.index)) {
            let passed = start.passed + items.len() as u64;
            self.lists.page_marks.note_end(list, seen, PageMark { passed, position: Some(end) });
        }
        if list.of_claims {
            let claims: Result<Vec<Claim>> = items.iter().map(record::decode).collect();
            let keys = claims?.into_iter().map(|claim| section.key(account, claim.user_id));
            return self.load_all(keys).await;
        }
        items.iter().map(record::decode).collect()
    }

    /// The place behind the first `offset` users of a list; `None` if it ends before.
    async fn walk_to(&self, list: &List, seen: Seen, offset: u64) -> Result<Option<PageMark>> {
        let page_marks = &self.lists.page_marks;
        let mut at = page_marks.before(list, seen, offset);
        while at.passed < offset {
            let next = seen.next_mark(at.passed).min(offset);
            let count = usize::try_from(next - at.passed).unwrap_or(MAX_PAGE).min(MAX_PAGE);
            let passed = self.table.skip(&list.query(at.position, count)).await?;
            if passed.end.is_none() {
                return Ok(None);
            }
            at = PageMark { passed: at.passed + count as u64, position: passed.end };
            page_marks.note(list, seen, &at);
            // A long walk gives way to others, and to its own deadline.
            tokio::task::yield_now().await;
        }
        Ok(Some(at))
    }

    /// A page of a list that has to be filtered or sorted, and how many users pass the filter.
    async fn sorted(
        &self,
        account: AccountId,
        section: Section,
        request: &ListRequest,
        users: u64,
    ) -> Result<Listing> {
        let most = self.table.walks().examined;
        if users > most {
            return Err(Error::TooManyUsers { users, most });
        }
        let page = {
            let _turn = self.lists.turn(account).await;
            self.ranked(account, section, request, most).await?
        };
        let keys = page.ids.into_iter().map(|id| section.key(account, id));
        Ok(Listing { users: self.load_all(keys).await?, total: page.total })
    }

    /// Who is on a page, of how many, found by looking at everybody.
    async fn ranked(
        &self,
        account: AccountId,
        section: Section,
        request: &ListRequest,
        most: u64,
    ) -> Result<Ranked> {
        let list = List::new(account, section, Listed::Id, false);
        let mut ranks = Vec::new();
        let mut after = None;
        let mut looked_at = 0;
        loop {
            let page = self.table.query(&list.query(after, MAX_PAGE)).await?;
            for item in &page.items {
                let user = sort_fields(item)?;
                if request.contains.fits(&user) && user.has(request.role, request.state) {
                    ranks.push(request.orders.rank(&user));
                }
            }
            looked_at += page.items.len() as u64;
            after = page.items.last().and_then(|item| item.position(list.index));
            if !page.more {
                break;
            }
            if looked_at >= most {
                return Err(Error::TooManyUsers { users: looked_at + 1, most });
            }
            tokio::task::yield_now().await;
        }
        let total = ranks.len() as u64;
        Ok(Ranked { ids: on_page(ranks, request), total })
    }
}

/// Who is on a page, of how many.
struct Ranked {
    ids: Vec<UserId>,
    total: u64,
}

/// Who is on the page; only that part is put into order.
fn on_page(mut ranks: Vec<Rank>, request: &ListRequest) -> Vec<UserId> {
    let offset = usize::try_from(request.offset).unwrap_or(usize::MAX);
    let compare = |one: &Rank, other: &Rank| request.orders.compare(one, other);
    if offset >= ranks.len() {
        return Vec::new();
    }
    ranks.select_nth_unstable_by(offset, compare);
    let mut page = ranks.split_off(offset);
    if page.len() > request.limit {
        page.select_nth_unstable_by(request.limit, compare);
        page.truncate(request.limit);
    }
    page.sort_unstable_by(compare);
    page.into_iter().map(|rank| rank.id).collect()
}

fn sort_fields(item: &Item) -> Result<SortFields<'_>> {
    serde_json::from_str(&item.body).map_err(record::corrupt(&item.key))
}
