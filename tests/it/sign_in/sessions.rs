//! Sessions: how they are renewed, and all the ways in which they end.

use std::{sync::Arc, time::Duration};

use futures_util::future::join_all;
use guestlist::clock::Clock;
use serde_json::{Value, json};

use super::{Signed, call, registered, sign_in, signed_in, subjects};
use crate::support::{
    client::Answer,
    engine::Engine,
    scene::PASSWORD,
    tokens::said_by,
    world::{NOW, World, on_each_engine, on_each_engine_with},
};

async fn refresh(world: &World, token: &str) -> Answer {
    call(world, "session/refresh", json!({"refreshToken": token})).await
}

async fn get(world: &World, signed: &Signed) -> String {
    world.client.call("user/get", &signed.access, json!({})).await.outcome()
}

#[tokio::test]
async fn an_access_token_lasts_a_quarter_of_an_hour_and_is_renewed() {
    on_each_engine(async |world| {
        let (_, first) = registered(&world, "ada@example.com").await;
        // 15 minutes, and the leeway for clocks.
        world.advance(Duration::from_secs(15 * 60 + 29));
        assert_eq!(get(&world, &first).await, "200");
        world.advance(Duration::from_secs(1));
        assert_eq!(get(&world, &first).await, "401 unauthenticated");
        let second = Signed::from(&refresh(&world, &first.refresh).await.ok());
        assert_eq!(get(&world, &second).await, "200");
        assert_eq!(first.session, second.session);
        assert_ne!(first.refresh, second.refresh);
    })
    .await;
}

#[tokio::test]
async fn a_refresh_token_that_is_no_longer_good_ends_the_session() {
    on_each_engine(async |world| {
        let (_, first) = registered(&world, "ada@example.com").await;
        let second = Signed::from(&refresh(&world, &first.refresh).await.ok());
        world.advance(Duration::from_secs(31));
        let third = Signed::from(&refresh(&world, &second.refresh).await.ok());
        assert_eq!(get(&world, &third).await, "200");
        assert_eq!(refresh(&world, &first.refresh).await.outcome(), "401 unauthenticated");
        assert_eq!(refresh(&world, &third.refresh).await.outcome(), "401 unauthenticated");
        assert_eq!(get(&world, &third).await, "401 unauthenticated");
    })
    .await;
}

#[tokio::test]
async fn a_reply_that_was_lost_is_given_again() {
    on_each_engine(async |world| {
        let (_, first) = registered(&world, "ada@example.com").await;
        let lost = Signed::from(&refresh(&world, &first.refresh).await.ok());
        world.advance(Duration::from_secs(29));
        let again = Signed::from(&refresh(&world, &first.refresh).await.ok());
        assert_eq!((&again.refresh, &again.session), (&lost.refresh, &lost.session));
        assert_eq!(get(&world, &again).await, "200");
        // Later there is another one in its place, and what was lost is void: who has it is not the owner.
        world.advance(Duration::from_secs(2));
        let late = Signed::from(&refresh(&world, &first.refresh).await.ok());
        assert_ne!(late.refresh, lost.refresh);
        let next = Signed::from(&refresh(&world, &late.refresh).await.ok());
        assert_eq!(get(&world, &next).await, "200");
        assert_eq!(refresh(&world, &lost.refresh).await.outcome(), "401 unauthenticated");
        assert_eq!(refresh(&world, &next.refresh).await.outcome(), "401 unauthenticated");
    })
    .await;
}

#[tokio::test]
async fn a_made_up_refresh_token_ends_nothing() {
    on_each_engine(async |world| {
        let (_, signed) = registered(&world, "ada@example.com").await;
        let (head, latest) = signed.refresh.rsplit_once('.').unwrap();
        let (place, family) = head.rsplit_once('.').unwrap();
        let odd = "A".repeat(43);
        let strange = format!("{place}.{odd}.{latest}");
        assert_eq!(refresh(&world, &strange).await.outcome(), "401 unauthenticated");
        for malformed in ["", "x", head, &format!("{place}.{family}.{latest}.x"), &signed.access] {
            assert_eq!(refresh(&world, malformed).await.faults(), "refreshToken:format");
        }
        assert_eq!(refresh(&world, &signed.refresh).await.outcome(), "200");
    })
    .await;
}

#[tokio::test]
async fn tabs_that_renew_at_once_get_the_same_token() {
    for engine in Engine::all() {
        let clock = Clock::manual(NOW);
        let fresh = engine.fresh(&clock).await;
        let node = async || World::over(Arc::clone(&fresh.table), clock.clone(), &[]).await;
        let nodes = [node().await, node().await];
        let (_, signed) = registered(&nodes[0], "ada@example.com").await;
        let tabs = (0..10).map(|tab| refresh(&nodes[tab % 2], &signed.refresh));
        let all: Vec<_> =
            join_all(tabs).await.iter().map(|answer| Signed::from(&answer.ok())).collect();
        for tab in &all {
            assert_eq!(tab.refresh, all[0].refresh);
            assert_eq!(get(&nodes[1], tab).await, "200");
        }
        // A fast tab comes back with the new token before a slow one has shown the old one.
        for (tab, shown) in [&all[9].refresh, &signed.refresh, &all[0].refresh].iter().enumerate() {
            clock.advance(Duration::from_secs(9));
            let tab = Signed::from(&refresh(&nodes[tab % 2], shown).await.ok());
            assert_eq!(tab.refresh, all[0].refresh);
        }
        clock.advance(Duration::from_secs(4));
        let next = Signed::from(&refresh(&nodes[1], &all[9].refresh).await.ok());
        assert_ne!(next.refresh, all[9].refresh);
    }
}

#[tokio::test]
async fn a_session_ends_in_the_end_however_often_it_is_renewed() {
    let flags = ["--session-days=2", "--session-max-days=3"];
    on_each_engine_with(&flags, async |world| {
        let (_, mut signed) = registered(&world, "ada@example.com").await;
        let day = Duration::from_hours(24);
        for _ in 0..2 {
            world.advance(day + Duration::from_hours(11));
            signed = Signed::from(&refresh(&world, &signed.refresh).await.ok());
        }
        world.advance(Duration::from_mins(110));
        let last = refresh(&world, &signed.refresh).await.ok();
        // Ten minutes before the end, so the access token lasts no longer, either.
        let expires = last["expires"].as_str().unwrap();
        assert!(expires.starts_with("2027-01-18T08:00:00"), "{expires}");
        let last = Signed::from(&last);
        world.advance(Duration::from_mins(10));
        assert_eq!(refresh(&world, &last.refresh).await.outcome(), "401 unauthenticated");
        assert_eq!(get(&world, &last).await, "401 unauthenticated");
    })
    .await;
}

#[tokio::test]
async fn a_token_says_when_and_how_its_person_has_signed_in() {
    on_each_engine(async |world| {
        let (_, signed) = registered(&world, "ada@example.com").await;
        world.advance(Duration::from_hours(1));
        let later = Signed::from(&refresh(&world, &signed.refresh).await.ok());
        for signed in [&signed, &later] {
            let claims = said_by(&signed.access);
            assert_eq!(claims["auth_time"], NOW.seconds());
            assert_eq!(claims["amr"], json!(["pwd"]));
            assert_eq!(claims["sid"], signed.session);
        }
    })
    .await;
}

#[tokio::test]
async fn signing_out_ends_the_session_at_once() {
    on_each_engine(async |world| {
        let (_, one) = registered(&world, "ada@example.com").await;
        let two = signed_in(&world, "ada@example.com").await;
        let three = signed_in(&world, "ada@example.com").await;
        let list = world.client.call("session/find", &one.access, json!({})).await.ok();
        let seen: Vec<_> = list["data"].as_array().unwrap().iter().collect();
        assert_eq!(seen.len(), 3);
        let current: Vec<_> = seen.iter().filter(|it| it["current"] == true).collect();
        assert_eq!(current.len(), 1);
        assert_eq!(current[0]["id"], one.session);
        assert_eq!(current[0]["address"], "127.0.0.1");

        let remove = async |by: &Signed, body: Value| {
            world.client.call("session/remove", &by.access, body).await
        };
        assert_eq!(remove(&one, json!({})).await.ok(), json!({"ended": 1}));
        assert_eq!(get(&world, &one).await, "401 unauthenticated");
        assert_eq!(refresh(&world, &one.refresh).await.outcome(), "401 unauthenticated");
        assert_eq!(remove(&two, json!({"session": one.session})).await.outcome(), "404 not_found");
        assert_eq!(remove(&two, json!({"session": three.session})).await.ok(), json!({"ended": 1}));
        assert_eq!(get(&world, &three).await, "401 unauthenticated");
        signed_in(&world, "ada@example.com").await;
        let both = json!({"session": two.session, "others": true});
        assert_eq!(remove(&two, both).await.faults(), "others:unexpected");
        assert_eq!(remove(&two, json!({"others": true})).await.ok(), json!({"ended": 1}));
        assert_eq!(get(&world, &two).await, "200");
    })
    .await;
}

#[tokio::test]
async fn of_anothers_sessions_admins_see_and_end_what_is_in_their_account() {
    on_each_engine(async |world| {
        let (admin, _) = registered(&world, "ada@example.com").await;
        let body = json!({"email": "bob@example.com", "password": PASSWORD});
        let bob = world.call("user/create", &admin, body).await.ok()["id"].clone();
        let [one, other] = [(); 2].map(|()| signed_in(&world, "bob@example.com"));
        let (one, other) = (one.await, other.await);
        let own = json!({"id": admin.id});
        for name in ["session/find", "session/remove"] {
            let answer = world.client.call(name, &one.access, own.clone()).await;
            assert_eq!(answer.outcome(), "403 forbidden_field");
        }
        let find = async || world.call("session/find", &admin, json!({"id": bob})).await.ok();
        let end = async |which: Value| {
            let mut body = json!({"id": bob});
            body.as_object_mut().unwrap().extend(which.as_object().unwrap().clone());
            world.call("session/remove", &admin, body).await
        };
        // Neither which session it is, nor when that began and ends: it may serve other accounts.
        let list = find().await["data"].clone();
        assert_eq!(list.as_array().unwrap().len(), 2);
        let names: Vec<_> = list[0].as_object().unwrap().keys().cloned().collect();
        assert_eq!(names, ["address", "created", "current", "id", "used"]);
        for session in [&one.session, &other.session] {
            assert!(list.as_array().unwrap().iter().all(|it| it["id"] != **session));
            assert_eq!(end(json!({"session": session})).await.outcome(), "404 not_found");
        }
        // The latest first.
        assert_eq!(end(json!({"session": list[0]["id"]})).await.ok(), json!({"ended": 1}));
        assert_eq!(find().await["data"].as_array().unwrap().len(), 1);
        assert_eq!(get(&world, &other).await, "401 reauthentication_required");
        assert_eq!(get(&world, &one).await, "200");
        // It does not come in again, and its token is not used up by trying.
        let again = json!({"refreshToken": other.refresh, "accountId": admin.account});
        for _ in 0..2 {
            let refused = call(&world, "session/refresh", again.clone()).await;
            assert_eq!(refused.outcome(), "401 reauthentication_required");
        }
        let elsewhere = refresh(&world, &other.refresh).await.ok();
        assert_eq!(elsewhere.get("accountId"), None);

        assert_eq!(end(json!({"others": true})).await.ok(), json!({"ended": 1}));
        assert_eq!(find().await["data"], json!([]));
        assert_eq!(get(&world, &one).await, "401 reauthentication_required");
        let signed = signed_in(&world, "bob@example.com").await;
        assert_eq!(get(&world, &signed).await, "200");
        // A higher role is out of an admin's reach.
        let root = world.root().await;
        let home = world.invited(&root, "home@example.com", json!({"role": "admin"})).await;
        let body = json!({"email": "rob@example.com", "role": "root"});
        let rob = world.call("user/create", &root, body).await.ok()["id"].clone();
        for (name, body) in [
            ("session/find", json!({"id": rob})),
            ("session/remove", json!({"id": rob, "others": true})),
        ] {
            assert_eq!(world.call(name, &home, body).await.outcome(), "403 forbidden");
        }
    })
    .await;
}

#[tokio::test]
async fn sessions_end_by_themselves_and_are_not_without_number() {
    on_each_engine(async |world| {
        let (_, first) = registered(&world, "ada@example.com").await;
        for _ in 0..50 {
            world.advance(Duration::from_secs(1));
            signed_in(&world, "ada@example.com").await;
        }
        world.advance(Duration::from_secs(1));
        assert_eq!(get(&world, &first).await, "401 unauthenticated", "the oldest gives way");
        let last = signed_in(&world, "ada@example.com").await;
        let path = "session/find?limit=100";
        let all = world.client.call(path, &last.access, json!({})).await.ok();
        assert_eq!(all["data"].as_array().unwrap().len(), 50);
        assert_eq!(all["data"][0]["id"], last.session, "the latest first");

        world.advance(Duration::from_hours(29 * 24));
        let last = Signed::from(&refresh(&world, &last.refresh).await.ok());
        world.advance(Duration::from_hours(29 * 24));
        let last = Signed::from(&refresh(&world, &last.refresh).await.ok());
        world.advance(Duration::from_hours(30 * 24));
        assert_eq!(refresh(&world, &last.refresh).await.outcome(), "401 unauthenticated");
    })
    .await;
}

#[tokio::test]
async fn whoever_is_suspended_signs_in_and_is_told_so() {
    on_each_engine(async |world| {
        let (admin, _) = registered(&world, "ada@example.com").await;
        let body = json!({"email": "bob@example.com", "password": PASSWORD});
        let bob = world.call("user/create", &admin, body).await.ok()["id"].clone();
        let signed = signed_in(&world, "bob@example.com").await;
        let body = json!({"id": bob, "state": "suspended"});
        world.call("user/update", &admin, body).await.ok();
        assert_eq!(get(&world, &signed).await, "403 suspended");
        assert_eq!(get(&world, &signed_in(&world, "bob@example.com").await).await, "403 suspended");
        let wrong = sign_in(&world, "bob@example.com", "not the password").await;
        assert_eq!(wrong.outcome(), "401 invalid_credentials");
        world.call("user/remove", &admin, json!({"id": bob})).await.ok();
        let gone = sign_in(&world, "bob@example.com", PASSWORD).await;
        assert_eq!(gone.outcome(), "401 invalid_credentials");
        call(&world, "password/forgot", json!({"email": "bob@example.com"})).await.ok();
        assert_eq!(subjects(&world, "bob@example.com").await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn signing_in_follows_the_users_email() {
    on_each_engine(async |world| {
        let (admin, _) = registered(&world, "ada@example.com").await;
        let body = json!({"email": "bob@example.com", "password": PASSWORD});
        let bob = world.call("user/create", &admin, body).await.ok()["id"].clone();
        let before = signed_in(&world, "bob@example.com").await;
        let body = json!({"id": bob, "newEmail": "rob@example.com"});
        world.call("user/update", &admin, body).await.ok();
        let old = sign_in(&world, "bob@example.com", PASSWORD).await;
        assert_eq!(old.outcome(), "401 invalid_credentials");
        signed_in(&world, "rob@example.com").await;
        // A person who sets the address of somebody else is not to be in a session of that person.
        assert_eq!(get(&world, &before).await, "401 unauthenticated");
        // The address is free for another.
        let body = json!({"email": "bob@example.com", "password": PASSWORD});
        world.call("user/create", &admin, body).await.ok();
        signed_in(&world, "bob@example.com").await;
    })
    .await;
}

#[tokio::test]
async fn nothing_that_a_session_has_ever_had_outlives_it() {
    on_each_engine(async |world| {
        let (ada, _) = registered(&world, "ada@example.com").await;
        let begun = sign_in(&world, "ada@example.com", PASSWORD).await.ok();
        let (mut access, mut tokens) = (Vec::new(), Vec::new());
        let mut keep = |reply: &Value| {
            access.extend(reply["accessToken"].as_str().map(str::to_owned));
            tokens.extend(reply["refreshToken"].as_str().map(str::to_owned));
            Signed::from(&json!({
                "accessToken": access.last(), "refreshToken": tokens.last(), "session": reply["session"],
            }))
        };
        let mut latest = keep(&begun);
        for wait in [0, 31, 40] {
            world.advance(Duration::from_secs(wait));
            latest = keep(&refresh(&world, &latest.refresh).await.ok());
            let account = json!({"accountId": ada.account});
            let own = async |name: &str, body: Value| {
                world.client.call(name, &latest.access, body).await.ok()
            };
            let exchanged = own("session/token", account).await;
            let confirmed = own("session/confirm", json!({"currentPassword": PASSWORD})).await;
            keep(&exchanged);
            latest = keep(&confirmed);
        }
        world.client.call("session/remove", &latest.access, json!({})).await.ok();
        assert_eq!((access.len(), tokens.len()), (10, 4));
        for token in &access {
            for (name, body) in [
                ("user/get", json!({})),
                ("account/mine", json!({})),
                ("session/token", json!({})),
                ("session/code", json!({})),
                ("session/confirm", json!({"currentPassword": PASSWORD})),
                ("session/remove", json!({})),
                ("user/login", json!({})),
            ] {
                let refused = world.client.call(name, token, body).await;
                assert_eq!(refused.outcome(), "401 unauthenticated", "{name}");
            }
        }
        for token in &tokens {
            assert_eq!(refresh(&world, token).await.outcome(), "401 unauthenticated");
        }
    })
    .await;
}
