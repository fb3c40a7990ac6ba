//! Who makes a call, once that is known.

use std::{fmt, sync::Arc};

use crate::{
    auth::identity::Identity,
    clock::Timestamp,
    model::{
        id::{AccountId, KeyId, SessionId, UserId},
        key::{Access, Key, Maker},
        user::User,
    },
    role::Role,
};

/// Who makes a call.
#[derive(Clone, Debug)]
pub enum Caller {
    /// Somebody of whom nothing is known.
    Anonymous,
    /// Somebody whose token was verified, user or not.
    Identity(Arc<Identity>),
    /// A live user.
    User(CallingUser),
    /// An API key.
    Key(CallingKey),
    /// The operator on the command line.
    Operator,
    /// The service itself, which does by this name what nobody has called for.
    Service(&'static str),
}

/// What is needed to know of a calling user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallingUser {
    /// The user.
    pub id: UserId,
    /// Its account.
    pub account: AccountId,
    /// Its role.
    pub role: Role,
    /// What its keys are good in, and this call is: raised as soon as anything is taken from the user.
    pub epoch: u64,
    /// The session that it calls in, if it has signed in here.
    pub session: Option<SessionId>,
    /// When its token says that the person has last shown a credential.
    pub auth_time: Option<Timestamp>,
}

/// What is needed to know of a calling key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallingKey {
    /// The key.
    pub id: KeyId,
    /// Its account.
    pub account: AccountId,
    /// Its role.
    pub role: Role,
    /// Whether it may change things.
    pub access: Access,
    /// Whose it is.
    pub maker: Option<Maker>,
}

impl Caller {
    /// The role that the call is made with.
    pub fn role(&self) -> Role {
        match self {
            Self::Anonymous | Self::Identity(_) => Role::Public,
            Self::User(user) => user.role,
            Self::Key(key) => key.role,
            Self::Operator | Self::Service(_) => Role::Root,
        }
    }

    /// The account that the caller lives in.
    pub fn account(&self) -> Option<AccountId> {
        match self {
            Self::Anonymous | Self::Identity(_) | Self::Operator | Self::Service(_) => None,
            Self::User(user) => Some(user.account),
            Self::Key(key) => Some(key.account),
        }
    }

    /// The user who calls, if it is one.
    pub fn user(&self) -> Option<UserId> {
        match self {
            Self::User(user) => Some(user.id),
            Self::Anonymous
            | Self::Identity(_)
            | Self::Key(_)
            | Self::Operator
            | Self::Service(_) => None,
        }
    }

    /// The session that the caller has signed in to, if it calls in one.
    pub fn session(&self) -> Option<SessionId> {
        match self {
            Self::User(user) => user.session,
            Self::Anonymous
            | Self::Identity(_)
            | Self::Key(_)
            | Self::Operator
            | Self::Service(_) => None,
        }
    }

    /// Whether the caller may not change anything.
    pub fn is_read_only(&self) -> bool {
        matches!(self, Self::Key(CallingKey { access: Access::Read, .. }))
    }
}

/// The caller's name in logs and audit entries.
impl fmt::Display for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Anonymous => f.write_str("anonymous"),
            Self::Identity(_) => f.write_str("identity"),
            Self::User(user) => write!(f, "user:{}", user.id),
            Self::Key(key) => write!(f, "key:{}", key.id),
            Self::Operator => f.write_str("operator"),
            Self::Service(name) => f.write_str(name),
        }
    }
}

impl From<&User> for CallingUser {
    fn from(user: &User) -> Self {
        Self {
            id: user.id,
            account: user.account_id,
            role: user.role,
            epoch: user.key_epoch,
            session: None,
            auth_time: None,
        }
    }
}

impl From<&Key> for CallingKey {
    fn from(key: &Key) -> Self {
        let Key { id, account_id, role, access, maker, .. } = *key;
        Self { id, account: account_id, role, access, maker }
    }
}
