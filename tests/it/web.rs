//! Calls of other services: through which proxies they go, and what they send and take.

use std::net::SocketAddr;

use guestlist::web::{ClientAuth, FetchError, PlainHttp, Web, WebProxies, WebUrl};
use hyper::StatusCode;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
    task::JoinHandle,
};

use crate::support::{
    certificates::Certificates,
    http_proxy::HttpProxy,
    jwks::{Answer, KeyServer},
    keys::Key,
    process::Site,
};

const JSON: &str = "application/json";

fn anywhere(url: &str) -> WebUrl {
    WebUrl::parse(url, PlainHttp::Anywhere).unwrap()
}

async fn get(web: &Web, url: &str) -> Result<Value, FetchError> {
    web.get(&anywhere(url), JSON, None).await?.ok()?.json()
}

/// A server for one request: what it was asked, once it has replied.
async fn once(reply: &'static str) -> (SocketAddr, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let asked = tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let (mut asked, mut chunk) = (String::new(), [0; 4096]);
        while !asked.ends_with("\r\n\r\n") && !asked.ends_with("=end") {
            let count = socket.read(&mut chunk).await.unwrap();
            asked.push_str(std::str::from_utf8(&chunk[..count]).unwrap());
        }
        socket.write_all(reply.as_bytes()).await.unwrap();
        asked
    });
    (address, asked)
}

#[tokio::test]
async fn plain_calls_go_through_the_proxy_but_for_this_machine() {
    let server = KeyServer::start(&[&Key::p256("a")]).await;
    let proxy = HttpProxy::start(server.address).await;
    let through = |none: &str| {
        let http = Some(format!("http://user:p%20w@{}", proxy.address));
        Web::new(&WebProxies { https: None, http, none: Some(none.to_owned()) })
    };
    let web = through("other.test, 10.0.0.0/8");
    let url = "http://keys.test:8080/.well-known/jwks.json";
    assert_eq!(get(&web, url).await.unwrap()["keys"][0]["kid"], "a");
    let [head] = proxy.asked().try_into().unwrap();
    assert!(head.starts_with(&format!("GET {url} HTTP/1.1\r\n")), "{head}");
    assert!(head.contains("\r\nhost: keys.test:8080\r\n"), "{head}");
    assert!(head.contains("\r\nproxy-authorization: Basic dXNlcjpwIHc=\r\n"), "{head}");

    get(&web, &server.url()).await.unwrap();
    for exception in ["keys.test", ".test", "*"] {
        let direct = get(&through(exception), url).await;
        assert!(matches!(direct, Err(FetchError::Connection(_))), "{direct:?}");
    }
    assert_eq!(proxy.asked().len(), 1);
}

#[tokio::test]
async fn secure_calls_go_through_a_tunnel() {
    let certificates = Certificates::new();
    let server = KeyServer::start_with(&[&Key::p256("a")], Some(certificates.acceptor())).await;
    let proxy = HttpProxy::start(server.address).await;
    let check = async |variables: &[(&str, &str)]| {
        let site = Site::sqlite()
            .with("--issuer=issuer=https://issuer.test/,audience=app,jwks_url=https://issuer.test/.well-known/jwks.json")
            .variable("SSL_CERT_FILE", certificates.path("ca.pem"));
        let site = variables.iter().fold(site, |site, (name, value)| site.variable(name, *value));
        let report = site.run(&["check"]).await.stdout;
        let mut lines = report.lines();
        lines
            .find_map(|line| line.split_once("  issuer https://issuer.test/: "))
            .unwrap()
            .1
            .to_owned()
    };
    let url = format!("http://{}", proxy.address);
    assert_eq!(check(&[("HTTPS_PROXY", &url)]).await, "1 key (ES256)");
    let [head] = proxy.asked().try_into().unwrap();
    assert!(head.starts_with("CONNECT issuer.test:443 HTTP/1.1\r\n"), "{head}");
    // Small letters count before capitals, and a proxy for one kind before the one for all.
    let elsewhere = "http://127.0.0.1:1";
    let both = [("HTTPS_PROXY", elsewhere), ("https_proxy", &url), ("ALL_PROXY", elsewhere)];
    assert_eq!(check(&both).await, "1 key (ES256)");
    assert_eq!(check(&[("all_proxy", &url)]).await, "1 key (ES256)");
    assert_eq!(proxy.asked().len(), 3);
    for without in [("NO_PROXY", "issuer.test"), ("HTTP_PROXY", &url)] {
        let name = if without.0 == "NO_PROXY" { ("HTTPS_PROXY", &*url) } else { without };
        let failed = check(&[name, without]).await;
        assert!(failed.starts_with("the connection failed: "), "{failed}");
    }
    let closed = check(&[("HTTPS_PROXY", elsewhere)]).await;
    assert!(closed.contains("refused"), "{closed}");
    let socks = check(&[("HTTPS_PROXY", "socks5://127.0.0.1:1")]).await;
    let why = "the proxy socks5://127.0.0.1:1/ cannot be used; HTTPS_PROXY and HTTP_PROXY must begin with http://";
    assert_eq!(socks, why);
    assert_eq!(proxy.asked().len(), 3);
}

#[tokio::test]
async fn a_variable_that_names_no_proxy_is_a_fault_of_the_settings() {
    let site = Site::sqlite().variable("HTTPS_PROXY", "ftp://user:secret@proxy");
    let said = site.run(&["check"]).await.failure();
    let why = "HTTPS_PROXY: must be a URL such as http://proxy.example.com:3128\n";
    assert!(said.ends_with(why) && !said.contains("secret"), "{said}");
    let empty = Site::sqlite().variable("HTTPS_PROXY", "").variable("no_proxy", "");
    empty.run(&["check"]).await.ok();
}

#[tokio::test]
async fn a_form_is_sent_and_any_status_taken() {
    let refused =
        "HTTP/1.1 400 Bad Request\r\ncontent-length: 25\r\n\r\n{\"error\":\"invalid_grant\"}";
    let (address, asked) = once(refused).await;
    let auth = ClientAuth::Basic { id: "app", secret: "p:w" };
    let fields = [("code", "a b&c"), ("last", "end")];
    let url = anywhere(&format!("http://{address}/token?x=1"));
    let reply = Web::default().post_form(&url, &fields, auth).await.unwrap();
    assert_eq!(reply.status, 400);
    assert_eq!(reply.json::<Value>().unwrap(), json!({"error": "invalid_grant"}));
    let asked = asked.await.unwrap();
    assert!(asked.starts_with("POST /token?x=1 HTTP/1.1\r\n"), "{asked}");
    assert!(asked.contains("\r\nauthorization: Basic YXBwOnAlM0F3\r\n"), "{asked}");
    assert!(asked.contains("\r\ncontent-type: application/x-www-form-urlencoded\r\n"), "{asked}");
    assert!(asked.ends_with("\r\n\r\ncode=a+b%26c&last=end"), "{asked}");
}

#[tokio::test]
async fn a_token_goes_into_the_header_if_it_fits_there() {
    let (address, asked) = once("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").await;
    let url = anywhere(&format!("http://{address}/user"));
    let broken = Web::default().get(&url, JSON, Some("a\r\nb")).await.unwrap_err();
    assert!(matches!(broken, FetchError::Header), "{broken:?}");
    Web::default().get(&url, JSON, Some("abc")).await.unwrap().ok().unwrap();
    let asked = asked.await.unwrap();
    assert!(asked.contains("\r\nauthorization: Bearer abc\r\n"), "{asked}");
}

#[tokio::test]
async fn redirects_are_not_followed_and_long_replies_not_read() {
    let (address, _asked) =
        once("HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n")
            .await;
    let redirected = get(&Web::default(), &format!("http://{address}/")).await.unwrap_err();
    assert!(matches!(redirected, FetchError::Status(302)), "{redirected:?}");
    let server = KeyServer::start(&[]).await;
    server.answer(Answer::Text(format!("[\"{}\"]", "a".repeat(256 * 1024))));
    let long = get(&Web::default(), &server.url()).await.unwrap_err();
    assert!(matches!(long, FetchError::Body), "{long:?}");
    server.answer(Answer::Text("<html>".to_owned()));
    let html = get(&Web::default(), &server.url()).await.unwrap_err();
    assert!(matches!(html, FetchError::Json(_)), "{html:?}");
    server.answer(Answer::Status(StatusCode::NO_CONTENT));
    let empty = get(&Web::default(), &server.url()).await.unwrap_err();
    assert!(matches!(empty, FetchError::Status(204)), "{empty:?}");
}
