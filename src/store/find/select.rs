//! Whom a call is about: one user by what is unique, or those who pass a filter.

use crate::{
    clock::Timestamp,
    model::{
        code::OpenCode,
        email::Email,
        fold::fold,
        id::{AccountId, UserId},
        invite::InviteState,
        text::{ExternalId, Search, Username},
        user::{IdentityKey, Member, State, User},
        user_text::UserText,
    },
    role::Role,
    store::{
        Reach, Result,
        find::search,
        ledger::{claim::UserKey, layout, record::corrupt},
    },
    table::Key,
};

/// Whom a call is about; what is there must all fit the same user.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Selector {
    /// The user's id.
    pub(crate) id: Option<UserId>,
    /// The user's email; it and what follows mean something within one account.
    pub(crate) email: Option<Email>,
    /// The user's name for signing in.
    pub(crate) username: Option<Username>,
    /// What another system calls the user.
    pub(crate) external_id: Option<ExternalId>,
    /// The user's number.
    pub(crate) number: Option<u64>,
}

/// Where users are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Section {
    /// In the account.
    Account,
    /// In its trash.
    Trash,
}

impl Section {
    /// The key of its users.
    pub(in crate::store) const fn at(self) -> UserKey {
        match self {
            Self::Account => layout::live_user,
            Self::Trash => layout::trashed_user,
        }
    }

    pub(in crate::store) fn key(self, account: AccountId, user: UserId) -> Key {
        self.at()(account, user)
    }

    fn number(self, account: AccountId, number: u64) -> Key {
        match self {
            Self::Account => layout::live_number(account, number),
            Self::Trash => layout::trashed_number(account, number),
        }
    }
}

/// A user's record, read as far as it takes to tell whether it is the one that is meant.
pub(in crate::store) trait Selectable {
    fn is_within(&self, reach: Reach) -> bool;

    fn fits(&self, who: &Selector) -> bool;

    /// Whether the user comes in by this identity.
    fn is_bound_to(&self, identity: &IdentityKey) -> bool;
}

impl Selectable for User {
    fn is_within(&self, reach: Reach) -> bool {
        reach.includes(self.account_id)
    }

    fn fits(&self, who: &Selector) -> bool {
        who.id.is_none_or(|id| id == self.id)
            && who.email.as_ref().is_none_or(|email| *email == self.email)
            && (who.username.is_none() || who.username == self.username)
            && (who.external_id.is_none() || who.external_id == self.external_id)
            && who.number.is_none_or(|number| number == self.number)
    }

    fn is_bound_to(&self, identity: &IdentityKey) -> bool {
        self.identity.as_ref() == Some(identity)
    }
}

impl Selectable for UserText {
    fn is_within(&self, reach: Reach) -> bool {
        reach.includes(self.account_id)
    }

    fn fits(&self, who: &Selector) -> bool {
        let is = |member, text: Option<&str>| text.is_none_or(|text| self.has(member, text));
        who.id.is_none_or(|id| id == self.id)
            && is(Member::Email, who.email.as_ref().map(Email::as_str))
            && is(Member::Username, who.username.as_ref().map(Username::as_str))
            && is(Member::ExternalId, who.external_id.as_ref().map(ExternalId::as_str))
            && (who.number.is_none() || who.number == self.member(Member::Number))
    }

    fn is_bound_to(&self, identity: &IdentityKey) -> bool {
        self.member::<IdentityKey>(Member::Identity).as_ref() == Some(identity)
    }
}

/// Which users are looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Filter {
    /// Just this user.
    pub(crate) id: Option<UserId>,
    /// Just the user of this email.
    pub(crate) email: Option<Email>,
    /// Users of this role.
    pub(crate) role: Option<Role>,
    /// Users in this state.
    pub(crate) state: Option<State>,
    /// Users who have not joined, and whose last invite stands so.
    pub(crate) invite: Option<InviteState>,
    /// Users whose email, first or last name begins so, or whose id, user name, external id or number it is.
    pub(crate) search: Option<Search>,
    /// Whether users are found, too, who have what is searched for anywhere in these.
    pub(crate) anywhere: bool,
}

impl Selector {
    /// Whether the selector names nobody.
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Just the user of that id.
    pub(crate) fn by_id(id: UserId) -> Self {
        Self { id: Some(id), ..Self::default() }
    }

    /// The item of an account that leads to the user. The trash holds of users' values nothing but the
    /// number.
    pub(super) fn claim_key(&self, account: AccountId, section: Section) -> Option<Key> {
        if section == Section::Trash {
            return self.number.map(|number| section.number(account, number));
        }
        (self.email.as_ref().map(|email| layout::email_claim(account, email)))
            .or_else(|| self.username.as_ref().map(|name| layout::username_claim(account, name)))
            .or_else(|| self.external_id.as_ref().map(|id| layout::external_id_claim(account, id)))
            .or_else(|| self.number.map(|number| section.number(account, number)))
    }
}

impl Filter {
    pub(in crate::store) fn fits(&self, user: &User, now: Timestamp) -> bool {
        let found = |search: &Search| search::finds(user, &fold(search.as_str()));
        self.fits_but_search(user, now) && self.search.as_ref().is_none_or(found)
    }

    /// Whether a user passes all but what is searched for.
    pub(in crate::store) fn fits_but_search(&self, user: &User, now: Timestamp) -> bool {
        let expires = || user.invite.as_ref().map(|open| open.expires);
        self.passes(user.role, user.state)
            && self.passes_invite(user.state, now, || (user.invite_sent, expires()))
    }

    pub(in crate::store) fn passes(&self, role: Role, state: State) -> bool {
        self.role.is_none_or(|wanted| wanted == role)
            && self.state.is_none_or(|wanted| wanted == state)
    }

    /// Whether a user who is shown passes all but what is searched for.
    pub(in crate::store) fn passes_shown(&self, user: &UserText, now: Timestamp) -> bool {
        let expires = || user.member::<OpenCode>(Member::Invite).map(|open| open.expires);
        self.passes(user.role, user.state)
            && self.passes_invite(user.state, now, || (user.member(Member::InviteSent), expires()))
    }

    /// Whether a user in that state passes whose invite was sent and ends at those times, which are only looked for where
    /// they count.
    fn passes_invite(
        &self,
        state: State,
        now: Timestamp,
        times: impl FnOnce() -> (Option<Timestamp>, Option<Timestamp>),
    ) -> bool {
        self.invite.is_none_or(|wanted| {
            let stands = || {
                let (sent, expires) = times();
                InviteState::at(now, sent, expires)
            };
            state == State::Invited && wanted == stands()
        })
    }

    /// The filters that decide about single users; empty if there are none.
    pub(in crate::store) fn words(&self) -> String {
        let role = self.role.map(|role| format!("role={role} "));
        let state = self.state.map(|state| format!("state={state} "));
        let invite = self.invite.map(|invite| format!("invite={} ", invite.name()));
        [role, state, invite].into_iter().flatten().collect()
    }
}

/// A user that was read to be shown, and is to be changed after all.
pub(in crate::store) fn whole(user: &UserText) -> Result<User> {
    user.read().map_err(corrupt(&layout::live_user(user.account_id, user.id)))
}

/// A user that was read for more than to be shown.
pub(in crate::store) fn shown(user: &User) -> Result<UserText> {
    UserText::of(user).map_err(corrupt(&layout::live_user(user.account_id, user.id)))
}
