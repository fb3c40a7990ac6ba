//! `user/list` and `trash/list`: pages by number in every order, totals, filters, bounds and what they
//! cost.

use std::{cmp::Ordering, sync::Arc, time::Duration};

use futures_util::{StreamExt, future::join_all, stream};
use guestlist::{clock::Clock, table::Walks};
use serde_json::{Value, json};

use crate::support::{
    engine::Engine,
    scene::on_each_scene,
    watched::Watched,
    world::{NOW, Person, World, on_each_engine},
};

/// A service over a table that counts.
struct Counted {
    world: World,
    table: Arc<Watched>,
    admin: Person,
}

impl Counted {
    async fn new(engine: Engine) -> Self {
        let clock = Clock::manual(NOW);
        let fresh = engine.fresh(&clock).await;
        let table = Arc::new(Watched::new(Arc::clone(&fresh.table)));
        let world = World::over(Arc::clone(&table) as _, clock, &[]).await.with(fresh);
        let admin = world.admin("admin@example.com").await;
        Self { world, table, admin }
    }

    /// The ids on a page, whether anything was passed to get there, and how many items were walked.
    async fn page(&self, path: &str) -> (Vec<String>, bool, u64) {
        let _ = (self.table.take_calls(), self.table.take_walked());
        let (ids, _) = list(&self.world, &self.admin, path, json!({})).await;
        (ids, self.table.take_calls().contains("skip"), self.table.take_walked())
    }
}

async fn on_each_counted(test: impl AsyncFn(Counted)) {
    for engine in Engine::all() {
        test(Counted::new(engine).await).await;
    }
}

/// The records on a page, and the total.
async fn records(world: &World, by: &Person, path: &str, body: Value) -> (Vec<Value>, u64) {
    let reply = world.call(path, by, body).await.ok();
    (reply["data"].as_array().unwrap().clone(), reply["total"].as_u64().unwrap())
}

fn id(record: &Value) -> String {
    record["id"].as_str().unwrap().to_owned()
}

/// The ids on a page, and the total.
async fn list(world: &World, by: &Person, path: &str, body: Value) -> (Vec<String>, u64) {
    let (records, total) = records(world, by, path, body).await;
    (records.iter().map(id).collect(), total)
}

/// Makes so many users, eight at a time.
async fn populate(world: &World, by: &Person, users: usize) {
    stream::iter(0..users)
        .map(|number| {
            // Emails in another order than that of creation.
            let email = format!("u{:05}@example.com", (number * 7919) % users);
            world.call("user/create", by, json!({ "email": email }))
        })
        .buffer_unordered(8)
        .for_each(async |answer| drop(answer.ok()))
        .await;
}

/// People of all kinds, with the same names, times, roles and states among them.
async fn crowd(world: &World, admin: &Person) -> Vec<String> {
    let names = [("Zoë", "Adams"), ("ada", "Young"), ("Bob", ""), ("", "Émile"), ("", "")];
    let mut ids = Vec::new();
    for number in 0..15_usize {
        let (first, last) = names[number % names.len()];
        let role = if number % 4 == 1 { "admin" } else { "user" };
        let mut body = json!({"email": format!("{}@example.com", number * 7 % 15), "role": role});
        for (name, value) in [("first", first), ("last", last)] {
            if !value.is_empty() {
                body[name] = json!(value);
            }
        }
        let email = body["email"].as_str().unwrap().to_owned();
        ids.push(id(&world.call("user/create", admin, body).await.ok()));
        if number % 3 == 0 {
            world.advance(Duration::from_millis(5));
            let token = world.token(&email, true);
            let login = json!({"accountId": admin.account});
            world.client.call("user/login", &token, login).await.ok();
        }
        if number % 6 == 0 {
            let body = json!({"id": ids[number], "state": "suspended"});
            world.call("user/update", admin, body).await.ok();
        }
    }
    ids
}

/// How two records stand to each other by one order.
fn compare(order: &str, one: &Value, other: &Value) -> Ordering {
    let text = |user: &Value, name: &str| user[name].as_str().map(str::to_owned);
    let name = |user: &Value| {
        let parts = ["first", "last"].map(|name| text(user, name));
        let whole = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
        whole.to_lowercase().replace(['ë', 'é'], "e")
    };
    let by = |key: &dyn Fn(&Value) -> Option<String>| key(one).cmp(&key(other));
    match order {
        "number" => one["number"].as_u64().cmp(&other["number"].as_u64()),
        "created" => by(&|user| text(user, "id")),
        "role" => (one["role"] != "user").cmp(&(other["role"] != "user")),
        "suspended" => (one["state"] == "suspended").cmp(&(other["state"] == "suspended")),
        "name" => name(one).cmp(&name(other)),
        "id" | "email" => by(&|user| text(user, order)),
        // Without the Z, fractions of any length compare as text.
        _ => by(&|user| Some(text(user, order)?.trim_end_matches('Z').to_owned())),
    }
}

const ORDERS: &[&str] = &[
    "number",
    "-number",
    "id",
    "-id",
    "email",
    "-email",
    "name",
    "-name",
    "role",
    "-role",
    "suspended",
    "-suspended",
    "created",
    "-created",
    "updated",
    "-updated",
    "activity",
    "-activity",
    "joined",
    "-joined",
    "role,-name",
    "-suspended,role,-activity,email",
    "name,-number,role",
    "email,name",
];

/// Checks every order of a list against a model, and every page of it against the whole.
async fn check_orders(world: &World, by: &Person, call: &str, users: usize, orders: &[&str]) {
    let (mut model, total) = records(world, by, &format!("{call}?limit=500"), json!({})).await;
    assert_eq!((model.len(), total), (users, users as u64));
    for order in orders {
        let path = format!("{call}?order={order}");
        let (whole, _) = list(world, by, &format!("{path}&limit=500"), json!({})).await;
        model.sort_by(|one, other| {
            let terms = order.split(',').map(|term| match term.strip_prefix('-') {
                Some(name) => compare(name, other, one),
                None => compare(term, one, other),
            });
            terms.fold(Ordering::Equal, Ordering::then).then(compare("number", one, other))
        });
        assert_eq!(whole, model.iter().map(id).collect::<Vec<_>>(), "{path}");
        for limit in [1, 4, users] {
            for offset in 0..=users {
                let path = format!("{path}&limit={limit}&offset={offset}");
                let (page, total) = list(world, by, &path, json!({})).await;
                assert_eq!(page, whole[offset..users.min(offset + limit)], "{path}");
                assert_eq!(total, users as u64, "{path}");
            }
        }
    }
}

#[tokio::test]
async fn pages_are_the_parts_of_the_whole_in_every_order() {
    on_each_engine(async |world| {
        let admin = world.admin("admin@example.com").await;
        let ids = crowd(&world, &admin).await;
        check_orders(&world, &admin, "user/list", 16, ORDERS).await;
        for id in &ids[..10] {
            world.call("user/remove", &admin, json!({"id": id})).await.ok();
        }
        let some = ["number", "-id", "email", "-name", "created"];
        check_orders(&world, &admin, "user/list", 6, &some).await;
        check_orders(&world, &admin, "trash/list", 10, &some).await;
        world.call("trash/restore", &admin, json!({"id": ids[2]})).await.ok();
        world.call("trash/purge", &admin, json!({"id": ids[3]})).await.ok();
        let body = json!({"id": ids[13], "newEmail": "0@example.net"});
        world.call("user/update", &admin, body).await.ok();
        check_orders(&world, &admin, "user/list", 7, &some).await;
        check_orders(&world, &admin, "trash/list", 8, &some).await;
        // In the trash those stand out who were suspended.
        let (ids_by_state, _) =
            list(&world, &admin, "trash/list?order=-suspended", json!({})).await;
        assert_eq!(ids_by_state[..2], [ids[0].clone(), ids[6].clone()]);
    })
    .await;
}

#[tokio::test]
async fn a_total_is_right_at_once() {
    on_each_engine(async |world| {
        let admin = world.admin("admin@example.com").await;
        let check = async |live: u64, trashed: u64| {
            for (call, expected) in [("user/list", live), ("trash/list", trashed)] {
                let (ids, total) = list(&world, &admin, call, json!({})).await;
                assert_eq!((ids.len() as u64, total), (expected, expected), "{call}");
                let (_, total) = list(&world, &admin, &format!("{call}?offset=9"), json!({})).await;
                assert_eq!(total, expected, "{call}");
            }
        };
        check(1, 0).await;
        let body = json!({"email": "eve@example.com"});
        let eve = world.call("user/create", &admin, body.clone()).await.ok();
        let who = json!({"id": eve["id"]});
        check(2, 0).await;
        world.call("user/updateRole", &admin, json!({"id": eve["id"], "role": "admin"})).await.ok();
        check(2, 0).await;
        world.call("user/remove", &admin, who.clone()).await.ok();
        check(1, 1).await;
        world.call("trash/restore", &admin, who.clone()).await.ok();
        check(2, 0).await;
        world.call("user/remove", &admin, who.clone()).await.ok();
        world.call("user/createOrRestore", &admin, body.clone()).await.ok();
        check(2, 0).await;
        world.call("user/remove", &admin, who.clone()).await.ok();
        world.call("trash/purge", &admin, who).await.ok();
        check(1, 0).await;
        world.invited(&admin, "ivy@example.com", json!({})).await;
        check(2, 0).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn races_leave_the_totals_true() {
    on_each_engine(async |world| {
        let admin = world.admin("admin@example.com").await;
        let lives = (0..8).map(async |number| {
            let body = json!({"email": format!("u{number}@example.com")});
            // Two at once, of whom one is refused, and pages in between.
            let twins = (0..2).map(|_| world.call("user/create", &admin, body.clone()));
            let made = join_all(twins).await.into_iter().find(|answer| answer.status == 200);
            let who = json!({"id": made.unwrap().ok()["id"]});
            for (call, times) in [("user/remove", 2), ("trash/restore", number % 2)] {
                let twins = (0..times).map(|_| world.call(call, &admin, who.clone()));
                let _ = join_all(twins).await;
                let (ids, total) = list(&world, &admin, "user/list?order=email", json!({})).await;
                assert!(ids.len() <= 9 && total <= 9, "{ids:?} {total}");
            }
            if number > 5 {
                let _ = world.call("trash/purge", &admin, who).await;
            }
        });
        join_all(lives).await;
        for (find, list_call) in [("user/find", "user/list"), ("trash/find", "trash/list")] {
            let found = world.call(&format!("{find}?limit=100"), &admin, json!({})).await.ok();
            let found: Vec<_> = found["data"].as_array().unwrap().iter().map(id).collect();
            let (ids, total) =
                list(&world, &admin, &format!("{list_call}?order=id"), json!({})).await;
            assert_eq!((&ids, total), (&found, found.len() as u64), "{list_call}");
            let (by_number, _) = list(&world, &admin, list_call, json!({})).await;
            assert_eq!(by_number.len(), found.len(), "{list_call}");
        }
        let (_, live) = list(&world, &admin, "user/list", json!({})).await;
        let (_, trashed) = list(&world, &admin, "trash/list", json!({})).await;
        assert_eq!((live, trashed), (5, 3));
    })
    .await;
}

#[tokio::test]
async fn what_users_contain() {
    on_each_engine(async |world| {
        let admin = world.admin("admin@example.com").await;
        let mut ids = Vec::new();
        for (email, username, external_id) in [
            ("ada@example.com", "lovelace", "Kunde-1"),
            ("bob_b@example.com", "bob.b", "100%"),
            ("cyd@example.org", "cyd", "kunde_2"),
            ("dan@example.org", "", "ÄRGER"),
        ] {
            let mut body = json!({"email": email, "externalId": external_id});
            if !username.is_empty() {
                body["username"] = json!(username);
            }
            ids.push(id(&world.call("user/create", &admin, body).await.ok()));
        }
        let check = async |contains: Value, expected: &[usize]| {
            let expected: Vec<_> = expected.iter().map(|at| ids[*at].clone()).collect();
            let body = json!({ "contains": contains });
            let (found, total) = list(&world, &admin, "user/list", body.clone()).await;
            assert_eq!((&found, total), (&expected, expected.len() as u64), "{contains}");
            let path = "user/list?limit=1&offset=1";
            let (found, total) = list(&world, &admin, path, body).await;
            let second: Vec<_> = expected.iter().skip(1).take(1).cloned().collect();
            assert_eq!((found, total), (second, expected.len() as u64), "{contains}");
        };
        check(json!({"email": ["example.com"], "externalId": ["1"]}), &[0, 1]).await;
        check(json!({"email": ["ADA@", "dan"]}), &[0, 3]).await;
        check(json!({"email": ["nobody"]}), &[]).await;
        check(json!({"username": ["b", "y"]}), &[1, 2]).await;
        check(json!({"username": ["LOVE"]}), &[0]).await;
        check(json!({"externalId": ["kunde"]}), &[0, 2]).await;
        check(json!({"externalId": ["ärger"]}), &[3]).await;
        check(json!({"externalId": ["%"]}), &[1]).await;
        check(json!({"externalId": ["_"]}), &[2]).await;
        check(json!({"externalId": ["*"], "email": ["a"]}), &[]).await;
        check(json!({"email": ["_"]}), &[1]).await;
        check(json!({"email": ["org"], "username": ["c"], "externalId": ["2"]}), &[2]).await;
        check(json!({"id": [ids[1], ids[3].to_uppercase()]}), &[1, 3]).await;
        check(json!({"id": [ids[1]], "email": ["ada"]}), &[]).await;
        // Nothing to look for is no filter.
        for none in [json!({}), json!({"email": null}), Value::Null] {
            let body = json!({ "contains": none });
            let (_, total) = list(&world, &admin, "user/list", body).await;
            assert_eq!(total, 5, "{none}");
        }
        // In another order, and in the trash.
        let body = json!({"contains": {"email": ["example"]}});
        let path = "user/list?order=-email&limit=2";
        let (found, total) = list(&world, &admin, path, body.clone()).await;
        assert_eq!((found, total), (vec![ids[3].clone(), ids[2].clone()], 5));
        world.call("user/remove", &admin, json!({"id": ids[2]})).await.ok();
        let (found, total) = list(&world, &admin, "trash/list", body).await;
        assert_eq!((found, total), (vec![ids[2].clone()], 1));
    })
    .await;
}

#[tokio::test]
async fn parameters_are_checked() {
    on_each_scene(async |scene| {
        let check = async |path: &str, body: Value, faults: &str| {
            let answer = scene.call(path, &scene.admin.token, body).await;
            let outcome = if faults.is_empty() { "200" } else { "422 validation_failed" };
            assert_eq!(
                (answer.outcome(), answer.faults()),
                (outcome.into(), faults.into()),
                "{path}"
            );
        };
        for call in ["user/list", "trash/list"] {
            for limit in ["0", "501", "-1", "abc", "1.5", "99999999999999999999"] {
                check(&format!("{call}?limit={limit}"), json!({}), "?limit:range").await;
            }
            for offset in ["-1", "abc", "1.5", "1e3", "18446744073709551616"] {
                check(&format!("{call}?offset={offset}"), json!({}), "?offset:range").await;
            }
            for order in ["names", "Number", "number,", ",id", "--id", "first", "id;email", "+id"] {
                check(&format!("{call}?order={order}"), json!({}), "?order:in").await;
            }
            for good in [
                "limit=",
                "offset=",
                "order=",
                "limit=1",
                "limit=500",
                "offset=0",
                "offset=18446744073709551615",
            ] {
                check(&format!("{call}?{good}"), json!({}), "").await;
            }
            let many = vec!["role,-role,name"; 300].join(",");
            check(&format!("{call}?order={many}"), json!({}), "").await;
            for (contains, faults) in [
                (json!("ada"), "contains:type"),
                (json!({"email": "ada"}), "contains.email:type"),
                (json!({"email": []}), "contains.email:length"),
                (json!({"email": vec!["a"; 51]}), "contains.email:length"),
                (json!({"email": ["a", ""]}), "contains.email:required"),
                (json!({"id": [" "]}), "contains.id:required"),
                (json!({"id": [7]}), "contains.id:type"),
                (json!({"username": ["a".repeat(192)]}), "contains.username:length"),
                (json!({"externalId": ["a\u{0}"]}), "contains.externalId:format"),
                (json!({"name": ["a"]}), "contains.name:unknown_field"),
            ] {
                check(call, json!({ "contains": contains }), faults).await;
            }
            check(call, json!({"contains": {"email": vec!["a"; 50]}}), "").await;
        }
        let answer = scene.call("user/list?next=x", &scene.admin.token, json!({})).await;
        assert_eq!(answer.faults(), "?next:unknown_field");
        let answer = scene.call("user/list?order=size", &scene.admin.token, json!({})).await.json();
        for order in ORDERS.iter().filter(|order| !order.contains(['-', ','])) {
            assert!(answer["detail"].as_str().unwrap().contains(order), "{answer}");
        }
    })
    .await;
}

#[tokio::test]
async fn the_operator_lists_any_account() {
    on_each_scene(async |scene| {
        let (root, admin) = (&scene.root, &scene.admin);
        let body = json!({"accountId": admin.account});
        let (ids, total) = list(&scene.world, root, "user/list", body).await;
        assert_eq!((ids, total), (vec![admin.id.clone(), scene.user.id.clone()], 2));
        let (ids, total) = list(&scene.world, root, "user/list", json!({})).await;
        assert_eq!((ids, total), (vec![root.id.clone()], 1));
        let nowhere = json!({"accountId": "0190aaaa-0000-7000-8000-00000000dead"});
        let (ids, total) = list(&scene.world, root, "user/list?order=name", nowhere).await;
        assert_eq!((ids, total), (vec![], 0));
        let refused = scene.refused("user/list", &scene.user.token, json!({})).await;
        assert_eq!(refused.outcome(), "403 forbidden");
    })
    .await;
}

#[tokio::test]
async fn what_is_too_far_or_too_much_is_refused_unwalked() {
    on_each_counted(async |counted| {
        let Counted { world, table, admin } = &counted;
        populate(world, admin, 5).await;
        table.bound(Walks { passed: 3, examined: 5 });
        let check = async |path: &str, body: Value, outcome: &str, walks: bool| {
            let _ = (table.take_calls(), table.take_walked());
            let answer = world.call(path, admin, body).await;
            assert_eq!(answer.outcome(), outcome, "{path}");
            // The totals are always asked for.
            assert_eq!(table.take_calls() != "query", walks, "{path}");
            answer.json()
        };
        let (much, far) = ("422 too_many_users", "400 offset_too_large");
        for order in ["number", "-id", "email", "created"] {
            check(&format!("user/list?offset=3&order={order}"), json!({}), "200", true).await;
            let path = format!("user/list?offset=4&order={order}");
            let problem = check(&path, json!({}), far, false).await;
            let detail = problem["detail"].as_str().unwrap();
            assert!(detail.contains("at most 3") && detail.contains("user/find"), "{detail}");
            assert_eq!(problem["errors"][0]["field"], "?offset");
            check(&format!("user/list?offset=6&order={order}"), json!({}), "200", false).await;
        }
        let problem = check("user/list?order=name", json!({}), much, false).await;
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains("6 users") && detail.contains("at most 5"), "{detail}");
        let some = json!({"contains": {"email": ["u"]}});
        check("user/list", some.clone(), much, false).await;
        check("trash/list", some.clone(), "200", true).await;
        let (ids, _) = list(world, admin, "user/list?order=-id&limit=1", json!({})).await;
        world.call("user/remove", admin, json!({"id": ids[0]})).await.ok();
        check("user/list?order=name", json!({}), "200", true).await;
        check("user/list?offset=4", some, "200", true).await;
    })
    .await;
}

#[tokio::test]
async fn users_who_go_between_two_pages() {
    on_each_engine(async |world| {
        let admin = world.admin("admin@example.com").await;
        populate(&world, &admin, 11).await;
        for order in ["number", "id", "email", "name"] {
            let path = format!("user/list?order={order}&limit=4");
            let (all, _) =
                list(&world, &admin, &format!("user/list?order={order}"), json!({})).await;
            let (first, _) = list(&world, &admin, &path, json!({})).await;
            assert_eq!(first, all[..4]);
            let gone: Vec<_> = all[..8].iter().filter(|id| **id != admin.id).take(2).collect();
            for id in &gone {
                world.call("user/remove", &admin, json!({"id": id})).await.ok();
            }
            let left: Vec<_> = all.iter().filter(|id| !gone.contains(id)).cloned().collect();
            for offset in [4, 8, 0] {
                let path = format!("{path}&offset={offset}");
                let (page, total) = list(&world, &admin, &path, json!({})).await;
                assert_eq!(
                    (page.as_slice(), total),
                    (&left[offset..left.len().min(offset + 4)], 10)
                );
            }
            for id in gone {
                world.call("trash/restore", &admin, json!({"id": id})).await.ok();
            }
        }
    })
    .await;
}

#[tokio::test]
async fn going_from_page_to_page_passes_nobody() {
    on_each_counted(async |counted| {
        populate(&counted.world, &counted.admin, 39).await;
        for order in ["number", "-number", "id", "-id", "email", "created"] {
            let page = |at: usize| format!("user/list?order={order}&limit=4&offset={}", 4 * at);
            let (first, skips, walked) = counted.page(&page(0)).await;
            assert_eq!((first.len(), skips), (4, false), "{order}");
            for at in 1..10 {
                let (ids, skips, again) = counted.page(&page(at)).await;
                assert_eq!((ids.len(), skips, again), (4, false, walked), "{order}, page {at}");
            }
            let (_, skips, _) = counted.page(&format!("{}1", page(3))).await;
            assert!(!skips, "behind the end is nothing to walk to");
        }
    })
    .await;
}

#[tokio::test]
async fn a_change_has_the_next_page_walk_once() {
    on_each_counted(async |counted| {
        let Counted { world, admin, .. } = &counted;
        populate(world, admin, 39).await;
        let ids = counted.page("user/list?limit=40").await.0;
        let changes = [
            ("user/remove", json!({"id": ids[1]}), true),
            ("user/update", json!({"id": ids[2], "first": "Same", "last": "Place"}), false),
            ("trash/restore", json!({"id": ids[1]}), true),
            ("user/updateRole", json!({"id": ids[2], "role": "admin"}), false),
            ("user/update", json!({"id": ids[2], "newEmail": "z@example.com"}), true),
            ("user/create", json!({"email": "new@example.com"}), true),
        ];
        for (call, body, is_list_version) in changes {
            for order in ["number", "id", "email"] {
                let page = |at: usize| format!("user/list?order={order}&limit=4&offset={at}");
                counted.page(&page(16)).await;
            }
            world.call(call, admin, body).await.ok();
            for order in ["number", "id", "email"] {
                let page = |at: usize| format!("user/list?order={order}&limit=4&offset={at}");
                assert_eq!(counted.page(&page(20)).await.1, is_list_version, "{call} {order}");
                let (whole, ..) = counted.page(&format!("user/list?order={order}&limit=50")).await;
                for at in [24, 28, 32] {
                    let (ids, skips, _) = counted.page(&page(at)).await;
                    assert_eq!(
                        (ids.as_slice(), skips),
                        (&whole[at..at + 4], false),
                        "{call} {order}"
                    );
                }
            }
        }
    })
    .await;
}

/// `gs1` may lag behind on DynamoDB: what was found in its first two seconds is not kept, and the rest
/// not for long.
#[tokio::test]
async fn places_in_a_lagging_index_are_found_again() {
    on_each_counted(async |counted| {
        populate(&counted.world, &counted.admin, 20).await;
        for (order, lags) in [("number", false), ("email", true), ("id", false)] {
            let page = |at: usize| format!("user/list?order={order}&limit=4&offset={at}");
            assert!(counted.page(&page(4)).await.1);
            counted.world.advance(Duration::from_millis(1_999));
            assert!(!counted.page(&page(8)).await.1, "{order}");
            counted.world.advance(Duration::from_millis(1));
            assert_eq!(counted.page(&page(12)).await.1, lags, "{order}");
            counted.world.advance(Duration::from_secs(57));
            assert!(!counted.page(&page(16)).await.1, "{order}");
            counted.world.advance(Duration::from_mins(10));
            assert_eq!(counted.page(&page(16)).await.1, lags, "{order}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_jump_begins_at_the_nearest_page_mark() {
    // More users than lie between two page_marks; how they are stored makes no difference here.
    let counted = Counted::new(Engine::Sqlite).await;
    populate(&counted.world, &counted.admin, 2_199).await;
    let walked = async |offset: usize| {
        let path = format!("user/list?order=id&limit=10&offset={offset}");
        let (ids, _, walked) = counted.page(&path).await;
        assert_eq!(ids.len(), 10);
        walked
    };
    let first = walked(0).await;
    assert_eq!(walked(2_100).await, first + 2_090);
    assert_eq!(walked(2_115).await, first + 5);
    assert_eq!(walked(1_250).await, first + 250);
    assert_eq!(walked(1_150).await, first + 150);
    assert_eq!(walked(999).await, first + 989);
    assert_eq!(walked(1_009).await, first);
}
