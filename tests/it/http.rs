//! The protocol: what is a request at all, and what every answer has.
//!
//! That an error is a proper one is checked for each of them by the client itself.

mod bodies;
mod connections;
mod console;
mod cors;
mod discovery;
mod failures;
mod heads;
mod keys;
mod metrics;
mod proxies;
#[expect(unreachable_pub, reason = "the example is somebody else's module")]
mod verifying;
