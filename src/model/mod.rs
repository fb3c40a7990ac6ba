//! The nouns of the service, as types that cannot hold an invalid value.

pub(crate) mod account;
pub(crate) mod audit;
pub(crate) mod chore;
pub mod code;
pub(crate) mod confirmation;
pub mod email;
pub(crate) mod fields;
pub mod fold;
pub(crate) mod hold;
pub mod id;
pub(crate) mod invite;
pub mod key;
pub mod letter;
pub(crate) mod members;
pub mod offer;
pub(crate) mod password;
pub(crate) mod password_hash;
mod random_part;
pub(crate) mod refresh_token;
pub(crate) mod session;
pub(crate) mod sign_in;
pub mod text;
pub mod totp;
pub(crate) mod unseen;
pub mod user;
pub(crate) mod user_fields;
pub(crate) mod user_text;
