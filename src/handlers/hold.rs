//! `hold/*`: what users own elsewhere.

use std::borrow::Cow;

use super::{
    Cx, InAccount, Replied, optional_selector, page_request, records::PageRecord, required_selector,
};
use crate::{
    model::{
        fields::{Fields, FromFields},
        hold::{Hold, HoldName},
        text::{HoldKind, Patch},
    },
    redact::{Record, Value},
    store::{
        find::select::Selector,
        ledger::page::PageRequest,
        user::hold::{HoldSelector, NewHold},
    },
};

/// `hold/find`
pub(crate) struct FindHolds {
    who: Selector,
    kind: Option<HoldKind>,
    page: PageRequest,
}

impl FromFields for FindHolds {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        let who = optional_selector(fields);
        let kind = fields.optional("kind");
        Some(Self { who, kind, page: page_request(fields) })
    }
}

/// A page of a user's holds, or of all in the account.
pub(crate) async fn find(cx: &Cx, call: InAccount<FindHolds>) -> Replied {
    let FindHolds { who, kind, page } = call.request;
    let holds = if who.is_empty() {
        cx.store.holds_in_account(cx.own_or_home(call.account).await?, kind.as_ref(), &page).await?
    } else {
        let reach = cx.reach(call.account, &who).await?;
        cx.store.holds_of_user(reach, &who, kind.as_ref(), &page).await?
    };
    Ok(Box::new(PageRecord::new(holds, HoldRecord)))
}

/// `hold/place`
pub(crate) struct PlaceHold {
    who: Selector,
    new: NewHold,
}

impl FromFields for PlaceHold {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        let who = required_selector(fields);
        let name = required_name(fields);
        let data = fields.change("data").map(|Patch(map)| map);
        let version = fields.optional("version");
        Some(Self { who: who?, new: NewHold { name: name?, data, version } })
    }
}

/// Places a hold on a user, unless it stands already.
pub(crate) async fn place(cx: &Cx, call: InAccount<PlaceHold>) -> Replied {
    let PlaceHold { who, new } = call.request;
    let reach = cx.reach(call.account, &who).await?;
    Ok(Box::new(HoldRecord(cx.store.place_hold(&cx.by(), reach, &who, &new).await?)))
}

/// `hold/release`
pub(crate) struct ReleaseHold {
    who: Selector,
    which: HoldSelector,
    version: Option<u64>,
}

impl FromFields for ReleaseHold {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        let who = required_selector(fields);
        let version = fields.optional("version");
        if !fields.has_any(&["hold", "kind", "ref"]) {
            fields.fault("hold", "required", "hold, or kind and ref, is required");
        }
        let has_name = fields.has_any(&["kind", "ref"]);
        let name = if has_name { required_name(fields) } else { None };
        let which = HoldSelector { id: fields.optional("hold"), name };
        Some(Self { who: who?, which, version })
    }
}

/// Releases a hold.
pub(crate) async fn release(cx: &Cx, call: InAccount<ReleaseHold>) -> Replied {
    let ReleaseHold { who, which, version } = call.request;
    let reach = cx.reach(call.account, &who).await?;
    let hold = cx.store.release_hold(&cx.by(), reach, &who, &which, version).await?;
    Ok(Box::new(HoldRecord(hold)))
}

fn required_name(fields: &mut Fields) -> Option<HoldName> {
    let kind = fields.required("kind");
    let reference = fields.required("ref");
    Some(HoldName { kind: kind?, reference: reference? })
}

/// A hold.
pub(super) struct HoldRecord(pub(super) Hold);

impl Record for HoldRecord {
    fn field(&self, name: &str) -> Option<Value<'_>> {
        let hold = &self.0;
        match name {
            "id" => Some(Value::Plain(&hold.id)),
            "userId" => Some(Value::Plain(&hold.user_id)),
            "accountId" => Some(Value::Plain(&hold.account_id)),
            "kind" => Some(Value::Text(hold.name.kind.as_str())),
            "ref" => Some(Value::Text(hold.name.reference.as_str())),
            "data" => hold.data.as_ref().map(|it| Value::Document(Cow::Borrowed(it))),
            "created" => Some(Value::Time(hold.created)),
            "version" => Some(Value::Number(hold.version)),
            _ => None,
        }
    }
}
