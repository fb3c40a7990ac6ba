//! The members of a JSON object, found but not read: for texts that go on as they stand.

use std::ops::Range;

/// A JSON object, and where its members are.
pub struct Members {
    text: String,
    places: Vec<Place>,
}

struct Place {
    /// The first byte of the name, by which most others are told apart without looking at the text.
    initial: u8,
    name: Range<usize>,
    value: Range<usize>,
}

impl Members {
    /// Finds the members of an object. That the text is valid JSON is for others to see to, such as the
    /// table, which takes nothing else; `None` if it is plain that it is not, or no object. Names are
    /// compared as they are spelt.
    pub fn of(text: String) -> Option<Self> {
        let mut places = Vec::with_capacity(USUAL);
        let mut walk = Walk { text: text.as_bytes(), at: 0 };
        walk.pass(b'{')?;
        if walk.pass(b'}').is_none() {
            loop {
                let name = walk.string()?;
                walk.pass(b':')?;
                let name = name.start + 1..name.end - 1;
                let initial = *walk.text.get(name.start)?;
                places.push(Place { initial, name, value: walk.value()? });
                if walk.pass(b',').is_none() {
                    break;
                }
            }
            walk.pass(b'}')?;
        }
        walk.is_over().then_some(Self { text, places })
    }

    /// The JSON text of the value of that name.
    pub fn get(&self, name: &str) -> Option<&str> {
        let initial = *name.as_bytes().first()?;
        let is_it = |place: &&Place| {
            place.initial == initial
                && place.name.len() == name.len()
                && self.text.get(place.name.clone()) == Some(name)
        };
        self.text.get(self.places.iter().find(is_it)?.value.clone())
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// So many members are found without making more room.
const USUAL: usize = 24;

/// A walk over a text.
struct Walk<'a> {
    text: &'a [u8],
    at: usize,
}

impl Walk<'_> {
    /// The next byte that is no space.
    fn next(&mut self) -> Option<u8> {
        while self.text.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
        self.text.get(self.at).copied()
    }

    fn is_over(&mut self) -> bool {
        self.next().is_none()
    }

    /// Goes beyond this byte, if it is the next one.
    fn pass(&mut self, byte: u8) -> Option<()> {
        (self.next()? == byte).then(|| self.at += 1)
    }

    /// Goes beyond a string; tells where it is, with its quotes.
    fn string(&mut self) -> Option<Range<usize>> {
        self.pass(b'"')?;
        let start = self.at - 1;
        loop {
            let rest = self.text.get(self.at..)?;
            self.at += rest.iter().position(|byte| matches!(byte, b'"' | b'\\'))?;
            if self.text.get(self.at) == Some(&b'"') {
                self.at += 1;
                return Some(start..self.at);
            }
            self.at += 2;
        }
    }

    /// Goes beyond a value; tells where it is.
    fn value(&mut self) -> Option<Range<usize>> {
        let first = self.next()?;
        let start = self.at;
        match first {
            b'"' => return self.string(),
            b'{' | b'[' => self.nested()?,
            _ => self.plain(),
        }
        (start < self.at).then_some(start..self.at)
    }

    /// Goes beyond a number, `true`, `false` or `null`.
    fn plain(&mut self) {
        let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"+-.".contains(byte);
        while self.text.get(self.at).is_some_and(is_plain) {
            self.at += 1;
        }
    }

    /// Goes beyond an object or a list, whatever is in it.
    fn nested(&mut self) -> Option<()> {
        let mut depth = 0_usize;
        loop {
            match self.text.get(self.at)? {
                b'"' => {
                    self.string()?;
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return Some(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn members_are_those_that_a_parser_finds() {
        let inner = json!({"a": [1, {"b": "}]\""}], "c\\": {}, "d": [[], ""]});
        let values = [
            json!(null),
            json!(true),
            json!(-1.5e-7),
            json!(0),
            json!(""),
            json!("a\"b\\"),
            json!("Zoë ♥ \u{7} ,}"),
            json!([]),
            json!({}),
            inner.clone(),
            json!([inner, inner]),
        ];
        let names = ["a", "accountId", "b c", "ë", "first", "x1", "x2", "x3", "x4", "x5", "x6"];
        for count in 0..=names.len() {
            let pairs = names.iter().zip(&values).take(count);
            let object: BTreeMap<_, _> = pairs.collect();
            let compact = serde_json::to_string(&object).unwrap();
            let spaced = serde_json::to_string_pretty(&object).unwrap();
            for text in [compact, spaced] {
                let members = Members::of(text.clone()).unwrap();
                for (name, value) in &object {
                    let found: Value = serde_json::from_str(members.get(name).unwrap()).unwrap();
                    assert_eq!(found, **value, "{name} in {text}");
                }
                assert_eq!(members.places.len(), count);
                assert!(members.get("missing").is_none());
            }
        }
    }

    #[test]
    fn what_is_no_object_is_refused() {
        for text in ["", "{", "}", "[]", "1", r#"{"a"}"#, r#"{"a":}"#, r#"{"a":1"#, r#"{"a":1,}"#] {
            assert!(Members::of(text.to_owned()).is_none(), "{text}");
        }
        for text in [r#"{"a":"1}"#, r#"{"a":[1}"#, r#"{"a":1}x"#, r#"{"a":1}}"#, r#"{"a" 1}"#] {
            assert!(Members::of(text.to_owned()).is_none(), "{text}");
        }
    }
}
