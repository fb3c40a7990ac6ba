//! How a person signs in: the record, its credentials, and the sessions that follow.

pub mod callers;
pub mod checked_password;
pub mod password;
pub mod record;
pub mod session;
pub mod totp;
