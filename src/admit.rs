//! Admission: whether a caller may make a call with the fields that it sends. Pure functions over the
//! contract; they touch nothing.

use serde_json::{Map, Value};

use crate::{
    caller::Caller,
    contract::{Admission, Effect, Endpoint, Fresh, Parameter, ReplyField, RequestField, Sender},
    error::{Code, Error, Fault, Result},
    model::id::UserId,
    nearest::did_you_mean,
    role::Role,
};

/// The most unknown names that an answer lists, however many were sent.
const MAX_FAULTS: usize = 20;

/// Whether the caller may make this call with these fields and parameters; touches nothing.
///
/// # Errors
/// `forbidden`, `unknown_field` or `forbidden_field`, with all fields at fault.
pub fn admit<'a>(
    endpoint: &Endpoint,
    caller: &Caller,
    query: impl Iterator<Item = &'a str>,
    body: &Map<String, Value>,
) -> Result<()> {
    if let Admission::Role(role) = endpoint.admission
        && caller.role() < role
    {
        let why = format!("{} needs the role {role}; yours is {}.", endpoint.name, caller.role());
        return Err(Error::new(Code::Forbidden, why));
    }
    if endpoint.effect == Effect::Change && caller.is_read_only() {
        return Err(Error::new(
            Code::Forbidden,
            "This API key is read-only; use one with access write.",
        ));
    }
    let query: Vec<&str> = query.collect();
    let unknown: Vec<Fault> = unknown_parameters(endpoint, query.iter().copied())
        .chain(body.keys().filter_map(|name| unknown_field(endpoint, caller, name)))
        .take(MAX_FAULTS)
        .collect();
    if !unknown.is_empty() {
        return Err(Error::faults(Code::UnknownField, unknown));
    }
    let parameters = endpoint.query.iter().filter(|it| query.contains(&it.name));
    let forbidden: Vec<Fault> = parameters
        .filter_map(|parameter| forbidden_parameter(parameter, caller))
        .chain(
            (endpoint.request.iter())
                .filter_map(|field| forbidden_field(field, caller, body.get(field.name)?)),
        )
        .collect();
    if forbidden.is_empty() {
        return Ok(());
    }
    Err(Error::faults(Code::ForbiddenField, forbidden))
}

/// Whether the person who makes the call must have shown a credential just now, as far as the request tells.
pub fn takes_fresh_sign_in(
    endpoint: &Endpoint,
    caller: &Caller,
    body: &Map<String, Value>,
) -> bool {
    let is_set = |name: &str| {
        body.get(name).filter(|value| !matches!(value, Value::Null | Value::Bool(false)))
    };
    let is_own = |session: &Value| {
        caller.session().is_some_and(|own| session.as_str() == Some(own.to_string().as_str()))
    };
    endpoint.fresh.iter().any(|term| match term {
        Fresh::Always => true,
        Fresh::Sent(name) => body.contains_key(*name),
        Fresh::Set(name) => is_set(name).is_some(),
        Fresh::SetButOwnSession(name) => is_set(name).is_some_and(|value| !is_own(value)),
        Fresh::Is(name, values) => {
            body.get(*name).and_then(Value::as_str).is_some_and(|value| values.contains(&value))
        }
        // The step asks, which knows whom it is about.
        Fresh::LetsInAdmin(_) | Fresh::Restores => false,
    })
}

/// Whether a caller of `role` may act on somebody of the role `other`, or grant it.
pub fn reaches(role: Role, other: Role) -> bool {
    other <= role
}

/// The role of those who operate the service; they are among the users of the home account.
pub const OPERATORS: Role = Role::Root;

/// Whether a caller of `role` finds users of every account, and not just the own one's.
pub fn reaches_everywhere(role: Role) -> bool {
    role == Role::Root
}

/// Whether a viewer of `role` sees `field` of a record: the own one (`own`), or one about somebody
/// who has the role `of`.
pub fn sees(role: Role, own: bool, of: Option<Role>, field: &ReplyField) -> bool {
    let within_reach = || of.is_none_or(|of| reaches(role, of));
    own || (role >= field.role && (!field.within_reach || within_reach()))
}

/// The name of a field in which the caller may send the own email, as it is now, and nothing else; `None`
/// where nothing is in it, or the caller may send any.
pub fn own_email_field(
    endpoint: &Endpoint,
    caller: &Caller,
    body: &Map<String, Value>,
) -> Option<&'static str> {
    let is_own = |field: &&RequestField| match field.sender {
        Sender::OwnEmailOr(role) => caller.role() < role,
        Sender::Role(_) | Sender::OwnIdOr(_) => false,
    };
    let field = endpoint.request.iter().find(is_own)?;
    body.get(field.name).filter(|value| !value.is_null()).map(|_| field.name)
}

fn sends(field: &RequestField, caller: &Caller, value: Option<&Value>) -> bool {
    match field.sender {
        Sender::Role(role) => caller.role() >= role,
        // Which one that is, is looked at when all else is admitted: `own_email_field`.
        Sender::OwnEmailOr(role) => caller.role() >= role || caller.user().is_some(),
        Sender::OwnIdOr(role) => {
            let named = value.and_then(Value::as_str).and_then(UserId::parse);
            caller.role() >= role || (named.is_some() && named == caller.user())
        }
    }
}

fn forbidden_field(field: &RequestField, caller: &Caller, value: &Value) -> Option<Fault> {
    let needed = field.sender.role();
    (!sends(field, caller, Some(value))).then(|| {
        let why = format!("{} needs the role {needed}; yours is {}", field.name, caller.role());
        Fault::new(field.name, Code::ForbiddenField.name(), why)
    })
}

fn forbidden_parameter(parameter: &Parameter, caller: &Caller) -> Option<Fault> {
    (caller.role() < parameter.role).then(|| {
        let why = format!("needs the role {}; yours is {}", parameter.role, caller.role());
        let name = format!("?{}", parameter.name);
        Fault::new(name.clone(), Code::ForbiddenField.name(), format!("{name} {why}"))
    })
}

fn unknown_field(endpoint: &Endpoint, caller: &Caller, name: &str) -> Option<Fault> {
    if endpoint.request.iter().any(|field| field.name == name) {
        return None;
    }
    let open = endpoint.request.iter().filter(|field| sends(field, caller, None));
    let hint =
        if endpoint.query.iter().any(|known| known.name == name && caller.role() >= known.role) {
            format!(" It goes into the query: {}?{name}=…", endpoint.name)
        } else {
            did_you_mean(name, open.map(|field| field.name))
        };
    let why = format!("{} has no field {}.{hint}", endpoint.name, excerpt(name));
    Some(Fault::new(excerpt(name), Code::UnknownField.name(), why))
}

fn unknown_parameters<'a>(
    endpoint: &Endpoint,
    query: impl Iterator<Item = &'a str>,
) -> impl Iterator<Item = Fault> {
    let known = || endpoint.query.iter().map(|parameter| parameter.name);
    query.filter(move |name| !known().any(|known| known == *name)).map(move |name| {
        let hint = if endpoint.request.iter().any(|field| *field.name == *name) {
            " It goes into the body.".to_owned()
        } else {
            did_you_mean(name, known())
        };
        let why = format!("{} has no query parameter {}.{hint}", endpoint.name, excerpt(name));
        Fault::new(format!("?{}", excerpt(name)), Code::UnknownField.name(), why)
    })
}

/// The beginning of a name that the caller made up, so that an answer stays small.
fn excerpt(name: &str) -> String {
    name.chars().take(60).collect()
}
