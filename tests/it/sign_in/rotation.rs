//! A new secret with the old one beside it: what was made before goes on working.

use std::{sync::Arc, time::Duration};

use guestlist::{
    clock::Clock,
    secret::{Secret, Secrets},
};
use serde_json::{Value, json};

use super::{Signed, call, registered, sign_in};
use crate::support::{
    engine::Engine,
    scene::PASSWORD,
    world::{NOW, World},
};

fn secrets(current: u8, previous: &[u8]) -> Secrets {
    let secret = |seed: &u8| Secret::new([*seed; 32]);
    Secrets { current: secret(&current), previous: previous.iter().map(secret).collect() }
}

async fn totp(world: &World, code: &str) -> String {
    let body = json!({"email": "ada@example.com", "password": PASSWORD, "totp": code});
    call(world, "session/create", body).await.outcome()
}

#[tokio::test]
async fn what_was_made_with_the_old_secret_goes_on_working_while_it_is_kept() {
    for engine in Engine::all() {
        let clock = Clock::manual(NOW);
        let fresh = engine.fresh(&clock).await;
        let world = async |secrets: Secrets| {
            World::with_secrets(Arc::clone(&fresh.table), clock.clone(), &[], secrets).await
        };
        let old = world(secrets(1, &[])).await;
        let (ada, signed) = registered(&old, "ada@example.com").await;
        let body = json!({"email": "bob@example.com", "sendInvite": true});
        let invite = old.call("user/create", &ada, body).await.ok()["invite"].clone();
        let next = old.call("user/find?limit=1", &ada, json!({})).await.ok()["next"].clone();
        let key = old.key(&ada, "admin", "write").await;
        let body = json!({"currentPassword": PASSWORD});
        let reply = old.call("totp/enroll", &ada, body).await.ok();
        let secret = super::totp::secret(reply["secret"].as_str().unwrap());
        let code = || secret.code(clock.now()).reveal().to_owned();
        old.call("totp/confirm", &ada, json!({"code": code()})).await.ok();

        let new = world(secrets(2, &[1])).await;
        let as_ada = async |name: &str, body: Value| new.call(name, &ada, body).await.outcome();
        assert_eq!(as_ada("user/get", json!({})).await, "200");
        let page = format!("user/find?limit=1&next={}", next.as_str().unwrap());
        assert_eq!(as_ada(&page, json!({})).await, "200");
        assert_eq!(new.client.call("user/find", &key, json!({})).await.outcome(), "200");
        let check = json!({"invite": invite});
        assert_eq!(call(&new, "invite/check", check.clone()).await.outcome(), "200");
        let refresh = json!({"refreshToken": signed.refresh});
        let fresh_tokens = Signed::from(&call(&new, "session/refresh", refresh).await.ok());
        clock.advance(Duration::from_secs(30));
        assert_eq!(totp(&new, &code()).await, "200");
        let published =
            new.client.send(hyper::Method::GET, "/.well-known/jwks.json", &[], "").await;
        assert_eq!(published.ok()["keys"].as_array().unwrap().len(), 4);

        // Without the old one: codes, cursors and tokens of it are void; people and keys are not.
        let late = world(secrets(2, &[])).await;
        assert_eq!(late.call("user/get", &ada, json!({})).await.outcome(), "401 unauthenticated");
        let answer = late.client.call("user/get", &fresh_tokens.access, json!({})).await;
        assert_eq!(answer.outcome(), "200");
        let answer = late.client.call(&page, &fresh_tokens.access, json!({})).await;
        assert_eq!(answer.outcome(), "400 invalid_cursor");
        assert_eq!(late.client.call("user/find", &key, json!({})).await.outcome(), "200");
        // The code itself was told to Bob: it is in the table by its digest, whatever it is made of.
        assert_eq!(call(&late, "invite/check", check).await.outcome(), "200");
        clock.advance(Duration::from_secs(30));
        assert_eq!(totp(&late, &code()).await, "200", "it was sealed anew at the last sign-in");
        let without = sign_in(&late, "ada@example.com", PASSWORD).await;
        assert_eq!(without.outcome(), "401 totp_required");
    }
}
