//! What must not be had by way of signing in.

use serde_json::{Value, json};

use super::{
    Signed, call, letters,
    own_email::{code_in, confirm},
    registered, sign_in, signed_in, signed_up, subjects,
};
use crate::support::{
    client::Answer,
    scene::PASSWORD,
    tokens::said_by,
    world::{World, on_each_engine},
};

const NEW: &str = "a rather different passphrase";

async fn get(world: &World, signed: &Signed) -> String {
    world.client.call("user/get", &signed.access, json!({})).await.outcome()
}

/// What an access token says of the address.
fn verified(signed: &Signed) -> Value {
    said_by(&signed.access)["email_verified"].clone()
}

async fn with_key(world: &World, name: &str, token: &str, body: &Value) -> Answer {
    world.client.call_once("k", name, token, body).await
}

#[tokio::test]
async fn tokens_vouch_for_no_address_that_nobody_has_proved() {
    on_each_engine(async |world| {
        let (ada, signed) = registered(&world, "ada@example.com").await;
        assert_eq!(verified(&signed), true);
        // A person who makes a user chooses the address.
        let body = json!({"email": "chief@example.com", "password": PASSWORD});
        let chief = world.call("user/create", &ada, body).await.ok()["id"].clone();
        assert_eq!(verified(&signed_in(&world, "chief@example.com").await), false);
        // The person proves it by a letter; then an admin knows the password again.
        call(&world, "password/forgot", json!({"email": "chief@example.com"})).await.ok();
        let code = letters(&world).await.pop().unwrap().code();
        let body = json!({"code": code, "newPassword": PASSWORD});
        call(&world, "password/reset", body).await.ok();
        assert_eq!(verified(&signed_in(&world, "chief@example.com").await), true);
        let body = json!({"id": chief, "newPassword": PASSWORD});
        world.call("user/changePassword", &ada, body).await.ok();
        assert_eq!(verified(&signed_in(&world, "chief@example.com").await), false);
        // One's own password is no news, and a new address nobody's before it is proved.
        let body = json!({"currentPassword": PASSWORD, "newPassword": NEW});
        world.call("user/changePassword", &ada, body).await.ok();
        let own = Signed::from(&sign_in(&world, "ada@example.com", NEW).await.ok());
        assert_eq!(verified(&own), true);
        let body = json!({"newEmail": "boss@example.com", "currentPassword": NEW});
        world.call("user/update", &ada, body).await.ok();
        let early = sign_in(&world, "boss@example.com", NEW).await;
        assert_eq!(early.outcome(), "401 invalid_credentials");
        let code = code_in(&world, "boss@example.com", "confirm-email").await;
        confirm(&world, &ada, &code).await.ok();
        let moved = Signed::from(&sign_in(&world, "boss@example.com", NEW).await.ok());
        assert_eq!(verified(&moved), true);
    })
    .await;
}

#[tokio::test]
async fn a_token_alone_does_not_lead_to_the_password() {
    on_each_engine(async |world| {
        let (ada, _) = registered(&world, "ada@example.com").await;
        let update = async |body: Value| world.call("user/update", &ada, body).await;
        let bare = json!({"newEmail": "thief@example.com"});
        assert_eq!(update(bare).await.faults(), "currentPassword:required");
        let wrong = json!({"newEmail": "thief@example.com", "currentPassword": NEW});
        assert_eq!(update(wrong).await.faults(), "currentPassword:wrong");
        assert_eq!(update(json!({"first": "Ada"})).await.outcome(), "200");
        let before = subjects(&world, "ada@example.com").await.len();
        let right = json!({"newEmail": "lovelace@example.com", "currentPassword": PASSWORD});
        update(right).await.ok();
        let told = subjects(&world, "lovelace@example.com").await;
        assert_eq!(told, ["Confirm your new email address"]);
        assert_eq!(subjects(&world, "ada@example.com").await.len(), before, "nothing has changed");
    })
    .await;
}

#[tokio::test]
async fn whoever_is_kept_out_of_an_account_keeps_the_sign_in() {
    on_each_engine(async |world| {
        let (ada, _) = registered(&world, "ada@example.com").await;
        let body = json!({"email": "bob@example.com", "password": PASSWORD});
        let bob = world.call("user/create", &ada, body).await.ok()["id"].clone();
        let signed = signed_in(&world, "bob@example.com").await;
        let refresh = json!({"refreshToken": signed.refresh});
        let state = async |state: &str| {
            world.call("user/update", &ada, json!({"id": bob, "state": state})).await.ok()
        };
        state("suspended").await;
        let signed = Signed::from(&call(&world, "session/refresh", refresh).await.ok());
        assert_eq!(get(&world, &signed).await, "403 suspended");
        state("active").await;
        assert_eq!(get(&world, &signed).await, "401 reauthentication_required");
        let signed = signed_in(&world, "bob@example.com").await;
        assert_eq!(get(&world, &signed).await, "200");
        // One that the account keeps goes into the trash with its user.
        world.call("user/remove", &ada, json!({"id": bob})).await.ok();
        let refresh = json!({"refreshToken": signed.refresh});
        assert_eq!(call(&world, "session/refresh", refresh).await.outcome(), "401 unauthenticated");
        assert_eq!(get(&world, &signed).await, "401 unauthenticated");
    })
    .await;
}

#[tokio::test]
async fn a_second_factor_ends_the_sessions_that_began_without() {
    on_each_engine(async |world| {
        let (ada, _) = registered(&world, "ada@example.com").await;
        let other = signed_in(&world, "ada@example.com").await;
        let body = json!({"currentPassword": PASSWORD});
        let reply = world.call("totp/enroll", &ada, body).await.ok();
        let secret = super::totp::secret(reply["secret"].as_str().unwrap());
        let code = json!({"code": secret.code(world.clock.now()).reveal()});
        world.call("totp/confirm", &ada, code).await.ok();
        let refresh = json!({"refreshToken": other.refresh});
        assert_eq!(call(&world, "session/refresh", refresh).await.outcome(), "401 unauthenticated");
        assert_eq!(world.call("user/get", &ada, json!({})).await.outcome(), "200");
    })
    .await;
}

#[tokio::test]
async fn an_invite_that_was_taken_back_leaves_no_other_way_in() {
    on_each_engine(async |world| {
        let (ada, _) = registered(&world, "ada@example.com").await;
        let body = json!({"email": "eve@example.com", "role": "admin", "sendInvite": true});
        let eve = world.call("user/create", &ada, body.clone()).await.ok()["id"].clone();
        world.call("invite/revoke", &ada, json!({"id": eve})).await.ok();
        let before = subjects(&world, "eve@example.com").await.len();
        call(&world, "password/forgot", json!({"email": "eve@example.com"})).await.ok();
        assert_eq!(subjects(&world, "eve@example.com").await.len(), before);
        let signed = signed_up(&world, "eve@example.com").await;
        let login = async |body: Value| world.client.call("user/login", &signed.access, body).await;
        assert_eq!(login(json!({})).await.outcome(), "403 not_registered");
        let join = json!({"accountId": ada.account});
        assert_eq!(login(join).await.outcome(), "403 not_registered");
        // Another invite is another matter.
        let user = world.call("user/create", &ada, body).await.ok();
        assert_eq!(login(json!({"invite": user["invite"]})).await.outcome(), "200");
    })
    .await;
}

#[tokio::test]
async fn nobody_is_drawn_into_an_account_unasked() {
    on_each_engine(async |world| {
        let (mallory, _) = registered(&world, "mallory@example.com").await;
        world.call("user/create", &mallory, json!({"email": "vic@example.com"})).await.ok();
        let vic = signed_up(&world, "vic@example.com").await;
        let login = async |body: Value| world.client.call("user/login", &vic.access, body).await;
        assert_eq!(login(json!({})).await.outcome(), "403 not_registered");
        let reply = login(json!({"register": true})).await.ok();
        assert_ne!(reply["account"]["id"], mallory.account);
        let reply = login(json!({"accountId": mallory.account})).await.ok();
        assert_eq!(reply["account"]["id"], mallory.account, "by choice");
    })
    .await;
}

#[tokio::test]
async fn tokens_are_not_repeated_to_whoever_sends_the_same() {
    on_each_engine(async |world| {
        let (ada, _) = registered(&world, "ada@example.com").await;
        let body = json!({"email": "ada@example.com", "password": PASSWORD});
        let one = with_key(&world, "session/create", "", &body).await.ok();
        let two = with_key(&world, "session/create", "", &body).await.ok();
        assert_ne!(one["refreshToken"], two["refreshToken"]);
        // Strangers who choose the same key do not get in each other's way.
        for email in ["bob@example.com", "eve@example.com"] {
            let body = json!({"email": email, "password": PASSWORD});
            with_key(&world, "identity/create", "", &body).await.ok();
            with_key(&world, "identity/create", "", &body).await.ok();
            assert_eq!(subjects(&world, email).await.len(), 1);
        }
        // A login is not repeated for somebody who is kept out by now.
        let body = json!({"email": "zoe@example.com", "password": PASSWORD});
        let zoe = world.call("user/create", &ada, body).await.ok()["id"].clone();
        let signed = signed_in(&world, "zoe@example.com").await;
        with_key(&world, "user/login", &signed.access, &json!({})).await.ok();
        with_key(&world, "user/login", &signed.access, &json!({})).await.ok();
        let body = json!({"id": zoe, "state": "suspended"});
        world.call("user/update", &ada, body).await.ok();
        let again = with_key(&world, "user/login", &signed.access, &json!({})).await;
        assert_eq!(again.outcome(), "403 suspended");
    })
    .await;
}
