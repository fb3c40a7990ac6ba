//! Texts that people and programs send.

use serde_json::{Map, Value};

use super::text;
use crate::{
    clock::Timestamp,
    model::{
        email::{Email, MAX_CHARS},
        fields::FromField,
        fold::fold,
        password_hash::PasswordHash,
        text::{Document, ExternalId, HoldKind, Language, Name, Part, Username},
    },
    public_url::PublicUrl,
};

/// An address stays what it is when it is read again, and is one word.
pub(super) fn address(bytes: &[u8]) {
    let Some(text) = text(bytes) else { return };
    let Ok(email) = Email::parse(text) else { return };
    assert_eq!(Email::parse(email.as_str()).as_ref(), Ok(&email), "its own spelling is another");
    assert!(email.as_str().chars().count() <= MAX_CHARS, "too long");
    assert!(!email.as_str().contains(|c: char| c.is_control() || c.is_whitespace()), "blanks");
    assert!(email.as_str().rsplit_once('@').is_some_and(|(local, domain)| {
        !local.is_empty() && !domain.is_empty() && !local.contains('@')
    }));
}

/// Every kind of text stays what it is when it is read again.
pub(super) fn texts(bytes: &[u8]) {
    let Some(text) = text(bytes) else { return };
    same_again::<Name>(text, |name| name.as_str().to_owned());
    same_again::<Username>(text, |name| name.as_str().to_owned());
    same_again::<ExternalId>(text, |id| id.as_str().to_owned());
    same_again::<HoldKind>(text, |kind| kind.as_str().to_owned());
    same_again::<Language>(text, |language| language.as_str().to_owned());
    same_again::<Part>(text, |part| part.as_str().to_owned());
    let cut = Name::cut(text);
    assert!(!cut.as_str().contains(|c: char| c.is_control()), "a control character in a name");
}

fn same_again<T: FromField>(text: &str, spelt: fn(&T) -> String) {
    let Ok(first) = T::from_field(Value::String(text.to_owned())) else { return };
    let spelling = spelt(&first);
    let again = T::from_field(Value::String(spelling.clone())).ok();
    assert_eq!(again.as_ref().map(spelt), Some(spelling), "its own spelling is another");
}

/// Folding twice is folding once, or two ways to search would find two things.
pub(super) fn search(bytes: &[u8]) {
    let Some(text) = text(bytes) else { return };
    let folded = fold(text);
    assert_eq!(fold(&folded), folded, "folds into something else");
    assert!(!folded.contains('#'), "a separator");
}

/// A moment that was read can be written, and reads as the same.
pub(super) fn moment(bytes: &[u8]) {
    let Some(moment) = text(bytes).and_then(Timestamp::parse) else { return };
    assert_eq!(Timestamp::parse(&moment.to_string()), Some(moment), "another moment");
}

/// A hash that is taken can be kept: it reads as the same again.
pub(super) fn password_hash(bytes: &[u8]) {
    let Some(text) = text(bytes) else { return };
    let Ok(hash) = PasswordHash::parse(text) else { return };
    assert!(PasswordHash::parse(hash.as_str()).is_ok_and(|again| again == hash), "another hash");
}

/// A public URL is one of which others can be made.
pub(super) fn public_url(bytes: &[u8]) {
    let Some(url) = text(bytes).and_then(PublicUrl::parse) else { return };
    assert!(url.as_str().starts_with(&url.origin()), "the origin of another URL");
    assert!(!url.as_str().ends_with('/'), "a slash at the end");
}

/// Merging a patch twice is merging it once (RFC 7396), and what is kept can be read.
pub(super) fn document(bytes: &[u8]) {
    let mut objects = super::parts(bytes).map(serde_json::from_slice::<Map<String, Value>>);
    let (Some(Ok(whole)), Some(Ok(patch))) = (objects.next(), objects.next()) else { return };
    let Ok(before) = Document::new(whole) else { return };
    let Ok(once) = before.merge(patch.clone()) else { return };
    assert!(serde_json::from_str::<Map<String, Value>>(once.as_json()).is_ok(), "no object");
    assert_eq!(once.merge(patch).as_ref(), Ok(&once), "merging again changes it");
}
