//! The built-in issuer's public keys, as others read them.

use std::process::Stdio;

use hyper::Method;
use serde_json::{Value, json};
use tokio::{io::AsyncWriteExt, process::Command};

use crate::support::{engine::Engine, outside::python, world::World};

const PATH: &str = "/.well-known/jwks.json";

/// Verifies a token by a key set with an implementation of JOSE that is not ours.
const VERIFY: &str = r#"
import json, sys
from joserfc import jwt
from joserfc.jwk import KeySet
given = json.load(sys.stdin)
keys = KeySet.import_key_set(given["keys"])
print(json.dumps(jwt.decode(given["token"], keys, algorithms=["EdDSA", "Ed25519"]).claims))
"#;

async fn verified(python: &str, keys: &Value, token: &str) -> Option<Value> {
    let mut command = Command::new(python);
    command.args(["-W", "ignore", "-c", VERIFY]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    let given = json!({"keys": keys, "token": token}).to_string();
    child.stdin.take().unwrap().write_all(given.as_bytes()).await.unwrap();
    let output = child.wait_with_output().await.unwrap();
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains("BadSignatureError"), "{said}");
        return None;
    }
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

#[tokio::test]
async fn others_can_verify_our_tokens() {
    let world = World::new(Engine::Sqlite, &[]).await;
    let keys = world.client.send(Method::GET, PATH, &[], "").await.ok();
    let Some(python) = python() else { return };
    let token = world.token("ada@example.com", true);
    let claims = verified(&python, &keys, &token).await.unwrap();
    assert_eq!(
        (&claims["iss"], &claims["aud"]),
        (&json!("http://localhost:8080"), &json!("http://localhost:8080"))
    );
    assert_eq!(claims["email"], "ada@example.com");
    let other = world.token("eve@example.com", true);
    let (signed, _) = token.rsplit_once('.').unwrap();
    let (_, signature) = other.rsplit_once('.').unwrap();
    assert_eq!(verified(&python, &keys, &format!("{signed}.{signature}")).await, None);
}

#[tokio::test]
async fn whoever_comes_may_read_them_for_a_while() {
    for flags in [&[][..], &["--cors-origin=https://app.example.com", "--base-path=/api"]] {
        let world = World::new(Engine::Sqlite, flags).await;
        for origin in ["https://app.example.com", "https://other.example.com"] {
            let headers = [("origin", origin)];
            let answer = world.client.send(Method::GET, PATH, &headers, "").await;
            let keys = answer.ok();
            assert_eq!(answer.header("content-type"), Some("application/jwk-set+json"));
            assert_eq!(answer.header("cache-control"), Some("public, max-age=300"));
            assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
            let names: Vec<_> = keys["keys"][0].as_object().unwrap().keys().collect();
            // None of the private half.
            assert_eq!(names, ["alg", "crv", "kid", "kty", "use", "x"]);
        }
        let head = world.client.send(Method::HEAD, PATH, &[], "").await;
        assert_eq!((head.status, head.body.len()), (200, 0));
        let post = world.client.send(Method::POST, PATH, &[], "").await;
        assert_eq!(post.header("allow"), Some("GET, HEAD"));
    }
}
