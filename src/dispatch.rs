//! Between HTTP and the API: path → endpoint name, bytes ↔ JSON, errors → problem details.
//!
//! The only file that sees both hyper and the API.

use std::{
    net::{IpAddr, SocketAddr},
    panic::AssertUnwindSafe,
    time::Duration,
};

use futures_util::FutureExt;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::{
    HeaderMap, Method, Request, Response, StatusCode,
    body::{Body, Bytes, Incoming},
    header::{self, HeaderName, HeaderValue},
};
use serde::Serialize;
use serde_json::{Map, Value};
use tokio::time::{Instant, timeout_at};
use tracing::Instrument;

use crate::{
    api,
    app::App,
    auth::Credentials,
    contract::{self, Admission},
    error::{Code, Error, Fault, Result},
    idempotency::IdempotencyKey,
    metrics,
    model::id::RequestId,
    redact::Reply,
};

/// The header that names a request, for clients and for the log.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// Says that the reply is an earlier call's.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
const JSON: HeaderValue = HeaderValue::from_static("application/json");
/// RFC 7517, section 8.5.2.
const JWK_SET: HeaderValue = HeaderValue::from_static("application/jwk-set+json");
const PROBLEM: HeaderValue = HeaderValue::from_static("application/problem+json");
/// The longest `User-Agent` that is kept.
const MAX_AGENT_CHARS: usize = 200;
/// How long browsers may remember the answer to a preflight, in seconds.
const PREFLIGHT_MAX_AGE: HeaderValue = HeaderValue::from_static("600");
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
/// How long keys may be remembered, in seconds. All of them stay for as long as their secret is set.
const KEYS_MAX_AGE: HeaderValue = HeaderValue::from_static("public, max-age=300");
const ANY_ORIGIN: HeaderValue = HeaderValue::from_static("*");
const ALLOWED_METHODS: HeaderValue = HeaderValue::from_static("POST, OPTIONS");
const ALLOWED_HEADERS: HeaderValue =
    HeaderValue::from_static("authorization, content-type, idempotency-key");
const EXPOSED_HEADERS: HeaderValue =
    HeaderValue::from_static("idempotency-replayed, retry-after, x-request-id");

/// Answers one request; never fails.
pub async fn answer(
    app: &App,
    peer: SocketAddr,
    request: Request<Incoming>,
) -> Response<Full<Bytes>> {
    let (begun, _under_way) = (Instant::now(), app.metrics.request());
    let id = RequestId::new(app.clock.now(), &app.random);
    let uri = request.uri().clone();
    let origin = allowed_origin(app, request.headers());
    let had_token = request.headers().contains_key(header::AUTHORIZATION);
    let path = uri.path();
    let span = tracing::info_span!("request", %id, path, caller = tracing::field::Empty);
    let work = async {
        // A panic is a bug, but of this request only: it must not take the connection along.
        match AssertUnwindSafe(route(app, peer, id, request)).catch_unwind().await {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => problem(&error, id, had_token),
            Err(_) => problem(&Error::internal("the call panicked"), id, had_token),
        }
    };
    let mut response = work.instrument(span).await;
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&id.to_string()) {
        headers.insert(REQUEST_ID, value);
    }
    headers.entry(header::CACHE_CONTROL).or_insert(NO_STORE);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if !app.cors_origins.is_empty() {
        headers.insert(header::VARY, HeaderValue::from_static("origin"));
    }
    if let Some(origin) = origin {
        headers.entry(header::ACCESS_CONTROL_ALLOW_ORIGIN).or_insert(origin);
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED_HEADERS);
    }
    let page = PAGES.iter().copied().find(|page| *page == path);
    let endpoint = page.or_else(|| name_at(app, path)).unwrap_or(path);
    app.metrics.answered(endpoint, response.status().as_u16(), begun.elapsed());
    response
}

async fn route(
    app: &App,
    peer: SocketAddr,
    id: RequestId,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>> {
    let deadline = Instant::now() + Duration::from_secs(app.limits.request_seconds);
    let path = request.uri().path();
    if let Some(page) = Page::at(app, path) {
        let answer = page.answer(app, id, request.method());
        return timeout_at(deadline, answer).await.map_err(|_| Error::unavailable("too slow"))?;
    }
    let name = name_at(app, path).ok_or_else(|| {
        let why = format!("There is nothing here; calls are below {}/.", app.base_path);
        Error::new(Code::NotFound, why)
    })?;
    // An unknown path has no methods at all.
    let endpoint = contract::endpoint(name)?;
    match *request.method() {
        Method::POST => {}
        Method::OPTIONS => return Ok(preflight(app, request.headers())),
        _ => return Ok(method_not_allowed(id, "POST, OPTIONS")),
    }
    let credentials = match endpoint.admission {
        Admission::Anyone => Credentials::None,
        Admission::Identity | Admission::Role(_) => credentials(request.headers())?,
    };
    let address = client(app, peer, request.headers());
    let idempotency_key = idempotency_key(request.headers())?;
    let query = form_urlencoded::parse(request.uri().query().unwrap_or_default().as_bytes())
        .into_owned()
        .collect();
    let agent = agent(request.headers());
    let body = timeout_at(deadline, body(app, request)).await.map_err(|_| {
        let why = format!("It took over {} seconds to arrive.", app.limits.request_seconds);
        Error::new(Code::RequestTimeout, why)
    })??;
    let address = Some(address);
    let call = api::Request { query, body, address, agent, idempotency_key };
    let reply = timeout_at(deadline, api::call(app, &credentials, endpoint.name, call)).await;
    success(&reply.map_err(|_| Error::unavailable("too slow"))??)
}

/// The part of a path that names a call.
fn name_at<'a>(app: &App, path: &'a str) -> Option<&'a str> {
    path.strip_prefix(app.base_path.as_str()).and_then(|rest| rest.strip_prefix('/'))
}

/// The paths that are no calls: they are read with GET, by whoever comes.
#[derive(Clone, Copy)]
enum Page {
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
pub const PAGES: &[&str] = &[HEALTH, READY, KEYS, METRICS];
const HEALTH: &str = "/healthz";
const READY: &str = "/readyz";
const KEYS: &str = "/.well-known/jwks.json";
const METRICS: &str = "/metrics";

impl Page {
    fn at(app: &App, path: &str) -> Option<Self> {
        match path {
            HEALTH => Some(Self::Health),
            READY => Some(Self::Ready),
            KEYS => Some(Self::Keys),
            METRICS if app.shows_metrics => Some(Self::Metrics),
            _ => None,
        }
    }

    async fn answer(
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

/// The token that a request shows. `Bearer` may be left out.
fn credentials(headers: &HeaderMap) -> Result<Credentials> {
    let Some(value) = headers.get(header::AUTHORIZATION) else { return Ok(Credentials::None) };
    let malformed = || {
        let why = "The Authorization header must be Bearer and a token, or just a token.";
        Error::new(Code::Unauthenticated, why)
    };
    let value = value.to_str().map_err(|_| malformed())?.trim();
    let token = match value.split_once(' ') {
        None => value,
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim_start(),
        Some(_) => return Err(malformed()),
    };
    if token.is_empty() || token.contains(' ') || token.eq_ignore_ascii_case("bearer") {
        return Err(malformed());
    }
    Ok(Credentials::Token(token.to_owned()))
}

/// What makes repetitions of a request known as such, if it has that.
fn idempotency_key(headers: &HeaderMap) -> Result<Option<IdempotencyKey>> {
    let mut values = headers.get_all(IDEMPOTENCY_KEY).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if let (Some(key), None) = (IdempotencyKey::parse(value.as_bytes()), values.next()) {
        return Ok(Some(key));
    }
    let why = format!("The header Idempotency-Key must be {}, once", IdempotencyKey::FORM);
    let fault = Fault::new("Idempotency-Key", "format", why);
    Err(Error::faults(Code::ValidationFailed, vec![fault]))
}

/// Where a request comes from.
fn client(app: &App, peer: SocketAddr, headers: &HeaderMap) -> IpAddr {
    let lines = headers.get_all(&app.proxies.header);
    app.proxies.client(peer.ip(), lines.iter().map(HeaderValue::as_bytes))
}

/// What the caller's program calls itself, cut to what is worth keeping.
fn agent(headers: &HeaderMap) -> Option<String> {
    let text = headers.get(header::USER_AGENT)?.to_str().ok()?.trim();
    (!text.is_empty()).then(|| text.chars().take(MAX_AGENT_CHARS).collect())
}

/// The JSON object in a request's body; an empty body is an empty object.
async fn body(app: &App, request: Request<Incoming>) -> Result<Map<String, Value>> {
    let limit = app.limits.body_bytes;
    let too_large = || {
        let why = format!("The body is larger than {limit} bytes.");
        Error::new(Code::TooLarge, why)
    };
    if request.body().size_hint().lower() > u64::try_from(limit).unwrap_or(u64::MAX) {
        return Err(too_large());
    }
    let declared = is_json(request.headers());
    let bytes = match Limited::new(request.into_body(), limit).collect().await {
        Ok(collected) => collected.to_bytes(),
        Err(error) if error.is::<LengthLimitError>() => return Err(too_large()),
        Err(error) => {
            let why = "The body broke off; send the whole of it.";
            return Err(Error::new(Code::MalformedJson, why).because(error));
        }
    };
    if bytes.is_empty() {
        return Ok(Map::new());
    }
    if !declared {
        let why = "Send the body as JSON, with the header Content-Type: application/json.";
        return Err(Error::new(Code::UnsupportedMediaType, why));
    }
    match serde_json::from_slice(&bytes) {
        Ok(Value::Object(map)) => Ok(map),
        Ok(_) => Err(Error::new(Code::MalformedJson, "The body must be a JSON object: {…}.")),
        Err(error) => {
            Err(Error::new(Code::MalformedJson, format!("The body is no JSON: {error}.")))
        }
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = value.and_then(|value| value.split(';').next()).map(str::trim);
    essence.is_some_and(|essence| essence.eq_ignore_ascii_case("application/json"))
}

fn success(reply: &Reply) -> Result<Response<Full<Bytes>>> {
    let bytes = serde_json::to_vec(reply).map_err(Error::internal)?;
    let mut response = with_type(Response::new(Full::from(bytes)), JSON);
    if reply.is_repeated() {
        response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    }
    Ok(response)
}

/// RFC 9457, with the extension members `code`, `requestId` and `errors`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Problem<'a> {
    r#type: String,
    title: &'static str,
    status: u16,
    detail: &'a str,
    code: &'static str,
    request_id: String,
    #[serde(skip_serializing_if = "<[Fault]>::is_empty")]
    errors: &'a [Fault],
}

fn problem(error: &Error, id: RequestId, had_token: bool) -> Response<Full<Bytes>> {
    let code = error.code();
    match error.cause() {
        Some(cause) if code.status() >= 500 => tracing::error!(code = code.name(), cause, "failed"),
        Some(cause) => tracing::debug!(code = code.name(), cause, "refused"),
        None => tracing::debug!(code = code.name(), "refused"),
    }
    let problem = Problem {
        r#type: format!("urn:guestlist:error:{}", code.name()),
        title: code.title(),
        status: code.status(),
        detail: error.detail(),
        code: code.name(),
        request_id: id.to_string(),
        errors: error.fields(),
    };
    let bytes = serde_json::to_vec(&problem).unwrap_or_default();
    let mut response = with_type(Response::new(Full::from(bytes)), PROBLEM);
    *response.status_mut() =
        StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    if let Some(seconds) = error.retry_after_seconds() {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    if code.status() == 401 {
        let of_token = had_token && code == Code::Unauthenticated;
        headers.insert(header::WWW_AUTHENTICATE, challenge(error, of_token));
    }
    response
}

/// RFC 6750, section 3: without a token there is nothing to say about it.
fn challenge(error: &Error, of_token: bool) -> HeaderValue {
    let plain = HeaderValue::from_static("Bearer realm=\"guestlist\"");
    if !of_token {
        return plain;
    }
    let detail = error.detail().replace(['"', '\\'], "'");
    let text = format!(
        "Bearer realm=\"guestlist\", error=\"invalid_token\", error_description=\"{detail}\""
    );
    HeaderValue::from_str(&text).unwrap_or(plain)
}

fn method_not_allowed(id: RequestId, allow: &'static str) -> Response<Full<Bytes>> {
    let why = format!("This path takes only {allow}.");
    let mut response = problem(&Error::new(Code::MethodNotAllowed, why), id, false);
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(allow));
    response
}

/// The answer to a CORS preflight (Fetch standard); origins that are not configured get nothing.
fn preflight(app: &App, headers: &HeaderMap) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = StatusCode::NO_CONTENT;
    let answer = response.headers_mut();
    answer.insert(header::ALLOW, ALLOWED_METHODS);
    if allowed_origin(app, headers).is_some() {
        answer.insert(header::ACCESS_CONTROL_ALLOW_METHODS, ALLOWED_METHODS);
        answer.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, ALLOWED_HEADERS);
        answer.insert(header::ACCESS_CONTROL_MAX_AGE, PREFLIGHT_MAX_AGE);
    }
    response
}

/// The origin to allow, if the request names one that is configured.
fn allowed_origin(app: &App, headers: &HeaderMap) -> Option<HeaderValue> {
    let origin = headers.get(header::ORIGIN)?;
    let text = origin.to_str().ok()?;
    let known = app.cors_origins.iter().any(|allowed| allowed == "*" || allowed == text);
    known.then(|| origin.clone())
}

fn with_type(mut response: Response<Full<Bytes>>, kind: HeaderValue) -> Response<Full<Bytes>> {
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}
