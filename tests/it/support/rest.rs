//! Requests as clients of a façade send them, and their conversations as text.

use std::fmt::Write as _;

use guestlist::facade::Facade;
use hyper::{Method, Request, body::Bytes};
use serde_json::Value;

use super::{
    client::{Answer, Client},
    world::World,
};

/// A client of a façade.
#[derive(Clone)]
pub(crate) struct Rest {
    client: Client,
    facade: Facade,
}

/// What a request has in its body.
pub(crate) enum Content {
    Nothing,
    Json(Value),
    /// Bytes, and what they are said to be.
    Raw(&'static str, Bytes),
}

impl Rest {
    pub(crate) fn new(world: &World, facade: Facade) -> Self {
        Self { client: world.client.clone(), facade }
    }

    /// Sends a request in the façade's manner; an empty token shows none.
    pub(crate) async fn send(
        &self,
        method: &Method,
        path: &str,
        token: &str,
        content: Content,
    ) -> Answer {
        let (kind, body) = match content {
            Content::Nothing => (None, Bytes::new()),
            Content::Json(json) => (Some("application/json"), json.to_string().into()),
            Content::Raw(kind, bytes) => (Some(kind), bytes),
        };
        let mut headers: Vec<_> = kind.map(|kind| ("content-type", kind)).into_iter().collect();
        let shown = match self.facade {
            Facade::Panel => format!("Bearer {token}"),
            Facade::Meiro => token.to_owned(),
        };
        if !token.is_empty() {
            headers.push((self.facade.token_header(), &shown));
        }
        self.exchange(method, path, &headers, body).await
    }

    /// Sends a request as it is.
    pub(crate) async fn exchange(
        &self,
        method: &Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(self.client.url(path));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(http_body_util::Full::new(body.into())).unwrap();
        self.client.exchange(request).await.expect("an answer")
    }

    pub(crate) async fn get(&self, path: &str, token: &str) -> Answer {
        self.send(&Method::GET, path, token, Content::Nothing).await
    }

    pub(crate) async fn post(&self, path: &str, token: &str, body: Value) -> Answer {
        self.send(&Method::POST, path, token, Content::Json(body)).await
    }

    pub(crate) async fn patch(&self, path: &str, token: &str, body: Value) -> Answer {
        self.send(&Method::PATCH, path, token, Content::Json(body)).await
    }

    pub(crate) async fn delete(&self, path: &str, token: &str) -> Answer {
        self.send(&Method::DELETE, path, token, Content::Nothing).await
    }
}

impl Answer {
    /// The reply of a request that must have this status.
    #[track_caller]
    pub(crate) fn with_status(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.body));
        if self.body.is_empty() { Value::Null } else { self.json() }
    }
}

/// A conversation with a façade that is written down. What differs from run to run is taken out: ids and
/// the service's address.
pub(crate) struct Talk {
    rest: Rest,
    host: String,
    /// The headers of answers that are written down where they are there.
    headers: &'static [&'static str],
    text: String,
}

impl Talk {
    pub(crate) fn new(world: &World, facade: Facade, headers: &'static [&'static str]) -> Self {
        let host = world.address.to_string();
        Self { rest: Rest::new(world, facade), host, headers, text: String::new() }
    }

    pub(crate) fn title(&mut self, title: &str) {
        let _ = writeln!(self.text, "== {title}\n");
    }

    /// Sends a request, and writes down what was said.
    pub(crate) async fn say(
        &mut self,
        who: &str,
        token: &str,
        method: Method,
        path: &str,
        content: Content,
    ) -> Answer {
        let body = match &content {
            Content::Nothing => String::new(),
            Content::Json(json) => format!(" {json}"),
            Content::Raw(kind, bytes) => format!(" {kind}: {}", String::from_utf8_lossy(bytes)),
        };
        let answer = self.rest.send(&method, path, token, content).await;
        let mut text = format!("{who}: {method} {path}{body}\n{}", answer.status);
        for name in self.headers {
            if let Some(value) = answer.header(name) {
                let _ = write!(text, "\n{name}: {value}");
            }
        }
        if !answer.body.is_empty() {
            let json = serde_json::from_slice::<Box<serde_json::value::RawValue>>(&answer.body);
            let _ = write!(text, "\n{}", pretty(json.expect("JSON").get()));
        }
        let text = without_ids(&text.replace(&self.host, "HOST"));
        let _ = writeln!(self.text, "{text}\n");
        answer
    }

    /// All that was written down.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }
}

/// JSON on lines of its own, its members in the order in which they came.
fn pretty(json: &str) -> String {
    let (mut text, mut depth, mut quoted, mut escaped) = (String::new(), 0_usize, false, false);
    let mut rest = json.chars().peekable();
    let line = |text: &mut String, depth: usize| {
        text.push('\n');
        text.push_str(&"  ".repeat(depth));
    };
    while let Some(c) = rest.next() {
        if quoted {
            text.push(c);
            quoted = escaped || c != '"';
            escaped = c == '\\' && !escaped;
            continue;
        }
        match c {
            '{' | '[' => {
                text.push(c);
                if let Some(end) = rest.next_if(|next| matches!(next, '}' | ']')) {
                    text.push(end);
                } else {
                    depth += 1;
                    line(&mut text, depth);
                }
            }
            '}' | ']' => {
                depth -= 1;
                line(&mut text, depth);
                text.push(c);
            }
            ',' => {
                text.push(c);
                line(&mut text, depth);
            }
            ':' => text.push_str(": "),
            '"' => {
                quoted = true;
                text.push(c);
            }
            _ => text.push(c),
        }
    }
    text
}

/// A text with `<id>` in place of each UUID.
fn without_ids(text: &str) -> String {
    let is_id = |part: &str| {
        let groups: Vec<_> = part.split('-').map(str::len).collect();
        groups == [8, 4, 4, 4, 12]
    };
    let inside = |c: char| c.is_ascii_hexdigit() || c == '-';
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let length = rest.find(|c| !inside(c)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(length);
        out.push_str(if is_id(word) { "<id>" } else { word });
        let next = after.chars().next().map_or(0, char::len_utf8);
        out.push_str(&after[..next]);
        rest = &after[next..];
    }
    out
}
