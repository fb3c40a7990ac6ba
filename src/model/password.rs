//! Passwords as people type them, and which of those may be set.

use std::{fmt, mem};

use serde_json::Value;
use unicode_normalization::{UnicodeNormalization, is_nfc};
use zeroize::Zeroizing;
use zxcvbn::{Score, zxcvbn};

use crate::{
    error::{Fault, Result},
    model::fields::{Flaw, FromField},
};

/// The longest password, in characters; NIST SP 800-63B asks for at least 64.
pub(crate) const MAX_CHARS: usize = 256;
/// The shortest password that can be set, in characters (NIST SP 800-63B, section 5.1.1.2).
pub(crate) const MIN_CHARS: usize = 8;
/// How much of a password is judged, in characters. Judging takes 6 ms at worst for these, a second
/// for 100; and who begins with 24 characters that are easy to guess should begin anew.
const JUDGED_CHARS: usize = 24;
/// How many words that are known about a person count: a name may have been made of nothing else.
const MAX_WORDS: usize = 64;
/// What every password here is compared with, besides what is known about the person.
const SERVICE: &str = "guestlist";

/// What somebody typed: 1 to 256 characters, composed (Unicode NFC), because keyboards differ in how
/// they send `é`. Never printed, wiped when dropped.
#[derive(Clone)]
pub struct Password {
    text: Zeroizing<String>,
    /// The text as it was typed, if that is another: other programs have hashed it like that.
    typed: Option<Zeroizing<String>>,
}

impl Password {
    /// Takes the text as it was typed; nothing is trimmed.
    ///
    /// # Errors
    /// That it is empty or too long, without repeating it.
    pub fn parse(mut text: String) -> Result<Self, Flaw> {
        // Longer than any valid password in any spelling: not worth the work of composing it.
        let bounded = text.len() <= 16 * MAX_CHARS;
        let mut typed = None;
        if bounded && !is_nfc(&text) {
            let composed = text.nfc().collect();
            typed = Some(Zeroizing::new(mem::replace(&mut text, composed)));
        }
        let text = Zeroizing::new(text);
        if text.is_empty() {
            return Err(Flaw::Value("required", "must not be empty".into()));
        }
        if !bounded || text.chars().count() > MAX_CHARS {
            return Err(Flaw::Value("length", format!("must have at most {MAX_CHARS} characters")));
        }
        Ok(Self { text, typed })
    }

    /// The text, for hashing.
    pub(crate) fn expose(&self) -> &str {
        &self.text
    }

    /// The text as it was typed, if that is another; for hashes that other programs have made.
    pub(crate) fn typed(&self) -> Option<&str> {
        self.typed.as_deref().map(String::as_str)
    }
}

impl FromField for Password {
    fn from_field(value: Value) -> Result<Self, Flaw> {
        Self::parse(String::from_field(value)?)
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

/// A password that somebody wants to set: 8 to 256 characters, of whatever kind.
#[derive(Clone, Debug)]
pub(crate) struct NewPassword(Password);

impl NewPassword {
    /// The password itself.
    pub(crate) const fn password(&self) -> &Password {
        &self.0
    }

    /// Refuses what attackers try first: the most common passwords and what is made of them, of a
    /// row of keys, or of what is known `about` the person (email and names).
    ///
    /// # Errors
    /// The fault of `field`, as the request names it.
    pub(crate) fn check_uncommon(&self, field: &str, about: &[&str]) -> Result<(), Fault> {
        let known = about.iter().flat_map(|text| words(text)).take(MAX_WORDS);
        let known: Vec<&str> = known.chain([SERVICE]).collect();
        // 10^6 guesses or more, as zxcvbn estimates them (Wheeler 2016).
        if zxcvbn(beginning(self.0.expose()), &known).score() >= Score::Two {
            return Ok(());
        }
        let why = "is too easy to guess; choose a longer one, such as a few unrelated words";
        Err(Fault::new(field, "common", format!("{field} {why}")))
    }
}

/// As much of a text as is judged of a password.
fn beginning(text: &str) -> &str {
    let end = text.char_indices().nth(JUDGED_CHARS).map_or(text.len(), |(end, _)| end);
    text.get(..end).unwrap_or(text)
}

/// A text and the words in it: `ada@example.com`, `ada`, `example`, `com`.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let parts = text.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty());
    std::iter::once(beginning(text)).chain(parts)
}

impl FromField for NewPassword {
    fn from_field(value: Value) -> Result<Self, Flaw> {
        let password = Password::from_field(value)?;
        if password.expose().chars().count() < MIN_CHARS {
            let why = format!("must have at least {MIN_CHARS} characters");
            return Err(Flaw::Value("length", why));
        }
        Ok(Self(password))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn flaw<T: FromField>(value: Value) -> Option<&'static str> {
        match T::from_field(value).err()? {
            Flaw::Type(_) => Some("type"),
            Flaw::Value(code, _) => Some(code),
            Flaw::Inside(_) => Some("inside"),
        }
    }

    #[test]
    fn lengths_are_counted_in_characters() {
        assert_eq!(flaw::<Password>(json!("")), Some("required"));
        assert_eq!(flaw::<Password>(json!("x")), None);
        assert_eq!(flaw::<Password>(json!(" ")), None);
        assert_eq!(flaw::<Password>(json!("é".repeat(MAX_CHARS))), None);
        assert_eq!(flaw::<Password>(json!("é".repeat(MAX_CHARS + 1))), Some("length"));
        assert_eq!(flaw::<Password>(json!("e\u{301}".repeat(MAX_CHARS))), None);
        assert_eq!(flaw::<Password>(json!("x".repeat(1_000_000))), Some("length"));
        assert_eq!(flaw::<Password>(json!(12_345_678)), Some("type"));
        assert_eq!(flaw::<NewPassword>(json!("1234567")), Some("length"));
        assert_eq!(flaw::<NewPassword>(json!("ééééééé")), Some("length"));
        assert_eq!(flaw::<NewPassword>(json!("éééééééé")), None);
        assert_eq!(flaw::<NewPassword>(json!("x".repeat(MAX_CHARS))), None);
        assert_eq!(flaw::<NewPassword>(json!("x".repeat(MAX_CHARS + 1))), Some("length"));
    }

    #[test]
    fn spellings_of_one_password_are_one_password() {
        let read = |text: &str| Password::parse(text.to_owned()).unwrap().expose().to_owned();
        assert_eq!(read("e\u{301}"), "\u{e9}");
        assert_eq!(read("\u{212b}"), "\u{c5}");
        // NFC alone: what only looks alike stays apart.
        assert_ne!(read("\u{fb01}"), "fi");
        assert_eq!(read(" a b "), " a b ");
        let typed =
            |text: &str| Password::parse(text.to_owned()).unwrap().typed().map(str::to_owned);
        assert_eq!(typed("e\u{301}").as_deref(), Some("e\u{301}"));
        assert_eq!(typed("\u{e9}"), None);
    }

    #[test]
    fn no_message_repeats_a_password() {
        let new = NewPassword::from_field(json!("password1")).unwrap();
        assert_eq!(format!("{new:?}"), "NewPassword(Password(…))");
        let fault = new.check_uncommon("password", &[]).unwrap_err();
        assert_eq!((fault.field.as_str(), fault.code), ("password", "common"));
        assert!(!fault.detail.contains("password1"), "{}", fault.detail);
        let Err(Flaw::Value(_, why)) = NewPassword::from_field(json!("pass1")) else { panic!() };
        assert!(!why.contains("pass1"), "{why}");
    }

    #[test]
    fn what_is_guessed_first_is_refused() {
        let about = ["ada.lovelace@analytical.example", "Ada", "Lovelace"];
        let check = |text: &str, good: bool| {
            let new = NewPassword::from_field(json!(text)).unwrap();
            assert_eq!(new.check_uncommon("password", &about).is_ok(), good, "{text:?}");
        };
        for text in ["password", "password1", "P@ssw0rd", "qwertyuiop", "12345678", "iloveyou"] {
            check(text, false);
        }
        for text in ["Passwort", "aaaaaaaaaaaa", "abcdefgh", "1q2w3e4r", "letmein1", "drowssap"] {
            check(text, false);
        }
        for text in ["Lovelace1", "lovelace1815", "ada.lovelace@analytical.example", "analytical"] {
            check(text, false);
        }
        check("Ada.Lovelace@Analytical.example1!", false);
        for text in ["guestlist", "Guestlist1", "guestlist123"] {
            check(text, false);
        }
        for text in ["correct horse battery staple", "kqzvtwmxblpd", "4T!x0q9vRw"] {
            check(text, true);
        }
        check("ada likes to walk along rivers", true);
    }

    #[test]
    fn only_the_persons_own_names_are_easy_to_guess() {
        let check = |about: &[&str], good: bool| {
            let new = NewPassword::from_field(json!("zanthrope7")).unwrap();
            assert_eq!(new.check_uncommon("password", about).is_ok(), good, "{about:?}");
        };
        check(&["ada@example.com", "Ada", ""], true);
        check(&["ada@example.com", "Zanthrope"], false);
        check(&["ada.zanthrope@example.com"], false);
        check(&["ada@zanthrope.example"], false);
        check(&["zanthrope7@example.com"], false);
    }

    #[test]
    fn long_passwords_are_judged_by_their_beginning() {
        let check = |text: String, good: bool| {
            let new = NewPassword::from_field(json!(text)).unwrap();
            assert_eq!(new.check_uncommon("password", &[]).is_ok(), good, "{text:?}");
        };
        check("password".repeat(MAX_CHARS / 8), false);
        check("é".repeat(MAX_CHARS), false);
        check("kqzvtwmxblpd".repeat(MAX_CHARS / 12), true);
        // So many readings that it would take a second as a whole.
        check("a4@b8c({[<e3g69i1!|l17o0s$5t+7x%z2".repeat(7), true);
    }
}
