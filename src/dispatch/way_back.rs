//! The way back from a provider: a browser that comes from one is sent on to the app, with what it has brought in the
//! fragment of the URL, which browsers keep to themselves. What is in it, the app posts to `provider/finish`.

use http_body_util::Full;
use hyper::{
    Method, Response, StatusCode,
    body::Bytes,
    header::{self, HeaderValue},
};

use crate::{
    auth::provider::Provider,
    error::{Error, Result},
    http::Http,
};

/// What requests from providers are counted as.
pub(super) const NAME: &str = "provider";
/// The path, below the base path; the provider's name follows.
const PATH: &str = "/provider/";
/// What of the query goes on (RFC 6749, section 4.1.2; RFC 9207, section 2). What else a provider sends, such as a text
/// about an error, is a stranger's.
const PASSED_ON: [&str; 4] = ["code", "state", "iss", "error"];

/// The way back from the provider of that name.
#[derive(Clone, Copy)]
pub(super) struct WayBack<'a>(&'a Provider);

impl<'a> WayBack<'a> {
    /// Calls of the same path are made by POST.
    pub(super) fn at(http: &'a Http, method: &Method, path: &str) -> Option<Self> {
        let name = path.strip_prefix(&http.base_path)?.strip_prefix(PATH)?;
        let is_read = method == Method::GET || method == Method::HEAD;
        http.app.providers.find(name).filter(|_| is_read).map(Self)
    }

    pub(super) fn answer(self, http: &Http, query: Option<&str>) -> Result<Response<Full<Bytes>>> {
        let mut response = Response::new(Full::default());
        *response.status_mut() = StatusCode::SEE_OTHER;
        let to = HeaderValue::from_str(&place(&http.app_url, self.0, query));
        response.headers_mut().insert(header::LOCATION, to.map_err(Error::internal)?);
        Ok(response)
    }
}

fn place(app_url: &str, provider: &Provider, query: Option<&str>) -> String {
    let query = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    let brought = query.filter(|(name, _)| PASSED_ON.contains(&name.as_ref()));
    let fragment = form_urlencoded::Serializer::new(String::new())
        .append_pair("provider", provider.name())
        .extend_pairs(brought)
        .finish();
    format!("{}/#{fragment}", app_url.trim_end_matches('/'))
}
