//! Scrubbing: what is left of a user who was deleted for good goes out of other records, too. Of the
//! audit trail everything stays but the addresses that the user called from.
//!
//! It is done in parts of bounded size, and each may be done twice.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    clock::Timestamp,
    model::{
        account::Account,
        chore::{Scrub, TrailWalk},
        id::{AccountId, UserId},
        letter::{Content, Letter},
    },
    store::{
        Error, Result, Store,
        ledger::{
            commit::Committed,
            layout,
            queue::{self, Queued},
            record,
            step::Step,
        },
    },
    table::{self, Index, Item, Page, Position, Query, Range},
};

/// How long after the deletion the scrubbing begins: by then every node has noticed that the user is
/// gone, calls under way have ended, and DynamoDB's index lists all that there is.
pub(super) const SCRUB_DELAY: Duration = Duration::from_mins(1);
/// How many items are read, and at most changed in one transaction.
const PAGE: usize = 50;
/// How many pages of an account's trail one part looks at.
const MAX_PAGES: usize = 50;

/// An audit entry as it lies in the table.
struct StoredEntry<'a> {
    item: &'a Item,
    body: Map<String, Value>,
}

impl Store {
    /// Scrubs a part; returns the rest, if there is any. Whatever else is listed under a user is to
    /// be scrubbed before the walk, in pages, as the letters are.
    pub(super) async fn scrub_user(&self, scrub: Scrub) -> Result<Option<Scrub>> {
        let mut walk = scrub.walk.clone();
        if walk.is_none() {
            self.scrub_letters(scrub.user_id).await?;
            self.scrub_holds(scrub.user_id).await?;
            let promoted = self.scrub_own_trail(scrub.user_id).await?;
            walk = self.first_trail(&scrub, promoted).await?;
        }
        let Some(walk) = walk else { return Ok(None) };
        let after = walk.after.clone();
        let after = self.scrub_trail(walk.account_id, Some(scrub.user_id), after).await?;
        let next = match after {
            Some(after) => Some(TrailWalk { after: Some(after), ..walk }),
            None if walk.everywhere => self.next_trail(Some(walk.account_id)).await?,
            None => None,
        };
        Ok(next.map(|walk| Scrub { walk: Some(walk), ..scrub }))
    }

    /// Takes away the letters about a user, waiting or put aside.
    async fn scrub_letters(&self, user: UserId) -> Result<()> {
        let mut after = None;
        loop {
            let page = self.listed(layout::letters_of_user(user), "letter#", after.take()).await?;
            let mut step = Step::default();
            for item in &page.items {
                step.remove(item.key.clone(), item.version);
            }
            self.commit_part(step).await?;
            after = page.items.last().and_then(|item| item.position(Index::Gs1));
            if !page.more {
                return Ok(());
            }
        }
    }

    /// Takes away the holds on a user, who has some only if the whole account goes.
    async fn scrub_holds(&self, user: UserId) -> Result<()> {
        loop {
            let partition = layout::hold_partition(user);
            let query = Query::first(Index::Primary, partition, Range::All, PAGE);
            let page = self.table.query(&query).await?;
            let mut step = Step::default();
            for item in page.items {
                step.clear(item.key);
            }
            self.commit_part(step).await?;
            if !page.more {
                return Ok(());
            }
        }
    }

    /// Scrubs the entries about a user; returns whether its role was ever changed.
    async fn scrub_own_trail(&self, user: UserId) -> Result<bool> {
        let mut promoted = false;
        let mut after = None;
        loop {
            let partition = layout::audit_partition(user);
            let page = self.listed(partition, "", after.take()).await?;
            let entries = entries(&page)?;
            promoted |= entries.iter().any(|entry| entry.has_changed("role"));
            self.drop_addresses(&entries, Some(user)).await?;
            after = page.items.last().and_then(|item| item.position(Index::Gs1));
            if !page.more {
                return Ok(promoted);
            }
        }
    }

    /// Where somebody who had a say about others may have left an address in entries about them: in the
    /// own account's trail, or, as an operator, in every account's.
    async fn first_trail(&self, scrub: &Scrub, promoted: bool) -> Result<Option<TrailWalk>> {
        let account_id = scrub.account_id;
        let home = || async { Ok::<_, Error>(self.home().await?.map(|home| home.account_id)) };
        // Nobody notes who has given up the operator's role, but most of those were at home.
        if scrub.operator || (promoted && home().await? == Some(account_id)) {
            return self.next_trail(None).await;
        }
        let walks = promoted || scrub.admin;
        Ok(walks.then_some(TrailWalk { account_id, everywhere: false, after: None }))
    }

    /// The trail of the account that is listed after that one; at first, of the first.
    async fn next_trail(&self, after: Option<AccountId>) -> Result<Option<TrailWalk>> {
        let after = after.map(|account| Position {
            sort: layout::account_partition(account),
            key: layout::account(account),
        });
        let first = Query::first(Index::Gs1, layout::ACCOUNTS, Range::All, 1);
        let query = Query { after, ..first };
        let page = self.table.query(&query).await?;
        let Some(item) = page.items.first() else { return Ok(None) };
        let Account { id: account_id, .. } = record::decode(item)?;
        Ok(Some(TrailWalk { account_id, everywhere: true, after: None }))
    }

    /// Scrubs a part of an account's trail of one actor's addresses, or of everybody's; returns where
    /// to go on, if there is more.
    pub(super) async fn scrub_trail(
        &self,
        account: AccountId,
        actor: Option<UserId>,
        mut after: Option<String>,
    ) -> Result<Option<String>> {
        for _ in 0..MAX_PAGES {
            let partition = layout::audit_partition(account);
            let position =
                after.take().map(|sort| Position { key: table::Key::new(&partition, &sort), sort });
            let first = Query::first(Index::Primary, partition, Range::All, PAGE);
            let query = Query { after: position, ..first };
            let page = self.table.query(&query).await?;
            let entries = entries(&page)?;
            if let Some(actor) = actor {
                self.forget_inviter(&entries, actor).await?;
            }
            self.drop_addresses(&entries, actor).await?;
            if !page.more {
                return Ok(None);
            }
            after = page.items.last().map(|item| item.key.sort.clone());
        }
        Ok(after)
    }

    /// Takes an actor's addresses, or everybody's, out of entries.
    async fn drop_addresses(
        &self,
        entries: &[StoredEntry<'_>],
        actor: Option<UserId>,
    ) -> Result<()> {
        let mut step = Step::default();
        for entry in entries.iter().filter(|entry| actor.is_none_or(|actor| entry.is_by(actor))) {
            let mut body = entry.body.clone();
            if body.remove("address").is_some() {
                let (item, version) = (entry.item.clone(), entry.item.version);
                let body = record::encode(&item.key, &body)?;
                step.replace(Item { body, version: version + 1, ..item }, version);
            }
        }
        self.commit_part(step).await
    }

    /// Removes an inviter's name from the letters that contain it.
    async fn forget_inviter(&self, entries: &[StoredEntry<'_>], actor: UserId) -> Result<()> {
        let invites = |entry: &&StoredEntry<'_>| entry.is_by(actor) && entry.may_have_invited();
        for entry in entries.iter().filter(invites) {
            let Some(user) = entry.about().filter(|user| *user != actor) else { continue };
            let page = self.listed(layout::letters_of_user(user), "letter#", None).await?;
            let mut step = Step::default();
            for item in page.items {
                // One that cannot be read is not to stop the scrubbing; it is put aside, and expires.
                let Ok(mut queued) = record::decode::<Queued<Letter>>(&item) else { continue };
                let created = queued.job.created;
                if let Content::Invite { inviter, .. } = &mut queued.job.content
                    && entry.tells_of(created)
                    && inviter.take().is_some()
                {
                    let version = item.version;
                    step.replace(queue::item(item.key, version + 1, &queued)?, version);
                }
            }
            self.commit_part(step).await?;
        }
        Ok(())
    }

    /// A page of a partition of `gs1`.
    pub(in crate::store) async fn listed(
        &self,
        partition: String,
        prefix: &str,
        after: Option<Position>,
    ) -> Result<Page> {
        let range = Range::Prefix(prefix.to_owned());
        let query = Query { after, ..Query::first(Index::Gs1, partition, range, PAGE) };
        Ok(self.table.query(&query).await?)
    }

    /// Commits a part; if somebody else has changed what it is about, the chore comes up again.
    pub(super) async fn commit_part(&self, step: Step) -> Result<()> {
        if step.ops.is_empty() || self.commit(step).await? == Committed::Done {
            return Ok(());
        }
        Err(Error::Busy)
    }
}

impl StoredEntry<'_> {
    fn text(&self, name: &str) -> Option<&str> {
        self.body.get(name).and_then(Value::as_str)
    }

    fn is_by(&self, user: UserId) -> bool {
        self.text("actor").and_then(|actor| actor.strip_prefix("user:")).and_then(UserId::parse)
            == Some(user)
    }

    fn about(&self) -> Option<UserId> {
        self.text("userId").and_then(UserId::parse)
    }

    /// Whether the entry was written with what was made then.
    fn tells_of(&self, made: Timestamp) -> bool {
        let at = self.text("at").and_then(Timestamp::parse);
        at.is_some_and(|at| made <= at && at.since(made) < SCRUB_DELAY)
    }

    fn has_changed(&self, name: &str) -> bool {
        let changed = self.body.get("changed").and_then(Value::as_array);
        changed.is_some_and(|changed| changed.iter().any(|field| field == name))
    }

    /// A new user has no changed fields, and may have been invited at once.
    fn may_have_invited(&self) -> bool {
        !self.body.contains_key("changed") || self.has_changed("invite")
    }
}

fn entries(page: &Page) -> Result<Vec<StoredEntry<'_>>> {
    let entry = |item| Ok(StoredEntry { item, body: record::decode::<Body>(item)?.0 });
    page.items.iter().map(entry).collect()
}

/// An entry's fields, whatever they are.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
struct Body(Map<String, Value>);

impl record::Stored for Body {}
