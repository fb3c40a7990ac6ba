//! Identities that come to a sign-in which is there: what has to be shown for them, and what has not.

use super::*;
use crate::sign_in::{
    fresh::{access, asked, confirm, with_code},
    totp::{code, enrolled, secret},
};

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
        // A person who has only the ticket and the code has nothing.
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
    assert_eq!(show(&third).await.outcome(), "400 invalid_state", "five were tried");
    assert_eq!(again().await.outcome(), "400 invalid_state", "no other code opens anything");
}

#[tokio::test]
async fn a_second_factor_cannot_be_guessed_at_with_codes_from_the_mailbox() {
    Scene::on_each_engine("", &[], async |scene| {
        let (_, secret, _) = enrolled(&scene.world).await;
        scene.world.advance(Duration::from_secs(30));
        let ticket = async || {
            let trip = scene.trip(json!({}), verified("1", "ada@example.com")).await;
            let link = scene.finish(&trip).await.ok()["link"].clone();
            (trip, link, digits(&scene.last_letter().await))
        };
        let show = async |(trip, link, mailed): &(Trip, Value, String), totp: &str| {
            let shown = json!({"emailCode": mailed, "totp": totp});
            scene.show(trip, link, shown).await.outcome()
        };
        let first = ticket().await;
        let asked = scene.show(&first.0, &first.1, json!({"emailCode": first.2})).await;
        assert_eq!(asked.outcome(), "401 totp_required");
        for _ in 0..5 {
            assert_eq!(show(&first, "000000").await, "401 invalid_credentials");
        }
        let right = code(&scene.world, &secret);
        assert_eq!(show(&first, &right).await, "400 invalid_state", "five were tried");
        // Another ticket begins no new count, and what is right has to wait as well.
        let second = ticket().await;
        assert_eq!(show(&second, "000000").await, "401 invalid_credentials");
        assert_eq!(show(&second, &right).await, "429 too_many_requests");
        assert_eq!(show(&second, "000000").await, "429 too_many_requests");
        scene.world.advance(Duration::from_secs(30));
        assert_eq!(show(&second, &code(&scene.world, &secret)).await, "200");
    })
    .await;
}

#[tokio::test]
async fn a_wrong_second_factor_counts_for_the_address_that_it_comes_from() {
    let scene = Scene::new(Engine::Sqlite, "", &[]).await;
    enrolled(&scene.world).await;
    let guess = async |number: usize| {
        let email = format!("nobody{number}@example.com");
        sign_in(&scene.world, &email, "another long password").await.outcome()
    };
    for number in 0..19 {
        assert_eq!(guess(number).await, "401 invalid_credentials");
    }
    let trip = scene.trip(json!({}), verified("1", "ada@example.com")).await;
    let link = scene.finish(&trip).await.ok()["link"].clone();
    let mailed = digits(&scene.last_letter().await);
    for _ in 0..2 {
        let shown = json!({"emailCode": mailed, "totp": "000000"});
        assert_eq!(scene.show(&trip, &link, shown).await.outcome(), "401 invalid_credentials");
    }
    assert_eq!(guess(19).await, "429 too_many_requests");
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

#[tokio::test]
async fn who_links_chooses_an_account_there_where_that_can_be_asked_for() {
    for (metadata, expected) in [
        (json!({}), None),
        (json!({"prompt_values_supported": ["none", "consent"]}), None),
        (json!({"prompt_values_supported": ["none", "login", "consent"]}), Some("login")),
        (json!({"prompt_values_supported": ["login", "select_account"]}), Some("select_account")),
    ] {
        let scene = Scene::new(Engine::Sqlite, TRUSTED, &[]).await;
        scene.provider.change(|it| it.metadata = metadata.clone());
        let (_, ada) = registered(&scene.world, "ada@example.com").await;
        let (sent, _) = scene.sent_to_link(&ada.access, verified("1", "x@y.zz")).await;
        assert_eq!(sent.get("prompt").map(String::as_str), expected, "{metadata}");
        assert_eq!(sent["max_age"], "600");
        // Who signs in may be signed in there anyway.
        let begun = call(&scene.world, "provider/begin", json!({"provider": "acme"})).await.ok();
        let sent = query_of(begun["url"].as_str().unwrap());
        assert!(!sent.contains_key("prompt") && !sent.contains_key("max_age"), "{sent:?}");
    }
}

#[tokio::test]
async fn who_links_has_signed_in_there_just_now() {
    let said = json!({"claims_supported": ["sub", "auth_time"]});
    let now = NOW.millis() / 1000;
    let (stale, fine) = ("401 provider_refused", "200");
    for (metadata, auth_time, expected) in [
        (&said, json!(now - 620), fine),
        (&said, json!(now - 640), stale),
        (&said, Value::Null, stale),
        (&json!({}), json!(now - 640), stale),
        // Nothing says that it could.
        (&json!({}), Value::Null, fine),
    ] {
        let scene = Scene::new(Engine::Sqlite, TRUSTED, &[]).await;
        scene.provider.change(|it| it.metadata = metadata.clone());
        let (_, ada) = registered(&scene.world, "ada@example.com").await;
        let mut claims = verified("1", "ada@example.com");
        claims["auth_time"] = auth_time.clone();
        // The way there and back may take as long as a state is good.
        let (_, trip) = scene.sent_to_link(&ada.access, claims).await;
        scene.world.advance(Duration::from_mins(9));
        let linked = scene.world.client.call("provider/finishLink", &ada.access, trip.body()).await;
        assert_eq!(linked.outcome(), expected, "{metadata} {auth_time}");
        if expected == stale {
            let detail = problem(&linked)["detail"].clone();
            assert!(detail.as_str().unwrap().contains("too long ago"), "{detail}");
        }
    }
}

#[tokio::test]
async fn ones_own_export_lists_what_is_linked_and_an_admins_does_not() {
    Scene::on_each_engine("", &[], async |scene| {
        let root = scene.world.root().await;
        let admin = scene.world.admin("admin@example.com").await;
        let body = json!({"email": "bob@example.com", "sendInvite": true});
        let user = scene.world.call("user/create", &admin, body).await.ok();
        let code = scene.last_letter().await.code();
        let trip = scene.trip(json!({"invite": code}), verified("1", "bob@example.com")).await;
        let bob = scene.finish(&trip).await.ok();
        let export = async |token: &str, body: Value| {
            scene.world.client.call_in("", "user/export", token, body).await.ok()
        };
        let own = export(bob["accessToken"].as_str().unwrap(), json!({})).await;
        let issuer = scene.provider.issuer();
        let since = own["signIn"]["linked"][0]["since"].clone();
        let expected = json!([{
            "provider": "acme", "label": "Acme", "issuer": issuer, "subject": "1",
            "email": "bob@example.com", "since": since,
        }]);
        assert_eq!(own["signIn"]["linked"], expected);
        let who = json!({"id": user["id"]});
        let admins = scene.world.call("user/export", &admin, who.clone()).await.ok();
        assert!(admins.get("signIn").is_none() && !admins.to_string().contains(issuer));
        let operators = scene.world.call("user/export", &root, who).await.ok();
        assert_eq!(operators["signIn"]["linked"], expected);
    })
    .await;
}

#[tokio::test]
async fn who_has_no_password_turns_a_second_factor_on_by_a_fresh_sign_in() {
    let scene = Scene::new(Engine::Sqlite, TRUSTED, &[]).await;
    let client = &scene.world.client;
    let come = async |auth_time: Value| {
        let mut claims = verified("1", "ada@example.com");
        claims["auth_time"] = auth_time;
        let trip = scene.trip(json!({}), claims).await;
        scene.finish(&trip).await
    };
    let first = come(json!(NOW.millis() / 1000)).await.ok();
    let token = first["accessToken"].as_str().unwrap();
    client.call("user/login", token, json!({"register": true})).await.ok();
    let silent = come(Value::Null).await.ok();
    let silent = silent["accessToken"].as_str().unwrap();
    let stale = client.call("totp/enroll", silent, json!({})).await;
    assert_eq!(stale.outcome(), "401 reauthentication_required");
    let mailed = with_code(&asked(&scene.world, token, "ada@example.com").await);
    let token = &access(&confirm(&scene.world, token, mailed).await.ok());
    let enrolled = client.call("totp/enroll", token, json!({})).await.ok();
    let secret = secret(enrolled["secret"].as_str().unwrap());
    let body = json!({"code": code(&scene.world, &secret)});
    client.call("totp/confirm", token, body).await.ok();
    assert_eq!(come(Value::Null).await.outcome(), "401 totp_required");
    let off = client.call("totp/remove", token, json!({})).await;
    assert_eq!(off.outcome(), "200");
}
