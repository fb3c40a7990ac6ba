//! Accounts' logos, at addresses that cannot be guessed: pages show them before anybody has signed in.
//!
//! Opened by itself, a logo is in a sandbox, in which nothing runs, whatever a picture may hold.

use http_body_util::Full;
use hyper::{
    Method, Response,
    body::Bytes,
    header::{self, HeaderValue},
};

use super::{problem::unless_read, with_type};
use crate::{
    error::{Code, Error, Result},
    http::Http,
    model::{id::RequestId, logo::LogoDigest},
};

/// What requests for them are counted as.
pub(super) const NAME: &str = "logos";
/// The path, below the base path; the digest follows.
const PATH: &str = "/logos/";
/// Another picture has another path.
const FOR_GOOD: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const SANDBOX: HeaderValue =
    HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; sandbox");

/// Where a logo is, or might be.
#[derive(Clone, Copy)]
pub(super) struct LogoPath<'a>(&'a str);

impl<'a> LogoPath<'a> {
    pub(super) fn at(http: &Http, path: &'a str) -> Option<Self> {
        path.strip_prefix(&http.base_path)?.strip_prefix(PATH).map(Self)
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
        let logo = match LogoDigest::parse(self.0) {
            Some(digest) => http.app.store.logo(&digest).await?,
            None => None,
        };
        let Some(logo) = logo else {
            return Err(Error::new(Code::NotFound, "This logo does not exist, or was replaced."));
        };
        let kind = HeaderValue::from_static(logo.kind.media_type());
        let mut response = with_type(Response::new(Full::from(logo.bytes)), kind);
        response.headers_mut().insert(header::CACHE_CONTROL, FOR_GOOD);
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, SANDBOX);
        Ok(response)
    }
}
