//! What every call needs, put together once.

use std::sync::{Arc, OnceLock};

use crate::{
    auth::Verifier,
    clock::Clock,
    config::Limits,
    facade::{Facade, Quota},
    metrics::Metrics,
    proxy::Proxies,
    random::Random,
    store::Store,
};

/// What a call needs.
pub struct App {
    /// The business steps.
    pub store: Arc<Store>,
    /// Who tokens belong to.
    pub verifier: Verifier,
    /// What comes before `/noun/verb` in a path; empty, or begins with `/`.
    pub base_path: String,
    /// The origins whose pages may call; `*` stands for all.
    pub cors_origins: Vec<String>,
    /// The other interfaces that are served.
    pub facades: Vec<Facade>,
    /// The requests that keys may make of the panel's interface.
    pub panel_quota: Quota,
    /// The proxies that say where calls come from.
    pub proxies: Proxies,
    /// What one process takes on.
    pub limits: Limits,
    /// What operators' tools count.
    pub metrics: Arc<Metrics>,
    /// Whether they may be read at `/metrics`.
    pub shows_metrics: bool,
    /// Whether the console is served.
    pub shows_console: bool,
    /// The document of the interface as JSON, once somebody has asked for it.
    pub openapi: OnceLock<Arc<[u8]>>,
    /// The time.
    pub clock: Clock,
    /// Randomness.
    pub random: Random,
}
