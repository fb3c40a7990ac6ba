//! `audit/*`: who changed what, when and from where.

use serde_json::Value as Json;

use super::{Cx, InAccount, Replied, asks, page_request, records::PageRecord};
use crate::{
    contract::{Effect, endpoints},
    error::Result,
    model::{
        audit::{Entry, Standing},
        fields::{Fields, Flaw, FromField, FromFields},
    },
    nearest::did_you_mean,
    redact::{Record, Value},
    store::{ledger::audit::TrailFilter, ledger::page::PageRequest, user::names::Named},
};

/// `audit/find`
pub(crate) struct FindAudit {
    filter: TrailFilter,
    page: PageRequest,
    /// Whether the reply is to say what the ids stand for.
    names: bool,
}

impl FromFields for FindAudit {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        let filter = TrailFilter {
            user: fields.optional("userId"),
            actor: fields.optional("actor"),
            action: fields.optional("action").map(|Action(name)| name),
            from: fields.optional("from"),
            to: fields.optional("to"),
        };
        if let (Some(from), Some(to)) = (filter.from, filter.to)
            && from >= to
        {
            fields.fault("to", "range", "to must be later than from");
        }
        let names = asks(fields, "?names");
        Some(Self { filter, page: page_request(fields), names })
    }
}

/// A page of the account's trail, the newest entry first.
pub(crate) async fn find(cx: &Cx, call: InAccount<FindAudit>) -> Replied {
    let FindAudit { filter, page, names } = call.request;
    let account = cx.own_or_home(call.account).await?;
    let entries = cx.store.trail(account, &filter, &page).await?;
    let names = if names { Some(cx.store.names_in(account, &entries.data).await?) } else { None };
    let names = names.map(|names| names.into_iter().map(NamedRecord).collect());
    Ok(Box::new(TrailRecord { page: PageRecord::new(entries, EntryRecord), names }))
}

/// A page of the trail, and what the ids in it stand for.
struct TrailRecord {
    page: PageRecord<EntryRecord>,
    names: Option<Vec<NamedRecord>>,
}

impl Record for TrailRecord {
    fn field(&self, name: &str) -> Option<Value<'_>> {
        match name {
            "names" => self.names.as_deref().map(Value::list),
            name => self.page.field(name),
        }
    }
}

struct NamedRecord(Named);

impl Record for NamedRecord {
    fn field(&self, name: &str) -> Option<Value<'_>> {
        match name {
            "id" => Some(Value::Text(&self.0.id)),
            "name" => Some(Value::Text(&self.0.name)),
            "email" => self.0.email.as_ref().map(|email| Value::Text(email.as_str())),
            _ => None,
        }
    }
}

/// The name of a call.
struct Action(&'static str);

impl FromField for Action {
    fn from_field(value: Json) -> Result<Self, Flaw> {
        let name = String::from_field(value)?;
        let changing = || endpoints().filter(|endpoint| endpoint.effect == Effect::Change);
        let call = changing().find(|endpoint| endpoint.name == name);
        call.map(|endpoint| Self(endpoint.name)).ok_or_else(|| {
            let hint = did_you_mean(&name, changing().map(|endpoint| endpoint.name));
            Flaw::Value("in", format!("must be the name of a call that changes something.{hint}"))
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
            "before" => told(&entry.before),
            "after" => told(&entry.after),
            "address" => entry.address.as_deref().map(Value::Text),
            _ => None,
        }
    }
}

fn told(standing: &Standing) -> Option<Value<'_>> {
    (!standing.is_empty()).then_some(Value::Record(standing))
}

impl Record for Standing {
    fn field(&self, name: &str) -> Option<Value<'_>> {
        match name {
            "role" => self.role.as_deref().map(Value::Text),
            "state" => self.state.as_deref().map(Value::Text),
            _ => None,
        }
    }
}
