//! The way back from a provider: a browser that comes from one is sent on to the app, with what it has brought in the
//! fragment of the URL, which browsers keep to themselves. What is in it, the app posts to `provider/finish`.

use http_body_util::Full;
use hyper::{
    Method, Request, Response, StatusCode,
    body::{Bytes, Incoming},
    header::{self, HeaderValue},
};
use tokio::time::Instant;

use super::read::{bytes, has_type};
use crate::{
    auth::provider::{Provider, ResponseMode},
    error::{Code, Error, Fault, Result},
    http::Http,
};

/// What requests from providers are counted as.
pub(super) const NAME: &str = "provider";
/// The path, below the base path; the provider's name follows.
const PATH: &str = "/provider/";
/// What forms are.
const FORM: &str = "application/x-www-form-urlencoded";
/// The most that a form may measure: a state, a code, and what Apple says of a person besides.
const MAX_FORM: usize = 16 * 1024;
/// The longest value that goes on, in bytes.
const MAX_VALUE: usize = 4096;
/// What of it goes on (RFC 6749, section 4.1.2; RFC 9207, section 2). What else a provider sends, such as a text
/// about an error, is a stranger's.
const PASSED_ON: [&str; 4] = ["code", "state", "iss", "error"];

/// The way back from the provider of that name.
#[derive(Clone, Copy)]
pub(super) struct WayBack<'a>(&'a Provider);

impl<'a> WayBack<'a> {
    /// Calls of the same path are made by POST, where no provider posts.
    pub(super) fn at(http: &'a Http, method: &Method, path: &str) -> Option<Self> {
        let name = path.strip_prefix(&http.base_path)?.strip_prefix(PATH)?;
        let provider = http.app.providers.find(name)?;
        let fits = match provider.response_mode() {
            ResponseMode::Query => method == Method::GET || method == Method::HEAD,
            ResponseMode::FormPost => method == Method::POST,
        };
        fits.then_some(Self(provider))
    }

    /// A form that is posted from another site comes without cookies of ours, and none are needed: what it brings proves
    /// nothing without the key that the page keeps which has begun.
    pub(super) async fn answer(
        self,
        http: &Http,
        request: Request<Incoming>,
        deadline: Instant,
    ) -> Result<Response<Full<Bytes>>> {
        let brought = match self.0.response_mode() {
            ResponseMode::Query => request.uri().query().unwrap_or_default().to_owned().into(),
            ResponseMode::FormPost => form(http, request, deadline).await?,
        };
        let mut response = Response::new(Full::default());
        *response.status_mut() = StatusCode::SEE_OTHER;
        let to = HeaderValue::from_str(&place(&http.app_url, self.0, &brought)?);
        response.headers_mut().insert(header::LOCATION, to.map_err(Error::internal)?);
        Ok(response)
    }
}

/// The form that a provider has a browser post (OAuth 2.0 Form Post Response Mode, section 2).
async fn form(http: &Http, request: Request<Incoming>, deadline: Instant) -> Result<Bytes> {
    let is_form = has_type(request.headers(), FORM);
    let body = bytes(http, request, MAX_FORM, deadline).await?;
    if is_form {
        return Ok(body);
    }
    let why = format!("Send the body with the header Content-Type: {FORM}.");
    Err(Error::new(Code::UnsupportedMediaType, why))
}

/// Where the app is, with what goes on. Each of it comes once (RFC 6749, section 3.1), and has a size that providers have a
/// use for.
fn place(app_url: &str, provider: &Provider, brought: &[u8]) -> Result<String> {
    let mut fragment = form_urlencoded::Serializer::new(String::new());
    fragment.append_pair("provider", provider.name());
    let mut seen = Vec::with_capacity(PASSED_ON.len());
    for (name, value) in form_urlencoded::parse(brought) {
        let Some(known) = PASSED_ON.iter().find(|known| **known == name) else { continue };
        if seen.contains(known) {
            return Err(refused(known, "repeated", "must come once"));
        }
        if value.len() > MAX_VALUE {
            return Err(refused(known, "length", "must have 4,096 bytes at most"));
        }
        seen.push(*known);
        fragment.append_pair(&name, &value);
    }
    Ok(format!("{}/#{}", app_url.trim_end_matches('/'), fragment.finish()))
}

fn refused(name: &str, code: &'static str, why: &str) -> Error {
    let fault = Fault::new(format!("?{name}"), code, format!("{name} {why}"));
    Error::faults(Code::ValidationFailed, vec![fault])
}
