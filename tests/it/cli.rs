//! The command line: what people type, and what they read in answer.

mod accounts;
mod audit;
mod check;
mod help;
mod import;
mod keys;
mod reading;
mod secrets;
mod settings;
mod setup;
mod tokens;
mod transfer;
mod users;
