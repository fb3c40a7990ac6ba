//! An issuer's key server on this machine, which answers as it is told and counts who asks.

use std::{
    convert::Infallible,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use http_body_util::Full;
use hyper::{
    Request, Response, StatusCode,
    body::Bytes,
    header::{DATE, HeaderValue, LOCATION},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::watch, task::AbortHandle};
use tokio_rustls::TlsAcceptor;

use crate::support::keys::Key;

/// What the server does with a request.
#[derive(Clone)]
pub(crate) enum Answer {
    /// `200` with this text.
    Text(String),
    /// The keys are to be had there.
    Moved(String),
    /// This status, with nothing.
    Status(StatusCode),
    /// Nothing, ever.
    Silence,
}

/// A running key server; stops when dropped.
pub(crate) struct KeyServer {
    pub(crate) address: SocketAddr,
    shared: Arc<Shared>,
    task: AbortHandle,
}

struct Shared {
    answer: Mutex<Answer>,
    /// What is said of the issuer, below any path.
    metadata: Mutex<Answer>,
    asked_metadata: AtomicUsize,
    date: Mutex<Option<&'static str>>,
    requests: watch::Sender<usize>,
}

impl KeyServer {
    /// A server that publishes these keys.
    pub(crate) async fn start(keys: &[&Key]) -> Self {
        Self::start_with(keys, None).await
    }

    /// The same over TLS.
    pub(crate) async fn start_with(keys: &[&Key], tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let answer = Mutex::new(set(&jwks(keys)));
        let shared = Arc::new(Shared {
            answer,
            metadata: Mutex::new(Answer::Status(StatusCode::NOT_FOUND)),
            asked_metadata: AtomicUsize::new(0),
            date: Mutex::default(),
            requests: watch::Sender::new(0),
        });
        let task = tokio::spawn(serve(listener, tls, Arc::clone(&shared))).abort_handle();
        Self { address, shared, task }
    }

    /// Where the keys are.
    pub(crate) fn url(&self) -> String {
        format!("http://{}/.well-known/jwks.json", self.address)
    }

    /// From now on says this of its issuer.
    pub(crate) fn describe(&self, metadata: &Value) {
        self.answer_metadata(Answer::Text(metadata.to_string()));
    }

    /// From now on answers like this when asked about its issuer.
    pub(crate) fn answer_metadata(&self, answer: Answer) {
        *self.shared.metadata.lock().unwrap() = answer;
    }

    /// How often it was asked about its issuer.
    pub(crate) fn metadata_requests(&self) -> usize {
        self.shared.asked_metadata.load(Ordering::SeqCst)
    }

    /// From now on publishes these keys.
    pub(crate) fn publish(&self, keys: &[&Key]) {
        self.answer(set(&jwks(keys)));
    }

    /// From now on publishes these JWKs.
    pub(crate) fn publish_raw(&self, jwks: &[Value]) {
        self.answer(set(jwks));
    }

    /// From now on answers like this.
    pub(crate) fn answer(&self, answer: Answer) {
        *self.shared.answer.lock().unwrap() = answer;
    }

    /// From now on its clock shows this.
    pub(crate) fn show_date(&self, date: &'static str) {
        *self.shared.date.lock().unwrap() = Some(date);
    }

    /// How many requests have come in.
    pub(crate) fn requests(&self) -> usize {
        *self.shared.requests.borrow()
    }

    /// Waits, within limits, for the request of this number.
    pub(crate) async fn reached(&self, number: usize) {
        let mut requests = self.shared.requests.subscribe();
        let request = requests.wait_for(|count| *count >= number);
        tokio::time::timeout(Duration::from_secs(20), request).await.unwrap().unwrap();
    }
}

impl Drop for KeyServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn jwks(keys: &[&Key]) -> Vec<Value> {
    keys.iter().map(|key| key.jwk()).collect()
}

fn set(jwks: &[Value]) -> Answer {
    Answer::Text(json!({ "keys": jwks }).to_string())
}

async fn serve(listener: TcpListener, tls: Option<TlsAcceptor>, shared: Arc<Shared>) {
    loop {
        let (socket, _) = listener.accept().await.unwrap();
        let (tls, shared) = (tls.clone(), Arc::clone(&shared));
        tokio::spawn(async move {
            let service = service_fn(|request| reply(request, Arc::clone(&shared)));
            let http = http1::Builder::new();
            // The client may hang up at any time.
            let _ = match tls {
                None => http.serve_connection(TokioIo::new(socket), service).await,
                Some(tls) => match tls.accept(socket).await {
                    Ok(socket) => http.serve_connection(TokioIo::new(socket), service).await,
                    Err(_) => return,
                },
            };
        });
    }
}

async fn reply(
    request: Request<hyper::body::Incoming>,
    shared: Arc<Shared>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let answer = if request.uri().path().ends_with("/.well-known/openid-configuration") {
        shared.asked_metadata.fetch_add(1, Ordering::SeqCst);
        shared.metadata.lock().unwrap().clone()
    } else {
        assert_eq!(request.uri().path(), "/.well-known/jwks.json");
        shared.requests.send_modify(|count| *count += 1);
        shared.answer.lock().unwrap().clone()
    };
    let mut response = Response::new(Full::default());
    match answer {
        Answer::Text(text) => *response.body_mut() = Full::new(Bytes::from(text)),
        Answer::Moved(to) => {
            *response.status_mut() = StatusCode::FOUND;
            response.headers_mut().insert(LOCATION, HeaderValue::from_str(&to).unwrap());
        }
        Answer::Status(status) => *response.status_mut() = status,
        Answer::Silence => std::future::pending().await,
    }
    if let Some(date) = *shared.date.lock().unwrap() {
        response.headers_mut().insert(DATE, HeaderValue::from_static(date));
    }
    Ok(response)
}
