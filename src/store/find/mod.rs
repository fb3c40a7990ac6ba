//! Finding users: by what is unique to one, or by the beginning of a name.

pub(crate) mod caller;
pub(crate) mod memberships;
pub(crate) mod search;
pub(crate) mod select;
pub(crate) mod user;
