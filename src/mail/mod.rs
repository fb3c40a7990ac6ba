//! Mail: letters as text, and the courier that takes them from the outbox to an SMTP server.
//!
//! Handlers never send: the transaction that makes an invite also writes the letter.

pub mod courier;
pub mod letter;
mod templates;
pub mod transport;
