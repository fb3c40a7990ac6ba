//! `POST users` and `users/create_or_restore`: new users, and those who come back.

use serde_json::{Map, Value, json};

use super::{
    Fields, Native, Request, Response,
    preferences::patch,
    record, trash,
    user::{split, state},
};
use crate::{error::Result, facade::native::Role};

const FIELDS: &[&str] = &["name", "email", "password", "role_id", "disabled", "frontend_settings"];

/// Who is to be made.
struct New {
    name: String,
    email: String,
    password: String,
    role: Role,
    disabled: Option<bool>,
    settings: Option<Map<String, Value>>,
}

pub(super) async fn create(native: Native<'_>, request: &Request) -> Result<Response> {
    native.admitted("user/create").await?;
    let body = New::of(request)?.native(&Map::new());
    native.call("user/create", body.into()).await.map(|user| record::one(201, user))
}

pub(super) async fn create_or_restore(native: Native<'_>, request: &Request) -> Result<Response> {
    native.admitted("user/createOrRestore").await?;
    let new = New::of(request)?;
    let before = trash::find(native, json!({"email": new.email})).await?;
    let mut body = new.native(&before.map(|user| user.preferences).unwrap_or_default());
    // Who comes back may have had a longer name, and may have been disabled.
    body.entry("last").or_insert(Value::Null);
    if let Some(disabled) = new.disabled {
        body.insert("state".to_owned(), json!(state(disabled)));
    }
    native.call("user/createOrRestore", body.into()).await.map(|user| record::one(201, user))
}

/// Reads a body that makes a user.
pub(super) fn read(request: &Request) -> Result<()> {
    New::of(request).map(|new| drop(new.native(&Map::new())))
}

impl New {
    /// # Errors
    /// `malformed_json`, `validation_failed`
    fn of(request: &Request) -> Result<Self> {
        let mut fields = Fields::of(request, FIELDS)?;
        fields.require(&["name", "email", "password", "role_id"]);
        let new = Self::read(&mut fields);
        fields.end(new)
    }

    fn read(fields: &mut Fields) -> Option<Self> {
        let (name, email) = (fields.text("name"), fields.text("email"));
        let (password, role) = (fields.text("password"), fields.role("role_id"));
        let disabled = fields.flag("disabled");
        let settings = fields.object("frontend_settings");
        let (name, email, password, role) = (name?, email?, password?, role?);
        Some(Self { name, email, password, role, disabled, settings })
    }

    /// The fields of the native call, for somebody who has these preferences or none.
    fn native(&self, preferences: &Map<String, Value>) -> Map<String, Value> {
        let (first, last) = split(&self.name);
        let suspended = self.disabled.filter(|disabled| *disabled).map(state);
        let settings = self.settings.clone().map(|settings| patch(preferences, settings));
        let fields = [
            ("email", Some(json!(self.email))),
            ("first", Some(json!(first))),
            ("last", last.map(Value::from)),
            ("password", Some(json!(self.password))),
            ("role", Some(json!(self.role.native()))),
            ("state", suspended.map(Value::from)),
            ("preferences", settings.map(Value::Object)),
        ];
        let sent = fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
        sent.collect()
    }
}
