//! What a façade gets and gives: a request taken apart, and a response to be put together.

use std::net::IpAddr;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::{
    api::Credentials,
    error::{Code, Error, Result},
};

/// The methods that façades tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "they are those of HTTP")]
pub enum Method {
    Get,
    Post,
    Patch,
    Delete,
    /// Any other.
    Other,
}

/// A request to a façade. Not to be printed: there may be passwords in it.
pub struct Request {
    /// What is asked for.
    pub method: Method,
    /// The parts of the path below the base path, decoded.
    pub path: Vec<String>,
    /// The parameters of the query string, decoded.
    pub query: Vec<(String, String)>,
    /// What the caller shows.
    pub credentials: Credentials,
    /// The URL of the base path as the client sees it, without a `/` at its end.
    pub base_url: String,
    /// The body.
    pub body: Body,
    /// Where the request comes from.
    pub address: IpAddr,
    /// The program that sent it, as it calls itself.
    pub agent: Option<String>,
}

/// A request's body, before anything is known of it but what it is said to be.
pub enum Body {
    /// Fields of a form (`application/x-www-form-urlencoded`).
    Form(Vec<u8>),
    /// JSON, or nothing.
    Json(Vec<u8>),
}

impl Body {
    /// The fields in the body; what is no object has none.
    ///
    /// # Errors
    /// `malformed_json`
    pub fn fields(&self) -> Result<Map<String, Value>> {
        match self {
            Self::Form(bytes) => {
                let pairs = form_urlencoded::parse(bytes).into_owned();
                Ok(pairs.map(|(name, value)| (name, Value::String(value))).collect())
            }
            Self::Json(bytes) if bytes.is_empty() => Ok(Map::new()),
            Self::Json(bytes) => match serde_json::from_slice(bytes) {
                Ok(Value::Object(fields)) => Ok(fields),
                Ok(_) => Ok(Map::new()),
                Err(error) => {
                    let why = format!("The body is not valid JSON: {error}.");
                    Err(Error::new(Code::MalformedJson, why))
                }
            },
        }
    }
}

impl Request {
    /// The parts of the path, for matching.
    pub fn parts(&self) -> Vec<&str> {
        self.path.iter().map(String::as_str).collect()
    }

    /// The last value of a parameter of the query string.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let mut pairs = self.query.iter().rev();
        pairs.find(|pair| pair.0 == name).map(|pair| pair.1.as_str())
    }
}

/// A number as people write one in a path: digits, and no more.
pub(super) fn number(text: &str) -> Option<u64> {
    text.parse().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()))
}

/// A façade's answer.
#[derive(Debug)]
pub struct Response {
    /// The status.
    pub status: u16,
    /// The JSON of the body; none if it is empty.
    pub json: Option<String>,
    /// Headers besides those that every answer has.
    pub headers: Vec<(&'static str, String)>,
}

impl Response {
    /// An answer with a body.
    pub fn json(status: u16, body: &impl Serialize) -> Self {
        match serde_json::to_string(body) {
            Ok(json) => Self { status, json: Some(json), headers: Vec::new() },
            Err(_) => Self { status: 500, json: None, headers: Vec::new() },
        }
    }

    /// An answer without a body.
    pub const fn empty(status: u16) -> Self {
        Self { status, json: None, headers: Vec::new() }
    }

    /// The seconds after which it says that the client may come again.
    pub(super) fn seconds_to_wait(&self) -> Option<u64> {
        let (_, seconds) = self.headers.iter().find(|(name, _)| *name == "retry-after")?;
        seconds.parse().ok()
    }

    /// The same with one more header.
    #[must_use]
    pub fn with(mut self, header: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((header, value.into()));
        self
    }
}
