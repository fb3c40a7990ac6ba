//! How people get in: signing up, logging in, and a new password for one that was forgotten.

pub mod login;
pub mod reset;
pub mod sign_in;
pub mod sign_up;
