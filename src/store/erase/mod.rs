//! Deleting for good: users, accounts, and what is left of them in other records.

pub(crate) mod purge;
pub(crate) mod purge_account;
pub(crate) mod restored;
pub(crate) mod scrub;
pub(crate) mod sweep;
