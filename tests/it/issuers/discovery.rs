//! Keys that are found by what an issuer says of itself.

use guestlist::{
    auth::{Issuer, IssuerSettings, KeySource, Rejected},
    web::Web,
};
use hyper::StatusCode;
use serde_json::{Value, json};

use crate::support::{
    jwks::{Answer, KeyServer},
    keys::Key,
    tokens::{NOW, Tokens, claims, clock, settings},
};

/// The name of an issuer on this machine, below a path.
fn name(server: &KeyServer) -> String {
    format!("http://{}/realms/one", server.address)
}

fn describe(server: &KeyServer, name: &str) {
    server.describe(&json!({"issuer": name, "jwks_uri": server.url(), "token_endpoint": 7}));
}

fn by_name(name: &str) -> IssuerSettings {
    settings(name, KeySource::Discovery(None))
}

fn token(key: &Key, issuer: &str, subject: &str) -> String {
    key.token(&claims(&json!({"iss": issuer, "sub": subject, "exp": NOW + 90_000})))
}

/// What `guestlist check` says of an issuer.
async fn report(settings: IssuerSettings) -> String {
    let outcome = Issuer::new(settings, Web::default(), clock()).unwrap().check().await;
    outcome.map_or_else(|fault| fault.to_string(), |report| report.to_string())
}

#[tokio::test]
async fn an_issuer_needs_nothing_but_its_name() {
    let key = Key::p256("a");
    let server = KeyServer::start(&[&key]).await;
    for name in [name(&server), format!("{}/", name(&server))] {
        describe(&server, &name);
        let world = Tokens::new([by_name(&name)]);
        world.check(&token(&key, &name, "ada"), Ok(())).await;
        let found = format!("1 key (ES256), found at {}", server.url());
        assert_eq!(report(by_name(&name)).await, found);
    }
}

#[tokio::test]
async fn metadata_is_fetched_again_with_the_keys() {
    let (old, new) = (Key::p256("old"), Key::ed25519("new"));
    let server = KeyServer::start(&[&old]).await;
    let elsewhere = KeyServer::start(&[&new]).await;
    let name = name(&server);
    describe(&server, &name);
    let world = Tokens::new([by_name(&name)]);
    world.check(&token(&old, &name, "a"), Ok(())).await;
    assert_eq!((server.metadata_requests(), server.requests()), (1, 1));
    server.describe(&json!({"issuer": name, "jwks_uri": elsewhere.url()}));
    world.advance(30);
    // Another port of the same machine is another place, where anybody could listen.
    world.check(&token(&new, &name, "b"), Err(Rejected::UnknownKey)).await;
    assert_eq!((server.metadata_requests(), elsewhere.requests()), (2, 0));
    world.check(&token(&old, &name, "c"), Ok(())).await;
    describe(&server, &name);
    server.publish(&[&new]);
    world.advance(30);
    world.check(&token(&new, &name, "b"), Ok(())).await;
    world.check(&token(&old, &name, "a"), Err(Rejected::UnknownKey)).await;
    assert_eq!((server.metadata_requests(), server.requests()), (3, 2));
}

#[tokio::test]
async fn metadata_must_be_the_issuers_own_and_lead_to_keys() {
    let server = KeyServer::start(&[&Key::p256("a")]).await;
    let name = name(&server);
    let url = format!("{name}/.well-known/openid-configuration");
    let check = async |metadata: Value, expected: &str| {
        server.describe(&metadata);
        assert_eq!(report(by_name(&name)).await, format!("the metadata at {url}{expected}"));
    };
    let keys = server.url();
    let other = format!("{name}/");
    let mismatch =
        format!(" is for {other:?}; if you mean that issuer, set issuer to exactly this value");
    check(json!({"issuer": other, "jwks_uri": keys}), &mismatch).await;
    let insecure = ": jwks_uri must begin with https:// (http:// works only for this machine, or with insecure_http \
        = true)";
    check(json!({"issuer": name, "jwks_uri": "http://keys.example/"}), insecure).await;
    check(json!({"issuer": name, "jwks_uri": "http://127.0.0.1:1/"}), insecure).await;
    let syntax = ": jwks_uri must be a URL such as https://issuer.example/.well-known/jwks.json";
    check(json!({"issuer": name, "jwks_uri": "file:///etc/passwd"}), syntax).await;
    let missing = ": the answer is not the JSON that was expected: missing field `jwks_uri` at line 1 column ";
    server.describe(&json!({"issuer": name}));
    assert!(report(by_name(&name)).await.contains(missing));
    server.answer_metadata(Answer::Status(StatusCode::FOUND));
    let redirect = format!("the metadata at {url}: the answer was 302 instead of 200");
    assert_eq!(report(by_name(&name)).await, redirect);
    assert_eq!(server.requests(), 0);
}

#[tokio::test]
async fn metadata_may_be_elsewhere_and_the_network_ones_own() {
    let key = Key::p256("a");
    let server = KeyServer::start(&[&key]).await;
    let name = "https://id.example.com/realms/one";
    describe(&server, name);
    let inside = format!("http://{}/realms/one/.well-known/openid-configuration", server.address);
    let settings = settings(name, KeySource::Discovery(Some(inside)));
    let world = Tokens::new([settings.clone()]);
    world.check(&token(&key, name, "ada"), Ok(())).await;

    let private = |insecure_http| {
        let keys = KeySource::Discovery(Some("http://keycloak:8080/realms/one".into()));
        let settings = IssuerSettings { keys, insecure_http, ..settings.clone() };
        Issuer::new(settings, Web::default(), clock())
    };
    let fault = private(false).unwrap_err();
    let why = "the URL of its metadata must begin with https:// (http:// works only for this machine, or with \
        insecure_http = true)";
    assert_eq!(fault[0].to_string(), format!("issuer {name}: {why}"));
    private(true).unwrap();
}

#[tokio::test]
async fn an_issuer_has_several_spellings_and_one_identity() {
    let key = Key::p256("a");
    let server = KeyServer::start(&[&key]).await;
    let names = ["https://accounts.example", "accounts.example"].map(str::to_owned);
    let published = settings(&names[0], KeySource::Url(server.url()));
    let world = Tokens::new([IssuerSettings { names: names.to_vec(), ..published }]);
    for name in &names {
        let identity = world.verify(&token(&key, name, "ada")).await.unwrap();
        assert_eq!((&identity.key.issuer, identity.key.subject.as_str()), (&names[0], "ada"));
    }
    assert_eq!(server.requests(), 1);
    let third = token(&key, "https://accounts.example/", "ada");
    world.check(&third, Err(Rejected::UnknownIssuer)).await;
}
