//! `audit/*`: who changed what, when and from where.

use serde_json::Value as Json;

use super::{Cx, InAccount, Replied, page_request, records::PageRecord};
use crate::{
    contract::endpoints,
    error::Result,
    model::{
        audit::Entry,
        fields::{Fields, Flaw, FromField, FromFields},
    },
    nearest::did_you_mean,
    redact::{Record, Value},
    store::{ledger::audit::TrailFilter, ledger::page::PageRequest},
};

/// `audit/find`
pub(crate) struct FindAudit {
    filter: TrailFilter,
    page: PageRequest,
}

impl FromFields for FindAudit {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        let filter = TrailFilter {
            user: fields.optional("userId"),
            actor: fields.optional("actor"),
            action: fields.optional("action").map(|Action(name)| name),
        };
        Some(Self { filter, page: page_request(fields) })
    }
}

/// A page of the account's trail, the newest entry first.
pub(crate) async fn find(cx: &Cx, call: InAccount<FindAudit>) -> Replied {
    let FindAudit { filter, page } = call.request;
    let entries = cx.store.trail(cx.own_or_home(call.account).await?, &filter, &page).await?;
    Ok(Box::new(PageRecord::new(entries, EntryRecord)))
}

/// The name of a call.
struct Action(&'static str);

impl FromField for Action {
    fn from_field(value: Json) -> Result<Self, Flaw> {
        let name = String::from_field(value)?;
        let call = endpoints().find(|endpoint| endpoint.name == name);
        call.map(|endpoint| Self(endpoint.name)).ok_or_else(|| {
            let hint = did_you_mean(&name, endpoints().map(|endpoint| endpoint.name));
            Flaw::Value("in", format!("must be the name of a call.{hint}"))
        })
    }
}

/// An entry of the trail.
pub(super) struct EntryRecord(pub(super) Entry);

impl Record for EntryRecord {
    fn field(&self, name: &str) -> Option<Value<'_>> {
        let entry = &self.0;
        match name {
            "id" => Some(Value::Plain(&entry.id)),
            "at" => Some(Value::Time(entry.at)),
            "actor" => Some(Value::Text(&entry.actor)),
            "action" => Some(Value::Text(&entry.action)),
            "target" => entry.target.as_deref().map(Value::Text),
            "userId" => entry.user_id.as_ref().map(|user| Value::Plain(user)),
            "changed" => Some(Value::Texts(&entry.changed)),
            "address" => entry.address.as_deref().map(Value::Text),
            _ => None,
        }
    }
}
