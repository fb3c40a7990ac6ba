//! Staying up: what goes wrong around the service is told, and ends nothing that need not end.

mod clock;
mod connections;
mod log;
mod ready;
mod tasks;
