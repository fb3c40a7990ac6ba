//! The way back to an old address: the reader of its mailbox has the last word on the sign-in.

use std::time::Duration;

use serde_json::{Value, json};

use super::{
    Signed, call,
    epochs::reset_code,
    letters,
    own_email::{NEW, OLD, OTHER, ask, by, code_in, confirm, email_of, moved},
    registered, sign_in, signed_in, signed_up, subjects,
    totp::{self, enrolled},
};
use crate::support::{
    client::Answer,
    scene::PASSWORD,
    tokens::said_by,
    world::{Person, World, on_each_engine},
};

const OWNERS: &str = "seven green teapots and a kettle";
const THIEF: &str = "thief@example.com";

async fn undo(world: &World, code: &str) -> Answer {
    call(world, "user/undoEmail", json!({"code": code, "newPassword": OWNERS})).await
}

async fn undo_code(world: &World, to: &str) -> String {
    code_in(world, to, "undo-email").await
}

async fn tries(world: &World, email: &str, password: &str) -> String {
    sign_in(world, email, password).await.outcome()
}

async fn back(world: &World, ada: &Person) -> Person {
    let signed = Signed::from(&sign_in(world, OLD, OWNERS).await.ok());
    assert_eq!(said_by(&signed.access)["email_verified"], true);
    by(ada, &signed)
}

#[tokio::test]
async fn it_leads_back_whatever_was_done_since() {
    on_each_engine(async |world| {
        let (ada, _) = registered(&world, OLD).await;
        let subject = said_by(&ada.token)["sub"].clone();
        moved(&world, &ada, THIEF).await;
        let code = undo_code(&world, OLD).await;
        // The thief sets a password by the mailbox, and turns a second factor on.
        let body = json!({"code": reset_code(&world, THIEF).await, "newPassword": OTHER});
        call(&world, "password/reset", body).await.ok();
        let signed = Signed::from(&sign_in(&world, THIEF, OTHER).await.ok());
        let thief = by(&ada, &signed);
        let body = json!({"currentPassword": OTHER});
        let reply = world.call("totp/enroll", &thief, body).await.ok();
        let secret = totp::secret(reply["secret"].as_str().unwrap());
        let body = json!({"code": totp::code(&world, &secret)});
        world.call("totp/confirm", &thief, body).await.ok();
        // It asks for one more address, and for a new password.
        let body = json!({"newEmail": "y@example.com", "currentPassword": OTHER});
        world.call("user/update", &thief, body).await.ok();
        let asked = code_in(&world, "y@example.com", "confirm-email").await;
        let reset = reset_code(&world, THIEF).await;
        let heard = subjects(&world, THIEF).await.len();

        assert_eq!(undo(&world, &code).await.ok(), json!({"email": OLD}));
        let get = world.call("user/get", &thief, json!({})).await;
        assert_eq!(get.outcome(), "401 unauthenticated");
        let refresh = json!({"refreshToken": signed.refresh});
        assert_eq!(call(&world, "session/refresh", refresh).await.outcome(), "401 unauthenticated");
        for (email, password) in
            [(OLD, PASSWORD), (OLD, OTHER), (THIEF, OTHER), (THIEF, OWNERS), (THIEF, PASSWORD)]
        {
            let outcome = tries(&world, email, password).await;
            assert_eq!(outcome, "401 invalid_credentials", "{email} {password}");
        }
        let owner = back(&world, &ada).await;
        assert_eq!(said_by(&owner.token)["sub"], subject);
        assert_eq!(email_of(&world, &owner).await, OLD);
        let user = world.call("user/get", &owner, json!({})).await.ok();
        assert_eq!(user["twoFactor"], false);
        // What was open is void.
        assert_eq!(confirm(&world, &owner, &asked).await.outcome(), "404 not_found");
        let body = json!({"code": reset, "newPassword": OTHER});
        assert_eq!(call(&world, "password/reset", body).await.outcome(), "404 not_found");
        assert_eq!(undo(&world, &code).await.outcome(), "404 not_found", "once");
        // A person who reads the other address hears that it is over, and not from where.
        assert_eq!(subjects(&world, THIEF).await[heard..], ["Your email was changed"]);
        let all = letters(&world).await;
        let told = all.iter().rfind(|it| it.to == THIEF).unwrap();
        assert!(!told.text.contains("127.0.0.1") && !told.text.contains("#undo-email"));
        assert!(subjects(&world, OLD).await.contains(&"Your password was changed".to_owned()));
        let export = world.call("user/export", &owner, json!({})).await.ok();
        let own = export["signIn"]["audit"].as_array().unwrap().clone();
        let entry = own.iter().find(|it| it["action"] == "user/undoEmail").unwrap();
        assert_eq!(entry["changed"], json!(["email", "password"]));
        // The other one is free.
        signed_up(&world, THIEF).await;
    })
    .await;
}

/// Somebody with Ada's password, who shows a code of the second factor, too.
async fn with_code(world: &World, (email, password): (&str, &str), totp: &str) -> Answer {
    let body = json!({"email": email, "password": password, "totp": totp});
    call(world, "session/create", body).await
}

#[tokio::test]
async fn the_second_factor_is_as_it_was_before() {
    on_each_engine(async |world| {
        let (ada, secret, recovery) = enrolled(&world).await;
        moved(&world, &ada, THIEF).await;
        with_code(&world, (THIEF, PASSWORD), &recovery[0]).await.ok();
        undo(&world, &undo_code(&world, OLD).await).await.ok();
        assert_eq!(tries(&world, OLD, OWNERS).await, "401 totp_required");
        // What was used of it stays used.
        let used = with_code(&world, (OLD, OWNERS), &recovery[0]).await;
        assert_eq!(used.outcome(), "401 invalid_credentials");

        // Turned off since, it is there again.
        let signed = with_code(&world, (OLD, OWNERS), &recovery[1]).await.ok();
        let thief = by(&ada, &Signed::from(&signed));
        let body = json!({"currentPassword": OWNERS, "newEmail": THIEF});
        world.call("user/update", &thief, body).await.ok();
        let code = code_in(&world, THIEF, "confirm-email").await;
        confirm(&world, &thief, &code).await.ok();
        let body = json!({"currentPassword": OWNERS});
        world.call("totp/remove", &thief, body).await.ok();
        assert_eq!(tries(&world, THIEF, OWNERS).await, "200");
        undo(&world, &undo_code(&world, OLD).await).await.ok();
        assert_eq!(tries(&world, OLD, OWNERS).await, "401 totp_required");
        world.advance(Duration::from_mins(1));
        with_code(&world, (OLD, OWNERS), &totp::code(&world, &secret)).await.ok();
    })
    .await;
}

/// Moves Ada's address to two others; the codes that lead back from them, the first one first.
async fn chain(world: &World) -> (Person, String, String) {
    let (ada, _) = registered(world, OLD).await;
    moved(world, &ada, "x@example.com").await;
    moved(world, &ada, "y@example.com").await;
    let (first, second) = (undo_code(world, OLD).await, undo_code(world, "x@example.com").await);
    (ada, first, second)
}

#[tokio::test]
async fn the_first_owner_has_the_last_word() {
    on_each_engine(async |world| {
        let (ada, first, second) = chain(&world).await;
        undo(&world, &first).await.ok();
        assert_eq!(undo(&world, &second).await.outcome(), "404 not_found");
        let owner = back(&world, &ada).await;
        assert_eq!(email_of(&world, &owner).await, OLD, "the user has moved twice");
    })
    .await;
    on_each_engine(async |world| {
        let (ada, first, second) = chain(&world).await;
        assert_eq!(undo(&world, &second).await.ok()["email"], "x@example.com");
        let signed = Signed::from(&sign_in(&world, "x@example.com", OWNERS).await.ok());
        assert_eq!(email_of(&world, &by(&ada, &signed)).await, "x@example.com");
        undo(&world, &first).await.ok();
        assert_eq!(undo(&world, &second).await.outcome(), "404 not_found");
        assert_eq!(tries(&world, "x@example.com", OWNERS).await, "401 invalid_credentials");
        let owner = back(&world, &ada).await;
        assert_eq!(email_of(&world, &owner).await, OLD);
    })
    .await;
}

#[tokio::test]
async fn many_moves_do_not_close_it() {
    on_each_engine(async |world| {
        let (ada, _) = registered(&world, OLD).await;
        moved(&world, &ada, "t0@example.com").await;
        let code = undo_code(&world, OLD).await;
        for number in 1..5 {
            world.advance(Duration::from_hours(5));
            let from = format!("t{}@example.com", number - 1);
            let thief = by(&ada, &signed_in(&world, &from).await);
            moved(&world, &thief, &format!("t{number}@example.com")).await;
        }
        let thief = by(&ada, &signed_in(&world, "t4@example.com").await);
        assert_eq!(ask(&world, &thief, NEW).await.outcome(), "429 too_many_requests");
        // Nor does moving it there and back.
        undo(&world, &code).await.ok();
        let owner = back(&world, &ada).await;
        assert_eq!(email_of(&world, &owner).await, OLD);
        // There is room again.
        world.advance(Duration::from_hours(5));
        let owner = by(&owner, &Signed::from(&sign_in(&world, OLD, OWNERS).await.ok()));
        let body = json!({"newEmail": NEW, "currentPassword": OWNERS});
        world.call("user/update", &owner, body).await.ok();
    })
    .await;
}

#[tokio::test]
async fn it_is_open_for_a_week() {
    on_each_engine(async |world| {
        let (ada, _) = registered(&world, OLD).await;
        moved(&world, &ada, NEW).await;
        let code = undo_code(&world, OLD).await;
        world.advance(Duration::from_hours(7 * 24));
        assert_eq!(undo(&world, &code).await.outcome(), "404 not_found");
        assert_eq!(tries(&world, NEW, PASSWORD).await, "200");
    })
    .await;
    on_each_engine(async |world| {
        let (ada, _) = registered(&world, OLD).await;
        moved(&world, &ada, NEW).await;
        let code = undo_code(&world, OLD).await;
        world.advance(Duration::from_hours(7 * 24 - 1));
        let common = json!({"code": code, "newPassword": OLD});
        let refused = call(&world, "user/undoEmail", common).await;
        assert_eq!(refused.faults(), "newPassword:common");
        undo(&world, &code).await.ok();
        back(&world, &ada).await;
    })
    .await;
}

#[tokio::test]
async fn an_address_that_has_another_sign_in_stays_that_ones() {
    on_each_engine(async |world| {
        let (ada, _) = registered(&world, OLD).await;
        moved(&world, &ada, NEW).await;
        let code = undo_code(&world, OLD).await;
        signed_up(&world, OLD).await;
        let refused = undo(&world, &code).await;
        assert_eq!(refused.outcome(), "409 email_taken");
        assert!(refused.json()["detail"].as_str().unwrap().contains("sign-in uses that address"));
        assert_eq!(tries(&world, OLD, PASSWORD).await, "200");
        assert_eq!(tries(&world, NEW, PASSWORD).await, "200");
    })
    .await;
}

#[tokio::test]
async fn a_user_whose_old_email_is_taken_keeps_the_new_one() {
    on_each_engine(async |world| {
        let (ada, _) = registered(&world, OLD).await;
        moved(&world, &ada, NEW).await;
        let code = undo_code(&world, OLD).await;
        world.call("user/create", &ada, json!({"email": OLD})).await.ok();
        undo(&world, &code).await.ok();
        let owner = back(&world, &ada).await;
        assert_eq!(email_of(&world, &owner).await, NEW);
    })
    .await;
}

#[tokio::test]
async fn other_accounts_are_left_alone() {
    on_each_engine(async |world| {
        let (ada, signed) = registered(&world, OLD).await;
        let second =
            world.client.call("account/register", &signed.access, json!({"name": "Second"})).await;
        let second = second.ok();
        let text = |token: &Value| token["accessToken"].as_str().unwrap().to_owned();
        let inside = async |access: &str, account: &Value| {
            let body = json!({"accountId": account});
            let token = text(&world.client.call("session/token", access, body).await.ok());
            Person { token, id: ada.id.clone(), account: account.as_str().unwrap().to_owned() }
        };
        let (first, second) = (json!(ada.account), second["account"]["id"].clone());
        moved(&world, &inside(&signed.access, &first).await, NEW).await;
        let access = signed_in(&world, NEW).await.access;
        assert_eq!(email_of(&world, &inside(&access, &second).await).await, OLD);
        undo(&world, &undo_code(&world, OLD).await).await.ok();
        let owner = back(&world, &ada).await;
        for account in [first, second] {
            assert_eq!(email_of(&world, &inside(&owner.token, &account).await).await, OLD);
        }
    })
    .await;
}

#[tokio::test]
async fn what_an_admin_has_moved_has_no_way_back() {
    on_each_engine(async |world| {
        let (ada, _) = registered(&world, OLD).await;
        let body = json!({"email": "bob@example.com", "password": PASSWORD});
        let bob = world.call("user/create", &ada, body).await.ok()["id"].clone();
        let body = json!({"id": bob, "newEmail": "rob@example.com"});
        assert_eq!(world.call("user/update", &ada, body).await.ok()["email"], "rob@example.com");
        let all = letters(&world).await;
        let told = all.iter().rfind(|it| it.to == "bob@example.com").unwrap();
        assert_eq!(told.subject, "Your email was changed");
        assert!(!told.text.contains("#undo-email"));
    })
    .await;
}

#[tokio::test]
async fn wrong_codes_are_counted() {
    on_each_engine(async |world| {
        let (ada, _) = registered(&world, OLD).await;
        moved(&world, &ada, NEW).await;
        let code = undo_code(&world, OLD).await;
        for number in 0..21 {
            let wrong = undo(&world, &format!("{number:024}")).await;
            assert_eq!(wrong.outcome(), "404 not_found", "{number}");
        }
        assert_eq!(undo(&world, &code).await.outcome(), "429 too_many_requests");
        world.advance(Duration::from_secs(2));
        undo(&world, &code).await.ok();
        back(&world, &ada).await;
    })
    .await;
}

/// Another account's admin makes a sign-in at an address with a password, which nobody has proved.
async fn squats(world: &World, address: &str) -> (Person, String) {
    let admin = world.admin("squatter@example.com").await;
    let body = json!({"email": address, "password": OTHER});
    let user = world.call("user/create", &admin, body).await.ok()["id"].clone();
    assert_eq!(tries(world, address, OTHER).await, "200");
    (admin, user.as_str().unwrap().to_owned())
}

#[tokio::test]
async fn an_unproved_sign_in_does_not_stand_in_its_way() {
    on_each_engine(async |world| {
        let (ada, _) = registered(&world, OLD).await;
        moved(&world, &ada, THIEF).await;
        let code = undo_code(&world, OLD).await;
        let (admin, user) = squats(&world, OLD).await;
        undo(&world, &code).await.ok();
        assert_eq!(tries(&world, OLD, OTHER).await, "401 invalid_credentials");
        assert_eq!(email_of(&world, &back(&world, &ada).await).await, OLD);
        let left = world.call("user/get", &admin, json!({"id": user})).await.ok();
        assert_eq!(left["state"], "invited");
    })
    .await;
}

#[tokio::test]
async fn an_unproved_sign_in_does_not_stand_in_the_way_of_moving() {
    on_each_engine(async |world| {
        let (ada, _) = registered(&world, OLD).await;
        let (admin, user) = squats(&world, NEW).await;
        // The same letter as if nobody had the address.
        moved(&world, &ada, NEW).await;
        assert_eq!(tries(&world, NEW, OTHER).await, "401 invalid_credentials");
        assert_eq!(tries(&world, NEW, PASSWORD).await, "200");
        let left = world.call("user/get", &admin, json!({"id": user})).await.ok();
        assert_eq!(left["state"], "invited");
        // What the account's trail has of it names nobody.
        let trail = world.call("audit/find", &admin, json!({"userId": user})).await.ok();
        let entry = &trail["data"][0];
        assert_eq!(
            (&entry["actor"], &entry["address"]),
            (&json!(format!("user:{user}")), &Value::Null)
        );
    })
    .await;
}

#[tokio::test]
async fn keys_that_were_made_since_end() {
    on_each_engine(async |world| {
        let (ada, _) = registered(&world, OLD).await;
        // She is an admin in twelve more accounts, more than the step itself has room for.
        let mut keys = Vec::new();
        let mut places = vec![ada.account.clone()];
        for number in 0..12 {
            let admin = world.registered(&format!("admin{number}@example.com")).await;
            let body = json!({"email": OLD, "role": "admin", "sendInvite": true});
            world.call("user/create", &admin, body).await.ok();
            let join = json!({"accountId": admin.account});
            world.client.call_in("", "user/login", &ada.token, join).await.ok();
            places.push(admin.account);
        }
        moved(&world, &ada, THIEF).await;
        let code = undo_code(&world, OLD).await;
        for account in &places {
            let body = json!({"accountId": account});
            let token = world.client.call_in("", "session/token", &ada.token, body).await.ok();
            let token = token["accessToken"].as_str().unwrap().to_owned();
            let body = json!({"name": "k", "role": "admin"});
            let key = world.client.call_in(account, "key/create", &token, body).await.ok();
            keys.push(key["key"].as_str().unwrap().to_owned());
        }
        for key in &keys {
            assert_eq!(world.client.call("account/get", key, json!({})).await.outcome(), "200");
        }
        undo(&world, &code).await.ok();
        for key in &keys {
            let refused = world.client.call("account/get", key, json!({})).await;
            assert_eq!(refused.outcome(), "401 unauthenticated");
        }
    })
    .await;
}
