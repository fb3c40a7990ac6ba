//! `identity/remove`: a person leaves all accounts and takes the own sign-in along, or nothing happens.

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};

use super::{joins, latest_code, made, nowhere, own, signed_up, signs_in, token_of};
use crate::support::{
    client::Answer,
    scene::{PASSWORD, Scene, on_each_scene},
    smtp::letters_in,
    tokens::said_by,
    watched::Trouble,
    world::{Person, World, on_each_engine},
};

const ANN: &str = "ann@example.com";

async fn removes(world: &World, token: &str) -> Answer {
    nowhere(world, "identity/remove", token, json!({})).await
}

/// The same a moment later, so that accounts and letters have an order.
fn later(world: &World) -> &World {
    world.advance(Duration::from_millis(1));
    world
}

/// The admins of two accounts, in both of which Ann is by a sign-in of her own.
async fn in_two(world: &World) -> (String, [Person; 2], [Person; 2]) {
    let ann = signed_up(world, ANN).await;
    let admins =
        [world.admin("carla@example.com").await, later(world).registered("bert@example.com").await];
    let first = joins(world, &admins[0], &ann, ANN).await;
    let second = joins(world, &admins[1], &ann, ANN).await;
    (ann, admins, [first, second])
}

async fn live(world: &World, admin: &Person) -> Vec<Value> {
    let page = world.call("user/find", admin, json!({})).await.ok();
    page["data"].as_array().unwrap().clone()
}

async fn letters_to(world: &World, email: &str) -> Vec<String> {
    while world.courier.round().await.unwrap() > 0 {}
    let letters = letters_in(world.mail.path()).into_iter();
    let letters = letters.filter(|letter| letter.to.contains(&email.to_owned()));
    letters.map(|letter| letter.subject).collect()
}

/// She is nowhere any more, and what she has had opens nothing.
async fn is_gone(world: &World, ann: &str, admins: &[Person]) {
    for admin in admins {
        let users = live(world, admin).await;
        assert!(users.iter().all(|user| user["email"] != ANN), "{users:?}");
    }
    for name in ["account/mine", "identity/remove", "session/token"] {
        assert_eq!(nowhere(world, name, ann, json!({})).await.outcome(), "401 unauthenticated");
    }
    assert_eq!(signs_in(world, ANN, PASSWORD).await.outcome(), "401 invalid_credentials");
}

#[tokio::test]
async fn somebody_leaves_two_accounts_and_takes_the_sign_in_along() {
    on_each_scene(async |Scene { world, table, .. }| {
        let (ann, admins, users) = in_two(&world).await;
        let before = said_by(&ann)["sub"].as_str().unwrap().to_owned();
        let other = signs_in(&world, ANN, PASSWORD).await.ok();
        let asked = json!({"email": ANN});
        world.client.call("password/forgot", "", asked.clone()).await.ok();
        let code = latest_code(&world).await;

        let reply = nowhere(later(&world), "identity/remove", &ann, asked).await;
        assert_eq!((reply.ok(), reply.header("set-cookie")), (json!({}), None));
        is_gone(&world, &ann, &admins).await;
        let refresh = json!({"refreshToken": other["refreshToken"]});
        let renewed = world.client.call("session/refresh", "", refresh).await;
        assert_eq!(renewed.outcome(), "401 unauthenticated");
        let last = letters_to(&world, ANN).await.pop();
        assert_eq!(last.as_deref(), Some("Your sign-in was deleted"));

        for (admin, user) in admins.iter().zip(&users) {
            let trash = world.call("trash/find", admin, json!({})).await.ok();
            let removed = &trash["data"][0];
            assert_eq!(
                (&removed["id"], &removed["formerState"]),
                (&json!(user.id), &json!("invited"))
            );
            assert_eq!(removed.get("issuer"), None, "{removed}");
            // An account learns that somebody left it, and no more.
            let about = json!({"userId": user.id});
            let trail = world.call("audit/find", admin, about).await.ok();
            let entry = &trail["data"][0];
            assert_eq!(entry["action"], "user/leave");
            assert_eq!(entry["actor"], format!("user:{}", user.id));
        }
        // What is left of the sign-in goes by itself.
        world.advance(Duration::from_secs(1));
        while world.sweeper.round().await.unwrap() > 0 {}
        let about = |item: &guestlist::table::Item| {
            item.key.partition.contains(&before) || item.body.contains(&before)
        };
        let left: Vec<_> = table.everything().await.into_iter().filter(about).collect();
        // What she had asked for a moment ago runs out, and opens nothing meanwhile.
        assert!(left.iter().all(|item| item.key.sort == "reset"), "{left:?}");
        let reset = json!({"code": code, "newPassword": "quite another passphrase"});
        let reset = world.client.call("password/reset", "", reset).await;
        assert_eq!(reset.outcome(), "404 not_found");

        // The address is free, and a person who signs up with it is somebody else.
        let again = signed_up(&world, ANN).await;
        assert_ne!(said_by(&again)["sub"], before);
        assert_eq!(own(&world, &again).await, Vec::<String>::new());
        let restored = world.call("trash/restore", &admins[0], json!({"id": users[0].id})).await;
        assert_eq!(restored.ok()["state"], "invited");
        assert_eq!(own(&world, &again).await, Vec::<String>::new());
        removes(&world, &again).await.ok();
    })
    .await;
}

#[tokio::test]
async fn the_last_admin_of_an_account_stays_in_all_of_them() {
    on_each_scene(async |Scene { world, table, .. }| {
        let (ann, admins, users) = in_two(&world).await;
        let mut led = Vec::new();
        for name in ["Difference Engines", "Looms"] {
            let made =
                nowhere(later(&world), "account/register", &ann, json!({"name": name})).await.ok();
            led.push(made["account"]["id"].as_str().unwrap().to_owned());
        }
        let before = (table.writes(), own(&world, &ann).await);
        let refused = removes(&world, &ann).await;
        assert_eq!(refused.outcome(), "409 last_admin");
        let faults = refused.json()["errors"].as_array().unwrap().clone();
        assert_eq!(faults.len(), 2);
        for (fault, (name, id)) in
            faults.iter().zip(["Difference Engines", "Looms"].iter().zip(&led))
        {
            assert_eq!(
                (&fault["field"], &fault["code"]),
                (&json!("accountId"), &json!("last_admin"))
            );
            let detail = fault["detail"].as_str().unwrap();
            assert!(detail.contains(name) && detail.contains(id.as_str()), "{detail}");
        }
        assert_eq!((table.writes(), own(&world, &ann).await), before, "nothing is done");

        // Another admin makes her free of the one; the other one is removed.
        let carl = json!({
            "email": "carl@example.com", "role": "admin", "sendInvite": true, "accountId": led[0],
        });
        let invite = world.operate("user/create", carl).await["invite"].clone();
        assert_eq!(removes(&world, &ann).await.outcome(), "409 last_admin", "nobody has come yet");
        let carl = world.token("carl@example.com", true);
        world.client.call("user/login", &carl, json!({"invite": invite})).await.ok();
        let refused = removes(&world, &ann).await;
        assert_eq!(refused.outcome(), "409 last_admin");
        assert!(refused.json()["detail"].as_str().unwrap().contains("Looms"));
        world.operate("account/remove", json!({"accountId": led[1]})).await;
        removes(&world, &ann).await.ok();
        is_gone(&world, &ann, &admins).await;
        assert_eq!(users.len(), 2);
    })
    .await;
}

/// An admin has made the sign-in, chosen its password, and keeps it; nobody has proved the address.
#[tokio::test]
async fn a_kept_sign_in_is_its_persons_to_remove() {
    on_each_engine(async |world| {
        let admin = world.admin("alice@example.com").await;
        let body = json!({"email": ANN, "password": PASSWORD});
        let id = made(&world, &admin, body.clone()).await;
        let ann = token_of(&world, ANN).await;
        assert_eq!(said_by(&ann)["email_verified"], false);
        // Whatever she owns elsewhere.
        let hold = json!({"id": id, "kind": "project", "ref": "P-7"});
        world.call("hold/place", &admin, hold).await.ok();
        removes(&world, &ann).await.ok();
        is_gone(&world, &ann, std::slice::from_ref(&admin)).await;
        assert_ne!(made(&world, &admin, body).await, id, "the address is free");
        assert_eq!(signs_in(&world, ANN, PASSWORD).await.outcome(), "200");
        let restored = world.call("trash/restore", &admin, json!({"id": id})).await;
        assert_eq!(restored.outcome(), "409 email_taken");
    })
    .await;
}

#[tokio::test]
async fn it_takes_a_fresh_sign_in_of_whoever_is_named() {
    on_each_engine(async |world| {
        let (ann, admins, _) = in_two(&world).await;
        let other = nowhere(&world, "identity/remove", &ann, json!({"email": "bob@example.com"}));
        assert_eq!(other.await.faults(), "email:mismatch");
        assert_eq!(removes(&world, "").await.outcome(), "401 unauthenticated");
        let key = world.key(&admins[0], "admin", "write").await;
        assert_eq!(removes(&world, &key).await.outcome(), "403 forbidden");

        world.advance(Duration::from_mins(10));
        let stale = removes(&world, &ann).await;
        assert_eq!(stale.outcome(), "401 reauthentication_required");
        assert_eq!(stale.json()["confirmBy"], json!(["currentPassword", "emailCode"]));
        assert_eq!(own(&world, &ann).await.len(), 2);
        let shown = json!({"currentPassword": PASSWORD});
        let fresh = nowhere(&world, "session/confirm", &ann, shown).await.ok();
        let fresh = fresh["accessToken"].as_str().unwrap().to_owned();
        removes(&world, &fresh).await.ok();
        is_gone(&world, &ann, &admins).await;
    })
    .await;
}

/// There is no sign-in of ours to take: the person leaves, and the token says what it said.
#[tokio::test]
async fn somebody_who_signs_in_elsewhere_leaves_all_accounts() {
    on_each_engine(async |world| {
        let admins =
            [world.admin("alice@example.com").await, world.admin("bert@example.com").await];
        let ann = world.token_for("outside", ANN, true);
        for admin in &admins {
            joins(&world, admin, &ann, ANN).await;
        }
        let sent = letters_to(&world, ANN).await.len();
        for _ in 0..2 {
            assert_eq!(removes(&world, &ann).await.ok(), json!({}));
            assert_eq!(own(&world, &ann).await, Vec::<String>::new());
        }
        for admin in &admins {
            assert_eq!(live(&world, admin).await.len(), 1);
        }
        assert_eq!(letters_to(&world, ANN).await.len(), sent);
    })
    .await;
}

#[tokio::test]
async fn what_is_interrupted_goes_on_where_it_was() {
    on_each_scene(async |Scene { world, table, .. }| {
        let (ann, admins, users) = in_two(&world).await;
        let named = json!({"id": users[1].id, "last": "Unfortunate"});
        world.call("user/update", &admins[1], named).await.ok();
        let steps = [("Unfortunate", [1, 2]), ("signInRemoved", [1, 1])];
        for (what, left) in steps {
            table.trouble(Trouble::Refuses(what));
            assert_eq!(removes(&world, &ann).await.outcome(), "503 unavailable");
            table.trouble(Trouble::None);
            for (admin, left) in admins.iter().zip(left) {
                assert_eq!(live(&world, admin).await.len(), left, "{what}");
            }
            assert_eq!(nowhere(&world, "account/mine", &ann, json!({})).await.outcome(), "200");
        }
        removes(&world, &ann).await.ok();
        is_gone(&world, &ann, &admins).await;

        // The answer is lost, but it is done.
        let bob = world.signed_up("bob@example.com").await;
        let bob = bob["accessToken"].as_str().unwrap().to_owned();
        table.trouble(Trouble::LostTransactions);
        assert_eq!(removes(&world, &bob).await.outcome(), "503 unavailable");
        table.trouble(Trouble::None);
        assert_eq!(removes(&world, &bob).await.outcome(), "401 unauthenticated");
    })
    .await;
}

/// Waits until so many transactions are under way.
async fn held(scene: &Scene, transactions: usize) {
    let mut seen = 0;
    while seen < transactions {
        tokio::time::sleep(Duration::from_millis(1)).await;
        seen += scene.table.take_calls().matches("write(").count();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_join_before_the_last_step_is_left_again() {
    on_each_scene(async |scene| {
        let scene = Arc::new(scene);
        let world = &scene.world;
        let ann = signed_up(world, ANN).await;
        let admin = world.admin("alice@example.com").await;
        let body = json!({"email": ANN, "sendInvite": true});
        let invite = world.call("user/create", &admin, body).await.ok()["invite"].clone();
        let calls = scene.table.take_calls();
        assert!(!calls.is_empty());
        scene.table.trouble(Trouble::HeldTransactions);
        let leaving = removes(world, &ann);
        let joining = async {
            held(&scene, 1).await;
            scene.table.trouble(Trouble::None);
            let joined = nowhere(world, "user/login", &ann, json!({"invite": invite})).await;
            scene.table.release();
            joined
        };
        let (left, joined) = tokio::join!(leaving, joining);
        assert_eq!((joined.outcome(), left.outcome()), ("200".to_owned(), "200".to_owned()));
        is_gone(world, &ann, std::slice::from_ref(&admin)).await;
        let trash = world.call("trash/find", &admin, json!({})).await.ok();
        assert_eq!(trash["data"][0].get("issuer"), None);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_join_after_the_last_step_does_not_happen() {
    on_each_scene(async |scene| {
        let world = &scene.world;
        let ann = signed_up(world, ANN).await;
        let admin = world.admin("alice@example.com").await;
        let body = json!({"email": ANN, "sendInvite": true});
        let invite = world.call("user/create", &admin, body).await.ok()["invite"].clone();
        let calls = scene.table.take_calls();
        assert!(!calls.is_empty());
        scene.table.trouble(Trouble::HeldTransactions);
        let joining = nowhere(world, "user/login", &ann, json!({"invite": invite}));
        let leaving = async {
            held(&scene, 1).await;
            scene.table.trouble(Trouble::None);
            let left = removes(world, &ann).await;
            scene.table.release();
            left
        };
        let (joined, left) = tokio::join!(joining, leaving);
        assert_eq!(left.outcome(), "200");
        assert_eq!(joined.outcome(), "401 unauthenticated");
        let users = live(world, &admin).await;
        let hers = users.iter().find(|user| user["email"] == ANN).unwrap();
        assert_eq!((&hers["state"], hers.get("issuer")), (&json!("invited"), None));
    })
    .await;
}

/// Both are admins of one account: one of them stays.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_admins_do_not_leave_at_the_same_moment() {
    for _ in 0..4 {
        on_each_engine(async |world| {
            let people = [signed_up(&world, ANN).await, signed_up(&world, "bob@example.com").await];
            let made = nowhere(&world, "account/register", &people[0], json!({"name": "Looms"}));
            let account = made.await.ok()["account"]["id"].clone();
            let bob = json!({
                "email": "bob@example.com", "role": "admin", "sendInvite": true,
                "accountId": account,
            });
            let invite = world.operate("user/create", bob).await["invite"].clone();
            nowhere(&world, "user/login", &people[1], json!({"invite": invite})).await.ok();
            let (one, other) =
                tokio::join!(removes(&world, &people[0]), removes(&world, &people[1]));
            let mut outcomes = [one.outcome(), other.outcome()];
            outcomes.sort();
            assert_eq!(outcomes, ["200", "409 last_admin"]);
        })
        .await;
    }
}
