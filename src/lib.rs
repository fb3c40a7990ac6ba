//! Guestlist.
pub mod clock;
pub mod secret;
pub mod table;
