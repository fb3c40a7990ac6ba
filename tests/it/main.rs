//! The integration tests, in one binary.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that fails should stop where it fails"
)]

mod budgets;
mod http;
mod input;
mod issuers;
mod login;
mod paging;
mod permissions;
mod races;
mod snapshots;
mod sources;
mod support;
mod table;
mod tokens;
mod users;
