//! Other interfaces: what their clients send, and what they get.

mod meiro;
mod panel;
