//! `trash/*`: users who have been removed.

use super::{
    Cx, InAccount, OneUser, Replied, optional_selector, page_request, records::PageRecord,
    user::changed,
};
use crate::{
    model::fields::{Fields, FromFields},
    store::{find::select::Selector, ledger::page::PageRequest},
};

/// `trash/find`
pub(crate) struct FindTrash {
    who: Selector,
    page: PageRequest,
}

impl FromFields for FindTrash {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        let number = fields.optional("number");
        let who = Selector { number, ..optional_selector(fields) };
        Some(Self { who, page: page_request(fields) })
    }
}

/// A page of the account's trash.
pub(crate) async fn find(cx: &Cx, call: InAccount<FindTrash>) -> Replied {
    let FindTrash { who, page } = call.request;
    let users = cx.store.trash(cx.account(call.account)?, &who, &page).await?;
    Ok(Box::new(PageRecord::of_users(users, &cx.store.invite_codes())))
}

/// Deletes a removed user for good; replies it as it was.
pub(crate) async fn purge(cx: &Cx, call: InAccount<OneUser>) -> Replied {
    let OneUser { who, version } = call.request;
    let reach = cx.reach(call.account, &who)?;
    let user = cx.store.purge_user(&cx.by(), reach, &who, version).await?;
    changed(cx, &user)
}

/// Brings a user back.
pub(crate) async fn restore(cx: &Cx, call: InAccount<OneUser>) -> Replied {
    let OneUser { who, version } = call.request;
    let reach = cx.reach(call.account, &who)?;
    let user = cx.store.restore_user(&cx.by(), reach, &who, version).await?;
    changed(cx, &user)
}
