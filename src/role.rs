//! Roles and their order.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Who somebody is to the service; the order is that of power.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Anybody; never a user's or a key's role.
    Public,
    /// A member of an account.
    User,
    /// Runs an account.
    Admin,
    /// Operates the service.
    Root,
}

impl Role {
    /// The roles that a user or a key can have.
    pub const GRANTED: [Self; 3] = [Self::User, Self::Admin, Self::Root];

    /// The role's name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::User => "user",
            Self::Admin => "admin",
            Self::Root => "root",
        }
    }

    /// The granted role of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::GRANTED.into_iter().find(|role| role.name() == name)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
