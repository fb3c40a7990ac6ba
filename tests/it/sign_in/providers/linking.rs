//! Identities that come to a sign-in which is there: what has to be shown for them, and what has not.

use super::*;
use crate::sign_in::totp::{code, enrolled};

#[tokio::test]
async fn an_address_that_somebody_has_proved_takes_the_password() {
    Scene::on_each_engine(TRUSTED, &[], async |scene| {
        let (_, signed) = registered(&scene.world, "ada@example.com").await;
        let sub = said_by(&signed.access)["sub"].clone();
        let trip = scene.trip(json!({}), verified("1", "ada@example.com")).await;
        let asked = scene.finish(&trip).await;
        assert_eq!(asked.outcome(), "401 link_required");
        let link = problem(&asked)["link"].clone();
        // By nothing at all, by a second factor that nobody asks for, or by another password, it is not linked.
        let show = async |shown: Value| scene.show(&trip, &link, shown).await;
        assert_eq!(show(json!({"totp": "123456"})).await.outcome(), "422 validation_failed");
        let wrong = json!({"currentPassword": "another long password"});
        assert_eq!(show(wrong).await.outcome(), "401 invalid_credentials");
        let reply = show(json!({"currentPassword": PASSWORD})).await.ok();
        let said = said_by(reply["accessToken"].as_str().unwrap());
        assert_eq!((&said["sub"], &said["amr"]), (&sub, &json!(["pwd"])));
        let letter = scene.last_letter().await;
        assert_eq!(letter.subject, "You can now sign in with Acme");
        // What was shown once is not asked for again, and the ticket is used up.
        assert_eq!(show(json!({"currentPassword": PASSWORD})).await.outcome(), "400 invalid_state");
        let again = scene.come(verified("1", "ada@example.com")).await.ok();
        assert_eq!(said_by(again["accessToken"].as_str().unwrap())["sub"], sub);
    })
    .await;
}

#[tokio::test]
async fn a_code_from_the_mailbox_does_as_well() {
    Scene::on_each_engine("", &[], async |scene| {
        let (_, signed) = registered(&scene.world, "ada@example.com").await;
        let trip = scene.trip(json!({}), verified("1", "ada@example.com")).await;
        let asked = scene.finish(&trip).await.ok();
        assert_eq!(asked["state"], "pending");
        let letter = scene.last_letter().await;
        assert_eq!(letter.to, "ada@example.com");
        assert!(letter.text.contains("You already have a sign-in here."), "{}", letter.text);
        let link = &asked["link"];
        let password = json!({"currentPassword": PASSWORD});
        let refused = scene.show(&trip, link, password).await;
        assert_eq!(refused.outcome(), "422 validation_failed", "that takes the code");
        let wrong = json!({"emailCode": "00000000"});
        assert_eq!(scene.show(&trip, link, wrong).await.outcome(), "422 validation_failed");
        let code = json!({"emailCode": digits(&letter)});
        // Whoever has only the ticket and the code has nothing.
        let other = scene.trip(json!({}), verified("1", "ada@example.com")).await;
        assert_eq!(scene.show(&other, link, code.clone()).await.outcome(), "400 invalid_state");
        let reply = scene.show(&trip, link, code).await.ok();
        let said = said_by(reply["accessToken"].as_str().unwrap());
        assert_eq!(said["sub"], said_by(&signed.access)["sub"]);
    })
    .await;
}

#[tokio::test]
async fn the_codes_of_a_ticket_share_their_tries() {
    let scene = Scene::new(Engine::Sqlite, "", &[]).await;
    let trip = scene.trip(json!({}), verified("1", "ada@example.com")).await;
    let link = scene.finish(&trip).await.ok()["link"].clone();
    let again = async || {
        let body = json!({"link": link, "key": trip.key});
        call(&scene.world, "provider/code", body).await
    };
    let first = digits(&scene.last_letter().await);
    again().await.ok();
    let second = digits(&scene.last_letter().await);
    let show = async |code: &str| scene.show(&trip, &link, json!({"emailCode": code})).await;
    assert_eq!(show(&first).await.outcome(), "422 validation_failed", "another took its place");
    again().await.ok();
    assert_eq!(again().await.outcome(), "429 too_many_requests");
    let third = digits(&scene.last_letter().await);
    for _ in 0..4 {
        assert_eq!(show(&second).await.outcome(), "422 validation_failed");
    }
    assert_eq!(show(&third).await.outcome(), "422 validation_failed", "five were tried");
}

#[tokio::test]
async fn nobody_learns_from_a_code_who_is_registered() {
    let scene = Scene::new(Engine::Sqlite, "", &["--registration=invite"]).await;
    let root = scene.world.root().await;
    let body = json!({"email": "bob@example.com", "sendInvite": true});
    scene.world.call("user/create", &root, body).await.ok();
    let before = letters(&scene.world).await.len();
    let mut shapes = Vec::new();
    for (subject, email) in [("1", "bob@example.com"), ("2", "nobody@example.com")] {
        let trip = scene.trip(json!({}), verified(subject, email)).await;
        let reply = scene.finish(&trip).await.ok();
        let shape: Vec<_> = reply.as_object().unwrap().keys().cloned().collect();
        let wrong = scene.show(&trip, &reply["link"], json!({"emailCode": "12345678"})).await;
        shapes.push((shape, wrong.outcome(), wrong.but_for_its_id()));
    }
    assert_eq!(shapes[0], shapes[1]);
    assert_eq!(letters(&scene.world).await.len(), before + 1, "a stranger hears nothing");
}

#[tokio::test]
async fn a_second_factor_is_asked_for_after_the_provider() {
    Scene::on_each_engine(TRUSTED, &[], async |scene| {
        let (_, secret, _) = enrolled(&scene.world).await;
        // For the link: password and code in one call, of which neither is enough.
        let trip = scene.trip(json!({}), verified("1", "ada@example.com")).await;
        let asked = scene.finish(&trip).await;
        assert_eq!(asked.outcome(), "401 link_required");
        let link = problem(&asked)["link"].clone();
        let password = json!({"currentPassword": PASSWORD});
        assert_eq!(scene.show(&trip, &link, password).await.outcome(), "401 totp_required");
        scene.world.advance(Duration::from_secs(30));
        let typed = code(&scene.world, &secret);
        let alone = scene.show(&trip, &link, json!({"totp": typed})).await;
        assert_eq!(alone.outcome(), "422 validation_failed");
        let both = json!({"currentPassword": PASSWORD, "totp": typed});
        let reply = scene.show(&trip, &link, both).await.ok();
        let said = said_by(reply["accessToken"].as_str().unwrap());
        assert_eq!(said["amr"], json!(["pwd", "otp", "mfa"]));
        // And each time after that.
        scene.world.advance(Duration::from_secs(30));
        let trip = scene.trip(json!({}), verified("1", "ada@example.com")).await;
        let asked = scene.finish(&trip).await;
        assert_eq!(asked.outcome(), "401 totp_required");
        let link = problem(&asked)["link"].clone();
        scene.world.advance(Duration::from_secs(30));
        let wrong = scene.show(&trip, &link, json!({"totp": "000000"})).await;
        assert_eq!(wrong.outcome(), "401 invalid_credentials");
        let password = json!({"currentPassword": PASSWORD, "totp": code(&scene.world, &secret)});
        assert_eq!(scene.show(&trip, &link, password).await.outcome(), "422 validation_failed");
        let typed = json!({"totp": code(&scene.world, &secret)});
        let reply = scene.show(&trip, &link, typed.clone()).await.ok();
        let said = said_by(reply["accessToken"].as_str().unwrap());
        assert_eq!(said["amr"], json!(["fed", "otp", "mfa"]));
        assert_eq!(scene.show(&trip, &link, typed).await.outcome(), "400 invalid_state");
    })
    .await;
}

#[tokio::test]
async fn an_identity_is_linked_in_the_session_that_asked_for_it() {
    Scene::on_each_engine("", &[], async |scene| {
        let (_, ada) = registered(&scene.world, "ada@example.com").await;
        let (_, bob) = registered(&scene.world, "bob@example.com").await;
        let client = &scene.world.client;
        let begun = client.call("provider/beginLink", &ada.access, json!({"provider": "acme"}));
        let begun = begun.await.ok();
        let back = scene.provider.consent(begun["url"].as_str().unwrap(), verified("1", "x@y.zz"));
        let trip = Trip { back, key: begun["key"].clone() };
        // Elsewhere, by nobody, or as a way to sign in, it comes to nothing.
        let finish = async |token: &str| {
            client.call("provider/finishLink", token, trip.body()).await.outcome()
        };
        assert_eq!(finish(&bob.access).await, "400 invalid_state");
        assert_eq!(scene.finish(&trip).await.outcome(), "400 invalid_state", "used by the other");
        let linked = scene.link(&ada.access, verified("1", "ada@acme.example")).await.ok();
        let one = &linked["linked"][0];
        assert_eq!(
            (&one["email"], &linked["hasPassword"]),
            (&json!("ada@acme.example"), &json!(true))
        );
        let reply = scene.come(verified("1", "ada@acme.example")).await.ok();
        let said = said_by(reply["accessToken"].as_str().unwrap());
        assert_eq!(said["email"], "ada@example.com");
        // One identity opens one sign-in.
        let taken = scene.link(&bob.access, verified("1", "ada@acme.example")).await;
        assert_eq!(taken.outcome(), "409 provider_taken");
        for subject in 2..=5 {
            scene.link(&ada.access, verified(&subject.to_string(), "x@y.zz")).await.ok();
        }
        let surplus = scene.link(&ada.access, verified("6", "x@y.zz")).await;
        assert_eq!(surplus.outcome(), "409 too_many_providers");
    })
    .await;
}

#[tokio::test]
async fn who_signs_in_joins_nothing_by_the_way() {
    Scene::on_each_engine(TRUSTED, &[], async |scene| {
        let (rival, _) = registered(&scene.world, "rival@example.com").await;
        scene.come(verified("1", "ada@example.com")).await.ok();
        let body = json!({"email": "ada@example.com", "sendInvite": true});
        scene.world.call("user/create", &rival, body).await.ok();
        let code = scene.last_letter().await.code();
        let trip = scene.trip(json!({"invite": code}), verified("1", "ada@example.com")).await;
        let reply = scene.finish(&trip).await.ok();
        assert_eq!((&reply["user"], &reply["accountId"]), (&Value::Null, &Value::Null));
        // The click that joins is another one.
        let token = reply["accessToken"].as_str().unwrap();
        let joined =
            scene.world.client.call("user/login", token, json!({"invite": code})).await.ok();
        assert_eq!(joined["account"]["id"], json!(rival.account));
        // An account that one is in can be asked for; another is not entered.
        for (account, entered) in
            [(&rival.account, true), (&scene.world.root().await.account, false)]
        {
            let begin = json!({"accountId": account});
            let trip = scene.trip(begin, verified("1", "ada@example.com")).await;
            let reply = scene.finish(&trip).await.ok();
            assert_eq!(reply["accountId"] == json!(account), entered);
        }
    })
    .await;
}

#[tokio::test]
async fn an_identity_comes_off_again_but_not_the_last_way_in() {
    Scene::on_each_engine(TRUSTED, &[], async |scene| {
        let (_, ada) = registered(&scene.world, "ada@example.com").await;
        scene.link(&ada.access, verified("1", "ada@example.com")).await.ok();
        let other = scene.come(verified("1", "ada@example.com")).await.ok();
        let remove = json!({"issuer": scene.provider.issuer(), "subject": "1"});
        let client = &scene.world.client;
        let left = client.call("provider/remove", &ada.access, remove.clone()).await.ok();
        assert_eq!(left["linked"], json!([]));
        assert_eq!(scene.last_letter().await.subject, "You no longer sign in with Acme");
        // Who came in by it is out.
        let refresh = json!({"refreshToken": other["refreshToken"]});
        let refreshed = call(&scene.world, "session/refresh", refresh).await;
        assert_eq!(refreshed.outcome(), "401 unauthenticated");
        assert_eq!(
            scene.come(verified("1", "ada@example.com")).await.outcome(),
            "401 link_required"
        );
        let gone = client.call("provider/remove", &ada.access, remove.clone()).await;
        assert_eq!(gone.outcome(), "404 not_found");

        let mut claims = verified("2", "bob@example.com");
        claims["auth_time"] = json!(NOW.millis() / 1000);
        let bob = scene.come(claims).await.ok();
        let token = bob["accessToken"].as_str().unwrap();
        let remove = json!({"issuer": scene.provider.issuer(), "subject": "2"});
        let last = client.call("provider/remove", token, remove).await;
        assert_eq!(last.outcome(), "409 last_credential");
    })
    .await;
}
