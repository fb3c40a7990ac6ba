//! The audit trail: its entries, what they are about, and who acted.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    clock::Timestamp,
    error::Result,
    model::{
        fields::{Flaw, FromField},
        id::{AccountId, AuditId, HoldId, KeyId, SessionId, SignInId, UserId},
        user::User,
    },
};

/// One entry, as it is stored. It holds names of fields, never their values. Its words are kept as
/// they were written, because an entry outlives the version that wrote it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Entry {
    /// The entry's id.
    pub id: AuditId,
    /// When it happened.
    pub at: Timestamp,
    /// The account in whose trail the entry is; none in a person's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_id: Option<AccountId>,
    /// Who acted: `user:ID`, `key:ID`, `operator`, `sweeper`, the service itself, or, in a person's own
    /// trail, `person`.
    pub actor: String,
    /// The name of the call.
    pub action: String,
    /// What was acted on, as a [`Target`] is written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// Whom it concerns, if a user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<UserId>,
    /// The names of the fields that were changed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changed: Vec<String>,
    /// Which role and state there were, where they have changed.
    #[serde(default, skip_serializing_if = "Standing::is_empty")]
    pub before: Standing,
    /// Which ones there are now.
    #[serde(default, skip_serializing_if = "Standing::is_empty")]
    pub after: Standing,
    /// Where the call came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
}

/// A role and a state, as far as an entry has them. Readers of the entry may know both.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Standing {
    /// The role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// The state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
}

impl Standing {
    /// Whether nothing is told.
    pub(crate) const fn is_empty(&self) -> bool {
        self.role.is_none() && self.state.is_none()
    }

    /// That of a state alone.
    pub(crate) fn of_state(state: &str) -> Self {
        Self { role: None, state: Some(state.to_owned()) }
    }

    /// Of what was and what is, as far as they differ; of what is new, all.
    pub(crate) fn turned(before: Option<&User>, after: &User) -> [Self; 2] {
        let role = before.is_none_or(|before| before.role != after.role);
        let state = before.is_none_or(|before| before.state != after.state);
        let standing = |user: &User| Self {
            role: role.then(|| user.role.name().to_owned()),
            state: state.then(|| user.state.name().to_owned()),
        };
        [before.map(standing).unwrap_or_default(), standing(after)]
    }
}

/// What the ids of entries begin with that were made in that millisecond: ids sort by their time.
pub(crate) fn id_at(at: Timestamp) -> String {
    let millis = u64::try_from(at.millis()).unwrap_or(0);
    format!("{:08x}-{:04x}", millis >> 16, millis & 0xffff)
}

/// What an action is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// An account.
    Account(AccountId),
    /// A hold on what the user owns elsewhere.
    Hold(HoldId, UserId),
    /// An API key.
    Key(KeyId),
    /// A session.
    Session(SessionId),
    /// A person's own sign-in.
    SignIn(SignInId),
    /// A user.
    User(UserId),
}

impl Target {
    /// Whom the action concerns, if a user.
    pub(crate) const fn user(self) -> Option<UserId> {
        match self {
            Self::Account(_) | Self::Key(_) | Self::Session(_) | Self::SignIn(_) => None,
            Self::Hold(_, user) | Self::User(user) => Some(user),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account(id) => write!(f, "account:{id}"),
            Self::Hold(id, _) => write!(f, "hold:{id}"),
            Self::Key(id) => write!(f, "key:{id}"),
            Self::Session(id) => write!(f, "session:{id}"),
            Self::SignIn(id) => write!(f, "sign-in:{id}"),
            Self::User(id) => write!(f, "user:{id}"),
        }
    }
}

/// Whose actions are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Actor {
    /// The user, or the key, of that id.
    Id(UserId),
    /// The operator on the command line.
    Operator,
    /// The service itself.
    Sweeper,
}

impl Actor {
    /// Whether an entry's actor is the one.
    pub(crate) fn is(self, actor: &str) -> bool {
        match (self, actor.split_once(':')) {
            (Self::Id(id), Some((_, other))) => id.to_string() == other,
            (Self::Operator, None) => actor == "operator",
            (Self::Sweeper, None) => actor == "sweeper",
            (Self::Id(_), None) | (Self::Operator | Self::Sweeper, Some(_)) => false,
        }
    }
}

impl FromField for Actor {
    fn from_field(value: Value) -> Result<Self, Flaw> {
        let text = String::from_field(value)?;
        match text.as_str() {
            "operator" => return Ok(Self::Operator),
            "sweeper" => return Ok(Self::Sweeper),
            _ => {}
        }
        let why = "must be the id of a user or a key, or the word operator or sweeper";
        UserId::parse(&text).map(Self::Id).ok_or_else(|| Flaw::Value("format", why.into()))
    }
}
