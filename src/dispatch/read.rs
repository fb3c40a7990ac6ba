//! What a request says in its head and its body.

use std::net::{IpAddr, SocketAddr};

use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::{
    HeaderMap, Request,
    body::{Body, Incoming},
    header::{self, HeaderName, HeaderValue},
};
use serde_json::{Map, Value};

use crate::{
    app::App,
    auth::Credentials,
    error::{Code, Error, Fault, Result},
    idempotency::IdempotencyKey,
};

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// The longest `User-Agent` that is kept.
const MAX_AGENT_CHARS: usize = 200;

/// The token that a request shows. `Bearer` may be left out.
pub(super) fn credentials(headers: &HeaderMap) -> Result<Credentials> {
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
pub(super) fn client(app: &App, peer: SocketAddr, headers: &HeaderMap) -> IpAddr {
    let lines = headers.get_all(&app.proxies.header);
    app.proxies.client(peer.ip(), lines.iter().map(HeaderValue::as_bytes))
}

/// What the caller's program calls itself, cut to what is worth keeping.
pub(super) fn agent(headers: &HeaderMap) -> Option<String> {
    let text = headers.get(header::USER_AGENT)?.to_str().ok()?.trim();
    (!text.is_empty()).then(|| text.chars().take(MAX_AGENT_CHARS).collect())
}

/// The JSON object in a request's body; an empty body is an empty object.
pub(super) async fn body(app: &App, request: Request<Incoming>) -> Result<Map<String, Value>> {
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
