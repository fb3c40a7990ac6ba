//! One's own email: nothing moves before the code that was sent to the new address is shown, by the person who
//! has asked for it.

use std::time::Duration;

use serde_json::{Value, json};

use super::{
    Signed, call,
    epochs::{meanwhile, on_each_table, reset_code},
    letters, registered, sign_in, signed_in, signed_up, subjects,
    totp::{self, enrolled},
};
use crate::support::{
    client::Answer,
    scene::PASSWORD,
    tokens::said_by,
    world::{Person, World, on_each_engine},
};

pub(super) const OLD: &str = "ada@example.com";
pub(super) const NEW: &str = "ada@example.org";
pub(super) const OTHER: &str = "a rather different passphrase";

/// Asks for another address; the call is a little later than the one before, so that letters have an order.
pub(super) async fn ask(world: &World, by: &Person, to: &str) -> Answer {
    world.advance(Duration::from_millis(1));
    let body = json!({"newEmail": to, "currentPassword": PASSWORD});
    world.call("user/update", by, body).await
}

/// The code of the latest letter to an address with a link for that.
pub(super) async fn code_in(world: &World, to: &str, action: &str) -> String {
    let letters = letters(world).await;
    let link = format!("/#{action}=");
    letters.iter().rfind(|it| it.to == to && it.text.contains(&link)).unwrap().code()
}

pub(super) async fn confirm(world: &World, by: &Person, code: &str) -> Answer {
    world.advance(Duration::from_millis(1));
    world.call("user/confirmEmail", by, json!({"code": code})).await
}

/// Moves somebody's own address, who knows the password.
pub(super) async fn moved(world: &World, by: &Person, to: &str) {
    ask(world, by, to).await.ok();
    let code = code_in(world, to, "confirm-email").await;
    assert_eq!(confirm(world, by, &code).await.ok()["email"], to);
}

pub(super) async fn email_of(world: &World, by: &Person) -> Value {
    world.call("user/get", by, json!({})).await.ok()["email"].clone()
}

pub(super) fn by(person: &Person, signed: &Signed) -> Person {
    Person { token: signed.access.clone(), ..person.clone() }
}

async fn tries(world: &World, email: &str) -> String {
    sign_in(world, email, PASSWORD).await.outcome()
}

#[tokio::test]
async fn it_moves_when_the_code_is_shown() {
    on_each_engine(async |world| {
        let (ada, here) = registered(&world, OLD).await;
        let there = signed_in(&world, OLD).await;
        let body = json!({"newEmail": NEW, "currentPassword": PASSWORD, "first": "Augusta"});
        let before = subjects(&world, OLD).await.len();
        let asked = world.call("user/update", &ada, body).await.ok();
        assert_eq!((&asked["email"], &asked["first"]), (&json!(OLD), &json!("Augusta")));
        let token = call(&world, "session/refresh", json!({"refreshToken": here.refresh})).await;
        let here = Signed::from(&token.ok());
        let said = |signed: &Signed, name: &str| said_by(&signed.access)[name].clone();
        assert_eq!(
            (said(&here, "email"), said(&here, "email_verified")),
            (json!(OLD), json!(true))
        );
        assert_eq!(subjects(&world, OLD).await.len(), before, "nothing has changed");
        assert_eq!(tries(&world, NEW).await, "401 invalid_credentials");

        let code = code_in(&world, NEW, "confirm-email").await;
        let ada = by(&ada, &here);
        let moved = confirm(&world, &ada, &code).await.ok();
        assert_eq!((&moved["email"], &moved["first"]), (&json!(NEW), &json!("Augusta")));
        let refresh = json!({"refreshToken": there.refresh});
        assert_eq!(call(&world, "session/refresh", refresh).await.outcome(), "401 unauthenticated");
        let there = by(&ada, &there);
        assert_eq!(
            world.call("user/get", &there, json!({})).await.outcome(),
            "401 unauthenticated"
        );
        let now = Signed::from(
            &call(&world, "session/refresh", json!({"refreshToken": here.refresh})).await.ok(),
        );
        assert_eq!((said(&now, "email"), said(&now, "email_verified")), (json!(NEW), json!(true)));
        assert_eq!(said(&now, "sub"), said(&here, "sub"));
        assert_eq!(tries(&world, OLD).await, "401 invalid_credentials");
        assert_eq!(tries(&world, NEW).await, "200");
        let told = subjects(&world, OLD).await;
        assert_eq!(told[before..], ["Your email was changed"]);
        assert_eq!(confirm(&world, &ada, &code).await.outcome(), "404 not_found", "once");
        // What the person's own trail says of it, and the account's.
        let export = world.call("user/export", &ada, json!({})).await.ok();
        let own = export["signIn"]["audit"].as_array().unwrap().clone();
        let entry = own.iter().find(|it| it["action"] == "user/confirmEmail").unwrap();
        assert_eq!((&entry["actor"], &entry["changed"]), (&json!("person"), &json!(["email"])));
        let body = json!({"action": "user/confirmEmail"});
        let trail = world.call("audit/find", &ada, body).await.ok();
        assert_eq!(trail["data"][0]["changed"], json!(["email"]));
        assert_eq!(trail["data"][0]["actor"], format!("user:{}", ada.id));
        // The old address is free.
        signed_up(&world, OLD).await;
    })
    .await;
}

#[tokio::test]
async fn users_ask_for_themselves() {
    on_each_engine(async |world| {
        let (ada, _) = registered(&world, OLD).await;
        let body = json!({"email": "bob@example.com", "password": PASSWORD});
        let id = world.call("user/create", &ada, body).await.ok()["id"].clone();
        let id = id.as_str().unwrap().to_owned();
        let signed = signed_in(&world, "bob@example.com").await;
        let bob = Person { token: signed.access, id, account: ada.account.clone() };
        // A person who has chosen the address for Bob knows the password, too.
        let refused = ask(&world, &bob, "rob@example.com").await;
        assert_eq!(refused.outcome(), "403 email_unverified");
        assert!(refused.json()["detail"].as_str().unwrap().contains("password/forgot"));
        let code = reset_code(&world, "bob@example.com").await;
        let body = json!({"code": code, "newPassword": PASSWORD});
        call(&world, "password/reset", body).await.ok();
        let bob = by(&bob, &signed_in(&world, "bob@example.com").await);
        let bare = world.call("user/update", &bob, json!({"newEmail": "rob@example.com"})).await;
        assert_eq!(bare.faults(), "currentPassword:required");
        assert_eq!(ask(&world, &bob, "bob@example.com").await.ok()["email"], "bob@example.com");
        assert_eq!(subjects(&world, "bob@example.com").await.len(), 2, "nothing was asked for");
        moved(&world, &bob, "rob@example.com").await;
        // Nobody else's, and not where the email comes from elsewhere.
        let body = json!({"id": ada.id, "newEmail": "x@example.com"});
        assert_eq!(world.call("user/update", &bob, body).await.outcome(), "403 forbidden_field");
        let eve = world.invited(&ada, "eve@example.com", json!({})).await;
        let body = json!({"newEmail": "eva@example.com"});
        let refused = world.call("user/update", &eve, body).await;
        assert_eq!(refused.outcome(), "403 forbidden");
        assert!(refused.json()["detail"].as_str().unwrap().contains("change it there"));
        let admin = world.invited(&ada, "sam@example.com", json!({"role": "admin"})).await;
        let body = json!({"newEmail": "sam@example.org"});
        assert_eq!(world.call("user/update", &admin, body).await.ok()["email"], "sam@example.org");
        let refused = confirm(&world, &admin, &"A".repeat(24)).await;
        assert_eq!(refused.outcome(), "403 forbidden", "there is no session of ours");
        // Nor for keys.
        let key = Person { token: world.key(&ada, "admin", "write").await, ..ada.clone() };
        let refused = confirm(&world, &key, &"A".repeat(24)).await;
        assert_eq!(refused.outcome(), "403 forbidden");
    })
    .await;
}

#[tokio::test]
async fn the_code_is_good_for_nobody_else() {
    on_each_engine(async |world| {
        let (mallory, _) = registered(&world, "mallory@example.com").await;
        let (ada, _) = registered(&world, OLD).await;
        // Mallory asks for an address that Ada reads, and Ada opens the link.
        ask(&world, &mallory, NEW).await.ok();
        let code = code_in(&world, NEW, "confirm-email").await;
        assert_eq!(confirm(&world, &ada, &code).await.outcome(), "404 not_found");
        assert_eq!(email_of(&world, &ada).await, OLD);
        assert_eq!(email_of(&world, &mallory).await, "mallory@example.com");
        let anyone = call(&world, "user/confirmEmail", json!({"code": code})).await;
        assert_eq!(anyone.outcome(), "401 unauthenticated");
        // Any session of the same person may show it.
        let other = by(&mallory, &signed_in(&world, "mallory@example.com").await);
        assert_eq!(confirm(&world, &other, &code).await.outcome(), "200");
        assert_eq!(world.call("user/get", &mallory, json!({})).await.status, 401);
    })
    .await;
}

#[tokio::test]
async fn it_ends_with_what_it_was_asked_for_in() {
    on_each_engine(async |world| {
        let (ada, _) = registered(&world, OLD).await;
        let asked = async |by: &Person| {
            // Beyond what the limits on letters forget.
            world.advance(Duration::from_hours(5));
            let signed = signed_in(&world, OLD).await;
            let asking = Person { token: signed.access, ..by.clone() };
            ask(&world, &asking, NEW).await.ok();
            (asking, code_in(&world, NEW, "confirm-email").await)
        };
        let refused = async |by: &Person, code: &str| {
            let outcome = confirm(&world, by, code).await.outcome();
            assert_eq!(outcome, "404 not_found");
        };
        // A new password, also the person's own.
        let (asking, code) = asked(&ada).await;
        let body = json!({"currentPassword": PASSWORD, "newPassword": OTHER});
        world.call("user/changePassword", &asking, body).await.ok();
        refused(&asking, &code).await;
        let body = json!({"currentPassword": OTHER, "newPassword": PASSWORD});
        world.call("user/changePassword", &asking, body).await.ok();
        // A reset.
        let (_, code) = asked(&ada).await;
        let body = json!({"code": reset_code(&world, OLD).await, "newPassword": PASSWORD});
        call(&world, "password/reset", body).await.ok();
        refused(&by(&ada, &signed_in(&world, OLD).await), &code).await;
        // The session's end.
        let (asking, code) = asked(&ada).await;
        world.call("session/remove", &asking, json!({})).await.ok();
        refused(&by(&ada, &signed_in(&world, OLD).await), &code).await;
        // Time.
        let (asking, code) = asked(&ada).await;
        world.advance(Duration::from_mins(11));
        let stale = confirm(&world, &asking, &code).await;
        assert_eq!(stale.outcome(), "401 reauthentication_required");
        world.advance(Duration::from_mins(50));
        refused(&by(&ada, &signed_in(&world, OLD).await), &code).await;
        assert_eq!(
            subjects(&world, OLD).await.iter().filter(|it| it.contains("email was")).count(),
            0
        );
        // With a new password in the same step it is good.
        let asking = by(&ada, &signed_in(&world, OLD).await);
        let body = json!({"newEmail": NEW, "currentPassword": PASSWORD, "newPassword": OTHER});
        world.advance(Duration::from_hours(5));
        let asking = Person { token: signed_in(&world, OLD).await.access, ..asking };
        world.call("user/update", &asking, body).await.ok();
        let code = code_in(&world, NEW, "confirm-email").await;
        confirm(&world, &asking, &code).await.ok();
        sign_in(&world, NEW, OTHER).await.ok();
    })
    .await;
}

#[tokio::test]
async fn whether_an_address_has_a_sign_in_is_not_told() {
    on_each_table(async |world, table| {
        let (ada, _) = registered(&world, OLD).await;
        signed_up(&world, "bob@example.com").await;
        let asked = async |to: &str| {
            table.take_calls();
            let mut reply = ask(&world, &ada, to).await.ok();
            reply.as_object_mut().unwrap().remove("activity");
            (reply, table.take_calls())
        };
        asked("warm@example.com").await;
        let free = asked(NEW).await;
        let taken = asked("bob@example.com").await;
        assert_eq!(free, taken);
        assert_eq!(
            subjects(&world, "bob@example.com").await.last().unwrap(),
            "Your email address is already in use"
        );
        let letter = letters(&world).await.pop().unwrap();
        assert!(!letter.text.contains(OLD), "who asks is not told either");
        // Each counts: a fifth one waits.
        for to in ["bob@example.com", "eve@example.com"] {
            ask(&world, &ada, to).await.ok();
        }
        assert_eq!(ask(&world, &ada, "bob@example.com").await.outcome(), "429 too_many_requests");
        assert_eq!(ask(&world, &ada, NEW).await.outcome(), "429 too_many_requests");
        // Strangers have not been kept from asking for a new password.
        call(&world, "password/forgot", json!({"email": OLD})).await.ok();
        let again = code_in(&world, NEW, "confirm-email").await;
        confirm(&world, &ada, &again).await.ok();
    })
    .await;
}

#[tokio::test]
async fn of_two_who_prove_an_address_one_has_it() {
    on_each_engine(async |world| {
        let (ada, _) = registered(&world, OLD).await;
        ask(&world, &ada, NEW).await.ok();
        let code = code_in(&world, NEW, "confirm-email").await;
        signed_up(&world, NEW).await;
        let refused = confirm(&world, &ada, &code).await;
        assert_eq!(refused.outcome(), "409 email_taken");
        assert!(refused.json()["detail"].as_str().unwrap().contains("sign-in uses that address"));
        assert_eq!(email_of(&world, &ada).await, OLD);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sign_up_of_that_moment_wins_or_loses() {
    on_each_table(async |world, table| {
        let (ada, _) = registered(&world, OLD).await;
        let body = json!({"email": NEW, "password": PASSWORD});
        call(&world, "identity/create", body).await.ok();
        let verify = json!({"code": code_in(&world, NEW, "verify").await, "password": PASSWORD});
        ask(&world, &ada, NEW).await.ok();
        let code = code_in(&world, NEW, "confirm-email").await;
        let signing = async { call(&world, "identity/verify", verify).await.ok() };
        let (lost, _) = meanwhile(&table, confirm(&world, &ada, &code), signing).await;
        assert_eq!(lost.outcome(), "409 email_taken");
        assert_eq!(email_of(&world, &ada).await, OLD);
        assert_eq!(tries(&world, NEW).await, "200");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_ends_at_that_moment_takes_the_code_along() {
    on_each_table(async |world, table| {
        let (ada, asking) = registered(&world, OLD).await;
        let other = by(&ada, &signed_in(&world, OLD).await);
        ask(&world, &ada, NEW).await.ok();
        let code = code_in(&world, NEW, "confirm-email").await;
        let ending = async {
            let body = json!({"session": asking.session});
            world.call("session/remove", &other, body).await.ok()
        };
        let (lost, _) = meanwhile(&table, confirm(&world, &other, &code), ending).await;
        assert_eq!(lost.outcome(), "404 not_found");
        assert_eq!(email_of(&world, &other).await, OLD);
    })
    .await;
}

#[tokio::test]
async fn a_password_and_a_session_do_not_lead_past_the_second_factor() {
    on_each_engine(async |world| {
        let (ada, secret, _) = enrolled(&world).await;
        // Somebody has the password and a session of Ada's.
        ask(&world, &ada, "thief@example.com").await.ok();
        world.advance(Duration::from_mins(11));
        let stale = ask(&world, &ada, "thief@example.org").await;
        assert_eq!(stale.outcome(), "401 reauthentication_required");
        let code = code_in(&world, "thief@example.com", "confirm-email").await;
        let stale = confirm(&world, &ada, &code).await;
        assert_eq!(stale.outcome(), "401 reauthentication_required");
        assert_eq!(stale.json()["confirmBy"], json!(["totp"]));
        let reset = json!({"email": "thief@example.com"});
        call(&world, "password/forgot", reset).await.ok();
        assert!(letters(&world).await.iter().all(|it| !it.text.contains("#reset=")));
        // And if the session was fresh, the second factor stays.
        let shown = json!({"totp": totp::code(&world, &secret)});
        let shown = world.client.call("session/confirm", &ada.token, shown).await.ok();
        let token = shown["accessToken"].as_str().unwrap().to_owned();
        let ada = Person { token, ..ada };
        confirm(&world, &ada, &code).await.ok();
        let code = reset_code(&world, "thief@example.com").await;
        let body = json!({"code": code, "newPassword": OTHER});
        call(&world, "password/reset", body).await.ok();
        let tried = sign_in(&world, "thief@example.com", OTHER).await;
        assert_eq!(tried.outcome(), "401 totp_required");
    })
    .await;
}

#[tokio::test]
async fn other_accounts_keep_what_they_have() {
    on_each_engine(async |world| {
        let (ada, signed) = registered(&world, OLD).await;
        let body = json!({"name": "Second"});
        let second = world.client.call("account/register", &signed.access, body).await.ok();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let account = text(&second["account"]["id"]);
        let body = json!({"accountId": account});
        let token = world.client.call("session/token", &signed.access, body).await.ok();
        let there =
            Person { token: text(&token["accessToken"]), id: text(&second["user"]["id"]), account };
        // Asked for in the first account, shown in the second.
        ask(&world, &ada, NEW).await.ok();
        let code = code_in(&world, NEW, "confirm-email").await;
        let shown = confirm(&world, &there, &code).await.ok();
        assert_eq!((&shown["id"], &shown["email"]), (&json!(there.id), &json!(OLD)));
        assert_eq!(email_of(&world, &ada).await, NEW);
        let body = json!({"action": "user/confirmEmail"});
        let trail = world.call("audit/find", &ada, body.clone()).await.ok();
        assert_eq!(trail["data"][0]["actor"], format!("user:{}", ada.id), "of no other account");
        let trail = world.call("audit/find", &there, body).await.ok();
        assert_eq!(trail["data"], json!([]));
        // There the user follows at once: the address is proved by now.
        let letters = letters(&world).await.len();
        assert_eq!(ask(&world, &there, NEW).await.ok()["email"], NEW);
        assert_eq!(super::letters(&world).await.len(), letters);
        // Where somebody else has the email, the user's stays, and the sign-in moves all the same.
        let body = json!({"email": "rob@example.com"});
        world.call("user/create", &there, body).await.ok();
        ask(&world, &there, "rob@example.com").await.ok();
        let code = code_in(&world, "rob@example.com", "confirm-email").await;
        assert_eq!(confirm(&world, &there, &code).await.ok()["email"], NEW);
        assert_eq!(tries(&world, NEW).await, "401 invalid_credentials");
        assert_eq!(tries(&world, "rob@example.com").await, "200");
    })
    .await;
}

#[tokio::test]
async fn there_are_not_too_many_moves() {
    on_each_engine(async |world| {
        let (ada, _) = registered(&world, OLD).await;
        let mut from = OLD.to_owned();
        for number in 0..5 {
            world.advance(Duration::from_hours(5));
            let ada = by(&ada, &signed_in(&world, &from).await);
            from = format!("ada{number}@example.com");
            moved(&world, &ada, &from).await;
        }
        let ada = by(&ada, &signed_in(&world, &from).await);
        let before = letters(&world).await.len();
        let refused = ask(&world, &ada, NEW).await;
        assert_eq!(refused.outcome(), "429 too_many_requests");
        let detail = refused.json()["detail"].as_str().unwrap().to_owned();
        assert!(detail.contains("5 times within seven days"), "{detail}");
        assert_eq!(letters(&world).await.len(), before);
        world.advance(Duration::from_hours(6 * 24 + 6));
        let ada = by(&ada, &signed_in(&world, &from).await);
        moved(&world, &ada, NEW).await;
    })
    .await;
}

#[tokio::test]
async fn wrong_codes_are_counted() {
    on_each_engine(async |world| {
        let (ada, _) = registered(&world, OLD).await;
        ask(&world, &ada, NEW).await.ok();
        let code = code_in(&world, NEW, "confirm-email").await;
        for number in 0..21 {
            let wrong = confirm(&world, &ada, &format!("{number:024}")).await;
            assert_eq!(wrong.outcome(), "404 not_found", "{number}");
        }
        assert_eq!(confirm(&world, &ada, &code).await.outcome(), "429 too_many_requests");
        world.advance(Duration::from_secs(2));
        assert_eq!(confirm(&world, &ada, &code).await.outcome(), "200");
    })
    .await;
}
