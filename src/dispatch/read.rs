//! What a request says in its head and its body.

use std::{
    net::{IpAddr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::{
    HeaderMap, Request,
    body::{Body, Bytes, Incoming},
    header::{self, HeaderName, HeaderValue},
};
use serde_json::{Map, Value};
use tokio::time::{Instant, timeout_at};

use crate::{
    api::{Credentials, IdempotencyKey},
    error::{Code, Error, Fault, Result},
    http::Http,
    model::id::AccountId,
    proxy::is_private,
};

const ACCOUNT_ID: HeaderName = HeaderName::from_static("x-account-id");
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// The longest `User-Agent` that is kept.
const MAX_AGENT_CHARS: usize = 200;

/// Whether a request has a body that nobody has read to its end.
#[derive(Clone)]
pub(super) struct Unread(Arc<AtomicBool>);

impl Unread {
    /// Watches a request that has just come.
    pub(super) fn of(request: &mut Request<Incoming>) -> Self {
        let unread = Self(Arc::new(AtomicBool::new(!request.body().is_end_stream())));
        request.extensions_mut().insert(unread.clone());
        unread
    }

    pub(super) fn is_left(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// The token that a request shows. `Bearer` may be left out.
pub(super) fn credentials(headers: &HeaderMap, from: &HeaderName) -> Result<Credentials> {
    let Some(value) = headers.get(from) else { return Ok(Credentials::None) };
    let malformed = || {
        let why = format!("The header {from} must be Bearer and a token, or just a token.");
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
    Ok(Credentials::Token { token: token.to_owned(), account: account(headers)? })
}

/// The account that a request is about, if it says so.
fn account(headers: &HeaderMap) -> Result<Option<AccountId>> {
    let mut values = headers.get_all(ACCOUNT_ID).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let id = value.to_str().ok().and_then(AccountId::parse);
    if let (Some(id), None) = (id, values.next()) {
        return Ok(Some(id));
    }
    let why = "The header X-Account-Id must be the id of an account, once";
    let fault = Fault::new("X-Account-Id", "format", why);
    Err(Error::faults(Code::ValidationFailed, vec![fault]))
}

/// What makes repetitions of a request known as such, if it has that.
pub(super) fn idempotency_key(headers: &HeaderMap) -> Result<Option<IdempotencyKey>> {
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
pub(super) fn client(http: &Http, peer: SocketAddr, headers: &HeaderMap) -> IpAddr {
    if !http.proxies.trusts(peer.ip()) && is_private(peer.ip()) {
        note_stranger(http, peer.ip(), headers);
    }
    let lines = headers.get_all(&http.proxies.header);
    http.proxies.client(peer.ip(), lines.iter().map(HeaderValue::as_bytes))
}

/// Warns of what looks like a proxy that nobody has named: all calls through it seem to come from it.
fn note_stranger(http: &Http, peer: IpAddr, headers: &HeaderMap) {
    if !headers.contains_key(&http.proxies.header) {
        return;
    }
    http.metrics.forwarded_by_strangers().inc();
    if let Some(network) = http.strangers.warns_of(peer, http.clock.now()) {
        let header = http.proxies.header.as_str();
        tracing::warn!(%network, header,
            "a proxy that is not in trusted_proxies says whom it speaks for; all its calls count as its own");
    }
}

/// What the caller's program calls itself, cut to what is worth keeping.
pub(super) fn agent(headers: &HeaderMap) -> Option<String> {
    let text = headers.get(header::USER_AGENT)?.to_str().ok()?.trim();
    (!text.is_empty()).then(|| text.chars().take(MAX_AGENT_CHARS).collect())
}

/// The parameters of the query string.
pub(super) fn query<T>(request: &Request<T>) -> Vec<(String, String)> {
    let text = request.uri().query().unwrap_or_default();
    form_urlencoded::parse(text.as_bytes()).into_owned().collect()
}

/// The JSON object in a request's body; an empty body is an empty object.
pub(super) async fn object(
    http: &Http,
    request: Request<Incoming>,
    deadline: Instant,
) -> Result<Map<String, Value>> {
    let declared = has_type(request.headers(), "application/json");
    let bytes = bytes(http, request, http.limits.body_bytes, deadline).await?;
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
            Err(Error::new(Code::MalformedJson, format!("The body is not valid JSON: {error}.")))
        }
    }
}

/// The whole body of a request, of so many bytes at most.
pub(super) async fn bytes(
    http: &Http,
    request: Request<Incoming>,
    limit: usize,
    deadline: Instant,
) -> Result<Bytes> {
    let limit = limit.min(http.limits.body_bytes);
    let too_large = || {
        let why = format!("The body is larger than {limit} bytes.");
        Error::new(Code::TooLarge, why)
    };
    if request.body().size_hint().lower() > u64::try_from(limit).unwrap_or(u64::MAX) {
        return Err(too_large());
    }
    let unread = request.extensions().get::<Unread>().cloned();
    let body = Limited::new(request.into_body(), limit).collect();
    match timeout_at(deadline, body).await {
        Ok(Ok(collected)) => {
            if let Some(Unread(unread)) = unread {
                unread.store(false, Ordering::Relaxed);
            }
            Ok(collected.to_bytes())
        }
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_large()),
        Ok(Err(error)) => {
            let why = "The body is incomplete; send all of it.";
            Err(Error::new(Code::MalformedJson, why).because(error))
        }
        Err(_) => {
            let why = format!(
                "The request took longer than {} seconds to arrive.",
                http.limits.request_seconds
            );
            Err(Error::new(Code::RequestTimeout, why))
        }
    }
}

/// Whether the body is said to be of that media type.
pub(super) fn has_type(headers: &HeaderMap, essence: &str) -> bool {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let said = value.and_then(|value| value.split(';').next()).map(str::trim);
    said.is_some_and(|said| said.eq_ignore_ascii_case(essence))
}
