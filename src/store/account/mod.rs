//! Accounts, the one that is the operator's own, and their API keys.

pub mod home;
pub mod key;
pub mod manage;
pub mod overview;
pub mod record;
