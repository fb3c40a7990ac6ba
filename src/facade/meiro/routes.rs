//! The paths.

use super::ROOT;
use crate::facade::request::number;

/// What lies at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Route {
    /// The user of that number.
    User(u64),
    /// Its password.
    ChangePassword(u64),
    Users,
    CreateOrRestore,
    Trash,
    /// The user of that number in the trash.
    Trashed(u64),
    Login,
}

impl Route {
    /// What lies at a path that was taken apart.
    pub(super) fn at(parts: &[&str]) -> Option<Self> {
        match parts {
            [ROOT] => Some(Self::Users),
            [ROOT, "create_or_restore"] => Some(Self::CreateOrRestore),
            [ROOT, "login"] => Some(Self::Login),
            [ROOT, "trash"] => Some(Self::Trash),
            [ROOT, "trash", id] => number(id).map(Self::Trashed),
            [ROOT, id] => number(id).map(Self::User),
            [ROOT, id, "change_password"] => number(id).map(Self::ChangePassword),
            _ => None,
        }
    }

    /// The methods that it takes.
    pub(super) const fn methods(self) -> &'static str {
        match self {
            Self::User(_) => "GET, HEAD, PATCH, DELETE, OPTIONS",
            Self::Users => "GET, HEAD, POST, OPTIONS",
            Self::ChangePassword(_) | Self::CreateOrRestore => "POST, OPTIONS",
            Self::Trash => "GET, HEAD, OPTIONS",
            Self::Trashed(_) => "PATCH, OPTIONS",
            Self::Login => "POST, PATCH, DELETE, OPTIONS",
        }
    }
}
