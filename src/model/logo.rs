//! An account's logo: a small PNG or SVG picture, made anew of what was sent so that nothing is in it but a picture.

mod png;
mod svg;

use aws_lc_rs::digest::{Context, SHA256};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::model::{
    fields::{Flaw, FromField},
    id::AccountId,
};

/// The largest logo, in bytes.
pub(crate) const MAX_BYTES: usize = 32 * 1024;
/// The longest text of one in base64.
pub(crate) const MAX_CHARS: usize = MAX_BYTES.div_ceil(3) * 4;

/// So many bytes have a longer text than a logo may have.
pub(crate) const TOO_MANY_BYTES: u64 = (MAX_CHARS / 4 * 3 + 1) as u64;

/// A picture as requests have it, whatever it is.
pub(crate) fn sent(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// What kind of picture a logo is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogoKind {
    Png,
    Svg,
}

impl LogoKind {
    /// What it is to browsers.
    pub(crate) const fn media_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Svg => "image/svg+xml; charset=utf-8",
        }
    }
}

/// A picture that may be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Logo {
    pub(crate) kind: LogoKind,
    pub(crate) bytes: Vec<u8>,
}

/// What an account's record says of its logo.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LogoMark {
    /// Under which it is found.
    pub(crate) digest: LogoDigest,
    /// What kind of picture it is.
    pub(crate) kind: LogoKind,
}

/// The name of an account's logo, which nobody finds who does not know account and picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct LogoDigest(String);

impl LogoDigest {
    /// Reads the digest of a path.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let is_of_one = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        (text.len() == 43 && text.bytes().all(is_of_one)).then(|| Self(text.to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl LogoMark {
    /// Where the logo is, below the base path.
    pub(crate) fn path(&self) -> String {
        format!("logos/{}", self.digest.as_str())
    }
}

impl Logo {
    /// Reads a picture, and makes it anew of what belongs to one.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, String> {
        let most = MAX_BYTES / 1024;
        if bytes.len() > MAX_BYTES {
            let size = bytes.len().div_ceil(1024);
            return Err(format!("must be at most {most} KiB, and is {size} KiB"));
        }
        let (kind, bytes) = if bytes.starts_with(&png::SIGNATURE) {
            (LogoKind::Png, png::rebuilt(bytes)?)
        } else {
            let text = std::str::from_utf8(bytes)
                .map_err(|_| "must be a PNG or an SVG picture; an SVG must be in UTF-8")?;
            (LogoKind::Svg, svg::rebuilt(text)?.into_bytes())
        };
        if bytes.len() > MAX_BYTES {
            return Err(format!("must be at most {most} KiB after conversion, too"));
        }
        Ok(Self { kind, bytes })
    }

    /// What is known of it beside the account.
    pub(crate) fn mark(&self, account: AccountId) -> LogoMark {
        let mut context = Context::new(&SHA256);
        for part in ["logo", &account.to_string(), self.kind.media_type()] {
            context.update(part.as_bytes());
            context.update(b"\0");
        }
        context.update(&self.bytes);
        let digest = LogoDigest(URL_SAFE_NO_PAD.encode(context.finish()));
        LogoMark { digest, kind: self.kind }
    }

    /// One that was stored, in base64; `None` if it is none.
    pub(crate) fn from_base64(kind: LogoKind, text: &str) -> Option<Self> {
        STANDARD.decode(text).ok().map(|bytes| Self { kind, bytes })
    }

    /// As text, as requests and exports have it.
    pub(crate) fn to_base64(&self) -> String {
        STANDARD.encode(&self.bytes)
    }
}

impl FromField for Logo {
    fn from_field(value: Value) -> Result<Self, Flaw> {
        let text = String::from_field(value)?;
        if text.len() > MAX_CHARS {
            let why = format!("must be at most {} KiB", MAX_BYTES / 1024);
            return Err(Flaw::Value("length", why));
        }
        let bytes = STANDARD.decode(text);
        let bytes = bytes.map_err(|_| Flaw::Value("format", "must be in base64".to_owned()))?;
        Self::read(&bytes).map_err(|why| Flaw::Value("picture", why))
    }
}
