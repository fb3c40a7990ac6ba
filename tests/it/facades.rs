//! Other interfaces: what their clients send, and what they get.

mod clients;
mod equivalence;
mod mounting;
mod panel;
