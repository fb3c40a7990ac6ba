//! The fields of a user in a request, and the rules that they must follow. The texts are the panel's own
//! (Laravel's in English).

use serde_json::{Map, Value};

use super::languages;
use crate::model::{
    email::{Email, EmailError},
    fields::Change,
};

/// The longest text, in characters.
const MAX_CHARS: usize = 191;

/// A field, in the order in which faults are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Field {
    Email,
    Username,
    FirstName,
    LastName,
    ExternalId,
    Password,
    RootAdmin,
    Language,
}

/// What a value must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    Between,
    Boolean,
    Email,
    In,
    Max,
    PUsername,
    Prohibited,
    Required,
    String,
    Unique,
}

/// A field that breaks a rule.
pub(super) struct Failed {
    pub(super) field: Field,
    pub(super) rule: Rule,
    /// What clients are told.
    pub(super) detail: String,
}

/// What a request says of a user. A value that breaks a rule is as if it was not sent.
pub(super) struct Form {
    pub(super) email: Option<String>,
    /// The email as it was written.
    pub(super) spelled: Option<String>,
    pub(super) username: Option<String>,
    pub(super) first_name: Option<String>,
    pub(super) last_name: Option<String>,
    pub(super) external_id: Change<String>,
    pub(super) password: Option<String>,
    pub(super) root_admin: Option<bool>,
    pub(super) language: Option<String>,
    /// The rules that are broken.
    pub(super) failed: Vec<Failed>,
}

impl Field {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Username => "username",
            Self::FirstName => "first_name",
            Self::LastName => "last_name",
            Self::ExternalId => "external_id",
            Self::Password => "password",
            Self::RootAdmin => "root_admin",
            Self::Language => "language",
        }
    }

    /// What texts call it.
    pub(super) fn label(self) -> String {
        self.name().replace('_', " ")
    }

    /// The field that the native interface calls by this name.
    pub(super) fn of_native(name: &str) -> Option<Self> {
        Some(match name {
            "email" | "newEmail" => Self::Email,
            "username" => Self::Username,
            "first" => Self::FirstName,
            "last" => Self::LastName,
            "externalId" => Self::ExternalId,
            "password" | "newPassword" | "currentPassword" => Self::Password,
            "role" => Self::RootAdmin,
            "language" => Self::Language,
            _ => return None,
        })
    }

    /// The name of the rule that is nearest to a native fault of this code.
    pub(super) fn rule_of_native(self, code: &str) -> &'static str {
        let rule = match (self, code) {
            // What passwords must be like the panel does not say.
            (Self::Password, _) => return "password",
            (_, "required") => Rule::Required,
            (Self::ExternalId, "length") => Rule::Max,
            (_, "length") => Rule::Between,
            (Self::Email, _) => Rule::Email,
            (Self::Username, _) => Rule::PUsername,
            (Self::FirstName | Self::LastName | Self::ExternalId, _) => Rule::String,
            (Self::RootAdmin | Self::Language, _) => Rule::In,
        };
        rule.name()
    }
}

impl Rule {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Between => "between",
            Self::Boolean => "boolean",
            Self::Email => "email",
            Self::In => "in",
            Self::Max => "max",
            Self::PUsername => "p_username",
            Self::Prohibited => "prohibited",
            Self::Required => "required",
            Self::String => "string",
            Self::Unique => "unique",
        }
    }
}

impl Failed {
    fn new(field: Field, rule: Rule) -> Self {
        let label = field.label();
        let detail = match rule {
            Rule::Between => format!("The {label} must be between 1 and {MAX_CHARS} characters."),
            Rule::Boolean => format!("The {label} field must be true or false."),
            Rule::Email => format!("The {label} must be a valid email address."),
            Rule::In => format!("The selected {label} is invalid."),
            Rule::Max => format!("The {label} must not be greater than {MAX_CHARS} characters."),
            Rule::PUsername => format!(
                "The {label} must start and end with alpha-numeric characters and contain only \
                 letters, numbers, dashes, underscores, and periods."
            ),
            Rule::Prohibited => format!("The {label} field is prohibited."),
            Rule::Required => format!("The {label} field is required."),
            Rule::String => format!("The {label} must be a string."),
            Rule::Unique => format!("The {label} has already been taken."),
        };
        Self { field, rule, detail }
    }

    /// A value that only the person itself may choose.
    pub(super) fn prohibited(field: Field) -> Self {
        Self::new(field, Rule::Prohibited)
    }

    /// A value that somebody else has.
    pub(super) fn taken(field: Field) -> Self {
        Self::new(field, Rule::Unique)
    }
}

impl Form {
    pub(super) fn read(fields: Map<String, Value>) -> Self {
        let mut reader = Reader { fields, failed: Vec::new() };
        let (email, spelled) = reader.email().unzip();
        Self {
            email,
            spelled,
            username: reader.username(),
            first_name: reader.name(Field::FirstName),
            last_name: reader.name(Field::LastName),
            external_id: reader.external_id(),
            password: reader.password(),
            root_admin: reader.root_admin(),
            language: reader.language(),
            failed: reader.failed,
        }
    }
}

/// A field's value, before it means anything.
enum Given {
    /// It was not sent.
    Nothing,
    /// Null, or an empty text.
    Null,
    /// A text that is not empty; trimmed, if it is no password.
    Text(String),
    /// Of another type.
    Other(Value),
}

/// Takes fields from a body, and notes the rules that they break.
struct Reader {
    fields: Map<String, Value>,
    failed: Vec<Failed>,
}

impl Reader {
    fn take(&mut self, field: Field) -> Given {
        let is_trimmed = field != Field::Password;
        let trimmed = |text: String| if is_trimmed { text.trim().to_owned() } else { text };
        match self.fields.remove(field.name()) {
            None => Given::Nothing,
            Some(Value::Null) => Given::Null,
            Some(Value::String(text)) => match trimmed(text) {
                text if text.is_empty() => Given::Null,
                text => Given::Text(text),
            },
            Some(
                other @ (Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)),
            ) => Given::Other(other),
        }
    }

    /// A field that must be there.
    fn required(&mut self, field: Field) -> Option<Result<String, Value>> {
        match self.take(field) {
            Given::Text(text) => Some(Ok(text)),
            Given::Other(value) if !is_empty(&value) => Some(Err(value)),
            Given::Nothing | Given::Null | Given::Other(_) => self.fail(field, Rule::Required),
        }
    }

    /// The email, and how it was written.
    fn email(&mut self) -> Option<(String, String)> {
        let Ok(text) = self.required(Field::Email)? else {
            return self.fail(Field::Email, Rule::Email);
        };
        let read = Email::parse(&text);
        // Of what is too long nothing else is known.
        if read.as_ref().is_err_and(|error| *error != EmailError::TooLong) {
            self.fail::<()>(Field::Email, Rule::Email);
        }
        match (self.between(Field::Email, text), read) {
            (Some(written), Ok(email)) => Some((email.to_string(), written)),
            // It grows when it is lower-cased.
            (Some(_), Err(EmailError::TooLong)) => self.fail(Field::Email, Rule::Between),
            (Some(_), Err(_)) | (None, _) => None,
        }
    }

    fn username(&mut self) -> Option<String> {
        let text = match self.required(Field::Username)? {
            Ok(text) => text,
            Err(Value::Number(number)) => number.to_string(),
            Err(_) => return self.fail(Field::Username, Rule::PUsername),
        };
        let text = text.to_ascii_lowercase();
        if !is_username(&text) {
            self.fail::<()>(Field::Username, Rule::PUsername);
        }
        self.between(Field::Username, text).filter(|text| is_username(text))
    }

    fn name(&mut self, field: Field) -> Option<String> {
        match self.required(field)? {
            Ok(text) => self.between(field, text),
            Err(_) => self.fail(field, Rule::String),
        }
    }

    fn external_id(&mut self) -> Change<String> {
        let field = Field::ExternalId;
        match self.take(field) {
            Given::Nothing => return Change::Keep,
            Given::Null => return Change::Clear,
            Given::Text(text) if text.chars().count() <= MAX_CHARS => return Change::Set(text),
            Given::Text(_) => self.fail::<()>(field, Rule::Max),
            Given::Other(_) => self.fail::<()>(field, Rule::String),
        };
        Change::Keep
    }

    fn password(&mut self) -> Option<String> {
        match self.take(Field::Password) {
            Given::Nothing | Given::Null => None,
            Given::Text(text) => Some(text),
            Given::Other(_) => self.fail(Field::Password, Rule::String),
        }
    }

    fn root_admin(&mut self) -> Option<bool> {
        match self.take(Field::RootAdmin) {
            Given::Nothing => None,
            Given::Text(text) if text == "1" => Some(true),
            Given::Text(text) if text == "0" => Some(false),
            Given::Other(Value::Bool(flag)) => Some(flag),
            Given::Other(Value::Number(number)) if number.as_u64() == Some(1) => Some(true),
            Given::Other(Value::Number(number)) if number.as_u64() == Some(0) => Some(false),
            Given::Null | Given::Text(_) | Given::Other(_) => {
                self.fail(Field::RootAdmin, Rule::Boolean)
            }
        }
    }

    fn language(&mut self) -> Option<String> {
        match self.take(Field::Language) {
            Given::Nothing => None,
            Given::Text(text) => match languages::known(&text) {
                Some(tag) => Some(tag),
                None => self.fail(Field::Language, Rule::In),
            },
            Given::Null | Given::Other(_) => self.fail(Field::Language, Rule::String),
        }
    }

    /// A text that is not empty, and no longer than allowed.
    fn between(&mut self, field: Field, text: String) -> Option<String> {
        if text.chars().count() <= MAX_CHARS { Some(text) } else { self.fail(field, Rule::Between) }
    }

    fn fail<T>(&mut self, field: Field, rule: Rule) -> Option<T> {
        self.failed.push(Failed::new(field, rule));
        None
    }
}

/// Whether a value of no scalar type has nothing in it.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.is_empty(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// The panel's rule: `^[a-z0-9]([\w.-]+)[a-z0-9]$`.
fn is_username(text: &str) -> bool {
    let edge = |byte: Option<&u8>| {
        byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    let bytes = text.as_bytes();
    let inside = bytes.iter().all(|byte| edge(Some(byte)) || b"_.-".contains(byte));
    bytes.len() >= 3 && inside && edge(bytes.first()) && edge(bytes.last())
}
