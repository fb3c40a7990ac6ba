//! One-time codes: what invites, confirmations of an address and resets of a password are opened with.
//!
//! A code is not stored: it is derived from the secret, what it is for and a nonce, so that an admin
//! can be shown it and a letter can be written again, while a copy of the table opens nothing.

use std::{fmt, sync::Arc};

use aws_lc_rs::hmac;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    clock::Timestamp,
    error::Result,
    model::{
        fields::{Flaw, FromField},
        id::{SignInId, SignUpId, UserId},
    },
    random::Random,
    secret::{Secret, Secrets, digest_of},
};

/// How many bytes of the HMAC make a code; 24 characters.
const CODE_BYTES: usize = 18;

/// A code that opens something once; its holder may use it.
#[derive(Clone, PartialEq, Eq)]
pub struct Code(String);

impl Code {
    /// Reads a code as it was sent; its form only, not whether it opens something.
    pub fn parse(text: &str) -> Option<Self> {
        Self::exact(text.trim())
    }

    /// The same, with nothing around it.
    fn exact(text: &str) -> Option<Self> {
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
        digest_of(&self.0)
    }
}

/// An invite's code as somebody shows it: the one that its account's admins are shown, too, and, with a
/// second part behind a dot, the one that was sent to the invitee and shown to nobody else.
#[derive(Clone, PartialEq, Eq)]
pub struct InviteCode {
    /// What opens the invite.
    pub code: Code,
    /// What proves that its email was read.
    pub proof: Option<Code>,
}

impl InviteCode {
    /// The code itself, for the one who has shown it.
    pub fn reveal(&self) -> String {
        match &self.proof {
            Some(proof) => format!("{}.{}", self.code.0, proof.0),
            None => self.code.0.clone(),
        }
    }

    /// Reads a code as it was sent or shown; its form only.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        match text.split_once('.') {
            Some((code, proof)) => {
                Some(Self { code: Code::exact(code)?, proof: Some(Code::exact(proof)?) })
            }
            None => Some(Self { code: Code::exact(text)?, proof: None }),
        }
    }
}

impl FromField for InviteCode {
    fn from_field(value: Value) -> Result<Self, Flaw> {
        let text = String::from_field(value)?;
        let why = "must be the code of an invite: 24 letters, digits, '-' and '_'; the one from the email has a dot \
                   and 24 more";
        Self::parse(&text).ok_or_else(|| Flaw::Value("format", why.into()))
    }
}

/// What codes are derived with: the keys of the current and the previous secrets.
pub struct CodeKeys {
    current: CodeKey,
    previous: Vec<CodeKey>,
}

struct CodeKey {
    /// The secret's public name, which an open code keeps.
    fingerprint: String,
    key: hmac::Key,
}

impl CodeKeys {
    /// The keys under these secrets.
    pub fn new(secrets: &Secrets) -> Self {
        let previous = secrets.previous.iter().map(CodeKey::new).collect();
        Self { current: CodeKey::new(&secrets.current), previous }
    }

    fn by_fingerprint(&self, fingerprint: &str) -> Option<&CodeKey> {
        let mut all = std::iter::once(&self.current).chain(&self.previous);
        all.find(|key| key.fingerprint == fingerprint)
    }
}

impl CodeKey {
    fn new(secret: &Secret) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.derive("code").expose());
        Self { fingerprint: secret.fingerprint(), key }
    }

    fn code(&self, context: &str) -> Code {
        let tag = hmac::sign(&self.key, context.as_bytes());
        let bytes = tag.as_ref().first_chunk::<CODE_BYTES>().copied().unwrap_or_default();
        Code(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// Eight digits, of other bytes than [`CodeKey::code`].
    fn digits(&self, context: &str) -> Code {
        let tag = hmac::sign(&self.key, context.as_bytes());
        let number = u64::from_be_bytes(tag.as_ref().last_chunk().copied().unwrap_or_default());
        Code(format!("{:08}", number % 100_000_000))
    }
}

impl FromField for Code {
    fn from_field(value: Value) -> Result<Self, Flaw> {
        let text = String::from_field(value)?;
        let why = "must be the code from the email: 24 letters, digits, '-' and '_'";
        Self::parse(&text).ok_or_else(|| Flaw::Value("format", why.into()))
    }
}

/// What a code is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To make the first root user.
    SetUp,
    /// To join as this user.
    Invite(UserId),
    /// To prove, beside that, that the invite's email was read.
    InviteProof(UserId),
    /// To prove the email of this sign-up.
    Verify(SignUpId),
    /// To set the password of this person's sign-in.
    Reset(SignInId),
    /// To show once more that one reads the own mailbox.
    Confirm,
    /// To prove the address that this person's sign-in is to have.
    NewEmail(SignInId),
    /// To bring this person's sign-in back to its old address.
    WayBack(SignInId),
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SetUp => f.write_str("setup"),
            Self::Invite(user) => write!(f, "user#{user}"),
            Self::InviteProof(user) => write!(f, "invite proof#{user}"),
            Self::Verify(sign_up) => write!(f, "verify#{sign_up}"),
            Self::Reset(sign_in) => write!(f, "reset#{sign_in}"),
            Self::Confirm => f.write_str("confirm"),
            Self::NewEmail(sign_in) => write!(f, "new email#{sign_in}"),
            Self::WayBack(sign_in) => write!(f, "way back#{sign_in}"),
        }
    }
}

/// What is kept of a code that is out: enough to derive it again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenCode {
    /// Makes this code differ from earlier ones for the same purpose.
    nonce: String,
    /// Which secret the code is derived from.
    secret: String,
    /// What the table knows the code by, also when the secret has been retired.
    pub digest: String,
    /// When the code ceases to work.
    pub expires: Timestamp,
}

impl OpenCode {
    /// A fresh code for `purpose` under the current secret.
    pub fn new(purpose: Purpose, keys: &CodeKeys, random: &Random, expires: Timestamp) -> Self {
        let nonce = URL_SAFE_NO_PAD.encode(random.bytes::<9>());
        let digest = keys.current.code(&context(purpose, &nonce)).digest();
        Self { nonce, secret: keys.current.fingerprint.clone(), digest, expires }
    }

    /// The code for `purpose`; `None` if the secret that it was made with has been retired.
    pub fn code(&self, purpose: Purpose, keys: &CodeKeys) -> Option<Code> {
        let key = keys.by_fingerprint(&self.secret)?;
        Some(key.code(&context(purpose, &self.nonce)))
    }

    /// The code for `purpose` as eight digits, for typing in; `None` if the secret that it was made with has been
    /// retired.
    pub fn digits(&self, purpose: Purpose, keys: &CodeKeys) -> Option<Code> {
        let key = keys.by_fingerprint(&self.secret)?;
        Some(key.digits(&context(purpose, &self.nonce)))
    }

    /// An invite's code as it is sent to the invitee; `None` if the secret that it was made with has been
    /// retired.
    pub fn sent_invite(&self, user: UserId, keys: &CodeKeys) -> Option<Code> {
        let code = self.code(Purpose::Invite(user), keys)?;
        let proof = self.code(Purpose::InviteProof(user), keys)?;
        Some(Code(format!("{}.{}", code.0, proof.0)))
    }
}

/// Derives the codes of the invites that are open at one moment. Copies share the keys.
#[derive(Clone)]
pub struct InviteCodes {
    keys: Arc<CodeKeys>,
    at: Timestamp,
}

impl InviteCodes {
    /// The codes under these keys that can be used at that time.
    pub fn new(keys: &Arc<CodeKeys>, at: Timestamp) -> Self {
        Self { keys: Arc::clone(keys), at }
    }

    /// The code of a user's invite, if it can still be used.
    pub fn code(&self, user: UserId, invite: &OpenCode) -> Option<Code> {
        let is_open = self.at < invite.expires;
        is_open.then(|| invite.code(Purpose::Invite(user), &self.keys)).flatten()
    }
}

fn context(purpose: Purpose, nonce: &str) -> String {
    format!("{purpose}#{nonce}")
}
