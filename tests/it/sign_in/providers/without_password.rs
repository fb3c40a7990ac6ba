//! Who signs in with a provider and has no password to type again: what shows instead that it is the person, before the
//! own email moves or the second factor changes.

use super::*;
use crate::{
    sign_in::{
        fresh::{access, asked, confirm as confirm_session, with_code},
        own_email::{NEW, OLD, OTHER, by, code_in, confirm, email_of},
        subjects,
        totp::{code as code_of_app, secret},
    },
    support::world::Person,
};

const REFUSED: &str = "401 reauthentication_required";

/// Signs in anew with the provider, which says when the person has signed in there, if it does.
async fn come(scene: &Scene, auth_time: Value) -> Signed {
    let mut claims = verified("1", OLD);
    claims["auth_time"] = auth_time;
    Signed::from(&scene.come(claims).await.ok())
}

fn just_now(scene: &Scene) -> Value {
    json!(scene.world.clock.now().millis() / 1000)
}

/// Ada, who has an account and nothing but the provider.
async fn ada(scene: &Scene) -> (Person, Signed) {
    let first = come(scene, just_now(scene)).await;
    let register = json!({"register": true});
    let user = scene.world.client.call("user/login", &first.access, register).await.ok();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let (id, account) = (text(&user["user"]["id"]), text(&user["account"]["id"]));
    (Person { token: first.access.clone(), id, account }, first)
}

/// Asks for another address; later than the call before, so that letters have an order.
async fn ask(scene: &Scene, person: &Person, body: Value) -> Answer {
    scene.world.advance(Duration::from_millis(1));
    scene.world.call("user/update", person, body).await
}

/// The person with the token that a confirmation gives.
async fn shown(scene: &Scene, person: &Person, proof: Value) -> Person {
    let reply = confirm_session(&scene.world, &person.token, proof).await.ok();
    Person { token: access(&reply), ..person.clone() }
}

#[tokio::test]
async fn the_own_address_moves_by_its_mailbox_and_the_code_to_the_new_one() {
    Scene::on_each_engine(TRUSTED, &[], async |scene| {
        let (ada, signed) = ada(&scene).await;
        let sub = said_by(&signed.access)["sub"].clone();
        // That the provider has just asked for a password there proves nothing about who calls now.
        let refused = ask(&scene, &ada, json!({"newEmail": NEW})).await;
        assert_eq!(refused.outcome(), REFUSED);
        let problem = problem(&refused);
        assert_eq!(
            (&problem["maxAge"], &problem["confirmBy"]),
            (&json!(120), &json!(["emailCode"]))
        );
        let typed = json!({"newEmail": NEW, "currentPassword": PASSWORD});
        assert_eq!(ask(&scene, &ada, typed).await.outcome(), "409 no_password");
        assert_eq!(subjects(&scene.world, NEW).await, Vec::<String>::new(), "nothing was sent");

        let mailed = with_code(&asked(&scene.world, &ada.token, OLD).await);
        let ada = shown(&scene, &ada, mailed).await;
        let told = subjects(&scene.world, OLD).await.len();
        assert_eq!(ask(&scene, &ada, json!({"newEmail": NEW})).await.ok()["email"], OLD);
        assert_eq!(email_of(&scene.world, &ada).await, OLD, "nothing moves before the code");
        let code = code_in(&scene.world, NEW, "confirm-email").await;
        assert_eq!(confirm(&scene.world, &ada, &code).await.ok()["email"], NEW);
        assert_eq!(subjects(&scene.world, OLD).await[told..], ["Your email was changed"]);
        // The provider opens the same sign-in.
        let again = come(&scene, Value::Null).await;
        let said = said_by(&again.access);
        assert_eq!((&said["sub"], &said["email"]), (&sub, &json!(NEW)));

        // The way back leads back, and leaves the intruder nothing.
        let undo = code_in(&scene.world, OLD, "undo-email").await;
        let body = json!({"code": undo, "newPassword": OTHER});
        call(&scene.world, "user/undoEmail", body).await.ok();
        let refresh = json!({"refreshToken": again.refresh});
        assert_eq!(
            call(&scene.world, "session/refresh", refresh).await.outcome(),
            "401 unauthenticated"
        );
        let back = Signed::from(&sign_in(&scene.world, OLD, OTHER).await.ok());
        assert_eq!(said_by(&back.access)["sub"], sub);
    })
    .await;
}

#[tokio::test]
async fn a_stolen_session_moves_no_address() {
    Scene::on_each_engine(TRUSTED, &[], async |scene| {
        let (ada, signed) = ada(&scene).await;
        let body = json!({"newEmail": "thief@example.org"});
        // Neither as fresh as it was stolen, nor renewed, nor for another account.
        assert_eq!(ask(&scene, &ada, body.clone()).await.outcome(), REFUSED);
        let refresh = json!({"refreshToken": signed.refresh});
        let renewed = Signed::from(&call(&scene.world, "session/refresh", refresh).await.ok());
        let thief = by(&ada, &renewed);
        assert_eq!(ask(&scene, &thief, body.clone()).await.outcome(), REFUSED);
        let token = scene.world.client.call("session/token", &thief.token, json!({})).await.ok();
        let exchanged = Person { token: access(&token), ..ada.clone() };
        assert_eq!(ask(&scene, &exchanged, body.clone()).await.outcome(), REFUSED);
        // The code goes to the mailbox, which the thief does not read.
        let (key, code) = asked(&scene.world, &thief.token, OLD).await;
        let guess = json!({"emailCode": "00000000", "key": key});
        let wrong = confirm_session(&scene.world, &thief.token, guess).await;
        assert_eq!(wrong.faults(), "emailCode:wrong");
        // What the owner shows in another session is no proof in this one.
        let elsewhere = by(&ada, &come(&scene, just_now(&scene)).await);
        let proof = with_code(&(key, code));
        let refused = confirm_session(&scene.world, &elsewhere.token, proof).await;
        assert_eq!(refused.faults(), "emailCode:wrong");
        // Tokens count in seconds.
        scene.world.advance(Duration::from_secs(1));
        let proof = with_code(&asked(&scene.world, &elsewhere.token, OLD).await);
        let owner = shown(&scene, &elsewhere, proof).await;
        assert_eq!(ask(&scene, &thief, body.clone()).await.outcome(), REFUSED);
        // Nor is it for a copy of the token of before, in the owner's own session.
        assert_eq!(ask(&scene, &elsewhere, body.clone()).await.outcome(), REFUSED);
        // It is good for the call that asked for it, and not until the next one comes along.
        scene.world.advance(Duration::from_mins(2));
        assert_eq!(ask(&scene, &owner, body.clone()).await.outcome(), REFUSED);
        assert_eq!(subjects(&scene.world, "thief@example.org").await, Vec::<String>::new());
        // A provider that is asked again in that browser, and signs in without a word, shows nothing.
        let silent = by(&ada, &come(&scene, Value::Null).await);
        let stale = ask(&scene, &silent, body.clone()).await;
        assert_eq!((stale.outcome().as_str(), &problem(&stale)["maxAge"]), (REFUSED, &json!(600)));
        let long_ago = scene.world.clock.now().millis() / 1000 - 3600;
        let silent = by(&ada, &come(&scene, json!(long_ago)).await);
        assert_eq!(ask(&scene, &silent, body).await.outcome(), REFUSED);
    })
    .await;
}

#[tokio::test]
async fn with_a_second_factor_a_code_of_it_moves_the_address_and_nothing_else() {
    Scene::on_each_engine(TRUSTED, &[], async |scene| {
        let (ada, _) = ada(&scene).await;
        let client = &scene.world.client;
        // A person who turns it on locks out everybody who cannot show it: so that takes the mailbox, too.
        let refused = client.call("totp/enroll", &ada.token, json!({})).await;
        assert_eq!(
            (refused.outcome().as_str(), &problem(&refused)["maxAge"]),
            (REFUSED, &json!(120))
        );
        let mailed = with_code(&asked(&scene.world, &ada.token, OLD).await);
        let ada = shown(&scene, &ada, mailed).await;
        let enrolled = client.call("totp/enroll", &ada.token, json!({})).await.ok();
        let secret = secret(enrolled["secret"].as_str().unwrap());
        let on = json!({"code": code_of_app(&scene.world, &secret)});
        client.call("totp/confirm", &ada.token, on).await.ok();

        // After the provider comes the code: that is how the session begins, and no proof of who calls in it.
        scene.world.advance(Duration::from_secs(30));
        let trip = scene.trip(json!({}), verified("1", OLD)).await;
        let link = problem(&scene.finish(&trip).await)["link"].clone();
        let typed = json!({"totp": code_of_app(&scene.world, &secret)});
        let signed = Signed::from(&scene.show(&trip, &link, typed).await.ok());
        let ada = by(&ada, &signed);
        let refused = ask(&scene, &ada, json!({"newEmail": NEW})).await;
        assert_eq!(refused.outcome(), REFUSED);
        assert_eq!(problem(&refused)["confirmBy"], json!(["totp"]));
        let off = client.call("totp/remove", &ada.token, json!({})).await;
        assert_eq!(off.outcome(), REFUSED);
        let mailed = with_code(&asked(&scene.world, &ada.token, OLD).await);
        let mailed = confirm_session(&scene.world, &ada.token, mailed).await;
        assert_eq!(mailed.faults(), "totp:required");
        scene.world.advance(Duration::from_secs(30));
        let typed = json!({"totp": code_of_app(&scene.world, &secret)});
        let ada = shown(&scene, &ada, typed).await;
        ask(&scene, &ada, json!({"newEmail": NEW})).await.ok();
        let code = code_in(&scene.world, NEW, "confirm-email").await;
        assert_eq!(confirm(&scene.world, &ada, &code).await.ok()["email"], NEW);
        client.call("totp/remove", &ada.token, json!({})).await.ok();
    })
    .await;
}

#[tokio::test]
async fn who_has_a_password_by_now_types_it() {
    Scene::on_each_engine(TRUSTED, &[], async |scene| {
        let (ada, _) = ada(&scene).await;
        let mailed = with_code(&asked(&scene.world, &ada.token, OLD).await);
        let ada = shown(&scene, &ada, mailed).await;
        ask(&scene, &ada, json!({"newEmail": NEW})).await.ok();
        let code = code_in(&scene.world, NEW, "confirm-email").await;
        call(&scene.world, "password/forgot", json!({"email": OLD})).await.ok();
        let reset = code_in(&scene.world, OLD, "reset").await;
        let body = json!({"code": reset, "newPassword": PASSWORD, "keepProviders": true});
        call(&scene.world, "password/reset", body).await.ok();
        // The session that has confirmed has ended by that, and so has what it asked for.
        let ended = confirm(&scene.world, &ada, &code).await;
        assert_eq!(ended.outcome(), "401 unauthenticated");
        let ada = by(&ada, &come(&scene, just_now(&scene)).await);
        assert_eq!(confirm(&scene.world, &ada, &code).await.outcome(), "404 not_found");
        let bare = ask(&scene, &ada, json!({"newEmail": NEW})).await;
        assert_eq!(bare.faults(), "currentPassword:required");
    })
    .await;
}
