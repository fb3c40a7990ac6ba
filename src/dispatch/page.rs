//! The pages: paths that are no calls, for whoever looks after the service.

use http_body_util::Full;
use hyper::{
    Method, Response,
    body::Bytes,
    header::{self, HeaderValue},
};

use super::{JSON, problem::method_not_allowed, with_type};
use crate::{
    app::App,
    error::{Error, Result},
    metrics,
    model::id::RequestId,
};

/// RFC 7517, section 8.5.2.
const JWK_SET: HeaderValue = HeaderValue::from_static("application/jwk-set+json");
/// How long keys may be remembered, in seconds. All of them stay for as long as their secret is set.
const KEYS_MAX_AGE: HeaderValue = HeaderValue::from_static("public, max-age=300");
const ANY_ORIGIN: HeaderValue = HeaderValue::from_static("*");

/// The paths that are no calls: they are read with GET, by whoever comes.
#[derive(Clone, Copy)]
pub(super) enum Page {
    /// The process runs.
    Health,
    /// The table answers, so that calls can be served.
    Ready,
    /// The public keys of the built-in issuer.
    Keys,
    /// What operators' tools count.
    Metrics,
}

/// The paths of the pages.
pub(super) const PAGES: &[&str] = &[HEALTH, READY, KEYS, METRICS];
const HEALTH: &str = "/healthz";
const READY: &str = "/readyz";
const KEYS: &str = "/.well-known/jwks.json";
const METRICS: &str = "/metrics";

impl Page {
    pub(super) fn at(app: &App, path: &str) -> Option<Self> {
        match path {
            HEALTH => Some(Self::Health),
            READY => Some(Self::Ready),
            KEYS => Some(Self::Keys),
            METRICS if app.shows_metrics => Some(Self::Metrics),
            _ => None,
        }
    }

    pub(super) async fn answer(
        self,
        app: &App,
        id: RequestId,
        method: &Method,
    ) -> Result<Response<Full<Bytes>>> {
        if method != Method::GET && method != Method::HEAD {
            return Ok(method_not_allowed(id, "GET, HEAD"));
        }
        match self {
            Self::Health => Ok(Self::fine()),
            Self::Ready => {
                app.store.ready().await?;
                Ok(Self::fine())
            }
            Self::Keys => {
                let keys = serde_json::to_vec(app.verifier.built_in().jwks());
                let keys = Full::from(keys.map_err(Error::internal)?);
                let mut response = with_type(Response::new(keys), JWK_SET);
                let headers = response.headers_mut();
                headers.insert(header::CACHE_CONTROL, KEYS_MAX_AGE);
                // They are public, and pages that verify tokens may be anybody's.
                headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, ANY_ORIGIN);
                Ok(response)
            }
            Self::Metrics => {
                let text = Full::from(app.metrics.text().map_err(Error::internal)?);
                Ok(with_type(Response::new(text), HeaderValue::from_static(metrics::MEDIA_TYPE)))
            }
        }
    }

    fn fine() -> Response<Full<Bytes>> {
        with_type(Response::new(Full::from(r#"{"status":"ok"}"#)), JSON)
    }
}
