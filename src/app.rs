//! What every call needs, put together once.

use std::sync::Arc;

use crate::{
    auth::{Verifier, provider::Providers},
    mail::courier::Courier,
    model::offer::Offer,
    security::Notes,
    store::Store,
};

/// What a call needs.
pub struct App {
    /// The business steps.
    pub store: Arc<Store>,
    /// Who tokens belong to.
    pub verifier: Verifier,
    /// What it offers before anyone has signed in.
    pub offer: Arc<Offer>,
    /// What people can sign in with besides.
    pub providers: Arc<Providers>,
    /// What takes emails to the mail server.
    pub courier: Arc<Courier>,
    /// What logs and counts security events.
    pub notes: Arc<Notes>,
}
