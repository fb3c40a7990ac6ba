//! `account/*`: the tenant that users belong to.

use super::{Cx, InAccount, Replied, records::AccountRecord};
use crate::{
    model::{
        fields::{Fields, FromFields},
        text::Patch,
    },
    store::account::AccountChanges,
};

/// `account/get`
pub struct GetAccount;

impl FromFields for GetAccount {
    fn from_fields(_: &mut Fields) -> Option<Self> {
        Some(Self)
    }
}

/// The caller's account, or the one that the operator names.
pub async fn get(cx: &Cx, call: InAccount<GetAccount>) -> Replied {
    let account = cx.store.account(cx.account(call.account)?).await?;
    Ok(Box::new(AccountRecord(account)))
}

/// `account/update`
pub struct UpdateAccount(AccountChanges);

impl FromFields for UpdateAccount {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        Some(Self(AccountChanges {
            name: fields.optional("name"),
            settings: fields.change("settings").map(|Patch(map)| map),
            version: fields.optional("version"),
        }))
    }
}

/// Changes the account's name or settings.
pub async fn update(cx: &Cx, call: InAccount<UpdateAccount>) -> Replied {
    let account = cx.account(call.account)?;
    let account = cx.store.update_account(&cx.by(), account, &call.request.0).await?;
    Ok(Box::new(AccountRecord(account)))
}
