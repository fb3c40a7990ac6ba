//! The pages: paths that are not calls, for the operators of the service.

use std::sync::Arc;

use http_body_util::Full;
use hyper::{
    Method, Response,
    body::Bytes,
    header::{self, HeaderValue},
};
use serde_json::json;

use super::{JSON, problem::unless_read, with_type};
use crate::{
    auth::{BuiltIn, CLAIMS},
    error::{Error, Result},
    http::Http,
    metrics,
    model::id::RequestId,
    openapi, tasks,
};

/// RFC 7517, section 8.5.2.
const JWK_SET: HeaderValue = HeaderValue::from_static("application/jwk-set+json");
/// How long public pages may be remembered, in seconds. All keys stay for as long as their secret is set.
const PUBLIC_MAX_AGE: HeaderValue = HeaderValue::from_static("public, max-age=300");
const ANY_ORIGIN: HeaderValue = HeaderValue::from_static("*");

/// The paths that are not calls: anyone can read them, with GET.
#[derive(Clone, Copy)]
pub(super) enum Page {
    /// The process runs.
    Health,
    /// The table can be read and written, so that calls can be served.
    Ready,
    /// The public keys of the built-in issuer.
    Keys,
    /// What there is to know of the built-in issuer for those who verify its tokens.
    Discovery,
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
/// OIDC Discovery 1.0, section 4.
const OPENID: &str = "/.well-known/openid-configuration";
/// RFC 8414, section 3. The path of the issuer comes behind it at the root, as that standard says, or before
/// it, as the other one does.
const OAUTH: &str = "/.well-known/oauth-authorization-server";
const METRICS: &str = "/metrics";

impl Page {
    /// All of them.
    pub(super) const ALL: [Self; 6] =
        [Self::Health, Self::Ready, Self::Keys, Self::Discovery, Self::Metrics, Self::OpenApi];

    pub(super) fn at(http: &Http, path: &str) -> Option<Self> {
        match path {
            HEALTH => Some(Self::Health),
            READY => Some(Self::Ready),
            KEYS => Some(Self::Keys),
            METRICS if http.shows_metrics => Some(Self::Metrics),
            _ if path.strip_prefix(OAUTH) == Some(http.public_url.path()) => Some(Self::Discovery),
            _ => match path.strip_prefix(&http.base_path)? {
                KEYS => Some(Self::Keys),
                OPENID | OAUTH => Some(Self::Discovery),
                below if below.strip_prefix('/') == Some(OPENAPI) => Some(Self::OpenApi),
                _ => None,
            },
        }
    }

    /// Where it is; the document of the interface, below the base path.
    pub(super) const fn path(self) -> &'static str {
        match self {
            Self::Health => HEALTH,
            Self::Ready => READY,
            Self::Keys => KEYS,
            Self::Discovery => OPENID,
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
        if let Some(refused) = unless_read(id, method) {
            return Ok(refused);
        }
        match self {
            Self::Health => Ok(Self::fine()),
            Self::Ready => {
                if http.is_leaving() {
                    return Err(Error::unavailable("the service is about to stop"));
                }
                http.app.store.ready().await?;
                let told = Full::from(tasks::readiness(&http.tasks).to_string());
                Ok(with_type(Response::new(told), JSON))
            }
            Self::Keys => {
                let keys = serde_json::to_vec(http.app.verifier.built_in().jwks());
                Ok(Self::public(keys.map_err(Error::internal)?.into(), JWK_SET))
            }
            Self::Discovery => {
                let document = discovery(http.app.verifier.built_in()).to_string();
                Ok(Self::public(document.into(), JSON))
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

/// What verifiers of tokens need (OIDC Discovery 1.0, section 3; RFC 8414, section 2). There are no
/// endpoints of OAuth here, so none is named.
fn discovery(issuer: &BuiltIn) -> serde_json::Value {
    json!({
        "issuer": issuer.name(),
        "jwks_uri": format!("{}{KEYS}", issuer.name()),
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [issuer.algorithm()],
        "claims_supported": CLAIMS,
    })
}
