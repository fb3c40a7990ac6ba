//! The integration tests, in one binary.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that fails should stop where it fails"
)]

mod accounts;
mod audit;
mod backup;
mod batch;
mod browser;
mod budgets;
mod cli;
mod clients;
mod copy;
mod delivery;
mod documents;
mod explorer;
mod export;
mod facades;
mod finding;
mod first_root;
mod format;
mod fuzz;
mod heads;
mod holds;
mod http;
mod idempotency;
mod index_lag;
mod infra;
mod input;
mod invites;
mod issuers;
mod keys;
mod letters;
mod limits;
mod list;
mod login;
mod logos;
mod openapi;
mod outbox;
mod overview;
mod paging;
mod people;
mod permissions;
mod purge;
mod races;
mod security_events;
mod sign_in;
mod simulation;
mod snapshots;
mod sources;
mod staying_up;
mod stop;
mod story;
mod support;
mod table;
mod texts;
mod tokens;
mod user_fields;
mod users;
mod web;
