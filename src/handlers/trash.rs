//! `trash/*`: users who have been removed.

use super::{
    Cx, InAccount, OneUser, Replied, asks, optional_selector, page_request, records::PageRecord,
    required_selector, user::changed,
};
use crate::{
    error::Error,
    model::fields::{Fields, FromFields},
    store::{find::select::Selector, ledger::page::PageRequest, user::trash::RestoreChanges},
};

/// `trash/find`
pub(crate) struct FindTrash {
    who: Selector,
    page: PageRequest,
    total: bool,
}

impl FromFields for FindTrash {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        let number = fields.optional("number");
        let who = Selector { number, ..optional_selector(fields) };
        let total = asks(fields, "?total");
        Some(Self { who, page: page_request(fields), total })
    }
}

/// A page of the account's trash.
pub(crate) async fn find(cx: &Cx, call: InAccount<FindTrash>) -> Replied {
    let FindTrash { who, page, total } = call.request;
    let users = cx.store.trash(cx.own_or_home(call.account).await?, &who, &page, total).await?;
    Ok(Box::new(PageRecord::of_users(cx, users).await?))
}

/// Deletes a removed user for good; replies it as it was.
pub(crate) async fn purge(cx: &Cx, call: InAccount<OneUser>) -> Replied {
    let OneUser { who, version } = call.request;
    let reach = cx.reach(call.account, &who).await?;
    let user = cx.store.purge_user(&cx.by(), reach, &who, version).await?;
    changed(cx, &user).await
}

/// `trash/restore`
pub(crate) struct RestoreUser {
    who: Selector,
    changes: RestoreChanges,
}

impl FromFields for RestoreUser {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        let who = required_selector(fields);
        let changes = RestoreChanges {
            email: fields.optional("newEmail"),
            username: fields.change("username"),
            external_id: fields.change("externalId"),
            version: fields.optional("version"),
        };
        Some(Self { who: who?, changes })
    }
}

/// Brings a user back, with other values in place of what somebody else has by now.
pub(crate) async fn restore(cx: &Cx, call: InAccount<RestoreUser>) -> Replied {
    let RestoreUser { who, changes } = call.request;
    let reach = cx.reach(call.account, &who).await?;
    let restored = cx.store.restore_user(&cx.by(), reach, &who, &changes).await;
    // Here `email` only selects.
    let user = restored.map_err(|error| Error::from(error).field_as("email", "newEmail"))?;
    changed(cx, &user).await
}
