//! `account/*`: the tenant that users belong to.

use super::{
    Cx, InAccount, Replied, page_request,
    records::{AccountRecord, PageRecord},
};
use crate::{
    model::{
        fields::{Fields, FromFields},
        id::AccountId,
        text::Patch,
    },
    redact::{Record, Value},
    store::{
        account::manage::{AccountChanges, NewAccount},
        account::overview::Overview,
        counts::days::Day,
        counts::totals::HeadCount,
        ledger::page::PageRequest,
    },
};

/// `account/create`
pub(crate) struct CreateAccount(NewAccount);

impl FromFields for CreateAccount {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        let name = fields.required("name");
        let settings = fields.optional("settings").map(|Patch(map)| map);
        Some(Self(NewAccount { name: name?, settings }))
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

/// `account/get` and `account/overview`
pub(crate) struct GetAccount;

impl FromFields for GetAccount {
    fn from_fields(_: &mut Fields) -> Option<Self> {
        Some(Self)
    }
}

/// The caller's account, or the one that the operator names.
pub(crate) async fn get(cx: &Cx, call: InAccount<GetAccount>) -> Replied {
    let account = cx.store.account(cx.own_or_home(call.account).await?).await?;
    Ok(Box::new(AccountRecord(account)))
}

/// How the caller's account is doing, or the one that the operator names.
pub(crate) async fn overview(cx: &Cx, call: InAccount<GetAccount>) -> Replied {
    let Overview { users, days } = cx.store.overview(cx.own_or_home(call.account).await?).await?;
    Ok(Box::new(OverviewRecord {
        users: users.into_iter().map(HeadCountRecord).collect(),
        days: days.into_iter().map(DayRecord).collect(),
    }))
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
            name: fields.optional("name"),
            settings: fields.change("settings").map(|Patch(map)| map),
            state: fields.optional("state"),
            version: fields.optional("version"),
        }))
    }
}

/// Changes the account's name, settings or state.
pub(crate) async fn update(cx: &Cx, call: InAccount<UpdateAccount>) -> Replied {
    let account = cx.account(call.account)?;
    let account = cx.store.update_account(&cx.by(), account, &call.request.0).await?;
    Ok(Box::new(AccountRecord(account)))
}
