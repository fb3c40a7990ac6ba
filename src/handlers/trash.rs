//! `trash/*`: users who have been removed.

use super::{
    Cx, InAccount, Replied, optional_selector, page_request, records::PageRecord,
    required_selector, user::record,
};
use crate::{
    model::fields::{Fields, FromFields},
    store::{page::PageRequest, select::Selector},
};

/// `trash/find`
pub struct FindTrash {
    who: Selector,
    page: PageRequest,
}

impl FromFields for FindTrash {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        Some(Self { who: optional_selector(fields), page: page_request(fields) })
    }
}

/// A page of the account's trash.
pub async fn find(cx: &Cx, call: InAccount<FindTrash>) -> Replied {
    let FindTrash { who, page } = call.request;
    let users = cx.store.trash(cx.account(call.account)?, &who, &page).await?;
    Ok(Box::new(PageRecord::of_users(users, &cx.store)))
}

/// `trash/purge`
pub struct PurgeUser {
    who: Selector,
    version: Option<u64>,
}

impl FromFields for PurgeUser {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        let who = required_selector(fields);
        let version = fields.optional("version");
        Some(Self { who: who?, version })
    }
}

/// Deletes a removed user for good; replies it as it was.
pub async fn purge(cx: &Cx, call: InAccount<PurgeUser>) -> Replied {
    let PurgeUser { who, version } = call.request;
    let reach = cx.reach(call.account, &who)?;
    let user = cx.store.purge_user(&cx.by(), reach, &who, version).await?;
    Ok(record(cx, user))
}

/// `trash/restore`
pub struct RestoreUser {
    who: Selector,
    version: Option<u64>,
}

impl FromFields for RestoreUser {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        let who = required_selector(fields);
        let version = fields.optional("version");
        Some(Self { who: who?, version })
    }
}

/// Brings a user back.
pub async fn restore(cx: &Cx, call: InAccount<RestoreUser>) -> Replied {
    let RestoreUser { who, version } = call.request;
    let reach = cx.reach(call.account, &who)?;
    let user = cx.store.restore_user(&cx.by(), reach, &who, version).await?;
    Ok(record(cx, user))
}
