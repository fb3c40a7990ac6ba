//! Users: finding, making, changing.

pub mod create;
pub mod export;
pub mod hold;
pub mod list;
pub mod milestones;
pub mod order;
pub mod trash;

use serde_json::{Map, Value};

use crate::{
    error::Fault,
    model::{
        email::Email,
        fields::Change,
        id::AccountId,
        letter::Content,
        password::{NewPassword, Password},
        text::{Document, DocumentError, ExternalId, Language, Name, Search, Username, fold},
        user::{State, User},
        user_text::UserText,
    },
    role::Role,
    store::{
        By, Conflict, Error, Reach, Result, Store,
        find::search::Pointer,
        find::select::{Filter, Selectable, Selector},
        invite::InviteTerms,
        ledger::claim::Place,
        ledger::layout,
        ledger::page::{Order, Page, PageRequest, Walk},
        ledger::record::{self, Kept},
        ledger::step::Step,
        sign_in::password::{NewHash, own_address},
    },
    table::{Index, Item},
};

/// What is to become of a user.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "the fields are those of the user")]
pub struct UserChanges {
    pub first: Change<Name>,
    pub last: Change<Name>,
    pub username: Change<Username>,
    pub external_id: Change<ExternalId>,
    pub language: Change<Language>,
    pub preferences: Change<Map<String, Value>>,
    pub email: Option<Email>,
    /// What the user is to sign in with.
    pub password: Option<NewPassword>,
    /// What changing one's own password takes, and one's own e-mail, which leads to the password.
    pub current_password: Option<Password>,
    pub state: Option<SettableState>,
    pub role: Option<Role>,
    /// The fresh invite that is to go out, if one is.
    pub send_invite: Option<InviteTerms>,
    /// The version that the caller has seen.
    pub version: Option<u64>,
}

/// The states that an admin may set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettableState {
    /// In.
    Active,
    /// Kept out.
    Suspended,
}

impl UserChanges {
    /// The user under the names and the e-mail to be.
    pub(in crate::store) fn renamed(&self, user: &User) -> User {
        let mut user = user.clone();
        self.first.clone().apply(&mut user.first);
        self.last.clone().apply(&mut user.last);
        if let Some(email) = &self.email {
            user.email = email.clone();
        }
        user
    }
}

impl Store {
    /// One live user.
    ///
    /// # Errors
    /// `NotFound` where there is none that fits the whole selector within reach.
    pub async fn user(&self, reach: Reach, who: &Selector) -> Result<User> {
        let user = self.selected(reach, who, layout::live_user).await?;
        user.ok_or(Error::NotFound("user"))
    }

    /// One live user who is only to be shown.
    ///
    /// # Errors
    /// `NotFound` where there is none that fits the whole selector within reach.
    pub async fn shown_user(&self, reach: Reach, who: &Selector) -> Result<UserText> {
        let user = self.selected(reach, who, layout::live_user).await?;
        user.ok_or(Error::NotFound("user"))
    }

    /// The user that fits the whole selector within reach, if it lies `at` the key that is made of
    /// its account and id.
    pub(in crate::store) async fn selected<T: Kept + Selectable>(
        &self,
        reach: Reach,
        who: &Selector,
        at: Place,
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

    /// A page of an account's live users.
    pub async fn users(
        &self,
        account: AccountId,
        filter: &Filter,
        page: &PageRequest,
    ) -> Result<Page<UserText>> {
        if filter.id.is_some() || filter.email.is_some() {
            page.is_first()?;
            let who =
                Selector { id: filter.id, email: filter.email.clone(), ..Selector::default() };
            let user = self.selected(Reach::Account(account), &who, layout::live_user).await?;
            let user = user.filter(|user| filter.fits(user));
            let shown = user.as_ref().map(record::shown).transpose()?;
            return Ok(Page::whole(Vec::from_iter(shown)));
        }
        match &filter.search {
            Some(search) => self.search(account, filter, search, page).await,
            None => self.list(account, filter, page).await,
        }
    }

    /// Changes a user, in all that the changes say or in nothing.
    pub async fn update_user(
        &self,
        by: &By,
        reach: Reach,
        who: &Selector,
        changes: &UserChanges,
    ) -> Result<User> {
        if changes.send_invite.is_some() {
            self.count_invite(by).await?;
        }
        let mut who = who.clone();
        let mut password = None;
        if changes.email.is_some() || changes.password.is_some() {
            let seen = self.user(reach, &who).await?;
            password = self.prepare_sign_in(by, &seen, changes).await?;
            // What was shown was shown for this one, whoever has the e-mail by now.
            who = Selector::by_id(seen.id);
        }
        let mut tries = self.tries();
        loop {
            tries.next().await?;
            let before = self.user(reach, &who).await?;
            may_change(by, &before, changes.version)?;
            let both = [&before, &before];
            if let Some(user) = self.try_change(by, both, changes, password.as_ref()).await? {
                return Ok(user);
            }
        }
    }

    /// One try to make of the user `before`, who is brought back as `base` or is `base` already, what
    /// the changes say, and to set a password, if there is one; `None` if a race was lost.
    pub(in crate::store) async fn try_change(
        &self,
        by: &By,
        [before, base]: [&User; 2],
        changes: &UserChanges,
        password: Option<&NewHash>,
    ) -> Result<Option<User>> {
        let mut step = Step::default();
        let mut base = base.clone();
        if password.is_some() && base.state == State::Invited {
            // Whoever is given a password is in by that.
            base.state = State::Active;
        }
        let mut after = Self::changed(by, &base, changes)?;
        if before.email != after.email || changes.send_invite.is_some() {
            Self::void_invite(&mut step, &mut after);
        }
        if let Some(terms) = changes.send_invite {
            self.send_invite(&mut step, by, &mut after, terms).await?;
        }
        if before.email != after.email && before.identity.is_some() {
            let content =
                Content::EmailChanged { at: self.now(), address: own_address(by, Some(before.id)) };
            let (language, about) = (before.language.clone(), Some(before.id));
            Self::post(&mut step, &self.new_letter(&before.email, language, about, content))?;
        }
        let signs_in = self.change_sign_in(&mut step, by, before, &mut after, password).await?;
        if *before == after && password.is_none() {
            return Ok(Some(after));
        }
        after.updated = self.now();
        let done = self.commit_user(step, by, Some(before), after).await?;
        if let Some(sign_in) = signs_in.filter(|_| done.is_some()) {
            self.sweep_sessions(&sign_in).await?;
        }
        Ok(done)
    }

    /// The user after the changes, but for an invite.
    pub(in crate::store) fn changed(by: &By, before: &User, changes: &UserChanges) -> Result<User> {
        let mut user = changes.renamed(before);
        changes.username.clone().apply(&mut user.username);
        changes.external_id.clone().apply(&mut user.external_id);
        changes.language.clone().apply(&mut user.language);
        match changes.preferences.clone() {
            Change::Keep => {}
            Change::Clear => user.preferences = None,
            Change::Set(patch) => {
                let document = user.preferences.unwrap_or_default();
                user.preferences = Some(merged("preferences", &document, patch)?);
            }
        }
        if let Some(role) = changes.role {
            reaches(by.role(), role)?;
            user.role = role;
        }
        if let Some(state) = changes.state {
            user.state = settled(&user, state)?;
        }
        if changes.send_invite.is_some() && user.state != State::Invited {
            return Err(Error::Conflict(Conflict::AlreadyRegistered));
        }
        Ok(user)
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
                let passes = filter.admits(user.role, user.state);
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
                    && filter.admits(pointer.role, pointer.state);
                Ok(shows.then_some(pointer.user_id))
            },
        };
        let Page { data, next, prev } = self.page(page, &walk).await?;
        let keys = data.into_iter().map(|id| layout::live_user(account, id));
        Ok(Page { data: self.load_users(keys).await?, next, prev })
    }
}

/// Whether somebody of `role` may act on somebody of role `other`, or grant it.
pub(in crate::store) fn reaches(role: Role, other: Role) -> Result<()> {
    if crate::admit::reaches(role, other) { Ok(()) } else { Err(Error::OutOfReach { role, other }) }
}

/// Whether the caller may change the user, which must be of the version that it has seen.
pub(in crate::store) fn may_change(by: &By, user: &User, version: Option<u64>) -> Result<()> {
    reaches(by.role(), user.role)?;
    expect_version(version, user.version)
}

/// Whether a record is still of the version that the caller has seen, if it says so.
pub(in crate::store) fn expect_version(expected: Option<u64>, version: u64) -> Result<()> {
    match expected {
        Some(expected) if expected != version => Err(Error::Conflict(Conflict::VersionMismatch)),
        Some(_) | None => Ok(()),
    }
}

/// A document after a patch from the request field of that name.
pub(in crate::store) fn merged(
    field: &'static str,
    document: &Document,
    patch: Map<String, Value>,
) -> Result<Document> {
    document.merge(patch).map_err(|error| unfit(field, error))
}

/// The request field of that name would make a document that is none.
pub(in crate::store) fn unfit(field: &'static str, error: DocumentError) -> Error {
    Error::Field(Fault::new(field, "length", format!("{field} {error}")))
}

fn settled(user: &User, to: SettableState) -> Result<State> {
    match (user.state, to) {
        // Made suspended, and still to come in for the first time.
        (State::Suspended, SettableState::Active) if user.identity.is_none() => Ok(State::Invited),
        (State::Active | State::Suspended, SettableState::Active) => Ok(State::Active),
        (State::Active | State::Suspended, SettableState::Suspended) => Ok(State::Suspended),
        (State::Invited | State::Trashed, _) => {
            let why = "An invited user becomes active by logging in; to withdraw the invitation, \
                       call invite/revoke or remove the user.";
            Err(Error::Field(Fault::new("state", "transition", why)))
        }
    }
}
