//! Identity tokens: what they prove, what is refused, and that each is verified once.

use std::time::Duration;

use guestlist::{
    auth::{
        Algorithm, Identity, IssuerSettings, KeySource, NewToken, Presence, Rejected, SharedSecret,
        TrustEmail,
    },
    clock::Timestamp,
    model::{email::Email, user::IdentityKey},
};
use serde_json::{Value, json};

use crate::support::{
    jwks::KeyServer,
    keys::Key,
    tokens::{ISSUER, NOW, OWN, Tokens, claims, good, published, secrets, settings},
};

#[tokio::test]
async fn every_algorithm_proves_the_same_identity() {
    let keys = [Key::rsa("r", 0), Key::p256("p"), Key::ed25519("e")];
    let server = KeyServer::start(&keys.each_ref()).await;
    let world = Tokens::new([IssuerSettings {
        trust_email: TrustEmail::Always,
        ..published(ISSUER, &server)
    }]);
    let person = claims(&json!({"iat": NOW,
        "email": "Ada@Example.com", "email_verified": "true", "given_name": "Ada", "family_name": "L"
    }));
    for key in keys {
        let identity = world.verify(&key.token(&person)).await.unwrap();
        let expected = Identity {
            key: IdentityKey { issuer: ISSUER.into(), subject: "ada".into() },
            email: Email::parse("ada@example.com").ok(),
            email_verified: true,
            trusted: true,
            session: None,
            first: Some("Ada".into()),
            last: Some("L".into()),
            member: None,
            auth_time: None,
            amr: Vec::new(),
            token: identity.token,
            presence: Presence {
                since: Timestamp::from_millis(i64::try_from(NOW).unwrap() * 1000),
                barred: Vec::new(),
            },
            expires: Timestamp::from_millis(i64::try_from(NOW + 3600).unwrap() * 1000),
        };
        assert_eq!(*identity, expected, "{}", key.algorithm());
    }
    assert_eq!(server.requests(), 1);
}

#[tokio::test]
async fn claims_are_checked_on_both_sides() {
    let key = Key::ed25519("e");
    let server = KeyServer::start(&[&key]).await;
    let world = Tokens::new([published(ISSUER, &server)]);
    let cases = [
        (json!({"exp": NOW - 29}), Ok(())),
        (json!({"exp": NOW - 31}), Err(Rejected::Expired)),
        (json!({"exp": NOW - 30}), Err(Rejected::Expired)),
        (json!({"exp": null}), Err(Rejected::MissingExpiry)),
        (json!({"exp": "soon"}), Err(Rejected::Malformed)),
        (json!({"nbf": NOW + 29}), Ok(())),
        (json!({"nbf": NOW + 31}), Err(Rejected::NotYetValid)),
        (json!({"iat": NOW + 29}), Ok(())),
        (json!({"iat": NOW + 31}), Err(Rejected::IssuedAhead)),
        (json!({"auth_time": NOW + 31, "iat": NOW}), Err(Rejected::IssuedAhead)),
        (json!({"iat": "soon"}), Err(Rejected::Malformed)),
        (json!({"aud": ["else", "mobile"]}), Ok(())),
        (json!({"aud": ["else"]}), Err(Rejected::WrongAudience)),
        (json!({"aud": "ap"}), Err(Rejected::WrongAudience)),
        (json!({"aud": null}), Err(Rejected::WrongAudience)),
        (json!({"sub": "a".repeat(255)}), Ok(())),
        (json!({"sub": "a".repeat(256)}), Err(Rejected::InvalidSubject)),
        (json!({"sub": ""}), Err(Rejected::InvalidSubject)),
        (json!({"sub": null}), Err(Rejected::MissingSubject)),
        (json!({"iss": "https://issuer.example"}), Err(Rejected::UnknownIssuer)),
        (json!({"iss": null}), Err(Rejected::MissingIssuer)),
        (json!({"iss": "guestlist"}), Err(Rejected::UnknownIssuer)),
        (json!({"iss": OWN}), Err(Rejected::NoAccessToken)),
    ];
    for (changes, expected) in cases {
        world.check(&key.token(&claims(&changes)), expected).await;
    }
}

#[tokio::test]
async fn what_is_no_token_is_refused() {
    let key = Key::ed25519("e");
    let server = KeyServer::start(&[&key]).await;
    let world = Tokens::new([published(ISSUER, &server)]);
    let token = key.token(&good());
    world.check(&token, Ok(())).await;
    let (message, signature) = token.rsplit_once('.').unwrap();
    let other = key.token(&claims(&json!({"sub": "eve"})));
    let forged = format!("{}.{signature}", other.rsplit_once('.').unwrap().0);
    world.check(&forged, Err(Rejected::WrongSignature)).await;
    world.check(&format!("{message}."), Err(Rejected::WrongSignature)).await;
    world.check(&format!("{message}.AAAA"), Err(Rejected::WrongSignature)).await;
    for text in
        ["", "gl_key", message, &format!("{token}="), &format!(" {token}"), &format!("{token}.a")]
    {
        world.check(text, Err(Rejected::Malformed)).await;
    }
    let none = key.sign(&json!({"alg": "none"}), &good());
    world.check(&none, Err(Rejected::Unsigned)).await;
    world.check(&format!("{}.", none.rsplit_once('.').unwrap().0), Err(Rejected::Unsigned)).await;
    let critical = json!({"alg": "EdDSA", "kid": "e", "crit": ["exp"]});
    world.check(&key.sign(&critical, &good()), Err(Rejected::CriticalExtension)).await;
}

#[tokio::test]
async fn a_token_is_as_long_as_the_head_of_a_request_may_be() {
    let key = Key::ed25519("e");
    let server = KeyServer::start(&[&key]).await;
    let world = Tokens::new([published(ISSUER, &server)]);
    let of = |padding: usize| key.token(&claims(&json!({"pad": "a".repeat(padding)})));
    let padding = (16_384 - of(0).len()) * 3 / 4;
    let longest = (padding - 4..padding + 4).map(of).rfind(|token| token.len() <= 16_384);
    assert!(longest.as_ref().is_some_and(|token| token.len() > 16_380));
    world.check(&longest.unwrap(), Ok(())).await;
    world.check(&of(padding + 4), Err(Rejected::TooLong)).await;
}

#[tokio::test]
async fn an_algorithm_must_be_allowed_and_fit_the_key() {
    let (rsa, p256) = (Key::rsa("r", 0), Key::p256("p"));
    let server = KeyServer::start(&[&rsa, &p256]).await;
    let only = IssuerSettings { algorithms: vec![Algorithm::RS256], ..published(ISSUER, &server) };
    let world = Tokens::new([only]);
    world.check(&rsa.token(&good()), Ok(())).await;
    world.check(&p256.token(&good()), Err(Rejected::AlgorithmNotAllowed)).await;
    for algorithm in ["HS256", "RS512", "PS256", "rs256"] {
        let header = json!({"alg": algorithm, "kid": "r"});
        world.check(&rsa.sign(&header, &good()), Err(Rejected::AlgorithmNotAllowed)).await;
    }
    let crossed = rsa.sign(&json!({"alg": "RS256", "kid": "p"}), &good());
    world.check(&crossed, Err(Rejected::KeyMismatch)).await;
}

#[tokio::test]
async fn a_public_key_is_no_shared_secret() {
    let rsa = Key::rsa("r", 0);
    let server = KeyServer::start(&[&rsa]).await;
    let world = Tokens::new([published(ISSUER, &server)]);
    let modulus = rsa.jwk()["n"].as_str().unwrap().as_bytes().to_vec();
    for secret in [rsa.public_der(), modulus] {
        let attack = Key::secret("r", &secret).token(&good());
        world.check(&attack, Err(Rejected::AlgorithmNotAllowed)).await;
    }
    // Not even if the issuer publishes a symmetric key, or says that its RSA key is for HMAC.
    let shared = Key::secret("s", b"a secret that was published by accident");
    let mut mislabelled = rsa.jwk();
    mislabelled["alg"] = json!("HS256");
    server.publish_raw(&[shared.jwk(), mislabelled, Key::p256("p").jwk()]);
    let world = Tokens::new([published(ISSUER, &server)]);
    world.check(&shared.token(&good()), Err(Rejected::AlgorithmNotAllowed)).await;
    world.check(&rsa.token(&good()), Err(Rejected::UnknownKey)).await;
}

#[tokio::test]
async fn a_shared_secret_allows_hs256_and_nothing_else() {
    let text = "a shared secret of 32 bytes, ok!";
    let shared = SharedSecret::parse(text.into()).unwrap();
    let world = Tokens::new([settings(ISSUER, KeySource::Secret(shared))]);
    let key = Key::secret("any", text.as_bytes());
    world.check(&key.token(&good()), Ok(())).await;
    world.check(&key.sign(&json!({"alg": "HS256"}), &good()), Ok(())).await;
    let almost = Key::secret("any", &text.as_bytes()[..31]);
    world.check(&almost.token(&good()), Err(Rejected::WrongSignature)).await;
    world.check(&Key::ed25519("any").token(&good()), Err(Rejected::AlgorithmNotAllowed)).await;
    let report = world.verifier.issuers().next().unwrap().check().await.unwrap();
    assert_eq!(report.to_string(), "1 key (HS256)");
}

#[tokio::test]
async fn tokens_of_a_previous_secret_are_accepted_and_of_a_forgotten_one_refused() {
    let new = NewToken {
        subject: "ada".into(),
        email: Email::parse("ada@example.com").ok(),
        email_verified: true,
        lifetime: Duration::from_mins(15),
        ..NewToken::default()
    };
    let old = Tokens::with_secrets(&secrets(1, &[]), []);
    let token = old.verifier.built_in().mint(&new).unwrap();
    let identity = old.verify(&token).await.unwrap();
    assert_eq!((identity.key.issuer.as_str(), identity.key.subject.as_str()), ("guestlist", "ada"));
    assert!(identity.trusted && identity.email_verified);
    assert_eq!(identity.email, new.email);

    let rotated = Tokens::with_secrets(&secrets(2, &[1]), []);
    rotated.check(&token, Ok(())).await;
    let fresh = rotated.verifier.built_in().mint(&new).unwrap();
    rotated.check(&fresh, Ok(())).await;
    old.check(&fresh, Err(Rejected::UnknownKey)).await;
    let forgotten = Tokens::with_secrets(&secrets(2, &[]), []);
    forgotten.check(&token, Err(Rejected::UnknownKey)).await;
}

#[tokio::test]
async fn the_built_in_issuer_can_be_verified_by_others() {
    let world = Tokens::with_secrets(&secrets(1, &[2]), []);
    let new = NewToken {
        subject: "ada".into(),
        email: None,
        email_verified: false,
        lifetime: Duration::from_mins(15),
        ..NewToken::default()
    };
    let token = world.verifier.built_in().mint(&new).unwrap();
    let json = serde_json::to_string(world.verifier.built_in().jwks()).unwrap();
    let set: jsonwebtoken::jwk::JwkSet = serde_json::from_str(&json).unwrap();
    let kid = jsonwebtoken::decode_header(&token).unwrap().kid.unwrap();
    let key = jsonwebtoken::DecodingKey::from_jwk(set.find(&kid).unwrap()).unwrap();
    let mut rules = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::EdDSA);
    // That library can only ask the machine for the time, and the test's clock stands elsewhere.
    rules.validate_exp = false;
    rules.set_audience(&[OWN]);
    rules.set_issuer(&[OWN]);
    assert!(jsonwebtoken::decode::<Value>(&token, &key, &rules).is_ok());
}

#[tokio::test]
async fn the_built_in_issuer_uses_no_other_algorithm() {
    let world = Tokens::new([]);
    let claims = claims(&json!({"iss": OWN, "aud": OWN}));
    let public = &world.verifier.built_in().jwks().keys[0];
    let kid = public.kid.clone().unwrap();
    let attack = Key::secret(&kid, public.x.clone().unwrap().as_bytes());
    world.check(&attack.token(&claims), Err(Rejected::NoAccessToken)).await;
    let head = |algorithm: &str| json!({"alg": algorithm, "kid": kid, "typ": "at+jwt"});
    world.check(&attack.sign(&head("HS256"), &claims), Err(Rejected::AlgorithmNotAllowed)).await;
    let forged = Key::ed25519(&kid).sign(&head("EdDSA"), &claims);
    world.check(&forged, Err(Rejected::WrongSignature)).await;
    let crossed = Key::p256(&kid).sign(&head("ES256"), &claims);
    world.check(&crossed, Err(Rejected::KeyMismatch)).await;
}

#[tokio::test]
async fn a_verified_token_is_not_verified_again_and_a_rejected_one_is() {
    let key = Key::p256("p");
    let server = KeyServer::start(&[&key]).await;
    let world = Tokens::new([published(ISSUER, &server)]);
    let token = key.token(&good());
    for _ in 0..3 {
        world.check(&token, Ok(())).await;
    }
    assert_eq!(world.verifier.verifications(), 1);
    let forged = Key::p256("p").token(&good());
    for count in 2..4 {
        world.check(&forged, Err(Rejected::WrongSignature)).await;
        assert_eq!(world.verifier.verifications(), count);
    }
    world.advance(3629);
    world.check(&token, Ok(())).await;
    world.advance(1);
    world.check(&token, Err(Rejected::Expired)).await;
    assert_eq!(world.verifier.verifications(), 3);
}
