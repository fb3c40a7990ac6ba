//! What a line is about, as far as it matters for what has to be there before it.

use serde::Deserialize;
use serde_json::Value;

/// What a line makes. Each may name what those before it in this list have made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Account,
    SignIn,
    User,
}

impl Kind {
    /// How many there are.
    pub(super) const COUNT: usize = 3;

    /// The kind that a line says it is of.
    pub(super) fn named(name: Option<&str>) -> Option<Self> {
        match name {
            Some("account") => Some(Self::Account),
            Some("signIn") => Some(Self::SignIn),
            Some("user") | None => Some(Self::User),
            Some(_) => None,
        }
    }

    /// The kind of a line that is not read yet; what cannot be read waits like a user.
    pub(super) fn of(text: Option<&Vec<u8>>) -> Self {
        let kind = text.and_then(|text| read::<Typed>(text)).map(|typed| typed.kind);
        kind.and_then(|kind| Self::named(kind.as_deref())).unwrap_or(Self::User)
    }
}

#[derive(Deserialize)]
struct Typed {
    #[serde(rename = "type")]
    kind: Option<String>,
}

/// An account's line, as far as it tells whether it is the home account's.
#[derive(Deserialize)]
struct Line {
    #[serde(rename = "type")]
    kind: String,
    id: String,
    home: bool,
}

/// The id of the account whose line this is, if that is the home account's.
pub(super) fn home_of(text: &[u8]) -> Option<Value> {
    let line: Line = read(text)?;
    (line.kind == "account" && line.home).then_some(Value::String(line.id))
}

fn read<'a, T: Deserialize<'a>>(text: &'a [u8]) -> Option<T> {
    serde_json::from_slice(without_mark(text).trim_ascii()).ok()
}

/// The text without the byte order mark that some programs begin a file with.
pub(super) fn without_mark(text: &[u8]) -> &[u8] {
    text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text)
}
