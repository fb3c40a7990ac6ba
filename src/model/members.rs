//! Finding the members of a JSON object without reading them: for texts that go on as they stand.

use std::ops::Range;

use memchr::memchr2;

/// Hands on the name of each member of an object, as it is spelt, and where its value is in the text.
/// That the text is valid JSON is for others to see to, such as the table, which takes nothing else;
/// `None` if it is plain that it is not, or no object.
pub(crate) fn members<'a>(
    text: &'a str,
    mut each: impl FnMut(&'a [u8], Range<usize>),
) -> Option<()> {
    let mut walk = Walk { text: text.as_bytes(), at: 0 };
    walk.pass(b'{')?;
    if walk.pass(b'}').is_none() {
        loop {
            let name = walk.name()?;
            walk.pass(b':')?;
            each(name, walk.value()?);
            if walk.pass(b',').is_none() {
                break;
            }
        }
        walk.pass(b'}')?;
    }
    walk.next().is_none().then_some(())
}

/// A walk over a text.
struct Walk<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> Walk<'a> {
    /// The next byte that is no space.
    fn next(&mut self) -> Option<u8> {
        while self.text.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
        self.text.get(self.at).copied()
    }

    /// Goes beyond this byte, if it is the next one.
    fn pass(&mut self, byte: u8) -> Option<()> {
        (self.next()? == byte).then(|| self.at += 1)
    }

    /// Goes beyond a name, which is short and seldom escaped.
    fn name(&mut self) -> Option<&'a [u8]> {
        self.pass(b'"')?;
        let rest = self.text.get(self.at..)?;
        let length = rest.iter().position(|byte| matches!(byte, b'"' | b'\\'))?;
        let start = self.at;
        self.at += length;
        self.end_string()?;
        self.text.get(start..self.at - 1)
    }

    /// Goes beyond the end of the string that one is in.
    fn end_string(&mut self) -> Option<()> {
        loop {
            self.at += memchr2(b'"', b'\\', self.text.get(self.at..)?)?;
            if self.text.get(self.at) == Some(&b'"') {
                self.at += 1;
                return Some(());
            }
            self.at += 2;
        }
    }

    /// Goes beyond a value; tells where it is.
    fn value(&mut self) -> Option<Range<usize>> {
        let first = self.next()?;
        let start = self.at;
        match first {
            b'"' => {
                self.at += 1;
                self.end_string()?;
            }
            b'{' | b'[' => self.end_nested()?,
            _ => self.end_plain(),
        }
        (start < self.at).then_some(start..self.at)
    }

    /// Goes beyond a number, `true`, `false` or `null`.
    fn end_plain(&mut self) {
        let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"+-.".contains(byte);
        while self.text.get(self.at).is_some_and(is_plain) {
            self.at += 1;
        }
    }

    /// Goes beyond an object or a list, whatever is in it.
    fn end_nested(&mut self) -> Option<()> {
        let mut depth = 0_usize;
        loop {
            let byte = *self.text.get(self.at)?;
            self.at += 1;
            match byte {
                b'"' => self.end_string()?,
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                _ => {}
            }
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

    fn found(text: &str) -> Option<BTreeMap<String, Value>> {
        let mut found = BTreeMap::new();
        members(text, |name, value| {
            let name = serde_json::from_slice(&[b"\"", name, b"\""].concat()).unwrap();
            assert!(found.insert(name, serde_json::from_str(&text[value]).unwrap()).is_none());
        })?;
        Some(found)
    }

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
        let names = ["", "accountId", "b \"c\\", "ë", "first", "x1", "x2", "x3", "x4", "x5", "x6"];
        for count in 0..=names.len() {
            let pairs = names.iter().zip(&values).take(count);
            let object: BTreeMap<_, _> = pairs.map(|(n, v)| ((*n).to_owned(), v.clone())).collect();
            let compact = serde_json::to_string(&object).unwrap();
            let spaced = serde_json::to_string_pretty(&object).unwrap();
            for text in [compact, spaced] {
                assert_eq!(found(&text).unwrap(), object, "{text}");
            }
        }
    }

    #[test]
    fn what_is_no_object_is_refused() {
        for text in ["", "{", "}", "[]", "1", r#"{"a"}"#, r#"{"a":}"#, r#"{"a":1"#, r#"{"a":1,}"#] {
            assert!(members(text, |_, _| {}).is_none(), "{text}");
        }
        for text in [r#"{"a":"1}"#, r#"{"a":[1}"#, r#"{"a":1}x"#, r#"{"a":1}}"#, r#"{"a" 1}"#] {
            assert!(members(text, |_, _| {}).is_none(), "{text}");
        }
    }
}
