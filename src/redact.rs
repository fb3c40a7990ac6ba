//! Replies: records that are written field by field, as far as the contract lets the viewer see.
//!
//! Only fields that the contract lists are ever asked for, so an unlisted one cannot leave.

use serde::{
    Serialize, Serializer,
    ser::{Error as _, SerializeMap},
};
use serde_json::value::RawValue;

use crate::{admit::sees, clock::Timestamp, contract::ReplyField, model::id::UserId, role::Role};

/// Something that a reply consists of.
pub trait Record: Send + Sync {
    /// The value of the field of that name; `None` if the record has none at present.
    fn field(&self, name: &str) -> Option<Value<'_>>;

    /// Whether the record is about this user, who then sees all of it.
    fn is_about(&self, user: UserId) -> bool {
        let _ = user;
        false
    }

    /// The role of the user that the record is about, if it is about one.
    fn role(&self) -> Option<Role> {
        None
    }
}

/// The value of a record's field.
pub enum Value<'a> {
    /// A text.
    Text(&'a str),
    /// A text made for the occasion.
    Made(String),
    /// Texts.
    Texts(&'a [String]),
    /// A number.
    Number(u64),
    /// A flag.
    Flag(bool),
    /// A moment, written in RFC 3339.
    Time(Timestamp),
    /// JSON text that is written as it stands.
    Json(&'a str),
    /// A record in the record.
    Record(&'a dyn Record),
    /// A list of records.
    List(Vec<&'a dyn Record>),
}

/// Who looks at a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Viewer {
    /// With this role.
    pub role: Role,
    /// As this user.
    pub user: Option<UserId>,
}

/// A reply cut to what its viewer may see; serialises as one JSON object.
pub struct Reply {
    body: Body,
    repeated: bool,
}

enum Body {
    /// A record that is yet to be written.
    Record { record: Box<dyn Record>, fields: &'static [ReplyField], viewer: Viewer },
    /// What was written of one.
    Json(String),
}

impl Reply {
    /// A reply that is written already.
    pub fn written(json: String) -> Self {
        Self { body: Body::Json(json), repeated: false }
    }

    /// The reply of an earlier call, which this one repeats.
    pub fn repeated(json: String) -> Self {
        Self { body: Body::Json(json), repeated: true }
    }

    /// Whether it is that of an earlier call.
    pub fn is_repeated(&self) -> bool {
        self.repeated
    }
}

/// Cuts a record to what the viewer may see.
pub fn redact(record: Box<dyn Record>, fields: &'static [ReplyField], viewer: Viewer) -> Reply {
    Reply { body: Body::Record { record, fields, viewer }, repeated: false }
}

impl Serialize for Reply {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.body {
            Body::Record { record, fields, viewer } => {
                Masked { record: record.as_ref(), fields, viewer: *viewer }.serialize(serializer)
            }
            Body::Json(json) => serialize_json(json, serializer),
        }
    }
}

struct Masked<'a> {
    record: &'a dyn Record,
    fields: &'static [ReplyField],
    viewer: Viewer,
}

impl Serialize for Masked<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let own = self.viewer.user.is_some_and(|user| self.record.is_about(user));
        let (role, of) = (self.viewer.role, self.record.role());
        let mut map = serializer.serialize_map(None)?;
        for field in self.fields.iter().filter(|field| sees(role, own, of, field)) {
            if let Some(value) = self.record.field(field.name) {
                let (fields, viewer) = (field.inner(), self.viewer);
                map.serialize_entry(field.name, &MaskedValue { value, fields, viewer })?;
            }
        }
        map.end()
    }
}

struct MaskedValue<'a> {
    value: Value<'a>,
    fields: &'static [ReplyField],
    viewer: Viewer,
}

impl Serialize for MaskedValue<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (fields, viewer) = (self.fields, self.viewer);
        match &self.value {
            Value::Text(text) => serializer.serialize_str(text),
            Value::Made(text) => serializer.serialize_str(text),
            Value::Number(number) => serializer.serialize_u64(*number),
            Value::Flag(flag) => serializer.serialize_bool(*flag),
            Value::Time(time) => time.serialize(serializer),
            Value::Texts(texts) => texts.serialize(serializer),
            Value::Json(json) => serialize_json(json, serializer),
            Value::Record(record) => {
                Masked { record: *record, fields, viewer }.serialize(serializer)
            }
            Value::List(records) => serializer.collect_seq(records.iter().map(|record| Masked {
                record: *record,
                fields,
                viewer,
            })),
        }
    }
}

/// Writes JSON text as it stands.
fn serialize_json<S: Serializer>(json: &str, serializer: S) -> Result<S::Ok, S::Error> {
    match serde_json::from_str::<&RawValue>(json) {
        Ok(json) => json.serialize(serializer),
        Err(error) => Err(S::Error::custom(error)),
    }
}
