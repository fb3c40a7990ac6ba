//! `account/overview`: how many users an account has, and what has happened on each of the last days.

use std::{collections::BTreeMap, time::Duration};

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::world::{Person, World, on_each_engine};

const DAY: Duration = Duration::from_hours(24);
const ANSWER: Duration = Duration::from_mins(10);

async fn overview(world: &World, by: &Person) -> Value {
    world.call("account/overview", by, json!({})).await.ok()
}

/// The counts of users that are not zero, as `state role count`.
fn users(overview: &Value) -> Vec<String> {
    let counts = overview["users"].as_array().unwrap();
    assert_eq!(counts.len(), 12, "every state and role");
    let counts = counts.iter().filter(|count| count["count"] != 0);
    let text = |count: &Value| {
        let word = |name: &str| count[name].as_str().unwrap().to_owned();
        format!("{} {} {}", word("state"), word("role"), count["count"])
    };
    counts.map(text).collect()
}

/// The days on which something has happened: sign-ins and invites.
fn days(overview: &Value) -> BTreeMap<String, (u64, u64)> {
    let days = overview["days"].as_array().unwrap();
    assert_eq!(days.len(), 30);
    assert!(days.is_sorted_by_key(|day| day["day"].as_str()), "{days:?}");
    let number = |day: &Value, name: &str| day[name].as_u64().unwrap();
    let counts = |day: &Value| (number(day, "signIns"), number(day, "invites"));
    let entries = days.iter().map(|day| (day["day"].as_str().unwrap().to_owned(), counts(day)));
    entries.filter(|(_, counts)| *counts != (0, 0)).collect()
}

fn on<const N: usize>(days: [(&str, (u64, u64)); N]) -> BTreeMap<String, (u64, u64)> {
    days.into_iter().map(|(day, counts)| (day.to_owned(), counts)).collect()
}

#[tokio::test]
async fn users_are_counted_by_state_and_role() {
    on_each_engine(async |world| {
        let alice = world.admin("alice@example.com").await;
        assert_eq!(users(&overview(&world, &alice).await), ["active admin 1"]);
        let bob = world.invited(&alice, "bob@example.com", json!({"role": "admin"})).await;
        let create = async |email: &str| {
            let body = json!({"email": email, "sendInvite": true});
            world.call("user/create", &alice, body).await.ok()["id"].clone()
        };
        let carol = create("carol@example.com").await;
        create("dan@example.com").await;
        let expected = ["invited user 2", "active admin 2"];
        assert_eq!(users(&overview(&world, &alice).await), expected);

        let body = json!({"id": bob.id, "role": "user"});
        world.call("user/updateRole", &alice, body).await.ok();
        let body = json!({"id": bob.id, "state": "suspended"});
        world.call("user/update", &alice, body).await.ok();
        world.call("user/remove", &alice, json!({"id": carol})).await.ok();
        let expected = ["invited user 1", "active admin 1", "suspended user 1", "trashed user 1"];
        assert_eq!(users(&overview(&world, &alice).await), expected);

        world.call("trash/purge", &alice, json!({"id": carol})).await.ok();
        world.call("user/update", &alice, json!({"id": bob.id, "state": "active"})).await.ok();
        let expected = ["invited user 1", "active user 1", "active admin 1"];
        assert_eq!(users(&overview(&world, &alice).await), expected);
    })
    .await;
}

#[tokio::test]
async fn who_logs_in_is_counted_once_a_day() {
    on_each_engine(async |world| {
        // It is 08:00 on the 15th.
        let alice = world.admin("alice@example.com").await;
        let bob = world.invited(&alice, "bob@example.com", json!({})).await;
        let both = [&alice, &bob];
        let log_in = async |who: &Person| {
            world.call("user/login", who, json!({})).await.ok();
        };
        for who in both {
            log_in(who).await;
            world.advance(ANSWER);
            log_in(who).await;
        }
        let expected = on([("2027-01-15", (2, 1))]);
        assert_eq!(days(&overview(&world, &alice).await), expected);

        world.advance(DAY);
        log_in(&bob).await;
        // A person who is here around midnight is here on both days.
        world.advance(Duration::from_mins(15 * 60 + 35));
        log_in(&alice).await;
        world.advance(Duration::from_mins(9));
        log_in(&alice).await;
        world.advance(15 * DAY);
        // A person who opens many tabs at once is one all the same.
        join_all((0..8).map(|_| log_in(&alice))).await;
        join_all(both.map(log_in)).await;
        let expected = on([
            ("2027-01-15", (2, 1)),
            ("2027-01-16", (2, 0)),
            ("2027-01-17", (1, 0)),
            ("2027-02-01", (2, 0)),
        ]);
        assert_eq!(days(&overview(&world, &alice).await), expected);
    })
    .await;
}

#[tokio::test]
async fn all_can_log_in_at_once_on_a_new_day() {
    on_each_engine(async |world| {
        let alice = world.admin("alice@example.com").await;
        let mut people = vec![];
        for number in 0..24 {
            let email = format!("u{number}@example.com");
            people.push(world.invited(&alice, &email, json!({})).await);
        }
        world.advance(DAY);
        // Who is not noted because too many come at once is noted when it comes again.
        for _ in 0..2 {
            let logins = people.iter().map(|who| world.call("user/login", who, json!({})));
            for answer in join_all(logins).await {
                answer.ok();
            }
        }
        let overview = overview(&world, &alice).await;
        assert_eq!(days(&overview)["2027-01-16"], (24, 0));
    })
    .await;
}

#[tokio::test]
async fn each_invite_is_counted() {
    on_each_engine(async |world| {
        let alice = world.admin("alice@example.com").await;
        let send = json!({"email": "bob@example.com", "sendInvite": true});
        let bob = world.call("user/create", &alice, send.clone()).await.ok()["id"].clone();
        world.advance(DAY);
        let alice = world.fresh(&alice);
        // Again, which makes the first one void; from the trash; and not by other changes.
        world.call("user/create", &alice, send.clone()).await.ok();
        world.call("user/update", &alice, json!({"id": bob, "first": "Bob"})).await.ok();
        world.call("user/remove", &alice, json!({"id": bob})).await.ok();
        world.call("user/createOrRestore", &alice, send).await.ok();
        world.call("invite/revoke", &alice, json!({"id": bob})).await.ok();
        let body = json!({"email": "carol@example.com", "sendInvite": false});
        world.call("user/create", &alice, body).await.ok();
        let expected = on([("2027-01-15", (1, 1)), ("2027-01-16", (0, 2))]);
        assert_eq!(days(&overview(&world, &alice).await), expected);
    })
    .await;
}

#[tokio::test]
async fn thirty_days_are_told_today_being_the_last() {
    on_each_engine(async |world| {
        let alice = world.admin("alice@example.com").await;
        let first = overview(&world, &alice).await;
        let named = |overview: &Value, at: usize| overview["days"][at]["day"].clone();
        assert_eq!(named(&first, 29), "2027-01-15");
        assert_eq!(named(&first, 0), "2026-12-17");
        world.advance(29 * DAY);
        let last = overview(&world, &alice).await;
        assert_eq!(days(&last), on([("2027-01-15", (1, 0))]));
        assert_eq!((named(&last, 0), named(&last, 29)), (json!("2027-01-15"), json!("2027-02-13")));
        world.advance(DAY);
        assert_eq!(days(&overview(&world, &alice).await), on([]));
        // From the 31st of a month, over a short one, to the 1st.
        world.advance(15 * DAY);
        world.call("user/login", &alice, json!({})).await.ok();
        let today = overview(&world, &alice).await;
        assert_eq!(
            (named(&today, 0), named(&today, 29)),
            (json!("2027-01-31"), json!("2027-03-01"))
        );
        assert_eq!(days(&today), on([("2027-03-01", (1, 0))]));
    })
    .await;
}

#[tokio::test]
async fn each_account_has_its_own() {
    on_each_engine(async |world| {
        let (root, alice) = (world.root().await, world.admin("alice@example.com").await);
        world.invited(&alice, "uma@example.com", json!({})).await;
        let body = json!({"accountId": alice.account});
        let named = world.call("account/overview", &root, body.clone()).await.ok();
        assert_eq!(named, overview(&world, &alice).await);
        assert_eq!(users(&overview(&world, &root).await), ["active root 1"]);
        let refused = world.call("account/overview", &alice, body).await;
        assert_eq!(refused.outcome(), "403 forbidden_field");
        let body = json!({"accountId": "01890000-0000-7000-8000-000000000000"});
        let refused = world.call("account/overview", &root, body).await;
        assert_eq!(refused.outcome(), "404 not_found");
    })
    .await;
}
