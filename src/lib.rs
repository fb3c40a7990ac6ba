//! Guestlist: the user and account service behind single-page apps.
//!
//! The way of a request, which is also the order to read the modules in:
//!
//! - [`server`] takes connections, [`dispatch`] turns HTTP into calls and back; [`proxy`] finds out where
//!   they come from, [`metrics`] counts them.
//! - [`api::call()`] is the one way in. It finds the call's row in [`contract`], learns who calls
//!   ([`caller`]) by what [`auth`] proves, [`admit`]s the call, runs one of [`handlers`] and [`redact`]s
//!   the reply.
//!   Calls that come twice with a key are carried out once.
//! - [`openapi`] says the contract in the words of OpenAPI.
//! - [`facade`] has other interfaces, whose requests it translates to calls.
//! - A handler says what the call means; [`store`] does it, each business step one transaction.
//! - [`table`] keeps everything, in SQLite or DynamoDB; nothing above it knows which.
//! - [`mail`] takes letters from the outbox to an SMTP server.
//! - [`security`] logs what matters to the people who monitor the service.
//! - [`web`] calls other services, such as those that issue tokens.
//! - [`sweeper`] does what the service has to do by itself: deleting for good what was removed.
//!
//! [`model`] has the nouns as types that cannot hold an invalid value, [`error`] what a call can fail
//! with. [`tasks`] keeps going what goes on by itself, [`log`] takes what it tells to stderr. [`fuzz`] has what
//! reads strangers' bytes as functions for fuzzers. [`service`] puts the whole together from its [`config`]: the
//! [`app`] for calls, and around it what
//! serves them over [`http`]. [`cli`] is what people type.

#![allow(
    rustdoc::private_intra_doc_links,
    reason = "the documentation is for those who work on the crate, with its private items"
)]

pub mod admit;
pub mod api;
pub mod app;
pub mod auth;
pub mod caller;
pub mod cli;
pub mod clock;
pub mod config;
pub mod contract;
pub mod cookie;
pub(crate) mod dispatch;
pub mod error;
pub mod facade;
pub(crate) mod files;
pub mod fuzz;
pub(crate) mod gate;
pub(crate) mod handlers;
pub(crate) mod http;
pub(crate) mod linger;
pub mod log;
pub mod mail;
pub(crate) mod metrics;
pub mod model;
mod nearest;
mod network;
pub mod openapi;
mod private_file;
pub(crate) mod proxy;
pub mod public_url;
pub mod random;
pub mod redact;
pub mod role;
pub mod secret;
pub mod security;
pub mod server;
pub mod service;
pub(crate) mod store;
pub mod sweeper;
pub mod table;
pub mod task_notes;
pub mod tasks;
pub mod web;
