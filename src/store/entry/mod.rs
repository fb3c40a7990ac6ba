//! How people get in: signing up, logging in, showing once more who they are, a new password for one that was
//! forgotten, another address and the way back to the old one.

pub(crate) mod confirm;
pub(crate) mod enrol;
pub(crate) mod expect;
pub(crate) mod first_proof;
pub(crate) mod guest;
pub(crate) mod join;
pub(crate) mod link;
pub(crate) mod login;
pub(crate) mod mine;
pub(crate) mod new_email;
pub(crate) mod provider;
pub(crate) mod register;
pub(crate) mod reset;
pub(crate) mod sign_in;
pub(crate) mod sign_up;
pub(crate) mod ticket;
pub(crate) mod way_back;
