//! Invites and their codes.
//!
//! A code is not stored: it is derived from the secret, the user and a nonce, so that an admin can
//! be shown it and a letter can be written again, while a copy of the table opens nothing.

use aws_lc_rs::hmac;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    clock::Timestamp,
    error::Result,
    model::{
        email::Email,
        fields::{Flaw, FromField},
        id::{AccountId, UserId},
    },
    random::Random,
    role::Role,
    secret::{Secret, Secrets, sha256},
};

/// How many bytes of the HMAC make a code; 24 characters.
const CODE_BYTES: usize = 18;

/// What opens an invite; whoever has it may use it.
#[derive(Clone, PartialEq, Eq)]
pub struct InviteCode(String);

impl InviteCode {
    /// Reads a code as it was sent; its form only, not whether it opens something.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let form = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        let length = CODE_BYTES / 3 * 4;
        (text.len() == length && text.bytes().all(form)).then(|| Self(text.to_owned()))
    }

    /// The code itself, for the one who may see it.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What the table knows the code by: SHA-256 in base64url.
    pub fn digest(&self) -> String {
        URL_SAFE_NO_PAD.encode(sha256(self.0.as_bytes()))
    }
}

/// What codes are derived with: the keys of the current and the previous secrets.
pub struct InviteKeys {
    current: InviteKey,
    previous: Vec<InviteKey>,
}

struct InviteKey {
    /// The secret's public name, which an invite keeps.
    fingerprint: String,
    key: hmac::Key,
}

impl InviteKeys {
    /// The keys under these secrets.
    pub fn new(secrets: &Secrets) -> Self {
        let previous = secrets.previous.iter().map(InviteKey::new).collect();
        Self { current: InviteKey::new(&secrets.current), previous }
    }

    /// The set-up code: the same on every node and every start, until the secret changes.
    pub fn setup_code(&self) -> InviteCode {
        self.current.code("setup")
    }

    fn by_fingerprint(&self, fingerprint: &str) -> Option<&InviteKey> {
        let mut all = std::iter::once(&self.current).chain(&self.previous);
        all.find(|key| key.fingerprint == fingerprint)
    }
}

impl InviteKey {
    fn new(secret: &Secret) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.derive("invite").expose());
        Self { fingerprint: secret.fingerprint(), key }
    }

    fn code(&self, context: &str) -> InviteCode {
        let tag = hmac::sign(&self.key, context.as_bytes());
        let bytes = tag.as_ref().first_chunk::<CODE_BYTES>().copied().unwrap_or_default();
        InviteCode(URL_SAFE_NO_PAD.encode(bytes))
    }
}

impl FromField for InviteCode {
    fn from_field(value: Value) -> Result<Self, Flaw> {
        let text = String::from_field(value)?;
        let why = "must be the code of 24 letters, digits, '-' and '_' from the invitation";
        Self::parse(&text).ok_or_else(|| Flaw::Value("format", why.into()))
    }
}

/// What an invited user keeps of the invite that is out: enough to derive its code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenInvite {
    /// Makes this code differ from the user's earlier ones.
    nonce: String,
    /// Which secret the code is derived from.
    secret: String,
    /// What the table knows the code by, also when the secret has been retired.
    pub digest: String,
    /// When the code ceases to work.
    pub expires: Timestamp,
}

impl OpenInvite {
    /// A fresh invite for `user` under the current secret.
    pub fn new(user: UserId, keys: &InviteKeys, random: &Random, expires: Timestamp) -> Self {
        let nonce = URL_SAFE_NO_PAD.encode(random.bytes::<9>());
        let digest = keys.current.code(&context(user, &nonce)).digest();
        Self { nonce, secret: keys.current.fingerprint.clone(), digest, expires }
    }

    /// The code for `user`; `None` if the secret that it was made with has been retired.
    pub fn code(&self, user: UserId, keys: &InviteKeys) -> Option<InviteCode> {
        let key = keys.by_fingerprint(&self.secret)?;
        Some(key.code(&context(user, &self.nonce)))
    }
}

fn context(user: UserId, nonce: &str) -> String {
    format!("user#{user}#{nonce}")
}

/// An invite as it is stored, under its code's digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Invite {
    /// Who is invited; nobody in particular for the set-up code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invitee: Option<Invitee>,
    /// The role that it gives.
    pub role: Role,
    /// Whether it has been accepted.
    pub used: bool,
    /// The stored item's expiry; none for the set-up code.
    #[serde(skip)]
    pub expires: Option<u64>,
    /// The stored item's version.
    #[serde(skip)]
    pub version: u64,
}

/// Whom an invite is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Invitee {
    /// The account that it leads to.
    pub account_id: AccountId,
    /// The user that it makes active.
    pub user_id: UserId,
    /// The address that it was sent to.
    pub email: Email,
}
