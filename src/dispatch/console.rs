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

use super::{problem::method_not_allowed, with_type};
use crate::{
    app::App,
    error::{Code, Error, Result},
    model::id::RequestId,
    secret::sha256,
};

/// What requests for the console are counted as.
pub(super) const NAME: &str = "console";
/// The path of the files, below the base path.
const FOLDER: &str = "/console/";
const INDEX: &str = "index.html";

/// What no page of ours needs is forbidden to whatever may get into one.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);
/// Kept, but asked after each time: a new version is seen at once, and an old one costs no bytes.
const ASK_FIRST: HeaderValue = HeaderValue::from_static("no-cache");
const HEADERS: [(HeaderName, HeaderValue); 5] = [
    (header::CACHE_CONTROL, ASK_FIRST),
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (header::VARY, HeaderValue::from_static("accept-encoding")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
];

/// What of the console a path names.
#[derive(Clone, Copy)]
pub(super) enum Place<'a> {
    /// The base path without its last `/`, which links of the page would be read from.
    Base,
    /// A file, by its name in the folder `console/public`.
    File(&'a str),
}

impl<'a> Place<'a> {
    pub(super) fn at(app: &App, path: &'a str) -> Option<Self> {
        let rest = path.strip_prefix(app.base_path.as_str()).filter(|_| app.shows_console)?;
        match rest {
            "" => Some(Self::Base),
            "/" => Some(Self::File(INDEX)),
            _ => rest.strip_prefix(FOLDER).map(Self::File),
        }
    }

    pub(super) fn answer(
        self,
        app: &App,
        id: RequestId,
        method: &Method,
        headers: &HeaderMap,
    ) -> Result<Response<Full<Bytes>>> {
        if method != Method::GET && method != Method::HEAD {
            return Ok(method_not_allowed(id, "GET, HEAD"));
        }
        let name = match self {
            Self::Base => return redirect(&format!("{}/", app.base_path)),
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
static PACKED: LazyLock<Vec<Packed>> = LazyLock::new(|| {
    let pack = |&(name, text): &(&'static str, &'static str)| Packed {
        name,
        media_type: media_type(name),
        plain: Form::new(Bytes::from_static(text.as_bytes())),
        gzip: Form::new(gzip(text.as_bytes())),
    };
    FILES.iter().map(pack).collect()
});

impl Form {
    fn new(bytes: Bytes) -> Self {
        let etag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(sha256(&bytes)));
        Self { bytes, etag }
    }
}

impl Packed {
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

fn media_type(name: &str) -> HeaderValue {
    let (_, ending) = name.rsplit_once('.').unwrap_or_default();
    HeaderValue::from_static(match ending {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        _ => "text/plain; charset=utf-8",
    })
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

/// A file and its text.
macro_rules! file {
    ($name:literal) => {
        ($name, include_str!(concat!("../../console/public/", $name)))
    };
}

/// The files of the folder `console/public` that are served.
const FILES: &[(&str, &str)] = &[
    file!("actor.js"),
    file!("addresses.js"),
    file!("api.js"),
    file!("app.js"),
    file!("calls.js"),
    file!("conflict.js"),
    file!("css/base.css"),
    file!("css/forms.css"),
    file!("css/frame.css"),
    file!("css/overview.css"),
    file!("css/parts.css"),
    file!("css/tables.css"),
    file!("device.js"),
    file!("forms.js"),
    file!("icon.svg"),
    file!("import-text.js"),
    file!("index.html"),
    file!("join.js"),
    file!("json.js"),
    file!("language.js"),
    file!("layout.js"),
    file!("main.js"),
    file!("make-users.js"),
    file!("navigation.js"),
    file!("object-field.js"),
    file!("pages/account.js"),
    file!("pages/account/accounts.js"),
    file!("pages/account/admin.js"),
    file!("pages/account/state.js"),
    file!("pages/audit.js"),
    file!("pages/forgot.js"),
    file!("pages/invite-users.js"),
    file!("pages/invite.js"),
    file!("pages/keys.js"),
    file!("pages/mail.js"),
    file!("pages/me.js"),
    file!("pages/me/second-factor.js"),
    file!("pages/me/sign-in.js"),
    file!("pages/overview.js"),
    file!("pages/overview/bars.js"),
    file!("pages/overview/head-counts.js"),
    file!("pages/reset.js"),
    file!("pages/setup.js"),
    file!("pages/sign-in.js"),
    file!("pages/sign-up.js"),
    file!("pages/token.js"),
    file!("pages/transfer.js"),
    file!("pages/transfer/export.js"),
    file!("pages/transfer/import.js"),
    file!("pages/trash.js"),
    file!("pages/user.js"),
    file!("pages/user/access.js"),
    file!("pages/user/actions.js"),
    file!("pages/user/history.js"),
    file!("pages/user/holds.js"),
    file!("pages/user/profile.js"),
    file!("pages/user/sessions.js"),
    file!("pages/users.js"),
    file!("pages/verify.js"),
    file!("permissions.js"),
    file!("qr.js"),
    file!("record-form.js"),
    file!("router.js"),
    file!("save-file.js"),
    file!("session.js"),
    file!("shared-value.js"),
    file!("sign-in-form.js"),
    file!("ui.js"),
    file!("ui/dialog.js"),
    file!("ui/fields.js"),
    file!("ui/parts.js"),
    file!("ui/table.js"),
    file!("ui/text.js"),
    file!("ui/toast.js"),
    file!("ui/work.js"),
    file!("vendor/lean-qr.js"),
    file!("vendor/preact.js"),
];
