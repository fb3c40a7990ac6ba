//! The native interface: what every call goes through, whether from HTTP, the command line or a façade.
//!
//! `call` is the one way in. `who` finds out who calls, `browser` which calls work with a browser's cookie,
//! `batch` takes several calls apart that come in one request, `sign_out` signs out people who cannot be told as
//! users, `idempotency` carries a call out once that is sent again, `throttled` tells of clients that a façade has
//! wait.

mod apart;
mod batch;
mod browser;
mod call;
mod idempotency;
mod sign_out;
mod throttled;
mod who;

pub use self::{
    call::{Request, admitted, call, call_by},
    idempotency::IdempotencyKey,
    sign_out::sign_out,
    throttled::throttled,
    who::{Client, Credentials},
};
/// The `issuer` of users who sign in here, and not elsewhere.
pub use crate::model::sign_in::ISSUER as OWN_ISSUER;
