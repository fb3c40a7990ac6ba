//! Façades over HTTP: a request taken apart for one, and its response put together.

use std::net::SocketAddr;

use http_body_util::Full;
use hyper::{
    HeaderMap, Request, Response, StatusCode,
    body::{Bytes, Incoming},
    header::{self, HeaderName, HeaderValue},
    http::uri::Authority,
};
use percent_encoding::percent_decode_str;
use tokio::time::{Instant, timeout_at};

use super::{
    JSON, Sender,
    cors::{self, preflight},
    read::{self, agent, credentials},
    with_type,
};
use crate::{
    api::Credentials,
    error::{Code, Error, Result},
    facade::{self, Body, Facade, Method},
    http::Http,
};

/// Has the façade answer.
pub(super) async fn answer(
    http: &Http,
    facade: Facade,
    from: Sender,
    request: Request<Incoming>,
    deadline: Instant,
) -> Result<Response<Full<Bytes>>> {
    let headers = request.headers();
    let method = match *request.method() {
        hyper::Method::OPTIONS => return Ok(preflight(http, headers, &cors::FACADE)),
        hyper::Method::GET | hyper::Method::HEAD => Method::Get,
        hyper::Method::POST => Method::Post,
        hyper::Method::PATCH => Method::Patch,
        hyper::Method::DELETE => Method::Delete,
        _ => Method::Other,
    };
    let path = super::name_at(http, request.uri().path()).unwrap_or_default();
    let shown = match credentials(headers, &HeaderName::from_static(facade.token_header())) {
        // What is no token proves nothing; only some requests take one.
        Err(error) if error.code() == Code::Unauthenticated => {
            Credentials::Token { token: String::new(), account: None }
        }
        shown => shown?.map_token(|token| facade.token(token)),
    };
    let decoded = |part: &str| percent_decode_str(part).decode_utf8_lossy().into_owned();
    let path = path.split('/').filter(|part| !part.is_empty()).map(decoded).collect();
    let taken = facade::Request {
        method,
        path,
        query: read::query(&request),
        credentials: shown,
        base_url: base_url(http, from.peer, headers),
        address: from.client,
        agent: agent(headers),
        body: Body::Json(Vec::new()),
    };
    let is_form = read::has_type(headers, "application/x-www-form-urlencoded");
    let bytes = read::bytes(http, request, http.limits.body_bytes, deadline).await?.to_vec();
    let body = if is_form { Body::Form(bytes) } else { Body::Json(bytes) };
    let answer = http.facades.answer(facade, &http.app, facade::Request { body, ..taken });
    Ok(response(timeout_at(deadline, answer).await.map_err(|_| Error::unavailable("too slow"))?))
}

/// A façade's response, for HTTP.
pub(super) fn response(from: facade::Response) -> Response<Full<Bytes>> {
    let mut response = match from.json {
        Some(json) => with_type(Response::new(Full::from(json)), JSON),
        None => Response::new(Full::default()),
    };
    *response.status_mut() =
        StatusCode::from_u16(from.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in from.headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(HeaderName::from_static(name), value);
        }
    }
    response
}

/// The base path's URL as the client sees it; what proxies say of it is believed of trusted ones only.
fn base_url(http: &Http, peer: SocketAddr, headers: &HeaderMap) -> String {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    // Of a list, the first is what the client asked the outermost proxy for.
    let first = |name: &str| text(name).and_then(|list| list.split(',').next()).map(str::trim);
    let by_proxy = |name: &str| first(name).filter(|_| http.proxies.trusts(peer.ip()));
    let is_https = |scheme: &str| scheme.eq_ignore_ascii_case("https");
    let scheme = if by_proxy("x-forwarded-proto").is_some_and(is_https) { "https" } else { "http" };
    let is_host = |host: &&str| host.parse::<Authority>().is_ok();
    let host = by_proxy("x-forwarded-host").filter(is_host);
    let host = host.or_else(|| text(header::HOST.as_str()).filter(is_host));
    format!("{scheme}://{}{}", host.unwrap_or("localhost"), http.base_path)
}
