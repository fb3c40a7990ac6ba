//! What changes somebody: `POST users`, `PATCH users/{id}`, `DELETE users/{id}`. Each is one native call
//! that changes, after some that only look.

use serde::de::IgnoredAny;
use serde_json::{Map, Value, json};

use super::{
    Code, Cx, Native, Refusal, Response, Result, Right, User,
    fields::{Failed, Field, Form},
    record::{DEFAULT_LANGUAGE, Item, NewItem, is_admin, language},
    servers,
};
use crate::{
    error::{self, Error},
    model::fields::Change,
};

const HAS_SERVERS: &str = "Cannot delete a user with active servers attached to their account. \
                           Please delete their servers before continuing.";

/// A new user, with nothing of a deleted one who had the same values.
pub(super) async fn create(cx: Cx<'_>, right: Right) -> Result<Response> {
    let fields = cx.request.body.fields()?;
    right?;
    let form = Form::read(fields);
    let claims = Claims { native: cx.native, of: None };
    // The native call takes somebody who is invited already for one who is to be invited again.
    let invites = form.password.is_none();
    if !form.failed.is_empty()
        || (invites && claims.is_taken("email", form.email.as_deref()).await?)
    {
        return Err(claims.invalid(form, None).await?);
    }
    match cx.native.call::<User>("user/create", new_user(&form)).await {
        Ok(user) => {
            let user = cx.shown_one(spelled(user, form)).await?;
            let resource = cx.url(&format!("users/{}", user.id()));
            Ok(Response::json(201, &NewItem::of(user, resource)))
        }
        Err(error) => Err(claims.refused(form, error).await?),
    }
}

/// Other values for a user; those that are as they were are left alone.
pub(super) async fn update(cx: Cx<'_>, id: Option<u64>, right: Right) -> Result<Response> {
    let fields = cx.request.body.fields()?;
    let user = cx.user(id).await?;
    right?;
    let form = Form::read(fields);
    let claims = Claims { native: cx.native, of: Some(&user) };
    if !form.failed.is_empty() {
        return Err(claims.invalid(form, None).await?);
    }
    let mut changes = changes(&form, &user);
    let user = if changes.is_empty() {
        user
    } else {
        changes.insert("id".to_owned(), json!(user.id));
        match cx.native.call::<User>("user/update", changes.into()).await {
            Ok(user) => user,
            Err(error) => return Err(claims.refused(form, error).await?),
        }
    };
    Ok(Response::json(200, &Item::of(cx.shown_one(spelled(user, form)).await?)))
}

/// A user with the email as the request has it: clients look for what they have written, to the letter.
fn spelled(user: User, form: Form) -> User {
    let email = form.spelled.filter(|_| form.email.as_ref() == Some(&user.email));
    User { email: email.unwrap_or(user.email), ..user }
}

/// A user goes into the trash.
pub(super) async fn delete(cx: Cx<'_>, id: Option<u64>, right: Right) -> Result<Response> {
    let user = cx.user(id).await?;
    right?;
    match cx.native.call::<IgnoredAny>("user/remove", json!({"id": user.id})).await {
        Ok(_) => Ok(Response::empty(204)),
        Err(error)
            if error.code() == Code::Held && servers::has_any(cx.native, &user.id).await? =>
        {
            Err(Refusal::display(HAS_SERVERS))
        }
        Err(error) => Err(error.into()),
    }
}

/// A form without faults, as the native call takes it.
fn new_user(form: &Form) -> Value {
    let external_id = match &form.external_id {
        Change::Set(id) => Some(id),
        Change::Keep | Change::Clear => None,
    };
    let (way_in, value) = match &form.password {
        Some(password) => ("password", json!(password)),
        None => ("sendInvite", json!(true)),
    };
    json!({
        "email": form.email,
        "username": form.username,
        "first": form.first_name,
        "last": form.last_name,
        "externalId": external_id,
        "language": form.language.as_deref().unwrap_or(DEFAULT_LANGUAGE),
        "role": role(form.root_admin.unwrap_or(false)),
        way_in: value,
    })
}

/// What a form without faults changes about a user, as the native call takes it.
fn changes(form: &Form, user: &User) -> Map<String, Value> {
    let other = |new: &Option<String>, old: Option<&str>| {
        new.as_ref().filter(|new| Some(new.as_str()) != old).map(|new| json!(new))
    };
    let external_id = match (&form.external_id, &user.external_id) {
        (Change::Keep, _) | (Change::Clear, None) => None,
        (Change::Clear, Some(_)) => Some(Value::Null),
        (Change::Set(new), old) => (Some(new) != old.as_ref()).then(|| json!(new)),
    };
    // An admin keeps the role that it has, which may be a higher one.
    let admin = form.root_admin.filter(|admin| *admin != is_admin(user));
    let fields = [
        ("newEmail", other(&form.email, Some(&user.email))),
        ("username", other(&form.username, user.username.as_deref())),
        ("first", other(&form.first_name, user.first.as_deref())),
        ("last", other(&form.last_name, user.last.as_deref())),
        ("externalId", external_id),
        ("newPassword", form.password.as_ref().map(|password| json!(password))),
        ("role", admin.map(|admin| json!(role(admin)))),
        ("language", other(&form.language, Some(language(user)))),
    ];
    let sent = fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    sent.collect()
}

const fn role(root_admin: bool) -> &'static str {
    if root_admin { "admin" } else { "user" }
}

/// Values that only one user may have.
struct Claims<'a> {
    native: Native<'a>,
    /// Who may have them.
    of: Option<&'a User>,
}

impl Claims<'_> {
    /// What is told of a native call's error: of taken values, all of them.
    async fn refused(&self, mut form: Form, error: Error) -> Result<Refusal> {
        const TAKEN: &[(Code, Field)] = &[
            (Code::EmailTaken, Field::Email),
            (Code::UsernameTaken, Field::Username),
            (Code::ExternalIdTaken, Field::ExternalId),
        ];
        if let Some((_, named)) = TAKEN.iter().find(|(code, _)| *code == error.code()) {
            return self.invalid(form, Some(*named)).await;
        }
        if error.code() != Code::OwnSignIn {
            return Ok(error.into());
        }
        // Whose email others may not change, nobody else chooses a password for.
        let field = if form.password.is_some() { Field::Password } else { Field::Email };
        form.failed.push(Failed::prohibited(field));
        self.invalid(form, None).await
    }

    /// The rules that a form breaks, the values that are taken among them; of those `named` is one.
    async fn invalid(&self, form: Form, named: Option<Field>) -> Result<Refusal> {
        let external_id = match &form.external_id {
            Change::Set(id) => Some(id.as_str()),
            Change::Keep | Change::Clear => None,
        };
        let mut failed = form.failed;
        for (field, native, value) in [
            (Field::Email, "email", form.email.as_deref()),
            (Field::Username, "username", form.username.as_deref()),
            (Field::ExternalId, "externalId", external_id),
        ] {
            if named == Some(field) || self.is_taken(native, value).await? {
                failed.push(Failed::taken(field));
            }
        }
        failed.sort_by_key(|failed| failed.field);
        Ok(Refusal::invalid(failed))
    }

    /// Whether somebody else in the account has the value.
    async fn is_taken(&self, native: &str, value: Option<&str>) -> error::Result<bool> {
        let Some(value) = value else { return Ok(false) };
        match self.native.call::<User>("user/get", json!({native: value})).await {
            Ok(user) => Ok(self.of.is_none_or(|of| of.id != user.id)),
            // A value that no user can have will be found fault with for itself.
            Err(error) if matches!(error.code(), Code::NotFound | Code::ValidationFailed) => {
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }
}
