//! Accounts, and the one that is the operator's own.

pub(crate) mod home;
pub(crate) mod logo;
pub(crate) mod manage;
pub(crate) mod overview;
pub(crate) mod record;
