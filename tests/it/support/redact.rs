//! Taking out of a text what differs from run to run.

use std::collections::HashMap;

use serde_json::{Value, json};

/// Names for the ids that a test knows.
#[derive(Default)]
pub(crate) struct Names(HashMap<String, String>);

impl Names {
    pub(crate) fn add(&mut self, id: &str, name: &str) {
        self.0.insert(id.to_owned(), format!("<{name}>"));
    }

    /// A JSON value with names in place of ids, times, codes, keys and cursors.
    pub(crate) fn json(&self, value: &Value) -> Value {
        match value {
            Value::Object(map) => {
                let entry =
                    |(name, value): (&String, &Value)| (name.clone(), self.field(name, value));
                Value::Object(map.iter().map(entry).collect())
            }
            Value::Array(list) => list.iter().map(|value| self.json(value)).collect(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
        }
    }

    /// A path whose cursor is taken out.
    pub(crate) fn path(path: &str) -> String {
        match path.split_once("next=") {
            Some((before, cursor)) if cursor.len() > 20 => format!("{before}next=<cursor>"),
            Some(_) | None => path.to_owned(),
        }
    }

    fn field(&self, name: &str, value: &Value) -> Value {
        if name == "session" && value.is_string() {
            return json!("<id>");
        }
        if let ("days", [first, .., last]) = (name, value.as_array().map_or(&[][..], Vec::as_slice))
        {
            return json!([first, "<28 more>", last]);
        }
        let Some(text) = value.as_str() else {
            return if name == "number" { json!("<number>") } else { self.json(value) };
        };
        match name {
            "id" | "accountId" | "hold" | "userId" => json!(self.id(text)),
            // Such as `user:ID`.
            "actor" | "createdBy" | "target" => match text.split_once(':') {
                Some((what, id)) => json!(format!("{what}:{}", self.id(id))),
                None => value.clone(),
            },
            "folder" => json!("<folder>"),
            // What a mail server has said, or where emails go in its place.
            "reply" => json!(text.split_once(" /").map_or(text, |(said, _)| said)),
            "requestId" => json!("<request>"),
            "activity" | "at" | "created" | "due" | "updated" | "expires" | "joined"
            | "lastUsed" | "purgeAfter" | "used" => {
                json!("<time>")
            }
            "invite" => json!(shape(text, "<code>")),
            "key" => json!("<key>"),
            "accessToken" | "refreshToken" => json!("<token>"),
            "next" | "prev" => json!("<cursor>"),
            _ => value.clone(),
        }
    }

    fn id(&self, text: &str) -> String {
        self.0.get(text).cloned().unwrap_or_else(|| shape(text, "<id>"))
    }
}

/// The name, unless the text is too short to be what it stands for.
fn shape(text: &str, name: &str) -> String {
    if text.len() < 24 { text.to_owned() } else { name.to_owned() }
}
