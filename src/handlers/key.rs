//! `key/*`: API keys.

use super::{
    Cx, InAccount, Replied, page_request,
    records::{KeyRecord, NewKeyRecord, PageRecord},
};
use crate::{
    model::{
        fields::{Fields, FromFields},
        id::KeyId,
        key::{Maker, NewKey},
        user::User,
    },
    store::ledger::page::PageRequest,
};

/// `key/create`
pub(crate) struct CreateKey(NewKey);

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
pub(crate) async fn create(cx: &Cx, call: InAccount<CreateKey>) -> Replied {
    let account = cx.own_or_new_home(call.account).await?;
    let (key, token) = cx.store.create_key(&cx.by(), account, &call.request.0).await?;
    Ok(Box::new(NewKeyRecord { key: KeyRecord { key, good: true, maker_name: None }, token }))
}

/// `key/find`
pub(crate) struct FindKeys(PageRequest);

impl FromFields for FindKeys {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        Some(Self(page_request(fields)))
    }
}

/// A page of the account's keys.
pub(crate) async fn find(cx: &Cx, call: InAccount<FindKeys>) -> Replied {
    let keys = cx.store.keys(cx.own_or_home(call.account).await?, &call.request.0).await?;
    let (good, makers) = cx.store.good_keys(&keys.data).await?;
    Ok(Box::new(PageRecord::new(keys, |key| {
        let maker = key.maker.and_then(Maker::user).and_then(|(account, user)| {
            // A caller from the operator's own account is not a user of this one.
            let is_own = account == key.account_id;
            makers.iter().find(|maker| is_own && maker.id == user)
        });
        let maker_name = maker.map(User::display_name);
        KeyRecord { good: good.contains(&key.id), maker_name, key }
    })))
}

/// `key/remove`
pub(crate) struct RemoveKey {
    id: KeyId,
    version: Option<u64>,
}

impl FromFields for RemoveKey {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        let id = fields.required("id");
        let version = fields.optional("version");
        Some(Self { id: id?, version })
    }
}

/// Removes a key, which opens nothing from then on.
pub(crate) async fn remove(cx: &Cx, call: InAccount<RemoveKey>) -> Replied {
    let RemoveKey { id, version } = call.request;
    let reach = cx.reach_of_id(call.account)?;
    let key = cx.store.remove_key(&cx.by(), reach, id, version).await?;
    Ok(Box::new(KeyRecord { key, good: false, maker_name: None }))
}
