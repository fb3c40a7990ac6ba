//! The console: a single-page app that uses the public calls alone, served from the binary.

use std::{io::Write, sync::LazyLock};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use flate2::{Compression, write::GzEncoder};
use http_body_util::Full;
use hyper::{
    HeaderMap, Method, Response, StatusCode,
    body::Bytes,
    header::{self, HeaderName, HeaderValue},
};
use include_dir::{Dir, File, include_dir};

use super::{problem::method_not_allowed, with_type};
use crate::{
    error::{Code, Error, Result},
    http::Http,
    model::id::RequestId,
    secret::sha256,
};

/// What requests for the console are counted as.
pub(super) const NAME: &str = "console";
/// The path of the files, below the base path.
const FOLDER: &str = "/console/";
const INDEX: &str = "index.html";
/// What is served, but for files of no known type. `build.rs` watches this folder, too.
static FILES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/console/public");

/// What no page of ours needs is forbidden to whatever may get into one.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
     object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);
/// Kept, but asked after each time: a new version is seen at once, and an old one costs no bytes.
const ASK_FIRST: HeaderValue = HeaderValue::from_static("no-cache");
/// No page of ours asks a device for anything.
const NO_FEATURES: HeaderValue = HeaderValue::from_static(
    "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
);
const HEADERS: [(HeaderName, HeaderValue); 4] = [
    (header::CACHE_CONTROL, ASK_FIRST),
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (HeaderName::from_static("permissions-policy"), NO_FEATURES),
    (header::VARY, HeaderValue::from_static("accept-encoding")),
];

/// What of the console a path names.
#[derive(Clone, Copy)]
pub(super) enum ConsolePath<'a> {
    /// The base path without its last `/`, which links of the page would be read from.
    Base,
    /// A file, by its name in the folder `console/public`.
    File(&'a str),
}

impl<'a> ConsolePath<'a> {
    pub(super) fn at(http: &Http, path: &'a str) -> Option<Self> {
        let rest = path.strip_prefix(http.base_path.as_str()).filter(|_| http.shows_console)?;
        match rest {
            "" => Some(Self::Base),
            "/" => Some(Self::File(INDEX)),
            _ => rest.strip_prefix(FOLDER).map(Self::File),
        }
    }

    pub(super) fn answer(
        self,
        http: &Http,
        id: RequestId,
        method: &Method,
        headers: &HeaderMap,
    ) -> Result<Response<Full<Bytes>>> {
        if method != Method::GET && method != Method::HEAD {
            return Ok(method_not_allowed(id, "GET, HEAD"));
        }
        let name = match self {
            Self::Base => return redirect(&format!("{}/", http.base_path)),
            Self::File(name) => name,
        };
        let packed = PACKED.iter().find(|packed| packed.name == name).ok_or_else(|| {
            let shown: String = name.chars().take(60).collect();
            Error::new(Code::NotFound, format!("The console has no file {shown}."))
        })?;
        Ok(packed.answer(headers))
    }
}

fn redirect(to: &str) -> Result<Response<Full<Bytes>>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = StatusCode::PERMANENT_REDIRECT;
    let to = HeaderValue::from_str(to).map_err(Error::internal)?;
    response.headers_mut().insert(header::LOCATION, to);
    Ok(response)
}

/// A file in both forms that it is sent in.
struct Packed {
    name: &'static str,
    media_type: HeaderValue,
    plain: Form,
    gzip: Form,
}

struct Form {
    bytes: Bytes,
    /// Its strong validator (RFC 9110, section 8.8.3); each form has its own.
    etag: String,
}

/// The files, each compressed once.
static PACKED: LazyLock<Vec<Packed>> = LazyLock::new(|| pack(&FILES));

fn pack(folder: &'static Dir<'static>) -> Vec<Packed> {
    let own = folder.files().filter_map(Packed::new);
    own.chain(folder.dirs().flat_map(pack)).collect()
}

impl Form {
    fn new(bytes: Bytes) -> Self {
        let etag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(sha256(&bytes)));
        Self { bytes, etag }
    }
}

impl Packed {
    /// None for what the page does not load: the types that lie beside modules, others' licences.
    fn new(file: &'static File<'static>) -> Option<Self> {
        let (name, bytes) = (file.path().to_str()?, file.contents());
        Some(Self {
            name,
            media_type: media_type(name)?,
            plain: Form::new(Bytes::from_static(bytes)),
            gzip: Form::new(gzip(bytes)),
        })
    }

    fn answer(&self, asked: &HeaderMap) -> Response<Full<Bytes>> {
        let gzipped = takes_gzip(asked);
        let form = if gzipped { &self.gzip } else { &self.plain };
        let mut response = if knows(asked, &form.etag) {
            let mut response = Response::new(Full::default());
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            response
        } else {
            let body = Full::new(form.bytes.clone());
            with_type(Response::new(body), self.media_type.clone())
        };
        let headers = response.headers_mut();
        headers.extend(HEADERS);
        if gzipped {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        if let Ok(etag) = HeaderValue::from_str(&form.etag) {
            headers.insert(header::ETAG, etag);
        }
        response
    }
}

/// Writing into memory does not fail; if it did, half a file must not be taken for a whole one.
fn gzip(bytes: &[u8]) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    let written = encoder.write_all(bytes).and_then(|()| encoder.finish());
    Bytes::from(written.unwrap_or_default())
}

/// None is no type to guess at: such a file is not served.
fn media_type(name: &str) -> Option<HeaderValue> {
    let (_, ending) = name.rsplit_once('.')?;
    match ending {
        "html" => Some(HeaderValue::from_static("text/html; charset=utf-8")),
        "css" => Some(HeaderValue::from_static("text/css; charset=utf-8")),
        "js" => Some(HeaderValue::from_static("text/javascript; charset=utf-8")),
        "svg" => Some(HeaderValue::from_static("image/svg+xml")),
        _ => None,
    }
}

/// RFC 9110, section 12.5.3, for the one coding there is: listed, and not with a weight of 0.
fn takes_gzip(headers: &HeaderMap) -> bool {
    listed(headers, &header::ACCEPT_ENCODING).any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, "q=1"));
        let weight = weight.trim().strip_prefix("q=").and_then(|q| q.parse::<f32>().ok());
        name.trim().eq_ignore_ascii_case("gzip") && weight.is_some_and(|weight| weight > 0.0)
    })
}

/// RFC 9110, section 13.1.2: compared weakly, since proxies may have made it weak.
fn knows(headers: &HeaderMap, etag: &str) -> bool {
    listed(headers, &header::IF_NONE_MATCH)
        .any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == etag)
}

/// The elements of a header that is a list.
fn listed<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a str> {
    let lines = headers.get_all(name).into_iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).map(str::trim)
}
