//! What a sign-in with a provider is refused for: what providers say, and what strangers make of it.

use serde_json::Value;

use super::*;
use crate::support::keys::Key;

/// What comes of a sign-in whose token says this.
async fn outcome(scene: &Scene, lie: Value) -> String {
    scene.provider.change(|it| it.claims = lie);
    let outcome = scene.come(verified("1", "ada@example.com")).await.outcome();
    scene.provider.change(|it| it.claims = json!({}));
    outcome
}

#[tokio::test]
async fn a_token_that_is_not_what_was_asked_for_proves_nothing() {
    let scene = Scene::new(Engine::Sqlite, TRUSTED, &[]).await;
    let now = NOW.millis() / 1000;
    let refused = "401 provider_refused";
    for lie in [
        json!({"iss": "https://other.example"}),
        json!({"aud": "another-app"}),
        json!({"aud": ["guestlist-app", "another-app"]}),
        json!({"aud": []}),
        json!({"azp": "another-app"}),
        json!({"nonce": "another"}),
        json!({"nonce": null}),
        json!({"exp": now - 31}),
        json!({"exp": null}),
        json!({"iat": now + 31}),
        json!({"iat": now - 31}),
        json!({"iat": null}),
        json!({"auth_time": now + 31}),
        json!({"auth_time": 1e300}),
        json!({"sub": ""}),
        json!({"sub": null}),
        json!({"sub": "a\u{0}b"}),
        json!({"sub": "x".repeat(256)}),
    ] {
        assert_eq!(outcome(&scene, lie.clone()).await, refused, "{lie}");
    }
    for fine in [
        json!({"aud": ["guestlist-app"]}),
        json!({"azp": "guestlist-app"}),
        json!({"iat": now + 29}),
    ] {
        assert_eq!(outcome(&scene, fine.clone()).await, "200", "{fine}");
    }
}

#[tokio::test]
async fn a_token_is_signed_with_a_key_of_the_provider() {
    let scene = Scene::new(Engine::Sqlite, TRUSTED, &[]).await;
    scene.come(verified("1", "ada@example.com")).await.ok();
    // Its new key is fetched, and no other is taken for it.
    scene.provider.change(|it| it.key = Key::rsa("second", 0));
    scene.world.advance(Duration::from_secs(31));
    scene.come(verified("1", "ada@example.com")).await.ok();
    let known = Key::rsa("second", 0);
    let secret = Key::secret("second", &known.public_der());
    scene.provider.change(|it| it.token_reply = None);
    for (token, why) in [
        (secret.token(&json!({})), "a public key for a secret"),
        (Key::rsa("second", 1).token(&json!({})), "another key of the same name"),
        ("x.y.z".to_owned(), "no token"),
    ] {
        let reply = (hyper::StatusCode::OK, json!({"id_token": token}));
        scene.provider.change(|it| it.token_reply = Some(reply));
        let outcome = scene.come(verified("1", "ada@example.com")).await.outcome();
        assert_eq!(outcome, "401 provider_refused", "{why}");
    }
}

#[tokio::test]
async fn an_address_counts_as_verified_only_if_the_provider_says_so() {
    let scene = Scene::new(Engine::Sqlite, TRUSTED, &[]).await;
    for (at, said) in [json!(false), json!("yes"), json!(1), Value::Null].into_iter().enumerate() {
        let mut claims = verified(&format!("s{at}"), "ada@example.com");
        claims["email_verified"] = said.clone();
        assert_eq!(scene.come(claims).await.ok()["state"], "pending", "{said}");
    }
    let mut claims = verified("text", "bob@example.com");
    claims["email_verified"] = json!("true");
    assert_eq!(scene.come(claims).await.ok()["state"], "verified");
}

#[tokio::test]
async fn a_state_is_good_once_for_its_page_and_its_provider() {
    let clock = Clock::manual(NOW);
    let fresh = Engine::Sqlite.fresh(&clock).await;
    let (acme, other) = (Provider::start(&clock).await, Provider::start(&clock).await);
    let flags = [acme.flag("acme", TRUSTED), other.flag("other", TRUSTED)];
    let flags: Vec<_> = flags.iter().map(String::as_str).collect();
    let world = World::over(Arc::clone(&fresh.table), clock, &flags).await.with(fresh);
    let scene = Scene { world, provider: acme };
    let ada = || verified("1", "ada@example.com");
    let invalid = "400 invalid_state";

    let trip = scene.trip(json!({}), ada()).await;
    let theirs = scene.trip(json!({}), ada()).await;
    let with = |name: &str, value: Value| {
        let mut body = trip.body();
        body[name] = value;
        body
    };
    let issuer = json!(scene.provider.issuer());
    for (body, why) in [
        (with("key", theirs.key.clone()), "another browser"),
        (with("state", json!("AAAA")), "made up"),
        (with("state", theirs.key.clone()), "something else"),
        (with("provider", json!("other")), "another provider's way back"),
        (with("provider", Value::Null), "a way back without a name"),
        (with("iss", json!(other.issuer())), "another issuer"),
    ] {
        assert_eq!(call(&scene.world, "provider/finish", body).await.outcome(), invalid, "{why}");
    }
    assert_eq!(scene.provider.requests().iter().filter(|it| it.contains("/token")).count(), 0);
    call(&scene.world, "provider/finish", with("iss", issuer)).await.ok();
    assert_eq!(scene.finish(&trip).await.outcome(), invalid, "used");
    scene.world.advance(Duration::from_mins(10));
    assert_eq!(scene.finish(&theirs).await.outcome(), invalid, "too old");
    // A code of one sign-in is worth nothing in another.
    let (one, two) = (scene.trip(json!({}), ada()).await, scene.trip(json!({}), ada()).await);
    let mixed = Trip { back: Back { code: one.back.code, ..two.back }, key: two.key };
    assert_eq!(scene.finish(&mixed).await.outcome(), "401 provider_refused");
}

#[tokio::test]
async fn a_provider_that_promises_to_name_itself_has_to() {
    let clock = Clock::manual(NOW);
    let fresh = Engine::Sqlite.fresh(&clock).await;
    let provider = Provider::start(&clock).await;
    let promise = json!({"authorization_response_iss_parameter_supported": true});
    provider.change(|it| it.metadata = promise);
    let flag = provider.flag("acme", TRUSTED);
    let world = World::over(Arc::clone(&fresh.table), clock, &[&flag]).await.with(fresh);
    let scene = Scene { world, provider };
    let trip = scene.trip(json!({}), verified("1", "ada@example.com")).await;
    assert_eq!(scene.finish(&trip).await.outcome(), "400 invalid_state");
    let mut body = trip.body();
    body["iss"] = json!(scene.provider.issuer());
    call(&scene.world, "provider/finish", body).await.ok();
}

#[tokio::test]
async fn no_is_an_answer() {
    let scene = Scene::new(Engine::Sqlite, TRUSTED, &[]).await;
    let trip = scene.trip(json!({}), verified("1", "ada@example.com")).await;
    let mut body = trip.body();
    body.as_object_mut().unwrap().remove("code");
    body["error"] = json!("access_denied");
    let denied = call(&scene.world, "provider/finish", body.clone()).await;
    assert_eq!(denied.outcome(), "401 provider_denied");
    assert_eq!(
        call(&scene.world, "provider/finish", body.clone()).await.outcome(),
        "400 invalid_state"
    );
    // What a stranger writes there is passed on to nobody.
    let trip = scene.trip(json!({}), verified("1", "ada@example.com")).await;
    body["state"] = json!(trip.back.state);
    body["key"] = trip.key;
    body["error"] = json!("call-0800-evil");
    let denied = call(&scene.world, "provider/finish", body).await;
    assert!(!String::from_utf8_lossy(&denied.body).contains("evil"));
}

#[tokio::test]
async fn a_provider_that_is_down_costs_nobody_the_service() {
    let scene = Scene::new(Engine::Sqlite, TRUSTED, &[]).await;
    scene.come(verified("1", "ada@example.com")).await.ok();
    let trip = scene.trip(json!({}), verified("1", "ada@example.com")).await;
    let broken = (hyper::StatusCode::BAD_GATEWAY, json!({}));
    scene.provider.change(|it| it.token_reply = Some(broken));
    let down = scene.finish(&trip).await;
    assert_eq!(down.outcome(), "503 provider_unavailable");
    assert_eq!(down.headers["retry-after"], "5");
    // Its metadata are known for an hour; then old ones are used.
    scene.provider.change(|it| it.silent = true);
    let begin =
        async || call(&scene.world, "provider/begin", json!({"provider": "acme"})).await.outcome();
    assert_eq!(begin().await, "200");
    scene.world.advance(Duration::from_hours(2));
    assert_eq!(begin().await, "200");
    // The password's way in is another one.
    signed_up(&scene.world, "bob@example.com").await;
    assert_eq!(sign_in(&scene.world, "bob@example.com", PASSWORD).await.outcome(), "200");
}

#[tokio::test]
async fn metadata_that_make_no_sense_are_not_used() {
    for lie in [
        json!({"issuer": "https://other.example"}),
        json!({"authorization_endpoint": "javascript:alert(1)"}),
        json!({"authorization_endpoint": "https://id.example/?redirect_uri=x"}),
        json!({"token_endpoint": "http://169.254.169.254/token"}),
        json!({"token_endpoint": null}),
        json!({"jwks_uri": "http://id.example/keys"}),
        json!({"code_challenge_methods_supported": ["plain"]}),
    ] {
        let clock = Clock::manual(NOW);
        let fresh = Engine::Sqlite.fresh(&clock).await;
        let provider = Provider::start(&clock).await;
        provider.change(|it| it.metadata = lie.clone());
        let flag = provider.flag("acme", TRUSTED);
        let world = World::over(Arc::clone(&fresh.table), clock, &[&flag]).await.with(fresh);
        for _ in 0..3 {
            let begun = call(&world, "provider/begin", json!({"provider": "acme"})).await;
            assert_eq!(begun.outcome(), "503 provider_unavailable", "{lie}");
        }
        assert_eq!(provider.requests().len(), 1, "asked once in half a minute");
    }
}

#[tokio::test]
async fn whoever_makes_codes_up_has_to_wait() {
    let scene = Scene::new(Engine::Sqlite, TRUSTED, &[]).await;
    let mut last = String::new();
    for _ in 0..25 {
        let trip = scene.trip(json!({}), verified("1", "ada@example.com")).await;
        let mut body = trip.body();
        body["code"] = json!("made-up");
        last = call(&scene.world, "provider/finish", body).await.outcome();
        if last != "401 provider_refused" {
            break;
        }
    }
    assert_eq!(last, "429 too_many_requests");
}
