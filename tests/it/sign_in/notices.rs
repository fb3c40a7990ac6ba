//! What people hear of changes to their own sign-ins.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Signed, letters, registered, sign_in, signed_in, subjects, totp};
use crate::support::{
    engine::Engine,
    scene::PASSWORD,
    world::{Person, World, on_each_engine},
};

const ADA: &str = "ada@example.com";
const ON: &str = "Two-factor authentication was turned on";
const OFF: &str = "You turned off two-factor authentication";
const OFF_BY_OTHERS: &str = "Two-factor authentication was turned off";
const ENDED: &str = "Your other sessions have ended";

/// How many of her letters have that subject.
async fn count(world: &World, subject: &str) -> usize {
    subjects(world, ADA).await.into_iter().filter(|it| it == subject).count()
}

async fn turn_on(world: &World, person: &Person) {
    let body = json!({"currentPassword": PASSWORD});
    let reply = world.call("totp/enroll", person, body).await.ok();
    let secret = totp::secret(reply["secret"].as_str().unwrap());
    let body = json!({"code": totp::code(world, &secret)});
    world.call("totp/confirm", person, body).await.ok();
}

async fn turn_off(world: &World, person: &Person) {
    let body = json!({"currentPassword": PASSWORD});
    world.call("totp/remove", person, body).await.ok();
}

#[tokio::test]
async fn whoever_turns_the_second_factor_on_or_off_gets_a_letter() {
    on_each_engine(async |world| {
        let (ada, _) = registered(&world, ADA).await;
        let body = json!({"currentPassword": PASSWORD});
        world.call("totp/enroll", &ada, body).await.ok();
        let wrong = world.call("totp/confirm", &ada, json!({"code": "000000"})).await;
        assert_eq!(wrong.faults(), "code:wrong");
        assert_eq!(count(&world, ON).await, 0);
        turn_on(&world, &ada).await;
        assert_eq!((count(&world, ON).await, count(&world, OFF).await), (1, 0));
        turn_off(&world, &ada).await;
        assert_eq!((count(&world, ON).await, count(&world, OFF).await), (1, 1));
        assert_eq!(count(&world, OFF_BY_OTHERS).await, 0);
        let letters = letters(&world).await;
        let letter = letters.iter().find(|it| it.subject == ON).unwrap();
        assert!(letter.text.contains("from the IP address 127.0.0.1"), "{}", letter.text);
    })
    .await;
}

#[tokio::test]
async fn whoever_turns_it_on_and_off_all_the_time_fills_no_mailbox() {
    on_each_engine(async |world| {
        let (ada, _) = registered(&world, ADA).await;
        for _ in 0..8 {
            turn_on(&world, &ada).await;
            turn_off(&world, &ada).await;
        }
        // It is done all the same.
        let told = count(&world, ON).await + count(&world, OFF).await;
        assert_eq!(told, 11);
        assert_eq!(world.call("user/get", &ada, json!({})).await.ok()["twoFactor"], false);
        // A day later it is told again.
        world.advance(Duration::from_hours(26));
        let signed = signed_in(&world, ADA).await;
        turn_on(&world, &Person { token: signed.access, ..ada }).await;
        assert_eq!(count(&world, ON).await + count(&world, OFF).await, told + 1);
    })
    .await;
}

/// How many letters with that subject a mailbox has got.
async fn told(world: &World, email: &str, subject: &str) -> usize {
    subjects(world, email).await.into_iter().filter(|it| it == subject).count()
}

/// What is not told any more is not done, either: strangers whose address an account uses are not to be written to for ever,
/// and nobody's password is to be changed in silence.
#[tokio::test]
async fn an_account_changes_no_sign_in_more_often_than_its_mailbox_bears() {
    const MOVED: &str = "Your email was changed";
    on_each_engine(async |world| {
        let admin = world.admin("admin@example.org").await;
        let make = async |email: &str| {
            let body = json!({"email": email, "password": PASSWORD});
            world.call("user/create", &admin, body).await.ok()["id"].clone()
        };
        let (ada, bob) = (make(ADA).await, make("bob@example.com").await);
        let move_to = async |email: &str| {
            let body = json!({"id": ada, "newEmail": email});
            world.call("user/update", &admin, body).await.outcome()
        };
        for turn in 0..11 {
            // Aliases are one mailbox.
            let alias = format!("stranger+{turn}@example.com");
            assert_eq!(move_to(&alias).await, "200", "{turn}");
            assert_eq!(move_to(ADA).await, "200", "{turn}");
        }
        assert_eq!(move_to("stranger@example.com").await, "429 too_many_requests");
        assert_eq!(told(&world, ADA, MOVED).await, 11);
        let password = json!({"id": ada, "newPassword": "another long passphrase"});
        for call in ["user/update", "user/changePassword"] {
            let refused = world.call(call, &admin, password.clone()).await;
            assert_eq!(refused.outcome(), "429 too_many_requests", "{call}");
        }
        sign_in(&world, ADA, PASSWORD).await.ok();
        let other = json!({"id": bob, "newPassword": "another long passphrase"});
        world.call("user/update", &admin, other).await.ok();
        assert_eq!(told(&world, "bob@example.com", "Your password was changed").await, 1);
        // Later it is done, and told.
        world.advance(Duration::from_mins(11));
        let admin = world.fresh(&admin);
        world.call("user/changePassword", &admin, password).await.ok();
        assert_eq!(told(&world, ADA, "Your password was changed").await, 1);
    })
    .await;
}

#[tokio::test]
async fn whoever_changes_the_own_password_all_the_time_has_to_wait() {
    let world = World::new(Engine::Sqlite, &[]).await;
    let (ada, _) = registered(&world, ADA).await;
    let mut current = PASSWORD.to_owned();
    for turn in 0..12 {
        let new = format!("a passphrase for turn {turn}");
        let body = json!({"currentPassword": current, "newPassword": new});
        let done = world.call("user/changePassword", &ada, body).await;
        assert_eq!(done.status, if turn < 11 { 200 } else { 429 }, "{turn}");
        current = new;
    }
    assert_eq!(told(&world, ADA, "Your password was changed").await, 11);
}

#[tokio::test]
async fn whoever_ends_all_other_sessions_gets_one_letter_and_whoever_signs_out_none() {
    on_each_engine(async |world| {
        let (ada, signed) = registered(&world, ADA).await;
        let remove = async |body: Value| world.call("session/remove", &ada, body).await.ok();
        assert_eq!(remove(json!({"others": true})).await, json!({"ended": 0}));
        assert_eq!(count(&world, ENDED).await, 0);
        for _ in 0..3 {
            signed_in(&world, ADA).await;
        }
        assert_eq!(remove(json!({"others": true})).await, json!({"ended": 3}));
        assert_eq!(count(&world, ENDED).await, 1);
        let other = signed_in(&world, ADA).await;
        remove(json!({"session": other.session})).await;
        remove(json!({"session": signed.session})).await;
        let again = Signed::from(&sign_in(&world, ADA, PASSWORD).await.ok());
        world.client.call("session/remove", &again.access, json!({})).await.ok();
        assert_eq!(count(&world, ENDED).await, 1);
    })
    .await;
}

#[tokio::test]
async fn they_are_in_the_language_of_the_sign_in() {
    on_each_engine(async |world| {
        let body = json!({"email": ADA, "password": PASSWORD, "language": "de"});
        super::call(&world, "identity/create", body).await.ok();
        let code = letters(&world).await.pop().unwrap().code();
        let body = json!({"code": code, "password": PASSWORD});
        let signed = Signed::from(&super::call(&world, "identity/verify", body).await.ok());
        let register = json!({"register": true});
        world.client.call("user/login", &signed.access, register).await.ok();
        signed_in(&world, ADA).await;
        let others = json!({"others": true});
        world.client.call("session/remove", &signed.access, others).await.ok();
        assert_eq!(count(&world, "Ihre anderen Sitzungen sind beendet").await, 1);
    })
    .await;
}
