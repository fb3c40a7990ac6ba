//! `user/list` and `trash/list`: users by number of page, for interfaces that have page numbers.

use serde_json::Value as Json;

use super::{Cx, InAccount, Replied, limit, records::UserRecord};
use crate::{
    contract::kind::{MAX_LIMIT_BY_NUMBER, MAX_PARTS},
    error::Result,
    model::{
        fields::{Fields, Flaw, FromField, FromFields},
        text::Part,
    },
    redact::{Record, Value},
    store::{
        find::select::Section,
        user::list::{ListRequest, Listing},
        user::order::{Contains, Orders, Parts},
    },
};

/// `user/list` and `trash/list`
pub(crate) struct ListUsers(ListRequest);

impl FromFields for ListUsers {
    fn from_fields(fields: &mut Fields) -> Option<Self> {
        Some(Self(ListRequest {
            contains: fields.optional("contains").unwrap_or_default(),
            role: fields.optional("role"),
            state: fields.optional("state"),
            orders: fields.optional("?order").unwrap_or_default(),
            offset: fields.optional::<Offset>("?offset").map_or(0, |offset| offset.0),
            limit: limit::<MAX_LIMIT_BY_NUMBER>(fields),
        }))
    }
}

/// A page of the account's users.
pub(crate) async fn users(cx: &Cx, call: InAccount<ListUsers>) -> Replied {
    list(cx, Section::Account, call).await
}

/// A page of the users in the account's trash.
pub(crate) async fn trash(cx: &Cx, call: InAccount<ListUsers>) -> Replied {
    list(cx, Section::Trash, call).await
}

async fn list(cx: &Cx, section: Section, call: InAccount<ListUsers>) -> Replied {
    let account = cx.own_or_home(call.account).await?;
    let Listing { users, total } = cx.store.list_users(account, section, &call.request.0).await?;
    Ok(Box::new(ListRecord { data: UserRecord::all(cx, users).await?, total }))
}

/// A page of a list, and how long the whole list is.
struct ListRecord {
    data: Vec<UserRecord>,
    total: u64,
}

impl Record for ListRecord {
    fn field(&self, name: &str) -> Option<Value<'_>> {
        match name {
            "data" => Some(Value::list(&self.data)),
            "total" => Some(Value::Number(self.total)),
            _ => None,
        }
    }
}

/// How many users come before the page.
struct Offset(u64);

impl FromField for Offset {
    fn from_field(value: Json) -> Result<Self, Flaw> {
        String::from_field(value)?.parse().map(Self).map_err(|_| {
            Flaw::Value("range", format!("must be a whole number from 0 to {}", u64::MAX))
        })
    }
}

impl FromField for Orders {
    fn from_field(value: Json) -> Result<Self, Flaw> {
        Self::parse(&String::from_field(value)?).map_err(|why| Flaw::Value("in", why))
    }
}

impl FromField for Contains {
    fn from_field(value: Json) -> Result<Self, Flaw> {
        let Json::Object(map) = value else { return Err(Flaw::Type("an object of lists")) };
        let names = ["email", "id", "username", "externalId"];
        let parts = Fields::read_inside(map, &names, |fields| {
            let mut parts = |name| fields.optional(name).map(|Texts(parts)| parts);
            Parts {
                email: parts("email").unwrap_or_default(),
                id: parts("id").unwrap_or_default(),
                username: parts("username").unwrap_or_default(),
                external_id: parts("externalId").unwrap_or_default(),
            }
        });
        parts.map(Self::from)
    }
}

/// Texts to look for, at least one.
struct Texts(Vec<Part>);

impl FromField for Texts {
    fn from_field(value: Json) -> Result<Self, Flaw> {
        let Json::Array(list) = value else { return Err(Flaw::Type("a list of texts")) };
        if !(1..=MAX_PARTS).contains(&list.len()) {
            let why = format!("has {} texts; 1 to {MAX_PARTS} are allowed", list.len());
            return Err(Flaw::Value("length", why));
        }
        list.into_iter().map(Part::from_field).collect::<Result<_, _>>().map(Self)
    }
}
