//! Providers that answer by a form, and to which a signed secret is shown: what Apple has of its own.

use hyper::{Request, header};

use super::*;
use crate::support::keys::Key;

const POSTED: &str = ",response_mode=form_post,trust_email=true";
const FORM: &str = "application/x-www-form-urlencoded";

/// Posts to where a provider leads back to, as a browser does that comes from another site.
async fn post(scene: &Scene, kind: &str, body: String) -> Answer {
    let request = Request::post(format!("http://{}/provider/acme", scene.world.address))
        .header(header::CONTENT_TYPE, kind)
        .header(header::ORIGIN, "https://appleid.apple.com");
    scene.world.client.exchange(request.body(body.into()).unwrap()).await.unwrap()
}

#[tokio::test]
async fn an_answer_that_is_posted_leads_on_as_others_do() {
    let scene = Scene::new(Engine::Sqlite, POSTED, &["--public-url=http://localhost:7"]).await;
    let begun = call(&scene.world, "provider/begin", json!({"provider": "acme"})).await.ok();
    let url = begun["url"].as_str().unwrap();
    assert_eq!(query_of(url)["response_mode"], "form_post");
    let back = scene.provider.consent(url, verified("1", "ada@example.com"));
    // What Apple says of a person besides is a stranger's word: it comes by the browser, signed by nobody.
    let user = "%7B%22name%22%3A%7B%22firstName%22%3A%22Eve%22%7D%7D";
    let form = format!("state={}&code={}&user={user}", back.state, back.code);
    let answer = post(&scene, FORM, form).await;
    assert_eq!(answer.status, 303);
    assert_eq!(answer.header("set-cookie"), None);
    assert_eq!(answer.headers["cache-control"], "no-store");
    let place = answer.headers["location"].to_str().unwrap();
    let (page, fragment) = place.split_once('#').unwrap();
    assert_eq!(page, "http://localhost:7/");
    let brought = query_of(&format!("?{fragment}"));
    assert_eq!(brought.len(), 3, "{place}");
    let trip = Trip {
        back: Back { code: brought["code"].clone(), state: brought["state"].clone() },
        key: begun["key"].clone(),
    };
    let reply = scene.finish(&trip).await.ok();
    assert_eq!(said_by(reply["accessToken"].as_str().unwrap())["given_name"], "Ada");
    // No is posted as well.
    let answer = post(&scene, FORM, "state=s&error=user_cancelled_authorize".to_owned()).await;
    let place = answer.headers["location"].to_str().unwrap();
    assert!(place.ends_with("#provider=acme&state=s&error=user_cancelled_authorize"), "{place}");
}

#[tokio::test]
async fn nothing_but_a_short_form_is_taken() {
    let scene = Scene::new(Engine::Sqlite, POSTED, &[]).await;
    let outcome = async |kind: &str, body: &str| post(&scene, kind, body.to_owned()).await.status;
    assert_eq!(outcome("application/json", "{}").await, 415);
    assert_eq!(outcome("text/plain", "code=a&state=s").await, 415);
    assert_eq!(outcome(FORM, &format!("code={}", "a".repeat(16 * 1024))).await, 413);
    // What goes on comes once and is no longer than a code; of what stays behind that is all one.
    assert_eq!(outcome(FORM, &format!("code={}", "a".repeat(4096))).await, 303);
    assert_eq!(outcome(FORM, &format!("user={}&code=a&user=b", "a".repeat(9000))).await, 303);
    for (form, expected) in [
        (format!("code={}", "a".repeat(4097)), "?code:length"),
        (format!("state={}", "%00".repeat(4097)), "?state:length"),
        ("code=a&state=s&code=b".to_owned(), "?code:repeated"),
    ] {
        let refused = post(&scene, FORM, form).await;
        let found = (refused.outcome(), refused.faults());
        assert_eq!(found, ("422 validation_failed".to_owned(), expected.to_owned()));
    }
    let get = scene.world.client.send(Method::GET, "/provider/acme?code=a", &[], "").await;
    assert_eq!(get.status, 404, "it was asked to post");
    // Of those that do not post nothing is taken that is posted.
    let scene = Scene::new(Engine::Sqlite, TRUSTED, &[]).await;
    assert_eq!(post(&scene, FORM, "code=a&state=s".to_owned()).await.status, 404);
}

#[tokio::test]
async fn a_provider_that_cannot_post_is_not_used() {
    let scene = Scene::new(Engine::Sqlite, POSTED, &[]).await;
    let modes = json!({"response_modes_supported": ["query", "fragment"]});
    scene.provider.change(|it| it.metadata = modes);
    let begun = call(&scene.world, "provider/begin", json!({"provider": "acme"})).await;
    assert_eq!(begun.outcome(), "503 provider_unavailable");
}

#[tokio::test]
async fn a_secret_is_signed_anew_for_each_request() {
    let folder = tempfile::tempdir().unwrap();
    let (path, key) = (folder.path().join("AuthKey.p8"), Key::p256("ABC123"));
    std::fs::write(&path, key.pem()).unwrap();
    let clock = Clock::manual(NOW);
    let fresh = Engine::Sqlite.fresh(&clock).await;
    let provider = Provider::start(&clock).await;
    let methods = json!({"token_endpoint_auth_methods_supported": ["client_secret_post"]});
    provider.change(|it| {
        it.metadata = methods;
        it.client_key = Some(key.clone());
    });
    let flag = format!(
        "--provider=name=acme,issuer={},client_id={CLIENT_ID},client_secret_key_file={},\
         client_secret_key_id=ABC123,client_secret_team_id=TEAM{TRUSTED}",
        provider.issuer(),
        path.display()
    );
    let world = World::over(Arc::clone(&fresh.table), clock, &[&flag]).await.with(fresh);
    let scene = Scene { world, provider };
    for subject in ["1", "2"] {
        scene.come(verified(subject, &format!("ada{subject}@example.com"))).await.ok();
        scene.world.advance(Duration::from_mins(1));
    }
    let secrets = scene.provider.secrets();
    for (at, secret) in secrets.iter().enumerate() {
        let (header, claims) = key.opened(secret).unwrap();
        assert_eq!(header, json!({"alg": "ES256", "kid": "ABC123"}));
        let now = NOW.millis() / 1000 + 60 * i64::try_from(at).unwrap();
        let expected = json!({
            "iss": "TEAM", "sub": CLIENT_ID, "aud": scene.provider.issuer(), "iat": now, "exp": now + 300,
        });
        assert_eq!(claims, expected);
    }
    assert_eq!(secrets.len(), 2);
}
