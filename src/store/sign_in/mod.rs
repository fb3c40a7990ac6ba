//! How people and scripts sign in: a sign-in as a record, its credentials, the sessions that follow, and API keys.

pub(crate) mod callers;
pub(crate) mod checked_password;
mod claim;
pub(crate) mod entering;
pub(crate) mod fresh;
pub(crate) mod kept;
pub(crate) mod key;
pub(crate) mod membership;
pub(crate) mod new_email;
pub(crate) mod notices;
mod pace;
pub(crate) mod password;
pub(crate) mod provider;
pub(crate) mod record;
pub(crate) mod renewing;
pub(crate) mod session;
pub(crate) mod totp;
