//! API keys: how scripts and other services call.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    clock::Timestamp,
    error::Result,
    model::{
        fields::{Flaw, FromField},
        id::{AccountId, KeyId},
        random_part,
        text::Name,
    },
    random::Random,
    role::Role,
    secret::{digest_of, same},
};

/// What every API key begins with, so that people and secret scanners recognise one.
pub const PREFIX: &str = "gl_";

/// An API key as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Key {
    /// The key's id, which is part of the key.
    pub id: KeyId,
    /// The account that it acts in.
    pub account_id: AccountId,
    /// What it is for.
    pub name: Name,
    /// What it may do.
    pub role: Role,
    /// Whether it may change things.
    pub access: Access,
    /// SHA-256 of the secret part, in base64url.
    digest: String,
    /// When it was made.
    pub created: Timestamp,
    /// When it ceases to work. The name `expires` is the stored item's own.
    #[serde(rename = "expiresAt", default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Timestamp>,
    /// Who made it, as in the audit trail; not known of older ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_by: Option<String>,
    /// When it last made a call, to 10 minutes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_used: Option<Timestamp>,
    /// The stored item's version.
    #[serde(skip)]
    pub version: u64,
}

/// Whether a key may change things.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Access {
    /// It may only look.
    Read,
    /// It may do all that its role may.
    #[default]
    Write,
}

impl Access {
    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
        }
    }
}

/// What a new key is to be.
#[derive(Clone, Debug)]
pub struct NewKey {
    /// What it is for.
    pub name: Name,
    /// What it may do.
    pub role: Role,
    /// Whether it may change things.
    pub access: Access,
    /// When it ceases to work.
    pub expires: Option<Timestamp>,
}

impl Key {
    /// Makes a key and the token that shows it; the token cannot be had again. `by` is who makes it.
    pub fn make(
        new: NewKey,
        account: AccountId,
        by: String,
        now: Timestamp,
        random: &Random,
    ) -> (Self, String) {
        let id = KeyId::new(now, random);
        let secret = random_part::make(random);
        let NewKey { name, role, access, expires } = new;
        let digest = digest_of(&secret);
        let key = Self {
            id,
            account_id: account,
            name,
            role,
            access,
            digest,
            created: now,
            expires,
            created_by: Some(by),
            last_used: None,
            version: 0,
        };
        let short = id.to_string().replace('-', "");
        (key, format!("{PREFIX}{short}_{secret}"))
    }

    /// The id that a token names, if it has the form of a key.
    pub fn id_in(token: &str) -> Option<KeyId> {
        let (short, _) = token.strip_prefix(PREFIX)?.split_once('_')?;
        let part = |from, to| short.get(from..to);
        let id = [part(0, 8)?, part(8, 12)?, part(12, 16)?, part(16, 20)?, part(20, 32)?];
        (short.len() == 32).then(|| KeyId::parse(&id.join("-"))).flatten()
    }

    /// Whether the token shows this very key.
    pub fn opens_with(&self, token: &str) -> bool {
        let secret = token.strip_prefix(PREFIX).and_then(|rest| rest.split_once('_'));
        secret.is_some_and(|(_, secret)| same(digest_of(secret).as_bytes(), self.digest.as_bytes()))
    }
}

impl FromField for Access {
    fn from_field(value: Value) -> Result<Self, Flaw> {
        match String::from_field(value)?.as_str() {
            "read" => Ok(Self::Read),
            "write" => Ok(Self::Write),
            _ => Err(Flaw::Value("in", "must be read or write".into())),
        }
    }
}
