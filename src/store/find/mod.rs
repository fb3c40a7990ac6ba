//! Finding users: by what is unique to one, or by the beginning of a name.

pub mod search;
pub mod select;
pub mod user;
