//! Every endpoint, called over HTTP by everybody: with every kind of token that proves nothing, by
//! those who are out and by those who are in.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use expect_test::expect_file;
use guestlist::contract::endpoints;
use serde_json::{Value, json};
use tempfile::NamedTempFile;

use crate::support::{
    engine::Engine,
    keys::Key,
    samples::{SAMPLES, Sample},
    scene::Scene,
    tokens::claims,
};

const ISSUER: &str = "https://issuer.example/";
const MISSING: &str =
    "gl_0190aaaa000070008000000000000001_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// The columns: a name and a token.
struct Callers {
    all: Vec<(&'static str, String)>,
}

impl Callers {
    async fn new(scene: &Scene, key: &Key) -> Self {
        let world = &scene.world;
        let now = |changes: Value| key.token(&claims(&changes));
        let der = Key::secret("one", &key.public_der());
        let none = Key::secret("one", b"").sign(&json!({"alg": "none"}), &claims(&json!({})));
        let unsigned = format!("{}.", none.rsplit_once('.').unwrap().0);
        let suspended = world.invited(&scene.admin, "sam@example.com", json!({})).await;
        let trashed = world.invited(&scene.admin, "tim@example.com", json!({})).await;
        let suspend = json!({"id": suspended.id, "state": "suspended"});
        scene.call("user/update", &scene.admin.token, suspend).await.ok();
        scene.call("user/remove", &scene.admin.token, json!({"id": trashed.id})).await.ok();
        let closed = world.admin("clara@example.org").await;
        let closed_key = world.key(&closed, "admin", "write").await;
        let close = json!({"accountId": closed.account, "state": "suspended"});
        scene.call("account/update", &scene.root.token, close).await.ok();
        let all = vec![
            ("no token", String::new()),
            ("garbage", "garbage".to_owned()),
            ("expired", now(json!({"exp": 1_700_000_000}))),
            ("wrong issuer", now(json!({"iss": "https://evil.example/"}))),
            ("wrong audience", now(json!({"aud": "somebody-else"}))),
            ("alg none", unsigned),
            ("HS256 with the public key", der.token(&claims(&json!({})))),
            ("somebody else's key", Key::p256("one").token(&claims(&json!({})))),
            ("unknown key", MISSING.to_owned()),
            ("no user", now(json!({}))),
            ("suspended user", suspended.token),
            ("trashed user", trashed.token),
            ("admin of a suspended account", closed.token),
            ("key of a suspended account", closed_key),
            ("user", scene.user.token.clone()),
            ("admin", scene.admin.token.clone()),
            ("root", scene.root.token.clone()),
            ("read-only key", world.key(&scene.admin, "admin", "read").await),
            ("key", world.key(&scene.admin, "admin", "write").await),
        ];
        Self { all }
    }
}

/// An outside issuer beside the built-in one, so that every fault of a token can be made.
async fn scene(engine: Engine) -> (Scene, Callers) {
    let key = Key::rsa("one", 0);
    let file = NamedTempFile::new().unwrap();
    std::fs::write(file.path(), json!({"keys": [key.jwk()]}).to_string()).unwrap();
    let issuer =
        format!("--issuer=issuer={ISSUER},audience=app,jwks_file={}", file.path().display());
    let scene = Scene::new(engine, &[&issuer, "--trusted-proxy=127.0.0.1"]).await;
    let callers = Callers::new(&scene, &key).await;
    (scene, callers)
}

/// Calls that may write something without an audit entry: notes of a login's or session's time, and
/// letters that strangers ask for.
const UNACCOUNTED: &[&str] =
    &["identity/create", "password/forgot", "session/code", "session/refresh", "user/login"];

/// One call on a target of its own, from an address of the sample's own, so that none of them meets a
/// limit. What is refused leaves no trace, what changes something an audit entry.
async fn outcome(scene: &Scene, sample: &Sample, name: &str, token: &str) -> String {
    let unique =
        format!("{}-{name}", sample.endpoint).replace(['/', ' ', '\''], "-").to_lowercase();
    let target = scene.prepared(sample, &unique).await;
    let body = (sample.body)(&target);
    let (before, entries) = (scene.table.writes(), scene.table.entries());
    let number = SAMPLES.iter().position(|other| other.endpoint == sample.endpoint).unwrap();
    let address = format!("192.0.2.{number}");
    let client = &scene.world.client;
    let answer = client.call_from(&address, sample.endpoint, token, body).await;
    let outcome = answer.outcome();
    let written = scene.table.writes() - before;
    let audited = scene.table.entries() - entries;
    assert!(outcome == "200" || written == 0, "{unique}: {outcome}, but something was written");
    assert!(audited == 0 || written > 0, "{unique}: {audited} entries");
    // What is done with somebody's sign-in stands in the account's trail and in the person's own.
    let accounted = (1..=2).contains(&audited) || UNACCOUNTED.contains(&sample.endpoint);
    assert!(written == 0 || accounted, "{unique}: {audited} audit entries");
    outcome
}

#[tokio::test]
async fn everybody_calls_everything() {
    for engine in Engine::all() {
        let (scene, callers) = scene(engine).await;
        let mut text = String::new();
        for sample in SAMPLES {
            let mut by_outcome = BTreeMap::<String, Vec<&str>>::new();
            for (name, token) in &callers.all {
                let outcome = outcome(&scene, sample, name, token).await;
                by_outcome.entry(outcome).or_default().push(name);
            }
            let _ = writeln!(text, "{}", sample.endpoint);
            for (outcome, names) in by_outcome {
                let _ = writeln!(text, "  {outcome}: {}", names.join(", "));
            }
        }
        expect_file!["../golden/sweep.txt"].assert_eq(&text);
    }
}

/// The first of these without the second ones.
fn missing(names: &BTreeSet<&str>, from: &BTreeSet<&str>) -> Vec<String> {
    names.difference(from).map(ToString::to_string).collect()
}

fn listed() -> BTreeSet<&'static str> {
    endpoints().map(|endpoint| endpoint.name).collect()
}

fn samples() -> BTreeSet<&'static str> {
    SAMPLES.iter().map(|sample| sample.endpoint).collect()
}

#[test]
fn every_endpoint_has_a_sample() {
    assert_eq!(missing(&listed(), &samples()), Vec::<String>::new(), "add to support/samples.rs");
}

#[test]
fn every_sample_is_for_an_endpoint() {
    assert_eq!(missing(&samples(), &listed()), Vec::<String>::new(), "no such endpoint");
    assert_eq!(SAMPLES.len(), samples().len(), "one sample for each endpoint");
}
