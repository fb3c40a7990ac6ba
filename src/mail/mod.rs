//! Mail: letters as text, and the courier that takes them from the outbox to an SMTP server.
//!
//! Handlers never send: the transaction that makes an invite also writes the letter.

pub(crate) mod advice;
mod built_in;
mod check;
mod connections;
pub mod courier;
pub mod letter;
mod names;
mod own;
mod refusal;
pub(crate) mod relay;
pub(crate) mod smtp_url;
pub mod templates;
pub(crate) mod transport;
pub(crate) mod trial;
pub(crate) mod tries;
pub(crate) mod trouble;
