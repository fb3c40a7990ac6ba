//! `hold/*`: placing, finding and releasing what users own elsewhere, and what that forbids.

use std::{collections::BTreeMap, time::Duration};

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::{
    client::Answer,
    engine::Engine,
    scene::on_each_scene,
    world::{Person, World, on_each_engine},
};

const NOBODY: &str = "0190aaaa-0000-7000-8000-00000000dead";

async fn place(world: &World, by: &Person, user: &Value, kind: &str, reference: &str) -> Answer {
    let body = json!({"id": user, "kind": kind, "ref": reference});
    world.call("hold/place", by, body).await
}

async fn found(world: &World, by: &Person, body: Value) -> Vec<Value> {
    world.call("hold/find", by, body).await.ok()["data"].as_array().unwrap().clone()
}

async fn invited(world: &World, by: &Person, email: &str) -> Value {
    world.call("user/create", by, json!({"email": email})).await.ok()["id"].clone()
}

#[tokio::test]
async fn whoever_owns_something_stays() {
    on_each_engine(async |world| {
        let admin = world.admin("admin@example.com").await;
        let bob = world.invited(&admin, "bob@example.com", json!({})).await;
        let data = json!({"title": "Loom", "cards": [1, null], "gone": null});
        let body =
            json!({"email": "bob@example.com", "kind": "project", "ref": " P/7 ", "data": data});
        let first = world.call("hold/place", &admin, body).await.ok();
        let expected = json!({
            "id": first["id"], "userId": bob.id, "accountId": admin.account, "kind": "project",
            "ref": "P/7", "data": data, "created": "2027-01-15T08:00:00.000Z", "version": 1,
        });
        assert_eq!(first, expected, "the data is kept as it was sent");
        let remove = async || world.call("user/remove", &admin, json!({"id": bob.id})).await;
        let held = remove().await;
        assert_eq!(held.outcome(), "409 held");
        assert!(held.json()["detail"].as_str().unwrap().starts_with("1 hold stands"));
        let second = place(&world, &admin, &json!(bob.id), "domain", "P/7").await.ok();
        assert_eq!((second.get("data"), &second["ref"]), (None, &json!("P/7")));
        let held = remove().await;
        assert!(held.json()["detail"].as_str().unwrap().starts_with("2 holds stand"));
        let holds = async || {
            let user = world.call("user/get", &admin, json!({"id": bob.id})).await.ok();
            user["holds"].as_u64().unwrap()
        };
        assert_eq!(holds().await, 2);

        // The one by its id, the other by its name.
        let release = json!({"id": bob.id, "hold": first["id"]});
        let released = world.call("hold/release", &admin, release.clone()).await.ok();
        assert_eq!(released, first);
        let outcome = world.call("hold/release", &admin, release).await.outcome();
        assert_eq!(outcome, "404 not_found");
        assert_eq!(remove().await.outcome(), "409 held");
        let release = json!({"email": "bob@example.com", "kind": "domain", "ref": "P/7"});
        let released = world.call("hold/release", &admin, release.clone()).await.ok();
        assert_eq!(released, second);
        assert_eq!(holds().await, 0);
        remove().await.ok();

        // Nothing is placed on somebody in the trash, nor found there.
        let outcome = place(&world, &admin, &json!(bob.id), "project", "8").await.outcome();
        assert_eq!(outcome, "404 not_found");
        assert_eq!(world.call("hold/release", &admin, release).await.outcome(), "404 not_found");
        assert!(found(&world, &admin, json!({"id": bob.id})).await.is_empty());
        world.call("trash/restore", &admin, json!({"id": bob.id})).await.ok();
        place(&world, &admin, &json!(bob.id), "project", "P/7").await.ok();
    })
    .await;
}

#[tokio::test]
async fn placing_again_replaces_only_the_data() {
    on_each_scene(async |scene| {
        let id = &scene.user.id;
        let place = async |more: Value| {
            let mut body = json!({"id": id, "kind": "project", "ref": "7"});
            body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            scene.call("hold/place", &scene.admin.token, body).await
        };
        let first = place(json!({"data": {"a": 1, "b": {"c": 2}}})).await.ok();
        let user = scene.call("user/get", &scene.admin.token, json!({"id": id})).await.ok();
        let writes = scene.table.writes();
        assert_eq!(place(json!({"data": {"a": 1, "b": {"c": 2}}})).await.ok(), first);
        assert_eq!(place(json!({})).await.ok(), first);
        assert_eq!(scene.table.writes(), writes, "what changes nothing writes nothing");

        scene.world.advance(Duration::from_secs(1));
        let other = place(json!({"data": {"b": {}}, "version": 1})).await.ok();
        let mut expected = first.clone();
        expected["data"] = json!({"b": {}});
        expected["version"] = json!(2);
        assert_eq!(other, expected);
        assert_eq!(place(json!({"version": 1})).await.outcome(), "409 version_mismatch");
        let bare = place(json!({"data": null})).await.ok();
        assert_eq!((bare.get("data"), &bare["version"]), (None, &json!(3)));
        // The user has one hold, and the record of the user has not moved on.
        let now = scene.call("user/get", &scene.admin.token, json!({"id": id})).await.ok();
        assert_eq!(now["version"], user["version"]);
        let release = |version| json!({"id": id, "hold": first["id"], "version": version});
        let refused = scene.refused("hold/release", &scene.admin.token, release(2)).await;
        assert_eq!(refused.outcome(), "409 version_mismatch");
        scene.call("hold/release", &scene.admin.token, release(3)).await.ok();
        let remove = json!({"id": id});
        scene.call("user/remove", &scene.admin.token, remove).await.ok();

        let trail = scene.audit(&scene.admin.account).await;
        let target = format!("hold:{}", first["id"].as_str().unwrap());
        let entries: Vec<_> = (trail.iter())
            .filter(|entry| entry["target"] == target)
            .map(|entry| {
                assert_eq!(entry["userId"], id.as_str());
                format!("{} {}", entry["action"].as_str().unwrap(), entry["changed"])
            })
            .collect();
        let place = "hold/place [\"data\"]";
        let expected = ["hold/place null", place, place, "hold/release null"];
        let count = |wanted: &str| entries.iter().filter(|entry| *entry == wanted).count();
        for wanted in expected {
            let times = expected.iter().filter(|it| **it == wanted).count();
            assert_eq!(count(wanted), times, "{entries:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn what_names_no_hold_is_refused() {
    on_each_scene(async |scene| {
        let id = &scene.user.id;
        let with = |more: Value| {
            let mut body = json!({"id": id, "kind": "k", "ref": "7"});
            body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            body
        };
        let check = async |name: &str, body: Value, faults: &str| {
            let refused = scene.refused(name, &scene.admin.token, body.clone()).await;
            assert_eq!(refused.faults(), faults, "{name} {body}");
        };
        let place = "hold/place";
        check(place, json!({}), "id:required kind:required ref:required").await;
        for kind in ["", "K", "a b", "a#b", "ä", &"k".repeat(65)] {
            check(place, with(json!({"kind": kind})), "kind:format").await;
        }
        check(place, with(json!({"kind": 7})), "kind:type").await;
        check(place, with(json!({"ref": " "})), "ref:required").await;
        check(place, with(json!({"ref": "a\nb"})), "ref:format").await;
        check(place, with(json!({"ref": "r".repeat(192)})), "ref:length").await;
        check(place, with(json!({"data": [1]})), "data:type").await;
        // `{"a":""}` has eight bytes.
        let data = |bytes: usize| with(json!({"data": {"a": "x".repeat(bytes - 8)}}));
        check(place, data(16 * 1024 + 1), "data:length").await;
        let refused = scene.refused(place, &scene.admin.token, with(json!({"version": 1}))).await;
        assert_eq!(refused.outcome(), "409 version_mismatch");

        // What is just within the limits, and hostile besides.
        let reference = "#".repeat(95) + &"\u{1D11E}".repeat(96);
        for (kind, reference) in [("k".repeat(64), reference), ("-_.9".to_owned(), "7".to_owned())]
        {
            let mut body = data(16 * 1024);
            body["kind"] = json!(kind);
            body["ref"] = json!(reference);
            let hold = scene.call(place, &scene.admin.token, body).await.ok();
            assert_eq!((&hold["kind"], &hold["ref"]), (&json!(kind), &json!(reference)));
            let body = json!({"id": id, "kind": kind, "ref": reference});
            scene.call("hold/release", &scene.admin.token, body).await.ok();
        }
    })
    .await;
}

#[tokio::test]
async fn a_release_names_one_hold() {
    on_each_scene(async |scene| {
        let id = &scene.user.id;
        let check = async |name: &str, body: Value, faults: &str| {
            let refused = scene.refused(name, &scene.admin.token, body.clone()).await;
            assert_eq!(refused.faults(), faults, "{name} {body}");
        };
        let named = |reference: &str| json!({"id": id, "kind": "k", "ref": reference});
        let release = "hold/release";
        check(release, json!({}), "id:required hold:required").await;
        check(release, json!({"id": id}), "hold:required").await;
        check(release, json!({"id": id, "kind": "k"}), "ref:required").await;
        check(release, json!({"id": id, "ref": "7"}), "kind:required").await;
        check(release, json!({"id": id, "hold": "7"}), "hold:format").await;
        let one = scene.call("hold/place", &scene.admin.token, named("7")).await.ok();
        scene.call("hold/place", &scene.admin.token, named("8")).await.ok();
        let both = |reference: &str| {
            let mut body = named(reference);
            body["hold"] = one["id"].clone();
            body
        };
        for body in [
            json!({"id": id, "hold": NOBODY}),
            named("9"),
            both("8"),
            json!({"id": scene.admin.id, "hold": one["id"]}),
            json!({"id": NOBODY, "hold": one["id"]}),
        ] {
            let refused = scene.refused(release, &scene.admin.token, body.clone()).await;
            assert_eq!(refused.outcome(), "404 not_found", "{body}");
        }
        scene.call(release, &scene.admin.token, both("7")).await.ok();
        check("hold/find", json!({"kind": "K"}), "kind:format").await;
        check("hold/find?index=gs1", json!({}), "?index:unknown_field").await;
    })
    .await;
}

#[tokio::test]
async fn holds_are_found_by_user_and_account_and_kind() {
    on_each_engine(async |world| {
        let (root, admin) = (world.root().await, world.admin("admin@example.com").await);
        let eve = world.admin("eve@example.org").await;
        let bob = invited(&world, &admin, "bob@example.com").await;
        let mut made = Vec::new();
        for number in 0..9 {
            world.advance(Duration::from_millis(1));
            let user = [bob.clone(), json!(admin.id)][number % 2].clone();
            // Names in another order than that of creation.
            let (kind, reference) = (["project", "domain", "host"][number % 3], 9 - number);
            let hold = place(&world, &admin, &user, kind, &reference.to_string()).await.ok();
            made.push(hold);
        }
        let check = async |by: &Person, body: Value, fits: &dyn Fn(&Value) -> bool| {
            let expected: Vec<_> = made.iter().filter(|hold| fits(hold)).cloned().collect();
            for limit in [1, 2, 4, 100] {
                let (mut found, mut query) = (Vec::new(), String::new());
                loop {
                    let path = format!("hold/find?limit={limit}{query}");
                    let page = world.call(&path, by, body.clone()).await.ok();
                    found.extend(page["data"].as_array().unwrap().clone());
                    let Some(next) = page["next"].as_str() else { break };
                    query = format!("&next={next}");
                }
                assert_eq!(found, expected, "{limit} {body}");
            }
            expected.len()
        };
        let (bobs, hosts) =
            (|hold: &Value| hold["userId"] == bob, |it: &Value| it["kind"] == "host");
        assert_eq!(check(&admin, json!({}), &|_| true).await, 9);
        assert_eq!(check(&admin, json!({"id": bob}), &bobs).await, 5);
        assert_eq!(check(&admin, json!({"email": "bob@example.com"}), &bobs).await, 5);
        assert_eq!(check(&admin, json!({"kind": "host"}), &hosts).await, 3);
        let both = |hold: &Value| bobs(hold) && hosts(hold);
        assert_eq!(check(&admin, json!({"id": bob, "kind": "host"}), &both).await, 2);
        assert_eq!(check(&admin, json!({"kind": "horse"}), &|_| false).await, 0);
        // Those of other accounts see none of it; the operator does, by user or by account.
        assert_eq!(check(&eve, json!({}), &|_| false).await, 0);
        assert_eq!(check(&eve, json!({"id": bob}), &|_| false).await, 0);
        assert_eq!(check(&root, json!({}), &|_| false).await, 0);
        assert_eq!(check(&root, json!({"accountId": admin.account}), &|_| true).await, 9);
        assert_eq!(check(&root, json!({"id": bob}), &bobs).await, 5);
        // A cursor belongs to its filters.
        let page = world.call("hold/find?limit=1", &admin, json!({"id": bob})).await.ok();
        let path = format!("hold/find?limit=1&next={}", page["next"].as_str().unwrap());
        for body in [json!({}), json!({"id": admin.id}), json!({"id": bob, "kind": "host"})] {
            assert_eq!(world.call(&path, &admin, body).await.outcome(), "400 invalid_cursor");
        }
    })
    .await;
}

#[tokio::test]
async fn holds_on_those_out_of_reach() {
    on_each_scene(async |scene| {
        let (world, root) = (&scene.world, &scene.root);
        let deputy = world.invited(root, "dora@example.com", json!({"role": "admin"})).await;
        let own = json!({"id": root.id, "kind": "k", "ref": "7"});
        let refused = scene.refused("hold/place", &deputy.token, own.clone()).await;
        assert_eq!(refused.outcome(), "403 forbidden");
        scene.call("hold/place", &root.token, own.clone()).await.ok();
        let refused = scene.refused("hold/release", &deputy.token, own.clone()).await;
        assert_eq!(refused.outcome(), "403 forbidden");
        let refused = scene.refused("hold/place", &scene.admin.token, own).await;
        assert_eq!(refused.outcome(), "404 not_found");
        // The operator reaches everybody, by id or with the account.
        let theirs = json!({"id": scene.user.id, "kind": "k", "ref": "7"});
        scene.call("hold/place", &root.token, theirs.clone()).await.ok();
        let remove = json!({"id": scene.user.id});
        let refused = scene.refused("user/remove", &root.token, remove).await;
        assert_eq!(refused.outcome(), "409 held");
        let mut named = theirs.clone();
        named["accountId"] = json!(scene.admin.account);
        scene.call("hold/release", &root.token, named).await.ok();
    })
    .await;
}

#[tokio::test]
async fn a_user_has_a_thousand_at_most() {
    // How they are stored makes no difference here.
    let world = World::new(Engine::Sqlite, &[]).await;
    let admin = world.admin("admin@example.com").await;
    let bob = invited(&world, &admin, "bob@example.com").await;
    for number in 0..1000 {
        place(&world, &admin, &bob, "k", &number.to_string()).await.ok();
    }
    let refused = place(&world, &admin, &bob, "k", "1000").await;
    assert_eq!(refused.faults(), "ref:limit");
    // One that stands already is not one more.
    place(&world, &admin, &bob, "k", "7").await.ok();
    let release = json!({"id": bob, "kind": "k", "ref": "7"});
    world.call("hold/release", &admin, release).await.ok();
    place(&world, &admin, &bob, "k", "1000").await.ok();
    assert_eq!(place(&world, &admin, &bob, "k", "7").await.faults(), "ref:limit");
}

fn tally(outcomes: impl IntoIterator<Item = String>) -> BTreeMap<String, usize> {
    let mut tally = BTreeMap::new();
    for outcome in outcomes {
        *tally.entry(outcome).or_default() += 1;
    }
    tally
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hold_or_a_removal_but_not_both() {
    on_each_engine(async |world| {
        let admin = world.admin("admin@example.com").await;
        // Not more at once than a step has tries: each lost one is another's success.
        for (round, holds) in [1, 1, 1, 1, 8, 8].into_iter().enumerate() {
            let bob = invited(&world, &admin, &format!("bob{round}@example.com")).await;
            let place = async |number: usize| {
                place(&world, &admin, &bob, "k", &number.to_string()).await.outcome()
            };
            let remove =
                async || world.call("user/remove", &admin, json!({"id": bob})).await.outcome();
            // Once the one begins first, once the other.
            let (placed, removed) = if round % 2 == 0 {
                tokio::join!(join_all((0..holds).map(place)), remove())
            } else {
                let (removed, placed) = tokio::join!(remove(), join_all((0..holds).map(place)));
                (placed, removed)
            };
            let stand = found(&world, &admin, json!({})).await.len();
            let outcome = if removed == "200" { "404 not_found" } else { "200" };
            assert_eq!(tally(placed), BTreeMap::from([(outcome.to_owned(), holds)]), "{removed}");
            match removed.as_str() {
                "200" => assert_eq!(stand, 0),
                "409 held" => assert_eq!(stand, holds),
                other => panic!("{other}"),
            }
            for hold in found(&world, &admin, json!({"id": bob})).await {
                let body = json!({"id": bob, "hold": hold["id"]});
                world.call("hold/release", &admin, body).await.ok();
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_name_one_hold() {
    on_each_engine(async |world| {
        let admin = world.admin("admin@example.com").await;
        let bob = invited(&world, &admin, "bob@example.com").await;
        let answers = join_all((0..20).map(|_| place(&world, &admin, &bob, "k", "7"))).await;
        let ids: Vec<_> = answers.iter().map(|answer| answer.ok()["id"].clone()).collect();
        assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
        // It counts once, for every caller that releases it.
        let release = |_| {
            let body = json!({"id": bob, "kind": "k", "ref": "7"});
            world.call("hold/release", &admin, body)
        };
        let released = join_all((0..8).map(release)).await;
        let expected = [("200".to_owned(), 1), ("404 not_found".to_owned(), 7)];
        let outcomes = released.iter().map(Answer::outcome);
        assert_eq!(tally(outcomes), BTreeMap::from(expected));
        assert!(found(&world, &admin, json!({"id": bob})).await.is_empty());
        world.call("user/remove", &admin, json!({"id": bob})).await.ok();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_count_is_right_after_a_crowd() {
    on_each_engine(async |world| {
        let admin = world.admin("admin@example.com").await;
        let bob = invited(&world, &admin, "bob@example.com").await;
        for number in 0..6 {
            place(&world, &admin, &bob, "old", &number.to_string()).await.ok();
        }
        let work = async |number: usize| {
            let reference = number.to_string();
            if number < 6 {
                let body = json!({"id": bob, "kind": "old", "ref": reference});
                world.call("hold/release", &admin, body).await.ok()
            } else {
                place(&world, &admin, &bob, "new", &reference).await.ok()
            }
        };
        join_all((0..14).map(work)).await;
        let stand = found(&world, &admin, json!({"id": bob})).await;
        assert_eq!(stand.len(), 8);
        let held = world.call("user/remove", &admin, json!({"id": bob})).await.json();
        assert!(held["detail"].as_str().unwrap().starts_with("8 holds stand"), "{held}");
        for hold in stand {
            let body = json!({"id": bob, "hold": hold["id"]});
            world.call("hold/release", &admin, body).await.ok();
        }
        world.call("user/remove", &admin, json!({"id": bob})).await.ok();
    })
    .await;
}
