//! Short texts that people or other systems give to things.

use std::fmt;

use oxilangtag::LanguageTag;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    clock::Timestamp,
    error::Result,
    model::{
        email::Email,
        fields::{Flaw, FromField},
        id::{AccountId, HoldId, KeyId, LetterId, SessionId, SignInId, UserId},
        unseen,
    },
    role::Role,
};

/// The longest text of this file, in characters.
pub const MAX_CHARS: usize = 191;
/// The longest kind of a hold, in characters.
const MAX_KIND_CHARS: usize = 64;
/// The longest `preferences`, `settings` or `data`, in bytes of JSON.
pub const MAX_DOCUMENT_BYTES: usize = 16 * 1024;
/// How deep objects and lists may be nested there: readers of a document inside a reply have
/// limits of the kind, too.
const MAX_DOCUMENT_DEPTH: usize = 32;
/// The longest language tag, in characters; RFC 5646, section 4.4.1, asks for at least 35.
pub const MAX_LANGUAGE_CHARS: usize = 64;

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident $check:ident $blank:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromField for $name {
            const BLANK_IS_NULL: bool = texts!(@blank $blank);

            fn from_field(value: Value) -> Result<Self, Flaw> {
                $check(String::from_field(value)?).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
    (@blank blank) => { true };
    (@blank exact) => { false };
}

// Of each: its name, what checks it, and whether one of blanks is as good as none.
texts! {
    /// A first or last name, an account's or a key's: 1 to 191 characters, trimmed, on one line.
    Name shown blank;
    /// What an account is called: as a [`Name`], and nothing that reads as an address.
    AccountName account_name blank;
    /// A user name: 3 to 191 of `a-z 0-9 _ . -`, lower-cased, a letter or digit at both ends.
    Username username blank;
    /// What another system calls the user: 1 to 191 characters, unique within the account.
    ExternalId shown blank;
    /// What kind of thing a hold is on: 1 to 64 of `a-z 0-9 - _ .`.
    HoldKind hold_kind exact;
    /// What another system calls the thing that a hold is on: 1 to 191 characters.
    HoldRef shown exact;
    /// A language tag such as `en`, `pt-BR` or `zh-Hant-TW`: any that is well-formed (BCP 47) and begins with
    /// a language, in the case that is usual.
    Language language blank;
    /// The beginning of an email, first or last name to look for: 1 to 191 characters.
    Search line blank;
    /// A part of a text to look for: 1 to 191 characters, trimmed.
    Part line exact;
}

impl Language {
    /// Reads a tag, as a setting or the name of a file has it; `None` if it is none.
    pub fn parse(text: &str) -> Option<Self> {
        language(text.to_owned()).ok().map(Self)
    }

    /// The tag and what is left of it without its last parts, from the nearest to the plain language (lookup,
    /// RFC 4647, section 3.4).
    pub fn ranges(&self) -> impl Iterator<Item = &str> {
        std::iter::successors(Some(self.as_str()), |tag| {
            let (shorter, _) = tag.rsplit_once('-')?;
            // A single letter says what comes after it, and nothing by itself.
            match shorter.rsplit_once('-') {
                Some((rest, last)) if last.len() == 1 => Some(rest),
                Some(_) | None => Some(shorter),
            }
        })
    }
}

impl Name {
    /// A name from text that another program states, without what cannot be seen of it; `None` if it is no
    /// name.
    pub fn of_claim(text: &str) -> Option<Self> {
        shown(unseen::without(text)).ok().map(Self)
    }

    /// A name made of other valid text, cut to what a name may hold.
    pub fn cut(text: &str) -> Self {
        let fit = |c: &char| !c.is_control() && !is_break(*c);
        Self(unseen::without(text).chars().filter(fit).take(MAX_CHARS).collect())
    }
}

fn line(text: String) -> Result<String, Flaw> {
    let text = if text.trim().len() == text.len() { text } else { text.trim().to_owned() };
    let length = text.chars().count();
    if length == 0 {
        return Err(Flaw::Value("required", "must not be empty".into()));
    }
    if length > MAX_CHARS {
        let why = format!("has {length} characters; at most {MAX_CHARS} are allowed");
        return Err(Flaw::Value("length", why));
    }
    if text.chars().any(|c| c.is_control() || is_break(c)) {
        let why = "must be one line, without control characters";
        return Err(Flaw::Value("format", why.into()));
    }
    Ok(text)
}

/// A line that is shown to others than the one who wrote it.
fn shown(text: String) -> Result<String, Flaw> {
    let text = line(text)?;
    match unseen::find(&text) {
        None => Ok(text),
        Some(found) => Err(Flaw::Value("unseen", found.to_string())),
    }
}

/// Unicode's own line and paragraph separators, which are no control characters.
fn is_break(c: char) -> bool {
    matches!(c, '\u{2028}' | '\u{2029}')
}

/// An account's name stands in emails to strangers. That somebody is called Booking.com is all right.
fn account_name(text: String) -> Result<String, Flaw> {
    let name = shown(text)?;
    let lower = name.to_ascii_lowercase();
    let is_email = lower.split_whitespace().any(|word| {
        word.split_once('@').is_some_and(|(user, host)| !user.is_empty() && host.contains('.'))
    });
    if lower.contains("://") || lower.contains("www.") || is_email {
        let why = "must be a name, not the address of a page or mailbox";
        return Err(Flaw::Value("format", why.into()));
    }
    Ok(name)
}

impl From<AccountName> for Name {
    fn from(name: AccountName) -> Self {
        Self(name.0)
    }
}

fn username(text: String) -> Result<String, Flaw> {
    // Of ASCII alone: there are other characters that become one of its letters.
    let name = line(text)?.to_ascii_lowercase();
    let edge = |byte: Option<&u8>| {
        byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    let bytes = name.as_bytes();
    let inside = bytes.iter().all(|byte| edge(Some(byte)) || b"_.-".contains(byte));
    if bytes.len() < 3 || !inside || !edge(bytes.first()) || !edge(bytes.last()) {
        let why = "must have at least 3 of a-z, 0-9, '_', '.' and '-', \
                   with a letter or digit at both ends";
        return Err(Flaw::Value("format", why.into()));
    }
    Ok(name)
}

fn hold_kind(text: String) -> Result<String, Flaw> {
    let inside =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_.".contains(&byte);
    if !(1..=MAX_KIND_CHARS).contains(&text.len()) || !text.bytes().all(inside) {
        let why = format!("must have 1 to {MAX_KIND_CHARS} of a-z, 0-9, '-', '_' and '.'");
        return Err(Flaw::Value("format", why));
    }
    Ok(text)
}

fn language(text: String) -> Result<String, Flaw> {
    let text = line(text)?;
    let tag = LanguageTag::parse_and_normalize(&text).ok();
    // Not `x-…` and the irregular old ones, which name no language that others could look for.
    let tag =
        tag.filter(|tag| text.len() <= MAX_LANGUAGE_CHARS && is_language(tag.primary_language()));
    tag.map(LanguageTag::into_inner).ok_or_else(|| {
        let why = "must be a language tag such as en, pt-BR or zh-Hant-TW (BCP 47)";
        Flaw::Value("format", why.into())
    })
}

/// Whether it is a language's code (ISO 639). The grammar has room for longer words, which nobody has given a
/// meaning.
fn is_language(subtag: &str) -> bool {
    (2..=3).contains(&subtag.len()) && subtag.bytes().all(|byte| byte.is_ascii_alphabetic())
}

/// A free JSON object (`preferences`, `settings`, `data`), kept as its exact text; at most 16 KiB and 32
/// objects or lists deep.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Document(String);

impl Document {
    /// The JSON text.
    pub fn as_json(&self) -> &str {
        if self.0.is_empty() { "{}" } else { &self.0 }
    }

    /// The document after a JSON merge patch (RFC 7396).
    ///
    /// # Errors
    /// What is wrong with the result.
    pub fn merge(&self, patch: Map<String, Value>) -> Result<Self, DocumentError> {
        let mut whole = serde_json::from_str(self.as_json()).unwrap_or_default();
        merge(&mut whole, patch);
        Self::new(whole)
    }

    /// The document of just these members.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn new(members: Map<String, Value>) -> Result<Self, DocumentError> {
        let document = Value::Object(members);
        if depth(&document) > MAX_DOCUMENT_DEPTH {
            return Err(DocumentError::Deep);
        }
        let text = document.to_string();
        if text.len() > MAX_DOCUMENT_BYTES {
            return Err(DocumentError::Long(text.len()));
        }
        Ok(Self(text))
    }
}

/// Why a JSON object is no [`Document`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// It has so many bytes.
    #[error("would have {0} bytes as JSON; at most {MAX_DOCUMENT_BYTES} are allowed")]
    Long(usize),
    /// Too many objects and lists lie in each other.
    #[error("would be nested more than {MAX_DOCUMENT_DEPTH} levels deep")]
    Deep,
}

/// How many objects and lists lie in each other.
fn depth(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => 0,
        Value::Array(list) => 1 + list.iter().map(depth).max().unwrap_or(0),
        Value::Object(map) => 1 + map.values().map(depth).max().unwrap_or(0),
    }
}

fn merge(target: &mut Map<String, Value>, patch: Map<String, Value>) {
    for (name, value) in patch {
        if value.is_null() {
            target.remove(&name);
            continue;
        }
        let Value::Object(inner) = value else {
            target.insert(name, value);
            continue;
        };
        let slot = target.entry(name).or_insert(Value::Null);
        if !slot.is_object() {
            *slot = Value::Object(Map::new());
        }
        if let Value::Object(slot) = slot {
            merge(slot, inner);
        }
    }
}

/// A JSON merge patch for a [`Document`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Patch(pub Map<String, Value>);

impl FromField for Patch {
    fn from_field(value: Value) -> Result<Self, Flaw> {
        Map::from_field(value).map(Self)
    }
}

impl FromField for Email {
    fn from_field(value: Value) -> Result<Self, Flaw> {
        let text = String::from_field(value)?;
        Self::parse(&text).map_err(|error| Flaw::Value("email", error.to_string()))
    }
}

impl FromField for Role {
    fn from_field(value: Value) -> Result<Self, Flaw> {
        let text = String::from_field(value)?;
        Self::parse(&text)
            .ok_or_else(|| Flaw::Value("in", "must be one of user, admin and root".into()))
    }
}

impl FromField for Timestamp {
    fn from_field(value: Value) -> Result<Self, Flaw> {
        let text = String::from_field(value)?;
        let why = "must be an RFC 3339 date and time such as 2030-01-31T12:00:00Z";
        Self::parse(&text).ok_or_else(|| Flaw::Value("format", why.into()))
    }
}

macro_rules! id_fields {
    ($($id:ident)*) => {$(
        impl FromField for $id {
            fn from_field(value: Value) -> Result<Self, Flaw> {
                let text = String::from_field(value)?;
                $id::parse(&text).ok_or_else(|| Flaw::Value("format", "must be a UUID".into()))
            }
        }
    )*};
}

id_fields! { AccountId HoldId KeyId LetterId SessionId SignInId UserId }

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn merging_a_patch() {
        let check = |before: &str, patch: Value, after: &str| {
            let Value::Object(patch) = patch else { panic!("the patch is an object") };
            assert_eq!(Document(before.into()).merge(patch).unwrap().as_json(), after);
        };
        check("", json!({"a": 1}), r#"{"a":1}"#);
        check(r#"{"a":1,"b":2}"#, json!({"a": null}), r#"{"b":2}"#);
        check(r#"{"a":{"x":1}}"#, json!({"a": {"y": 2}}), r#"{"a":{"x":1,"y":2}}"#);
        check(r#"{"a":[1]}"#, json!({"a": {"y": null}}), r#"{"a":{}}"#);
        let long = json!({"a": "x".repeat(MAX_DOCUMENT_BYTES)});
        let Value::Object(long) = long else { panic!("an object") };
        let long = Document::default().merge(long);
        assert_eq!(long, Err(DocumentError::Long(MAX_DOCUMENT_BYTES + 8)));
    }

    #[test]
    fn documents_are_not_deep() {
        let nested = |levels: usize| {
            let value = (1..levels).fold(json!(1), |inner, level| {
                if level % 2 == 0 { json!([inner]) } else { json!({"a": inner}) }
            });
            Map::from_iter([("a".to_owned(), value)])
        };
        assert!(Document::new(nested(MAX_DOCUMENT_DEPTH)).is_ok());
        let deep = nested(MAX_DOCUMENT_DEPTH + 1);
        assert_eq!(Document::new(deep.clone()), Err(DocumentError::Deep));
        assert_eq!(Document::default().merge(deep), Err(DocumentError::Deep));
    }

    #[test]
    fn names_of_users() {
        let check = |text: &str, name: Option<&str>| {
            assert_eq!(username(text.to_owned()).ok().as_deref(), name, "{text:?}");
        };
        check("Ada.L", Some("ada.l"));
        check("a-b", Some("a-b"));
        check("ab", None);
        check("-ab", None);
        check("ab_", None);
        check("a b", None);
        check("añb", None);
        check("\u{212a}elvin", None);
    }

    #[test]
    fn languages_fall_back_part_by_part() {
        let check = |text: &str, ranges: &[&str]| {
            assert_eq!(Language::parse(text).unwrap().ranges().collect::<Vec<_>>(), ranges);
        };
        check("de", &["de"]);
        check("zh-Hant-TW", &["zh-Hant-TW", "zh-Hant", "zh"]);
        check("en-u-ca-gregory", &["en-u-ca-gregory", "en-u-ca", "en"]);
    }

    #[test]
    fn language_tags() {
        let check = |text: &str, tag: Option<&str>| {
            assert_eq!(language(text.to_owned()).ok().as_deref(), tag, "{text:?}");
        };
        check("en", Some("en"));
        check("PT-br", Some("pt-BR"));
        check("zh-Hant", Some("zh-Hant"));
        check("es-419", Some("es-419"));
        check("ZH-hANT-tw", Some("zh-Hant-TW"));
        check("sr-latn-rs", Some("sr-Latn-RS"));
        check("de-ch-1996", Some("de-CH-1996"));
        check("en-US-u-ca-gregory", Some("en-US-u-ca-gregory"));
        check("gsw", Some("gsw"));
        check("zh-yue-HK", Some("zh-yue-HK"));
        for none in ["e", "en-", "en--US", "-en", "en_US", "C.UTF-8", "english", "root", "x-ada"] {
            check(none, None);
        }
        for none in ["i-klingon", "en-GB-oed", "en US", "en-u", "de-\u{fc}", "ｅｎ"] {
            check(none, None);
        }
        check(&format!("en-x-{}", "abcdefgh-".repeat(7).trim_end_matches('-')), None);
    }
}
