//! The command line: what people type, and what they read in answer.

mod check;
mod keys;
mod secrets;
mod settings;
mod setup;
mod tokens;
