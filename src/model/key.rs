//! API keys: how scripts and other services call.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    admit::reaches_everywhere,
    clock::Timestamp,
    error::Result,
    model::{
        fields::{Flaw, FromField},
        id::{AccountId, KeyId, UserId},
        random_part,
        text::Name,
        user::User,
    },
    random::Random,
    role::Role,
    secret::{digest_of, same},
};

/// What every API key begins with, so that people and secret scanners recognise one.
pub const PREFIX: &str = "gl_";

/// How much of the id [`Key::start`] shows: the time, and 12 random bits.
const START: usize = 16;

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
    /// Who made it, as in the audit trail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_by: Option<String>,
    /// Whose it is: it is good only as long as that one stands. Keys that are older than this have none, and open
    /// nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maker: Option<Maker>,
    /// When it last made a call, to 10 minutes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_used: Option<Timestamp>,
    /// The stored item's version.
    #[serde(skip)]
    pub version: u64,
}

/// Who stands behind a key: at the head of a chain of keys that have made each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Maker {
    /// The operator who runs the program.
    Operator,
    /// A user.
    User {
        /// The user's account.
        account_id: AccountId,
        /// The user.
        user_id: UserId,
        /// The user's [`key_epoch`](crate::model::user::User::key_epoch) then.
        epoch: u64,
    },
}

impl Maker {
    /// This user, as it is now.
    pub fn of(user: &User) -> Self {
        Self::User { account_id: user.account_id, user_id: user.id, epoch: user.key_epoch }
    }

    /// The user, if it is one.
    pub const fn user(self) -> Option<(AccountId, UserId)> {
        match self {
            Self::Operator => None,
            Self::User { account_id, user_id, .. } => Some((account_id, user_id)),
        }
    }
}

/// In the words of the audit trail.
impl fmt::Display for Maker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Operator => f.write_str("operator"),
            Self::User { user_id, .. } => write!(f, "user:{user_id}"),
        }
    }
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
    /// Makes a key and the token that shows it; the token cannot be had again. `by` is who makes it, and `maker`
    /// whose it is.
    pub fn make(
        new: NewKey,
        account: AccountId,
        (by, maker): (String, Maker),
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
            maker: Some(maker),
            last_used: None,
            version: 0,
        };
        (key, format!("{PREFIX}{}_{secret}", short(id)))
    }

    /// The same as somebody else's.
    #[must_use]
    pub fn of(self, maker: Maker) -> Self {
        Self { maker: Some(maker), ..self }
    }

    /// What the key begins with, by which its owner tells it from others: a part of its id, and nothing secret.
    pub fn start(&self) -> String {
        let short = short(self.id);
        format!("{PREFIX}{}", short.get(..START).unwrap_or(&short))
    }

    /// Whether a user who is let in, of this role and [`key_epoch`](crate::model::user::User::key_epoch), is the one
    /// whose the key is, and has at least its role. That counts in the user's own account, unless the user rules
    /// everywhere.
    pub fn is_backed_by(
        &self,
        (account, user): (AccountId, UserId),
        (role, epoch): (Role, u64),
    ) -> bool {
        let maker = Maker::User { account_id: account, user_id: user, epoch };
        let rules = reaches_everywhere(role) || self.account_id == account;
        self.maker == Some(maker) && role >= self.role && rules
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

/// An id as it stands in a key.
fn short(id: KeyId) -> String {
    id.to_string().replace('-', "")
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
