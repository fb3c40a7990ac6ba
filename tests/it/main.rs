//! The integration tests, in one binary.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that fails should stop where it fails"
)]

mod http;
mod input;
mod issuers;
mod permissions;
mod snapshots;
mod support;
mod table;
mod tokens;
mod users;
