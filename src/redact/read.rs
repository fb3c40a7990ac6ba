//! Replies as values: what would be written of a record goes into any type that serde can read, without
//! being written.

use std::borrow::Cow;

use serde::{
    Deserialize as _, Deserializer,
    de::{
        IntoDeserializer, Visitor,
        value::{MapDeserializer, SeqDeserializer},
    },
    forward_to_deserialize_any,
};
use serde_json::{Deserializer as Json, Error, Result};

use super::{Masked, Value};
use crate::contract::ReplyField;

/// The value of a field that the viewer may see.
struct Seen<'a> {
    value: Value<'a>,
    field: &'static ReplyField,
    masked: Masked<'a>,
}

impl<'a> Masked<'a> {
    /// What the viewer may see of the record.
    fn seen(self) -> impl Iterator<Item = (&'static str, Seen<'a>)> {
        self.visible().filter_map(move |field| {
            let value = self.record.field(field.name)?;
            Some((field.name, Seen { value, field, masked: self }))
        })
    }
}

impl<'de> Deserializer<'de> for Masked<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_map(MapDeserializer::new(self.seen()))
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier
    }
}

impl<'de> IntoDeserializer<'de, Error> for Masked<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'a> Seen<'a> {
    /// The value's JSON text, where it has one already.
    fn json(&self) -> Option<Cow<'a, str>> {
        if let Value::Json(text) = &self.value {
            return Some(Cow::Borrowed(text));
        }
        let Value::Document(document) = &self.value else { return None };
        Some(match document {
            Cow::Borrowed(document) => Cow::Borrowed(document.as_json()),
            Cow::Owned(document) => Cow::Owned(document.as_json().to_owned()),
        })
    }
}

impl<'de> Deserializer<'de> for Seen<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        let Self { value, field, masked } = self;
        match value {
            Value::Text(text) => visitor.visit_str(text),
            Value::Made(text) => visitor.visit_string(text),
            Value::Plain(text) => visitor.visit_string(text.to_string()),
            Value::Number(number) => visitor.visit_u64(number),
            Value::Flag(flag) => visitor.visit_bool(flag),
            Value::Time(time) => match time.written(str::to_owned) {
                Some(text) => visitor.visit_string(text),
                None => visitor.visit_unit(),
            },
            Value::Texts(texts) => {
                visitor.visit_seq(SeqDeserializer::new(texts.iter().map(String::as_str)))
            }
            Value::Json(text) => Json::from_str(text).deserialize_any(visitor),
            Value::Document(Cow::Borrowed(document)) => {
                Json::from_str(document.as_json()).deserialize_any(visitor)
            }
            // It is gone before the value is, which a reader knows.
            Value::Document(Cow::Owned(document)) => {
                Json::from_reader(document.as_json().as_bytes()).deserialize_any(visitor)
            }
            Value::Record(record) => masked.inner(record, field).deserialize_any(visitor),
            Value::List(records) => {
                let records = records.into_iter().map(|record| masked.inner(record, field));
                visitor.visit_seq(SeqDeserializer::new(records))
            }
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_some(self)
    }

    /// A `RawValue` takes the text as it is.
    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value> {
        match self.json() {
            Some(Cow::Borrowed(text)) => {
                Json::from_str(text).deserialize_newtype_struct(name, visitor)
            }
            Some(Cow::Owned(text)) => {
                Json::from_reader(text.as_bytes()).deserialize_newtype_struct(name, visitor)
            }
            None => visitor.visit_newtype_struct(self),
        }
    }

    /// By the name of a variant.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        if let Value::Text(text) = self.value {
            return text.into_deserializer().deserialize_enum(name, variants, visitor);
        }
        String::deserialize(self)?.into_deserializer().deserialize_enum(name, variants, visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
        unit unit_struct seq tuple tuple_struct map struct identifier
    }
}

impl<'de> IntoDeserializer<'de, Error> for Seen<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::{Map, json, value::RawValue};

    use super::*;
    use crate::{
        clock::Timestamp,
        contract,
        model::{id::UserId, text::Document},
        redact::{Record, Viewer, redact},
        role::Role,
    };

    /// A page with values of every kind, which are not what the fields' names say.
    struct Page(Vec<Sample>);

    struct Sample {
        document: Document,
        texts: Vec<String>,
    }

    impl Record for Page {
        fn field(&self, name: &str) -> Option<Value<'_>> {
            (name == "data").then(|| Value::list(&self.0))
        }
    }

    impl Record for Sample {
        fn field(&self, name: &str) -> Option<Value<'_>> {
            match name {
                "id" => Some(Value::Plain(&7)),
                "accountId" => Some(Value::Text("\"a\"\n")),
                "email" => Some(Value::Made("made".to_owned())),
                "first" => Some(Value::Json(r#""Zo\u00eb""#)),
                "last" => Some(Value::Json(r#"{"a":[1,-2,0.1,null]}"#)),
                "role" => Some(Value::Text("admin")),
                "state" => Some(Value::Texts(&self.texts)),
                "number" => Some(Value::Number(u64::MAX)),
                "preferences" => Some(Value::Document(Cow::Borrowed(&self.document))),
                "twoFactor" => Some(Value::Flag(true)),
                "created" => Some(Value::Time(Timestamp::from_millis(1_800_000_000_123))),
                "invite" => Some(Value::Made("code".to_owned())),
                _ => None,
            }
        }

        fn is_about(&self, _: UserId) -> bool {
            false
        }

        fn role(&self) -> Option<Role> {
            Some(Role::Root)
        }
    }

    fn page(role: Role) -> crate::redact::Reply {
        let members = json!({"theme": {"dark": true}}).as_object().cloned().unwrap();
        let document = Document::new(members).unwrap();
        let sample = Sample { document, texts: vec!["x".to_owned(), "y".to_owned()] };
        let fields = contract::endpoint("user/find").unwrap().reply.fields;
        redact(Box::new(Page(vec![sample])), fields, Viewer::person(role, None))
    }

    #[test]
    fn what_is_read_is_what_would_be_written() {
        for role in [Role::Public, Role::User, Role::Admin, Role::Root] {
            let written: serde_json::Value = serde_json::from_str(&page(role).into_json()).unwrap();
            assert_eq!(page(role).read::<serde_json::Value>().unwrap(), written, "{role}");
        }
    }

    #[derive(Debug, Deserialize)]
    struct Read<T> {
        data: Vec<T>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct User {
        role: Known,
        number: Option<u64>,
        created: Option<Timestamp>,
        #[serde(default)]
        preferences: Map<String, serde_json::Value>,
        last: Box<RawValue>,
        invite: Option<String>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Known {
        Admin,
    }

    #[test]
    fn types_get_what_the_viewer_may_see() {
        let mut of_admin = page(Role::Admin).read::<Read<User>>().unwrap().data;
        let user = of_admin.pop().unwrap();
        assert_eq!((user.role, user.number), (Known::Admin, Some(u64::MAX)));
        assert_eq!(user.created, Some(Timestamp::from_millis(1_800_000_000_123)));
        assert_eq!(serde_json::Value::from(user.preferences), json!({"theme": {"dark": true}}));
        assert_eq!(user.last.get(), r#"{"a":[1,-2,0.1,null]}"#);
        // That of a user whom the viewer may not act on.
        assert_eq!(user.invite, None);
        let user = page(Role::User).read::<Read<User>>().unwrap().data.pop().unwrap();
        assert_eq!((user.number, user.created, user.preferences.len()), (None, None, 0));
    }
}
