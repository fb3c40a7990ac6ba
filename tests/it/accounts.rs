//! `account/*`: making, finding, suspending and removing accounts, and who is kept out by that.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::support::{
    scene::{Scene, on_each_scene},
    watched::Trouble,
    world::{Person, World, on_each_engine, on_two_nodes},
};

async fn set_state(world: &World, root: &Person, account: &str, state: &str) -> Value {
    let body = json!({"accountId": account, "state": state});
    world.call("account/update", root, body).await.ok()
}

async fn remove(world: &World, root: &Person, account: &str) -> Value {
    world.call("account/remove", root, json!({"accountId": account})).await.ok()
}

#[tokio::test]
async fn an_account_is_made_and_found_and_filled() {
    on_each_engine(async |world| {
        let root = world.root().await;
        let mut made = vec![root.account.clone()];
        for number in 0..7 {
            world.advance(Duration::from_millis(1));
            let body = json!({"name": format!("Acme {number}"), "settings": {"seats": number}});
            let account = world.call("account/create", &root, body).await.ok();
            assert_eq!(account["state"], "active");
            assert_eq!(account["version"], 1);
            assert_eq!(account["settings"], json!({"seats": number}));
            made.push(account["id"].as_str().unwrap().to_owned());
        }
        for limit in [1, 3, 8, 100] {
            let (mut found, mut cursor) = (Vec::new(), String::new());
            loop {
                let path = format!("account/find?limit={limit}{cursor}");
                let page = world.call(&path, &root, json!({})).await.ok();
                let accounts = page["data"].as_array().unwrap();
                found.extend(accounts.iter().map(|it| it["id"].as_str().unwrap().to_owned()));
                let Some(next) = page["next"].as_str() else { break };
                cursor = format!("&next={next}");
            }
            assert_eq!(found, made, "{limit}");
        }
        // Its first admin comes in by an invite.
        let body = json!({"accountId": made[1], "role": "admin"});
        let alice = world.invited(&root, "alice@example.com", body).await;
        assert_eq!(alice.account, made[1]);
        let account = world.call("account/get", &alice, json!({})).await.ok();
        assert_eq!((&account["name"], &account["version"]), (&json!("Acme 0"), &json!(2)));
        let demote = json!({"id": alice.id, "role": "user"});
        let outcome = world.call("user/updateRole", &root, demote).await.outcome();
        assert_eq!(outcome, "409 last_admin");
    })
    .await;
}

#[tokio::test]
async fn what_makes_no_account_is_refused() {
    on_each_scene(async |scene| {
        let check = async |name: &str, body: Value, faults: &str| {
            let refused = scene.refused(name, &scene.root.token, body.clone()).await;
            assert_eq!(refused.faults(), faults, "{name} {body}");
        };
        let account = &scene.admin.account;
        check("account/create", json!({}), "name:required").await;
        check("account/create", json!({"name": " "}), "name:required").await;
        check("account/create", json!({"name": "A", "settings": []}), "settings:type").await;
        let long = json!({"name": "A", "settings": {"a": "x".repeat(16 * 1024)}});
        check("account/create", long, "settings:length").await;
        check("account/create", json!({"name": "A", "state": "active"}), "state:unknown_field")
            .await;
        check("account/find?index=gs1", json!({}), "?index:unknown_field").await;
        check("account/remove", json!({}), "accountId:required").await;
        let state = |state: Value| json!({"accountId": account, "state": state});
        for blank in ["", " "] {
            let name = json!({"accountId": account, "name": blank});
            check("account/update", name, "name:required").await;
        }
        check("account/update", state(json!("removed")), "state:in").await;
        check("account/update", state(json!("Active")), "state:in").await;
        check("account/update", state(json!(1)), "state:type").await;
        for name in ["account/remove", "account/update"] {
            for (body, outcome) in [
                (json!({"accountId": scene.root.id, "version": 1}), "404 not_found"),
                (json!({"accountId": account, "version": 9}), "409 version_mismatch"),
            ] {
                let refused = scene.refused(name, &scene.root.token, body).await;
                assert_eq!(refused.outcome(), outcome, "{name}");
            }
        }
        // An admin sends the name but not the state.
        let body = json!({"name": "A", "state": "suspended"});
        let refused = scene.refused("account/update", &scene.admin.token, body).await;
        assert_eq!(refused.faults(), "state:forbidden_field");
    })
    .await;
}

#[tokio::test]
async fn the_home_account_stays_open() {
    on_each_scene(async |scene| {
        let home = &scene.root.account;
        for (name, body) in [
            ("account/update", json!({"state": "suspended"})),
            ("account/update", json!({"accountId": home, "state": "suspended", "name": "A"})),
            ("account/remove", json!({"accountId": home})),
        ] {
            let refused = scene.refused(name, &scene.root.token, body).await;
            assert_eq!(refused.outcome(), "409 home_account", "{name}");
        }
        // What changes no state is no matter.
        let body = json!({"state": "active", "name": "Headquarters"});
        let home = scene.call("account/update", &scene.root.token, body).await.ok();
        assert_eq!((&home["name"], &home["state"]), (&json!("Headquarters"), &json!("active")));
    })
    .await;
}

/// What everybody of the account gets as an answer, and those who would come in.
async fn outcomes(scene: &Scene, keys: &[&str], invite: &str) -> Vec<String> {
    let newcomer = scene.world.token("late@example.com", true);
    let code = json!({"invite": invite});
    let mut outcomes = Vec::new();
    for (name, token, body) in [
        ("user/get", scene.user.token.as_str(), json!({})),
        ("user/find", &scene.admin.token, json!({})),
        ("account/get", keys[0], json!({})),
        ("user/create", keys[1], json!({"email": "more@example.com"})),
        ("user/login", &scene.user.token, json!({})),
        ("user/login", &scene.user.token, json!({"register": true})),
        ("user/login", &scene.user.token, code.clone()),
        ("invite/check", "", code.clone()),
        ("user/login", &newcomer, code),
    ] {
        let answer = scene.refused(name, token, body).await;
        outcomes.push(format!("{} {}", answer.outcome(), answer.json()["detail"]));
    }
    outcomes.dedup();
    outcomes
}

#[tokio::test]
async fn an_account_that_is_not_open_lets_nobody_in() {
    on_each_scene(async |scene| {
        let (world, root, account) = (&scene.world, &scene.root, &scene.admin.account);
        let keys = [
            world.key(&scene.admin, "admin", "read").await,
            world.key(&scene.admin, "admin", "write").await,
        ];
        let keys = [keys[0].as_str(), keys[1].as_str()];
        let late = scene.target("late").await;
        let body = json!({"email": "expected@example.com"});
        scene.call("user/create", &scene.admin.token, body).await.ok();
        let expected = world.token("expected@example.com", true);
        let join = json!({"accountId": account});
        for token in [&scene.user.token, &scene.admin.token, keys[0], keys[1]] {
            scene.call("account/get", token, json!({})).await.ok();
        }

        // At once on this node, whatever it remembers.
        let suspended = set_state(world, root, account, "suspended").await;
        assert_eq!((&suspended["state"], suspended.get("purgeAfter")), (&json!("suspended"), None));
        let refusal = "403 suspended \"The account is suspended; ask the operator to reactivate it.\"";
        assert_eq!(outcomes(&scene, &keys, &late.invite).await, [refusal]);
        // Of who is only expected there, nobody learns why it cannot be joined.
        let outcome = scene.refused("user/login", &expected, join.clone()).await.outcome();
        assert_eq!(outcome, "403 not_registered");

        let removed = remove(world, root, account).await;
        assert_eq!((&removed["state"], &removed["version"]), (&json!("removed"), &json!(4)));
        assert_eq!(removed["purgeAfter"], "2027-02-14T08:00:00.000Z");
        let refusal = "403 suspended \"The account has been removed; the operator can restore it for a while.\"";
        assert_eq!(outcomes(&scene, &keys, &late.invite).await, [refusal]);

        // Removed is removed: no later date, no way out but one.
        world.advance(Duration::from_mins(1));
        assert_eq!(remove(world, root, account).await, removed);
        let body = json!({"accountId": account, "state": "suspended"});
        let refused = scene.refused("account/update", &root.token, body).await;
        assert_eq!(refused.faults(), "state:transition");

        let back = set_state(world, root, account, "active").await;
        assert_eq!((&back["state"], back.get("purgeAfter")), (&json!("active"), None));
        // A person who came in before has to sign in again; keys do not.
        for token in [&scene.user.token, &scene.admin.token] {
            let refused = scene.refused("account/get", token, json!({})).await;
            assert_eq!(refused.outcome(), "401 reauthentication_required");
            scene.call("account/get", &world.again(token), json!({})).await.ok();
        }
        for key in keys {
            scene.call("account/get", key, json!({})).await.ok();
        }
        let expected = world.again(&expected);
        let token = world.token("late@example.com", true);
        scene.call("user/login", &token, json!({"invite": late.invite})).await.ok();
        scene.call("user/login", &expected, join).await.ok();
        let trail = scene.audit(account).await;
        let changes: Vec<_> = (trail.iter())
            .filter(|entry| entry["actor"] == format!("user:{}", root.id))
            .filter(|entry| entry["target"] == format!("account:{account}"))
            .map(|entry| (entry["action"].as_str().unwrap(), entry["changed"].clone()))
            .collect();
        assert_eq!(changes.len(), 3, "{changes:?}");
        assert!(changes.iter().all(|(_, changed)| *changed == json!(["state"])), "{changes:?}");
    })
    .await;
}

#[tokio::test]
async fn the_operator_reaches_into_an_account_that_is_not_open() {
    on_each_scene(async |scene| {
        let (world, root, account) = (&scene.world, &scene.root, &scene.admin.account);
        let gone = scene.trashed("gone").await;
        let create = async |email: &str| {
            let body = json!({"accountId": account, "email": email});
            scene.call("user/create", &root.token, body).await
        };
        let key = json!({"accountId": account, "name": "k", "role": "user"});
        let restore = json!({"id": gone.id});

        set_state(world, root, account, "suspended").await;
        let one = create("one@example.com").await.ok()["id"].clone();
        scene.call("trash/restore", &root.token, restore.clone()).await.ok();
        scene.call("key/create", &root.token, key.clone()).await.ok();
        scene.call("user/remove", &root.token, restore.clone()).await.ok();

        remove(world, root, account).await;
        for (name, body) in [
            ("user/create", json!({"accountId": account, "email": "two@example.com"})),
            ("trash/restore", restore.clone()),
            ("key/create", key),
            ("hold/place", json!({"id": one, "kind": "server", "ref": "7"})),
        ] {
            let refused = scene.refused(name, &root.token, body).await;
            assert_eq!(refused.outcome(), "409 account_removed", "{name}");
        }
        let named = json!({"accountId": account});
        for name in ["account/get", "user/find", "trash/find", "audit/find"] {
            scene.call(name, &root.token, named.clone()).await.ok();
        }
        let rename = json!({"id": scene.user.id, "first": "Una"});
        scene.call("user/update", &root.token, rename).await.ok();

        set_state(world, root, account, "active").await;
        create("two@example.com").await.ok();
        scene.call("trash/restore", &root.token, restore).await.ok();
    })
    .await;
}

#[tokio::test]
async fn another_node_follows_within_five_seconds() {
    on_two_nodes(async |here, there| {
        let root = here.root().await;
        let admin = here.admin("admin@example.com").await;
        let bob = here.invited(&admin, "bob@example.com", json!({})).await;
        let key = here.key(&admin, "user", "read").await;
        let outcomes = async || {
            let bob = there.call("user/get", &bob, json!({})).await.outcome();
            [bob, there.client.call("account/get", &key, json!({})).await.outcome()]
        };
        assert_eq!(outcomes().await, ["200", "200"]);
        // Whom the node reads later does not make it believe the account for longer.
        here.advance(Duration::from_secs(3));
        there.call("user/get", &admin, json!({})).await.ok();
        set_state(&here, &root, &admin.account, "suspended").await;
        here.advance(Duration::from_secs(2));
        assert_eq!(outcomes().await, ["403 suspended", "403 suspended"]);
        let outcome = there.call("user/get", &admin, json!({})).await.outcome();
        assert_eq!(outcome, "403 suspended");
        set_state(&here, &root, &admin.account, "active").await;
        here.advance(Duration::from_secs(5));
        assert_eq!(outcomes().await, ["401 reauthentication_required", "200"]);
        let bob = Person { token: there.again(&bob.token), ..bob };
        assert_eq!(there.call("user/get", &bob, json!({})).await.outcome(), "200");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_slips_in_while_the_account_is_suspended() {
    on_each_scene(async |scene| {
        for role in ["user", "admin"] {
            let email = format!("slow-{role}@example.com");
            let body = json!({"email": email, "role": role, "sendInvite": true});
            let admin = scene.world.again(&scene.admin.token);
            let user = scene.call("user/create", &admin, body).await.ok();
            let token = scene.world.token(&email, true);
            scene.table.take_calls();
            scene.table.trouble(Trouble::HeldWrites);
            let login =
                async || scene.call("user/login", &token, json!({"invite": user["invite"]})).await;
            let suspend = async || {
                // The login has read everything, and its write is on its way.
                let written = async {
                    while !scene.table.take_calls().contains("write") {
                        tokio::task::yield_now().await;
                    }
                };
                timeout(Duration::from_secs(10), written).await.expect("a write");
                scene.table.trouble(Trouble::None);
                set_state(&scene.world, &scene.root, &scene.admin.account, "suspended").await;
                scene.table.release();
            };
            let (login, ()) = tokio::join!(login(), suspend());
            assert_eq!(login.outcome(), "403 suspended", "{role}");
            let user =
                scene.call("user/get", &scene.root.token, json!({"id": user["id"]})).await.ok();
            assert_eq!(user["state"], "invited", "{role}");
            set_state(&scene.world, &scene.root, &scene.admin.account, "active").await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_join_while_the_account_is_suspended() {
    on_each_engine(async |world| {
        let root = world.root().await;
        let admin = world.admin("admin@example.com").await;
        let mut guests = Vec::new();
        for number in 0..20 {
            let email = format!("u{number}@example.com");
            // Those of role admin are counted in the account, the others are not.
            let role = ["user", "admin"][number % 2];
            let body = json!({"email": email, "role": role, "sendInvite": true});
            let user = world.call("user/create", &admin, body).await.ok();
            guests.push((world.token(&email, true), user["id"].clone(), user["invite"].clone()));
        }
        let join = |guest: &(String, Value, Value)| {
            let (client, token, invite) = (world.client.clone(), guest.0.clone(), guest.2.clone());
            async move { client.call("user/login", &token, json!({"invite": invite})).await.outcome() }
        };
        let (outcomes, _) = tokio::join!(
            join_all(guests.iter().map(join)),
            set_state(&world, &root, &admin.account, "suspended")
        );
        for ((_, id, _), outcome) in guests.iter().zip(outcomes) {
            let user = world.call("user/get", &root, json!({"id": id})).await.ok();
            let state = user["state"].as_str().unwrap();
            match outcome.as_str() {
                "200" => assert_eq!(state, "active"),
                "403 suspended" => assert_eq!(state, "invited"),
                other => panic!("{other}"),
            }
        }
        // The account's count of admins is right: each may go, but not the last one.
        set_state(&world, &root, &admin.account, "active").await;
        for (_, id, _) in &guests {
            let body = json!({"id": id, "role": "user"});
            world.call("user/updateRole", &root, body).await.ok();
        }
        let last = json!({"id": admin.id, "role": "user"});
        let outcome = world.call("user/updateRole", &root, last).await.outcome();
        assert_eq!(outcome, "409 last_admin");
    })
    .await;
}
