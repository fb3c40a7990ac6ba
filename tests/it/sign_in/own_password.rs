//! The own password, typed again before something that matters, while a forgotten one is set anew:
//! what was right before allows nothing after.

use serde_json::{Value, json};

use super::{
    Signed, call,
    epochs::{meanwhile, on_each_table, reset_code},
    own_email::{code_in, confirm},
    registered, sign_in,
    totp::{code, secret},
};
use crate::support::{
    scene::PASSWORD,
    watched::Watched,
    world::{Person, World},
};

const EMAIL: &str = "ada@example.com";
/// What somebody who has the password and a session would set.
const THEIRS: &str = "a rather different passphrase";
/// What the owner sets by a letter.
const OWNERS: &str = "seven green teapots and a kettle";

/// The answer to a call whose transaction is held while the owner sets a new password.
async fn overtaken(
    world: &World,
    table: &Watched,
    by: &Person,
    (name, body): (&str, Value),
) -> String {
    let new = json!({"code": reset_code(world, EMAIL).await, "newPassword": OWNERS});
    let acting = world.call(name, by, body);
    let resetting = async {
        call(world, "password/reset", new).await.ok();
        (table.writes(), table.misses())
    };
    let (acted, before) = meanwhile(table, acting, resetting).await;
    assert_eq!((table.writes(), table.misses()), before, "nothing is written, nor counted");
    format!("{} {}", acted.outcome(), acted.faults()).trim_end().to_owned()
}

async fn check(name: &str, body: Value) {
    on_each_table(async |world, table| {
        let (ada, _) = registered(&world, EMAIL).await;
        let user = world.call("user/get", &ada, json!({})).await.ok();
        let answer = overtaken(&world, &table, &ada, (name, body.clone())).await;
        assert_eq!(answer, "422 validation_failed currentPassword:wrong", "{name} {body}");
        let owner = Signed::from(&sign_in(&world, EMAIL, OWNERS).await.ok());
        let now = world.client.call("user/get", &owner.access, json!({})).await.ok();
        assert_eq!((&now["email"], &now["version"]), (&user["email"], &user["version"]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_password_of_before_a_reset_sets_no_other() {
    let body = json!({"currentPassword": PASSWORD, "newPassword": THEIRS});
    check("user/changePassword", body.clone()).await;
    check("user/update", body).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_password_of_before_a_reset_sets_no_other_email() {
    let mut body = json!({"currentPassword": PASSWORD, "newEmail": "eve@example.com"});
    check("user/update", body.clone()).await;
    body["newPassword"] = json!(THEIRS);
    check("user/update", body).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_password_of_before_a_reset_begins_no_second_factor() {
    check("totp/enroll", json!({"currentPassword": PASSWORD})).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_password_of_before_a_reset_removes_no_second_factor() {
    on_each_table(async |world, table| {
        let (ada, _) = registered(&world, EMAIL).await;
        let body = json!({"currentPassword": PASSWORD});
        let reply = world.call("totp/enroll", &ada, body.clone()).await.ok();
        let secret = secret(reply["secret"].as_str().unwrap());
        let confirm = json!({"code": code(&world, &secret)});
        world.call("totp/confirm", &ada, confirm).await.ok();
        let answer = overtaken(&world, &table, &ada, ("totp/remove", body)).await;
        assert_eq!(answer, "422 validation_failed currentPassword:wrong");
        assert_eq!(sign_in(&world, EMAIL, OWNERS).await.outcome(), "401 totp_required");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_race_that_leaves_the_password_as_it_was_is_run_again() {
    on_each_table(async |world, table| {
        let (ada, _) = registered(&world, EMAIL).await;
        let body =
            json!({"currentPassword": PASSWORD, "newEmail": "ada@example.org", "last": "King"});
        let moving = world.call("user/update", &ada, body);
        let naming = world.call("user/update", &ada, json!({"first": "Augusta"}));
        let (moved, named) = meanwhile(&table, moving, naming).await;
        named.ok();
        let moved = moved.ok();
        assert_eq!((&moved["first"], &moved["last"]), (&json!("Augusta"), &json!("King")));
        let code = code_in(&world, "ada@example.org", "confirm-email").await;
        confirm(&world, &ada, &code).await.ok();
        sign_in(&world, "ada@example.org", PASSWORD).await.ok();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_a_reset_has_ended_turns_on_no_second_factor() {
    on_each_table(async |world, table| {
        let (ada, _) = registered(&world, EMAIL).await;
        let body = json!({"currentPassword": PASSWORD});
        let reply = world.call("totp/enroll", &ada, body).await.ok();
        let secret = secret(reply["secret"].as_str().unwrap());
        let confirm = json!({"code": code(&world, &secret)});
        let answer = overtaken(&world, &table, &ada, ("totp/confirm", confirm)).await;
        assert_eq!(answer, "401 unauthenticated");
        sign_in(&world, EMAIL, OWNERS).await.ok();
    })
    .await;
}
