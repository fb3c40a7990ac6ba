//! A recorded HTTP reply, as `curl --include` prints it, to be sent again.

use std::io;

use http_body_util::Full;
use hyper::{
    Response,
    body::Bytes,
    header::{CONTENT_LENGTH, DATE, HeaderMap, HeaderName, HeaderValue},
};

/// The reply to all requests.
pub(crate) struct Answer {
    headers: HeaderMap,
    body: Bytes,
}

impl Answer {
    /// Parses the reply from a text.
    pub(crate) fn parse(recorded: &str) -> io::Result<Self> {
        let no_answer = || io::Error::other("the file does not hold an HTTP answer");
        let (head, body) = recorded.split_once("\r\n\r\n").ok_or_else(no_answer)?;
        let mut headers = HeaderMap::new();
        for line in head.lines().skip(1) {
            let (name, value) = line.split_once(": ").ok_or_else(no_answer)?;
            let name: HeaderName = name.parse().map_err(io::Error::other)?;
            // These two hyper makes itself.
            if name != CONTENT_LENGTH && name != DATE {
                headers.insert(name, HeaderValue::from_str(value).map_err(io::Error::other)?);
            }
        }
        Ok(Self { headers, body: Bytes::from(body.to_owned()) })
    }

    /// The same for every request.
    pub(crate) fn response(&self) -> Response<Full<Bytes>> {
        let mut response = Response::new(Full::new(self.body.clone()));
        *response.headers_mut() = self.headers.clone();
        response
    }
}
