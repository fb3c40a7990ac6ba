//! The nouns of the service, as types that cannot hold an invalid value.

pub mod account;
pub mod audit;
pub mod chore;
pub mod code;
pub mod email;
pub mod fields;
pub mod hold;
pub mod id;
pub mod invite;
pub mod key;
pub mod letter;
pub mod members;
pub mod password;
pub mod password_hash;
pub mod session;
pub mod sign_in;
pub mod text;
pub mod totp;
pub mod user;
pub mod user_fields;
pub mod user_text;
