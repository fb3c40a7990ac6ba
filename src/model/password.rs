//! Passwords as people type them, and which of those may be set.

use std::fmt;

use serde_json::Value;
use unicode_normalization::{UnicodeNormalization, is_nfc};
use zeroize::{Zeroize, Zeroizing};
use zxcvbn::{Score, zxcvbn};

use crate::{
    error::{Fault, Result},
    model::fields::{Flaw, FromField},
};

/// The longest password, in characters; NIST SP 800-63B asks for at least 64.
pub const MAX_CHARS: usize = 256;
/// The shortest password that can be set, in characters (NIST SP 800-63B, section 5.1.1.2).
pub const MIN_CHARS: usize = 8;
/// What every password here is compared with, besides what is known about the person.
const SERVICE: &str = "guestlist";

/// What somebody typed: 1 to 256 characters, composed (Unicode NFC), because keyboards differ in how
/// they send `é`. Never printed, wiped when dropped.
#[derive(Clone)]
pub struct Password(Zeroizing<String>);

impl Password {
    /// Takes the text as it was typed; nothing is trimmed.
    ///
    /// # Errors
    /// That it is empty or too long, without repeating it.
    pub fn parse(mut text: String) -> Result<Self, Flaw> {
        // Longer than any valid password in any spelling: not worth the work of composing it.
        let bounded = text.len() <= 16 * MAX_CHARS;
        if bounded && !is_nfc(&text) {
            let composed = text.nfc().collect();
            text.zeroize();
            text = composed;
        }
        let text = Zeroizing::new(text);
        if text.is_empty() {
            return Err(Flaw::Value("required", "must not be empty".into()));
        }
        if !bounded || text.chars().count() > MAX_CHARS {
            return Err(Flaw::Value("length", format!("must have at most {MAX_CHARS} characters")));
        }
        Ok(Self(text))
    }

    /// The text, for hashing.
    pub(crate) fn expose(&self) -> &str {
        &self.0
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
pub struct NewPassword(Password);

impl NewPassword {
    /// The password itself.
    pub const fn password(&self) -> &Password {
        &self.0
    }

    /// Refuses what attackers try first: the most common passwords and what is made of them, of a
    /// row of keys, or of what is known `about` the person (e-mail and names).
    ///
    /// # Errors
    /// The fault of `field`, as the request names it.
    pub fn check_uncommon(&self, field: &str, about: &[&str]) -> Result<(), Fault> {
        let known: Vec<&str> = about.iter().flat_map(|text| words(text)).chain([SERVICE]).collect();
        if zxcvbn(self.0.expose(), &known).score() >= Score::Two {
            return Ok(());
        }
        let why = "is one of the first that others would guess; choose a longer one, \
                   such as a few words that have nothing to do with each other";
        Err(Fault::new(field, "common", format!("{field} {why}")))
    }
}

/// A text and the words in it: `ada@example.com`, `ada`, `example`, `com`.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let parts = text.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty());
    std::iter::once(text).chain(parts)
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
