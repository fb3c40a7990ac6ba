//! Signing in with a provider.

mod apple;
mod counted;
mod lies;
mod linking;
mod recovery;
mod without_password;

use std::{collections::HashMap, sync::Arc, time::Duration};

use guestlist::clock::Clock;
use hyper::Method;
use serde_json::{Value, json};

use super::{Signed, call, letters, registered, sign_in, signed_up};
use crate::support::{
    client::Answer,
    engine::Engine,
    provider::{Back, CLIENT_ID, Provider, query_of},
    scene::PASSWORD,
    smtp::Received,
    tokens::said_by,
    world::{NOW, World},
};

/// A service, and a provider that it knows by the name `acme`.
pub(super) struct Scene {
    pub(super) world: World,
    provider: Provider,
}

/// Somebody on the way to the provider and back.
pub(super) struct Trip {
    key: Value,
    back: Back,
}

const TRUSTED: &str = ",trust_email=true";

impl Scene {
    pub(super) async fn new(engine: Engine, provider: &str, flags: &[&str]) -> Self {
        let clock = Clock::manual(NOW);
        let fresh = engine.fresh(&clock).await;
        let acme = Provider::start(&clock).await;
        let acme_flag = acme.flag("acme", provider);
        let flags: Vec<&str> = flags.iter().copied().chain([acme_flag.as_str()]).collect();
        let world = World::over(Arc::clone(&fresh.table), clock, &flags).await.with(fresh);
        Self { world, provider: acme }
    }

    async fn on_each_engine(provider: &str, flags: &[&str], test: impl AsyncFn(Self)) {
        for engine in Engine::all() {
            test(Self::new(engine, provider, flags).await).await;
        }
    }

    /// Begins, and comes back from the provider, which says this.
    pub(super) async fn trip(&self, wish: Value, claims: Value) -> Trip {
        let mut body = json!({"provider": "acme"});
        body.as_object_mut().unwrap().extend(wish.as_object().unwrap().clone());
        let begun = call(&self.world, "provider/begin", body).await.ok();
        Trip {
            back: self.provider.consent(begun["url"].as_str().unwrap(), claims),
            key: begun["key"].clone(),
        }
    }

    pub(super) async fn finish(&self, trip: &Trip) -> Answer {
        call(&self.world, "provider/finish", trip.body()).await
    }

    /// Signs in anew, of whom the provider says this.
    async fn come(&self, claims: Value) -> Answer {
        let trip = self.trip(json!({}), claims).await;
        self.finish(&trip).await
    }

    /// Shows something for the ticket that a reply has come with.
    pub(super) async fn show(&self, trip: &Trip, link: &Value, shown: Value) -> Answer {
        let mut body = json!({"link": link, "key": trip.key});
        body.as_object_mut().unwrap().extend(shown.as_object().unwrap().clone());
        call(&self.world, "provider/link", body).await
    }

    /// Links an identity to the sign-in of a session.
    pub(super) async fn link(&self, token: &str, claims: Value) -> Answer {
        let (_, trip) = self.sent_to_link(token, claims).await;
        self.world.advance(Duration::from_millis(1));
        self.world.client.call("provider/finishLink", token, trip.body()).await
    }

    /// Begins to link an identity; where the browser was sent, and what has come of it there.
    async fn sent_to_link(&self, token: &str, claims: Value) -> (HashMap<String, String>, Trip) {
        let body = json!({"provider": "acme"});
        let begun = self.world.client.call("provider/beginLink", token, body).await.ok();
        let url = begun["url"].as_str().unwrap();
        let back = self.provider.consent(url, claims);
        (query_of(url), Trip { back, key: begun["key"].clone() })
    }

    async fn last_letter(&self) -> Received {
        letters(&self.world).await.pop().unwrap()
    }
}

impl Trip {
    fn body(&self) -> Value {
        let Back { code, state } = &self.back;
        json!({"code": code, "state": state, "key": self.key, "provider": "acme"})
    }
}

/// What a provider says of somebody whose address it has verified.
pub(super) fn verified(subject: &str, email: &str) -> Value {
    json!({
        "sub": subject, "email": email, "email_verified": true,
        "given_name": "Ada", "family_name": "Lovelace",
    })
}

/// The code of eight digits in a letter.
pub(super) fn digits(letter: &Received) -> String {
    let is_code = |word: &&str| word.len() == 8 && word.bytes().all(|it| it.is_ascii_digit());
    letter.text.split_whitespace().find(is_code).unwrap().to_owned()
}

fn problem(answer: &Answer) -> Value {
    serde_json::from_slice(&answer.body).unwrap()
}

#[tokio::test]
async fn the_first_time_makes_a_sign_in_and_the_next_opens_it() {
    Scene::on_each_engine(TRUSTED, &[], async |scene| {
        let about = call(&scene.world, "service/about", json!({})).await.ok();
        assert_eq!(about["providers"], json!([{"name": "acme", "label": "Acme"}]));
        let first = scene.come(verified("1", "ada@example.com")).await.ok();
        assert_eq!(first["state"], "verified");
        let said = said_by(first["accessToken"].as_str().unwrap());
        assert_eq!(
            (&said["email"], &said["email_verified"]),
            (&json!("ada@example.com"), &json!(true))
        );
        assert_eq!((&said["amr"], &said["given_name"]), (&json!(["fed"]), &json!("Ada")));
        let token = first["accessToken"].as_str().unwrap();
        let login = json!({"register": true});
        let user = scene.world.client.call("user/login", token, login).await.ok();
        assert_eq!(
            (&user["user"]["role"], &user["user"]["last"]),
            (&json!("admin"), &json!("Lovelace"))
        );
        // Whatever the address says by then: the subject counts.
        let again = scene.come(verified("1", "ada@other.example")).await.ok();
        assert_eq!(said_by(again["accessToken"].as_str().unwrap())["sub"], said["sub"]);
        assert_eq!(again["accountId"], user["account"]["id"]);
        let other = scene.come(verified("2", "bob@example.com")).await.ok();
        assert_ne!(said_by(other["accessToken"].as_str().unwrap())["sub"], said["sub"]);
    })
    .await;
}

#[tokio::test]
async fn the_browser_is_sent_on_to_the_app_with_what_it_has_brought() {
    let scene = Scene::new(Engine::Sqlite, TRUSTED, &["--public-url=http://localhost:7"]).await;
    let get = async |path: &str| scene.world.client.send(Method::GET, path, &[], "").await;
    let path = "/provider/acme?code=a%2Bb&state=s&iss=https%3A%2F%2Fx&error_description=Call+us&session_state=z";
    let answer = get(path).await;
    assert_eq!(answer.status, 303);
    let place = answer.headers["location"].to_str().unwrap();
    assert_eq!(place, "http://localhost:7/#provider=acme&code=a%2Bb&state=s&iss=https%3A%2F%2Fx");
    assert_eq!(answer.headers["cache-control"], "no-store");
    assert_eq!(get("/provider/other?code=a").await.status, 404);
    let begun = call(&scene.world, "provider/begin", json!({"provider": "acme"})).await.ok();
    let sent = query_of(begun["url"].as_str().unwrap());
    assert_eq!(sent["redirect_uri"], "http://localhost:7/provider/acme");
    assert_eq!(sent["scope"], "openid email profile");
    let unknown = call(&scene.world, "provider/begin", json!({"provider": "other"})).await;
    assert_eq!(unknown.outcome(), "422 validation_failed");
}

#[tokio::test]
async fn a_silent_sign_in_is_no_fresh_one() {
    let scene = Scene::new(Engine::Sqlite, TRUSTED, &[]).await;
    let change = async |claims: Value| {
        let reply = scene.come(claims).await.ok();
        let token = reply["accessToken"].as_str().unwrap().to_owned();
        let said = said_by(&token)["auth_time"].clone();
        (
            scene
                .world
                .client
                .call("provider/beginLink", &token, json!({"provider": "acme"}))
                .await,
            said,
        )
    };
    let (answer, said) = change(verified("1", "ada@example.com")).await;
    assert_eq!(answer.outcome(), "401 reauthentication_required");
    assert_eq!(problem(&answer)["confirmBy"], json!(["emailCode"]));
    assert_eq!(said, Value::Null);
    let mut claims = verified("1", "ada@example.com");
    claims["auth_time"] = json!(NOW.millis() / 1000 - 11 * 60);
    assert_eq!(change(claims.clone()).await.0.outcome(), "401 reauthentication_required");
    claims["auth_time"] = json!(NOW.millis() / 1000 - 60);
    assert_eq!(change(claims).await.0.status, 200);
}

#[tokio::test]
async fn who_signs_up_and_comes_by_a_provider_hears_both_ways() {
    let scene = Scene::new(Engine::Sqlite, TRUSTED, &[]).await;
    scene.come(verified("1", "ada@example.com")).await.ok();
    let body = json!({"email": "ada@example.com", "password": PASSWORD});
    call(&scene.world, "identity/create", body).await.ok();
    let letter = scene.last_letter().await;
    assert_eq!(letter.subject, "You have already signed up");
    assert!(letter.text.contains("with your password, or with the service that you use"));
    // Who follows that and wants a password gets one.
    scene.world.advance(Duration::from_millis(1));
    call(&scene.world, "password/forgot", json!({"email": "ada@example.com"})).await.ok();
    let letter = scene.last_letter().await;
    assert!(letter.text.contains("/#reset="), "{}", letter.text);
}

#[tokio::test]
async fn an_e_mailed_invite_is_accepted_by_the_same_address_alone() {
    Scene::on_each_engine("", &["--registration=invite"], async |scene| {
        let root = scene.world.root().await;
        let invite = async |email: &str| {
            let body = json!({"email": email, "sendInvite": true});
            let shown = scene.world.call("user/create", &root, body).await.ok()["invite"].clone();
            (shown, json!(scene.last_letter().await.code()))
        };
        // Also of a provider whose word on addresses does not count: the letter was read.
        let (_, code) = invite("bob@example.com").await;
        let trip = scene.trip(json!({"invite": code}), verified("1", "bob@example.com")).await;
        let reply = scene.finish(&trip).await.ok();
        assert_eq!(reply["user"]["email"], "bob@example.com");
        assert_eq!(reply["user"]["state"], "active");
        // Somebody who was handed it does not get the address.
        let (shown, code) = invite("eve@example.com").await;
        let trip = scene.trip(json!({"invite": code}), verified("2", "victim@example.com")).await;
        let reply = scene.finish(&trip).await.ok();
        assert_eq!(reply["state"], "pending");
        let code = digits(&scene.last_letter().await);
        let outcome = scene.show(&trip, &reply["link"], json!({"emailCode": code})).await;
        assert_eq!(outcome.outcome(), "403 not_registered");
        // The code that admins are shown proves nothing.
        let trip = scene.trip(json!({"invite": shown}), verified("3", "eve@example.com")).await;
        let reply = scene.finish(&trip).await.ok();
        assert_eq!(reply["state"], "pending");
        let letter = scene.last_letter().await;
        assert_eq!(letter.to, "eve@example.com");
        let code = json!({"emailCode": digits(&letter)});
        let reply = scene.show(&trip, &reply["link"], code).await.ok();
        assert_eq!(reply["user"]["email"], "eve@example.com");
    })
    .await;
}

#[tokio::test]
async fn the_set_up_code_takes_an_address_that_the_provider_has_verified() {
    let scene = Scene::new(Engine::Sqlite, "", &["--registration=invite"]).await;
    let code = scene.world.app.store.setup_code().await.unwrap().unwrap();
    let begin = json!({"invite": code.reveal()});
    let mut claims = verified("1", "root@example.com");
    claims["email_verified"] = json!(false);
    let trip = scene.trip(begin.clone(), claims).await;
    assert_eq!(scene.finish(&trip).await.outcome(), "403 email_unverified");
    let mut named = begin.clone();
    named["account"] = json!({"name": "Analytical Engines"});
    let trip = scene.trip(named, verified("1", "root@example.com")).await;
    let reply = scene.finish(&trip).await.ok();
    assert_eq!(reply["user"]["role"], "root");
    assert_eq!(reply["account"]["name"], "Analytical Engines");
    let alone = json!({"provider": "acme", "account": {"name": "Acme"}});
    let refused = call(&scene.world, "provider/begin", alone).await;
    assert_eq!(refused.outcome(), "422 validation_failed");
}

#[tokio::test]
async fn strangers_come_in_only_where_they_may() {
    Scene::on_each_engine(TRUSTED, &["--registration=invite"], async |scene| {
        let stranger = scene.come(verified("1", "eve@example.com")).await;
        assert_eq!(stranger.outcome(), "403 not_registered");
        let root = scene.world.root().await;
        scene.world.call("user/create", &root, json!({"email": "ann@example.com"})).await.ok();
        // Where one is expected one signs in, and then joins.
        let reply = scene.come(verified("2", "ann@example.com")).await.ok();
        let token = reply["accessToken"].as_str().unwrap();
        let user = scene.world.client.call("user/login", token, json!({})).await.ok();
        assert_eq!(user["user"]["email"], "ann@example.com");
        // An invite of somebody else's opens nothing.
        let body = json!({"email": "bob@example.com", "sendInvite": true});
        let invite = scene.world.call("user/create", &root, body).await.ok()["invite"].clone();
        let trip = scene.trip(json!({"invite": invite}), verified("3", "eve@example.com")).await;
        assert_eq!(scene.finish(&trip).await.outcome(), "403 invite_email");
    })
    .await;
}

#[tokio::test]
async fn without_an_address_nobody_signs_up() {
    let scene = Scene::new(Engine::Sqlite, TRUSTED, &[]).await;
    assert_eq!(scene.come(json!({"sub": "1"})).await.outcome(), "403 email_required");
}

/// A world that GitHub is a provider of.
async fn git_hub() -> (World, Provider) {
    let clock = Clock::manual(NOW);
    let fresh = Engine::Sqlite.fresh(&clock).await;
    let provider = Provider::start(&clock).await;
    let flag = provider.flag("github", ",kind=github").replace("--provider=", "");
    let flag = format!("--provider={flag}");
    let world = World::over(Arc::clone(&fresh.table), clock, &[&flag]).await.with(fresh);
    (world, provider)
}

/// Ada has been there; what her browser comes back with.
async fn git_hub_trip(world: &World, provider: &Provider) -> (Trip, Value) {
    let begun = call(world, "provider/begin", json!({"provider": "github"})).await.ok();
    let url = begun["url"].as_str().unwrap();
    assert!(url.contains("/login/oauth/authorize?"), "{url}");
    let url = format!("{url}&response_type=code");
    let emails = json!([
        {"email": "old@example.com", "primary": false, "verified": true},
        {"email": "ada@example.com", "primary": true, "verified": true},
    ]);
    let claims = json!({"user": {"id": 1815, "login": "ada", "name": "Ada L"}, "emails": emails});
    let back = provider.consent(&url, claims);
    let trip = Trip { back, key: begun["key"].clone() };
    let mut body = trip.body();
    body["provider"] = json!("github");
    (trip, body)
}

#[tokio::test]
async fn git_hub_tells_by_calls_who_somebody_is() {
    let (world, provider) = git_hub().await;
    let (trip, body) = git_hub_trip(&world, &provider).await;
    // Its word on addresses never counts: a code shows that the address is the person's now.
    let reply = call(&world, "provider/finish", body).await.ok();
    assert_eq!(reply["state"], "pending");
    let code = digits(&letters(&world).await.pop().unwrap());
    let body = json!({"link": reply["link"], "key": trip.key, "emailCode": code});
    let reply = call(&world, "provider/link", body).await.ok();
    let token = reply["accessToken"].as_str().unwrap();
    let ways = world.client.call("provider/find", token, json!({})).await.ok();
    let linked = &ways["linked"][0];
    assert_eq!((&linked["subject"], &linked["label"]), (&json!("1815"), &json!("GitHub")));
}

#[tokio::test]
async fn a_provider_has_eight_seconds_for_all_its_answers() {
    let (world, provider) = git_hub().await;
    let (_, body) = git_hub_trip(&world, &provider).await;
    // Each of the three is in time by itself.
    provider.change(|it| it.rest = Duration::from_millis(3500));
    let late = call(&world, "provider/finish", body).await;
    assert_eq!(late.outcome(), "503 provider_unavailable");
    let asked = provider.requests();
    assert_eq!(asked.last().unwrap(), "GET /api/v3/user/emails", "{asked:?}");
}
