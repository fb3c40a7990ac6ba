//! Accounts, the one that is the operator's own, and their API keys.

pub(crate) mod home;
pub(crate) mod key;
pub(crate) mod manage;
pub(crate) mod overview;
pub(crate) mod record;
