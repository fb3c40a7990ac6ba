//! How a person signs in: the record, its credentials, and the sessions that follow.

pub(crate) mod callers;
pub(crate) mod checked_password;
pub(crate) mod entering;
pub(crate) mod fresh;
pub(crate) mod kept;
pub(crate) mod membership;
pub(crate) mod new_email;
pub(crate) mod password;
pub(crate) mod record;
pub(crate) mod renewing;
pub(crate) mod session;
pub(crate) mod totp;
