//! Users as Meiro's clients see them.

use serde::Serialize;
use serde_json::{Map, Value};

use super::Response;
use crate::{
    api::OWN_ISSUER,
    clock::Timestamp,
    facade::native::{State, User},
};

/// A user; the fields come in this order.
#[derive(Serialize)]
pub(super) struct Record {
    id: u64,
    name: String,
    email: String,
    role_id: u64,
    disabled: u8,
    deleted: u8,
    first_login: Option<String>,
    last_login: Option<String>,
    sso_enabled: u8,
    frontend_settings: Map<String, Value>,
    created: String,
    modified: String,
    /// Null: who changed what is in the audit trail.
    last_modified_by: (),
}

#[derive(Serialize)]
struct One {
    user: Record,
}

impl From<User> for Record {
    fn from(user: User) -> Self {
        Self {
            id: user.number,
            name: user.name(),
            role_id: user.role.id(),
            disabled: user.is_disabled().into(),
            deleted: (user.state == State::Trashed).into(),
            first_login: user.joined.map(time),
            last_login: user.activity.map(time),
            sso_enabled: user.issuer.is_some_and(|issuer| issuer != OWN_ISSUER).into(),
            frontend_settings: user.preferences,
            created: time(user.created),
            modified: time(user.updated),
            last_modified_by: (),
            email: user.email,
        }
    }
}

/// An answer that has just this user.
pub(super) fn one(status: u16, user: User) -> Response {
    Response::json(status, &One { user: user.into() })
}

/// Such as `2017-01-01 15:35:00`, in UTC.
fn time(moment: Timestamp) -> String {
    let text = moment.to_string();
    text.get(..19).unwrap_or(&text).replace('T', " ")
}
