//! A bare connection, for requests that no proper client would send.

use std::{net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// Longer than any limit that a test sets.
const PATIENCE: Duration = Duration::from_secs(20);

/// A connection to the service.
pub(crate) struct Raw(TcpStream);

impl Raw {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        Self(TcpStream::connect(address).await.unwrap())
    }

    /// Sends what it can: the service may have hung up.
    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        let _ = timeout(PATIENCE, self.0.write_all(bytes.as_ref())).await.expect("it stalls");
    }

    /// The same; whether it could be sent.
    pub(crate) async fn can_send(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        timeout(PATIENCE, self.0.write_all(bytes.as_ref())).await.expect("it stalls").is_ok()
    }

    /// Says that no more will come.
    pub(crate) async fn finish(&mut self) {
        let _ = self.0.shutdown().await;
    }

    /// All that comes until the service hangs up.
    pub(crate) async fn rest(&mut self) -> String {
        let mut bytes = Vec::new();
        // A reset is as good an end as any other.
        let _ = timeout(PATIENCE, self.0.read_to_end(&mut bytes)).await.expect("it hangs");
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// What comes until `count` answers have begun and the last one's `end` has come.
    pub(crate) async fn until(&mut self, count: usize, end: &str) -> String {
        let mut text = String::new();
        let mut buffer = [0; 4096];
        while text.matches("HTTP/1.1 ").count() < count || !text.ends_with(end) {
            let read = timeout(PATIENCE, self.0.read(&mut buffer)).await.expect("it hangs");
            let read = read.unwrap();
            assert!(read > 0, "hung up after {text:?}");
            text.push_str(&String::from_utf8_lossy(&buffer[..read]));
        }
        text
    }
}

/// The answer to these bytes, when nothing follows them.
pub(crate) async fn raw(address: SocketAddr, bytes: impl AsRef<[u8]>) -> String {
    let mut connection = Raw::connect(address).await;
    connection.send(bytes).await;
    connection.finish().await;
    connection.rest().await
}

/// A call with its headers, as bytes; `more` are further header lines.
pub(crate) fn post(path: &str, more: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nhost: test\r\ncontent-type: application/json\r\n\
         content-length: {length}\r\n{more}\r\n{body}"
    )
}
