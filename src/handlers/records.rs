//! The records that replies consist of: what the value of each field on the wire is.

use std::borrow::Cow;

use super::Cx;
use crate::{
    admit::sees,
    contract,
    error::{Error, Result},
    model::{
        account::{Account, AccountState},
        code::{InviteCodes, OpenCode},
        id::UserId,
        key::Key,
        user::{Derived, IdentityKey, Member, Trashed, User, reply_value},
        user_fields::ReplyValue,
        user_text::UserText,
    },
    redact::{Record, Value},
    role::Role,
    store::{invite::InviteSummary, ledger::page::Page, user::find::FoundUsers},
};

/// A user; see the contract for who sees which field.
pub(super) struct UserRecord {
    user: UserText,
    /// Whether its sign-in asks for a second factor; found out only for viewers who may see it.
    two_factor: bool,
    /// For the code of an open invite. It is derived while the reply is written, because only then it
    /// is known whether the viewer may see it.
    codes: InviteCodes,
}

impl UserRecord {
    /// Users as the caller sees them. What their sign-ins say is read along, unless the caller may not see
    /// it anyway.
    pub(super) async fn all(cx: &Cx, users: Vec<UserText>) -> Result<Vec<Self>> {
        let is_seen = |user: &UserText| {
            let own = cx.caller.user() == Some(user.id);
            sees(cx.caller.role(), own, Some(user.role), &contract::TWO_FACTOR)
        };
        let seen = users.iter().filter(|user| is_seen(user));
        let secured = cx.store.second_factors(seen).await?;
        let codes = cx.store.invite_codes();
        let record = |user: UserText| {
            let two_factor = secured.contains(&user.id);
            Self { user, two_factor, codes: codes.clone() }
        };
        Ok(users.into_iter().map(record).collect())
    }

    /// A user as somebody sees it who has just logged in as that user.
    pub(super) async fn own(cx: &Cx, user: UserText) -> Result<Self> {
        let secured = cx.store.second_factors([&user]).await?;
        let two_factor = secured.contains(&user.id);
        Ok(Self { user, two_factor, codes: cx.store.invite_codes() })
    }

    /// A user as the caller sees it.
    pub(super) async fn new(cx: &Cx, user: UserText) -> Result<Self> {
        let mut records = Self::all(cx, vec![user]).await?;
        records.pop().ok_or_else(|| Error::internal("one user has one record"))
    }

    /// A user that was changed, or read for more than to be shown.
    pub(super) async fn of(cx: &Cx, user: &User) -> Result<Self> {
        Self::new(cx, UserText::of(user).map_err(Error::internal)?).await
    }

    fn derived(&self, field: Derived) -> Option<Value<'_>> {
        let user = &self.user;
        let trashed = || user.member::<Trashed>(Member::Trashed);
        match field {
            Derived::Invite => {
                let code = self.codes.code(user.id, &user.member(Member::Invite)?)?;
                Some(Value::Made(code.reveal().to_owned()))
            }
            Derived::InviteExpires => {
                let invite: OpenCode = user.member(Member::Invite)?;
                Some(Value::Time(invite.expires))
            }
            Derived::Issuer => {
                let identity: IdentityKey = user.member(Member::Identity)?;
                Some(Value::Made(identity.issuer))
            }
            Derived::FormerState => trashed().map(|trashed| Value::Text(trashed.from.name())),
            Derived::TwoFactor => Some(Value::Flag(self.two_factor)),
            Derived::PurgeAfter => trashed().map(|trashed| Value::Time(trashed.purge_after)),
            Derived::Version => Some(Value::Number(user.version)),
        }
    }
}

impl Record for UserRecord {
    fn field(&self, name: &str) -> Option<Value<'_>> {
        let user = &self.user;
        match reply_value(name.as_bytes())? {
            ReplyValue::Stored(member) => user.text(member).map(Value::Json),
            ReplyValue::StoredOr(member, text) => {
                Some(Value::Json(user.text(member).unwrap_or(text)))
            }
            ReplyValue::Document(member) => {
                let document = user.member(member)?;
                Some(Value::Document(Cow::Owned(document)))
            }
            ReplyValue::Derived(field) => self.derived(field),
        }
    }

    fn is_about(&self, user: UserId) -> bool {
        self.user.id == user
    }

    fn role(&self) -> Option<Role> {
        Some(self.user.role)
    }
}

/// A page of records.
pub(super) struct PageRecord<T> {
    data: Vec<T>,
    next: Option<String>,
    prev: Option<String>,
    /// How many records are on all pages.
    total: Option<u64>,
    /// How many were looked at for this one.
    scanned: Option<u64>,
}

impl<T: Record> PageRecord<T> {
    pub(super) fn new<S>(page: Page<S>, record: impl FnMut(S) -> T) -> Self {
        let Page { data, next, prev } = page;
        let data = data.into_iter().map(record).collect();
        Self { data, next, prev, total: None, scanned: None }
    }
}

impl PageRecord<UserRecord> {
    /// A page of users as the caller sees them, how many are on all pages, if that was asked for, and how many
    /// were looked at one by one, if they were.
    pub(super) async fn of_users(cx: &Cx, found: FoundUsers) -> Result<Self> {
        let FoundUsers { page: Page { data, next, prev }, total, scanned } = found;
        Ok(Self { data: UserRecord::all(cx, data).await?, next, prev, total, scanned })
    }
}

impl<T: Record> Record for PageRecord<T> {
    fn field(&self, name: &str) -> Option<Value<'_>> {
        match name {
            "data" => Some(Value::list(&self.data)),
            "next" => self.next.as_deref().map(Value::Text),
            "prev" => self.prev.as_deref().map(Value::Text),
            "total" => self.total.map(Value::Number),
            "scanned" => self.scanned.map(Value::Number),
            _ => None,
        }
    }
}

/// An account.
pub(super) struct AccountRecord(pub(super) Account);

impl Record for AccountRecord {
    fn field(&self, name: &str) -> Option<Value<'_>> {
        let account = &self.0;
        match name {
            "id" => Some(Value::Plain(&account.id)),
            "name" => Some(Value::Text(account.name.as_str())),
            "state" => Some(Value::Text(account.state.name())),
            "logo" => account.logo.as_ref().map(|logo| Value::Made(logo.path())),
            "managed" => Some(Value::Flag(account.managed)),
            "settings" => account.settings.as_ref().map(|it| Value::Document(Cow::Borrowed(it))),
            "created" => Some(Value::Time(account.created)),
            "version" => Some(Value::Number(account.version)),
            "purgeAfter" => match account.state {
                AccountState::Removed { purge_after } => Some(Value::Time(purge_after)),
                AccountState::Active | AccountState::Suspended => None,
            },
            _ => None,
        }
    }
}

/// Who has logged in, and where.
pub(crate) struct LoginRecord {
    pub(super) account: AccountRecord,
    pub(super) user: UserRecord,
}

impl Record for LoginRecord {
    fn field(&self, name: &str) -> Option<Value<'_>> {
        match name {
            "account" => Some(Value::Record(&self.account)),
            "user" => Some(Value::Record(&self.user)),
            _ => None,
        }
    }
}

/// What an invite offers.
pub(super) struct InviteRecord(pub(super) InviteSummary);

impl Record for InviteRecord {
    fn field(&self, name: &str) -> Option<Value<'_>> {
        let invite = &self.0;
        match name {
            "email" => invite.email.as_ref().map(|email| Value::Text(email.as_str())),
            "first" => invite.first.as_ref().map(|name| Value::Text(name.as_str())),
            "last" => invite.last.as_ref().map(|name| Value::Text(name.as_str())),
            "accountName" => invite.account_name.as_deref().map(Value::Text),
            "accountLogo" => invite.account_logo.as_ref().map(|logo| Value::Made(logo.path())),
            "inviter" => invite.inviter.as_deref().map(Value::Text),
            "role" => Some(Value::Text(invite.role.name())),
            "expires" => invite.expires.map(Value::Time),
            _ => None,
        }
    }
}

/// An API key.
pub(super) struct KeyRecord {
    pub(super) key: Key,
    /// Whether it opens anything now.
    pub(super) good: bool,
    /// What the user of the account is called whose key it is, in lists.
    pub(super) maker_name: Option<String>,
}

impl Record for KeyRecord {
    fn field(&self, name: &str) -> Option<Value<'_>> {
        let key = &self.key;
        match name {
            "id" => Some(Value::Plain(&key.id)),
            "accountId" => Some(Value::Plain(&key.account_id)),
            "name" => Some(Value::Text(key.name.as_str())),
            "start" => Some(Value::Made(key.start())),
            "good" => Some(Value::Flag(self.good)),
            "maker" => key.maker.map(|maker| Value::Made(maker.to_string())),
            "makerName" => self.maker_name.as_deref().map(Value::Text),
            "role" => Some(Value::Text(key.role.name())),
            "access" => Some(Value::Text(key.access.name())),
            "created" => Some(Value::Time(key.created)),
            "createdBy" => key.created_by.as_deref().map(Value::Text),
            "expires" => key.expires.map(Value::Time),
            "lastUsed" => key.last_used.map(Value::Time),
            "version" => Some(Value::Number(key.version)),
            _ => None,
        }
    }
}

/// A key that has just been made, with the token that is shown this once.
pub(super) struct NewKeyRecord {
    pub(super) key: KeyRecord,
    pub(super) token: String,
}

impl Record for NewKeyRecord {
    fn field(&self, name: &str) -> Option<Value<'_>> {
        if name == "key" { Some(Value::Text(&self.token)) } else { self.key.field(name) }
    }
}

/// A reply that says nothing.
pub(super) struct Nothing;

impl Record for Nothing {
    fn field(&self, _: &str) -> Option<Value<'_>> {
        None
    }
}
