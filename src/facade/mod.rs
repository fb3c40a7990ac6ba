//! Façades: interfaces of other services, whose clients work here unmodified.
//!
//! A façade only translates: from its own paths, fields and errors to calls of the native interface
//! (`native`), and back. It decides about nobody's rights, and knows neither store nor table.

mod meiro;
mod native;
mod panel;
mod request;

pub use self::{
    panel::Quota,
    request::{Body, Method, Request, Response},
};
pub use crate::config::Facade;
use crate::{app::App, error::Error};

impl Facade {
    /// The header in which its clients show their token.
    pub const fn token_header(self) -> &'static str {
        match self {
            Self::Panel => "authorization",
            Self::Meiro => "x-access-token",
        }
    }

    /// Whether a path below the base path, without its first `/`, is the façade's.
    pub fn has(self, path: &str) -> bool {
        let root = match self {
            Self::Panel => panel::ROOT,
            Self::Meiro => meiro::ROOT,
        };
        path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// Answers a request below its root; never fails.
    pub async fn answer(self, app: &App, request: Request) -> Response {
        match self {
            Self::Panel => panel::answer(app, &request).await,
            Self::Meiro => meiro::answer(app, &request).await,
        }
    }

    /// The error as the façade's clients expect it.
    pub fn refusal(self, error: &Error) -> Response {
        match self {
            Self::Panel => panel::refusal(error),
            Self::Meiro => meiro::refusal(error),
        }
    }
}
