//! Outside issuers: when their keys are fetched, and what happens while they are down.

mod counterparts;
mod discovery;
mod joining;
mod table;

use std::{sync::Arc, time::Duration};

use futures_util::future::join_all;
use guestlist::{
    auth::{Algorithm, Issuer, IssuerSettings, KeySource, Rejected, Verifier},
    web::Web,
};
use hyper::StatusCode;
use serde_json::json;

use crate::support::{
    jwks::{Answer, KeyServer},
    keys::Key,
    tokens::{
        ISSUER, NOW, OWN, Tokens, built_in, claims, clock, good, published, secrets, settings,
        token,
    },
};

#[tokio::test]
async fn a_token_without_kid_needs_a_set_that_leaves_no_choice() {
    let (p256, first, second) = (Key::p256("p"), Key::ed25519("e1"), Key::ed25519("e2"));
    let server = KeyServer::start(&[&p256, &first, &second]).await;
    let world = Tokens::new([published(ISSUER, &server)]);
    world.check(&p256.sign(&json!({"alg": "ES256"}), &good()), Ok(())).await;
    world.check(&first.sign(&json!({"alg": "EdDSA"}), &good()), Err(Rejected::AmbiguousKey)).await;
    let rsa = Key::rsa("r", 0).sign(&json!({"alg": "RS256"}), &good());
    world.check(&rsa, Err(Rejected::UnknownKey)).await;
}

#[tokio::test]
async fn keys_that_are_not_for_signatures_are_not_used() {
    let (good_key, encrypting) = (Key::p256("p"), Key::rsa("r", 0));
    let mut jwk = encrypting.jwk();
    jwk["use"] = json!("enc");
    let mut bare = good_key.jwk();
    bare.as_object_mut().unwrap().retain(|name, _| name != "use" && name != "alg");
    let server = KeyServer::start(&[]).await;
    server.publish_raw(&[jwk, bare]);
    let world = Tokens::new([published(ISSUER, &server)]);
    world.check(&good_key.token(&good()), Ok(())).await;
    world.check(&encrypting.token(&good()), Err(Rejected::UnknownKey)).await;
}

#[tokio::test]
async fn a_new_key_is_picked_up_and_the_old_one_forgotten() {
    let (old, new) = (Key::p256("old"), Key::rsa("new", 0));
    let server = KeyServer::start(&[&old]).await;
    let world = Tokens::new([published(ISSUER, &server)]);
    world.check(&token(&old, "a"), Ok(())).await;
    server.publish(&[&new]);
    world.advance(30);
    world.check(&token(&new, "b"), Ok(())).await;
    world.check(&token(&old, "c"), Err(Rejected::UnknownKey)).await;
    assert_eq!(server.requests(), 2);
}

#[tokio::test]
async fn a_flood_of_unknown_keys_is_one_fetch_per_interval() {
    let key = Key::p256("p");
    let server = KeyServer::start(&[&key]).await;
    let world = Tokens::new([published(ISSUER, &server)]);
    let flood = || async {
        let tokens: Vec<_> = (0..50).map(|i| key.named(&format!("k{i}")).token(&good())).collect();
        for outcome in join_all(tokens.iter().map(|token| world.verify(token))).await {
            assert_eq!(outcome.unwrap_err(), Rejected::UnknownKey.into());
        }
    };
    flood().await;
    assert_eq!(server.requests(), 1);
    world.advance(29);
    flood().await;
    assert_eq!(server.requests(), 1);
    world.advance(1);
    flood().await;
    flood().await;
    assert_eq!(server.requests(), 2);
    // A fetch that fails counts as well, and costs nobody the keys.
    server.answer(Answer::Status(StatusCode::INTERNAL_SERVER_ERROR));
    world.advance(30);
    flood().await;
    flood().await;
    assert_eq!(server.requests(), 3);
    world.check(&token(&key, "a"), Ok(())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_first_callers_share_one_fetch() {
    let key = Key::p256("p");
    let server = KeyServer::start(&[&key]).await;
    let world = Arc::new(Tokens::new([published(ISSUER, &server)]));
    let callers = (0..32).map(|i| {
        let (world, token) = (Arc::clone(&world), token(&key, &i.to_string()));
        tokio::spawn(async move { world.verify(&token).await.map(drop) })
    });
    for outcome in join_all(callers).await {
        assert_eq!(outcome.unwrap(), Ok(()));
    }
    assert_eq!(server.requests(), 1);
}

#[tokio::test]
async fn a_caller_that_goes_away_does_not_break_off_the_fetch() {
    let key = Key::p256("p");
    let server = KeyServer::start(&[&key]).await;
    let world = Arc::new(Tokens::new([published(ISSUER, &server)]));
    let impatient = {
        let (world, token) = (Arc::clone(&world), token(&key, "a"));
        tokio::spawn(async move { world.verify(&token).await.map(drop) })
    };
    tokio::task::yield_now().await;
    impatient.abort();
    assert!(impatient.await.unwrap_err().is_cancelled());
    world.check(&token(&key, "b"), Ok(())).await;
    assert_eq!(server.requests(), 1);
}

/// A token that is good for days, or for ever.
fn lasting(key: &Key, subject: &str, expires: u64) -> String {
    key.token(&claims(&json!({"sub": subject, "exp": expires})))
}

#[tokio::test]
async fn an_issuer_that_goes_down_does_not_take_its_users_along() {
    let (old, new) = (Key::p256("old"), Key::ed25519("new"));
    let server = KeyServer::start(&[&old]).await;
    let world = Tokens::new([published(ISSUER, &server)]);
    let long = |key: &Key, subject: &str| lasting(key, subject, NOW + 90_000);
    world.check(&long(&old, "a"), Ok(())).await;
    server.answer(Answer::Silence);
    world.advance(899);
    world.check(&long(&old, "b"), Ok(())).await;
    assert_eq!(server.requests(), 1);
    // Old keys are used at once while newer ones are waited for, here in vain.
    world.advance(1);
    world.check(&long(&old, "c"), Ok(())).await;
    server.reached(2).await;
    world.advance(30);
    world.check(&long(&old, "d"), Ok(())).await;
    // The answer that never comes is given up after five seconds.
    world.check(&long(&new, "e"), Err(Rejected::UnknownKey)).await;
    assert_eq!(server.requests(), 2);
    // Back again, with another key: the first use of an old one brings it in.
    server.publish(&[&new]);
    world.advance(30);
    world.check(&long(&old, "f"), Ok(())).await;
    server.reached(3).await;
    world.check(&long(&new, "g"), Ok(())).await;
    world.check(&long(&old, "h"), Err(Rejected::UnknownKey)).await;
    assert_eq!(server.requests(), 3);
}

#[tokio::test]
async fn a_token_ends_with_its_key_though_it_was_verified() {
    let (old, new) = (Key::p256("old"), Key::ed25519("new"));
    let server = KeyServer::start(&[&old, &new]).await;
    let world = Tokens::new([published(ISSUER, &server)]);
    let (gone, stays) = (lasting(&old, "a", 253_402_300_799), lasting(&new, "b", NOW + 90_000));
    world.check(&gone, Ok(())).await;
    world.check(&stays, Ok(())).await;
    assert_eq!(world.verifier.verifications(), 2);
    // The same keys again: nothing is verified anew.
    world.advance(900);
    world.check(&gone, Ok(())).await;
    server.reached(2).await;
    world.settled(&new).await;
    world.check(&gone, Ok(())).await;
    world.check(&stays, Ok(())).await;
    // The third one is that of the unknown key.
    assert_eq!(world.verifier.verifications(), 3);
    // The set that is fetched in the background no longer has one of them.
    server.publish(&[&new]);
    world.advance(900);
    world.check(&stays, Ok(())).await;
    server.reached(3).await;
    world.settled(&new).await;
    world.check(&gone, Err(Rejected::UnknownKey)).await;
    world.check(&stays, Ok(())).await;
}

#[tokio::test]
async fn an_empty_set_is_an_answer() {
    let key = Key::p256("p");
    let mut foreign = key.jwk();
    foreign["crv"] = json!("P-521");
    for nothing in [vec![], vec![foreign], vec![json!(7)]] {
        let server = KeyServer::start(&[&key]).await;
        let world = Tokens::new([published(ISSUER, &server)]);
        let token = token(&key, "a");
        world.check(&token, Ok(())).await;
        server.publish_raw(&nothing);
        world.advance(30);
        let unknown = key.named("other").token(&good());
        world.check(&unknown, Err(Rejected::UnknownKey)).await;
        world.check(&token, Err(Rejected::UnknownKey)).await;
        assert_eq!(server.requests(), 2);
        let first = Tokens::new([published(ISSUER, &server)]);
        first.check(&token, Err(Rejected::UnknownKey)).await;
        let check = first.verifier.issuers().next().unwrap().check().await.unwrap_err();
        let why = "the content is not usable: none of its keys can verify RS256, ES256 or EdDSA";
        assert_eq!(check.to_string(), why);
    }
}

#[tokio::test]
async fn keys_are_good_for_a_day_without_an_answer() {
    let key = Key::p256("p");
    let server = KeyServer::start(&[&key]).await;
    let world = Tokens::new([published(ISSUER, &server)]);
    let token = lasting(&key, "a", NOW + 900_000);
    world.check(&token, Ok(())).await;
    server.answer(Answer::Status(StatusCode::BAD_GATEWAY));
    world.advance(24 * 3600 - 60);
    world.check(&token, Ok(())).await;
    server.reached(2).await;
    world.settled(&key).await;
    world.advance(60);
    assert_eq!(world.unavailable(&token).await, Duration::from_secs(30));
    assert_eq!(
        world.unavailable(&lasting(&key, "b", NOW + 900_000)).await,
        Duration::from_secs(30)
    );
    assert_eq!(server.requests(), 3);
    server.publish(&[&key]);
    world.advance(30);
    world.check(&token, Ok(())).await;
    // Nobody having asked for days is no reason to refuse.
    world.advance(200_000);
    world.check(&token, Ok(())).await;
}

#[tokio::test]
async fn a_key_may_change_under_its_name() {
    for names in [["same", "same"], ["", ""]] {
        let keys = names.map(Key::p256);
        let header = |key: &Key| match key.kid.as_str() {
            "" => json!({"alg": "ES256"}),
            kid => json!({"alg": "ES256", "kid": kid}),
        };
        let bare = |key: &Key| {
            let mut jwk = key.jwk();
            if key.kid.is_empty() {
                jwk.as_object_mut().unwrap().remove("kid");
            }
            jwk
        };
        let [before, after] = keys.each_ref().map(|key| key.sign(&header(key), &good()));
        let server = KeyServer::start(&[]).await;
        server.publish_raw(&[bare(&keys[0])]);
        let world = Tokens::new([published(ISSUER, &server)]);
        world.check(&before, Ok(())).await;
        server.publish_raw(&[bare(&keys[1])]);
        world.advance(29);
        world.check(&after, Err(Rejected::WrongSignature)).await;
        world.check(&before, Ok(())).await;
        world.advance(1);
        world.check(&after, Ok(())).await;
        world.check(&before, Err(Rejected::WrongSignature)).await;
        world.check(&before, Err(Rejected::WrongSignature)).await;
        assert_eq!(server.requests(), 2, "wrong signatures are no way to hammer an issuer");
    }
}

#[tokio::test]
async fn a_key_may_change_its_kind_under_its_name() {
    let (before, after) = (Key::p256("same"), Key::ed25519("same"));
    let server = KeyServer::start(&[&before]).await;
    let world = Tokens::new([published(ISSUER, &server)]);
    world.check(&before.token(&good()), Ok(())).await;
    server.publish(&[&after]);
    world.advance(30);
    world.check(&after.token(&good()), Ok(())).await;
}

#[tokio::test]
async fn an_issuer_that_was_never_up_is_unavailable_until_it_comes() {
    let key = Key::p256("p");
    let server = KeyServer::start(&[&key]).await;
    let world = Tokens::new([published(ISSUER, &server)]);
    let faults = [
        Answer::Status(StatusCode::SERVICE_UNAVAILABLE),
        Answer::Text("<html>".into()),
        Answer::Text(format!(r#"{{"keys":["{}"]}}"#, "a".repeat(256 * 1024))),
    ];
    for (before, answer) in faults.into_iter().enumerate() {
        server.answer(answer);
        assert_eq!(world.unavailable(&token(&key, "a")).await, Duration::from_secs(30));
        world.advance(29);
        assert_eq!(world.unavailable(&token(&key, "a")).await, Duration::from_secs(1));
        assert_eq!(server.requests(), before + 1);
        world.advance(1);
    }
    server.publish(&[&key]);
    world.check(&token(&key, "a"), Ok(())).await;
}

#[tokio::test]
async fn a_key_set_that_has_moved_is_not_followed() {
    let key = Key::p256("p");
    let (named, elsewhere) = (KeyServer::start(&[]).await, KeyServer::start(&[&key]).await);
    named.answer(Answer::Moved(elsewhere.url()));
    let world = Tokens::new([published(ISSUER, &named)]);
    assert_eq!(world.unavailable(&token(&key, "a")).await, Duration::from_secs(30));
    assert_eq!((named.requests(), elsewhere.requests()), (1, 0));
}

#[tokio::test]
async fn an_issuer_that_nobody_answers_for_is_unavailable() {
    let world = Tokens::new([settings(ISSUER, KeySource::Url("http://127.0.0.1:1/keys".into()))]);
    assert_eq!(world.unavailable(&token(&Key::p256("p"), "a")).await, Duration::from_secs(30));
    let fault = world.verifier.issuers().next().unwrap().check().await.unwrap_err().to_string();
    assert!(fault.starts_with("the connection failed: ") && fault.contains("refused"), "{fault}");
}

#[tokio::test]
async fn issuers_do_not_stand_in_for_each_other() {
    let (ours, theirs) = (Key::p256("same"), Key::p256("same"));
    let our_server = KeyServer::start(&[&ours]).await;
    let their_server = KeyServer::start(&[&theirs]).await;
    let world = Tokens::new([published("ours", &our_server), published("theirs", &their_server)]);
    let (our_claims, their_claims) =
        (claims(&json!({"iss": "ours"})), claims(&json!({"iss": "theirs"})));
    assert_eq!(world.verify(&ours.token(&our_claims)).await.unwrap().key.issuer, "ours");
    assert_eq!(world.verify(&theirs.token(&their_claims)).await.unwrap().key.issuer, "theirs");
    world.check(&theirs.token(&our_claims), Err(Rejected::WrongSignature)).await;
    world.check(&ours.token(&their_claims), Err(Rejected::WrongSignature)).await;
}

#[tokio::test]
async fn keys_in_a_file_are_read_again_for_an_unknown_kid() {
    let (old, new) = (Key::p256("old"), Key::ed25519("new"));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.json");
    let write =
        |key: &Key| std::fs::write(&path, json!({"keys": [key.jwk()]}).to_string()).unwrap();
    write(&old);
    let world = Tokens::new([settings(ISSUER, KeySource::File(path.clone()))]);
    world.check(&token(&old, "a"), Ok(())).await;
    write(&new);
    world.advance(29);
    world.check(&token(&new, "b"), Err(Rejected::UnknownKey)).await;
    world.advance(1);
    world.check(&token(&new, "b"), Ok(())).await;
    std::fs::write(&path, "nonsense").unwrap();
    world.advance(30);
    world.check(&token(&old, "c"), Err(Rejected::UnknownKey)).await;
    world.check(&token(&new, "d"), Ok(())).await;
    let broken =
        Issuer::new(settings(ISSUER, KeySource::File(path.clone())), Web::default(), clock())
            .unwrap_err();
    let expected = format!(
        "issuer {ISSUER}: the keys in {}: the content is not usable: it is not a JWK set",
        path.display()
    );
    assert_eq!(broken[0].to_string(), expected);
}

#[tokio::test]
async fn an_issuer_is_in_the_settings_once() {
    let server = KeyServer::start(&[]).await;
    let issuer = || Issuer::new(published(ISSUER, &server), Web::default(), clock()).unwrap();
    let built_in = || built_in(&secrets(1, &[]), &clock());
    let twice = Verifier::new(built_in(), vec![issuer(), issuer()], clock()).unwrap_err();
    assert_eq!(
        twice[0].to_string(),
        format!("issuer {ISSUER} is in the settings twice; remove one of them")
    );
    assert!(Verifier::new(built_in(), vec![issuer()], clock()).is_ok());
    for name in [OWN.to_owned(), format!("{OWN}/"), OWN.to_uppercase()] {
        let twin = Issuer::new(published(&name, &server), Web::default(), clock()).unwrap();
        let own = Verifier::new(built_in(), vec![twin], clock()).unwrap_err();
        let why = "is the public URL of this service itself; set public_url to another one";
        assert_eq!(own[0].to_string(), format!("issuer {name} {why}"));
    }
}

#[tokio::test]
async fn a_check_says_what_keys_there_are() {
    let keys = [Key::rsa("r1", 0), Key::rsa("r2", 1), Key::ed25519("e")];
    let server = KeyServer::start(&keys.each_ref()).await;
    let report = |algorithms: Vec<Algorithm>| {
        let settings = IssuerSettings { algorithms, ..published(ISSUER, &server) };
        async move {
            let outcome = Issuer::new(settings, Web::default(), clock()).unwrap().check().await;
            outcome.map_or_else(|fault| fault.to_string(), |report| report.to_string())
        }
    };
    assert_eq!(report(Vec::new()).await, "3 keys (RS256, EdDSA)");
    assert_eq!(report(vec![Algorithm::EdDSA]).await, "1 key (EdDSA)");
    let none = "the content is not usable: none of its keys is for an allowed algorithm";
    assert_eq!(report(vec![Algorithm::ES256]).await, none);
    server.answer(Answer::Status(StatusCode::NOT_FOUND));
    assert_eq!(report(Vec::new()).await, "the answer was 404 instead of 200");
}
