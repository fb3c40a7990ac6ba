//! Other interfaces: what their clients send, and what they get.

mod clients;
mod equivalence;
mod meiro;
mod mounting;
mod panel;
