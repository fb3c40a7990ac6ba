//! Between HTTP and the API: path → endpoint name, bytes ↔ JSON, errors → problem details.
//!
//! The only module that sees both hyper and the API. `read` is about what comes in, `problem` about errors
//! that go out, `page` about paths that are no calls, `console` about the app that is served along,
//! `facade` about other interfaces, `cors` about pages of other origins, `cookie` about the browser's cookie, `headers` about what every
//! answer says to browsers, `logo` about accounts' logos, `way_back` sends on browsers that come from a provider.

mod console;
mod cookie;
mod cors;
mod facade;
mod headers;
mod logo;
mod page;
mod problem;
mod read;
mod way_back;

use std::{
    net::{IpAddr, SocketAddr},
    panic::AssertUnwindSafe,
    time::Duration,
};

use futures_util::FutureExt;
use http_body_util::Full;
use hyper::{
    HeaderMap, Method, Request, Response,
    body::{Bytes, Incoming},
    header::{self, HeaderName, HeaderValue},
};
use tokio::time::{Instant, timeout_at};
use tracing::Instrument;

use self::{
    cors::{EXPOSED_HEADERS, allowed_origin, allows_cookies, preflight},
    page::Page,
    problem::{method_not_allowed, problem},
    read::{Unread, agent, client, credentials, has_type, idempotency_key},
};
use crate::{
    api::{self, Credentials},
    contract::{self, Admission, CookieUse, Endpoint},
    cookie::{Browser, CookieRules},
    error::{Code, Error, Result},
    facade::Facade,
    http::Http,
    linger::StillSending,
    metrics::OTHER,
    model::id::RequestId,
    network::network_of,
    redact::Reply,
    security::{self, Asked},
};

/// The header that names a request, for clients and for the log.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Says that the reply is an earlier call's.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// How long the body of a request may take that is refused anyway.
const PROBE_BODY: Duration = Duration::from_secs(1);
const JSON: HeaderValue = HeaderValue::from_static("application/json");
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

/// What is counted apart from calls: the pages, the façades and the console.
pub(crate) fn counted() -> impl Iterator<Item = &'static str> {
    let (pages, facades) = (Page::ALL.map(Page::path), Facade::ALL.map(Facade::name));
    pages.into_iter().chain([console::NAME, logo::NAME, way_back::NAME]).chain(facades)
}

/// Reads all that the lines of a request's head may say, and does nothing; what `fuzz` runs.
pub(crate) fn read_head<'a>(lines: impl Iterator<Item = &'a [u8]>, rules: &CookieRules) {
    let mut headers = HeaderMap::new();
    for line in lines {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else { continue };
        let (name, value) = line.split_at(colon);
        let value = value.get(1..).unwrap_or_default().trim_ascii();
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            headers.append(name, value);
        }
    }
    let headers = &headers;
    let _ =
        (credentials(headers, &header::AUTHORIZATION), idempotency_key(headers), agent(headers));
    let _ = (cookie::browser(rules, headers), has_type(headers, "application/json"));
}

/// Who has sent a request.
#[derive(Clone, Copy)]
struct Sender {
    /// The other end of the connection.
    peer: SocketAddr,
    /// Where the request comes from, behind proxies that are believed.
    client: IpAddr,
}

/// Answers one request; never fails.
pub(crate) async fn answer(
    http: &Http,
    peer: SocketAddr,
    mut request: Request<Incoming>,
) -> Response<Full<Bytes>> {
    let (begun, _under_way) = (Instant::now(), http.metrics.request());
    let id = RequestId::new(http.clock.now(), &http.random);
    let uri = request.uri().clone();
    let origin = allowed_origin(http, request.headers());
    let from = Sender { peer, client: client(http, peer, request.headers()) };
    let unread = Unread::of(&mut request);
    let had_token = request.headers().contains_key(header::AUTHORIZATION);
    let path = uri.path();
    let target = Target::at(http, request.method(), path);
    let name = target.name();
    let span = tracing::info_span!(target: security::TARGET, "request", %id, path = name,
        caller = tracing::field::Empty);
    let work = async {
        // A panic is a bug, but of this request only: it must not take the connection along.
        let answer = AssertUnwindSafe(route(http, target, from, id, request)).catch_unwind().await;
        let error = match answer.unwrap_or_else(|_| Err(Error::internal("the call panicked"))) {
            Ok(response) => return response,
            Err(error) => error,
        };
        error.log();
        match target {
            Target::Facade(facade) => facade::response(facade.refusal(&error)),
            Target::Page(_)
            | Target::Console(_)
            | Target::Logo(_)
            | Target::WayBack(_)
            | Target::Call(_)
            | Target::Nothing => problem(&error, id, had_token),
        }
    };
    let mut response = work.instrument(span.clone()).await;
    if unread.is_left() {
        response.extensions_mut().insert(StillSending);
    }
    let headers = response.headers_mut();
    mark(headers, id);
    // What is left of a body would be taken for the next request.
    if unread.is_left() || http.is_leaving() {
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    headers::secure(http, target, headers);
    if !http.cors_origins.is_empty() {
        headers.append(header::VARY, HeaderValue::from_static("origin"));
    }
    if let Some(origin) = origin {
        // Other interfaces have no cookie.
        if matches!(target, Target::Call(_)) && allows_cookies(http, &origin) {
            headers
                .insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
        }
        headers.entry(header::ACCESS_CONTROL_ALLOW_ORIGIN).or_insert(origin);
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED_HEADERS);
    }
    let status = response.status().as_u16();
    if http.logs_access {
        span.in_scope(|| log_access(status, begun.elapsed(), from.client));
    }
    http.metrics.answered(name, status, begun.elapsed());
    response
}

/// One line for a request: what it was for stands in its span, without anything that somebody has typed.
fn log_access(status: u16, took: Duration, from: IpAddr) {
    let (network, ms) = (network_of(from), took.as_millis());
    tracing::info!(target: "guestlist::access", status, ms, network, "answered");
}

/// Answers a request on a connection that is there for probes alone; never fails.
pub(crate) async fn probe(
    http: &Http,
    peer: SocketAddr,
    request: Request<Incoming>,
) -> Response<Full<Bytes>> {
    if let Some(Page::Health | Page::Ready) = Page::at(http, request.uri().path()) {
        return answer(http, peer, request).await;
    }
    let id = RequestId::new(http.clock.now(), &http.random);
    // Read first: the system resets a connection that is closed with something unread, and the answer is lost.
    let _unused =
        read::bytes(http, request, http.limits.body_bytes, Instant::now() + PROBE_BODY).await;
    let why = Error::unavailable("there are too many connections, or the table is still away");
    let mut response = problem(&why, id, false);
    let headers = response.headers_mut();
    mark(headers, id);
    headers::secure(http, Target::Nothing, headers);
    headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}

/// Adds what every answer says.
fn mark(headers: &mut HeaderMap, id: RequestId) {
    if let Ok(value) = HeaderValue::from_str(&id.to_string()) {
        headers.insert(REQUEST_ID, value);
    }
}

/// What a path leads to.
#[derive(Clone, Copy)]
enum Target<'a> {
    Page(Page),
    Console(console::ConsolePath<'a>),
    Logo(logo::LogoPath<'a>),
    /// Where a provider leads back to.
    WayBack(way_back::WayBack<'a>),
    Facade(Facade),
    /// A call, if there is one of that name.
    Call(&'a str),
    /// Nothing: it is not below the base path.
    Nothing,
}

impl<'a> Target<'a> {
    fn at(http: &'a Http, method: &Method, path: &'a str) -> Self {
        if let Some(page) = Page::at(http, path) {
            return Self::Page(page);
        }
        if let Some(place) = console::ConsolePath::at(http, path) {
            return Self::Console(place);
        }
        if let Some(logo) = logo::LogoPath::at(http, path) {
            return Self::Logo(logo);
        }
        if let Some(way_back) = way_back::WayBack::at(http, method, path) {
            return Self::WayBack(way_back);
        }
        let Some(name) = name_at(http, path) else { return Self::Nothing };
        http.facades.at(name).map_or(Self::Call(name), Self::Facade)
    }

    /// What requests for it are counted and logged as: nothing of what is no call's own name, since people may have
    /// an email or a code in a path.
    fn name(self) -> &'static str {
        match self {
            Self::Page(page) => page.path(),
            Self::Console(_) => console::NAME,
            Self::Logo(_) => logo::NAME,
            Self::WayBack(_) => way_back::NAME,
            Self::Facade(facade) => facade.name(),
            Self::Call(name) => contract::endpoint(name).map_or(OTHER, |endpoint| endpoint.name),
            Self::Nothing => OTHER,
        }
    }
}

async fn route(
    http: &Http,
    target: Target<'_>,
    from: Sender,
    id: RequestId,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>> {
    let deadline = Instant::now() + Duration::from_secs(http.limits.request_seconds);
    let name = match target {
        Target::Page(page) => {
            let answer = timeout_at(deadline, page.answer(http, id, request.method())).await;
            return answer.map_err(|_| Error::unavailable("too slow"))?;
        }
        Target::Console(place) => {
            return place.answer(http, id, request.method(), request.headers());
        }
        Target::Logo(logo) => {
            let answer = timeout_at(deadline, logo.answer(http, id, request.method())).await;
            return answer.map_err(|_| Error::unavailable("too slow"))?;
        }
        Target::WayBack(way_back) => return way_back.answer(http, request, deadline).await,
        Target::Facade(facade) => {
            return Box::pin(facade::answer(http, facade, from, request, deadline)).await;
        }
        Target::Call(name) => name,
        Target::Nothing => return Err(nothing_here(http)),
    };
    // An unknown path has no methods at all.
    let endpoint = contract::endpoint(name)?;
    match *request.method() {
        Method::POST => {}
        Method::OPTIONS => return Ok(preflight(http, request.headers(), &cors::NATIVE)),
        _ => return Ok(method_not_allowed(id, "POST, OPTIONS")),
    }
    let browser = if endpoint.cookie == CookieUse::None {
        Browser::default()
    } else {
        cookie::browser(&http.cookies, request.headers())
    };
    let credentials = match endpoint.admission {
        Admission::Anyone => Credentials::None,
        Admission::Identity | Admission::Role(_) => {
            match credentials(request.headers(), &header::AUTHORIZATION) {
                // A caller with the cookie signs out with that.
                Err(_) if endpoint.cookie == CookieUse::Clears && browser.token.is_some() => {
                    Credentials::None
                }
                credentials => {
                    credentials.inspect_err(|it| note_refused(http, endpoint, from.client, it))?
                }
            }
        }
    };
    let idempotency_key = idempotency_key(request.headers())?;
    let query = read::query(&request);
    let agent = agent(request.headers());
    let body = read::object(http, request, deadline).await?;
    let address = Some(from.client);
    let call = api::Request { query, body, address, agent, browser, idempotency_key };
    // Boxed, since what is here is moved whole, with every request.
    let reply = Box::pin(api::call(&http.app, &credentials, endpoint.name, call));
    let reply = timeout_at(deadline, reply).await.map_err(|_| Error::unavailable("too slow"))??;
    let change = reply.cookie().and_then(|change| cookie::set_cookie(&http.cookies, change));
    let mut response = success(reply);
    if let Some(change) = change {
        response.headers_mut().insert(header::SET_COOKIE, change);
    }
    Ok(response)
}

fn nothing_here(http: &Http) -> Error {
    let why = format!("Not found; all calls are below {}/.", http.base_path);
    Error::new(Code::NotFound, why)
}

/// Notes that a call was refused before it was made.
fn note_refused(http: &Http, endpoint: &Endpoint, address: IpAddr, error: &Error) {
    let asked = Asked { address: Some(address), ..Asked::default() };
    http.app.notes.refused(endpoint.name, None, &asked, error);
}

/// The part of a path that names a call.
fn name_at<'a>(http: &Http, path: &'a str) -> Option<&'a str> {
    path.strip_prefix(http.base_path.as_str()).and_then(|rest| rest.strip_prefix('/'))
}

fn success(reply: Reply) -> Response<Full<Bytes>> {
    let is_repeated = reply.is_repeated();
    let mut response = with_type(Response::new(Full::from(reply.into_json())), JSON);
    if is_repeated {
        response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    }
    response
}

fn with_type(mut response: Response<Full<Bytes>>, kind: HeaderValue) -> Response<Full<Bytes>> {
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}
