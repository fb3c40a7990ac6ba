//! People's own sign-ins, by password and by providers.

use guestlist::model::totp::TotpSecret;
use serde_json::{Value, json};

use super::ledger::Ledger;
use crate::support::{provider::Back, scene::PASSWORD, world::Person};

pub(super) async fn own_sign_in(ledger: &mut Ledger) {
    let nobody = Person { token: String::new(), id: String::new(), account: String::new() };
    ledger.note("service/about", "service/about", &nobody, json!({})).await;
    let body = json!({"email": "sue@example.com", "password": PASSWORD});
    ledger.note("identity/create", "identity/create", &nobody, body).await;
    let body = json!({"code": ledger.code().await, "password": PASSWORD});
    let reply = ledger.note("identity/verify", "identity/verify", &nobody, body).await;
    let token = reply["accessToken"].as_str().unwrap().to_owned();
    let sue = Person { token, ..nobody.clone() };
    ledger.world.call("user/login", &sue, json!({"register": true})).await.ok();
    ledger.note("user/get, session not cached", "user/get", &sue, json!({})).await;
    // What is read once on each node is no part of what a sign-in costs.
    let body = json!({"email": "nobody@example.com", "password": PASSWORD});
    let refused = ledger.world.call("session/create", &nobody, body).await;
    assert_eq!(refused.outcome(), "401 invalid_credentials");
    let body = json!({"email": "sue@example.com", "password": PASSWORD});
    let reply = ledger.note("session/create", "session/create", &nobody, body).await;
    let body = json!({"refreshToken": reply["refreshToken"]});
    let refreshed = ledger.note("session/refresh", "session/refresh", &nobody, body).await;
    let token = refreshed["accessToken"].as_str().unwrap().to_owned();
    let exchanging = Person { token, ..nobody.clone() };
    ledger.note("session/token", "session/token", &exchanging, json!({})).await;
    ledger.note("session/code", "session/code", &exchanging, json!({})).await;
    let body = json!({"currentPassword": PASSWORD});
    ledger.note("session/confirm", "session/confirm", &exchanging, body).await;
    ledger.note("session/find", "session/find", &sue, json!({})).await;
    let body = json!({"session": reply["session"]});
    ledger.note("session/remove", "session/remove", &sue, body).await;
    let body = json!({"currentPassword": PASSWORD, "newPassword": "another of my passwords"});
    ledger.note("user/changePassword", "user/changePassword", &sue, body).await;
    let body = json!({"currentPassword": "another of my passwords", "newPassword": PASSWORD,
        "newEmail": "susan@example.com"});
    ledger.note("user/update own email and password", "user/update", &sue, body).await;
    let body = json!({"currentPassword": PASSWORD, "newEmail": "susan@example.com"});
    ledger.note("user/update own email", "user/update", &sue, body).await;
    let body = json!({"code": ledger.code_for("confirm-email").await});
    ledger.note("user/confirmEmail", "user/confirmEmail", &sue, body).await;
    let body = json!({"code": ledger.code_for("undo-email").await, "newPassword": PASSWORD});
    ledger.note("user/undoEmail", "user/undoEmail", &nobody, body).await;
    ledger
        .note("password/forgot", "password/forgot", &nobody, json!({"email": "sue@example.com"}))
        .await;
    let code = ledger.code().await;
    ledger.note("password/check", "password/check", &nobody, json!({"code": code})).await;
    let body = json!({"code": code, "newPassword": PASSWORD});
    ledger.note("password/reset", "password/reset", &nobody, body).await;
    let body = json!({"email": "sue@example.com", "password": PASSWORD});
    let reply = ledger.world.call("session/create", &nobody, body).await.ok();
    let token = reply["accessToken"].as_str().unwrap().to_owned();
    let sue = Person { token, ..sue };
    ledger.world.call("user/get", &sue, json!({})).await.ok();
    let body = json!({"currentPassword": PASSWORD});
    let reply = ledger.note("totp/enroll", "totp/enroll", &sue, body).await;
    let secret = reply["secret"].as_str().unwrap();
    let secret = base32::decode(base32::Alphabet::Rfc4648 { padding: false }, secret).unwrap();
    let secret = TotpSecret::from_bytes(&secret).unwrap();
    let body = json!({"code": secret.code(ledger.world.clock.now()).reveal()});
    ledger.note("totp/confirm", "totp/confirm", &sue, body).await;
    let body = json!({"currentPassword": PASSWORD});
    ledger.note("totp/remove", "totp/remove", &sue, body).await;
}

/// Signing in with a provider: for the first time, again, and into a sign-in that is there.
pub(super) async fn with_a_provider(ledger: &mut Ledger) {
    let nobody = Person { token: String::new(), id: String::new(), account: String::new() };
    let clock = ledger.world.clock.clone();
    let said = |subject: &str, email: &str| {
        let now = clock.now().millis() / 1000;
        json!({"sub": subject, "email": email, "email_verified": true, "auth_time": now})
    };
    let (ann, sue) = (said("1", "ann@example.com"), said("2", "sue@example.com"));
    let acme = json!({"provider": "acme"});
    let back = |ledger: &Ledger, begun: &Value, claims: &Value| {
        let Back { code, state } =
            ledger.provider.consent(begun["url"].as_str().unwrap(), claims.clone());
        json!({"code": code, "state": state, "key": begun["key"], "provider": "acme"})
    };
    let begun = ledger.note("provider/begin", "provider/begin", &nobody, acme.clone()).await;
    let body = back(ledger, &begun, &ann);
    ledger.note("provider/finish, the first time", "provider/finish", &nobody, body).await;
    let begun = ledger.world.call("provider/begin", &nobody, acme.clone()).await.ok();
    let body = back(ledger, &begun, &ann);
    let reply = ledger.note("provider/finish", "provider/finish", &nobody, body).await;
    let token = reply["accessToken"].as_str().unwrap().to_owned();
    let person = Person { token, ..nobody.clone() };
    ledger.note("provider/find", "provider/find", &person, json!({})).await;
    let begun =
        ledger.note("provider/beginLink", "provider/beginLink", &person, acme.clone()).await;
    let body = back(ledger, &begun, &said("3", "ann@example.org"));
    ledger.note("provider/finishLink", "provider/finishLink", &person, body).await;
    let body = json!({"issuer": ledger.provider.issuer(), "subject": "3"});
    ledger.note("provider/remove", "provider/remove", &person, body).await;
    let begun = ledger.world.call("provider/begin", &nobody, acme.clone()).await.ok();
    let body = back(ledger, &begun, &sue);
    let asked = ledger.world.call("provider/finish", &nobody, body).await;
    let asked: Value = serde_json::from_slice(&asked.body).unwrap();
    let body = json!({"link": asked["link"], "key": begun["key"]});
    ledger.note("provider/code", "provider/code", &nobody, body.clone()).await;
    let body = json!({"link": asked["link"], "key": begun["key"], "currentPassword": PASSWORD});
    ledger.note("provider/link", "provider/link", &nobody, body).await;
}
