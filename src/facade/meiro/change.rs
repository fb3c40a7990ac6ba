//! `users/ID`: one user, and what becomes of it.

use serde_json::{Map, Value, json};

use super::{
    Fields, Native, Request, Response,
    preferences::patch,
    record,
    user::{split, state},
};
use crate::{
    error::{Code, Result},
    facade::native::{Role, User},
    model::email::Email,
};

/// How often a change is made out anew because somebody else was faster.
const MAX_TRIES: usize = 5;

/// What is to become of a user. Nothing said is nothing changed.
struct Changes {
    name: Option<String>,
    email: Option<String>,
    role: Option<Role>,
    disabled: Option<bool>,
    settings: Option<Map<String, Value>>,
    /// What changing one's own email takes.
    old_password: Option<String>,
}

pub(super) async fn get(native: Native<'_>, number: u64) -> Result<Response> {
    native.user(number).await.map(|user| record::one(200, user))
}

pub(super) async fn remove(native: Native<'_>, number: u64) -> Result<Response> {
    native.admitted("user/remove").await?;
    let user = native.user(number).await?;
    let removed = native.call("user/remove", json!({"id": user.id})).await;
    removed.map(|user| record::one(200, user))
}

pub(super) async fn change_password(
    native: Native<'_>,
    number: u64,
    request: &Request,
) -> Result<Response> {
    native.admitted("user/changePassword").await?;
    let mut fields = Fields::of(request, &["password", "old_password"])?;
    let user = native.user(number).await?;
    fields.require(&["password"]);
    let (new, current) = (fields.text("password"), fields.text_or_null("old_password"));
    let body = json!({"id": user.id, "newPassword": new, "currentPassword": current});
    let changed = native.call("user/changePassword", fields.end(Some(body))?).await;
    changed.map(|user| record::one(200, user))
}

pub(super) async fn modify(native: Native<'_>, number: u64, request: &Request) -> Result<Response> {
    native.admitted("user/update").await?;
    let fields = Fields::of(request, Changes::FIELDS)?;
    let mut user = native.user(number).await?;
    let changes = Changes::of(fields)?;
    for _ in 1..MAX_TRIES {
        match change(native, user, &changes).await {
            Err(error) if error.code() == Code::VersionMismatch => {}
            done => return done,
        }
        user = native.user(number).await?;
    }
    change(native, user, &changes).await
}

/// One try to change a user who is like this.
async fn change(native: Native<'_>, user: User, changes: &Changes) -> Result<Response> {
    let body = changes.native(&user);
    if body.is_empty() {
        return Ok(record::one(200, user));
    }
    let id = ("id".to_owned(), json!(user.id));
    let body: Map<_, _> = body.into_iter().chain([id]).collect();
    let user = native.call("user/update", body.into()).await?;
    Ok(record::one(200, user))
}

/// Reads a body that changes a user.
pub(super) fn read(request: &Request) -> Result<()> {
    Fields::of(request, Changes::FIELDS).and_then(Changes::of).map(drop)
}

impl Changes {
    const FIELDS: &[&str] =
        &["name", "email", "role_id", "disabled", "frontend_settings", "old_password"];

    /// # Errors
    /// `validation_failed`
    fn of(mut fields: Fields) -> Result<Self> {
        let changes = Self {
            name: fields.text("name"),
            email: fields.text_or_null("email"),
            role: fields.role("role_id"),
            disabled: fields.flag("disabled"),
            settings: fields.object("frontend_settings"),
            old_password: fields.text_or_null("old_password"),
        };
        fields.end(Some(changes))
    }

    /// The fields of the native call for a user who is like this: what changes, and nothing else.
    fn native(&self, user: &User) -> Map<String, Value> {
        let mut fields = Map::new();
        let mut send = |name: &str, value: Value| fields.insert(name.to_owned(), value);
        if let Some(name) = self.name.as_ref().filter(|name| **name != user.name()) {
            let (first, last) = split(name);
            send("first", json!(first));
            send("last", json!(last));
        }
        let is_new = |email: &&String| {
            Email::parse(email).map_or(true, |email| email.as_str() != user.email)
        };
        if let Some(email) = self.email.as_ref().filter(is_new) {
            send("newEmail", json!(email));
            if let Some(password) = &self.old_password {
                send("currentPassword", json!(password));
            }
        }
        if let Some(role) = self.role.filter(|role| *role != user.role) {
            send("role", json!(role.native()));
        }
        if let Some(disabled) = self.disabled.filter(|disabled| *disabled != user.is_disabled()) {
            send("state", json!(state(disabled)));
        }
        let patch = self.settings.clone().map(|settings| patch(&user.preferences, settings));
        if let Some(patch) = patch.filter(|patch| !patch.is_empty()) {
            send("preferences", Value::Object(patch));
            // The patch is for what was read.
            send("version", json!(user.version));
        }
        fields
    }
}
