//! What a page holds on to that has begun something which is finished elsewhere: with a code that people read in their
//! mailbox, or at a provider. Without the key nobody finishes.

use serde_json::Value;

use crate::{
    error::Result,
    model::{
        fields::{Flaw, FromField},
        random_part,
    },
    random::Random,
    secret::digest_of,
};

/// The key.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct PageKey(String);

impl PageKey {
    /// A new key.
    pub(crate) fn new(random: &Random) -> Self {
        Self(random_part::make(random))
    }

    /// The key itself, for the page.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }

    /// What it is known by elsewhere: SHA-256 in base64url.
    pub(crate) fn digest(&self) -> String {
        digest_of(&self.0)
    }
}

impl FromField for PageKey {
    fn from_field(value: Value) -> Result<Self, Flaw> {
        let text = String::from_field(value)?;
        let why = "must be the key from the reply of the call that started this";
        random_part::read(&text).map(Self).ok_or_else(|| Flaw::Value("format", why.into()))
    }
}
