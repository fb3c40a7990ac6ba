//! The OpenAPI document: what it says, that it is true of the service, and that others can use it.

mod document;
mod fields;
mod outside;
