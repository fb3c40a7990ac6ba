//! Replies: records that are written, or read into values (`read`), field by field, as far as the
//! contract lets the viewer see.
//!
//! Only fields that the contract lists are ever asked for, so an unlisted one cannot leave.

mod read;

use std::{
    borrow::Cow,
    fmt::{Display, Write as _},
};

use serde::de::DeserializeOwned;

use crate::{
    admit::sees,
    clock::Timestamp,
    contract::ReplyField,
    cookie::CookieChange,
    model::{id::UserId, text::Document},
    role::Role,
};

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

    /// What the reply does to the browser's cookie besides.
    fn cookie(&self) -> Option<CookieChange> {
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
    /// A text of characters that JSON has no need to escape, such as an id.
    Plain(&'a dyn Display),
    /// JSON text that is written as it stands.
    Json(&'a str),
    /// A JSON object.
    Document(Cow<'a, Document>),
    /// A record in the record.
    Record(&'a dyn Record),
    /// A list of records.
    List(Vec<&'a dyn Record>),
}

impl<'a> Value<'a> {
    /// A list of these records.
    pub fn list(records: &'a [impl Record]) -> Self {
        Self::List(records.iter().map(|record| record as &dyn Record).collect())
    }
}

/// How large replies of one record usually are.
const USUAL_BYTES: usize = 512;

/// Who looks at a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Viewer {
    /// With this role.
    pub role: Role,
    /// As this user.
    pub user: Option<UserId>,
    /// By a key that may not change anything.
    pub read_only: bool,
}

impl Viewer {
    /// A person.
    pub fn person(role: Role, user: Option<UserId>) -> Self {
        Self { role, user, read_only: false }
    }
}

/// A reply cut to what its viewer may see.
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

    /// What it does to the browser's cookie; what was kept of an earlier one does nothing.
    pub fn cookie(&self) -> Option<CookieChange> {
        match &self.body {
            Body::Record { record, .. } => record.cookie(),
            Body::Json(_) => None,
        }
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

impl Reply {
    /// The reply as the text of one JSON object.
    pub fn into_json(self) -> String {
        match self.body {
            Body::Record { record, fields, viewer } => {
                let mut json = String::with_capacity(USUAL_BYTES);
                Masked { record: record.as_ref(), fields, viewer }.write(&mut json);
                json
            }
            Body::Json(json) => json,
        }
    }

    /// The reply as a value, of which the fields are what [`Reply::into_json`] would write of them.
    ///
    /// # Errors
    /// Why the reply cannot be such a value.
    pub fn read<T: DeserializeOwned>(self) -> serde_json::Result<T> {
        match self.body {
            Body::Record { record, fields, viewer } => {
                T::deserialize(Masked { record: record.as_ref(), fields, viewer })
            }
            Body::Json(json) => serde_json::from_str(&json),
        }
    }
}

/// A record as far as the viewer may see it. Written by hand: names are plain, most texts are, too, and
/// a reply consists of little else.
#[derive(Clone, Copy)]
struct Masked<'a> {
    record: &'a dyn Record,
    fields: &'static [ReplyField],
    viewer: Viewer,
}

impl Masked<'_> {
    /// The fields that the viewer may see, whether or not the record has them.
    fn visible(&self) -> impl Iterator<Item = &'static ReplyField> + use<> {
        let own = self.viewer.user.is_some_and(|user| self.record.is_about(user));
        let (Viewer { role, read_only, .. }, of) = (self.viewer, self.record.role());
        let fields = self.fields.iter().filter(move |field| !(read_only && field.opens));
        fields.filter(move |field| sees(role, own, of, field))
    }

    fn write(&self, json: &mut String) {
        let mut separator = "{\"";
        for field in self.visible() {
            let Some(value) = self.record.field(field.name) else { continue };
            json.push_str(separator);
            json.push_str(field.name);
            json.push_str("\":");
            self.write_value(&value, field, json);
            separator = ",\"";
        }
        json.push_str(if separator.starts_with(',') { "}" } else { "{}" });
    }

    fn write_value(&self, value: &Value<'_>, field: &ReplyField, json: &mut String) {
        match value {
            Value::Text(text) => write_text(text, json),
            Value::Made(text) => write_text(text, json),
            Value::Number(number) => drop(write!(json, "{number}")),
            Value::Flag(flag) => json.push_str(if *flag { "true" } else { "false" }),
            Value::Time(time) => write_time(*time, json),
            Value::Texts(texts) => write_list(texts, json, |text, json| write_text(text, json)),
            Value::Plain(text) => drop(write!(json, "\"{text}\"")),
            Value::Json(text) => json.push_str(text),
            Value::Document(document) => json.push_str(document.as_json()),
            Value::Record(record) => self.inner(*record, field).write(json),
            Value::List(records) => {
                json.reserve(records.len() * USUAL_BYTES);
                write_list(records, json, |record, json| self.inner(*record, field).write(json));
            }
        }
    }

    fn inner<'a>(&self, record: &'a dyn Record, field: &ReplyField) -> Masked<'a> {
        Masked { record, fields: field.inner(), viewer: self.viewer }
    }
}

fn write_list<T>(list: &[T], json: &mut String, mut each: impl FnMut(&T, &mut String)) {
    json.push('[');
    for (at, one) in list.iter().enumerate() {
        if at > 0 {
            json.push(',');
        }
        each(one, json);
    }
    json.push(']');
}

fn write_time(time: Timestamp, json: &mut String) {
    // There is no time that could not be written: all were read within those years.
    if time.written(|text| write_text(text, json)).is_none() {
        json.push_str("null");
    }
}

fn write_text(text: &str, json: &mut String) {
    if text.bytes().all(|byte| !matches!(byte, 0..b' ' | b'"' | b'\\')) {
        json.push('"');
        json.push_str(text);
        json.push('"');
    } else {
        json.push_str(&serde_json::Value::from(text).to_string());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_written_as_json() {
        let texts =
            ["", "Ada", "Zoë ♥", "\"", "\\", "a\tb\n\u{0}\u{1f}\u{7f}\u{2028}", "</script>"];
        for text in texts {
            let mut json = String::new();
            write_text(text, &mut json);
            assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
        }
    }
}
