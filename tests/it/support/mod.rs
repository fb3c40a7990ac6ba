//! What several tests stand on.

pub(crate) mod certificates;
pub(crate) mod charges;
pub(crate) mod client;
mod contract;
pub(crate) mod engine;
pub(crate) mod http_proxy;
pub(crate) mod issuers;
pub(crate) mod item_size;
pub(crate) mod jwks;
pub(crate) mod keys;
pub(crate) mod lagging;
pub(crate) mod memory;
pub(crate) mod meter;
pub(crate) mod outside;
pub(crate) mod problem;
pub(crate) mod process;
pub(crate) mod provider;
pub(crate) mod raw;
pub(crate) mod redact;
pub(crate) mod rest;
pub(crate) mod samples;
pub(crate) mod scene;
pub(crate) mod smtp;
pub(crate) mod tokens;
pub(crate) mod watched;
pub(crate) mod world;

pub(crate) use outside::dynamodb;
