//! Staying up: what goes wrong around the service is told, and ends nothing that need not end.

mod log;
mod tasks;
