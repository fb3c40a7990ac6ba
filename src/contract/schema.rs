//! What JSON Schema (2020-12) says of kinds and fields.
//!
//! The schemas promise what the types of `model` accept and nothing else; the tests send each kind's
//! example, and values that are almost valid.

mod forms;

use serde_json::{Map, Value, json};

use super::{
    BATCHED, Effect, Endpoint, MAX_BATCH, Presence, ReplyField, RequestField, Rule, Sender,
    endpoints,
    kind::{DEFAULT_LIMIT, Kind, MAX_PARTS, ORDERS, Shape},
};
use crate::{
    model::{email, invite::InviteState, letter, password, text},
    role::Role,
};

/// White space, as trimming takes it off, and what a line may not have inside; for classes of a
/// regular expression, in the few escapes that all dialects share.
const BLANK: &str = r"\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000";
const CONTROL: &str = r"\u0000-\u001f\u007f-\u009f\u2028\u2029";
/// What cannot be seen, wherever it stands, as far as all dialects can say it.
const UNSEEN: &str = concat!(
    r"\u00ad\u061c\u115f\u1160\u17b4\u17b5\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164",
    r"\ue000-\uf8ff\ufdd0-\ufdef\ufeff\uffa0\ufff0-\ufffc\ufffe\uffff",
);

impl RequestField {
    /// What JSON Schema says of it, with the role of those who may send it.
    pub fn schema(&self) -> Value {
        let schema = match (self.required, self.can_clear()) {
            (true, _) => self.kind.reference(),
            (false, false) => self.optional(),
            (false, true) => with(self.optional(), "description", "null removes it"),
        };
        match self.sender {
            Sender::Role(role) => with(schema, "x-role", role.name()),
            Sender::OwnIdOr(role) => {
                let description = format!("Needs the role {role}, except for the caller's own");
                with(with(schema, "description", description), "x-role", role.name())
            }
            Sender::OwnEmailOr(role) => {
                let description =
                    format!("Needs the role {role}, except for the caller's own current value");
                with(with(schema, "description", description), "x-role", role.name())
            }
        }
    }
}

impl RequestField {
    /// The kind's schema, or what is as good as nothing.
    fn optional(&self) -> Value {
        let schema = self.kind.reference();
        if matches!(self.kind, Kind::Null) {
            return schema;
        }
        if self.takes_blank() { or_blank(&schema) } else { or_null(schema) }
    }
}

impl Endpoint {
    /// The smallest body that the call takes.
    pub fn example(&self) -> Value {
        let required = self.request.iter().filter(|field| field.required).map(|field| field.name);
        let groups = self.rules.iter().filter_map(|rule| match rule {
            Rule::OneOf(groups) => groups.first().copied(),
            Rule::Needs(..) | Rule::Apart(..) => None,
        });
        let named: Vec<_> = required.chain(groups.flatten().copied()).collect();
        let fields = self.request.iter().filter(|field| named.contains(&field.name));
        fields.map(|field| (field.name.to_owned(), field.kind.example())).collect()
    }
}

impl ReplyField {
    /// What JSON Schema says of it, with the role of those who see it.
    pub fn schema(&self) -> Value {
        let schema = with(self.kind.reference(), "x-role", self.role.name());
        if self.opens {
            return with(schema, "description", "Not shown to read-only API keys");
        }
        schema
    }
}

impl Kind {
    /// What it says of such a value.
    #[expect(clippy::too_many_lines, reason = "a line for each kind")]
    pub fn schema(self) -> Value {
        match self {
            Self::Access => words(&["read", "write"], "Whether a key may make changes"),
            Self::AccountState => words(&["active", "suspended", "removed"], "An account's state"),
            Self::Action => action(),
            Self::Actor => told("The actor: user:ID, key:ID, operator or sweeper", "operator"),
            Self::ActorFilter => actor_filter(),
            Self::Audience => form("Another service", "^[!-~]{1,255}$", "https://api.example.com"),
            Self::Batch => batch(),
            Self::Code => forms::random("The code from an email", 24),
            Self::EmailCode => {
                form("The code from an email, for typing in", "^[0-9]{8}$", "12345678")
            }
            Self::InviteCode => forms::invite_code(),
            Self::InviteState => words(&InviteState::ALL.map(InviteState::name), "Of an invite"),
            Self::Contains => contains(),
            Self::Count => whole_number(0, &json!(u64::MAX), 7),
            Self::Cursor => told("An opaque cursor; valid only for the same query", "AAAA"),
            Self::Date => of_format("date", "A day in UTC", "2030-01-31"),
            Self::Direction => {
                words(&["asc", "desc"], "Ascending or descending; for times, newest last or first")
            }
            Self::Document => document(),
            Self::Email => email(),
            Self::Flag => json!({"type": "boolean", "examples": [true]}),
            Self::Null => json!({"type": "null"}),
            Self::UserNumber => user_number(),
            Self::HoldKind => form("The kind of thing", "^[a-z0-9_.-]{1,64}$", "project"),
            Self::Id => of_format("uuid", "A UUID", "01890000-0000-7000-8000-000000000000"),
            Self::Index => words(&["primary", "gs1"], "By ID, which means by age, or by email"),
            Self::Language => forms::language(),
            Self::LetterKind => words(&letter::Kind::ALL.map(letter::Kind::name), "What it says"),
            Self::LetterState => words(&["waiting", "undeliverable"], "The state of an email"),
            Self::MailAdvice => words(forms::MAIL_ADVICE, "What to do, as a code"),
            Self::MailStage => words(forms::MAIL_STAGES, "How far a test email got"),
            Self::MailTls => words(
                &["implicit", "starttls", "none"],
                "How the connection to the mail server is encrypted",
            ),
            Self::Limit(most) => with(whole_number(1, &json!(most), 10), "default", DEFAULT_LIMIT),
            Self::Line => line("A line of text; it is trimmed", CONTROL, "ada-1815"),
            Self::Logo => forms::logo(),
            Self::List(shape) => list(&Self::Record(shape).reference()),
            Self::Name => name(),
            Self::NamedAccount => named_account(),
            Self::NewPassword => secret("A password that is hard to guess", password::MIN_CHARS),
            Self::Offset => with(whole_number(0, &json!(u64::MAX), 0), "default", 0),
            Self::Opaque => {
                form("A value made here or elsewhere, unchanged", "^[!-~]{1,4096}$", "AAAA")
            }
            Self::Order => order(),
            Self::PageKey => {
                forms::random("The key from the reply of the call that started this", 43)
            }
            Self::Provider => form("The name of a provider", "^[a-z0-9-]{1,32}$", "google"),
            Self::Password => secret("A password", 1),
            Self::PasswordHash => forms::password_hash(),
            Self::Record(shape) => record(shape),
            Self::RefreshToken => forms::refresh_token(),
            Self::Role => words(&Role::GRANTED.map(Role::name), "A role"),
            Self::SecondFactor => forms::second_factor(),
            Self::SettableState => words(&["active", "suspended"], "A state that can be set"),
            Self::Registration => words(
                &["open", "invite"],
                "Whether anyone can sign up, or only people who are invited",
            ),
            Self::SignUpState => words(&["pending", "verified"], "How far a sign-up has got"),
            Self::Subject => subject(),
            Self::Target => told("What was acted on, such as user:ID", "hold:ID"),
            Self::Text => json!({"type": "string"}),
            Self::Texts => list(&json!({"type": "string"})),
            Self::Time => time(),
            Self::TotpCode => form("The digits that the app shows", "^[0-9]{6}$", "123456"),
            Self::Url => json!({"type": "string", "format": "uri"}),
            Self::UserState => words(&["invited", "active", "suspended", "trashed"], "A state"),
            Self::Username => form("A username; it is lower-cased", USERNAME, "ada.lovelace"),
            Self::UsualState => {
                words(&["invited", "active", "suspended"], "Any state except trashed")
            }
        }
    }

    /// An example of it; null where none is needed.
    pub fn example(self) -> Value {
        self.schema().pointer("/examples/0").cloned().unwrap_or_default()
    }

    /// Its schema, by name if it has one.
    pub fn reference(self) -> Value {
        match self.name() {
            Some(name) => json!({"$ref": format!("#/components/schemas/{name}")}),
            None => self.schema(),
        }
    }
}

const USERNAME: &str = "^[A-Za-z0-9][A-Za-z0-9_.-]{1,189}[A-Za-z0-9]$";

/// The schema with one thing more.
fn with(mut schema: Value, name: &str, value: impl Into<Value>) -> Value {
    if let Value::Object(map) = &mut schema {
        map.insert(name.to_owned(), value.into());
    }
    schema
}

/// The schema, or null.
fn or_null(schema: Value) -> Value {
    match schema.get("type").and_then(Value::as_str).map(str::to_owned) {
        Some(single) => with(schema, "type", json!([single, "null"])),
        None => json!({"anyOf": [schema, {"type": "null"}]}),
    }
}

/// The schema, or null, or a text without anything in it.
fn or_blank(schema: &Value) -> Value {
    let blank = json!({"type": "string", "pattern": format!("^[{BLANK}]*$")});
    json!({"anyOf": [schema, blank, {"type": "null"}]})
}

fn words(words: &[&str], description: &str) -> Value {
    json!({"type": "string", "enum": words, "description": description, "examples": words.get(..1)})
}

fn told(description: &str, example: &str) -> Value {
    json!({"type": "string", "description": description, "examples": [example]})
}

fn form(description: &str, pattern: &str, example: &str) -> Value {
    with(told(description, example), "pattern", pattern)
}

fn of_format(format: &str, description: &str, example: &str) -> Value {
    with(told(description, example), "format", format)
}

fn whole_number(least: u64, most: &Value, example: u64) -> Value {
    json!({"type": "integer", "minimum": least, "maximum": most, "examples": [example]})
}

fn list(items: &Value) -> Value {
    json!({"type": "array", "items": items})
}

fn name() -> Value {
    let description = "A line of text with visible characters only; it is trimmed";
    line(description, &format!("{CONTROL}{UNSEEN}"), "Ada")
}

/// A line without some characters, of a class.
fn line(description: &str, without: &str, example: &str) -> Value {
    let word = format!("[^{BLANK}{without}]");
    json!({
        "type": "string", "minLength": 1, "maxLength": text::MAX_CHARS,
        "pattern": format!("^[{BLANK}]*{word}([^{without}]*{word})?[{BLANK}]*$"),
        "description": description, "examples": [example],
    })
}

fn subject() -> Value {
    json!({
        "type": "string", "minLength": 1, "maxLength": 255,
        "pattern": r"^[^\u0000-\u001f\u007f-\u009f]*$",
        "description": "An issuer's name for a person", "examples": ["248289761001"],
    })
}

fn secret(description: &str, shortest: usize) -> Value {
    json!({
        "type": "string", "format": "password",
        "minLength": shortest, "maxLength": password::MAX_CHARS,
        "description": description, "examples": ["rivers run uphill"],
    })
}

fn action() -> Value {
    let changing = endpoints().filter(|endpoint| endpoint.effect == Effect::Change);
    let names: Vec<_> = changing.map(|endpoint| endpoint.name).collect();
    words(&names, "The name of a call that changes something")
}

fn batch() -> Value {
    json!({
        "type": "array", "minItems": 1, "maxItems": MAX_BATCH,
        "description": "Calls, each with its usual body",
        "items": {
            "type": "object",
            "properties": {
                "call": {"enum": BATCHED},
                "body": {"type": "object", "additionalProperties": true},
            },
            "required": ["call", "body"],
            "additionalProperties": false,
        },
        "examples": [[{"call": "user/create", "body": {"email": "ada@example.com"}}]],
    })
}

fn actor_filter() -> Value {
    json!({
        "description": "The id of a user or a key, or the word operator or sweeper",
        "anyOf": [{"type": "string", "format": "uuid"}, {"enum": ["operator", "sweeper"]}],
        "examples": ["operator"],
    })
}

fn contains() -> Value {
    let lines = json!({
        "type": "array", "minItems": 1, "maxItems": MAX_PARTS, "items": Kind::Line.reference(),
    });
    let lines = or_null(lines);
    json!({
        "type": "object",
        "description": "Users who have, in each of these fields, one of its texts; case is ignored",
        "properties": {"email": lines, "id": lines, "username": lines, "externalId": lines},
        "additionalProperties": false,
        "examples": [{"email": ["@example.com"]}],
    })
}

fn time() -> Value {
    of_format("date-time", "RFC 3339; replies are UTC", "2030-01-31T12:00:00Z")
}

fn user_number() -> Value {
    json!({
        "description": "A number that no user of the account has or had",
        "type": "integer", "minimum": 1, "maximum": u32::MAX, "examples": [7],
    })
}

fn document() -> Value {
    json!({
        "type": "object",
        "description": format!("Up to {} bytes as JSON", text::MAX_DOCUMENT_BYTES),
        "additionalProperties": true,
        "examples": [{"theme": "dark"}],
    })
}

fn email() -> Value {
    let schema = of_format("email", "An email address; it is lower-cased", "ada@example.com");
    with(schema, "maxLength", email::MAX_CHARS)
}

fn named_account() -> Value {
    json!({
        "type": "object",
        "properties": {"name": or_blank(&Kind::Name.reference())},
        "additionalProperties": false,
        "examples": [{"name": "Analytical Engines"}],
    })
}

fn order() -> Value {
    let names = ORDERS.join("|");
    let pattern = format!("^-?({names})(,-?({names}))*$");
    form(
        "Fields to sort by, separated by commas; a - before a field reverses its order",
        &pattern,
        "role,-created",
    )
}

fn record(shape: Shape) -> Value {
    let properties = shape.fields.iter().map(|field| (field.name.to_owned(), field.schema()));
    let always = shape
        .fields
        .iter()
        .filter(|field| field.presence == Presence::Always)
        .map(|field| field.name);
    json!({
        "type": "object",
        "properties": properties.collect::<Map<_, _>>(),
        "required": always.collect::<Vec<_>>(),
    })
}
