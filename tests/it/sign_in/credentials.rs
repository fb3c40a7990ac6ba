//! What a sign-in may have, and have not, to sign in with.

use std::time::Duration;

use serde_json::{Value, json};

use super::{
    Signed, call,
    epochs::{on_each_table, rewrite, sign_in_id},
    letters, registered, sign_in, totp,
};
use crate::support::{scene::PASSWORD, world::Person};

const NEW: &str = "a rather different passphrase";

#[tokio::test]
async fn a_sign_in_may_have_no_password() {
    on_each_table(async |world, table| {
        let (ada, signed) = registered(&world, "ada@example.com").await;
        let partition = format!("signin#{}", sign_in_id(&signed));
        rewrite(&table, &partition, |sign_in| sign_in["credentials"] = json!([])).await;
        let any = sign_in(&world, "ada@example.com", PASSWORD).await;
        assert_eq!(any.outcome(), "401 invalid_credentials");
        // Where the current one is asked for there is none to show.
        for (name, body) in [
            ("user/changePassword", json!({"currentPassword": PASSWORD, "newPassword": NEW})),
            ("user/changePassword", json!({"newPassword": NEW})),
            ("user/update", json!({"newEmail": "a@example.com", "currentPassword": PASSWORD})),
            ("totp/enroll", json!({"currentPassword": PASSWORD})),
            ("totp/remove", json!({"currentPassword": PASSWORD})),
        ] {
            let refused = world.call(name, &ada, body).await;
            assert_eq!(refused.outcome(), "409 no_password", "{name}");
        }
        // A letter gives one.
        call(&world, "password/forgot", json!({"email": "ada@example.com"})).await.ok();
        let code = letters(&world).await.pop().unwrap().code();
        call(&world, "password/reset", json!({"code": code, "newPassword": NEW})).await.ok();
        assert_eq!(sign_in(&world, "ada@example.com", NEW).await.outcome(), "200");
    })
    .await;
}

#[tokio::test]
async fn whoever_has_no_password_turns_the_second_factor_on_and_off_by_being_fresh() {
    on_each_table(async |world, table| {
        let (ada, signed) = registered(&world, "ada@example.com").await;
        let partition = format!("signin#{}", sign_in_id(&signed));
        let drop_password = |sign_in: &mut Value| {
            let credentials = sign_in["credentials"].as_array_mut().unwrap();
            credentials.retain(|credential| credential["kind"] != "password");
        };
        rewrite(&table, &partition, drop_password).await;
        world.advance(Duration::from_secs(10 * 60 + 1));
        let refused = world.call("totp/enroll", &ada, json!({})).await;
        assert_eq!(refused.outcome(), "401 reauthentication_required");
        assert_eq!(refused.json()["confirmBy"], json!(["emailCode"]));
        let asked = world.call("session/code", &ada, json!({})).await.ok();
        let letter = letters(&world).await.pop().unwrap();
        let is_code = |word: &&str| word.len() == 8 && word.bytes().all(|it| it.is_ascii_digit());
        let code = letter.text.split_whitespace().find(is_code).unwrap();
        let body = json!({"emailCode": code, "key": asked["key"]});
        let confirmed = world.call("session/confirm", &ada, body).await.ok();
        let ada = Person { token: confirmed["accessToken"].as_str().unwrap().to_owned(), ..ada };
        let enrolment = world.call("totp/enroll", &ada, json!({})).await.ok();
        let secret = totp::secret(enrolment["secret"].as_str().unwrap());
        let body = json!({"code": totp::code(&world, &secret)});
        world.call("totp/confirm", &ada, body).await.ok();
        let removed = world.call("totp/remove", &ada, json!({})).await.ok();
        assert_eq!(removed["twoFactor"], false);
    })
    .await;
}

#[tokio::test]
async fn nobody_signs_in_past_a_credential_of_an_unknown_kind() {
    on_each_table(async |world, table| {
        let (ada, signed) = registered(&world, "ada@example.com").await;
        let partition = format!("signin#{}", sign_in_id(&signed));
        let newer = json!({"kind": "hologram", "more": [1, {"deep": true}]});
        let add = |sign_in: &mut Value| {
            sign_in["credentials"].as_array_mut().unwrap().insert(0, newer.clone());
        };
        rewrite(&table, &partition, add).await;
        assert_eq!(sign_in(&world, "ada@example.com", PASSWORD).await.outcome(), "500 internal");
        let wrong = sign_in(&world, "ada@example.com", NEW).await;
        assert_eq!(wrong.outcome(), "401 invalid_credentials", "strangers do not learn of it");
        // Sessions go on, and what is changed does not drop it.
        let refresh = json!({"refreshToken": signed.refresh});
        let signed = Signed::from(&call(&world, "session/refresh", refresh).await.ok());
        let body = json!({"currentPassword": PASSWORD, "newPassword": NEW});
        world.call("user/changePassword", &ada, body).await.ok();
        let stored = table.partition(&partition).await.pop().unwrap();
        let stored: Value = serde_json::from_str(&stored.body).unwrap();
        assert_eq!(stored["credentials"][0], newer);
        assert_eq!(stored["credentials"][1]["kind"], "password");
        assert_eq!(sign_in_id(&signed), stored["id"]);
    })
    .await;
}
