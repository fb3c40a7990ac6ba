//! `account/*`: the tenant that users belong to.

use super::{
    Cx, InAccount, NoFields, Replied, page_request,
    records::{AccountRecord, LoginRecord, Nothing, PageRecord},
    user::logged_in,
};
use crate::{
    auth::identity::Identity,
    error::Result,
    model::{
        account::Account,
        fields::{Fields, FromFields},
        id::AccountId,
        text::{AccountName, Patch},
        user::User,
    },
    redact::{Record, Value, Viewer},
    store::{
        account::manage::{AccountChanges, NewAccount},
        account::overview::Overview,
        counts::days::Day,
        counts::totals::HeadCount,
        entry::{
            guest::Login,
            mine::{Expectation, Membership, Mine},
        },
        ledger::page::PageRequest,
    },
};

/// `account/create`
pub(crate) struct CreateAccount(NewAccount);

impl FromFields for CreateAccount {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        let name = fields.required::<AccountName>("name").map(Into::into);
        let settings = fields.optional("settings").map(|Patch(map)| map);
        let managed = fields.optional("managed").unwrap_or(false);
        let logo = fields.optional("logo");
        Some(Self(NewAccount { name: name?, settings, managed, logo }))
    }
}

/// A new account, which nobody is in yet.
pub(crate) async fn create(cx: &Cx, call: CreateAccount) -> Replied {
    Ok(Box::new(AccountRecord(cx.store.create_account(&cx.by(), call.0).await?)))
}

/// `account/find`
pub(crate) struct FindAccounts(PageRequest);

impl FromFields for FindAccounts {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        Some(Self(page_request(fields)))
    }
}

/// A page of all accounts.
pub(crate) async fn find(cx: &Cx, call: FindAccounts) -> Replied {
    Ok(Box::new(PageRecord::new(cx.store.accounts(&call.0).await?, AccountRecord)))
}

/// The caller's account, or the one that the operator names.
pub(crate) async fn get(cx: &Cx, call: InAccount<NoFields>) -> Replied {
    let account = cx.store.account(cx.own_or_home(call.account).await?).await?;
    Ok(Box::new(AccountRecord(account)))
}

/// How the caller's account is doing, or the one that the operator names.
pub(crate) async fn overview(cx: &Cx, call: InAccount<NoFields>) -> Replied {
    let Overview { users, days } = cx.store.overview(cx.own_or_home(call.account).await?).await?;
    Ok(Box::new(OverviewRecord {
        users: users.into_iter().map(HeadCountRecord).collect(),
        days: days.into_iter().map(DayRecord).collect(),
    }))
}

/// `account/mine`
pub(crate) struct MyAccounts(PageRequest);

impl FromFields for MyAccounts {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        Some(Self(page_request(fields)))
    }
}

/// The accounts that a person is in, and a page of those that expect it.
pub(crate) async fn mine(cx: &Cx, identity: &Identity, call: MyAccounts) -> Replied {
    let Mine { accounts, expected } = cx.store.mine(identity, &call.0).await?;
    Ok(Box::new(MineRecord {
        accounts: accounts.into_iter().map(MembershipRecord::new).collect(),
        expected: expected.data.into_iter().map(ExpectationRecord).collect(),
        next: expected.next,
        prev: expected.prev,
    }))
}

struct MineRecord {
    accounts: Vec<MembershipRecord>,
    expected: Vec<ExpectationRecord>,
    next: Option<String>,
    prev: Option<String>,
}

impl Record for MineRecord {
    fn field(&self, name: &str) -> Option<Value<'_>> {
        match name {
            "accounts" => Some(Value::list(&self.accounts)),
            "expected" => Some(Value::list(&self.expected)),
            "next" => self.next.as_deref().map(Value::Text),
            "prev" => self.prev.as_deref().map(Value::Text),
            _ => None,
        }
    }
}

struct MembershipRecord {
    account: OwnAccount,
    /// Not for somebody who was signed out there.
    user: Option<OwnUser>,
}

impl MembershipRecord {
    fn new(of: Membership) -> Self {
        let Membership { account, user, signed_out } = of;
        Self { account: OwnAccount(account), user: (!signed_out).then_some(OwnUser(user)) }
    }
}

impl Record for MembershipRecord {
    fn field(&self, name: &str) -> Option<Value<'_>> {
        match name {
            "account" => Some(Value::Record(&self.account)),
            "user" => self.user.as_ref().map(|user| Value::Record(user)),
            "signedOut" => Some(Value::Flag(self.user.is_none())),
            _ => None,
        }
    }
}

struct OwnAccount(Account);

impl Record for OwnAccount {
    fn field(&self, name: &str) -> Option<Value<'_>> {
        match name {
            "id" => Some(Value::Plain(&self.0.id)),
            "name" => Some(Value::Text(self.0.name.as_str())),
            "logo" => self.0.logo.as_ref().map(|logo| Value::Made(logo.path())),
            "state" => Some(Value::Text(self.0.state.name())),
            _ => None,
        }
    }
}

struct OwnUser(User);

impl Record for OwnUser {
    fn field(&self, name: &str) -> Option<Value<'_>> {
        match name {
            "id" => Some(Value::Plain(&self.0.id)),
            "role" => Some(Value::Text(self.0.role.name())),
            "state" => Some(Value::Text(self.0.state.name())),
            "activity" => self.0.activity.map(Value::Time),
            _ => None,
        }
    }
}

struct ExpectationRecord(Expectation);

impl Record for ExpectationRecord {
    fn field(&self, name: &str) -> Option<Value<'_>> {
        let expected = &self.0;
        match name {
            "accountId" => Some(Value::Plain(&expected.account.id)),
            "accountName" => Some(Value::Text(expected.account.name.as_str())),
            "accountLogo" => expected.account.logo.as_ref().map(|logo| Value::Made(logo.path())),
            "role" => Some(Value::Text(expected.role.name())),
            "inviter" => expected.inviter.as_deref().map(Value::Text),
            "expires" => expected.expires.map(Value::Time),
            _ => None,
        }
    }
}

/// `account/register`
pub(crate) struct RegisterAccount(Login);

impl FromFields for RegisterAccount {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        Some(Self(Login {
            account_name: fields.optional::<AccountName>("name").map(Into::into),
            first: fields.optional("first"),
            last: fields.optional("last"),
            language: fields.optional("language"),
            ..Login::default()
        }))
    }
}

/// A new account, with the person as its admin; also who sees the reply.
pub(crate) async fn register(
    cx: &Cx,
    identity: &Identity,
    call: RegisterAccount,
) -> Result<(Viewer, LoginRecord)> {
    logged_in(cx, cx.store.register(&cx.by(), identity, &call.0).await?).await
}

/// `account/decline`
pub(crate) struct DeclineAccount(AccountId);

impl FromFields for DeclineAccount {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        Some(Self(fields.required("accountId")?))
    }
}

/// Says no to an account that expects the person.
pub(crate) async fn decline(cx: &Cx, identity: &Identity, call: DeclineAccount) -> Replied {
    cx.store.decline(&cx.by(), identity, call.0).await?;
    Ok(Box::new(Nothing))
}

struct OverviewRecord {
    users: Vec<HeadCountRecord>,
    days: Vec<DayRecord>,
}

impl Record for OverviewRecord {
    fn field(&self, name: &str) -> Option<Value<'_>> {
        match name {
            "users" => Some(Value::list(&self.users)),
            "days" => Some(Value::list(&self.days)),
            _ => None,
        }
    }
}

struct HeadCountRecord(HeadCount);

impl Record for HeadCountRecord {
    fn field(&self, name: &str) -> Option<Value<'_>> {
        match name {
            "state" => Some(Value::Text(self.0.state.name())),
            "role" => Some(Value::Text(self.0.role.name())),
            "count" => Some(Value::Number(self.0.count)),
            _ => None,
        }
    }
}

struct DayRecord(Day);

impl Record for DayRecord {
    fn field(&self, name: &str) -> Option<Value<'_>> {
        match name {
            "day" => Some(Value::Plain(&self.0.date)),
            "signIns" => Some(Value::Number(self.0.sign_ins)),
            "invites" => Some(Value::Number(self.0.invites)),
            _ => None,
        }
    }
}

/// `account/remove`
pub(crate) struct RemoveAccount {
    account: AccountId,
    version: Option<u64>,
}

impl FromFields for RemoveAccount {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        let account = fields.required("accountId");
        let version = fields.optional("version");
        Some(Self { account: account?, version })
    }
}

/// Puts an account aside, to be deleted after a while.
pub(crate) async fn remove(cx: &Cx, call: RemoveAccount) -> Replied {
    let RemoveAccount { account, version } = call;
    Ok(Box::new(AccountRecord(cx.store.remove_account(&cx.by(), account, version).await?)))
}

/// `account/update`
pub(crate) struct UpdateAccount(AccountChanges);

impl FromFields for UpdateAccount {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        Some(Self(AccountChanges {
            name: fields.lasting::<AccountName>("name").map(Into::into),
            settings: fields.change("settings").map(|Patch(map)| map),
            logo: fields.change("logo"),
            state: fields.optional("state"),
            managed: fields.optional("managed"),
            end_sessions: fields.optional("endSessions").unwrap_or(false),
            version: fields.optional("version"),
        }))
    }
}

/// Changes the account's name, logo, settings or state.
pub(crate) async fn update(cx: &Cx, call: InAccount<UpdateAccount>) -> Replied {
    let account = cx.own_or_home(call.account).await?;
    let account = cx.store.update_account(&cx.by(), account, &call.request.0).await?;
    Ok(Box::new(AccountRecord(account)))
}
