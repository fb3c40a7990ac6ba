//! A proxy for HTTP, which takes every host for one address and tells what it was asked.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{
        AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader, copy_bidirectional,
    },
    net::{TcpListener, TcpStream},
    task::AbortHandle,
};

/// A running proxy; stops when dropped.
pub(crate) struct HttpProxy {
    pub(crate) address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
    task: AbortHandle,
}

impl HttpProxy {
    /// A proxy that leads to this address, whatever it is asked for.
    pub(crate) async fn start(target: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let heads = Arc::clone(&asked);
        let serve = async move {
            loop {
                let (socket, _) = listener.accept().await.unwrap();
                tokio::spawn(serve(socket, target, Arc::clone(&heads)));
            }
        };
        Self { address, asked, task: tokio::spawn(serve).abort_handle() }
    }

    /// The heads of the requests so far.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

impl Drop for HttpProxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(socket: TcpStream, target: SocketAddr, asked: Arc<Mutex<Vec<String>>>) {
    let mut client = BufReader::new(socket);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        client.read_line(&mut head).await.unwrap();
    }
    asked.lock().unwrap().push(head.clone());
    let mut server = TcpStream::connect(target).await.unwrap();
    if head.starts_with("CONNECT ") {
        client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await.unwrap();
        // Either side may hang up at any time.
        let _ = copy_bidirectional(&mut client, &mut server).await;
    } else {
        server.write_all(head.as_bytes()).await.unwrap();
        let mut reply = Vec::new();
        let mut chunk = [0; 4096];
        while !reply.ends_with(b"}") {
            let count = server.read(&mut chunk).await.unwrap();
            reply.extend_from_slice(&chunk[..count]);
        }
        client.write_all(&reply).await.unwrap();
    }
}
