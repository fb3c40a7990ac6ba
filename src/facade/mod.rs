//! Façades: interfaces of other services, whose clients work here unmodified.
//!
//! A façade only translates: from its own paths, fields and errors to calls of the native interface
//! (`native`), and back. It decides about nobody's rights, and knows neither store nor table.

mod meiro;
mod native;
mod panel;
mod request;

pub use self::request::{Body, Method, Request, Response};
pub use crate::config::Facade;
use crate::{app::App, clock::Clock, error::Error, model::id::AccountId};

/// The façades that are served, and what they keep.
pub struct Facades {
    served: Vec<Facade>,
    panel_quota: panel::Quota,
    /// The account that Meiro's clients sign in to, if it is always the same.
    meiro_account: Option<AccountId>,
}

impl Facades {
    /// So many requests in a minute each key may make of the panel; any number, if it is 0. Meiro's clients
    /// sign in to that account, or to the one that they are in.
    pub fn new(
        served: Vec<Facade>,
        panel_requests_per_minute: u32,
        meiro_account: Option<AccountId>,
        clock: Clock,
    ) -> Self {
        let panel_quota = panel::Quota::new(panel_requests_per_minute, clock);
        Self { served, panel_quota, meiro_account }
    }

    /// The façade that a path below the base path, without its first `/`, belongs to.
    pub fn at(&self, path: &str) -> Option<Facade> {
        self.served.iter().copied().find(|facade| facade.has(path))
    }

    /// Has a façade answer a request below its root; never fails.
    pub async fn answer(&self, facade: Facade, app: &App, request: Request) -> Response {
        match facade {
            Facade::Panel => panel::answer(app, &self.panel_quota, &request).await,
            Facade::Meiro => meiro::answer(app, self.meiro_account, &request).await,
        }
    }
}

/// Reads all that a request to a façade may say, and does nothing; what `fuzz` runs.
pub(crate) fn read(facade: Facade, request: &Request) {
    match facade {
        Facade::Panel => panel::read(request),
        Facade::Meiro => meiro::read(request),
    }
}

impl Facade {
    /// The header in which its clients show their token.
    pub const fn token_header(self) -> &'static str {
        match self {
            Self::Panel => "authorization",
            Self::Meiro => "x-access-token",
        }
    }

    /// A token as its clients show it, as the one that it is here. Some of the panel's take only keys that begin as the
    /// panel's own do.
    pub fn token(self, shown: &str) -> &str {
        match self {
            Self::Panel => panel::own_token(shown),
            Self::Meiro => shown,
        }
    }

    /// Whether a path below the base path, without its first `/`, is the façade's.
    fn has(self, path: &str) -> bool {
        let root = match self {
            Self::Panel => panel::ROOT,
            Self::Meiro => meiro::ROOT,
        };
        path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// The error as the façade's clients expect it.
    pub fn refusal(self, error: &Error) -> Response {
        match self {
            Self::Panel => panel::refusal(error),
            Self::Meiro => meiro::refusal(error),
        }
    }
}
