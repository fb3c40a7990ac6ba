//! What others learn of the built-in issuer, and that this is enough to verify its tokens.

use std::{path::PathBuf, process::Stdio};

use hyper::Method;
use serde_json::{Value, json};
use tokio::process::Command;

use super::verifying;
use crate::support::{
    client::Client,
    engine::Engine,
    outside::{python, verifiers},
    process::Site,
    world::World,
};

const OPENID: &str = "/.well-known/openid-configuration";
const OAUTH: &str = "/.well-known/oauth-authorization-server";
const DOCUMENT: &str = include_str!("../../../docs/tokens.md");
/// The issuer in the document's examples.
const EXAMPLE: &str = "https://auth.example.com";

async fn documents(flags: &[&str], paths: &[String]) -> Vec<Value> {
    let world = World::new(Engine::Sqlite, flags).await;
    let mut documents = Vec::new();
    for path in paths {
        let answer =
            world.client.send(Method::GET, path, &[("origin", "https://any.example")], "").await;
        let document = answer.ok();
        assert_eq!(answer.header("content-type"), Some("application/json"), "{path}");
        assert_eq!(answer.header("cache-control"), Some("public, max-age=300"));
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
        documents.push(document);
    }
    documents
}

#[tokio::test]
async fn discovery_says_what_is_true_and_no_more() {
    let found = documents(&["--token-algorithm=ES256"], &[OPENID.into(), OAUTH.into()]).await;
    let claims = [
        "iss",
        "aud",
        "sub",
        "client_id",
        "iat",
        "exp",
        "jti",
        "sid",
        "auth_time",
        "amr",
        "account_id",
        "user_id",
        "role",
        "email",
        "email_verified",
        "given_name",
        "family_name",
    ];
    let expected = json!({
        "issuer": "http://localhost:8080",
        "jwks_uri": "http://localhost:8080/.well-known/jwks.json",
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "claims_supported": claims,
    });
    assert_eq!(found, [expected.clone(), expected]);
}

#[tokio::test]
async fn discovery_is_where_each_standard_looks_for_it() {
    let issuer = |document: &Value| (document["issuer"].clone(), document["jwks_uri"].clone());
    let said = |url: &str| (json!(url), json!(format!("{url}/.well-known/jwks.json")));
    // Nobody in between: the path is the service's own.
    let paths = [format!("/auth{OPENID}"), format!("/auth{OAUTH}"), format!("{OAUTH}/auth")];
    for document in documents(&["--base-path=/auth"], &paths).await {
        assert_eq!(issuer(&document), said("http://localhost:8080/auth"));
    }
    // A proxy takes the path off.
    let url = "https://example.com/people";
    let paths = [OPENID.to_owned(), OAUTH.to_owned(), format!("{OAUTH}/people")];
    for document in documents(&[&format!("--public-url={url}/")], &paths).await {
        assert_eq!(issuer(&document), said(url));
    }
    let world = World::new(Engine::Sqlite, &["--base-path=/auth"]).await;
    for path in [OPENID.to_owned(), OAUTH.to_owned(), format!("{OAUTH}/other")] {
        assert_eq!(world.client.send(Method::GET, &path, &[], "").await.status, 404, "{path}");
    }
    let keys = world.client.send(Method::GET, "/auth/.well-known/jwks.json", &[], "").await.ok();
    assert_eq!(keys["keys"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn whatever_is_asked_for_as_host_changes_nothing() {
    let world = World::new(Engine::Sqlite, &[]).await;
    let headers = [("host", "evil.example"), ("x-forwarded-host", "evil.example")];
    let document = world.client.send(Method::GET, OPENID, &headers, "").await.ok();
    assert_eq!(document["issuer"], "http://localhost:8080");
}

/// A service with an issuer of its own, as others see it.
struct Issuer {
    url: String,
    client: Client,
    token: String,
    _running: crate::support::process::Service,
    _site: Site,
}

impl Issuer {
    async fn start(flags: &[String]) -> Self {
        let site = Site::sqlite().without("--public-url");
        let site = flags.iter().fold(site, |site, flag| site.with(flag.clone()));
        let running = site.start().await;
        let ada = json!({
            "invite": running.until_setup_code().await, "email": "ada@example.com",
            "password": "correct horse battery staple", "first": "Ada",
        });
        let reply = running.call("identity/create", "", ada).await.ok();
        Self {
            url: format!("http://localhost:{}", running.address.port()),
            client: Client::new(running.address),
            token: reply["accessToken"].as_str().unwrap().to_owned(),
            _running: running,
            _site: site,
        }
    }

    /// The tokens that must be refused, with what is wrong with them.
    fn wrong(&self) -> [(&'static str, String); 2] {
        let (message, signature) = self.token.rsplit_once('.').unwrap();
        let (head, _) = message.split_once('.').unwrap();
        let other = if signature.starts_with('A') { "B" } else { "A" };
        let flipped = format!("{message}.{other}{}", signature.get(1..).unwrap());
        [("another signature", flipped), ("no claims", format!("{head}.e30.{signature}"))]
    }
}

/// The document's example in a language, for this issuer.
fn example(language: &str, issuer: &str) -> String {
    let (_, rest) = DOCUMENT.split_once(&format!("```{language}\n")).unwrap();
    rest.split_once("```").unwrap().0.replace(EXAMPLE, issuer)
}

/// Runs an example on a token; `None` if it is refused.
async fn run(command: &mut Command) -> Option<Value> {
    let output = command.stdin(Stdio::null()).output().await.unwrap();
    let (said, wrong) = (String::from_utf8(output.stdout), String::from_utf8(output.stderr));
    match said.unwrap().trim() {
        "refused" => None,
        said => Some(serde_json::from_str(said).unwrap_or_else(|_| panic!("{said} {wrong:?}"))),
    }
}

async fn by_node(issuer: &str, token: &str, audience: &str) -> Option<Value> {
    let modules = PathBuf::from(verifiers()?);
    let use_it = "\ntry { console.log(JSON.stringify(await verify(process.argv[1], process.argv[2]))); }\
                  \ncatch (error) { if (!error.code?.startsWith('ERR_J')) throw error; console.log('refused'); }";
    let script = example("js", issuer) + use_it;
    let mut node = Command::new("node");
    node.current_dir(modules.parent().unwrap());
    run(node.args(["--input-type=module", "-e", &script, token, audience])).await
}

async fn by_python(issuer: &str, token: &str, audience: &str) -> Option<Value> {
    let use_it = "\nimport sys\ntry:\n    print(json.dumps(verify(sys.argv[1], sys.argv[2])))\n\
                  except jwt.InvalidTokenError:\n    print('refused')\n";
    let script = example("python", issuer) + use_it;
    run(Command::new(python()?).args(["-W", "ignore", "-c", &script, token, audience])).await
}

async fn by_rust(issuer: &Issuer, token: &str, audience: &str) -> Option<Value> {
    let keys = issuer.client.send(Method::GET, "/.well-known/jwks.json", &[], "").await.ok();
    let keys = serde_json::from_value(keys).unwrap();
    verifying::verify(token, &keys, &issuer.url, audience).ok().map(|token| token.claims)
}

#[tokio::test]
async fn others_verify_tokens_by_nothing_but_the_issuers_url() {
    if verifiers().is_none() || python().is_none() {
        return;
    }
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("token.pem").display().to_string();
    let bits = "rsa_keygen_bits:2048";
    let made = Command::new("openssl")
        .args(["genpkey", "-algorithm", "RSA", "-pkeyopt", bits, "-out", &file])
        .output();
    assert!(made.await.unwrap().status.success());
    let rsa = ["--token-algorithm=RS256".to_owned(), format!("--token-key-file={file}")];
    for flags in [&[][..], &["--token-algorithm=ES256".to_owned()], &rsa] {
        let issuer = Issuer::start(flags).await;
        let url = issuer.url.as_str();
        let token = issuer.token.as_str();
        let claims = by_node(url, token, url).await.unwrap();
        assert_eq!((&claims["iss"], &claims["aud"]), (&json!(url), &json!(url)), "{flags:?}");
        assert_eq!(
            (&claims["email"], &claims["given_name"]),
            (&json!("ada@example.com"), &json!("Ada"))
        );
        assert_eq!(by_python(url, token, url).await.as_ref(), Some(&claims), "{flags:?}");
        assert_eq!(by_rust(&issuer, token, url).await.as_ref(), Some(&claims), "{flags:?}");
        let wrong = issuer.wrong().into_iter().chain([("another audience", token.to_owned())]);
        for (what, token) in wrong {
            let audience = if what == "another audience" { "https://shop.example" } else { url };
            assert_eq!(by_node(url, &token, audience).await, None, "{what}");
            assert_eq!(by_python(url, &token, audience).await, None, "{what}");
            assert_eq!(by_rust(&issuer, &token, audience).await, None, "{what}");
        }
    }
}

#[test]
fn the_rust_example_is_what_is_tested() {
    let tested = include_str!("verifying.rs").split_once("\n\n").unwrap().1;
    assert_eq!(tested, example("rust", EXAMPLE));
}

#[tokio::test]
async fn what_is_no_rsa_key_is_said_with_its_file() {
    let site = Site::sqlite();
    std::fs::write(
        site.path("key.pem"),
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
    )
    .unwrap();
    let file = site.path("key.pem").display().to_string();
    let site = site.with("--token-algorithm=RS256").with(format!("--token-key-file={file}"));
    let said = site.run(&["serve"]).await.failure();
    assert!(said.contains(&file) && said.contains("openssl genpkey"), "{said}");
    let absent = Site::sqlite().with("--token-algorithm=RS256").with("--token-key-file=none.pem");
    assert!(absent.run(&["serve"]).await.failure().contains("none.pem cannot be read"));
    let said = Site::sqlite().with("--token-algorithm=RS256").run(&["serve"]).await.failure();
    assert!(said.contains("token_key_file: is required"), "{said}");
    let said = Site::sqlite().with("--token-key-file=key.pem").run(&["serve"]).await.failure();
    assert!(said.contains("previous_token_key_files"), "{said}");
    let said = Site::sqlite().with("--token-algorithm=HS256").run(&["serve"]).await.failure();
    assert!(said.contains("token_algorithm") && said.contains("EdDSA, ES256 or RS256"), "{said}");
}
