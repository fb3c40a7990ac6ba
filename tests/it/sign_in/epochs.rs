//! Epochs: sessions and codes that end because the sign-in has changed, also those of that moment.

use std::{sync::Arc, time::Duration};

use guestlist::{
    clock::Clock,
    table::{Condition, Item, Op, Table as _, Written},
};
use serde_json::{Value, json};

use super::{Signed, call, letters, registered, sign_in, signed_in};
use crate::support::{
    client::Answer,
    engine::Engine,
    scene::PASSWORD,
    watched::{Trouble, Watched},
    world::{NOW, Person, World, on_each_engine},
};

const NEW: &str = "a rather different passphrase";
const NEWER: &str = "seven green teapots and a kettle";

async fn get(world: &World, signed: &Signed) -> String {
    world.client.call("user/get", &signed.access, json!({})).await.outcome()
}

async fn refresh(world: &World, signed: &Signed) -> Answer {
    call(world, "session/refresh", json!({"refreshToken": signed.refresh})).await
}

async fn ended(world: &World, signed: &Signed) {
    assert_eq!(get(world, signed).await, "401 unauthenticated");
    assert_eq!(refresh(world, signed).await.outcome(), "401 unauthenticated");
}

async fn change(world: &World, person: &Person, current: &str, new: &str) -> Answer {
    let body = json!({"currentPassword": current, "newPassword": new});
    world.call("user/changePassword", person, body).await
}

pub(super) async fn reset_code(world: &World, email: &str) -> String {
    call(world, "password/forgot", json!({"email": email})).await.ok();
    let letters = letters(world).await;
    letters.iter().rfind(|it| it.to == email && it.text.contains("#reset=")).unwrap().code()
}

async fn reset(world: &World, code: &str) -> String {
    let body = json!({"code": code, "newPassword": NEWER});
    call(world, "password/reset", body).await.outcome()
}

/// Runs a test on each engine, over a table that can be held.
pub(super) async fn on_each_table(test: impl AsyncFn(World, Arc<Watched>)) {
    for engine in Engine::all() {
        let clock = Clock::manual(NOW);
        let fresh = engine.fresh(&clock).await;
        let table = Arc::new(Watched::new(Arc::clone(&fresh.table)));
        let world = World::over(Arc::clone(&table) as _, clock, &[]).await.with(fresh);
        test(world, table).await;
    }
}

/// Does `first`, and `second` while the transaction of the first is held.
pub(super) async fn meanwhile<T>(
    table: &Watched,
    first: impl Future<Output = Answer>,
    second: impl Future<Output = T>,
) -> (Answer, T) {
    let is_transaction = |call: &str| call.starts_with("write(") && call != "write(1)";
    table.take_calls();
    table.trouble(Trouble::HeldTransactions);
    tokio::join!(first, async {
        while !table.take_calls().split(", ").any(is_transaction) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        table.trouble(Trouble::None);
        let done = second.await;
        table.release();
        done
    })
}

/// Changes the records of a partition behind the service's back.
pub(super) async fn rewrite(table: &Watched, partition: &str, edit: impl Fn(&mut Value)) {
    let items = table.partition(partition).await;
    assert!(!items.is_empty(), "{partition}");
    for item in items {
        let mut body = serde_json::from_str(&item.body).unwrap();
        edit(&mut body);
        let item = Item { body: body.to_string(), version: item.version + 1, ..item };
        let written = table.write(vec![Op::Put(item, Condition::Any)]).await.unwrap();
        assert_eq!(written, Written::Done);
    }
}

/// The id of the sign-in, which every refresh token begins with.
pub(super) fn sign_in_id(signed: &Signed) -> &str {
    signed.refresh.strip_prefix("glr_").unwrap().split('.').next().unwrap()
}

#[tokio::test]
async fn two_changes_in_a_row_keep_the_session_that_they_are_made_in() {
    on_each_engine(async |world| {
        let (ada, here) = registered(&world, "ada@example.com").await;
        let first = signed_in(&world, "ada@example.com").await;
        change(&world, &ada, PASSWORD, NEW).await.ok();
        let second = Signed::from(&sign_in(&world, "ada@example.com", NEW).await.ok());
        change(&world, &ada, NEW, NEWER).await.ok();
        ended(&world, &first).await;
        ended(&world, &second).await;
        let here = Signed::from(&refresh(&world, &here).await.ok());
        assert_eq!(get(&world, &here).await, "200");
        // Back to the password that the ended ones began with.
        change(&world, &ada, NEWER, PASSWORD).await.ok();
        ended(&world, &first).await;
        assert_eq!(refresh(&world, &here).await.outcome(), "200");
    })
    .await;
}

#[tokio::test]
async fn a_new_password_or_a_second_factor_voids_codes_for_another() {
    on_each_engine(async |world| {
        let (ada, _) = registered(&world, "ada@example.com").await;
        let before = reset_code(&world, "ada@example.com").await;
        change(&world, &ada, PASSWORD, NEW).await.ok();
        assert_eq!(reset(&world, &before).await, "404 not_found");

        let before = reset_code(&world, "ada@example.com").await;
        let body = json!({"currentPassword": NEW});
        let reply = world.call("totp/enroll", &ada, body).await.ok();
        let secret = super::totp::secret(reply["secret"].as_str().unwrap());
        let code = json!({"code": secret.code(world.clock.now()).reveal()});
        world.call("totp/confirm", &ada, code).await.ok();
        assert_eq!(reset(&world, &before).await, "404 not_found");
        let after = reset_code(&world, "ada@example.com").await;
        assert_eq!(reset(&world, &after).await, "200");
    })
    .await;
}

#[tokio::test]
async fn a_code_is_not_good_for_the_next_sign_in_of_its_address() {
    on_each_engine(async |world| {
        let (ada, _) = registered(&world, "ada@example.com").await;
        let create = json!({"email": "bob@example.com", "password": PASSWORD});
        let bob = world.call("user/create", &ada, create.clone()).await.ok()["id"].clone();
        let old = signed_in(&world, "bob@example.com").await;
        let code = reset_code(&world, "bob@example.com").await;
        world.call("user/remove", &ada, json!({"id": bob})).await.ok();
        world.call("trash/purge", &ada, json!({"id": bob})).await.ok();
        // Another person, whose sign-in is as young as the other was.
        world.call("user/create", &ada, create).await.ok();
        assert_eq!(reset(&world, &code).await, "404 not_found");
        ended(&world, &old).await;
        signed_in(&world, "bob@example.com").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_begins_while_the_password_changes_does_not_survive() {
    on_each_table(async |world, table| {
        let (ada, here) = registered(&world, "ada@example.com").await;
        let changing = change(&world, &ada, PASSWORD, NEW);
        let signing = sign_in(&world, "ada@example.com", PASSWORD);
        let (changed, signed) = meanwhile(&table, changing, signing).await;
        changed.ok();
        ended(&world, &Signed::from(&signed.ok())).await;
        assert_eq!(refresh(&world, &here).await.outcome(), "200");

        // The other way round: what was shown is the password of before.
        let signing = sign_in(&world, "ada@example.com", NEW);
        let changing = change(&world, &ada, NEW, NEWER);
        let (signed, changed) = meanwhile(&table, signing, changing).await;
        changed.ok();
        assert_eq!(signed.outcome(), "401 invalid_credentials");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_begins_while_a_second_factor_is_turned_on_does_not_survive() {
    on_each_table(async |world, table| {
        let (ada, here) = registered(&world, "ada@example.com").await;
        let body = json!({"currentPassword": PASSWORD});
        let reply = world.call("totp/enroll", &ada, body).await.ok();
        let secret = super::totp::secret(reply["secret"].as_str().unwrap());
        let code = json!({"code": secret.code(world.clock.now()).reveal()});
        let confirming = world.call("totp/confirm", &ada, code);
        let signing = sign_in(&world, "ada@example.com", PASSWORD);
        let (confirmed, signed) = meanwhile(&table, confirming, signing).await;
        confirmed.ok();
        ended(&world, &Signed::from(&signed.ok())).await;
        assert_eq!(refresh(&world, &here).await.outcome(), "200");
    })
    .await;
}

#[tokio::test]
async fn a_session_of_an_earlier_epoch_is_not_brought_back_by_a_change_made_in_it() {
    on_each_table(async |world, table| {
        let (ada, here) = registered(&world, "ada@example.com").await;
        // As if the node had died before it removed the session.
        let partition = format!("sessions#{}", sign_in_id(&here));
        rewrite(&table, &partition, |session| session["epoch"] = json!(0)).await;
        assert_eq!(get(&world, &here).await, "200", "its last access token ends by itself");
        let refused = change(&world, &ada, PASSWORD, NEW).await;
        assert_eq!(refused.outcome(), "401 unauthenticated", "it is not looked at as remembered");
        assert_eq!(refresh(&world, &here).await.outcome(), "401 unauthenticated");
        signed_in(&world, "ada@example.com").await;
    })
    .await;
}
