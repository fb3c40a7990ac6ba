//! What a user is in both interfaces: roles, names, states.

use crate::facade::native::{Role, State, User};

/// What a `role_id` may be.
pub(super) const ROLE_IDS: &str = "1 (user), 2 (admin) or 3 (root)";

impl Role {
    const ALL: [Self; 3] = [Self::User, Self::Admin, Self::Root];

    /// Meiro's id of the role.
    pub(super) const fn id(self) -> u64 {
        match self {
            Self::User => 1,
            Self::Admin => 2,
            Self::Root => 3,
        }
    }

    /// The role that Meiro has by that id.
    pub(super) fn of_id(id: u64) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.id() == id)
    }

    /// The role's native name.
    pub(super) const fn native(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Admin => "admin",
            Self::Root => "root",
        }
    }
}

impl User {
    /// The first and the last name as one; empty if neither is known.
    pub(super) fn name(&self) -> String {
        let names: Vec<&str> =
            [&self.first, &self.last].into_iter().flatten().map(String::as_str).collect();
        names.join(" ")
    }

    /// Whether the user is kept out or, in the trash, will be when it comes back.
    pub(super) fn is_disabled(&self) -> bool {
        self.former_state.unwrap_or(self.state) == State::Suspended
    }
}

/// The first word of a name, and what comes after it.
pub(super) fn split(name: &str) -> (&str, Option<&str>) {
    let name = name.trim();
    match name.split_once(char::is_whitespace) {
        Some((first, last)) => (first, Some(last.trim_start())),
        None => (name, None),
    }
}

/// The native state of who is disabled, or is not.
pub(super) const fn state(disabled: bool) -> &'static str {
    if disabled { "suspended" } else { "active" }
}
