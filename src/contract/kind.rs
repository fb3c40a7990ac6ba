//! What the values of fields are: the kinds, and of which kind a field of a name is.

use super::ReplyField;

/// The largest page of a call that pages by cursors.
pub const MAX_LIMIT: usize = 100;
/// The largest page of a call that pages by number.
pub const MAX_LIMIT_BY_NUMBER: usize = 500;
/// The size of a page that nobody has asked to be larger or smaller.
pub const DEFAULT_LIMIT: usize = 25;
/// The most texts to look for in one field.
pub const MAX_PARTS: usize = 50;

/// What users can be listed by.
pub const ORDERS: &[&str] = &[
    "number",
    "id",
    "email",
    "name",
    "role",
    "suspended",
    "created",
    "updated",
    "activity",
    "joined",
];

/// A record that replies consist of.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// What its schema is called.
    pub name: &'static str,
    /// Its fields.
    pub fields: &'static [ReplyField],
}

/// What the value of a field or parameter is.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "each is described by its schema")]
pub enum Kind {
    Access,
    AccountState,
    Action,
    Actor,
    ActorFilter,
    /// The name of another service that tokens can be for.
    Audience,
    /// Calls that are made one after the other.
    Batch,
    Code,
    Contains,
    Count,
    Cursor,
    Date,
    /// Which way a list is read.
    Direction,
    Document,
    Email,
    /// Eight digits that were sent to the own address.
    EmailCode,
    Flag,
    HoldKind,
    Id,
    Index,
    /// An invite's code, as it is shown or as it is sent.
    InviteCode,
    InviteState,
    Language,
    LetterKind,
    LetterState,
    /// What to do about a mail server that takes no emails.
    MailAdvice,
    /// How far a test email came.
    MailStage,
    /// How the way to the mail server is protected.
    MailTls,
    /// A page's size, up to this.
    Limit(usize),
    Line,
    /// Records.
    List(Shape),
    /// A picture in base64.
    Logo,
    Name,
    NamedAccount,
    NewPassword,
    /// Nothing but null.
    Null,
    Offset,
    /// What this service or another one has made, as it came.
    Opaque,
    Order,
    /// What the page keeps that has begun something which is finished elsewhere.
    PageKey,
    Password,
    PasswordHash,
    /// The name of a provider.
    Provider,
    /// A record.
    Record(Shape),
    RefreshToken,
    Registration,
    Role,
    SecondFactor,
    SettableState,
    SignUpState,
    /// What an issuer calls somebody.
    Subject,
    Target,
    Text,
    Texts,
    Time,
    TotpCode,
    Url,
    /// A user's number.
    UserNumber,
    UserState,
    Username,
    UsualState,
}

/// The kind of a field of this name, unless its row says otherwise.
const BY_NAME: &[(&str, Kind)] = &[
    ("accepted", Kind::Flag),
    ("access", Kind::Access),
    ("audience", Kind::Audience),
    ("accessToken", Kind::Text),
    ("account", Kind::NamedAccount),
    ("accountId", Kind::Id),
    ("accountLogo", Kind::Text),
    ("accountName", Kind::Text),
    ("action", Kind::Action),
    ("activity", Kind::Time),
    ("actor", Kind::Actor),
    ("address", Kind::Text),
    ("advice", Kind::Text),
    ("adviceCode", Kind::MailAdvice),
    ("after", Kind::Id),
    ("agent", Kind::Text),
    ("anywhere", Kind::Flag),
    ("at", Kind::Time),
    ("attempts", Kind::Count),
    ("calls", Kind::Batch),
    ("changed", Kind::Texts),
    ("code", Kind::Code),
    ("contains", Kind::Contains),
    ("count", Kind::Count),
    ("cookie", Kind::Flag),
    ("cookieOrigin", Kind::Url),
    ("created", Kind::Time),
    ("createdBy", Kind::Actor),
    ("current", Kind::Flag),
    ("currentPassword", Kind::Password),
    ("data", Kind::Document),
    ("day", Kind::Date),
    ("detail", Kind::Text),
    ("due", Kind::Time),
    ("email", Kind::Email),
    ("ended", Kind::Count),
    ("everywhere", Kind::Flag),
    ("expires", Kind::Time),
    ("externalId", Kind::Line),
    ("field", Kind::Text),
    ("first", Kind::Name),
    ("folder", Kind::Text),
    ("formerState", Kind::UsualState),
    ("hold", Kind::Id),
    ("holds", Kind::Count),
    ("host", Kind::Text),
    ("id", Kind::Id),
    ("identity", Kind::Null),
    ("index", Kind::Index),
    ("invite", Kind::Code),
    ("inviteExpires", Kind::Time),
    ("inviteSent", Kind::Time),
    ("inviteState", Kind::InviteState),
    ("inviter", Kind::Text),
    ("invites", Kind::Count),
    ("issuer", Kind::Text),
    ("joined", Kind::Time),
    ("key", Kind::Text),
    ("kind", Kind::HoldKind),
    ("language", Kind::Language),
    ("languages", Kind::Texts),
    ("last", Kind::Name),
    ("lastError", Kind::Text),
    ("lastFailed", Kind::Time),
    ("lastSent", Kind::Time),
    ("lastUsed", Kind::Time),
    ("logo", Kind::Text),
    ("managed", Kind::Flag),
    ("endSessions", Kind::Flag),
    ("good", Kind::Flag),
    ("keepKeys", Kind::Flag),
    ("maker", Kind::Actor),
    ("makerName", Kind::Text),
    ("start", Kind::Text),
    ("emailCode", Kind::EmailCode),
    ("from", Kind::Time),
    ("freshUntil", Kind::Time),
    ("signedOut", Kind::Flag),
    ("maxBatchCalls", Kind::Count),
    ("maxBodyBytes", Kind::Count),
    ("more", Kind::Flag),
    ("name", Kind::Name),
    ("newEmail", Kind::Email),
    ("newPassword", Kind::NewPassword),
    ("next", Kind::Cursor),
    ("number", Kind::Count),
    ("offset", Kind::Offset),
    ("oldest", Kind::Time),
    ("order", Kind::Order),
    ("others", Kind::Flag),
    ("password", Kind::Password),
    ("passwordHash", Kind::PasswordHash),
    ("port", Kind::Count),
    ("preferences", Kind::Document),
    ("prev", Kind::Cursor),
    ("hasPassword", Kind::Flag),
    ("iss", Kind::Opaque),
    ("error", Kind::Opaque),
    ("keepProviders", Kind::Flag),
    ("label", Kind::Text),
    ("link", Kind::Text),
    ("provider", Kind::Text),
    ("since", Kind::Time),
    ("status", Kind::Count),
    ("subject", Kind::Text),
    ("purgeAfter", Kind::Time),
    ("recoveryCodes", Kind::Texts),
    ("ref", Kind::Line),
    ("refreshToken", Kind::RefreshToken),
    ("refusedSince", Kind::Time),
    ("registration", Kind::Registration),
    ("register", Kind::Flag),
    ("reply", Kind::Text),
    ("retryAfter", Kind::Count),
    ("role", Kind::Role),
    ("scanned", Kind::Count),
    ("search", Kind::Line),
    ("secret", Kind::Text),
    ("sendInvite", Kind::Flag),
    ("sender", Kind::Text),
    ("sent", Kind::Time),
    ("session", Kind::Id),
    ("setUp", Kind::Flag),
    ("settings", Kind::Document),
    ("signIns", Kind::Count),
    ("stage", Kind::MailStage),
    ("state", Kind::UserState),
    ("target", Kind::Target),
    ("tls", Kind::MailTls),
    ("to", Kind::Email),
    ("total", Kind::Count),
    ("totp", Kind::SecondFactor),
    ("truncated", Kind::Flag),
    ("twoFactor", Kind::Flag),
    ("updated", Kind::Time),
    ("url", Kind::Url),
    ("used", Kind::Time),
    ("userId", Kind::Id),
    ("username", Kind::Username),
    ("verified", Kind::Flag),
    ("version", Kind::Count),
    ("waiting", Kind::Count),
    ("waysIn", Kind::Texts),
];

/// The kind of a field of this name; a name that nobody knows does not compile.
#[expect(clippy::panic, clippy::indexing_slicing, reason = "only the compiler runs it")]
pub(super) const fn named(name: &str) -> Kind {
    let mut at = 0;
    while at < BY_NAME.len() {
        if same(BY_NAME[at].0.as_bytes(), name.as_bytes()) {
            return BY_NAME[at].1;
        }
        at += 1;
    }
    panic!("BY_NAME does not say what this field is")
}

#[expect(clippy::indexing_slicing, reason = "only the compiler runs it")]
const fn same(one: &[u8], other: &[u8]) -> bool {
    let mut at = 0;
    while at < one.len() && at < other.len() && one[at] == other[at] {
        at += 1;
    }
    at == one.len() && at == other.len()
}

impl Kind {
    /// Whether it is a text of people's own words or names.
    pub const fn is_free_text(self) -> bool {
        matches!(self, Self::Language | Self::Line | Self::Name | Self::Username)
    }

    /// What the kind's schema is called, if there is something to call by a name.
    #[expect(clippy::too_many_lines, reason = "a line for each kind")]
    pub fn name(self) -> Option<String> {
        match self {
            Self::Count
            | Self::Cursor
            | Self::Flag
            | Self::Limit(_)
            | Self::List(_)
            | Self::Null
            | Self::Offset
            | Self::Text
            | Self::Texts
            | Self::Url => None,
            Self::Record(shape) => Some(shape.name.to_owned()),
            Self::Access
            | Self::AccountState
            | Self::Action
            | Self::Actor
            | Self::ActorFilter
            | Self::Audience
            | Self::Batch
            | Self::Code
            | Self::Contains
            | Self::Date
            | Self::Direction
            | Self::Document
            | Self::Email
            | Self::EmailCode
            | Self::HoldKind
            | Self::Id
            | Self::Index
            | Self::InviteCode
            | Self::InviteState
            | Self::Language
            | Self::LetterKind
            | Self::LetterState
            | Self::MailAdvice
            | Self::MailStage
            | Self::MailTls
            | Self::Line
            | Self::Logo
            | Self::Name
            | Self::NamedAccount
            | Self::NewPassword
            | Self::Opaque
            | Self::Order
            | Self::PageKey
            | Self::Password
            | Self::PasswordHash
            | Self::Provider
            | Self::RefreshToken
            | Self::Registration
            | Self::Role
            | Self::SecondFactor
            | Self::SettableState
            | Self::SignUpState
            | Self::Subject
            | Self::Target
            | Self::Time
            | Self::TotpCode
            | Self::UserNumber
            | Self::UserState
            | Self::Username
            | Self::UsualState => Some(format!("{self:?}")),
        }
    }
}
