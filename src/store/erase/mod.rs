//! Deleting for good: users, accounts, and what is left of them in other records.

pub mod chores;
pub mod purge;
pub mod purge_account;
pub mod scrub;
