//! Which fields of a request go together.

use serde_json::{Value, json};

/// What must be true of the fields of a request, besides each one's kind.
#[derive(Clone, Copy, Debug)]
pub enum Rule {
    /// At least one of these groups is there, whole.
    OneOf(&'static [&'static [&'static str]]),
    /// The first is there only if one of the others is.
    Needs(Term, &'static [Term]),
    /// Only one of the two is there.
    Apart(Term, Term),
}

/// A field that is there and neither null nor false; with a value, that it has this one.
#[derive(Clone, Copy, Debug)]
pub struct Term(pub &'static str, pub Option<&'static str>);

pub(super) const fn set(name: &'static str) -> Term {
    Term(name, None)
}

impl Rule {
    /// What JSON Schema (2020-12) says of it.
    pub fn schema(&self) -> Value {
        match self {
            Self::OneOf(groups) => {
                let groups: Vec<_> = groups.iter().map(|names| there(names)).collect();
                json!({ "anyOf": groups })
            }
            Self::Needs(first, others) => {
                let mut either = vec![first.is_not()];
                either.extend(others.iter().map(Term::is));
                json!({ "anyOf": either })
            }
            Self::Apart(one, other) => json!({ "anyOf": [one.is_not(), other.is_not()] }),
        }
    }
}

impl Term {
    fn is(&self) -> Value {
        let Self(name, value) = self;
        let is = value.map_or_else(
            || json!({"not": {"enum": [null, false]}}),
            |value| json!({ "const": value }),
        );
        json!({"required": [name], "properties": {*name: is}})
    }

    fn is_not(&self) -> Value {
        let Self(name, value) = self;
        let is_not = value.map_or_else(
            || json!({"enum": [null, false]}),
            |value| json!({"not": {"const": value}}),
        );
        json!({"properties": {*name: is_not}})
    }
}

fn there(names: &[&str]) -> Value {
    let there = names.iter().map(|name| ((*name).to_owned(), json!({"not": {"type": "null"}})));
    json!({"required": names, "properties": there.collect::<serde_json::Map<_, _>>()})
}
