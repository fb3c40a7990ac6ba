//! A plain HTTP client, so that tests see just what goes over the wire.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use http_body_util::{BodyExt, Full};
use hyper::{HeaderMap, Method, Request, body::Bytes, header};
use hyper_util::{client::legacy, rt::TokioExecutor};
use serde_json::Value;

use super::{contract::check_answer, problem::check_problem};

/// Talks to one service.
#[derive(Clone)]
pub(crate) struct Client {
    base: String,
    http: legacy::Client<legacy::connect::HttpConnector, Full<Bytes>>,
    /// The account that each token has logged in to last, which its calls name from then on, as clients do.
    accounts: Arc<Mutex<HashMap<String, String>>>,
}

/// What a service has answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Client {
    pub(crate) fn new(address: SocketAddr) -> Self {
        let http = legacy::Client::builder(TokioExecutor::new()).build_http();
        Self { base: format!("http://{address}"), http, accounts: Arc::default() }
    }

    /// Sends a request as it is.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(self.url(path));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let bearer = headers.iter().find(|(name, _)| *name == "authorization");
        let token = bearer.and_then(|(_, bearer)| bearer.strip_prefix("Bearer "));
        if let Some(account) = token.and_then(|token| self.account_of(token)) {
            request = request.header("x-account-id", account);
        }
        self.try_send(request.body(Full::new(body.into())).unwrap()).await.expect("an answer")
    }

    /// Sends a request to a service that may not live to answer it; an error must be a proper one.
    pub(crate) async fn try_send(&self, request: Request<Full<Bytes>>) -> Option<Answer> {
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let answer = self.exchange(request).await?;
        if answer.status >= 400 && method != Method::HEAD {
            check_problem(&answer);
        }
        if method == Method::POST {
            check_answer(&path, &answer);
        }
        Some(answer)
    }

    /// Sends a request to a service that may not live to answer it, whatever its errors look like.
    pub(crate) async fn exchange(&self, request: Request<Full<Bytes>>) -> Option<Answer> {
        let (head, body) = self.http.request(request).await.ok()?.into_parts();
        let body = body.collect().await.ok()?.to_bytes();
        Some(Answer { status: head.status.as_u16(), headers: head.headers, body })
    }

    /// The URL of a path of the service.
    pub(super) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// Makes a call of the native interface; an empty token sends none.
    pub(crate) async fn call(&self, name: &str, token: &str, body: Value) -> Answer {
        self.try_call(name, token, body).await.expect("an answer")
    }

    /// The same, about that account; about none in particular if it is empty.
    pub(crate) async fn call_in(
        &self,
        account: &str,
        name: &str,
        token: &str,
        body: Value,
    ) -> Answer {
        self.try_call_in(account, name, token, body).await.expect("an answer")
    }

    /// As [`Client::call_in`], to a service that may not live to answer it.
    pub(crate) async fn try_call_in(
        &self,
        account: &str,
        name: &str,
        token: &str,
        body: Value,
    ) -> Option<Answer> {
        let mut request = Request::post(self.url(&format!("/{name}")))
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::AUTHORIZATION, format!("Bearer {token}"));
        if !account.is_empty() {
            request = request.header("x-account-id", account);
        }
        self.try_send(request.body(Full::new(body.to_string().into())).unwrap()).await
    }

    fn account_of(&self, token: &str) -> Option<String> {
        self.accounts.lock().unwrap().get(token).cloned()
    }

    /// Calls with a newer token are about the same account.
    pub(crate) fn take_over(&self, token: &str, newer: &str) {
        if let Some(account) = self.account_of(token) {
            self.accounts.lock().unwrap().insert(newer.to_owned(), account);
        }
    }

    fn note_account(&self, token: &str, answer: &Answer) {
        let account = serde_json::from_slice::<Value>(&answer.body)
            .ok()
            .and_then(|reply| Some(reply["account"]["id"].as_str()?.to_owned()));
        if let Some(account) = account {
            self.accounts.lock().unwrap().insert(token.to_owned(), account);
        }
    }

    /// As [`Client::call`], with an `Idempotency-Key`.
    pub(crate) async fn call_once(
        &self,
        key: &str,
        name: &str,
        token: &str,
        body: &Value,
    ) -> Answer {
        let bearer = format!("Bearer {token}");
        let mut headers = vec![("content-type", "application/json"), ("idempotency-key", key)];
        if !token.is_empty() {
            headers.push(("authorization", &bearer));
        }
        self.send(Method::POST, &format!("/{name}"), &headers, body.to_string()).await
    }

    /// As [`Client::call`], by way of a proxy that says where the call comes from.
    pub(crate) async fn call_from(
        &self,
        address: &str,
        name: &str,
        token: &str,
        body: Value,
    ) -> Answer {
        let bearer = format!("Bearer {token}");
        let mut headers = vec![("content-type", "application/json"), ("x-forwarded-for", address)];
        if !token.is_empty() {
            headers.push(("authorization", &bearer));
        }
        self.send(Method::POST, &format!("/{name}"), &headers, body.to_string()).await
    }

    /// As [`Client::call`], to a service that may not live to answer it.
    pub(crate) async fn try_call(&self, name: &str, token: &str, body: Value) -> Option<Answer> {
        let mut request = Request::post(format!("{}/{name}", self.base))
            .header(header::CONTENT_TYPE, "application/json");
        if !token.is_empty() {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        if let Some(account) = self.account_of(token) {
            request = request.header("x-account-id", account);
        }
        let request = request.body(Full::new(body.to_string().into())).unwrap();
        let answer = self.try_send(request).await?;
        if name == "user/login" && answer.status == 200 {
            self.note_account(token, &answer);
        }
        Some(answer)
    }
}

impl Answer {
    /// A header's value, if it is there.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The body without what differs from one request to the next.
    pub(crate) fn but_for_its_id(&self) -> String {
        let id = self.header("x-request-id").unwrap();
        String::from_utf8(self.body.to_vec()).unwrap().replace(id, "")
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {:?}", self.body))
    }

    /// The reply of a call that must have succeeded.
    #[track_caller]
    pub(crate) fn ok(&self) -> Value {
        assert_eq!(self.status, 200, "{}", self.json());
        self.json()
    }

    /// Status and code, such as `409 email_taken`; `200` for success.
    pub(crate) fn outcome(&self) -> String {
        match self.status {
            200 => "200".to_owned(),
            status => {
                format!("{status} {}", self.json()["code"].as_str().unwrap_or("without code"))
            }
        }
    }

    /// Which fields are at fault, such as `email:required role:in`.
    pub(crate) fn faults(&self) -> String {
        let json = self.json();
        let faults = json["errors"].as_array().cloned().unwrap_or_default();
        let text = |fault: &Value| {
            let part = |name: &str| fault[name].as_str().unwrap_or("?").to_owned();
            format!("{}:{}", part("field"), part("code"))
        };
        faults.iter().map(text).collect::<Vec<_>>().join(" ")
    }
}
