//! A caller: its connection, its current call, and the reply.

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    os::fd::{AsFd, BorrowedFd},
    time::Duration,
};

use crate::Result;

/// More header fields than a reply has.
const MOST_FIELDS: usize = 32;

/// The connection blocks, but is read only when something has come, and written to only when all
/// before was answered, so that there is room.
pub(crate) struct Caller {
    stream: TcpStream,
    since: Duration,
    /// The beginning of a reply that has not arrived completely.
    begun: Vec<u8>,
}

/// A reply: success (2xx), or refused for now (429, 503).
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) retry_after: Option<Duration>,
}

impl Caller {
    pub(crate) fn connect(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, since: Duration::ZERO, begun: Vec::new() })
    }

    /// Sends a request that counts as made at `since`.
    pub(crate) fn send(&mut self, request: &[u8], since: Duration) -> Result<()> {
        self.since = since;
        Ok(self.stream.write_all(request)?)
    }

    /// When the call counts as made, since the beginning.
    pub(crate) fn since(&self) -> Duration {
        self.since
    }

    /// Reads what has arrived; returns the reply if it is complete.
    pub(crate) fn receive(&mut self, buffer: &mut [u8]) -> Result<Option<Answer>> {
        let length = self.stream.read(buffer)?;
        let come = buffer.get(..length).filter(|come| !come.is_empty());
        let come = come.ok_or("the service has hung up")?;
        if self.begun.is_empty()
            && let Some(answer) = Answer::parse(come)?
        {
            return Ok(Some(answer));
        }
        self.begun.extend_from_slice(come);
        let answer = Answer::parse(&self.begun)?;
        if answer.is_some() {
            self.begun.clear();
        }
        Ok(answer)
    }
}

impl AsFd for Caller {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.stream.as_fd()
    }
}

impl Answer {
    /// `None` if there is more to come.
    fn parse(bytes: &[u8]) -> Result<Option<Self>> {
        let mut fields = [httparse::EMPTY_HEADER; MOST_FIELDS];
        let mut head = httparse::Response::new(&mut fields);
        let httparse::Status::Complete(begin) = head.parse(bytes)? else { return Ok(None) };
        let status = head.code.ok_or("no HTTP answer")?;
        let (mut length, mut chunked, mut retry_after) = (0, false, None);
        for field in head.headers.iter() {
            if field.name.eq_ignore_ascii_case("content-length") {
                length = number(field.value)?;
            } else if field.name.eq_ignore_ascii_case("transfer-encoding") {
                chunked = true;
            } else if field.name.eq_ignore_ascii_case("retry-after") {
                retry_after = Some(Duration::from_secs(number(field.value)?));
            }
        }
        let body = bytes.get(begin..).unwrap_or_default();
        // In JSON there are no such line ends but around chunks.
        let is_whole =
            if chunked { body.ends_with(b"\r\n0\r\n\r\n") } else { body.len() as u64 >= length };
        if !is_whole {
            return Ok(None);
        }
        match status {
            200..300 | 429 | 503 => Ok(Some(Self { status, retry_after })),
            _ => Err(format!("answered with {status}: {}", String::from_utf8_lossy(body)).into()),
        }
    }
}

fn number(text: &[u8]) -> Result<u64> {
    Ok(str::from_utf8(text)?.parse()?)
}
