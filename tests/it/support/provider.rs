//! A provider of a test's own: it speaks `OpenID` Connect, or as GitHub does, says of people what it is told to, and can be
//! told to lie.

use std::{
    collections::HashMap,
    convert::Infallible,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use guestlist::{
    clock::Clock,
    web::{Dial, Stream},
};
use http_body_util::{BodyExt, Full};
use hyper::{
    Method, Request, Response, StatusCode,
    body::{Bytes, Incoming},
    header,
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::AbortHandle};
use tokio_rustls::TlsAcceptor;

use super::keys::Key;

/// What the service is known by.
pub(crate) const CLIENT_ID: &str = "guestlist-app";
/// What it shows.
pub(crate) const CLIENT_SECRET: &str = "s3cret & odd: %";

/// A running provider; stops when dropped.
pub(crate) struct Provider {
    shared: Arc<Shared>,
    task: Option<AbortHandle>,
}

/// What has come back from it, as a page finds it in its URL.
#[derive(Clone)]
pub(crate) struct Back {
    pub(crate) code: String,
    pub(crate) state: String,
}

struct Shared {
    issuer: String,
    clock: Clock,
    behaviour: Mutex<Behaviour>,
    grants: Mutex<HashMap<String, Grant>>,
    codes: AtomicU64,
    requests: Mutex<Vec<String>>,
    secrets: Mutex<Vec<String>>,
}

/// What it does.
#[derive(Clone)]
pub(crate) struct Behaviour {
    pub(crate) key: Key,
    /// What its metadata say besides.
    pub(crate) metadata: Value,
    /// What its tokens say besides, or instead.
    pub(crate) claims: Value,
    /// The key that clients sign their secrets with, if it takes no other ones.
    pub(crate) client_key: Option<Key>,
    /// What its token endpoint replies instead of tokens.
    pub(crate) token_reply: Option<(StatusCode, Value)>,
    /// Whether it answers nothing, ever.
    pub(crate) silent: bool,
    /// How long each of its answers takes.
    pub(crate) rest: Duration,
}

struct Grant {
    claims: Value,
    challenge: String,
    nonce: String,
    redirect_uri: String,
}

impl Provider {
    pub(crate) async fn start(clock: &Clock) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Shared::new(format!("http://{address}"), clock);
        let task = tokio::spawn(serve(listener, Arc::clone(&shared))).abort_handle();
        Self { shared, task: Some(task) }
    }

    /// One by another name, with the certificate of that, and where it listens.
    pub(crate) async fn start_secure(
        issuer: &str,
        acceptor: TlsAcceptor,
        clock: &Clock,
    ) -> (Self, SocketAddr) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Shared::new(issuer.to_owned(), clock);
        let served = Arc::clone(&shared);
        let serve = async move {
            loop {
                let (socket, _) = listener.accept().await.unwrap();
                let (acceptor, served) = (acceptor.clone(), Arc::clone(&served));
                tokio::spawn(async move {
                    serve_on(acceptor.accept(socket).await.unwrap(), served).await;
                });
            }
        };
        let task = tokio::spawn(serve).abort_handle();
        (Self { shared, task: Some(task) }, address)
    }

    /// One that is called without a network, by what this returns.
    pub(crate) fn nearby(clock: &Clock) -> (Self, Dial) {
        let shared = Shared::new("http://127.0.0.1:1".to_owned(), clock);
        let served = Arc::clone(&shared);
        let dial = move || -> Box<dyn Stream> {
            let (near, far) = tokio::io::duplex(64 * 1024);
            tokio::spawn(serve_on(far, Arc::clone(&served)));
            Box::new(near)
        };
        (Self { shared, task: None }, Arc::new(dial))
    }

    pub(crate) fn issuer(&self) -> &str {
        &self.shared.issuer
    }

    /// The flag that names it, with more of it behind.
    pub(crate) fn flag(&self, name: &str, more: &str) -> String {
        let secret = CLIENT_SECRET;
        format!(
            "--provider=name={name},issuer={},client_id={CLIENT_ID},client_secret={secret}{more}",
            self.issuer()
        )
    }

    /// From now on it does something else.
    pub(crate) fn change(&self, change: impl FnOnce(&mut Behaviour)) {
        change(&mut self.shared.behaviour.lock().unwrap());
    }

    /// What it was asked for: method and path.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.shared.requests.lock().unwrap().clone()
    }

    /// The secrets that clients have shown in a form.
    pub(crate) fn secrets(&self) -> Vec<String> {
        self.shared.secrets.lock().unwrap().clone()
    }

    /// Somebody says yes who was sent there by that URL, and of whom it says this.
    pub(crate) fn consent(&self, url: &str, claims: Value) -> Back {
        let sent: HashMap<String, String> = query_of(url);
        let text = |name: &str| sent.get(name).cloned().unwrap_or_default();
        assert_eq!(text("response_type"), "code", "{url}");
        assert_eq!(text("client_id"), CLIENT_ID, "{url}");
        assert_eq!(text("code_challenge_method"), "S256", "{url}");
        let number = self.shared.codes.fetch_add(1, Ordering::Relaxed);
        let code = format!("code-{number}");
        let grant = Grant {
            claims,
            challenge: text("code_challenge"),
            nonce: text("nonce"),
            redirect_uri: text("redirect_uri"),
        };
        self.shared.grants.lock().unwrap().insert(code.clone(), grant);
        Back { code, state: text("state") }
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

/// The parameters of a URL's query.
pub(crate) fn query_of(url: &str) -> HashMap<String, String> {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}

async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    loop {
        let (socket, _) = listener.accept().await.unwrap();
        tokio::spawn(serve_on(socket, Arc::clone(&shared)));
    }
}

async fn serve_on(stream: impl Stream + 'static, shared: Arc<Shared>) {
    let service = service_fn(|request| reply(request, Arc::clone(&shared)));
    // The client may hang up at any time.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

async fn reply(
    request: Request<Incoming>,
    shared: Arc<Shared>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let path = head.uri.path().to_owned();
    shared.requests.lock().unwrap().push(format!("{} {path}", head.method));
    let body = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let behaviour = shared.behaviour.lock().unwrap().clone();
    if behaviour.silent {
        std::future::pending::<()>().await;
    }
    tokio::time::sleep(behaviour.rest).await;
    let bearer = head.headers.get(header::AUTHORIZATION).and_then(|it| it.to_str().ok());
    let (status, value) = match (&head.method, path.as_str()) {
        (&Method::GET, "/.well-known/openid-configuration") => {
            (StatusCode::OK, shared.metadata(&behaviour))
        }
        (&Method::GET, "/keys") => (StatusCode::OK, json!({"keys": [behaviour.key.jwk()]})),
        (&Method::POST, "/token") => shared.token(&behaviour, &body, bearer),
        (&Method::POST, "/login/oauth/access_token") => shared.git_hub_token(&behaviour, &body),
        (&Method::GET, "/api/v3/user") => (StatusCode::OK, Shared::git_hub(bearer, "user")),
        (&Method::GET, "/api/v3/user/emails") => {
            (StatusCode::OK, Shared::git_hub(bearer, "emails"))
        }
        _ => (StatusCode::NOT_FOUND, json!({})),
    };
    let mut response = Response::new(Full::from(value.to_string()));
    *response.status_mut() = status;
    Ok(response)
}

impl Shared {
    fn new(issuer: String, clock: &Clock) -> Arc<Self> {
        let behaviour = Behaviour {
            key: Key::p256("first"),
            metadata: json!({}),
            claims: json!({}),
            client_key: None,
            token_reply: None,
            silent: false,
            rest: Duration::ZERO,
        };
        Arc::new(Self {
            issuer,
            clock: clock.clone(),
            behaviour: Mutex::new(behaviour),
            grants: Mutex::default(),
            codes: AtomicU64::default(),
            requests: Mutex::default(),
            secrets: Mutex::default(),
        })
    }

    fn metadata(&self, behaviour: &Behaviour) -> Value {
        let at = |path: &str| format!("{}{path}", self.issuer);
        let metadata = json!({
            "issuer": self.issuer,
            "authorization_endpoint": at("/authorize"),
            "token_endpoint": at("/token"),
            "jwks_uri": at("/keys"),
            "code_challenge_methods_supported": ["plain", "S256"],
        });
        merged(metadata, &behaviour.metadata)
    }

    /// Takes a grant that the form is for.
    fn take(&self, form: &HashMap<String, String>) -> Option<Grant> {
        let text = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
        let grant = self.grants.lock().unwrap().remove(text("code"))?;
        let challenge =
            URL_SAFE_NO_PAD.encode(digest(&SHA256, text("code_verifier").as_bytes()).as_ref());
        (challenge == grant.challenge && text("redirect_uri") == grant.redirect_uri)
            .then_some(grant)
    }

    fn token(
        &self,
        behaviour: &Behaviour,
        body: &[u8],
        authorization: Option<&str>,
    ) -> (StatusCode, Value) {
        if let Some(reply) = behaviour.token_reply.clone() {
            return reply;
        }
        let form: HashMap<String, String> = form_urlencoded::parse(body).into_owned().collect();
        let basic =
            |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let expected = format!("{}:{}", basic(CLIENT_ID), basic(CLIENT_SECRET));
        let expected =
            format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(expected));
        let secret = form.get("client_secret").map(String::as_str).unwrap_or_default();
        self.secrets.lock().unwrap().push(secret.to_owned());
        let in_form = match &behaviour.client_key {
            None => secret == CLIENT_SECRET,
            Some(key) => key.opened(secret).is_some(),
        };
        if authorization != Some(expected.as_str()) && !in_form {
            return (StatusCode::UNAUTHORIZED, json!({"error": "invalid_client"}));
        }
        let Some(grant) = self.take(&form) else {
            return (StatusCode::BAD_REQUEST, json!({"error": "invalid_grant"}));
        };
        let now = self.clock.now().millis() / 1000;
        let claims = json!({
            "iss": self.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 300, "nonce": grant.nonce,
        });
        let claims = merged(merged(claims, &grant.claims), &behaviour.claims);
        let token = behaviour.key.token(&claims);
        (StatusCode::OK, json!({"token_type": "Bearer", "access_token": "x", "id_token": token}))
    }

    fn git_hub_token(&self, behaviour: &Behaviour, body: &[u8]) -> (StatusCode, Value) {
        if let Some(reply) = behaviour.token_reply.clone() {
            return reply;
        }
        let form: HashMap<String, String> = form_urlencoded::parse(body).into_owned().collect();
        let Some(grant) = self.take(&form) else {
            return (StatusCode::OK, json!({"error": "bad_verification_code"}));
        };
        let token = URL_SAFE_NO_PAD.encode(grant.claims.to_string());
        (StatusCode::OK, json!({"token_type": "bearer", "access_token": token}))
    }

    fn git_hub(bearer: Option<&str>, part: &str) -> Value {
        let token = bearer.and_then(|it| it.strip_prefix("Bearer ")).unwrap();
        let claims: Value =
            serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token).unwrap()).unwrap();
        claims[part].clone()
    }
}

/// The members of both; null takes one away.
fn merged(mut one: Value, other: &Value) -> Value {
    for (name, value) in other.as_object().unwrap() {
        if value.is_null() {
            one.as_object_mut().unwrap().remove(name);
        } else {
            one[name] = value.clone();
        }
    }
    one
}
