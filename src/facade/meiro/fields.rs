//! The fields of a request's body, and all that is wrong with them.

use serde_json::{Map, Value};

use super::{Request, user::ROLE_IDS};
use crate::{
    error::{Code, Error, Fault, Result},
    facade::{Body, native::Role},
    model::id::AccountId,
};

/// What a user also has: clients that send back what they got may send it along.
const READ_ONLY: &[&str] = &[
    "id",
    "deleted",
    "first_login",
    "last_login",
    "sso_enabled",
    "created",
    "modified",
    "last_modified_by",
];
/// How many unknown fields an answer names, and how much of each.
const MAX_UNKNOWN: usize = 20;
const MAX_NAME_CHARS: usize = 60;

/// The fields that are still to be read, and the faults found so far.
pub(super) struct Fields {
    map: Map<String, Value>,
    /// Whether all values are text, since they come from a form.
    is_form: bool,
    faults: Vec<Fault>,
}

impl Fields {
    /// The fields of a request that may have the `known` ones.
    ///
    /// # Errors
    /// `malformed_json`
    pub(super) fn of(request: &Request, known: &[&str]) -> Result<Self> {
        let mut map = request.body.fields()?;
        let is_form = match &request.body {
            Body::Form(_) => true,
            Body::Json(bytes) => {
                let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
                if first.is_some_and(|first| *first != b'{') {
                    let why = "The body must be a JSON object: {…}.";
                    return Err(Error::new(Code::MalformedJson, why));
                }
                false
            }
        };
        map.retain(|name, _| known.contains(&name.as_str()) || !READ_ONLY.contains(&name.as_str()));
        let unknown = map.keys().filter(|name| !known.contains(&name.as_str()));
        let unknown: Vec<String> = unknown.take(MAX_UNKNOWN).map(|name| excerpt(name)).collect();
        let mut fields = Self { map, is_form, faults: Vec::new() };
        if let Some(first) = unknown.first() {
            let names = unknown.join(", ");
            let why = format!("{names}: unknown; the fields here are {}", known.join(", "));
            fields.fault(first, "unknown_field", why);
        }
        Ok(fields)
    }

    /// Notes which of the fields are missing.
    pub(super) fn require(&mut self, names: &[&str]) {
        for name in names {
            let value = self.map.get(*name).unwrap_or(&Value::Null);
            if value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty()) {
                self.map.remove(*name);
                self.fault(name, "required", format!("{name} is required"));
            }
        }
    }

    pub(super) fn text(&mut self, name: &str) -> Option<String> {
        match self.map.remove(name)? {
            Value::String(text) => Some(text),
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::Array(_)
            | Value::Object(_) => {
                self.fault(name, "type", format!("{name} must be a text"));
                None
            }
        }
    }

    /// As [`Fields::text`], for one that may be null as well.
    pub(super) fn text_or_null(&mut self, name: &str) -> Option<String> {
        if self.map.get(name).is_some_and(Value::is_null) {
            self.map.remove(name);
        }
        self.text(name)
    }

    /// The id of an account, or null.
    pub(super) fn account(&mut self, name: &str) -> Option<AccountId> {
        let text = self.text_or_null(name)?;
        let account = AccountId::parse(&text);
        if account.is_none() {
            self.fault(name, "format", format!("{name} must be the id of an account"));
        }
        account
    }

    /// One that is 0 or 1.
    pub(super) fn flag(&mut self, name: &str) -> Option<bool> {
        let value = self.map.remove(name)?;
        let flag = match &value {
            Value::Bool(flag) => Some(*flag),
            Value::Number(number) => {
                [false, true].into_iter().find(|flag| number.as_u64() == Some(u64::from(*flag)))
            }
            Value::String(text) if self.is_form => match text.as_str() {
                "0" | "false" => Some(false),
                "1" | "true" => Some(true),
                _ => None,
            },
            Value::Null | Value::String(_) | Value::Array(_) | Value::Object(_) => None,
        };
        if flag.is_none() {
            self.fault(name, "in", format!("{name} must be 0 or 1, or false or true"));
        }
        flag
    }

    /// A role by its id.
    pub(super) fn role(&mut self, name: &str) -> Option<Role> {
        let value = self.map.remove(name)?;
        let id = match &value {
            Value::Number(number) => number.as_u64(),
            Value::String(text) if self.is_form => text.parse().ok(),
            Value::Null
            | Value::Bool(_)
            | Value::String(_)
            | Value::Array(_)
            | Value::Object(_) => None,
        };
        let role = id.and_then(Role::of_id);
        if role.is_none() {
            self.fault(name, "in", format!("{name} must be {ROLE_IDS}"));
        }
        role
    }

    pub(super) fn object(&mut self, name: &str) -> Option<Map<String, Value>> {
        if let Value::Object(members) = self.map.remove(name)? {
            return Some(members);
        }
        self.fault(name, "type", format!("{name} must be an object"));
        None
    }

    /// What was read, if all of it could be.
    ///
    /// # Errors
    /// `validation_failed` with all that was wrong.
    pub(super) fn end<T>(self, read: Option<T>) -> Result<T> {
        match read {
            Some(read) if self.faults.is_empty() => Ok(read),
            Some(_) | None => Err(Error::faults(Code::ValidationFailed, self.faults)),
        }
    }

    fn fault(&mut self, name: &str, code: &'static str, why: String) {
        self.faults.push(Fault::new(name, code, why));
    }
}

/// The beginning of a name that the client made up, so that an answer stays small.
fn excerpt(name: &str) -> String {
    name.chars().take(MAX_NAME_CHARS).collect()
}
