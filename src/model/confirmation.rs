//! Codes that people read in their mailbox and type into the page that has asked for them.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    error::Result,
    model::{
        code::{Code, CodeKeys, OpenCode, Purpose},
        email::Email,
        fields::{Flaw, FromField},
    },
    secret::same,
};

/// How many digits a code has.
const DIGITS: usize = 8;
/// How many wrong codes make one void.
const MAX_TRIES: u8 = 5;
/// How many codes may be sent in place of the first one, where that is counted.
const MAX_RENEWALS: u8 = 2;

/// What somebody types in.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct EmailCode(String);

impl EmailCode {
    /// Reads a code; spaces between its digits do not count.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let digits: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let fits = digits.len() == DIGITS && digits.bytes().all(|byte| byte.is_ascii_digit());
        fits.then_some(Self(digits))
    }
}

impl FromField for EmailCode {
    fn from_field(value: Value) -> Result<Self, Flaw> {
        let text = String::from_field(value)?;
        let why = "must be the 8-digit code from the email";
        Self::parse(&text).ok_or_else(|| Flaw::Value("format", why.into()))
    }
}

/// A code that is out. The digits are not in it: they follow from the secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Confirmation {
    /// Who has asked for it, and in which session: the code counts for nobody else.
    pub whose: String,
    /// Where it was sent.
    pub email: Email,
    /// What it follows from.
    pub code: OpenCode,
    /// How many wrong ones were tried.
    #[serde(default)]
    pub tries: u8,
    /// How many codes were sent in place of the first one.
    #[serde(default)]
    pub renewals: u8,
    /// The stored item's version.
    #[serde(skip)]
    pub version: u64,
}

impl Confirmation {
    /// Of a code that is sent there.
    pub(crate) const fn new(whose: String, email: Email, code: OpenCode) -> Self {
        Self { whose, email, code, tries: 0, renewals: 0, version: 0 }
    }

    /// The same with another code, which voids the one before; what was tried counts on. `None` if there were too many.
    pub(crate) fn sent_again(self, code: OpenCode) -> Option<Self> {
        let renewals = self.renewals.saturating_add(1);
        (renewals <= MAX_RENEWALS).then_some(Self { code, renewals, ..self })
    }

    /// Whether too many wrong codes were tried.
    pub(crate) const fn is_spent(&self) -> bool {
        self.tries >= MAX_TRIES
    }

    /// The same after one more wrong try, spent or not.
    pub(crate) fn tried_in_vain(self) -> Self {
        Self { tries: self.tries.saturating_add(1), ..self }
    }

    /// Whether that is the code.
    pub(crate) fn opens_with(&self, shown: &EmailCode, keys: &CodeKeys) -> bool {
        let code = self.code.digits(Purpose::Confirm, keys);
        code.as_ref()
            .map(Code::reveal)
            .is_some_and(|code| same(code.as_bytes(), shown.0.as_bytes()))
    }

    /// The same after one more wrong try; `None` if that was the last one.
    pub(crate) fn missed(self) -> Option<Self> {
        let tries = self.tries.saturating_add(1);
        (tries < MAX_TRIES).then_some(Self { tries, ..self })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        clock::Timestamp,
        random::Random,
        secret::{Secret, Secrets},
    };

    #[test]
    fn a_code_has_eight_digits() {
        for text in ["12345678", " 1234 5678 ", "00000000"] {
            assert!(EmailCode::parse(text).is_some(), "{text}");
        }
        for text in ["", "1234567", "123456789", "1234567a", "١٢٣٤٥٦٧٨"] {
            assert!(EmailCode::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn only_the_code_of_the_secret_opens() {
        let random = Random::seeded(1);
        let keys = |seed| {
            let current = Secret::new([seed; 32]);
            CodeKeys::new(&Secrets { current, previous: Vec::new() })
        };
        let (own, other) = (keys(1), keys(2));
        let code = OpenCode::new(Purpose::Confirm, &own, &random, Timestamp::default());
        let shown = code.digits(Purpose::Confirm, &own).unwrap();
        let shown = EmailCode::parse(shown.reveal()).unwrap();
        let email = Email::parse("ada@example.com").unwrap();
        let asked = Confirmation::new("ada".to_owned(), email, code);
        assert!(asked.opens_with(&shown, &own));
        assert!(!asked.opens_with(&shown, &other));
        let wrong = EmailCode::parse("00000000").unwrap();
        assert!(!asked.opens_with(&wrong, &own));
        let mut left = Some(asked);
        for _ in 0..4 {
            left = left.unwrap().missed();
        }
        assert!(left.unwrap().missed().is_none());
    }
}
