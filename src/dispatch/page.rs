//! The pages: paths that are no calls, for whoever looks after the service.

use std::sync::Arc;

use http_body_util::Full;
use hyper::{
    Method, Response,
    body::Bytes,
    header::{self, HeaderValue},
};

use super::{JSON, name_at, problem::method_not_allowed, with_type};
use crate::{
    error::{Error, Result},
    http::Http,
    metrics,
    model::id::RequestId,
    openapi,
};

/// RFC 7517, section 8.5.2.
const JWK_SET: HeaderValue = HeaderValue::from_static("application/jwk-set+json");
/// How long public pages may be remembered, in seconds. All keys stay for as long as their secret is set.
const PUBLIC_MAX_AGE: HeaderValue = HeaderValue::from_static("public, max-age=300");
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
    /// The document of the interface.
    OpenApi,
}

/// The path of the one that belongs to the calls, below the base path.
const OPENAPI: &str = "openapi.json";
const HEALTH: &str = "/healthz";
const READY: &str = "/readyz";
const KEYS: &str = "/.well-known/jwks.json";
const METRICS: &str = "/metrics";

impl Page {
    /// All of them.
    pub(super) const ALL: [Self; 5] =
        [Self::Health, Self::Ready, Self::Keys, Self::Metrics, Self::OpenApi];

    pub(super) fn at(http: &Http, path: &str) -> Option<Self> {
        match path {
            HEALTH => Some(Self::Health),
            READY => Some(Self::Ready),
            KEYS => Some(Self::Keys),
            METRICS if http.shows_metrics => Some(Self::Metrics),
            _ if name_at(http, path) == Some(OPENAPI) => Some(Self::OpenApi),
            _ => None,
        }
    }

    /// Where it is; the document of the interface, below the base path.
    pub(super) const fn path(self) -> &'static str {
        match self {
            Self::Health => HEALTH,
            Self::Ready => READY,
            Self::Keys => KEYS,
            Self::Metrics => METRICS,
            Self::OpenApi => OPENAPI,
        }
    }

    pub(super) async fn answer(
        self,
        http: &Http,
        id: RequestId,
        method: &Method,
    ) -> Result<Response<Full<Bytes>>> {
        if method != Method::GET && method != Method::HEAD {
            return Ok(method_not_allowed(id, "GET, HEAD"));
        }
        match self {
            Self::Health => Ok(Self::fine()),
            Self::Ready => {
                http.app.store.ready().await?;
                Ok(Self::fine())
            }
            Self::Keys => {
                let keys = serde_json::to_vec(http.app.verifier.built_in().jwks());
                Ok(Self::public(keys.map_err(Error::internal)?.into(), JWK_SET))
            }
            Self::Metrics => {
                let text = Full::from(http.metrics.text().map_err(Error::internal)?);
                Ok(with_type(Response::new(text), HeaderValue::from_static(metrics::MEDIA_TYPE)))
            }
            Self::OpenApi => {
                let document =
                    || openapi::document(&http.base_path).to_string().into_bytes().into();
                let document = Arc::clone(http.openapi.get_or_init(document));
                Ok(Self::public(Bytes::from_owner(document), JSON))
            }
        }
    }

    /// What everybody may read and keep for a while, also pages of any origin.
    fn public(bytes: Bytes, kind: HeaderValue) -> Response<Full<Bytes>> {
        let mut response = with_type(Response::new(Full::new(bytes)), kind);
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, PUBLIC_MAX_AGE);
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, ANY_ORIGIN);
        response
    }

    fn fine() -> Response<Full<Bytes>> {
        with_type(Response::new(Full::from(r#"{"status":"ok"}"#)), JSON)
    }
}
