//! JSON that is read in parts: lines of an import, members of a body.

use serde_json::{Map, Value};

use super::text;
use crate::{handlers::transfer, model::members::members as walk};

/// A line of an import, of whatever type it is.
pub(super) fn import_line(bytes: &[u8]) {
    let Ok(line) = serde_json::from_slice::<Map<String, Value>>(bytes) else { return };
    let _ = (transfer::read_account(line.clone()), transfer::read_sign_in(line.clone()));
    let _ = transfer::read_user(line);
}

/// The members of an object are those that a parser finds.
pub(super) fn members(bytes: &[u8]) {
    let Some(text) = text(bytes) else { return };
    let mut found = Vec::new();
    let is_object = walk(text, |name, value| found.push((name.to_vec(), value)));
    // What is no JSON is for others to refuse.
    let Ok(whole) = serde_json::from_str::<Map<String, Value>>(text) else { return };
    assert!(is_object.is_some(), "an object that was not walked");
    for (name, place) in found {
        let Some(value) = text.get(place) else { panic!("a value that is not in the text") };
        assert!(serde_json::from_str::<Value>(value).is_ok(), "a part of a value");
        // Escaped names are handed on as they are spelt.
        if !name.contains(&b'\\') {
            let name = str::from_utf8(&name).unwrap_or_default();
            assert!(whole.contains_key(name), "a member that is not there");
        }
    }
}
