//! The console: a single-page app that uses the public calls alone, served from the binary.

use std::{
    collections::{BTreeMap, HashMap},
    io::Write,
    sync::LazyLock,
};

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use flate2::{Compression, write::GzEncoder};
use http_body_util::Full;
use hyper::{
    HeaderMap, Method, Response, StatusCode,
    body::Bytes,
    header::{self, HeaderName, HeaderValue},
};
use include_dir::{Dir, File, include_dir};
use serde_json::{Map, Value, json};

use super::{problem::unless_read, with_type};
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

/// Kept, but asked after each time: a new version is seen at once, and an old one costs no bytes.
const ASK_FIRST: HeaderValue = HeaderValue::from_static("no-cache");
/// A name with a digest in it stands for the same content for good (RFC 8246).
const FOR_GOOD: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// How much of a digest is in a name, in characters of 6 bits.
const DIGEST_LENGTH: usize = 12;
/// No page of ours asks a device for anything.
const NO_FEATURES: HeaderValue = HeaderValue::from_static(
    "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
);
const HEADERS: [(HeaderName, HeaderValue); 2] = [
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
        if let Some(refused) = unless_read(id, method) {
            return Ok(refused);
        }
        let name = match self {
            Self::Base => return redirect(&format!("{}/", http.base_path)),
            Self::File(name) => name,
        };
        let (packed, keeping) = SITE.find(name).ok_or_else(|| {
            let shown: String = name.chars().take(60).collect();
            Error::new(Code::NotFound, format!("The console has no file {shown}."))
        })?;
        let mut response = packed.answer(headers);
        let policy = HeaderValue::from_str(&SITE.policy).map_err(Error::internal)?;
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
        response.headers_mut().insert(header::CACHE_CONTROL, keeping);
        Ok(response)
    }
}

fn redirect(to: &str) -> Result<Response<Full<Bytes>>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = StatusCode::PERMANENT_REDIRECT;
    let to = HeaderValue::from_str(to).map_err(Error::internal)?;
    response.headers_mut().insert(header::LOCATION, to);
    Ok(response)
}

/// The files, each compressed once.
static SITE: LazyLock<Site> = LazyLock::new(|| Site::new(&files_in(&FILES)));

/// All that is served.
struct Site {
    /// By their names in the folder.
    files: HashMap<&'static str, Packed>,
    /// Those names, by the names that browsers load them under.
    stamped: BTreeMap<String, &'static str>,
    /// What no page of ours needs is forbidden to whatever may get into one.
    policy: String,
}

impl Site {
    fn new(files: &[&'static File<'static>]) -> Self {
        let names = files.iter().filter_map(|file| Some((file.path().to_str()?, file.contents())));
        let served = names.filter(|(name, _)| media_type(name).is_some());
        let (mut packed, mut stamped, mut page) = (HashMap::new(), BTreeMap::new(), "");
        for (name, bytes) in served {
            if name == INDEX {
                page = std::str::from_utf8(bytes).unwrap_or_default();
                continue;
            }
            stamped.insert(stamped_name(name, bytes), name);
            packed.extend(Packed::new(name, Bytes::from_static(bytes)).map(|file| (name, file)));
        }
        let map = import_map(&stamped);
        let page = with_stamps(page, &map, &stamped);
        packed.extend(Packed::new(INDEX, Bytes::from(page)).map(|file| (INDEX, file)));
        let policy = format!(
            "default-src 'none'; script-src 'self' 'sha256-{}'; style-src 'self'; img-src 'self'; \
             connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; \
             frame-ancestors 'none'",
            STANDARD.encode(sha256(map.as_bytes())),
        );
        Self { files: packed, stamped, policy }
    }

    /// A file by either of its names, and how long it is kept.
    fn find(&self, name: &str) -> Option<(&Packed, HeaderValue)> {
        if let Some(file) = self.files.get(name) {
            return Some((file, ASK_FIRST));
        }
        self.stamped.get(name).and_then(|plain| Some((self.files.get(plain)?, FOR_GOOD)))
    }
}

/// `ui/table.js` as `ui/table.DIGEST.js`, which lies in the same folder.
fn stamped_name(name: &str, bytes: &[u8]) -> String {
    let digest = URL_SAFE_NO_PAD.encode(sha256(bytes));
    let digest: String = digest.chars().take(DIGEST_LENGTH).collect();
    let (stem, ending) = name.rsplit_once('.').unwrap_or((name, ""));
    format!("{stem}.{digest}.{ending}")
}

/// Under which names modules find each other: their text has the plain ones, so that a change of one of them is a
/// new name for that one alone.
fn import_map(stamped: &BTreeMap<String, &'static str>) -> String {
    let modules = stamped.iter().filter(|(_, plain)| is_module(plain));
    let entries = modules.map(|(stamped, plain)| {
        (format!(".{FOLDER}{plain}"), Value::from(format!(".{FOLDER}{stamped}")))
    });
    json!({"imports": entries.collect::<Map<_, _>>()}).to_string()
}

fn is_module(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, ending)| ending == "js")
}

/// The page with the names that are kept for good. The map must come before the first module.
fn with_stamps(page: &str, map: &str, stamped: &BTreeMap<String, &'static str>) -> String {
    let mut page = page.replacen(
        "<link rel=\"modulepreload\"",
        &format!("<script type=\"importmap\">{map}</script>\n    <link rel=\"modulepreload\""),
        1,
    );
    let folder = FOLDER.trim_start_matches('/');
    for (stamped, plain) in stamped {
        let quoted = |name: &str| format!("=\"{folder}{name}\"");
        page = page.replace(&quoted(plain), &quoted(stamped));
    }
    page
}

fn files_in(folder: &'static Dir<'static>) -> Vec<&'static File<'static>> {
    folder.files().chain(folder.dirs().flat_map(files_in)).collect()
}

/// A file in both forms that it is sent in.
struct Packed {
    media_type: HeaderValue,
    plain: Form,
    gzip: Form,
}

struct Form {
    bytes: Bytes,
    /// Its strong validator (RFC 9110, section 8.8.3); each form has its own.
    etag: String,
}

impl Form {
    fn new(bytes: Bytes) -> Self {
        let etag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(sha256(&bytes)));
        Self { bytes, etag }
    }
}

impl Packed {
    /// None for what the page does not load: the types that lie beside modules, others' licences.
    fn new(name: &str, bytes: Bytes) -> Option<Self> {
        let gzip = Form::new(gzip(&bytes));
        Some(Self { media_type: media_type(name)?, plain: Form::new(bytes), gzip })
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
