//! Calls of other services over HTTP, such as those that issue tokens; the only client of HTTP here.
//!
//! Only URLs that the settings name, or that stand in what was fetched from such a one, may be called. Each call is
//! bounded in time and size, all of them in number; none follows a redirect.

mod url;

use std::{fmt, sync::Arc, time::Duration};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use form_urlencoded::byte_serialize;
use http_body_util::{BodyExt, Full, Limited};
use hyper::{
    Method, Request, Response, StatusCode, Uri,
    body::{Bytes, Incoming},
    client::conn::http1,
    header::{
        ACCEPT, AUTHORIZATION, CONTENT_TYPE, DATE, HOST, HeaderValue, InvalidHeaderValue,
        PROXY_AUTHORIZATION, USER_AGENT,
    },
};
use hyper_rustls::{ConfigBuilderExt as _, HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::{
        legacy::{
            Client,
            connect::{Connect, HttpConnector, proxy::Tunnel},
        },
        proxy::matcher::{Intercept, Matcher},
    },
    rt::{TokioExecutor, TokioIo},
};
use rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs};
use serde::de::DeserializeOwned;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    sync::Semaphore,
    time::timeout,
};
use zeroize::Zeroizing;

pub use self::url::{PlainHttp, UrlFault, WebUrl};
use crate::clock::Timestamp;

/// The most that a reply may measure; what is read from files in its place, too.
pub(crate) const MAX_BYTES: usize = 256 * 1024;
/// How long a call may take, from the look-up of the name to the last byte.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(5);
/// How many calls there may be at once; others wait, which counts as part of their time.
const MAX_CALLS: usize = 16;

/// What calls other services; cheap to clone, all clones share one limit.
#[derive(Clone)]
pub struct Web(Arc<Inner>);

struct Inner {
    proxies: Matcher,
    calls: Semaphore,
    dial: Option<Dial>,
}

/// A way to all other services that is not the network.
pub type Dial = Arc<dyn Fn() -> Box<dyn Stream> + Send + Sync>;

/// A connection.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// The proxies to go through, as the variables name them that most programs go by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WebProxies {
    /// `HTTPS_PROXY`, or `ALL_PROXY`.
    pub https: Option<String>,
    /// `HTTP_PROXY`, or `ALL_PROXY`.
    pub http: Option<String>,
    /// `NO_PROXY`: hosts, domains, addresses and ranges that are called without, with commas between.
    pub none: Option<String>,
}

/// As whom a form is sent (RFC 6749, section 2.3.1).
#[derive(Clone, Copy)]
pub enum ClientAuth<'a> {
    /// As nobody, or as the form says.
    None,
    /// In `Authorization: Basic`.
    Basic {
        /// The name.
        id: &'a str,
        /// The password.
        secret: &'a str,
    },
}

/// What another service has replied.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The status, such as 200.
    pub status: u16,
    /// The body, decoded from nothing: no compression is asked for.
    pub body: Bytes,
    /// What the replying server's clock shows, if it says so.
    pub date: Option<Timestamp>,
}

/// Why a call has failed. None of the texts has anything in it that was sent.
#[derive(Clone, Debug, thiserror::Error)]
pub enum FetchError {
    /// No full answer came in time.
    #[error("no complete answer within {} seconds", TIMEOUT.as_secs())]
    Timeout,
    /// No connection, or it broke.
    #[error("the connection failed: {0}")]
    Connection(String),
    /// The proxy is not one that can be used.
    #[error("the proxy {0} cannot be used; HTTPS_PROXY and HTTP_PROXY must begin with http://")]
    Proxy(String),
    /// The machine's certificate authorities could not be read.
    #[error("no trusted certificate authorities: {0}")]
    Roots(String),
    /// An answer other than 200; redirects are not followed.
    #[error("the answer was {0} instead of 200")]
    Status(u16),
    /// Too long, or cut off.
    #[error("the answer is incomplete or longer than {} KiB", MAX_BYTES / 1024)]
    Body,
    /// Not the JSON that was expected.
    #[error("the answer is not the JSON that was expected: {0}")]
    Json(String),
    /// Something to be sent does not fit into a header.
    #[error("the request contains characters that are not allowed in headers")]
    Header,
}

/// How a URL is reached.
enum Way {
    Direct,
    /// Through a proxy that sees nothing but the host's name.
    Tunnel(Intercept),
    /// Through a proxy that makes the call.
    Forward(Intercept),
}

impl Reply {
    /// The reply, unless its status is another one than 200.
    pub fn ok(self) -> Result<Self, FetchError> {
        if self.status == StatusCode::OK { Ok(self) } else { Err(FetchError::Status(self.status)) }
    }

    /// The body as JSON.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, FetchError> {
        serde_json::from_slice(&self.body).map_err(|error| FetchError::Json(error.to_string()))
    }
}

impl Default for Web {
    fn default() -> Self {
        Self::new(&WebProxies::default())
    }
}

impl fmt::Debug for Web {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A proxy's URL may have a password in it.
        f.write_str("Web(…)")
    }
}

impl WebProxies {
    /// Whether a text can be the URL of a proxy.
    pub fn is_proxy(text: &str) -> bool {
        let probe = Uri::from_static("https://issuer.example/");
        Matcher::builder().all(text.to_owned()).build().intercept(&probe).is_some()
    }
}

impl Web {
    /// Calls through these proxies.
    pub fn new(proxies: &WebProxies) -> Self {
        let WebProxies { https, http, none } = proxies.clone();
        let proxies = Matcher::builder()
            .https(https.unwrap_or_default())
            .http(http.unwrap_or_default())
            .no(none.unwrap_or_default())
            .build();
        Self(Arc::new(Inner { proxies, calls: Semaphore::new(MAX_CALLS), dial: None }))
    }

    /// Calls over nothing but these connections.
    pub fn over(dial: Dial) -> Self {
        let proxies = Matcher::builder().build();
        Self(Arc::new(Inner { proxies, calls: Semaphore::new(MAX_CALLS), dial: Some(dial) }))
    }

    /// Gets what is there.
    pub async fn get(
        &self,
        url: &WebUrl,
        accept: &'static str,
        bearer: Option<&str>,
    ) -> Result<Reply, FetchError> {
        let authorization = bearer.map(|token| authorization("Bearer", token)).transpose()?;
        let mut request = request(Method::GET, url, accept, Bytes::new());
        if let Some(value) = authorization {
            request.headers_mut().insert(AUTHORIZATION, value);
        }
        self.call(url, request).await
    }

    /// Sends a form and takes JSON, whatever the status: errors of OAuth are JSON, too (RFC 6749, section 5.2).
    pub async fn post_form(
        &self,
        url: &WebUrl,
        fields: &[(&str, &str)],
        auth: ClientAuth<'_>,
    ) -> Result<Reply, FetchError> {
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let mut request = request(Method::POST, url, "application/json", Bytes::from(form));
        let headers = request.headers_mut();
        let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
        headers.insert(CONTENT_TYPE, kind);
        if let ClientAuth::Basic { id, secret } = auth {
            headers.insert(AUTHORIZATION, basic(id, secret)?);
        }
        self.call(url, request).await
    }

    async fn call(&self, url: &WebUrl, request: Request<Full<Bytes>>) -> Result<Reply, FetchError> {
        let call = async {
            // Nobody closes it.
            let _permit = self.0.calls.acquire().await;
            let reply = self.send(url, request).await?;
            let date = reply.headers().get(DATE);
            let date = date.and_then(|date| Timestamp::parse_http(date.to_str().ok()?));
            let status = reply.status().as_u16();
            let body = Limited::new(reply.into_body(), MAX_BYTES).collect().await;
            Ok(Reply { status, body: body.map_err(|_| FetchError::Body)?.to_bytes(), date })
        };
        timeout(TIMEOUT, Box::pin(call)).await.map_err(|_| FetchError::Timeout)?
    }

    /// Certificate authorities are read anew each time: calls are rare, so keeping them would cost memory and miss
    /// updates.
    async fn send(
        &self,
        url: &WebUrl,
        request: Request<Full<Bytes>>,
    ) -> Result<Response<Incoming>, FetchError> {
        if let Some(dial) = &self.0.dial {
            return speak(dial(), request).await;
        }
        let mut direct = HttpConnector::new();
        direct.enforce_http(false);
        match self.way(url)? {
            Way::Forward(proxy) => forward(&proxy, request).await,
            Way::Direct => send_over(direct, url, request).await,
            Way::Tunnel(proxy) => {
                let tunnel = Tunnel::new(proxy.uri().clone(), direct);
                let tunnel = match proxy.basic_auth() {
                    Some(auth) => tunnel.with_auth(auth.clone()),
                    None => tunnel,
                };
                send_over(tunnel, url, request).await
            }
        }
    }

    /// This machine is never asked for through a proxy, for which its name means another one.
    fn way(&self, url: &WebUrl) -> Result<Way, FetchError> {
        if url.is_here() {
            return Ok(Way::Direct);
        }
        match self.0.proxies.intercept(&url.0) {
            None => Ok(Way::Direct),
            Some(proxy) if proxy.uri().scheme_str() != Some("http") => {
                Err(FetchError::Proxy(proxy.uri().to_string()))
            }
            Some(proxy) if url.has_tls() => Ok(Way::Tunnel(proxy)),
            Some(proxy) => Ok(Way::Forward(proxy)),
        }
    }
}

fn request(
    method: Method,
    url: &WebUrl,
    accept: &'static str,
    body: Bytes,
) -> Request<Full<Bytes>> {
    let mut request = Request::new(Full::new(body));
    *request.method_mut() = method;
    *request.uri_mut() = url.0.clone();
    let agent = HeaderValue::from_static(concat!("guestlist/", env!("CARGO_PKG_VERSION")));
    request.headers_mut().insert(USER_AGENT, agent);
    request.headers_mut().insert(ACCEPT, HeaderValue::from_static(accept));
    request
}

/// Sends a request over connections of that kind, with TLS inside them where the URL wants it.
async fn send_over<C>(
    connector: C,
    url: &WebUrl,
    request: Request<Full<Bytes>>,
) -> Result<Response<Incoming>, FetchError>
where
    C: Clone + Send + Sync + 'static,
    HttpsConnector<C>: Connect,
{
    let secure = url.has_tls();
    let tls = tokio::task::spawn_blocking(move || tls(secure)).await;
    let tls = tls.map_err(|error| FetchError::Roots(error.to_string()))??;
    let builder = HttpsConnectorBuilder::new().with_tls_config(tls);
    let builder = if secure { builder.https_only() } else { builder.https_or_http() };
    let connector = builder.enable_http1().wrap_connector(connector);
    let client = Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build(connector);
    client.request(request).await.map_err(|error| FetchError::Connection(chain(&error)))
}

/// Has a proxy make a call without TLS (RFC 9112, section 3.2.2).
async fn forward(
    proxy: &Intercept,
    mut request: Request<Full<Bytes>>,
) -> Result<Response<Incoming>, FetchError> {
    if let Some(auth) = proxy.basic_auth() {
        request.headers_mut().insert(PROXY_AUTHORIZATION, auth.clone());
    }
    let host = proxy.uri().host().unwrap_or_default().trim_matches(['[', ']']).to_owned();
    let stream = TcpStream::connect((host, proxy.uri().port_u16().unwrap_or(80))).await;
    let stream = stream.map_err(|error| FetchError::Connection(error.to_string()))?;
    speak(stream, request).await
}

/// Makes a call on a connection as it is, to a proxy that knows the recipient from the URL.
async fn speak(
    stream: impl Stream + 'static,
    mut request: Request<Full<Bytes>>,
) -> Result<Response<Incoming>, FetchError> {
    let broken = |error: hyper::Error| FetchError::Connection(chain(&error));
    let authority = request.uri().authority().map(|host| HeaderValue::from_str(host.as_str()));
    if let Some(host) = authority {
        request.headers_mut().insert(HOST, host?);
    }
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(broken)?;
    // It ends when the reply has been read, or dropped.
    tokio::spawn(connection);
    sender.send_request(request).await.map_err(broken)
}

/// Without TLS no certificate authority is needed, and none has to be installed.
fn tls(secure: bool) -> Result<ClientConfig, FetchError> {
    let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| FetchError::Connection(error.to_string()))?;
    let builder = if secure {
        builder.with_native_roots().map_err(|error| FetchError::Roots(error.to_string()))?
    } else {
        builder.with_root_certificates(RootCertStore::empty())
    };
    Ok(builder.with_no_client_auth())
}

fn authorization(scheme: &str, credentials: &str) -> Result<HeaderValue, FetchError> {
    let text = Zeroizing::new(format!("{scheme} {credentials}"));
    let mut value = HeaderValue::from_str(&text)?;
    value.set_sensitive(true);
    Ok(value)
}

/// Name and password are written as in a form before they are joined.
fn basic(id: &str, secret: &str) -> Result<HeaderValue, FetchError> {
    let written = |text: &str| Zeroizing::new(byte_serialize(text.as_bytes()).collect::<String>());
    let both = Zeroizing::new(format!("{}:{}", *written(id), *written(secret)));
    authorization("Basic", &Zeroizing::new(STANDARD.encode(&*both)))
}

impl From<InvalidHeaderValue> for FetchError {
    fn from(_: InvalidHeaderValue) -> Self {
        Self::Header
    }
}

/// An error with its causes: the client's own text is only "client error (Connect)".
fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_is_known_by_its_url() {
        for text in ["http://proxy:3128", "proxy:3128", "http://u:p@proxy", "https://proxy"] {
            assert!(WebProxies::is_proxy(text), "{text}");
        }
        for text in ["", "ftp://proxy", "http://", "a b"] {
            assert!(!WebProxies::is_proxy(text), "{text}");
        }
    }

    #[test]
    fn names_and_passwords_of_clients_are_written_as_in_forms() {
        let value = basic("app:1", "p w+é").unwrap();
        assert!(value.is_sensitive());
        let expected = format!("Basic {}", STANDARD.encode("app%3A1:p+w%2B%C3%A9"));
        assert_eq!(value.to_str().unwrap(), expected);
    }
}
