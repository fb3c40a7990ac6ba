//! `key/*`: API keys.

use super::{Cx, InAccount, Replied, records::NewKeyRecord};
use crate::{
    caller::Caller,
    error::Result,
    model::{
        fields::{Fields, FromFields},
        id::AccountId,
        key::NewKey,
    },
};

/// `key/create`
pub struct CreateKey(NewKey);

impl FromFields for CreateKey {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        let name = fields.required("name");
        let role = fields.required("role");
        let access = fields.optional("access").unwrap_or_default();
        let expires = fields.optional("expires");
        Some(Self(NewKey { name: name?, role: role?, access, expires }))
    }
}

/// A new key; its token is in this reply and nowhere else.
pub async fn create(cx: &Cx, call: InAccount<CreateKey>) -> Replied {
    let account = own_or_home(cx, call.account).await?;
    let (key, token) = cx.store.create_key(&cx.by(), account, &call.request.0).await?;
    Ok(Box::new(NewKeyRecord { key, token }))
}

/// On the command line nobody has an account; keys made there belong to the home account.
async fn own_or_home(cx: &Cx, named: Option<AccountId>) -> Result<AccountId> {
    if named.is_none() && matches!(cx.caller, Caller::Operator) {
        return Ok(cx.store.ensure_home(&cx.by()).await?);
    }
    cx.account(named)
}
