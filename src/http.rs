//! What serving over HTTP takes besides the app, put together once.

use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicBool, Ordering},
};

use crate::{
    app::App,
    clock::Clock,
    config::Limits,
    cookie::CookieRules,
    facade::Facades,
    metrics::Metrics,
    proxy::{Proxies, Strangers},
    public_url::PublicUrl,
    random::Random,
    tasks::Task,
};

/// The app, and how it is served.
pub struct Http {
    /// What calls need.
    pub app: Arc<App>,
    /// What comes before `/noun/verb` in a path; empty, or begins with `/`.
    pub base_path: String,
    /// What the service is called from outside; its path may have been taken off by a proxy.
    pub public_url: PublicUrl,
    /// The app that people are sent to.
    pub app_url: String,
    /// The origins whose pages may call; `*` stands for all.
    pub cors_origins: Vec<String>,
    /// Which pages may work with the cookie of browsers, and which one that is.
    pub cookies: CookieRules,
    /// The other interfaces.
    pub facades: Facades,
    /// The proxies that say where calls come from.
    pub proxies: Proxies,
    /// Who speaks for others without being one of them.
    pub(crate) strangers: Strangers,
    /// What one process takes on.
    pub limits: Limits,
    /// What operators' tools count.
    pub metrics: Arc<Metrics>,
    /// The work that goes on by itself.
    pub(crate) tasks: Vec<Arc<Task>>,
    /// Whether they may be read at `/metrics`.
    pub shows_metrics: bool,
    /// Whether the console is served.
    pub shows_console: bool,
    /// Whether each request has a line in the log.
    pub logs_access: bool,
    /// The document of the interface as JSON, made when it is first asked for.
    pub openapi: OnceLock<Arc<[u8]>>,
    /// The time.
    pub clock: Clock,
    /// Randomness.
    pub random: Random,
    /// Whether the service is about to stop.
    pub leaving: AtomicBool,
}

impl Http {
    /// Whether callers are to go elsewhere, because the service is about to stop.
    pub(crate) fn is_leaving(&self) -> bool {
        self.leaving.load(Ordering::Relaxed)
    }
}
