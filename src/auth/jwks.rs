//! Fetches an issuer's published keys (JWK set, RFC 7517) over HTTP; the only client of HTTP here.

use std::{net::IpAddr, sync::Arc, time::Duration};

use http_body_util::{BodyExt, Empty, Limited};
use hyper::{
    Request, StatusCode, Uri,
    body::Bytes,
    header::{ACCEPT, DATE, USER_AGENT},
};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs};

use crate::clock::Timestamp;

/// The most that a key set may measure, from wherever it comes.
pub(crate) const MAX_BYTES: usize = 256 * 1024;
/// How long a fetch may take, from the look-up of the name to the last byte.
const TIMEOUT: Duration = Duration::from_secs(5);

type Connector = HttpsConnector<HttpConnector>;

/// Where a key set is published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct JwksUrl(Uri);

/// What was published.
pub(crate) struct Fetched {
    pub(crate) bytes: Bytes,
    /// What the clock of whoever publishes it shows, if it says so.
    pub(crate) date: Option<Timestamp>,
}

/// Why a text is no place to fetch keys from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrlFault {
    /// Not an absolute `http` or `https` URL.
    #[error("must be a URL such as https://issuer.example/.well-known/jwks.json")]
    Syntax,
    /// Whoever is on the way could slip in keys.
    #[error("must begin with https:// (http:// is for this machine only)")]
    Insecure,
}

/// Why keys could not be fetched.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The issuer did not answer in full within 5 seconds.
    #[error("no full answer within {} seconds", TIMEOUT.as_secs())]
    Timeout,
    /// No connection, or it broke.
    #[error("the connection failed: {0}")]
    Connection(String),
    /// The machine's certificate authorities could not be read.
    #[error("no trusted certificate authorities: {0}")]
    Roots(String),
    /// An answer other than 200; redirects are not followed.
    #[error("the answer was {0} instead of 200")]
    Status(u16),
    /// More than 256 KiB, or cut off.
    #[error("the answer could not be read to its end, or is longer than {} KiB", MAX_BYTES / 1024)]
    Body,
}

impl JwksUrl {
    /// Reads a URL; one without TLS may only lead to this machine.
    pub(crate) fn parse(text: &str) -> Result<Self, UrlFault> {
        let uri: Uri = text.parse().map_err(|_| UrlFault::Syntax)?;
        let host = uri.host().filter(|host| !host.is_empty()).ok_or(UrlFault::Syntax)?;
        match uri.scheme_str() {
            Some("https") => Ok(Self(uri)),
            Some("http") if is_loopback(host) => Ok(Self(uri)),
            Some("http") => Err(UrlFault::Insecure),
            _ => Err(UrlFault::Syntax),
        }
    }

    /// Fetches what is published there. Certificate authorities are read anew each time: it happens
    /// once an hour, so keeping them would cost memory and miss updates.
    pub(crate) async fn fetch(&self) -> Result<Fetched, FetchError> {
        tokio::time::timeout(TIMEOUT, self.get()).await.map_err(|_| FetchError::Timeout)?
    }

    async fn get(&self) -> Result<Fetched, FetchError> {
        let secure = self.0.scheme_str() == Some("https");
        let connector = tokio::task::spawn_blocking(move || connector(secure))
            .await
            .map_err(|error| FetchError::Roots(error.to_string()))??;
        let client =
            Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build(connector);
        let request = Request::get(self.0.clone())
            .header(ACCEPT, "application/jwk-set+json, application/json")
            .header(USER_AGENT, concat!("guestlist/", env!("CARGO_PKG_VERSION")))
            .body(Empty::<Bytes>::new())
            .map_err(|error| FetchError::Connection(error.to_string()))?;
        let reply =
            client.request(request).await.map_err(|error| FetchError::Connection(chain(&error)))?;
        if reply.status() != StatusCode::OK {
            return Err(FetchError::Status(reply.status().as_u16()));
        }
        let date =
            reply.headers().get(DATE).and_then(|date| Timestamp::parse_http(date.to_str().ok()?));
        let body = Limited::new(reply.into_body(), MAX_BYTES).collect().await;
        Ok(Fetched { bytes: body.map_err(|_| FetchError::Body)?.to_bytes(), date })
    }
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
}

/// Without TLS no certificate authority is needed, and none has to be installed.
fn connector(secure: bool) -> Result<Connector, FetchError> {
    let provider = aws_lc_rs::default_provider();
    let builder = HttpsConnectorBuilder::new();
    if secure {
        let builder = builder
            .with_provider_and_native_roots(provider)
            .map_err(|error| FetchError::Roots(error.to_string()))?;
        return Ok(builder.https_only().enable_http1().build());
    }
    let tls = ClientConfig::builder_with_provider(Arc::new(provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| FetchError::Connection(error.to_string()))?
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    Ok(builder.with_tls_config(tls).https_or_http().enable_http1().build())
}

/// An error with its causes: the client's own text is only "client error (Connect)".
fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(url: &str, expected: Result<(), UrlFault>) {
        assert_eq!(JwksUrl::parse(url).map(drop), expected, "{url}");
    }

    #[test]
    fn only_this_machine_may_go_without_tls() {
        check("https://issuer.example/.well-known/jwks.json", Ok(()));
        for host in ["localhost", "LOCALHOST:8080", "127.0.0.1:1", "127.9.9.9", "[::1]:80"] {
            check(&format!("http://{host}/keys"), Ok(()));
        }
        for host in ["issuer.example", "localhost.example", "10.0.0.1", "0.0.0.0", "[::2]"] {
            check(&format!("http://{host}/keys"), Err(UrlFault::Insecure));
        }
        for host in ["127.0.0.1.example", "a@issuer.example", "127.0.0.1@issuer.example"] {
            check(&format!("http://{host}/keys"), Err(UrlFault::Insecure));
        }
    }

    #[test]
    fn what_is_no_url_is_refused() {
        for url in
            ["", "/keys", "issuer.example/keys", "ftp://issuer.example", "https://", "https:///a"]
        {
            check(url, Err(UrlFault::Syntax));
        }
    }
}
