//! Deleting for good: users, accounts, and what is left of them in other records.

pub mod purge;
pub mod purge_account;
pub mod scrub;
pub mod sweep;
